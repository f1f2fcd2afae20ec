"""Faults of the XML-RPC API: by their codes, and what looks like an outage.

The text of a fault begins with a name in brackets, but that is not always the name of the code: code 3 is
UnexpectedError in the vendor's table and ``[Unexpected]`` on the wire. So only the code counts, and for the
server's own faults, which all have the code 0 or 500, some words of the text.

What the API answers in a brownout, and after its end, is unknown: 503, 404 or 410 with any body, a fault in
JSON, or nothing. It is told apart from an outage only by the date and by the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.xmlrpc.decode import FaultError

END = datetime(2027, 1, 1, tzinfo=UTC)
"""When the API has ended. Keap announced its last day, 2026-12-31."""

BROWNOUT = (
    "It may be one of Keap's planned brownouts, which turn XML-RPC off for up to 48 hours until it ends on "
    "2026-12-31, or an outage. Run again later: the next run goes on where this one was."
)
ENDED = (
    "XML-RPC ended on 2026-12-31. What was read until then is kept; remove the stream from the settings that "
    "begin with legacy_, or deselect it, and use its REST stream."
)
NO_APPLICATION = (
    "The key or the name of the application is wrong, or the key may not use XML-RPC. Check api_key (or "
    "access_token), or deselect the stream."
)
NO_TABLE = "The account does not have this table, or the key may not read it. Deselect the stream."
NO_ACCESS = (
    "The key or its user may not read this over XML-RPC. Use that of an admin, or deselect the stream."
)
NO_LOGIN = "XML-RPC does not let the user of this key in. Log in to Keap as that user, or use another key."
NO_ADDRESS = "The account lets only some addresses use the API. Have this machine's added in Keap."
TOO_MANY_THREADS = (
    "Other programs use XML-RPC with this application, too. Stop them for an hour and a half, then run again."
)
COLLATION = (
    "A condition has a character that Infusionsoft's tables cannot compare. Change the query: only "
    "characters of Western European languages (latin-1) can be searched for."
)
NO_FIELD = (
    "The account does not have these fields, or a name in the settings is wrong: case matters. Correct it, "
    "or deselect the stream."
)
OUR_CALL = "The service does not take the call as it is. Deselect the stream and report it."
NO_RECORD = (
    "The service could not load a record. Run again later; if it happens again, look at the record in Keap, "
    "or ask its support."
)
NO_XML = "The answer arrived, but it cannot be read. Run again later; report it if it keeps happening."
NO_BODY = (
    "A record may hold a value that the service cannot send; or it is one of Keap's planned brownouts, which "
    "turn XML-RPC off for up to 48 hours until it ends on 2026-12-31. Run again later: the next run goes on "
    "where this one was."
)
NO_SERVICE = f"Something else than the service answered. Check the key, api_url and proxies. {BROWNOUT}"
SEARCH_FAILS = "Open the saved search in Keap to see that it works there, narrow it, and run again."

ADVICE: Mapping[str, str] = {
    "503, 404 or 410, a fault in JSON, or no connection": BROWNOUT,
    "any of that from 2027-01-01 on": ENDED,
    "a blank body, each time": NO_BODY,
    "a body that breaks off or is no XML, each time": NO_XML,
    "a web page, or XML of something else": NO_SERVICE,
    "faults 1 and 2": NO_APPLICATION,
    "`Unable to get Saved Search Results`": SEARCH_FAILS,
    "fault 6, loading a record": NO_RECORD,
    "faults 7 and 9, no such table": NO_TABLE,
    "faults 8 and 10, if no field is the reason": NO_FIELD,
    "faults 11 and 12, no such handler or arguments": OUR_CALL,
    "faults 13 and 15, a login": NO_LOGIN,
    "fault 14, or 403": NO_ACCESS,
    "`IP access not allowed`": NO_ADDRESS,
    "`Maximum number of threads throttled`": TOO_MANY_THREADS,
    "`Illegal mix of collations`": COLLATION,
}
"""What happens -> what people are advised to do, where XML-RPC differs from REST."""


@dataclass(frozen=True, slots=True)
class ServiceFault(Fault):
    """A fault that the service itself answered with.

    Attributes:
        code: Its code; None if it has none that is a number.
    """

    code: int | None = None


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a fault means.

    Attributes:
        kind: Its kind.
        advice: What people can do about it; empty for what is advised for the kind.
    """

    kind: Kind
    advice: str = ""


