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


_CDATA_END = (
    'The character sequence "]]>" must not appear in content unless used to mark the end of a CDATA section.'
)


def call(inner: bytes) -> bytes:
    return b"<methodCall>%s</methodCall>" % inner


def _character(code: str) -> str:
    return f"An invalid XML character (Unicode: {code}) was found in the element content of the document."


def _ending(name: str) -> str:
    return f'The element type "{name}" must be terminated by the matching end-tag "</{name}>".'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Premature end of file."),
        (b"{}", "Content is not allowed in prolog."),
        (request()[:-5], _ending("methodCall")),
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
        (request(b"<base64>x</base64>"), "Failed to decode base64 stream."),
        (request(b"<base64>aGk</base64>"), "Failed to decode base64 stream."),
        # What stands where something else is expected
        (request(b"<x:int xmlns:x='urn:x'>1</x:int>"), "Unknown type: {urn:x}int"),
        (request(b"a<int>1</int>"), "Unexpected non-whitespace characters"),
        (request(b"<int>1<i4>2</i4></int>"), "Unexpected start tag in atomic element: i4"),
        (request(b"<array><value/></array>"), "Expected data element, got value"),
        (request(b"<array><data>x</data></array>"), "Unexpected non-whitespace character data"),
        (request(b"<struct><value/></struct>"), "Expected member, got value"),
        (request(b"<struct><member><value/></member></struct>"), "Expected name, got value"),
        (
            request(b"<struct><member><name>a</name><name>b</name></member></struct>"),
            "Expected value, got name",
        ),
        (
            request(b"<struct><member><name>a</name><value/><value/></member></struct>"),
            "Expected /member, got value",
        ),
        (call(b"<x/>"), "Expected methodName element, got x"),
        (call(b"<methodName>a</methodName><params><x/></params>"), "Expected param element, got x"),
        (call(b"<methodName>a</methodName><x/>"), "Expected params element, got x"),
        (call(b"<methodName>a</methodName><params/><x/>"), "Expected /methodCall, got x"),
        (
            call(b"<methodName>a</methodName><params><param><x/></param></params>"),
            "Expected value element, got x",
        ),
        (
            b"<methodCall xmlns='urn:x'/>",
            "Expected root element 'methodCall', got {urn:x}methodCall",
        ),
        # What is no XML
        (request(b"a&b"), "The reference to entity \"b\" must end with the ';' delimiter."),
        (request(b"&#65"), "The character reference must end with the ';' delimiter."),
        (
            request(b"&#;"),
            'A decimal representation must immediately follow the "&#" in a character reference.',
        ),
        (
            request(b"&#x;"),
            'A hexadecimal representation must immediately follow the "&#x" in a character reference.',
        ),
        (request(b"&#xD800;"), 'Character reference "&#xD800" is an invalid XML character.'),
        (request(b"a\x01"), _character("0x1")),
        (request(b"\xef\xbf\xbf"), _character("0xffff")),
        (
            request(b"a]]>"),
            _CDATA_END,
        ),
        (request(b"a < b"), "The content of elements must consist of well-formed character data or markup."),
        (
            request(b"a<b"),
            'Element type "b" must be followed by either attribute specifications, ">" or "/>".',
        ),
        (request(b"</b>"), _ending("value")),
        (call(b"<methodName>a</"), _ending("methodName")),
        (request() + b"x", "Content is not allowed in trailing section."),
        (
            request() + b"<a/>",
            "The markup in the document following the root element must be well-formed.",
        ),
        (b"<>", "The markup in the document preceding the root element must be well-formed."),
        (b"&a;", "Reference is not allowed in prolog."),
        (PROLOG, "Premature end of file."),
        (b"<methodCall", "XML document structures must start and end within the same entity."),
        (b"<a:b/>", 'The prefix "a" for element "a:b" is not bound.'),
        (b"<methodCall a='1' a='2'/>", 'Attribute "a" was already specified for element "methodCall".'),
        (b'<?xml version="2.0"?><a/>', 'XML version "2.0" is not supported, only XML 1.0 is supported.'),
        (b'<?xml encoding="x"?><a/>', "The version is required in the XML declaration."),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "Content is not allowed in prolog."),
        # What is in another encoding
        (request(b"\xff"), "Invalid byte 1 of 1-byte UTF-8 sequence."),
        (request(b"\xe2\x82"), "Invalid byte 3 of 3-byte UTF-8 sequence."),
        (request(b"\xed\xa0\xbd"), "Invalid byte 2 of 3-byte UTF-8 sequence."),
        (
            request(b"\xf5\x80\x80\x80"),
            "High surrogate bits in UTF-8 sequence must not exceed 0x10 but found 0x14.",
        ),
        (
            request(b"\xe9", prolog=b'<?xml version="1.0" encoding="us-ascii"?>'),
            'Byte "233" is not a member of the (7-bit) ASCII character set.',
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


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"<double>1.5f</double>", 1.5),
        (b"<double>0x1p3</double>", 8.0),
        (b"<int>\xd9\xa1</int>", 1),
        (b"<base64> aG\nk= </base64>", b"hi"),
        (b"<dateTime.iso8601>20120314T00:00:00 or so</dateTime.iso8601>", datetime(2012, 3, 14)),
        (b"<dateTime.iso8601>20121332T00:61:00</dateTime.iso8601>", datetime(2013, 2, 1, 1, 1)),
        (b"<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>", datetime(1, 1, 1)),
        (b"<string>a</string>b<c/>", "a"),
        (b"<struct><member/><member><name>a</name></member></struct>", {}),
        (b"<struct><member><x/><name> a </name><y/><value/></member></struct>", {" a ": ""}),
        (b"<array><data><value>1</value>x</data><data><value>2</value></data></array>", ["1", "2"]),
    ],
)
def test_what_the_library_overlooks_is_overlooked(value: bytes, read: Any) -> None:
    assert parse(request(value)).params == [read]


@pytest.mark.parametrize(
    ("body", "method"),
    [
        (b"<methodCall/>", "null"),
        (call(b"<methodName/>"), ""),
        (call(b"<methodName> X.y </methodName>"), " X.y "),
        (b"\xef\xbb\xbf" + call(b"<methodName>a</methodName>"), "a"),
        (call(b"<methodName>caf\xc3\xa9</methodName>").decode().encode("utf-16"), "café"),
        (b'<?xml version="1.1" encoding="windows-1252"?>' + call(b"<methodName>\x93</methodName>"), "“"),
        (b'<!DOCTYPE a [<!ENTITY b "x">]>' + call(b"<methodName>&b;</methodName>"), "x"),
    ],
)
def test_names_of_methods_are_read_as_they_are(body: bytes, method: str) -> None:
    assert parse(body).method == method


def test_an_unknown_encoding_cannot_be_read() -> None:
    for name in (b"foo", b"base64", b"\0"):
        with pytest.raises(FaultError, match=r"^Failed to read XML-RPC request: "):
            parse(request(prolog=b'<?xml version="1.0" encoding="%s"?>' % name))


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
