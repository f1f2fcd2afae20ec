"""Every broken answer can be had: faults by name on calls of the XML-RPC API."""

from __future__ import annotations

import http.client
import xmlrpc.client
import zlib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from keap_sandbox import Sandbox
from keap_sandbox.faults.rules import BadRuleError
from keap_sandbox.faults.xmlrpc_faults import BLOCKED, SESSION, TOO_LONG, XMLRPC_FAULTS
from keap_sandbox.faults.xmlrpc_values import VALUES

from .names import ROWS, Names

pytestmark = pytest.mark.usefixtures("names")
FIELDS = ["Id", "Name", "Zip", "Made", "Owner", "Sum", "On", "Picture"]
TARGETS: dict[type, tuple[int, str, bytes]] = {
    str: (1, "Name", "Müller".encode()),
    int: (1, "Owner", b"<i4>12</i4>"),
    datetime: (1, "Made", b"<dateTime.iso8601>20160120T08:15:00</dateTime.iso8601>"),
    float: (8, "Sum", b"<double>41.5</double>"),
    bool: (14, "On", b"<boolean>1</boolean>"),
    bytes: (22, "Picture", b"<base64>aGVsbG8=</base64>"),
}
"""For each type a row, the first field of that type in it, and its value on the wire."""


def ask(box: Sandbox, fields: list[str] = FIELDS, query: dict[str, Any] | None = None) -> requests.Response:
    parameters = ("", "Names", 1000, 0, query or {}, fields, "Id", True)
    body = xmlrpc.client.dumps(parameters, "DataService.query").encode()
    headers = {"X-Keap-API-Key": box.api_key}
    return requests.post(f"{box.url}/crm/xmlrpc/v1", data=body, headers=headers, timeout=10)


def member(field: str, value: bytes) -> bytes:
    if not value.startswith(b"<value"):
        value = b"<value>%s</value>" % value
    return b"<name>%s</name>%s" % (field.encode(), value)


def with_value(body: bytes, kind: str) -> bytes:
    """Return a body with a broken value in its place, and the prefix that it needs."""
    _, field, wire = TARGETS[VALUES[kind].type]
    xml = VALUES[kind].xml
    assert body.count(member(field, wire)) >= 1
    if b"<ex:" in xml:
        root = b'<methodResponse xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions">'
        body = body.replace(b"<methodResponse>", root)
    return body.replace(member(field, wire), member(field, xml), 1)


@pytest.mark.parametrize("kind", VALUES)
def test_a_broken_value_stands_in_one_place_and_all_else_is_as_before(box: Sandbox, kind: str) -> None:
    whole = ask(box).content
    box.fault(f"xmlrpc_{kind}", id=TARGETS[VALUES[kind].type][0], table="Names")
    assert ask(box).content == with_value(whole, kind)


def test_several_values_stand_in_successive_rows_of_one_page(box: Sandbox) -> None:
    box.fault("xmlrpc_value", kinds=["raw_control", "latin1", "emoji"], row=2, field="Zip")
    rows = ask(box).content.split(b"<struct>")[1:]
    assert [
        VALUES[kind].xml in row
        for kind, row in zip(["raw_control", "latin1", "emoji"], rows[2:5], strict=True)
    ]
    assert b"98052" in rows[0]


def test_a_value_of_your_own_in_an_encoding_of_your_own(box: Sandbox) -> None:
    box.fault("xmlrpc_value", xml="Caf\xe9<!-- x -->", encoding="latin-1", id=15, field="Zip", nth=2)
    assert b"Caf" not in ask(box).content
    assert member("Zip", b"Caf\xe9<!-- x -->") in ask(box).content
    assert b"Caf" not in ask(box).content


def test_a_value_is_broken_only_where_its_record_and_field_are_asked_for(box: Sandbox) -> None:
    box.fault("xmlrpc_raw_nul", id=15, field="Zip")
    assert b"\0" in ask(box).content
    assert b"\0" not in ask(box, ["Id", "Name"]).content
    assert b"\0" not in ask(box, query={"Id": [1, 7]}).content


