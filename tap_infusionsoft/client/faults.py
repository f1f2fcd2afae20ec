"""What can go wrong between this client and Keap, by name.

Keap words one and the same fault in five shapes: the gateway's JSON, two JSON shapes of the application, HTML
pages, and blank bodies. Texts of the older XML-RPC API turn up in any of them. `classify` turns an answer
into one `Fault`, and `classify_exception` does so for an exchange that failed. How long to wait after which
fault is up to `retry`; what people can do about it is up to the caller.

The exceptions of this package:

    Exception
    ├── KeapError          a call failed for good; carries its Fault and Call
    ├── ExchangeError      one request got no usable answer; carries the Fault (client.http)
    ├── RefreshError       a token refresh failed; carries the Fault (client.auth.token_endpoint)
    └── TokenFileError     the file with the OAuth tokens cannot be used (client.auth.token_file)

Callers of `KeapClient` only see KeapError.
"""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from http.client import HTTPException, LineTooLong
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import DecodeError, IncompleteRead, InvalidChunkLength, NewConnectionError

from tap_infusionsoft.client.fault_texts import (
    begins_with_rows,
    body_text,
    has_error_shape,
    outside_rows,
    plain,
    texts,
)
from tap_infusionsoft.client.rate_limit import Quota

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.call import Answer, Call


class Kind(Enum):
    """The kinds of faults. The value is the kind in plain words."""

    QUERY_TOO_LONG = "query too long"
    """Keap cancelled the query because it took too long."""
    SEARCH_BLOCKED = "search blocked"
    """Keap has blocked a saved search for a while, after repeated failures."""
    MINUTE_THROTTLE = "minute throttle"
    """The calls of the rolling minute are used up."""
    SPIKE = "spike"
    """Too many calls within a second."""
    DAY_QUOTA = "day quota"
    """Keap's calls of the day are used up."""
    DAY_SHARE = "day share"
    """This client has used its own share of the day's calls."""
    DAY_MOST = "day maximum"
    """This client has made the most calls that it may make in a day, whatever Keap's limit."""
    WRONG_KEY = "wrong key"
    """Keap does not know the key or token."""
    TOKEN_EXPIRED = "token expired"  # noqa: S105
    """The access token has expired."""
    NO_CREDENTIAL = "no credential"
    """Keap found no credential that it can read."""
    NO_APPLICATION = "no application"
    """Keap's older API does not know the application or its key."""
    NOT_APPROVED = "not approved"
    """The application or its token is not approved, or a token that was just renewed is refused too."""
    REFRESH_REFUSED = "refresh refused"
    """Keap refuses the refresh token."""
    WRONG_CLIENT = "wrong client"
    """Keap refuses the application's client id or secret."""
    REFRESH_LOST = "refresh lost"
    """A refresh got no usable answer, although Keap may have carried it out."""
    NO_TOKEN_SERVICE = "no token service"  # noqa: S105
    """Something that is not Keap's token service answered a refresh."""
    TOKEN_FILE = "token file"  # noqa: S105
    """The operating system refuses to lock, read or write the token file."""
    TOKEN_FILE_LOCKED = "token file locked"  # noqa: S105
    """Another process has held the lock of the token file for too long."""
    TOKEN_FILE_DAMAGED = "token file damaged"  # noqa: S105
    """The token file holds something other than tokens."""
    TOKEN_FILE_FOREIGN = "token file foreign"  # noqa: S105
    """The token file belongs to another application, or is not a regular file."""
    TOKEN_FILE_OWNER = "token file owner"  # noqa: S105
    """Another user of this machine owns the token file."""
    NO_LOGIN = "no login"
    """The token file holds no tokens of a login, and there is no refresh token to begin with."""
    TOKEN_UNSAVED = "token unsaved"  # noqa: S105
    """Keap issued new tokens, but they could not be saved."""
    OTHER_ACCOUNT = "other account"
    """The answer is from another account than the one that is expected."""
    FORBIDDEN = "forbidden"
    """The credential may not read this."""
    NOT_FOUND = "not found"
    """There is no such record."""
    WITHDRAWN = "withdrawn"
    """Keap does not serve this path (any more)."""
    BAD_REQUEST = "bad request"
    """Keap refuses a parameter."""
    REFUSED = "refused"
    """Keap refuses the call for another reason."""
    SERVER_ERROR = "server error"
    """Keap failed on its side."""
    UNAVAILABLE = "unavailable"
    """Keap, or the gateway in front of it, is down."""
    TIMEOUT = "timeout"
    """There was no whole answer in time."""
    BLANK = "blank"
    """A successful answer without what was asked for."""
    DAMAGED = "damaged"
    """An answer that should be JSON but cannot be decoded."""
    NOT_JSON = "not json"
    """A web page instead of JSON."""
    UNREACHABLE = "unreachable"
    """No connection could be made, or it broke."""
    HANDSHAKE = "handshake"
    """The TLS handshake failed."""
    CERTIFICATE = "certificate"
    """The server's certificate could not be verified."""
    REDIRECT = "redirect"
    """The server redirects; redirects are never followed."""
    RUN_OVER = "run over"
    """The time in which this client may send calls is over."""
    CALLS_SPENT = "calls of the run spent"
    """This client has made the most calls that it may make in this run."""
    PAGING = "paging"
    """The pages of a collection do not come to an end."""
    TOO_LARGE = "too large"
    """The answer exceeds a limit on size, expansion or headers."""


