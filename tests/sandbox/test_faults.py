"""Named faults, fault rules and network faults."""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests

from keap_sandbox import Sandbox
from keap_sandbox.faults.catalog import CATALOG
from keap_sandbox.faults.xmlrpc_faults import BLOCKED, TOO_LONG, XMLRPC_FAULTS

from .conftest import Client, Reply

TRANSPORT = {"reset", "truncate", "stall", "drip", "endless", "huge_body", "gzip_bomb"}


def errorcode(text: str) -> Callable[[Reply], bool]:
    return lambda reply: bool(reply.body["fault"]["detail"]["errorcode"] == text)


def is_html(reply: Reply) -> bool:
    return str(reply.headers["content-type"]).startswith("text/html")


CASES: dict[str, tuple[int, Callable[[Reply], bool]]] = {
    "blank_body": (200, lambda reply: reply.raw == b""),
    "empty_object": (200, lambda reply: reply.body == {}),
    "null_items": (200, lambda reply: reply.body["tags"] is None),
    "missing_items": (200, lambda reply: "tags" not in reply.body),
    "fault_with_200": (200, lambda reply: "fault" in reply.body),
    "bare_array": (200, lambda reply: reply.body == []),
    "html_200": (200, is_html),
    "html_500": (500, is_html),
    "html_400": (400, is_html),
    "cut_json": (200, lambda reply: not reply.raw.endswith(b"}")),
    "invalid_access_token": (401, errorcode("keymanagement.service.invalid_access_token")),
    "no_credential": (401, errorcode("oauth.v2.InvalidAccessToken")),
    "access_token_expired": (401, errorcode("keymanagement.service.access_token_expired")),
    "access_token_expired_500": (500, errorcode("keymanagement.service.access_token_expired")),
    "not_approved": (401, errorcode("keymanagement.service.access_token_not_approved")),
    "client_not_approved": (401, errorcode("keymanagement.service.invalid_client-client_id_not_approved")),
    "quota_violation_minute": (429, lambda reply: reply.headers["x-keap-product-throttle-available"] == "0"),
    "quota_violation_day": (429, lambda reply: reply.headers["x-keap-product-quota-available"] == "0"),
    "spike_arrest": (429, errorcode("policies.ratelimit.SpikeArrestViolation")),
    "quota_exceeded_app": (429, lambda reply: reply.body["code"] == "429"),
    "quota_exceeded_app_minute": (
        429,
        lambda reply: reply.headers["x-keap-product-throttle-available"] == "0",
    ),
    "quota_exceeded_app_day": (429, lambda reply: reply.headers["x-keap-product-quota-available"] == "0"),
    "tenant_minute": (429, lambda reply: reply.headers["x-keap-tenant-throttle-available"].startswith("0|")),
    "tenant_day": (429, lambda reply: reply.headers["x-keap-tenant-throttle-available"].endswith("|0")),
    "developer_over_rate": (596, is_html),
    "developer_inactive": (403, is_html),
    "service_unavailable": (503, errorcode("messaging.adaptors.http.flow.ServiceUnavailable")),
    "service_unavailable_html": (503, is_html),
    "gateway_timeout": (504, errorcode("messaging.adaptors.http.flow.GatewayTimeout")),
    "bad_gateway": (502, is_html),
    "cloudflare_524": (524, is_html),
    "redirect_elsewhere": (302, lambda reply: reply.headers["location"] == "https://pages.invalid/elsewhere"),
    "bad_request": (400, lambda reply: reply.body["code"] == 400),
    "forbidden": (403, lambda reply: reply.body["code"] == 403),
    "not_found": (404, lambda reply: reply.body["code"] == 404),
    "not_found_html": (404, is_html),
    "method_not_allowed": (405, lambda reply: reply.body["code"] == 405),
    "conflict": (409, lambda reply: reply.body["code"] == 409),
    "not_implemented": (501, lambda reply: reply.body["code"] == 501),
    "server_error": (500, lambda reply: reply.body["code"] == 500),
    "session_committed": (500, lambda reply: "Cannot create a session" in reply.body["message"]),
    "echo_credential": (500, lambda reply: "KeapAK-sandbox" in reply.body["message"]),
    "forged_log": (500, lambda reply: "\n" in reply.body["message"] and "\x1b" in reply.body["message"]),
    "repeated_token": (200, lambda reply: reply.body["next_page_token"].startswith("http")),
    "token_loop_abab": (200, lambda reply: bool(reply.body["next_page_token"])),
    "foreign_token": (200, lambda reply: reply.body["next_page_token"].startswith("https://pages.invalid/")),
    "empty_page": (200, lambda reply: reply.body["tags"] == [] and bool(reply.body["next_page_token"])),
    "invalid_refresh_token": (400, lambda reply: reply.body["error"] == "invalid_request"),
    "invalid_grant": (400, lambda reply: reply.body["error"] == "invalid_grant"),
    "bad_client": (400, lambda reply: "username and password" in reply.body["error_description"]),
    "token_not_json": (200, is_html),
    "token_without_refresh": (200, lambda reply: "refresh_token" not in reply.body),
    "nan": (200, lambda reply: b"NaN" in reply.raw),
    "huge_number": (200, lambda reply: b"9" * 5000 in reply.raw),
    "lone_surrogate": (200, lambda reply: b"\\ud800" in reply.raw),
    "bad_utf8": (200, lambda reply: b"Caf\xe9" in reply.raw),
    "duplicate_keys": (200, lambda reply: reply.raw.count(b'"next_page_token"') == 2),
    "query_too_long": (500, lambda reply: reply.raw == b""),
    "search_blocked": (500, lambda reply: reply.raw == b""),
    "deep_json": (200, lambda reply: reply.raw.count(b"[") == 100_000),
}


