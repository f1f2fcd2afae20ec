"""The sandbox reads and writes XML-RPC as the library of the service does."""

from __future__ import annotations

import xmlrpc.client
from datetime import datetime as _datetime
from functools import partial
from typing import Any

import pytest

from keap_sandbox.xmlrpc.faults import FaultError
from keap_sandbox.xmlrpc.parsing import parse, signature
from keap_sandbox.xmlrpc.writing import Raw, UnwritableError, Writer, hash_order, java_double

datetime = partial(_datetime, tzinfo=None)  # times on the wire have no zone
PROLOG = b'<?xml version="1.0"?>'


def request(value: bytes = b"", method: bytes = b"X.y", prolog: bytes = PROLOG) -> bytes:
    params = b"<param><value>%s</value></param>" % value if value else b""
    return b"%s<methodCall><methodName>%s</methodName><params>%s</params></methodCall>" % (
        prolog,
        method,
        params,
    )


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"text", "text"),
        (b"<string> a </string>", " a "),
        (b"<string/>", ""),
        (b"<int> +3 </int>", 3),
        (b"<i4>-2147483648</i4>", -(2**31)),
        (b"<boolean>1</boolean>", True),
        (b"<double>1.5</double>", 1.5),
        (b"<dateTime.iso8601>20120314T10:20:30</dateTime.iso8601>", datetime(2012, 3, 14, 10, 20, 30)),
        (b"<dateTime.iso8601>20120314T10:20:30-0700</dateTime.iso8601>", datetime(2012, 3, 14, 10, 20, 30)),
        (b"<dateTime.iso8601>20120314T24:00:00</dateTime.iso8601>", datetime(2012, 3, 15)),
        (b"<dateTime.iso8601/>", None),
        (b"<base64>aGk=</base64>", b"hi"),
        (b"<array><data/></array>", []),
        (b"<array>\n<data>\n<value>a</value>\n</data>\n</array>", ["a"]),
        (b"<struct/>", {}),
        (b"<struct>\n<member>\n<name>a</name>\n<value><int>1</int></value>\n</member>\n</struct>", {"a": 1}),
        (b"<![CDATA[a<b]]>", "a<b"),
    ],
)
def test_what_clients_send_is_read(value: bytes, read: Any) -> None:
    assert parse(request(value)).params == [read]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Premature end of file."),
        (b"{}", "Content is not allowed in prolog."),
        (request()[:-5], "XML document structures must start and end within the same entity."),
        (b"<html></html>", "Expected root element 'methodCall', got html"),
        (b"\n" + request(), 'The processing instruction target matching "[xX][mM][lL]" is not allowed.'),
        (request(b"a&#11;"), 'Character reference "&#11" is an invalid XML character.'),
        (request(b"a & b"), "The entity name must immediately follow the '&' in the entity reference."),
        (request(b"a&nbsp;b"), 'The entity "nbsp" was referenced, but not declared.'),
        (request(b"caf\xe9 b"), "Invalid byte 2 of 3-byte UTF-8 sequence."),
        (request(b"<boolean>true</boolean>"), "Failed to parse boolean value: true"),
        (request(b"<nil/>"), "Unknown type: nil"),
        (request(b"<i8>1</i8>"), "Unknown type: i8"),
        (request(b"<int>2147483648</int>"), "Failed to parse integer value: 2147483648"),
        (request(b"<int/>"), "Failed to parse integer value: "),
        (request(b"<int>3.0</int>"), "Failed to parse integer value: 3.0"),
        (
            request(b"<dateTime.iso8601>2012-03-14T00:00:00</dateTime.iso8601>"),
            "Failed to parse date value 2012-03-14T00:00:00 at position 4",
        ),
        (
            request(b"<dateTime.iso8601>20120314T000000</dateTime.iso8601>"),
            "Failed to parse date value 20120314T000000 at position 11",
        ),
        (
            request(b"<dateTime.iso8601>20120314</dateTime.iso8601>"),
            "Failed to parse date value 20120314 at position 8",
        ),
        (request(b"<double>1_000</double>"), "Failed to parse double value: 1_000"),
        (request(b"<base64>x</base64>"), "Failed to decode base64 data"),
        (request(prolog=b'<?xml version="1.0" encoding="foo"?>'), 'The encoding "foo" is not supported.'),
        (
            request(b"<dateTime.iso8601>99991231T99:00:00</dateTime.iso8601>"),
            "Failed to parse date value 99991231T99:00:00 at position 0",
        ),
        (
            request(b"<struct>" + 2 * b"<member><name>State</name><value>a</value></member>" + b"</struct>"),
            "Duplicate name: State",
        ),
    ],
)
def test_what_the_library_refuses_is_refused_in_its_words(body: bytes, words: str) -> None:
    with pytest.raises(FaultError) as raised:
        parse(body)
    assert (raised.value.code, raised.value.text) == (0, f"Failed to parse XML-RPC request: {words}")