THREADS = (
    "[500] Server encountered exception: com.infusionsoft.throttle.ThrottlingException: "
    "Maximum number of threads throttled"
)
ANSWERS: dict[str, tuple[int, str]] = {
    "xmlrpc_fault": (4, "[DatabaseError]An error occurred"),
    "xmlrpc_too_long": (4, TOO_LONG),
    "xmlrpc_blocked": (4, BLOCKED),
    "xmlrpc_search_fails": (4, TOO_LONG),
    "xmlrpc_search_results": (3, "[Unexpected] Unable to get Saved Search Results"),
    "xmlrpc_loading": (6, "[Loading]Error loading follow-up sequence"),
    "xmlrpc_session": (500, SESSION),
    "xmlrpc_throttled": (500, THREADS),
    "xmlrpc_ip_refused": (500, "Server encountered exception: java.lang.Exception: IP access not allowed"),
    "xmlrpc_index": (0, "String index out of range: -4"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_faults(box: Sandbox, keap: Any, name: str) -> None:
    box.fault(name, rpc="DataService.*")
    with pytest.raises(xmlrpc.client.Fault) as raised:
        keap.DataService.count("", "Names", {})
    assert (raised.value.faultCode, raised.value.faultString) == ANSWERS[name]


def test_a_fault_has_the_code_and_text_of_its_rule(box: Sandbox, keap: Any) -> None:
    box.fault({"rpc": "DataService.query", "table": "Other", "name": "xmlrpc_fault", "code": 9})
    box.fault({"rpc": "DataService.query", "table": "Names", "name": "xmlrpc_fault", "code": 7, "text": "No"})
    box.fault({"rpc": "DataService.count", "params": '{"Zip":"a%"}', "name": "xmlrpc_fault", "code": 5})
    assert keap.DataService.load("", "Names", 1, ["Id"]) == {"Id": 1}
    assert keap.DataService.count("", "Names", {}) == len(ROWS)
    with pytest.raises(xmlrpc.client.Fault, match="Fault 7: 'No'"):
        keap.DataService.query("", "Names", 1, 0, {}, ["Id"])
    with pytest.raises(xmlrpc.client.Fault, match=r"Fault 5: '\[RecordNotFound\]An error occurred'"):
        keap.DataService.count("", "Names", {"Zip": "a%"})


def test_a_search_takes_too_long_and_is_then_blocked(box: Sandbox, keap: Any) -> None:
    box.fault("xmlrpc_search_fails", rpc="DataService.count", failures=2, times=4)
    texts = []
    for table in ("Names", "Names", "Other", "Names"):
        with pytest.raises(xmlrpc.client.Fault) as raised:
            keap.DataService.count("", table, {})
        texts.append(raised.value.faultString)
    assert texts == [TOO_LONG, TOO_LONG, TOO_LONG, BLOCKED]
    assert keap.DataService.count("", "Names", {}) == len(ROWS)


WHOLE = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b"<methodResponse><fault><value><struct><member><name>faultCode</name>"
)
BODIES: dict[str, bytes] = {
    "xmlrpc_blank": b"",
    "xmlrpc_blank_lines": b" \n ",
    "xmlrpc_session_text": SESSION.encode(),
    "xmlrpc_other_root": b'<?xml version="1.0"?><error><message>Bad credential</message></error>',
    "xmlrpc_html": b"<html><head><title>Keap</title></head><body>Sign in</body></html>",
    "xmlrpc_code_as_text": WHOLE
    + b"<value>4</value></member><member><name>faultString</name>"
    + b"<value>[DatabaseError]An error occurred</value></member></struct></value></fault></methodResponse>",
    "xmlrpc_no_text": WHOLE + b"<value><i4>4</i4></value></member></struct></value></fault></methodResponse>",
    "xmlrpc_empty_text": WHOLE
    + b"<value><i4>4</i4></value></member><member><name>faultString</name><value></value></member>"
    + b"</struct></value></fault></methodResponse>",
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_no_answer(box: Sandbox, name: str) -> None:
    box.fault(name)
    response = ask(box)
    assert response.status_code == 200
    assert response.content == BODIES[name]


def test_a_page_has_no_body_if_a_record_in_it_cannot_be_written(box: Sandbox) -> None:
    box.fault("xmlrpc_unwritable", id=14, field="On")
    assert ask(box).content == b""
    assert ask(box, query={"Id": [1, 14]}).content == b""
    assert ask(box, query={"Id": "~<~14"}).content.count(b"<struct>") == 3
    assert ask(box, query={"Id": "~>~14"}).content.count(b"<struct>") == 2
    assert ask(box, ["Id", "Name"]).content.count(b"<struct>") == 6


def test_without_a_field_it_is_one_of_the_record_and_never_its_id(box: Sandbox) -> None:
    box.fault("xmlrpc_unwritable", id=14)
    assert ask(box, ["Id", "Name", "On"]).content == b""
    assert ask(box, ["Id", "Name"]).content == b""
    assert ask(box, ["Id", "On"]).content.count(b"<struct>") == 6
    assert ask(box, ["Id"]).content.count(b"<struct>") == 6


def test_a_record_with_a_number_of_64_bits_cannot_be_written(box: Sandbox, names: Names) -> None:
    names.found[7] = {"Id": 7, "Owner": 2**31}
    names.version += 1
    assert ask(box).content == b""
    assert ask(box, ["Id"]).content.count(b"<struct>") == 6
    box.switch(xmlrpc_extensions=True)
    content = ask(box).content
    assert member("Owner", b"<ex:i8>2147483648</ex:i8>") in content
    assert member("Sum", b"<ex:nil/>") in content
    rows: Any = xmlrpc.client.loads(content)[0][0]
    assert [row["Owner"] for row in rows] == [12, 2**31, None, None, 12, 123]


def test_bodies_that_break_off(box: Sandbox) -> None:
    whole = ask(box).content
    box.fault("xmlrpc_cut", nth=1)
    cut = ask(box)
    assert len(whole) / 2 < len(cut.content) < len(whole)
    assert whole.startswith(cut.content)
    box.clear_faults()
    box.fault("xmlrpc_missing_chunk")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(box)
    box.clear_faults()
    box.fault("truncate", rpc="DataService.query", truncate_at=300)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(box)


def raw(box: Sandbox) -> tuple[http.client.HTTPResponse, bytes]:
    """Send a call; return the response and what came of its body, still compressed."""
    connection = http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=10)
    body = xmlrpc.client.dumps(("", "Names", 9, 0, {}, FIELDS, "Id", True), "DataService.query")
    connection.request("POST", "/crm/xmlrpc", body, {"X-Keap-API-Key": box.api_key})
    response = connection.getresponse()
    try:
        return response, response.read()
    except http.client.IncompleteRead as short:
        return response, short.partial
    finally:
        connection.close()


def test_compressed_bodies_of_the_wrong_length(box: Sandbox) -> None:
    whole = ask(box).content
    box.fault("xmlrpc_gzip_length", nth=1)
    box.fault("xmlrpc_gzip_cut", nth=2)
    response, body = raw(box)
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) == len(whole)
    assert zlib.decompress(body, wbits=31) == whole
    response, body = raw(box)
    assert int(response.headers["content-length"]) == len(body)
    opened = zlib.decompressobj(wbits=31)
    assert whole.startswith(opened.decompress(body))
    assert not opened.eof