_LOADING, _NO_FIELD_ACCESS, _NO_FIELD_FOUND = 6, 8, 10
_ANY = _Meaning(Kind.SERVER_ERROR)
_CODES: Mapping[int | None, _Meaning] = {
    1: _Meaning(Kind.NO_APPLICATION, NO_APPLICATION),  # InvalidConfig
    2: _Meaning(Kind.NO_APPLICATION, NO_APPLICATION),  # InvalidKey
    5: _Meaning(Kind.NOT_FOUND),  # RecordNotFound
    _LOADING: _Meaning(Kind.DAMAGED, NO_RECORD),  # LoadingError
    7: _Meaning(Kind.FORBIDDEN, NO_TABLE),  # NoTableAccess
    _NO_FIELD_ACCESS: _Meaning(Kind.BAD_REQUEST, NO_FIELD),
    9: _Meaning(Kind.WITHDRAWN, NO_TABLE),  # NoTableFound
    _NO_FIELD_FOUND: _Meaning(Kind.BAD_REQUEST, NO_FIELD),
    11: _Meaning(Kind.BAD_REQUEST, OUR_CALL),  # NoFields
    12: _Meaning(Kind.BAD_REQUEST, OUR_CALL),  # InvalidParameter
    13: _Meaning(Kind.FORBIDDEN, NO_LOGIN),  # FailedLoginAttempt
    14: _Meaning(Kind.FORBIDDEN, NO_ACCESS),  # NoAccess
    15: _Meaning(Kind.FORBIDDEN, NO_LOGIN),  # FailedLoginAttemptPasswordExpired
}
"""Meaning of each code of the vendor's table. The others, 0, 3, 4 and 500 among them, are server errors."""

_ADDRESS = re.compile(r"[^\s:'\"<>()]+@[^\s:'\"<>()]+")
"""Email addresses, which are personal: some faults quote what was asked for."""
_UNKNOWN_COLUMN = re.compile(r"unknown column\b.*\bfield list", re.IGNORECASE)
_TEXTS = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"saved search is blocked|too many consecutive failures", _Meaning(Kind.SEARCH_BLOCKED)),
        (r"query took too long", _Meaning(Kind.QUERY_TOO_LONG)),
        (r"unable to get saved search results", _Meaning(Kind.QUERY_TOO_LONG, SEARCH_FAILS)),
        (r"number of threads throttled", _Meaning(Kind.MINUTE_THROTTLE, TOO_MANY_THREADS)),
        (r"ip access not allowed", _Meaning(Kind.FORBIDDEN, NO_ADDRESS)),
        (r"illegal mix of collations", _Meaning(Kind.BAD_REQUEST, COLLATION)),
        (r"unknown column", _Meaning(Kind.BAD_REQUEST, NO_FIELD)),
        (r"no such handler|no method matching|failed to parse", _Meaning(Kind.REFUSED, OUR_CALL)),
        (r"brownout|no longer available|temporarily unavailable", _Meaning(Kind.UNAVAILABLE, BROWNOUT)),
    )
)
"""Texts that say more than the code."""

_OUTAGE = frozenset(
    {
        *(Kind.UNAVAILABLE, Kind.SERVER_ERROR, Kind.NOT_FOUND, Kind.WITHDRAWN, Kind.REFUSED),
        *(Kind.REDIRECT, Kind.UNREACHABLE, Kind.HANDSHAKE),
    }
)
"""What an API that is switched off may look like."""
_ADVICE_BY_KIND: Mapping[Kind, str] = {
    Kind.TIMEOUT: BROWNOUT,
    Kind.BLANK: NO_BODY,
    Kind.DAMAGED: NO_XML,
    Kind.NOT_JSON: NO_SERVICE,
    Kind.FORBIDDEN: NO_ACCESS,
}


def fault_of(error: FaultError, now: datetime) -> Fault:
    """Name a fault of the service.

    Args:
        error: Code and text.
        now: The current time.
    """
    text = _ADDRESS.sub("…", error.text.strip()) or f"a fault with code {error.code} and no text"
    found = next((meaning for pattern, meaning in _TEXTS if pattern.search(text)), None)
    meaning = found or _CODES.get(error.code, _ANY)
    advice = ENDED if now >= END else meaning.advice
    return ServiceFault(meaning.kind, text, HTTPStatus.OK, advice=advice, code=error.code)


def is_about_fields(fault: Fault) -> bool:
    """Whether the service refuses a field of the call."""
    if not isinstance(fault, ServiceFault) or fault.kind is not Kind.BAD_REQUEST:
        return False
    return fault.code in {_NO_FIELD_ACCESS, _NO_FIELD_FOUND} or _UNKNOWN_COLUMN.search(fault.text) is not None


def is_about_rows(fault: Fault) -> bool:
    """Whether the reason may be a row that the service cannot load or write."""
    return fault.kind in {Kind.BLANK, Kind.DAMAGED} or is_hung_up(fault)


def is_hung_up(fault: Fault) -> bool:
    """Whether there was no answer at all. That may be an outage, too."""
    return fault.kind is Kind.UNAVAILABLE and fault.status is None


def outage(fault: Fault, now: datetime) -> Fault:
    """Name what is no answer of the service: the gateway's, somebody else's, or none at all.

    What looks like an outage may be a brownout. It is waited for as for an outage, and says nothing about the
    server that REST is on.

    Args:
        fault: What it would be on REST.
        now: The current time.
    """
    is_error_page = fault.kind is Kind.NOT_JSON and fault.status != HTTPStatus.OK
    if fault.kind in _OUTAGE or is_error_page:
        fault = replace(fault, kind=Kind.UNAVAILABLE, advice=BROWNOUT)
    elif fault.kind in _ADVICE_BY_KIND:
        fault = replace(fault, advice=_ADVICE_BY_KIND[fault.kind])
    return replace(fault, advice=ENDED) if fault.advice and now >= END else fault