def test_nil_of_the_extensions_is_refused_by_its_namespace() -> None:
    uri = b"http://ws.apache.org/xmlrpc/namespaces/extensions"
    with pytest.raises(FaultError, match=r"The tag \{http.*\}nil is invalid, if isEnabledForExtensions"):
        parse(request(b'<ex:nil xmlns:ex="%s"/>' % uri))


def test_types_are_named_as_java_names_them() -> None:
    found = signature(["a", 1, True, 1.5, datetime(2012, 3, 14), {}, [], b""])
    assert found == (
        "java.lang.String, java.lang.Integer, java.lang.Boolean, java.lang.Double, java.util.Date, "
        "java.util.HashMap, [Ljava.lang.Object;, [B"
    )


def test_responses_are_untyped_texts_and_read_by_the_standard_library() -> None:
    value = {
        "Id": 5,
        "Name": "a < b & é",
        "Amount": 0.5483,
        "Made": datetime(2012, 3, 14),
        "Empty": "",
        "On": True,
    }
    body = Writer().response([value])
    assert b"<value>a &lt; b &amp; \xc3\xa9</value>" in body
    assert b"<string>" not in body
    assert b"<dateTime.iso8601>20120314T00:00:00</dateTime.iso8601>" in body
    ((rows,), _) = xmlrpc.client.loads(body, use_datetime=True)
    assert rows == [value]


@pytest.mark.parametrize(
    ("writer", "text", "wire"),
    [
        ("raw", "é\x0b\uffff", "é\x0b\uffff".encode()),
        ("references", "é™\x0b\x00\uffff", b"&#233;&#8482;&#11;&#0;&#65535;"),
        ("raw", "\U0001f600", b"&#55357;&#56832;"),
        ("references", "\U0001f600\ud83d", b"&#55357;&#56832;&#55357;"),
        ("references", "a\r\n\t\"'>", b"a\r\n\t\"'&gt;"),
    ],
)
def test_both_writers_write_what_the_library_writes(writer: Any, text: str, wire: bytes) -> None:
    assert b"<value>%s</value>" % wire in Writer(writer).response(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0"), (41.14, "41.14"), (1e10, "1.0E10"), (1e-5, "1.0E-5"), (-12345678.9, "-1.23456789E7"),
     (float("nan"), "NaN"), (5.0, "5.0"), (0.001, "0.001")],
)  # fmt: skip
def test_doubles_are_printed_as_java_prints_them(value: float, text: str) -> None:
    assert java_double(value) == text


def test_members_come_in_the_order_of_a_java_7_hash_map() -> None:
    """A recorded exchange of 2015: asked for in the one order, answered in the other."""
    asked = ["Company", "StreetAddress1", "City", "State", "PostalCode", "Country"]
    answered = ["PostalCode", "State", "Country", "Company", "StreetAddress1", "City"]
    assert hash_order(asked, "java7") == answered
    assert hash_order(asked, "java8") != answered
    assert sorted(hash_order(asked, "shuffle", 1)) == sorted(asked)


def test_empty_collections_and_raw_xml() -> None:
    assert b"<array><data/></array>" in Writer().response([])
    assert b"<value><struct></struct></value>" in Writer().response({})
    assert b"<value><ex:nil/></value>" in Writer().response(Raw("<ex:nil/>"))


def test_what_the_library_cannot_write_leaves_no_body() -> None:
    with pytest.raises(UnwritableError):
        Writer().response([{"Id": None}])


def test_a_fault_is_read_by_the_standard_library() -> None:
    with pytest.raises(xmlrpc.client.Fault, match=r"No such handler: X\.y"):
        xmlrpc.client.loads(Writer().fault(0, "No such handler: X.y"))