def test_readable_answers_in_another_form(box: Sandbox) -> None:
    whole = ask(box).content
    for number, name in enumerate(("xmlrpc_bom", "xmlrpc_text_first", "xmlrpc_duplicate_member"), 1):
        box.fault(name, nth=number, id=7)
    assert ask(box).content == b"\xef\xbb\xbf" + whole
    assert ask(box).content == b"\n" + whole
    twice = member("Name", b"first") + b"</member><member>" + member("Name", b"MYLLER ")
    assert ask(box).content == whole.replace(member("Name", b"MYLLER "), twice)


def test_a_row_is_missing(box: Sandbox) -> None:
    whole = ask(box).content
    box.fault("xmlrpc_missing_row", id=7)
    rows, fewer = (text.split(b"<struct>") for text in (whole, ask(box).content))
    assert [row for row in rows if row not in fewer] == [rows[2]]
    assert ask(box, query={"Id": "~>~7"}).content.count(b"<struct>") == 4


def test_bombs(box: Sandbox) -> None:
    box.fault("xmlrpc_entities", nth=1)
    box.fault("xmlrpc_deep", nth=2, size=1000)
    box.fault("xmlrpc_gzip_bomb", nth=3, size=1)
    assert ask(box).content.count(b"<!ENTITY") == 10
    assert ask(box).content.count(b"<array>") == 1000
    _, packed = raw(box)
    assert len(packed) * 100 < len(zlib.decompress(packed, wbits=31))


