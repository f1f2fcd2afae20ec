"""Absolute and relative dates in settings."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.config.relative_dates import parse_date

NOW = datetime(2026, 11, 20, 15, 30, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end", "is_relative"),
    [
        ("2026-01-31", "2026-01-31T00:00:00", "2026-01-31T23:59:59.999999", False),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00", "2026-01-31T08:00:00", False),
        ("2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00", "2026-01-31T06:00:00", False),
        ("2026-01-31 08:00", "2026-01-31T08:00:00", "2026-01-31T08:00:00", False),
        ("10 days ago", "2026-11-10T00:00:00", "2026-11-10T23:59:59.999999", True),
        ("-10d", "2026-11-10T00:00:00", "2026-11-10T23:59:59.999999", True),
        ("10d", "2026-11-10T00:00:00", "2026-11-10T23:59:59.999999", True),
        ("0d", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999", True),
        ("2 Weeks ago", "2026-11-06T00:00:00", "2026-11-06T23:59:59.999999", True),
        ("1 month ago", "2026-10-20T00:00:00", "2026-10-20T23:59:59.999999", True),
        ("1y", "2025-11-20T00:00:00", "2025-11-20T23:59:59.999999", True),
        ("36 hours ago", "2026-11-19T03:30:45", "2026-11-19T03:30:45", True),
        ("today", "2026-11-20T00:00:00", "2026-11-20T23:59:59.999999", True),
        ("yesterday", "2026-11-19T00:00:00", "2026-11-19T23:59:59.999999", True),
        ("now", "2026-11-20T15:30:45", "2026-11-20T15:30:45", True),
    ],
)
def test_each_form_has_a_start_and_an_end(text: str, start: str, end: str, *, is_relative: bool) -> None:
    for edge, expected in ((False, start), (True, end)):
        moment = parse_date(text, NOW, end=edge)
        assert moment.value == datetime.fromisoformat(expected).replace(tzinfo=UTC)
        assert moment.is_relative is is_relative


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "31.01.2026",
        "10 fortnights ago",
        "99999 years ago",
        "12:00",
    ],
)
def test_any_other_text_is_refused_with_the_list_of_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"10 days ago|too long ago"):
        parse_date(text, NOW)


@given(st.text(max_size=30))
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_date(text, NOW).value.tzinfo is not None


def test_pendulum_and_queries_are_imported_only_when_needed() -> None:
    script = "import sys, tap_infusionsoft.tap; print(*sys.modules, sep=chr(10))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "tap_infusionsoft.config.settings" in loaded
    assert {"pendulum", "tap_infusionsoft.queries.compile"}.isdisjoint(loaded)
