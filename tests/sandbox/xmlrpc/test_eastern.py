"""Times of the account as the XML-RPC API shows them."""

from __future__ import annotations

from datetime import datetime as _datetime
from functools import partial

import pytest

from keap_sandbox.xmlrpc.eastern import eastern

datetime = partial(_datetime, tzinfo=None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-01-15T17:30:00Z", datetime(2026, 1, 15, 12, 30)),
        ("2026-07-15T17:30:00.999Z", datetime(2026, 7, 15, 13, 30)),
        ("2026-07-15T17:30:00.000+0000", datetime(2026, 7, 15, 13, 30)),
        ("2026-03-08T06:59:59Z", datetime(2026, 3, 8, 1, 59, 59)),
        ("2026-03-08T07:00:00Z", datetime(2026, 3, 8, 3)),
        ("2026-11-01T05:30:00Z", datetime(2026, 11, 1, 1, 30)),
        ("2026-11-01T06:30:00Z", datetime(2026, 11, 1, 1, 30)),
        ("1969-12-31T23:59:59.500Z", datetime(1969, 12, 31, 18, 59, 59)),
        (0, datetime(1969, 12, 31, 19)),
        (10**18, None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_moments_are_shown_in_eastern_time_and_whole_seconds(value: object, shown: _datetime | None) -> None:
    assert eastern(value) == shown