def test_chunks_have_the_size_of_the_rule(box: Sandbox) -> None:
    whole = ask(box).content
    box.fault({"rpc": "DataService.query", "chunks": 7})
    response = ask(box)
    assert response.headers["transfer-encoding"] == "chunked"
    assert response.content == whole


def test_another_content_type(box: Sandbox) -> None:
    whole = ask(box).content
    box.fault("xmlrpc_content_type", nth=1)
    box.fault("xmlrpc_content_type", content_type="text/plain", nth=2)
    for content_type in ("text/html; charset=ISO-8859-1", "text/plain", "text/xml;charset=UTF-8"):
        response = ask(box)
        assert (response.headers["content-type"], response.content) == (content_type, whole)


FORMS = {
    "xmlrpc_bom", "xmlrpc_text_first", "xmlrpc_duplicate_member", "xmlrpc_gzip_length", "xmlrpc_gzip_cut",
    "xmlrpc_missing_row", "xmlrpc_entities", "xmlrpc_deep", "xmlrpc_gzip_bomb", "xmlrpc_cut",
    "xmlrpc_missing_chunk", "xmlrpc_unwritable", "xmlrpc_value", "xmlrpc_content_type",
}  # fmt: skip


def test_every_fault_has_a_case() -> None:
    values = {f"xmlrpc_{kind}" for kind in VALUES}
    assert values | set(ANSWERS) | set(BODIES) | FORMS == set(XMLRPC_FAULTS)
    assert len(values) + len(ANSWERS) + len(BODIES) + len(FORMS) == len(XMLRPC_FAULTS)


def test_faults_of_xmlrpc_strike_no_call_of_rest(box: Sandbox) -> None:
    box.fault("xmlrpc_blank")
    headers = {"X-Keap-API-Key": box.api_key}
    assert requests.get(f"{box.url}/crm/rest/v2/tags", headers=headers, timeout=10).json()
    assert ask(box).content == b""
    assert [entry["fault"] for entry in box.requests()] == [None, "xmlrpc_blank"]


def test_gateway_faults_strike_calls_too(box: Sandbox) -> None:
    for number, name in enumerate(
        ("invalid_access_token", "developer_inactive", "service_unavailable_html"), 1
    ):
        box.fault(name, rpc="DataService.query", nth=number)
    assert [ask(box).status_code for _ in range(3)] == [401, 403, 503]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"name": "xmlrpc_value", "kinds": ["none"]}, "kinds takes a list of raw_control"),
        ({"name": "xmlrpc_value", "xml": "ū", "encoding": "latin-1"}, "cannot be written"),
        ({"name": "xmlrpc_value", "xml": "x", "encoding": "none"}, "cannot be written"),
        ({"name": "xmlrpc_raw_nul", "id": "7"}, "id must be a whole number"),
        ({"name": "xmlrpc_raw_nul", "field": 7}, "field must be a text"),
        ({"name": "xmlrpc_fault", "code": 2**31}, "code must be from"),
        ({"name": "xmlrpc_fault", "rpc": 7}, "rpc must be a text"),
        ({"name": "xmlrpc_fault", "rpcs": "x"}, "unknown setting 'rpcs'"),
    ],
    ids=str,
)
def test_a_wrong_rule_is_refused(box: Sandbox, rule: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRuleError, match=words):
        box.fault(rule)
