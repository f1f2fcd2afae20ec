"""What can go wrong between the tap and Keap, by name.

Keap says the same thing in five shapes: the gateway's JSON, two JSON shapes of the application, HTML pages,
and blank bodies; texts of the older XML-RPC API turn up in any of them. `classify` turns an answer, and
`classify_exception` a failed exchange, into one `Fault`. How long to wait for which fault is in `retry`.

    Failure              anything below ends a stream or the run
    └── KeapError        a call failed for good; carries the Fault and the call
"""

from __future__ import annotations

import html
import re
import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from http.client import HTTPException, LineTooLong
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import DecodeError, NewConnectionError

from tap_infusionsoft.client.rate_limit import Quota

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.call import Answer, Call


class Kind(Enum):
    """Every fault, with the sentence that says what to do about it."""

    QUERY_TOO_LONG = "Narrow the saved search in Keap, or raise query_waits."
    SEARCH_BLOCKED = (
        "Keap blocks this saved search after repeated failures. Narrow it in Keap, then run again."
    )
    MINUTE_THROTTLE = (
        "Something else uses this key as well. Lower requests_per_minute or run at another time."
    )
    SPIKE = "Keap saw calls come too fast. Lower requests_per_second."
    DAY_QUOTA = "The calls of the day are used up. Run again after the reset."
    DAY_SHARE = "The rest is left to others. Run again after the reset, or raise daily_quota_share (or requests_per_day)."
    WRONG_KEY = "Check api_key (or access_token): it is mistyped, was revoked, or belongs to another system."
    TOKEN_EXPIRED = "Put a fresh token into access_token, or use refresh_token, which the tap renews, or api_key, which does not expire."  # noqa: S105
    NO_CREDENTIAL = "Set api_key or access_token; what is set now is not a usable credential."
    NOT_APPROVED = "Authorize the application again in Keap, then use the new token."
    REFRESH_REFUSED = (
        "Authorize the application again and put the new token into refresh_token, see OAuth in the README."
    )
    WRONG_CLIENT = (
        "Check client_id and client_secret; refresh_token must come from an authorization of that client_id."
    )
    REFRESH_LOST = (
        "Keap may have spent the refresh token and sent the new one in vain. Run again, to try the old one once more; "
        "if Keap refuses it, authorize the application again and put the new token into refresh_token."
    )
    NO_TOKEN_SERVICE = "Check api_url and proxies: what answers there is not Keap's token service."  # noqa: S105
    TOKEN_FILE = "No refresh token was spent. Put the matter right and run again."  # noqa: S105
    TOKEN_UNSAVED = (
        "The refresh token is spent, and the new one may be lost. Put the matter right and run again."  # noqa: S105
    )
    FORBIDDEN = "The credential may not read this. Use one of an admin user, or deselect the stream."
    NOT_FOUND = "The record is gone, or its id is wrong. Check the ids in the settings, and run again."
    WITHDRAWN = "Keap does not serve this address (any more). Deselect the stream and report it."
    BAD_REQUEST = "Keap refuses the question. Check the ids, dates and fields in the settings."
    REFUSED = "Keap refuses this kind of call. Deselect the stream and report it."
    SERVER_ERROR = "Keap failed on its side. Run again later; the state keeps what was done."
    UNAVAILABLE = "Keap is not available. See its status page, and run again later."
    TIMEOUT = "Keap took too long to answer. Run again later, or select fewer fields."
    BLANK = "Keap answered without the rows it should send. Nothing was taken as deleted; run again later."
    DAMAGED = "The answer arrived, but it is not valid JSON. Run again later; report it if it stays."
    NOT_JSON = (
        "Something between the tap and Keap answered with a page. Check api_url, proxies and Keap's status."
    )
    UNREACHABLE = "Check api_url, the network and proxies, then run again."
    HANDSHAKE = "No encrypted connection could be set up. Check api_url and proxies, then run again."
    CERTIFICATE = "The server is not who it should be. Check api_url, proxies and the machine's certificates."
    REDIRECT = "The tap does not follow redirects. Check api_url."
    RUN_OVER = "Run again to go on; raise max_run_hours, or select fewer streams, if that happens every time."
    PAGING = "Keap's paging does not come to an end. Run again later; report it if it stays."
    TOO_LARGE = "The answer exceeds the tap's limits. Check api_url; report it if it is Keap's."

    @property
    def advice(self) -> str:
        """What the user can do."""
        return self.value


ENDS_RUN = frozenset(
    {
        Kind.DAY_QUOTA,
        Kind.DAY_SHARE,
        Kind.WRONG_KEY,
        Kind.TOKEN_EXPIRED,
        Kind.NO_CREDENTIAL,
        Kind.NOT_APPROVED,
        Kind.REFRESH_REFUSED,
        Kind.WRONG_CLIENT,
        Kind.REFRESH_LOST,
        Kind.NO_TOKEN_SERVICE,
        Kind.TOKEN_FILE,
        Kind.TOKEN_UNSAVED,
        Kind.CERTIFICATE,
        Kind.REDIRECT,
        Kind.RUN_OVER,
    }
)
"""Faults that every other stream would meet as well."""

NO_CONTACT = frozenset({Kind.UNREACHABLE, Kind.HANDSHAKE})
"""Faults by which there is no server, as far as one can tell."""

