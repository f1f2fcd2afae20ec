"""Faults by name: what Keap, its gateway, the token endpoint and the network are known to do.

A description ends in the settings of the rule that the fault uses, if any.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from keap_sandbox.faults.effects import Effect, FaultContext
from keap_sandbox.faults.xmlrpc_faults import BLOCKED, SESSION, TOO_LONG, XMLRPC_GROUPS
from keap_sandbox.quota import quota_exceeded_app, quota_violation, spike_arrest
from keap_sandbox.responses import (
    Response,
    gateway_fault,
    html_page,
    json_response,
    shaped_error,
    v2_error,
)
from keap_sandbox.xmlrpc.endpoint import XML
from keap_sandbox.xmlrpc.writing import Writer

__all__ = ["CATALOG", "GROUPS", "SHAPES"]

SHAPES = ("gateway", "v2", "v1", "string_code", "html", "blank", "xmlrpc", "bare_500", "bare_504")


def _search_fault(text: str) -> Callable[[FaultContext], Effect]:
    def make(context: FaultContext) -> Effect:
        shape = context.what.get("shape") or context.switches.report_failure
        if shape == "xmlrpc":
            return Effect(Response(200, Writer().fault(4, text), XML))
        if shape in {"bare_500", "bare_504"}:
            return Effect(Response(context.status(int(shape[-3:])), b"", None))
        return Effect(shaped_error(shape, context.status(500), text, "reporting", "report"))

    return make


def _instead(
    make: Callable[[FaultContext], Response], exhausted: str = ""
) -> Callable[[FaultContext], Effect]:
    """Return a fault that sends another response, and may report a window of the limits as used up."""
    return lambda context: Effect(make(context), exhausted=exhausted)


def _on_body(change: Callable[[Any, FaultContext], Any]) -> Callable[[FaultContext], Effect]:
    """Return a fault that alters a JSON response with status 200."""

    def make(context: FaultContext) -> Effect:
        def apply(response: Response) -> Response:
            if response.status != 200 or not response.body.startswith((b"{", b"[")):  # noqa: PLR2004
                return response
            body = change(msgspec.json.decode(response.body), context)
            raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
            return Response(response.status, raw, response.content_type, response.headers)

        return Effect(change=apply)

    return make


def _items_key(body: Any) -> str | None:
    return next((name for name, value in body.items() if isinstance(value, list)), None)


def _set_items(body: Any, value: Any) -> Any:
    key = _items_key(body)
    return {**body, key: value} if key else body


def _null_items(body: Any, _: FaultContext) -> Any:
    return _set_items(body, None)


def _no_items(body: Any, _: FaultContext) -> Any:
    return _set_items(body, [])


def _cut(body: Any, _: FaultContext) -> bytes:
    text: bytes = msgspec.json.encode(body)
    return text[:-40]


def _without_items(body: Any, _: FaultContext) -> Any:
    key = _items_key(body)
    return {name: value for name, value in body.items() if name != key}


def _token_key(body: Any) -> str:
    return "page_token" if "results" in body else "next_page_token"


def _repeated_token(body: Any, context: FaultContext) -> Any:
    return {**body, _token_key(body): context.page_token} if context.page_token else body


def _loop(body: Any, context: FaultContext) -> Any:
    """From the third page on, alternate between the tokens of the first two."""
    seen: list[str] = context.memory.setdefault("tokens", [])
    key = _token_key(body)
    if len(seen) < 2:  # noqa: PLR2004
        if body.get(key):
            seen.append(body[key])
        return body
    context.memory["turn"] = context.memory.get("turn", 1) + 1
    return {**body, key: seen[context.memory["turn"] % 2]}


def _foreign_token(body: Any, context: FaultContext) -> Any:
    token = body.get(_token_key(body)) or context.page_token or "x"
    return {**body, _token_key(body): f"https://pages.invalid/crm/rest/v2/contacts?page_token={token}"}


def _into_first_row(raw: bytes) -> Callable[[Any, FaultContext], bytes]:
    """Return a change that adds a field, given as raw JSON, to the first row of the list."""

    def change(body: Any, _: FaultContext) -> bytes:
        key = _items_key(body)
        text = msgspec.json.encode(body)
        if key is None or not body[key]:
            return text
        start = f'"{key}":[{{'.encode()
        return text.replace(start, start + raw + b",", 1)

    return change


def _duplicate_keys(body: Any, _: FaultContext) -> bytes:
    text: bytes = msgspec.json.encode(body)
    return b'{"next_page_token":"first",' + text[1:]


@lru_cache(maxsize=4)
def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(b'{"contacts":[],"pad":"')]
    parts += [packer.compress(b"0" * 1_048_576) for _ in range(megabytes)]
    parts += [packer.compress(b'"}'), packer.flush()]
    return b"".join(parts)


def _deep(context: FaultContext) -> Response:
    depth = int(context.what.get("size", 100_000))
    return Response(200, b'{"contacts":' + b"[" * depth + b"]" * depth + b"}")


def _huge(context: FaultContext) -> Response:
    megabytes = int(context.what.get("size", 80))
    return Response(200, b'{"contacts":[],"pad":"' + b"x" * (megabytes * 1_048_576) + b'"}')


def _gzip_bomb(context: FaultContext) -> Response:
    return Response(200, _bomb(int(context.what.get("size", 200))), headers={"content-encoding": "gzip"})


def _redirect(context: FaultContext) -> Response:
    place = str(context.what.get("location", "https://pages.invalid/elsewhere"))
    return Response(context.status(302), b"", None, {"location": place})


def _error(status: int, message: str, **names: str) -> Callable[[FaultContext], Effect]:
    return _instead(
        lambda context: shaped_error(
            context.what.get("shape", "v2"), context.status(status), message, **names
        )
    )


def _gateway(status: int, text: str, code: str) -> Callable[[FaultContext], Effect]:
    return _instead(lambda context: gateway_fault(context.status(status), text, code))


def _html(status: int, title: str, text: str) -> Callable[[FaultContext], Effect]:
    return _instead(lambda context: html_page(context.status(status), title, text))


def _json(status: int, body: Any) -> Callable[[FaultContext], Effect]:
    return _instead(lambda context: json_response(body, context.status(status)))


def _app_quota(exhausted: str) -> Callable[[FaultContext], Effect]:
    return _instead(lambda _: quota_exceeded_app(), exhausted)


def _transport(**settings: Any) -> Callable[[FaultContext], Effect]:
    """Return a network fault: the call is carried out, but its response doesn't arrive in one piece."""

    def make(context: FaultContext) -> Effect:
        given = {
            name: context.what[name] for name in ("reset_after_bytes", "truncate_at") if name in context.what
        }
        return Effect(**(settings | given))

    return make