NOT_SERVED = frozenset({Kind.NOT_FOUND, Kind.WITHDRAWN, Kind.REFUSED, Kind.BAD_REQUEST})
"""Faults that may mean that Keap does not serve a path (any more)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong.

    Attributes:
        kind: Its kind.
        text: Keap's words, unredacted and of any length: quote them only through a `Redactor`.
        status: HTTP status, if there was an answer.
        retry_after: Seconds that the server asked us to wait, if it did.
        resets_at: When the day's calls are reset, for `Kind.DAY_QUOTA`, `DAY_SHARE` and `DAY_MOST`.
        advice: What people can do about it, where the API knows more than what is true of its kind.
    """

    kind: Kind
    text: str = ""
    status: int | None = None
    retry_after: float | None = None
    resets_at: datetime | None = None
    advice: str = ""


class KeapError(Exception):
    """A call failed for good. The message names the call and says what happened, in Keap's words.

    Attributes:
        fault: What went wrong.
        call: The call that failed.
        tries: How many times it was sent.
        failed_at: When it failed, on the monotonic clock; None for just now.
    """

    def __init__(self, fault: Fault, call: Call, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.call = call
        self.tries = 1
        self.failed_at: float | None = None


# The gateway's error codes, from Apigee's policies. Sources: live answers and the code of several clients.
_CODES = {
    "keymanagement.service.invalid_access_token": Kind.WRONG_KEY,
    "oauth.v2.InvalidAccessToken": Kind.NO_CREDENTIAL,
    "keymanagement.service.access_token_expired": Kind.TOKEN_EXPIRED,
    "oauth.v2.AccessTokenExpired": Kind.TOKEN_EXPIRED,
    "keymanagement.service.access_token_not_approved": Kind.NOT_APPROVED,
    "keymanagement.service.invalid_client-client_id_not_approved": Kind.NOT_APPROVED,
    "policies.ratelimit.SpikeArrestViolation": Kind.SPIKE,
    "messaging.adaptors.http.flow.ServiceUnavailable": Kind.UNAVAILABLE,
    "messaging.adaptors.http.flow.GatewayTimeout": Kind.TIMEOUT,
}
_QUOTA_CODE = "policies.ratelimit.QuotaViolation"
_QUOTA_TEXTS = re.compile(
    r"quota exceeded|rate limit quota violation|developer over (rate|qps)|too many requests", re.IGNORECASE
)

# Recorded on XML-RPC. How REST words them is unknown, so every body is searched for them.
_TEXTS = (
    (
        re.compile(r"saved search is blocked|too many consecutive failures", re.IGNORECASE),
        Kind.SEARCH_BLOCKED,
    ),
    (re.compile(r"query took too long", re.IGNORECASE), Kind.QUERY_TOO_LONG),
)

_STATUSES = {
    400: Kind.BAD_REQUEST,
    401: Kind.WRONG_KEY,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    405: Kind.REFUSED,
    409: Kind.REFUSED,
    410: Kind.WITHDRAWN,
    501: Kind.REFUSED,
    502: Kind.UNAVAILABLE,
    503: Kind.UNAVAILABLE,
    504: Kind.TIMEOUT,
    522: Kind.UNAVAILABLE,
    524: Kind.TIMEOUT,
    596: Kind.SPIKE,
}

_OK = range(200, 300)
_REDIRECTS = range(300, 400)


def classify(answer: Answer, document: Any, call: Call, now: datetime) -> Fault | None:
    """Name what is wrong with an answer.

    An answer without the rows it should hold is a fault, never "no rows", and so is one that says so beside
    the rows.

    How REST says that the query of a saved search took too long is unknown. A POST runs a saved search, so a
    server error or timeout in answer to one is taken to mean that.

    Args:
        answer: Status, headers and body.
        document: The body as JSON; None if it is not JSON.
        call: What was asked for.
        now: The current time, to work out when the day quota is reset.

    Returns:
        The fault; None if the answer is good.
    """
    if answer.status in _OK and usable(document, call):
        return None
    quota = Quota.read(answer.headers, now)
    kind, text = _kind(answer, document, call, quota)
    if call.method == "POST" and kind in {Kind.SERVER_ERROR, Kind.TIMEOUT}:
        kind = Kind.QUERY_TOO_LONG
        text = f"{text}; most likely the query took too long, or the search is blocked"
    return Fault(
        kind,
        text,
        answer.status,
        quota.retry_after,
        quota.resets_at if kind is Kind.DAY_QUOTA else None,
    )


def usable(document: Any, call: Call) -> bool:
    """Return True if a document holds what a call asks for, and nothing that says that it went wrong."""
    if not isinstance(document, dict) or not document:
        return False
    if call.items is not None:
        rows = document.get(call.items)
        row_type = str if call.is_bare else dict
        if not isinstance(rows, list) or not all(isinstance(row, row_type) for row in rows):
            return False
    return not says_fault(document, call)


def says_fault(document: dict[str, Any], call: Call) -> bool:
    """Return True if a document says, outside its rows, that something went wrong."""
    if not call.is_raw and has_error_shape(document, call):
        return True
    return any(map(_is_known, texts(outside_rows(document, call))))


def _is_known(text: str) -> bool:
    """Whether a text is the code of a fault, or holds the words of one."""
    is_code = text in _CODES or text == _QUOTA_CODE
    return is_code or _QUOTA_TEXTS.search(text) is not None or _named(text) is not None


def _named(text: str) -> Kind | None:
    """The fault whose own words a text holds, in any kind of answer."""
    return next((kind for pattern, kind in _TEXTS if pattern.search(text)), None)


def _kind(answer: Answer, document: Any, call: Call, quota: Quota) -> tuple[Kind, str]:
    """The kind of a fault, and Keap's words for it."""
    text = _message(answer, document)
    found = [*_found(answer, document, call), plain(text)]
    code = next((one for one in found if one in _CODES or one == _QUOTA_CODE), "")
    if code in _CODES:
        return _CODES[code], text
    if code == _QUOTA_CODE:
        return _throttled(quota, unknown=Kind.MINUTE_THROTTLE), text
    for one in found:
        kind = _named(one)
        if kind is not None:
            return kind, text if document is None or _named(plain(text)) else one
    is_throttled = any(map(_QUOTA_TEXTS.search, found if document is not None else [text]))
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or is_throttled:
        return _throttled(quota, unknown=Kind.SPIKE), text
    if answer.status in _REDIRECTS:
        return Kind.REDIRECT, text
    start = answer.body.lstrip()[:1]
    if document is None and start in {b"{", b"["} and answer.status in _OK:
        return Kind.DAMAGED, text
    return _by_status(answer.status, is_html=document is None and start not in {b"", b"n"}), text


def _found(answer: Answer, document: Any, call: Call) -> list[str]:
    """The texts of an answer in which the words of faults are looked for."""
    if document is None:
        is_page = answer.status in _OK and begins_with_rows(answer.body, call)
        return [] if is_page else [body_text(answer.body)]
    is_good = answer.status in _OK and isinstance(document, dict)
    if is_good and (call.items is None or isinstance(document.get(call.items), list)):
        return [*texts(outside_rows(document, call))]
    return [*texts(document)]


def _by_status(status: int, *, is_html: bool) -> Kind:
    if status in _OK:
        return Kind.NOT_JSON if is_html else Kind.BLANK
    if status == HTTPStatus.NOT_FOUND and is_html:
        return Kind.WITHDRAWN
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Kind.NOT_JSON if is_html else Kind.SERVER_ERROR
    return Kind.REFUSED


def _throttled(quota: Quota, *, unknown: Kind) -> Kind:
    """Tell Keap's limits apart by the headers: the body is the same for all of them."""
    if quota.day_is_spent:
        return Kind.DAY_QUOTA
    if quota.minute_is_spent:
        return Kind.MINUTE_THROTTLE
    return unknown


def _message(answer: Answer, document: Any) -> str:
    """Return Keap's own words, taken only from known places of an error body."""
    match document:
        case {"fault": {"faultstring": str(text)}}:
            return text
        case {"message": str(text)}:
            return text
        case {"error": str(error)}:
            return f"{error}: {document.get('error_description', '')}".rstrip(": ")
        case None if answer.status in _REDIRECTS:
            return f"redirect to {_host(answer.headers)}"
        case None if answer.body.lstrip()[:1] in {b"{", b"["}:
            return _damage(answer)  # never quote it: it may hold records, which are personal
        case None if answer.body.strip():
            kind = answer.headers.get("content-type", "unknown type").split(";")[0]
            return f"{kind}: {body_text(answer.body[:400])[:100]}"
        case None:
            return "blank body"
        case _ if answer.status in _REDIRECTS:
            return f"redirect to {_host(answer.headers)}"
        case {}:
            return f"a JSON object with the keys {sorted(document)[:8]}"
        case _:
            return f"a JSON {type(document).__name__}"


def _damage(answer: Answer) -> str:
    try:
        answer.json()
    except ValueError as error:
        return str(error)
    return "it cannot be read"


def _host(headers: Mapping[str, str]) -> str:
    """Return the host of a Location header. The rest of it may carry secrets."""
    match = re.match(r"(?:https?:)?//(?:[^/@]*@)?([^/?#]+)", headers.get("location", ""))
    return match[1] if match else "another address on the same host"


def classify_exception(error: Exception) -> Fault:
    """Name what broke an exchange. The text never quotes the URL, whose query may be personal."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Fault(Kind.CERTIFICATE, "the server's certificate could not be verified")
    if isinstance(error, requests.exceptions.SSLError):
        return Fault(Kind.HANDSHAKE, _reason(causes))
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Fault(Kind.UNREACHABLE, "no connection within the time limit")
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        return Fault(Kind.UNREACHABLE, _reason(causes))
    if any(isinstance(cause, (TimeoutError, requests.exceptions.ReadTimeout)) for cause in causes):
        return Fault(Kind.TIMEOUT, "no answer within the time limit")
    if any(isinstance(cause, DecodeError) for cause in causes):
        return Fault(Kind.DAMAGED, "the compressed body cannot be expanded")
    if any(_is_too_many_headers(cause) for cause in causes):
        return Fault(Kind.TOO_LARGE, "the headers of the answer have no end")
    return Fault(Kind.UNREACHABLE, _reason(causes))


def _is_too_many_headers(error: BaseException) -> bool:
    # http.client raises its base class for too many headers.
    return isinstance(error, LineTooLong) or type(error) is HTTPException


def _reason(causes: Sequence[BaseException]) -> str:
    """Put the innermost cause into words, without addresses."""
    for cause in reversed(causes):
        if isinstance(cause, socket.gaierror):
            return "the host name could not be resolved"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        if isinstance(cause, (IncompleteRead, InvalidChunkLength)):
            return "the answer broke off"
    name = type(causes[-1]).__name__
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).lower()


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo: list[BaseException] = [error]
    while todo:
        cause = todo.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        linked = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        todo += [link for link in linked if isinstance(link, BaseException)]