NOT_SERVED = frozenset({Kind.NOT_FOUND, Kind.WITHDRAWN, Kind.REFUSED, Kind.BAD_REQUEST})
"""Faults by which Keap may say that it does not serve a path (any more)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong.

    Attributes:
        kind: Its name.
        text: Keap's words, unredacted and of any length: quote them only through a `Redactor`.
        status: HTTP status, where there was an answer.
        retry_after: Seconds that the server asked to wait, where it did.
        resets_at: When the calls of the day are given anew, for `Kind.DAY_QUOTA` and `Kind.DAY_SHARE`.
    """

    kind: Kind
    text: str = ""
    status: int | None = None
    retry_after: float | None = None
    resets_at: datetime | None = None


class KeapError(Exception):
    """A call failed for good.

    Attributes:
        fault: What went wrong.
        call: Which call it was.
        tries: How often it was sent.
        at: When it was met, as a reading of the monotonic clock; None for just now.
    """

    def __init__(self, fault: Fault, call: Call, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.call = call
        self.tries = 1
        self.at: float | None = None


# The gateway's error codes. Source: live answers and the code of several clients; see the class of Apigee
# policies that name them.
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

# Recorded on XML-RPC; how REST words them is unknown, so they are looked for in any body.
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

_SEARCHED = 65_536
"""Bytes of a body in which known texts are looked for."""

_OK = range(200, 300)
_REDIRECTS = range(300, 400)


def classify(answer: Answer, document: Any, call: Call, now: datetime) -> Fault | None:
    """Name what is wrong with an answer; None when it is good.

    An answer without the rows it should hold is a fault and never "no rows".

    Args:
        answer: Status, headers and body.
        document: The body as JSON, or None where it is not JSON.
        call: What was asked for. If it was the run of a saved search: how REST says that its query took too long
            is unknown; a server error without a word is expected to mean that.
        now: The current moment, for the reset time of the day quota.
    """
    if answer.status in _OK and usable(document, call):
        return None
    text = _message(answer, document)
    quota = Quota.read(answer.headers, now)
    kind = _kind(answer, document, text, quota)
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
    """Whether a document holds what a call asks for."""
    if not isinstance(document, dict) or not document or isinstance(document.get("fault"), dict):
        return False
    if call.items is None:
        return True
    rows = document.get(call.items)
    return isinstance(rows, list) and all(isinstance(row, str if call.is_bare else dict) for row in rows)


def _kind(answer: Answer, document: Any, text: str, quota: Quota) -> Kind:
    code = _code(document)
    if code in _CODES:
        return _CODES[code]
    if code == _QUOTA_CODE:
        return _throttled(quota, unknown=Kind.MINUTE_THROTTLE)
    searched = _searchable(answer.body) + text
    for pattern, kind in _TEXTS:
        if pattern.search(searched):
            return kind
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or _QUOTA_TEXTS.search(text):
        return _throttled(quota, unknown=Kind.SPIKE)
    if answer.status in _REDIRECTS:
        return Kind.REDIRECT
    start = answer.body.lstrip()[:1]
    if document is None and start in {b"{", b"["} and answer.status in _OK:
        return Kind.DAMAGED
    return _by_status(answer.status, is_page=document is None and start not in {b"", b"n"})


def _by_status(status: int, *, is_page: bool) -> Kind:
    if status in _OK:
        return Kind.NOT_JSON if is_page else Kind.BLANK
    if status == HTTPStatus.NOT_FOUND and is_page:
        return Kind.WITHDRAWN
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Kind.NOT_JSON if is_page else Kind.SERVER_ERROR
    return Kind.REFUSED


def _throttled(quota: Quota, *, unknown: Kind) -> Kind:
    """Which of Keap's limits was met. The headers decide, the body says the same for all of them."""
    if quota.day_is_spent:
        return Kind.DAY_QUOTA
    if quota.minute_is_spent:
        return Kind.MINUTE_THROTTLE
    return unknown


def _code(document: Any) -> str:
    match document:
        case {"fault": {"detail": {"errorcode": str(code)}}}:
            return code
        case _:
            return ""


def _searchable(body: bytes) -> str:
    text = body[:_SEARCHED].decode("utf-8", "replace")
    return " ".join(html.unescape(text).split())


def _message(answer: Answer, document: Any) -> str:
    """Keap's own words: from the known places of an error body only, never the body as such."""
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
            return _damage(answer)  # records may stand in it, and those are personal
        case None if answer.body.strip():
            kind = answer.headers.get("content-type", "unknown type").split(";")[0]
            return f"{kind}: {_searchable(answer.body[:400])[:100]}"
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
    """The host of a Location header, and nothing else of it: the rest may carry secrets."""
    match = re.match(r"(?:https?:)?//(?:[^/@]*@)?([^/?#]+)", headers.get("location", ""))
    return match[1] if match else "another address on the same host"


def classify_exception(error: Exception) -> Fault:
    """Name what broke an exchange. The text never holds the URL, whose query may be personal."""
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
    # For too many headers Python has no name but the base class.
    return isinstance(error, LineTooLong) or type(error) is HTTPException


def _reason(causes: Sequence[BaseException]) -> str:
    """The innermost cause in words, without addresses."""
    for cause in reversed(causes):
        if isinstance(cause, socket.gaierror):
            return "the host name could not be resolved"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
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
