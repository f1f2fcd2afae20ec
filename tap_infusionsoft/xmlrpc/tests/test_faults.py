"""From the wire to what people read: every fault of the service, of the gateway and of what is between."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tap_infusionsoft.client.call import Answer
from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.redact import LONGEST_QUOTE
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.xmlrpc.calls import XmlRpc, XmlRpcCall
from tap_infusionsoft.xmlrpc.faults import (
    BROWNOUT,
    COLLATION,
    END,
    ENDED,
    NO_ADDRESS,
    NO_APPLICATION,
    NO_BODY,
    NO_FIELD,
    NO_LOGIN,
    NO_RECORD,
    NO_TABLE,
    NO_XML,
    OUR_CALL,
)
from tests.canary import PERSON
from tests.fixtures import Run
from tests.virtual import VirtualClock

STREAM = "legacy_contact"
TABLE: dict[str, Any] = {"legacy_tables": ["Contact"]}
INVOKED = "Failed to invoke method query in class com.infusionsoft.api.xmlrpc.XmlRpcDataService: "
EXCEPTION = "Server encountered exception: "
OUTAGE: list[float] = [2, 4, 8, 16, 32, 60]
"""Longest waits, in seconds."""


@dataclass(frozen=True)
class Case:
    """What the service answers, and what comes of it.

    Attributes:
        fault: The rule of the sandbox.
        says: What the message says.
        waits: Waits before the retries; those of an outage are random up to these.
        exit: Exit code of the run, whose other stream is complete unless the fault ends it.
    """

    fault: dict[str, Any]
    says: tuple[str, ...]
    waits: Sequence[float] = ()
    exit: Exit = Exit.PARTIAL


def service(code: int, text: str) -> dict[str, Any]:
    return {"name": "xmlrpc_fault", "code": code, "text": text}


def body(status: int, content: Any, kind: str = "application/json") -> dict[str, Any]:
    return {"status": status, "body": content, "content_type": kind}


def gateway(code: str, text: str) -> dict[str, Any]:
    return {"fault": {"faultstring": text, "detail": {"errorcode": code}}}


LATER = "Keap failed on its side. Run again later"
CASES: dict[str, Case] = {
    "0 no handler": Case(service(0, "No such handler: X.y"), ("No such handler: X.y", OUR_CALL)),
    "0 arguments": Case(service(0, "No method matching arguments: java.lang.String"), (OUR_CALL,)),
    "0 no arguments": Case(service(0, "No method matching arguments: "), (OUR_CALL,)),
    "0 parse": Case(service(0, "Failed to parse XML-RPC request: Unknown type: nil"), (OUR_CALL,)),
    "0 index": Case(service(0, "String index out of range: -4"), (LATER,), OUTAGE),
    "0 exception": Case(service(0, f"{INVOKED}java.lang.NullPointerException"), (LATER,), OUTAGE),
    "1 blank": Case(service(1, "[InvalidConfig] Invalid Configuration"), (NO_APPLICATION,), [5]),
    "1 no blank": Case(service(1, "[InvalidConfig]Invalid Configuration"), (NO_APPLICATION,), [5]),
    "1 no text": Case(service(1, ""), ("a fault with code 1 and no text", NO_APPLICATION), [5]),
    "2": Case(service(2, "[InvalidKey]Invalid Key"), (NO_APPLICATION,), [5]),
    "3": Case(service(3, "[UnexpectedError]Oops"), (LATER,), OUTAGE),
    "3 other name": Case(service(3, "[Unexpected] Oops"), (LATER,), OUTAGE),
    "4": Case(service(4, "[DatabaseError]Deadlock"), (LATER,), OUTAGE),
    "4 no text": Case({"name": "xmlrpc_no_text"}, ("a fault with code 4 and no text", LATER), OUTAGE),
    "4 empty text": Case({"name": "xmlrpc_empty_text"}, ("a fault with code 4 and no text",), OUTAGE),
    "4 code as text": Case({"name": "xmlrpc_code_as_text"}, ("An error occurred", LATER), OUTAGE),
    "5": Case(service(5, "[RecordNotFound]Record was not found"), ("Record was not found",)),
    "6 other name": Case({"name": "xmlrpc_loading"}, ("Error loading", NO_RECORD), [5] * 9),
    "6": Case(service(6, "[LoadingError]No"), (NO_RECORD,), [5] * 9),  # as a page, a row and a key
    "blank": Case({"name": "xmlrpc_blank"}, ("blank body", NO_BODY), [0, 5, 5, 5] * 3),
    "blanks": Case({"name": "xmlrpc_blank_lines"}, ("blank body", NO_BODY), [0, 5, 5, 5] * 3),
    "cut": Case({"name": "xmlrpc_cut"}, (NO_XML,), [5] * 9),
    "7": Case(service(7, "[NoTableAccess]No"), (NO_TABLE,)),
    "7 other name": Case(service(7, "[DatabaseError] No"), (NO_TABLE,)),
    "9": Case(service(9, "[NoTableFound]No table found: Contact"), (NO_TABLE,)),
    "9 no text": Case(service(9, ""), ("a fault with code 9 and no text", NO_TABLE)),
    "11": Case(service(11, "[NoFields]No"), (OUR_CALL,)),
    "12": Case(service(12, "[InvalidParameter]Name and Status"), (OUR_CALL,)),
    "13": Case(
        service(13, f"[FailedLoginAttempt]username not found: {PERSON}@test.com"),
        ("username not found: …", NO_LOGIN),
    ),
    "14": Case(service(14, "[NoAccess]No access"), ("No access",)),
    "15": Case(service(15, "[FailedLoginAttemptPasswordExpired]Expired"), (NO_LOGIN,)),
    "99": Case(service(99, "[New]Something new"), ("Something new", LATER), OUTAGE),
    "500": Case(service(500, f"{EXCEPTION}java.lang.Exception: Oops"), (LATER,), OUTAGE),
    "500 session": Case({"name": "xmlrpc_session"}, ("Cannot create a session", LATER), OUTAGE),
    "session as text": Case({"name": "xmlrpc_session_text"}, ("could not create a session",), OUTAGE),
    "500 address": Case({"name": "xmlrpc_ip_refused"}, ("IP access not allowed", NO_ADDRESS)),
    "collations": Case(
        service(0, f"{INVOKED}Illegal mix of collations (latin1_swedish_ci,IMPLICIT) for operation '<=>'"),
        ("Illegal mix of collations", COLLATION),
    ),
    "collations, repeated": Case(
        service(0, f"{INVOKED}Illegal mix of collations (x) for operation '<=>' Attempted: 1 time(s)."),
        (COLLATION,),
    ),
    "key is no column": Case(service(0, f"{INVOKED}Unknown column 'Id' in 'field list'"), (NO_FIELD,)),
    "unknown column elsewhere": Case(
        service(0, f"{INVOKED}Unknown column 'Foo' in 'where clause'"), (NO_FIELD,)
    ),
    "another root": Case({"name": "xmlrpc_other_root"}, ("Check the key, api_url and proxies.",), [5, 5, 5]),
    "HTML": Case({"name": "xmlrpc_html"}, ("Check the key, api_url and proxies.",), [5, 5, 5]),
    "401 wrong": Case(
        body(401, gateway("keymanagement.service.invalid_access_token", "Invalid Access Token")),
        ("Check api_key",),
        exit=Exit.CONFIG,
    ),
    "401 none": Case(
        body(401, gateway("oauth.v2.InvalidAccessToken", "Invalid access token")),
        ("Set api_key or access_token",),
        exit=Exit.CONFIG,
    ),
    "401 expired": Case(
        body(401, gateway("keymanagement.service.access_token_expired", "Access Token expired")),
        ("Put a fresh token into access_token",),
        exit=Exit.CONFIG,
    ),
    "429 spike": Case(
        body(429, gateway("policies.ratelimit.SpikeArrestViolation", "Spike arrest violation.")),
        ("Lower requests_per_second.",),
        [7] * 5,
    ),
    "429 application": Case(
        body(429, {"code": "429", "message": "Quota Exceeded", "status": "Request Throttled"}),
        ("Quota Exceeded", "Lower requests_per_second."),
        [7] * 5,
    ),
    "403 HTML": Case(
        body(403, "<h1>Developer Inactive</h1>", "text/html"), ("Developer Inactive", "may not read this")
    ),
    "500 HTML": Case(body(500, "<h1>Oops</h1>", "text/html"), ("Oops", BROWNOUT), OUTAGE),
    "502": Case(body(502, ""), (BROWNOUT,), OUTAGE),
    "503 HTML": Case(body(503, "<h1>Down</h1>", "text/html"), ("Down", BROWNOUT), OUTAGE),
    "503 JSON": Case(
        body(503, gateway("messaging.adaptors.http.flow.ServiceUnavailable", "Down")), (BROWNOUT,), OUTAGE
    ),
    "504 JSON": Case(
        body(504, gateway("messaging.adaptors.http.flow.GatewayTimeout", "Slow")), (BROWNOUT,), OUTAGE
    ),
    "500 JSON": Case(body(500, gateway("something.new", "New")), ("New", BROWNOUT), OUTAGE),
    "302": Case({"status": 302, "location": "https://elsewhere.example/x"}, (BROWNOUT,), OUTAGE),
}  # fmt: skip


def like(waits: Sequence[float], longest: Sequence[float]) -> bool:
    """Whether waits are those expected; some are random."""
    return len(waits) == len(longest) and all(
        0 <= wait <= most and (most in {2, 4, 8, 16, 32, 60, 7} or wait == most)
        for wait, most in zip(waits, longest, strict=True)
    )


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_in_words_that_help_and_costs_no_other_stream(run: Run, name: str) -> None:
    case = CASES[name]
    catalog = run.catalog(STREAM, "users", **TABLE)
    ends_run = case.exit is Exit.CONFIG
    run.box.clear_requests()
    run.box.fault({**case.fault, "rpc": "DataService.query", "table": "Contact", "always": True})
    target = run(catalog=catalog, fails=True, **TABLE)
    assert run.error is not None
    assert run.error.exit_code == case.exit
    for words in case.says:
        assert words in str(run.error) if ends_run else run.says(words), words
    assert like([wait for wait in run.waits if wait > 0.1], [wait for wait in case.waits if wait]), run.waits
    asked = [
        call for call in run.box.requests() if (call.get("rpc") or {}).get("params", [""])[0] == "Contact"
    ]
    halvings = 12 if len(case.waits) > len(OUTAGE) else 0
    assert len(asked) <= len(case.waits) + 1 + 3 * (case.says[-1] is NO_FIELD) + halvings
    if not ends_run:
        assert len(target.rows("users")) == 12
    assert target.count("ACTIVATE_VERSION", STREAM) == 0
    run.box.clear_faults()
    assert run(catalog=catalog, **TABLE).rows(STREAM), "the next run goes on"


def test_a_character_that_cannot_be_compared_is_told_with_its_condition_and_without_its_value() -> None:
    conditions = {"City": "Łódź", "Email": f"{PERSON}@test.com"}
    call = XmlRpcCall("DataService.query", arguments=("Contact", conditions), conditions=1, what="of Contact")
    text = "Illegal mix of collations (latin1_swedish_ci,IMPLICIT) and (utf8_general_ci,COERCIBLE)"
    wire = xmlrpc.client.dumps(xmlrpc.client.Fault(0, INVOKED + text), methodresponse=True)
    _, fault = XmlRpc().read(Answer(200, {}, wire.encode()), call, 0, VirtualClock().now())
    assert fault is not None
    assert fault.text.endswith("(in the condition on City)")
    assert len(fault.text) <= LONGEST_QUOTE
    assert fault.advice == COLLATION


def test_json_that_looks_like_an_answer_is_none() -> None:
    answer = Answer(200, {}, b'{"rows": [{"Id": 1}]}')
    _, fault = XmlRpc().read(answer, XmlRpcCall("WebFormService.getMap"), 0, VirtualClock().now())
    assert fault is not None
    assert fault.kind is Kind.NOT_JSON


@pytest.mark.parametrize(
    "kind", [Kind.UNREACHABLE, Kind.HANDSHAKE, Kind.TIMEOUT, Kind.DAMAGED, Kind.CERTIFICATE]
)
def test_a_broken_connection_may_be_a_brownout_and_ends_no_run(kind: Kind) -> None:
    call, now = XmlRpcCall("WebFormService.getMap"), VirtualClock().now()
    found = XmlRpc().broken(Fault(kind, "words"), call, now)
    is_outage = kind in {Kind.UNREACHABLE, Kind.HANDSHAKE}
    assert found.kind is (Kind.UNAVAILABLE if is_outage else kind)
    assert (found.advice == BROWNOUT) is (is_outage or kind is Kind.TIMEOUT)
    after = XmlRpc().broken(Fault(kind, "words"), call, END)
    assert (after.advice == ENDED) is (kind is not Kind.CERTIFICATE)
