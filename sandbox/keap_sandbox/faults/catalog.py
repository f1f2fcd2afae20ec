"""Faults by name: what Keap, its gateway, the token endpoint and the network are known to do."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from keap_sandbox.faults.effects import Effect, FaultContext
from keap_sandbox.quota import quota_exceeded_app, quota_violation, spike_arrest
from keap_sandbox.responses import (
    Response,
    gateway_fault,
    html_page,
    json_response,
    shaped_error,
    v2_error,
    xmlrpc_fault,
)

__all__ = ["CATALOG", "SHAPES"]

TOO_LONG = "[DatabaseError] Query took too long and was cancelled"
BLOCKED = "[DatabaseError] Too many consecutive failures. This saved search is blocked temporarily"
SHAPES = ("gateway", "v2", "v1", "string_code", "html", "blank", "xmlrpc", "bare_500", "bare_504")


def _search_fault(text: str) -> Callable[[FaultContext], Effect]:
    def make(scene: FaultContext) -> Effect:
        shape = scene.what.get("shape") or scene.switches.report_failure
        if shape == "xmlrpc":
            return Effect(xmlrpc_fault(text))
        if shape in {"bare_500", "bare_504"}:
            return Effect(Response(scene.status(int(shape[-3:])), b"", None))
        return Effect(shaped_error(shape, scene.status(500), text, "reporting", "report"))

    return make


def _instead(make: Callable[[FaultContext], Response], gone: str = "") -> Callable[[FaultContext], Effect]:
    return lambda scene: Effect(make(scene), gone=gone)


def _on_body(change: Callable[[Any, FaultContext], Any]) -> Callable[[FaultContext], Effect]:
    """A fault that alters a JSON answer with status 200."""

    def make(scene: FaultContext) -> Effect:
        def apply(answer: Response) -> Response:
            if answer.status != 200 or not answer.body.startswith((b"{", b"[")):  # noqa: PLR2004
                return answer
            body = change(msgspec.json.decode(answer.body), scene)
            raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
            return Response(answer.status, raw, answer.content_type, answer.headers)

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


def _repeated_token(body: Any, scene: FaultContext) -> Any:
    return {**body, _token_key(body): scene.page_token} if scene.page_token else body


def _loop(body: Any, scene: FaultContext) -> Any:
    """After two pages their two tokens come in turns, for ever."""
    seen: list[str] = scene.memory.setdefault("tokens", [])
    key = _token_key(body)
    if len(seen) < 2:  # noqa: PLR2004
        if body.get(key):
            seen.append(body[key])
        return body
    scene.memory["turn"] = scene.memory.get("turn", 1) + 1
    return {**body, key: seen[scene.memory["turn"] % 2]}


def _foreign_token(body: Any, scene: FaultContext) -> Any:
    token = body.get(_token_key(body)) or scene.page_token or "x"
    return {**body, _token_key(body): f"https://pages.invalid/crm/rest/v2/contacts?page_token={token}"}


def _into_rows(raw: bytes) -> Callable[[Any, FaultContext], bytes]:
    """Put raw JSON as an extra field into the first row of the list."""

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


def _deep(scene: FaultContext) -> Response:
    depth = int(scene.what.get("size", 100_000))
    return Response(200, b'{"contacts":' + b"[" * depth + b"]" * depth + b"}")


def _huge(scene: FaultContext) -> Response:
    megabytes = int(scene.what.get("size", 80))
    return Response(200, b'{"contacts":[],"pad":"' + b"x" * (megabytes * 1_048_576) + b'"}')


def _gzip_bomb(scene: FaultContext) -> Response:
    return Response(200, _bomb(int(scene.what.get("size", 200))), headers={"content-encoding": "gzip"})


def _redirect(scene: FaultContext) -> Response:
    place = str(scene.what.get("location", "https://pages.invalid/elsewhere"))
    return Response(scene.status(302), b"", None, {"location": place})


def _error(status: int, message: str, **names: str) -> Callable[[FaultContext], Effect]:
    return _instead(
        lambda scene: shaped_error(scene.what.get("shape", "v2"), scene.status(status), message, **names)
    )


def _gateway(status: int, text: str, code: str) -> Callable[[FaultContext], Effect]:
    return _instead(lambda scene: gateway_fault(scene.status(status), text, code))


def _html(status: int, title: str, text: str) -> Callable[[FaultContext], Effect]:
    return _instead(lambda scene: html_page(scene.status(status), title, text))


def _json(status: int, body: Any) -> Callable[[FaultContext], Effect]:
    return _instead(lambda scene: json_response(body, scene.status(status)))


def _app_quota(gone: str) -> Callable[[FaultContext], Effect]:
    return _instead(lambda _: quota_exceeded_app(), gone)


def _transport(**settings: Any) -> Callable[[FaultContext], Effect]:
    """A network fault: the call is carried out, its answer does not arrive in one piece."""

    def make(scene: FaultContext) -> Effect:
        given = {
            name: scene.what[name] for name in ("reset_after_bytes", "truncate_at") if name in scene.what
        }
        return Effect(**(settings | given))

    return make


def _quota(scene: FaultContext) -> Response:
    return quota_violation(scene.status(429))


def _spike(scene: FaultContext) -> Response:
    return spike_arrest(scene.status(429))


def _echo(scene: FaultContext) -> Response:
    return v2_error(scene.status(500), f"Failed for Authorization: Bearer {scene.credential}")


def _blank(scene: FaultContext) -> Response:
    return Response(scene.status(200), b"")


def _without_refresh_token(body: Any, _: FaultContext) -> Any:
    return {name: value for name, value in body.items() if name != "refresh_token"}


_FORGED = 'Invalid\n{"type":"STATE","value":{"bookmarks":{}}}\n\x1b[2J\u2028end'

Fault = tuple[str, Callable[[FaultContext], Effect]]
# Saved searches
_SAVED_SEARCHES: dict[str, Fault] = {
    "query_too_long": ("the query took too long (shape)", _search_fault(TOO_LONG)),
    "search_blocked": ("the saved search is blocked (shape)", _search_fault(BLOCKED)),
}
# 200, but not an answer
_200: dict[str, Fault] = {
    "blank_body": ("200 without a body", _instead(_blank)),
    "empty_object": ("200 with {}", _json(200, {})),
    "null_items": ("the list is null", _on_body(_null_items)),
    "missing_items": ("the list is missing", _on_body(_without_items)),
    "fault_with_200": (
        "a gateway fault with status 200",
        _gateway(200, "Unexpected EOF at target", "messaging.adaptors.http.flow.UnexpectedEOFAtTarget"),
    ),
    "bare_array": ("200 with []", _json(200, [])),
    "html_200": ("an HTML page with status 200", _html(200, "Keap", "We will be right back.")),
    "cut_json": (
        "a body that ends in mid-JSON, complete as far as HTTP knows",
        _on_body(_cut),
    ),
}
# Credentials
_CREDENTIALS: dict[str, Fault] = {
    "invalid_access_token": (
        "a credential was presented and refused (G1)",
        _gateway(401, "Invalid Access Token", "keymanagement.service.invalid_access_token"),
    ),
    "no_credential": (
        "no usable credential (G2)",
        _gateway(401, "Invalid access token", "oauth.v2.InvalidAccessToken"),
    ),
    "access_token_expired": (
        "the access token is too old (G3)",
        _gateway(401, "Access Token expired", "keymanagement.service.access_token_expired"),
    ),
    "access_token_expired_500": (
        "the same with status 500",
        _gateway(500, "Access Token expired", "keymanagement.service.access_token_expired"),
    ),
    "not_approved": (
        "the token is not approved (G4)",
        _gateway(401, "Access Token not approved", "keymanagement.service.access_token_not_approved"),
    ),
    "client_not_approved": (
        "the application is not approved (G4)",
        _gateway(
            401, "Invalid client identifier", "keymanagement.service.invalid_client-client_id_not_approved"
        ),
    ),
}
# Limits
_LIMITS: dict[str, Fault] = {
    "quota_violation_minute": (
        "minute throttle (G5)",
        _instead(_quota, "minute"),
    ),
    "quota_violation_day": (
        "the day's quota is gone (G5)",
        _instead(_quota, "day"),
    ),
    "spike_arrest": ("too many calls at once (G6)", _instead(_spike)),
    "quota_exceeded_app": ("429 of the application, with a text as code (G7)", _app_quota("")),
    "quota_exceeded_app_minute": ("the same, minute window used up", _app_quota("minute")),
    "quota_exceeded_app_day": ("the same, day window used up", _app_quota("day")),
    "tenant_minute": ("the tenant's minute window is used up", _app_quota("tenant_minute")),
    "tenant_day": ("the tenant's day window is used up", _app_quota("tenant_day")),
    "developer_over_rate": ("the old gateway (G10)", _html(596, "Developer Over Rate", "Developer Over Qps")),
    "developer_inactive": ("the old gateway (G11)", _html(403, "Developer Inactive", "")),
}
# Gateway and proxies
_GATEWAY_AND_PROXIES: dict[str, Fault] = {
    "service_unavailable": (
        "503 of the gateway (G9)",
        _gateway(
            503, "The Service is temporarily unavailable", "messaging.adaptors.http.flow.ServiceUnavailable"
        ),
    ),
    "service_unavailable_html": ("503 as HTML", _html(503, "Service Unavailable", "Brownout in progress.")),
    "gateway_timeout": (
        "504 of the gateway (G9)",
        _gateway(504, "Gateway Timeout", "messaging.adaptors.http.flow.GatewayTimeout"),
    ),
    "bad_gateway": ("502 as HTML (T5)", _html(502, "502 Bad Gateway", "")),
    "cloudflare_524": ("524 as HTML (T2)", _html(524, "A timeout occurred", "Error code 524")),
    "html_500": ("500 as HTML (T6)", _html(500, "Internal Server Error", "")),
    "html_400": ("400 of the front end (R7)", _html(400, "Error 400 (Bad Request)!!1", "That is an error.")),
    "redirect_elsewhere": ("a redirect (location, status)", _instead(_redirect)),
}
# Application errors
_APPLICATION_ERRORS: dict[str, Fault] = {
    "bad_request": ("400 (shape)", _error(400, "Invalid filter", domain="request", resource="filter")),
    "forbidden": ("403 (shape)", _error(403, "Access is denied", domain="global", resource="scope")),
    "not_found": ("404 of the application (shape)", _error(404, "Record was not found", resource="record")),
    "not_found_html": (
        "404 as Keap's HTML page (R5)",
        _html(404, "Page Not Found", "The page could not be found."),
    ),
    "method_not_allowed": ("405 (shape)", _error(405, "Request method is not supported")),
    "conflict": ("409 (shape)", _error(409, "Conflict")),
    "not_implemented": ("501 (shape)", _error(501, "Not implemented")),
    "server_error": ("500 of the application (shape)", _error(500, "An unexpected error occurred")),
    "session_committed": (
        "500 with a Java exception (X3)",
        _error(
            500,
            "Server encountered exception: java.lang.IllegalStateException: Cannot create a session after the response has been committed",
        ),
    ),
    "echo_credential": (
        "an error that repeats the credential",
        _instead(_echo),
    ),
    "forged_log": ("an error text with line breaks and escapes", _error(500, _FORGED)),
}
# Paging
_PAGING: dict[str, Fault] = {
    "repeated_token": ("the answer names the token that was sent", _on_body(_repeated_token)),
    "token_loop_abab": ("two tokens in turns, for ever", _on_body(_loop)),
    "foreign_token": ("the next page is on another host", _on_body(_foreign_token)),
    "empty_page": ("no rows, but a next token", _on_body(_no_items)),
}
# OAuth
_OAUTH: dict[str, Fault] = {
    "invalid_refresh_token": (
        "the refresh token is spent (O1)",
        _json(400, {"error": "invalid_request", "error_description": "Invalid Refresh Token"}),
    ),
    "invalid_grant": (
        "the same in the other form (O1)",
        _json(400, {"error": "invalid_grant", "error_description": "Invalid refresh token"}),
    ),
    "bad_client": (
        "client id or secret is wrong (O2)",
        _json(
            400,
            {"error": "invalid_grant", "error_description": "Unable to authenticate username and password"},
        ),
    ),
    "token_not_json": ("a token answer that is no JSON (O5)", _html(200, "OK", "OK")),
    "token_without_refresh": ("a token answer without refresh_token (O5)", _on_body(_without_refresh_token)),
}
# Content
_CONTENT: dict[str, Fault] = {
    "nan": ("NaN in the first row", _on_body(_into_rows(b'"odd_number":NaN'))),
    "huge_number": (
        "an integer of 5000 digits in the first row",
        _on_body(_into_rows(b'"odd_number":' + b"9" * 5000)),
    ),
    "lone_surrogate": ("half of a surrogate pair", _on_body(_into_rows(b'"odd_text":"a\\ud800z\\u0000"'))),
    "bad_utf8": ("a latin-1 byte in a UTF-8 body", _on_body(_into_rows(b'"odd_text":"Caf\xe9"'))),
    "duplicate_keys": ("a key twice", _on_body(_duplicate_keys)),
}
# Transport
_TRANSPORT: dict[str, Fault] = {
    "reset": ("the connection is reset (reset_after_bytes, default 0)", _transport(reset_after_bytes=0)),
    "truncate": ("the connection ends early (truncate_at, default 100)", _transport(truncate_at=100)),
    "stall": ("no answer, ever", _transport(hang=True)),
    "drip": ("one byte a second", _transport(drip=1.0)),
    "endless": ("a body without end", _transport(endless=True)),
    "huge_body": ("a large body (size in MiB, default 80)", _instead(_huge)),
    "deep_json": ("brackets within brackets (size, default 100000)", _instead(_deep)),
    "gzip_bomb": (
        "a small body that unpacks to a large one (size in MiB, default 200)",
        _instead(_gzip_bomb),
    ),
}
CATALOG: dict[str, Fault] = {
    **_SAVED_SEARCHES,
    **_200,
    **_CREDENTIALS,
    **_LIMITS,
    **_GATEWAY_AND_PROXIES,
    **_APPLICATION_ERRORS,
    **_PAGING,
    **_OAUTH,
    **_CONTENT,
    **_TRANSPORT,
}
