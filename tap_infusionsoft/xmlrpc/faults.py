"""Faults of the XML-RPC API, by their codes.

The text begins with a name in brackets, but that is not always the name of the code: code 3 is
UnexpectedError in the vendor's table and ``[Unexpected]`` on the wire.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.xmlrpc.decode import FaultError

END = datetime(2027, 1, 1, tzinfo=UTC)
"""When the API has ended. Keap announced its last day, 2026-12-31."""

_SERVER, _CONFIG, _KEY, _UNEXPECTED, _DATABASE, _NOT_FOUND, _LOADING = range(7)

_CODES: Mapping[int, Kind] = {
    _SERVER: Kind.SERVER_ERROR,
    _CONFIG: Kind.NO_APPLICATION,
    _KEY: Kind.NO_APPLICATION,
    _UNEXPECTED: Kind.SERVER_ERROR,
    _DATABASE: Kind.SERVER_ERROR,
    _NOT_FOUND: Kind.NOT_FOUND,
    _LOADING: Kind.SERVER_ERROR,
    7: Kind.FORBIDDEN,  # no access to the table
    8: Kind.BAD_REQUEST,  # no access to the field
    9: Kind.WITHDRAWN,  # no such table
    10: Kind.BAD_REQUEST,  # no such field
    11: Kind.BAD_REQUEST,  # no fields
    12: Kind.BAD_REQUEST,  # a wrong parameter
    13: Kind.FORBIDDEN,  # a failed login
    14: Kind.FORBIDDEN,  # no access
    15: Kind.FORBIDDEN,  # an expired password
}
_TEXTS = (
    (
        re.compile(r"saved search is blocked|too many consecutive failures", re.IGNORECASE),
        Kind.SEARCH_BLOCKED,
    ),
    (re.compile(r"query took too long", re.IGNORECASE), Kind.QUERY_TOO_LONG),
    (re.compile(r"unable to get saved search results", re.IGNORECASE), Kind.QUERY_TOO_LONG),
    (re.compile(r"number of threads throttled", re.IGNORECASE), Kind.MINUTE_THROTTLE),
    (re.compile(r"ip access not allowed", re.IGNORECASE), Kind.FORBIDDEN),
    (re.compile(r"create a session|string index out of range", re.IGNORECASE), Kind.SERVER_ERROR),
    (re.compile(r"illegal mix of collations|unknown column", re.IGNORECASE), Kind.BAD_REQUEST),
    (re.compile(r"no such handler|no method matching|failed to parse", re.IGNORECASE), Kind.REFUSED),
)
"""Texts that say more than the code: the server's own faults all have the code 0 or 500."""


def fault_of(error: FaultError, now: datetime) -> Fault:
    """Name a fault of the service.

    Args:
        error: Code and text.
        now: The current time.
    """
    text = error.text.strip() or f"a fault with code {error.code} and no text"
    kind = next((kind for pattern, kind in _TEXTS if pattern.search(text)), None)
    if kind is None:
        kind = _CODES.get(-1 if error.code is None else error.code, Kind.SERVER_ERROR)
    return Fault(kind, text + (ENDED if now >= END else ""), 200)


ENDED = " (XML-RPC ended on 2026-12-31)"