def _quota(context: FaultContext) -> Response:
    return quota_violation(context.status(429))


def _spike(context: FaultContext) -> Response:
    return spike_arrest(context.status(429))


def _echo(context: FaultContext) -> Response:
    return v2_error(context.status(500), f"Failed for Authorization: Bearer {context.credential}")


def _blank(context: FaultContext) -> Response:
    return Response(context.status(200), b"")


def _without_refresh_token(body: Any, _: FaultContext) -> Any:
    return {name: value for name, value in body.items() if name != "refresh_token"}


_FORGED = 'Invalid\n{"type":"STATE","value":{"bookmarks":{}}}\n\x1b[2J\u2028end'

Fault = tuple[str, Callable[[FaultContext], Effect]]
"""What the fault is, with the settings of the rule that it uses in parentheses; and its effect."""

GROUPS: dict[str, dict[str, Fault]] = {
    "Saved searches": {
        "query_too_long": ("the query took too long (shape, status)", _search_fault(TOO_LONG)),
        "search_blocked": ("the saved search is blocked (shape, status)", _search_fault(BLOCKED)),
    },
    "Status 200 without a proper response": {
        "blank_body": ("an empty body (status)", _instead(_blank)),
        "empty_object": ("`{}` (status)", _json(200, {})),
        "null_items": ("null instead of the list", _on_body(_null_items)),
        "missing_items": ("a JSON object without the list", _on_body(_without_items)),
        "fault_with_200": (
            "a gateway fault (status)",
            _gateway(200, "Unexpected EOF at target", "messaging.adaptors.http.flow.UnexpectedEOFAtTarget"),
        ),
        "bare_array": ("`[]` (status)", _json(200, [])),
        "html_200": ("an HTML page (status)", _html(200, "Keap", "We will be right back.")),
        "cut_json": ("JSON that breaks off, in a body that is complete for HTTP", _on_body(_cut)),
    },
    "Credentials": {
        "invalid_access_token": (
            "401, the credential is refused (status)",
            _gateway(401, "Invalid Access Token", "keymanagement.service.invalid_access_token"),
        ),
        "no_credential": (
            "401, there is no usable credential (status)",
            _gateway(401, "Invalid access token", "oauth.v2.InvalidAccessToken"),
        ),
        "access_token_expired": (
            "401, the access token has expired (status)",
            _gateway(401, "Access Token expired", "keymanagement.service.access_token_expired"),
        ),
        "access_token_expired_500": (
            "500, the access token has expired (status)",
            _gateway(500, "Access Token expired", "keymanagement.service.access_token_expired"),
        ),
        "not_approved": (
            "401, the token is not approved (status)",
            _gateway(401, "Access Token not approved", "keymanagement.service.access_token_not_approved"),
        ),
        "client_not_approved": (
            "401, the application is not approved (status)",
            _gateway(
                401,
                "Invalid client identifier",
                "keymanagement.service.invalid_client-client_id_not_approved",
            ),
        ),
    },
    "Limits": {
        "quota_violation_minute": (
            "429 of the gateway, the minute's limit is reached (status)",
            _instead(_quota, "minute"),
        ),
        "quota_violation_day": (
            "429 of the gateway, the day's quota is used up (status)",
            _instead(_quota, "day"),
        ),
        "spike_arrest": ("429 of the gateway, too many calls at once (status)", _instead(_spike)),
        "quota_exceeded_app": ("429 of the application, whose code is a string", _app_quota("")),
        "quota_exceeded_app_minute": ("the same, and the minute is used up", _app_quota("minute")),
        "quota_exceeded_app_day": ("the same, and the day is used up", _app_quota("day")),
        "tenant_minute": ("the same, and the tenant's minute is used up", _app_quota("tenant_minute")),
        "tenant_day": ("the same, and the tenant's day is used up", _app_quota("tenant_day")),
        "developer_over_rate": (
            "596 of the old gateway, as HTML (status)",
            _html(596, "Developer Over Rate", "Developer Over Qps"),
        ),
        "developer_inactive": (
            "403 of the old gateway, as HTML (status)",
            _html(403, "Developer Inactive", ""),
        ),
    },
    "Gateway and proxies": {
        "service_unavailable": (
            "503 of the gateway (status)",
            _gateway(
                503,
                "The Service is temporarily unavailable",
                "messaging.adaptors.http.flow.ServiceUnavailable",
            ),
        ),
        "service_unavailable_html": (
            "503 as HTML (status)",
            _html(503, "Service Unavailable", "Brownout in progress."),
        ),
        "gateway_timeout": (
            "504 of the gateway (status)",
            _gateway(504, "Gateway Timeout", "messaging.adaptors.http.flow.GatewayTimeout"),
        ),
        "bad_gateway": ("502 as HTML (status)", _html(502, "502 Bad Gateway", "")),
        "cloudflare_524": ("524 as HTML (status)", _html(524, "A timeout occurred", "Error code 524")),
        "html_500": ("500 as HTML (status)", _html(500, "Internal Server Error", "")),
        "html_400": (
            "400 of the front end, as HTML (status)",
            _html(400, "Error 400 (Bad Request)!!1", "That is an error."),
        ),
        "redirect_elsewhere": ("a redirect to another host (location, status)", _instead(_redirect)),
    },
    "Application": {
        "bad_request": (
            "400 (shape, status)",
            _error(400, "Invalid filter", domain="request", resource="filter"),
        ),
        "forbidden": (
            "403 (shape, status)",
            _error(403, "Access is denied", domain="global", resource="scope"),
        ),
        "not_found": ("404 (shape, status)", _error(404, "Record was not found", resource="record")),
        "not_found_html": (
            "404 as Keap's HTML page (status)",
            _html(404, "Page Not Found", "The page could not be found."),
        ),
        "method_not_allowed": ("405 (shape, status)", _error(405, "Request method is not supported")),
        "conflict": ("409 (shape, status)", _error(409, "Conflict")),
        "not_implemented": ("501 (shape, status)", _error(501, "Not implemented")),
        "server_error": ("500 (shape, status)", _error(500, "An unexpected error occurred")),
        "session_committed": (
            "500 with the text of a Java exception (shape, status)",
            _error(500, SESSION),
        ),
        "echo_credential": ("500 that repeats the credential (status)", _instead(_echo)),
        "forged_log": ("500 with line breaks and control characters (shape, status)", _error(500, _FORGED)),
    },
    "Paging": {
        "repeated_token": ("the next page token is the one that was sent", _on_body(_repeated_token)),
        "token_loop_abab": ("from the third page on, two page tokens alternate", _on_body(_loop)),
        "foreign_token": ("the next page token is a URL on another host", _on_body(_foreign_token)),
        "empty_page": ("a page without rows, but with a next page token", _on_body(_no_items)),
    },
    "OAuth": {
        "invalid_refresh_token": (
            "400 invalid_request, the refresh token is spent (status)",
            _json(400, {"error": "invalid_request", "error_description": "Invalid Refresh Token"}),
        ),
        "invalid_grant": (
            "400 invalid_grant, the refresh token is spent (status)",
            _json(400, {"error": "invalid_grant", "error_description": "Invalid refresh token"}),
        ),
        "bad_client": (
            "400, the client id or secret is wrong (status)",
            _json(
                400,
                {
                    "error": "invalid_grant",
                    "error_description": "Unable to authenticate username and password",
                },
            ),
        ),
        "token_not_json": (
            "an HTML page with status 200 instead of a token (status)",
            _html(200, "OK", "OK"),
        ),
        "token_without_refresh": ("a token without refresh_token", _on_body(_without_refresh_token)),
    },
    "Content": {
        "nan": ("NaN in the first row", _on_body(_into_first_row(b'"odd_number":NaN'))),
        "huge_number": (
            "an integer of 5,000 digits in the first row",
            _on_body(_into_first_row(b'"odd_number":' + b"9" * 5000)),
        ),
        "lone_surrogate": (
            "half of a surrogate pair in the first row",
            _on_body(_into_first_row(b'"odd_text":"a\\ud800z\\u0000"')),
        ),
        "bad_utf8": (
            "a Latin-1 byte in the UTF-8 of the first row",
            _on_body(_into_first_row(b'"odd_text":"Caf\xe9"')),
        ),
        "duplicate_keys": ("a key that occurs twice", _on_body(_duplicate_keys)),
    },
    "Network": {
        "reset": ("the connection is reset (reset_after_bytes, default 0)", _transport(reset_after_bytes=0)),
        "truncate": ("the connection closes early (truncate_at, default 100)", _transport(truncate_at=100)),
        "stall": ("nothing is sent, and the connection stays open", _transport(hang=True)),
        "drip": ("one byte per second (drip)", _transport(drip=1.0)),
        "endless": ("a body that never ends", _transport(endless=True)),
        "huge_body": ("a large body (size in MiB, default 80)", _instead(_huge)),
        "deep_json": ("deeply nested brackets (size, default 100,000)", _instead(_deep)),
        "gzip_bomb": (
            "a small body that decompresses to a large one (size in MiB, default 200)",
            _instead(_gzip_bomb),
        ),
    },
    **XMLRPC_GROUPS,
}
CATALOG: dict[str, Fault] = {name: fault for group in GROUPS.values() for name, fault in group.items()}