def test_every_named_fault_has_a_case() -> None:
    # Those of XML-RPC have theirs in xmlrpc/test_broken_answers.py
    assert set(CASES) | TRANSPORT == set(CATALOG) - set(XMLRPC_FAULTS)


@pytest.mark.parametrize("name", CASES)
def test_named_faults(box: Sandbox, api: Client, name: str) -> None:
    box.fault(name, times=1)
    reply = api("/v2/tags", page_size=3)
    status, looks_right = CASES[name]
    assert reply.status == status
    assert looks_right(reply), reply.raw[:300]
    assert api("/v2/tags", page_size=3).status == 200
    assert [entry["fault"] for entry in box.requests()] == [name, None]


@pytest.mark.parametrize(("name", "text"), [("query_too_long", TOO_LONG), ("search_blocked", BLOCKED)])
@pytest.mark.parametrize(
    "shape", ["gateway", "v2", "v1", "string_code", "html", "blank", "xmlrpc", "bare_504"]
)
def test_saved_search_faults_in_all_shapes(
    box: Sandbox, api: Client, name: str, text: str, shape: str
) -> None:
    box.fault({"match": {"method": "POST", "path": "~:run$"}, "what": {"name": name, "shape": shape}})
    reply = api("/v2/reporting/reports/3:run", method="POST")
    assert reply.status == {"xmlrpc": 200, "bare_504": 504}.get(shape, 500)
    assert (text in reply.raw.decode()) == (shape not in {"blank", "bare_504"})
    assert api("/v2/reporting/reports").status == 200


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [
        ({"when": {"nth": 2}}, [200, 500, 200, 200, 200]),
        ({"when": {"nth": [1, 3]}}, [500, 200, 500, 200, 200]),
        ({"when": {"after": 3}}, [200, 200, 200, 500, 500]),
        ({"when": {"times": 2}}, [500, 500, 200, 200, 200]),
        ({"when": {"after": 1, "times": 2}}, [200, 500, 500, 200, 200]),
        ({"when": {"always": True}}, [500] * 5),
        ({}, [500] * 5),
        ({"match": {"path": "/v2/tags"}}, [500] * 5),
        ({"match": {"path": "/crm/rest/v2/tags"}}, [500] * 5),
        ({"match": {"path": "/v2/t*"}}, [500] * 5),
        ({"match": {"path_regex": "ta.s$"}}, [500] * 5),
        ({"match": {"path": "/v2/tag"}}, [200] * 5),
        ({"match": {"method": "POST"}}, [200] * 5),
        ({"match": {"query": "page_size=2"}}, [200, 200, 500, 200, 200]),
        ({"match": {"query": {"page_size": "3"}}}, [200, 200, 200, 500, 200]),
    ],
)
def test_fault_rules(box: Sandbox, api: Client, rule: dict[str, Any], statuses: list[int]) -> None:
    box.fault({**rule, "what": {"status": 500, "body": {"own": True}, "headers": {"retry-after": "7"}}})
    replies = [api("/v2/tags", page_size=number) for number in range(5)]
    assert [reply.status for reply in replies] == statuses
    for reply in replies:
        if reply.status == 500:
            assert reply.body == {"own": True}
            assert reply.headers["retry-after"] == "7"
    rules = api("/sandbox/faults").body["faults"]
    assert rules[0]["fired"] == statuses.count(500)
    box.clear_faults()
    assert api("/v2/tags").status == 200


def test_page_token_faults(box: Sandbox, api: Client) -> None:
    box.fault("token_loop_abab", path="/v2/contacts")
    tokens, token = [], ""
    for _ in range(8):
        token = api("/v2/contacts", page_size=10, page_token=token).body["next_page_token"]
        tokens.append(token)
    assert len(set(tokens)) == 2
    assert tokens[2:] == tokens[:2] * 3
    box.clear_faults()
    box.fault("repeated_token", after=2)
    first = api("/v2/contacts", page_size=10).body["next_page_token"]
    second = api("/v2/contacts", page_size=10, page_token=first).body["next_page_token"]
    assert api("/v2/contacts", page_size=10, page_token=second).body["next_page_token"] == second


