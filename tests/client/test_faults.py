"""Classification: every known answer of REST and of the gateway, and every way an exchange can fail."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import UTC, datetime
from decimal import Decimal
from http.client import HTTPException
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from urllib3.connection import HTTPConnection
from urllib3.exceptions import IncompleteRead, NewConnectionError, ProtocolError

from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.faults import Kind, classify, classify_exception

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONTACTS = Call("/v2/contacts", "contacts")

DAY_SPENT = {
    "x-keap-product-quota-available": "0",
    "x-keap-product-quota-time-unit": "day",
    "x-keap-product-quota-expiry-time": "1795305600000",
}
TENANT_DAY_SPENT = {
    "x-keap-tenant-throttle-available": "9999|0",
    "x-keap-tenant-throttle-time-unit": "minute|day",
}
MINUTE_SPENT = {"x-keap-product-throttle-available": "0", "x-keap-product-throttle-time-unit": "minute"}
TENANT_MINUTE_SPENT = {
    "x-keap-tenant-throttle-available": "0|240000",
    "x-keap-tenant-throttle-time-unit": "minute|day",
}
BLANK_HEADERS = {"x-keap-product-quota-available": "", "x-keap-tenant-throttle-available": "|"}

TOO_LONG = "[DatabaseError] Query took too long and was cancelled"
BLOCKED = "[DatabaseError] Too many consecutive failures. This saved search is blocked temporarily"
QUOTA = "Rate limit quota violation. Quota limit  exceeded. Identifier : abc"
SPIKE = "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=25}"


def gateway(text: str, code: str) -> str:
    return json.dumps({"fault": {"faultstring": text, "detail": {"errorcode": code}}})


def v2(text: str, code: Any = 400) -> str:
    return json.dumps(
        {"code": code, "message": text, "status": "X", "details": [{"domain": "d", "resource": "r"}]}
    )


def v1(text: str) -> str:
    return json.dumps({"message": text})


def page(text: str) -> str:
    return f"<html><body><h1>{text}</h1></body></html>"


def xmlrpc(text: str) -> str:
    return (
        "<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultString</name>"
        f"<value>{text}</value></member></struct></value></fault></methodResponse>"
    )


SHAPES = [gateway(TOO_LONG, "any.code"), v2(TOO_LONG), v1(TOO_LONG), page(TOO_LONG), xmlrpc(TOO_LONG)]
BLOCKED_SHAPES = [gateway(BLOCKED, "any.code"), v2(BLOCKED), v1(BLOCKED), page(BLOCKED), xmlrpc(BLOCKED)]

CASES: list[tuple[Kind | None, int, str, dict[str, str]]] = [
    # Good answers.
    (None, 200, '{"contacts":[]}', {}),
    (None, 200, '{"contacts":[{"id":"1","notes":"Query took too long"}]}', {}),
    # The saved search faults, in every shape, with any status.
    *((Kind.QUERY_TOO_LONG, status, body, {}) for body in SHAPES for status in (400, 500, 504, 200)),
    *((Kind.SEARCH_BLOCKED, status, body, {}) for body in BLOCKED_SHAPES for status in (400, 403, 500, 200)),
    (Kind.QUERY_TOO_LONG, 500, page("Query&#32;took too&nbsp;long".replace("&nbsp;", "\n ")), {}),
    # The gateway's own codes, also with the status 500 that some set-ups give them.
    (
        Kind.WRONG_KEY,
        401,
        gateway("Invalid Access Token", "keymanagement.service.invalid_access_token"),
        BLANK_HEADERS,
    ),
    (Kind.NO_CREDENTIAL, 401, gateway("Invalid access token", "oauth.v2.InvalidAccessToken"), BLANK_HEADERS),
    (
        Kind.TOKEN_EXPIRED,
        401,
        gateway("Access Token expired", "keymanagement.service.access_token_expired"),
        {},
    ),
    (
        Kind.TOKEN_EXPIRED,
        500,
        gateway("Access Token expired", "keymanagement.service.access_token_expired"),
        {},
    ),
    (Kind.NOT_APPROVED, 401, gateway("x", "keymanagement.service.access_token_not_approved"), {}),
    (Kind.NOT_APPROVED, 401, gateway("x", "keymanagement.service.invalid_client-client_id_not_approved"), {}),
    (Kind.UNAVAILABLE, 503, gateway("x", "messaging.adaptors.http.flow.ServiceUnavailable"), {}),
    (Kind.TIMEOUT, 504, gateway("x", "messaging.adaptors.http.flow.GatewayTimeout"), {}),
    # Limits: the headers decide which one.
    (Kind.DAY_QUOTA, 429, gateway(QUOTA, "policies.ratelimit.QuotaViolation"), DAY_SPENT),
    (Kind.DAY_QUOTA, 500, gateway(QUOTA, "policies.ratelimit.QuotaViolation"), DAY_SPENT),
    (Kind.DAY_QUOTA, 429, v2("Quota Exceeded", "429"), TENANT_DAY_SPENT),
    (Kind.MINUTE_THROTTLE, 429, gateway(QUOTA, "policies.ratelimit.QuotaViolation"), MINUTE_SPENT),
    (Kind.MINUTE_THROTTLE, 429, gateway(QUOTA, "policies.ratelimit.QuotaViolation"), BLANK_HEADERS),
    (Kind.MINUTE_THROTTLE, 429, v2("Quota Exceeded", "429"), TENANT_MINUTE_SPENT),
    (Kind.SPIKE, 429, v2("Quota Exceeded", "429"), {}),
    (Kind.SPIKE, 429, gateway(SPIKE, "policies.ratelimit.SpikeArrestViolation"), {}),
    (Kind.SPIKE, 500, gateway(SPIKE, "policies.ratelimit.SpikeArrestViolation"), MINUTE_SPENT),
    (Kind.SPIKE, 429, "", {}),
    (Kind.SPIKE, 596, "Developer Over Qps", {}),
    # Application errors.
    (Kind.BAD_REQUEST, 400, v2("Invalid filter"), {}),
    (Kind.BAD_REQUEST, 400, page("Your client has issued a malformed or illegal request"), {}),
    (Kind.WRONG_KEY, 401, "", {}),
    (Kind.FORBIDDEN, 403, v2("Forbidden", 403), {}),
    (Kind.FORBIDDEN, 403, page("Developer Inactive"), {}),
    (Kind.NOT_FOUND, 404, v1("Unable to find this Contact"), {}),
    (Kind.WITHDRAWN, 404, page("Page Not Found"), {}),
    (Kind.REFUSED, 405, v2("x", 405), {}),
    (Kind.REFUSED, 409, v2("x", 409), {}),
    (Kind.REFUSED, 501, v2("x", 501), {}),
    (Kind.REFUSED, 418, "", {}),
    (Kind.WITHDRAWN, 410, "", {}),
    (Kind.SERVER_ERROR, 500, v2("Internal", 500), {}),
    (Kind.SERVER_ERROR, 500, "", {}),
    (Kind.UNAVAILABLE, 502, "", {}),
    (Kind.UNAVAILABLE, 503, page("Service Unavailable"), {}),
    (Kind.TIMEOUT, 504, "", {}),
    (Kind.TIMEOUT, 524, page("a timeout occurred"), {}),
    # Never "no rows".
    (Kind.BLANK, 200, "", {}),
    (Kind.BLANK, 200, " \n", {}),
    (Kind.BLANK, 204, "", {}),
    (Kind.BLANK, 200, "{}", {}),
    (Kind.BLANK, 200, "[]", {}),
    (Kind.BLANK, 200, "null", {}),
    (Kind.BLANK, 200, '{"contacts":null}', {}),
    (Kind.BLANK, 200, '{"contacts":{}}', {}),
    (Kind.BLANK, 200, '{"companies":[]}', {}),
    (Kind.BLANK, 200, gateway("odd", "some.code"), {}),
    (Kind.BLANK, 200, '{"fault":{},"contacts":[]}', {}),
    (Kind.NOT_JSON, 200, page("Welcome"), {}),
    (Kind.NOT_JSON, 500, page("Server Error"), {}),
    (Kind.DAMAGED, 200, '{"contacts":[', {}),
    (Kind.DAMAGED, 200, '{"contacts":[' + "[" * 200_000, {}),
    (None, 200, '{"contacts":[{"score":' + "9" * 5000 + "}]}", {}),
    (Kind.BLANK, 200, '{"contacts":[null]}', {}),
    (Kind.BLANK, 200, '{"contacts":["jane@example.com"]}', {}),
    (Kind.BLANK, 200, '{"contacts":[{"id":"1"},[]]}', {}),
    (None, 200, '{"contacts":[{"score":NaN,"name":"\\ud800"}]}', {}),
    (Kind.REDIRECT, 302, "", {"location": "https://evil.example/x?token=SECRET"}),
    (Kind.REDIRECT, 307, "{}", {"location": "/elsewhere"}),
]


def name_of(status: int, body: str, headers: dict[str, str]) -> Kind | None:
    answer = Answer(status, headers, body.encode())
    try:
        document = answer.json()
    except ValueError:
        document = None
    fault = classify(answer, document, CONTACTS, NOW)
    return fault.kind if fault else None


@pytest.mark.parametrize(("kind", "status", "body", "headers"), CASES)
def test_every_known_answer_is_classified(
    kind: Kind | None, status: int, body: str, headers: dict[str, str]
) -> None:
    assert name_of(status, body, headers) is kind


def test_the_day_quota_names_its_reset() -> None:
    answer = Answer(429, DAY_SPENT, gateway(QUOTA, "policies.ratelimit.QuotaViolation").encode())
    fault = classify(answer, answer.json(), CONTACTS, NOW)
    assert fault is not None
    assert fault.resets_at == datetime(2026, 11, 21, tzinfo=UTC)


def test_the_fault_of_a_redirect_names_only_the_host() -> None:
    answer = Answer(302, {"location": "https://user:pass@evil.example/x?token=SECRET"}, b"")
    fault = classify(answer, None, CONTACTS, NOW)
    assert fault is not None
    assert fault.text == "redirect to evil.example"


@given(status=st.sampled_from([200, 204, 302, 400, 401, 404, 429, 500, 503]), body=st.binary(max_size=200))
def test_no_random_body_breaks_the_classification_or_passes_for_rows(status: int, body: bytes) -> None:
    answer = Answer(status, {}, body)
    try:
        document = answer.json()
    except ValueError:
        document = None
    assert classify(answer, document, CONTACTS, NOW) is not None


def refused(reason: OSError) -> NewConnectionError:
    """Return what urllib3 raises for a connection that was refused or timed out."""
    error = NewConnectionError(HTTPConnection("127.0.0.1"), "SECRET")
    error.__cause__ = reason
    return error


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (requests.ReadTimeout("u?access_token=SECRET"), Kind.TIMEOUT, "no answer within the time limit"),
        (requests.ConnectTimeout("SECRET"), Kind.UNREACHABLE, "no connection within the time limit"),
        (
            requests.ConnectionError(ConnectionRefusedError(111, "Connection refused")),
            Kind.UNREACHABLE,
            "connection refused",
        ),
        (
            requests.ConnectionError(socket.gaierror(-2, "x SECRET")),
            Kind.UNREACHABLE,
            "the host name could not be resolved",
        ),
        (
            requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "SECRET")),
            Kind.CERTIFICATE,
            "certificate",
        ),
        (requests.exceptions.SSLError("SSL_connect SYSCALL SECRET"), Kind.HANDSHAKE, "ssl error"),
        (requests.ConnectionError(ProtocolError("SECRET", TimeoutError())), Kind.TIMEOUT, "time limit"),
        (requests.ConnectionError(refused(TimeoutError(110, "timed out"))), Kind.UNREACHABLE, "timed out"),
        (urllib3.exceptions.DecodeError("SECRET"), Kind.DAMAGED, "cannot be expanded"),
        (requests.ConnectionError(ProtocolError("SECRET", HTTPException("more"))), Kind.TOO_LARGE, "headers"),
        (requests.exceptions.ChunkedEncodingError("SECRET"), Kind.UNREACHABLE, "chunked encoding error"),
        (
            requests.exceptions.ChunkedEncodingError(ProtocolError("SECRET", IncompleteRead(5, 10))),
            Kind.UNREACHABLE,
            "the answer broke off",
        ),
    ],
)
def test_a_failed_exchange_is_classified_without_quoting_its_url(
    error: Exception, kind: Kind, text: str
) -> None:
    fault = classify_exception(error)
    assert fault.kind is kind
    assert text in fault.text
    assert "SECRET" not in fault.text


def test_a_damaged_answer_is_not_quoted_because_it_may_hold_records() -> None:
    answer = Answer(200, {}, b'{"contacts":[{"email":"jane@example.com"')
    fault = classify(answer, None, CONTACTS, NOW)
    assert fault is not None
    assert "jane" not in fault.text
    assert "character 40" in fault.text


def test_almost_valid_json_is_repaired() -> None:
    body = b'{"a":NaN,"b":[Infinity,1.10],"c":"\\ud800x\\ud83d\\ude00","d":"\xff"}'
    assert Answer(200, {}, body).json() == {
        "a": None,
        "b": [None, Decimal("1.10")],
        "c": "\ufffdx\U0001f600",
        "d": "\ufffd",
    }