def raw_call(box: Sandbox, *, timeout: float = 30.0, max_bytes: int = 1 << 20) -> tuple[bytes, str]:
    """Call the sandbox through a plain socket.

    Args:
        box: The sandbox.
        timeout: Seconds to wait for the next bytes.
        max_bytes: Stop reading after this many bytes.

    Returns:
        The bytes received, and how it ended: closed, reset, silent (timed out) or more (more could be read).
    """
    host, port = box.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as sock:
        headers = f"Host: x\r\nConnection: close\r\nAuthorization: Bearer {box.api_key}\r\n"
        sock.sendall(f"GET /crm/rest/v2/tags HTTP/1.1\r\n{headers}\r\n".encode())
        received = b""
        try:
            while len(received) < max_bytes:
                part = sock.recv(65_536)
                if not part:
                    return received, "closed"
                received += part
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "silent"
        return received, "more"


@pytest.mark.parametrize(
    ("what", "size", "end"),
    [
        ({"name": "reset"}, 0, "reset"),
        ({"name": "truncate"}, 100, "closed"),
        ({"truncate_at": 10}, 10, "closed"),
        ({"name": "truncate", "truncate_at": 7, "status": 200}, 7, "closed"),
    ],
)
def test_broken_connections(box: Sandbox, api: Client, what: dict[str, Any], size: int, end: str) -> None:
    box.fault({"what": what, "when": {"times": 1}})
    received, how = raw_call(box)
    head, _, body = received.partition(b"\r\n\r\n")
    assert (len(body), how) == (size, end)
    if head:
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        assert int(length.split(b":")[1]) > size
    assert api("/v2/tags").status == 200


def test_a_reset_in_mid_body(box: Sandbox) -> None:
    box.fault({"what": {"reset_after_bytes": 50}, "when": {"times": 1}})
    received, how = raw_call(box)
    # The kernel may drop bytes that it has not delivered yet, but never delivers more
    assert len(received.partition(b"\r\n\r\n")[2]) <= 50
    assert how == "reset"


def test_stall_drip_and_delay(box: Sandbox) -> None:
    box.fault({"what": {"name": "stall"}, "when": {"times": 1}})
    assert raw_call(box, timeout=0.2) == (b"", "silent")
    box.fault({"what": {"drip": {"bytes_per_second": 200}}, "when": {"times": 1}})
    start = time.monotonic()
    received, _ = raw_call(box, max_bytes=900)
    assert len(received) >= 900
    assert time.monotonic() - start < 60, "at one byte a second, the default, this takes minutes"
    box.fault({"what": {"delay": 0.2}, "when": {"times": 1}})
    start = time.monotonic()
    raw_call(box, max_bytes=10)
    assert time.monotonic() - start >= 0.2


def test_large_bodies(box: Sandbox) -> None:
    box.fault({"what": {"name": "huge_body", "size": 3}, "when": {"times": 1}})
    received, _ = raw_call(box, max_bytes=2 << 20)
    assert len(received) >= 2 << 20
    box.fault({"what": {"name": "endless"}, "when": {"times": 1}})
    _, how = raw_call(box, max_bytes=1 << 20)
    assert how == "more"
    box.fault({"what": {"name": "gzip_bomb", "size": 20}, "when": {"times": 1}})
    received, _ = raw_call(box)
    packed = received.partition(b"\r\n\r\n")[2]
    assert len(packed) < 100_000
    assert len(zlib.decompress(packed, wbits=31)) > 20 << 20
    assert b"content-encoding: gzip" in received.lower()


def test_a_call_takes_effect_even_if_its_response_breaks_off(box: Sandbox, api: Client) -> None:
    box.fault({"match": {"method": "DELETE"}, "what": {"name": "reset"}, "when": {"times": 1}})
    with pytest.raises(requests.ConnectionError):
        api("/v2/contacts/8", method="DELETE")
    assert "8" not in box.records("contacts", ids_only=True)


@pytest.mark.parametrize(("name", "seconds"), [("spike_arrest", 1), ("quota_violation_minute", 60)])
def test_retry_after_switch_applies_to_throttle_faults(
    box: Sandbox, api: Client, name: str, seconds: int
) -> None:
    box.fault(name)
    assert "retry-after" not in api("/v2/tags").headers
    box.switch(retry_after="seconds")
    assert api("/v2/tags").headers["retry-after"] == str(seconds)
    box.clear_faults()
    box.fault(name, headers={"Retry-After": "999999999"})
    assert api("/v2/tags").headers["retry-after"] == "999999999"
