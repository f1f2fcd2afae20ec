"""The frame of a response: encodings, faults, what is none. Kinds of values are in test_kinds.py."""

from __future__ import annotations

import pytest

from tap_infusionsoft.client.lenient_json import RepairKind
from tap_infusionsoft.xmlrpc import decode as codec
from tap_infusionsoft.xmlrpc.decode import FaultError, NotXmlRpcError, decode
from tap_infusionsoft.xmlrpc.decoded import Decoded
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.tests.kinds import KINDS
from tap_infusionsoft.xmlrpc.tests.wire import PROLOG, page, response, struct, text

BROKEN = "\ufffd"


@pytest.mark.parametrize("name", KINDS)
def test_both_ways_of_reading_rows_give_the_same(name: str) -> None:
    kind = KINDS[name]
    body = page(struct(Id=text(b"1"), City=text(b"a")), struct(Id=text(b"2"), City=kind.element))
    spaced = body.replace(b"<data>", b"<data>\n ").replace(b"</data>", b"\r\n</data>")
    assert decode(body) == decode(spaced)


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        (text(b"a"), "a"),
        (text(b""), ""),
        (b"<value/>", ""),
        (b"<value><i4>1</i4></value>", 1),
        (b"<value> <i4>1</i4> </value>", 1),
        (b"<value><nil/></value>", None),
        (b"<value><array><data><value>a</value><value/></data></array></value>", ["a", ""]),
        (b"<value><array><data/></array></value>", []),
        (b"<value><array/></value>", []),
        (struct(Inner=text(b"a")), {"Inner": "a"}),
        (b"<value><struct/></value>", {}),
        (
            struct(Rows=b"<value><array><data>%s</data></array></value>" % struct(A=text(b"1"))),
            {"Rows": [{"A": "1"}]},
        ),
    ],
)
def test_values_that_are_no_rows(value: bytes, decoded: object) -> None:
    assert decode(response(value)) == Decoded(decoded)
    assert decode(page(struct(It=value))) == Decoded([{"It": decoded}])


def test_repairs_are_found_wherever_they_are() -> None:
    inner = b"<value><array><data>%s%s</data></array></value>" % (text(b"a"), text(b"b\x0b"))
    decoded = decode(response(struct(A=text(b"a&#11;"), B=inner)))
    assert decoded.repairs == {("A",): [RepairKind.BROKEN_TEXT], ("B", 1): [RepairKind.BROKEN_TEXT]}
    assert decode(response(text(b"a\x0b"))).repairs == {(): [RepairKind.BROKEN_TEXT]}


def test_names_are_repaired_and_unescaped_as_values_are() -> None:
    """Columns of saved searches have the names that people gave them."""
    member = b"<member><name>%s</name><value>1</value></member>"
    row = b"<value><struct>%s</struct></value>" % b"".join(
        member % name for name in (b"a &amp; b", b"c\x0b", b"d&#233;", b" e ", b"&lt;f&gt;")
    )
    expected = {"a & b": "1", f"c{BROKEN}": "1", "dé": "1", " e ": "1", "<f>": "1"}
    for body in (page(row), response(row)):
        decoded = decode(body)
        assert decoded.value in ([expected], expected)
        assert list(decoded.repairs.values()) == [[RepairKind.BROKEN_TEXT]]
        assert [path[-1] for path in decoded.repairs] == [f"c{BROKEN}"]


def test_members_come_in_any_order() -> None:
    one, other = struct(Id=text(b"1"), City=text(b"a")), struct(City=text(b"b"), Id=text(b"2"))
    assert decode(page(one, other)).value == [{"Id": "1", "City": "a"}, {"Id": "2", "City": "b"}]


def test_a_member_that_is_left_out_stays_out() -> None:
    decoded = decode(page(struct(Id=text(b"1"), Name=text(b"a")), struct(Id=text(b"2"))))
    assert decoded.value == [{"Id": "1", "Name": "a"}, {"Id": "2"}]


def test_of_two_members_of_one_name_the_last_counts_and_is_told() -> None:
    twice = (
        b"<value><struct>" + 2 * b"<member><name>A</name><value>%s</value></member>" + b"</struct></value>"
    )
    decoded = decode(page(struct(A=text(b"0")), twice % (b"1", b"2")))
    assert decoded.value == [{"A": "0"}, {"A": "2"}]
    assert decoded.repairs == {(1, "A"): [WireRepair.TWICE]}


@pytest.mark.parametrize(
    "prolog",
    [
        b'<?xml version="1.0" encoding="utf-8"?>',
        b'<?xml version="1.0" encoding="UTF-8"?>',
        b"<?xml version='1.0'?>",
        b"",
        b"\xef\xbb\xbf" + PROLOG,
        b"\n  " + PROLOG,
        b'<?xml version="1.0" encoding="no-such-encoding"?>',
        b'<?xml version="1.0" encoding="us-ascii"?>',
    ],
)
def test_the_text_is_utf_8_whatever_is_before_it(prolog: bytes) -> None:
    assert decode(page(struct(Name=text("é™".encode())), prolog=prolog)).value == [{"Name": "é™"}]


@pytest.mark.parametrize("wire", [b"caf\xe9", b"caf\xe9\x0b"])
def test_another_encoding_in_the_prolog_counts(wire: bytes) -> None:
    prolog = b'<?xml version="1.0" encoding="ISO-8859-1"?>'
    decoded = decode(page(struct(Name=text(wire)), prolog=prolog))
    assert decoded.value == [{"Name": wire.decode("latin-1").replace("\x0b", BROKEN)}]
    assert WireRepair.ENCODING not in decoded.repairs.get((0, "Name"), [])


def test_utf_16_with_its_mark_is_read() -> None:
    body = page(struct(Name=text("é".encode())), prolog=b"").decode().encode("utf-16")
    assert decode(body).value == [{"Name": "é"}]


def test_blanks_between_all_tags_change_nothing() -> None:
    compact = page(struct(Id=b"<value><i4>1</i4></value>", Name=text(b" a ")), struct())
    spaced = (
        compact.replace(b"><member", b"> \n <member")
        .replace(b"><name", b">\n<name")
        .replace(b"><data>", b">\n<data>\n")
    )
    assert spaced != compact
    assert decode(spaced) == decode(compact)


def fault(inner: bytes) -> bytes:
    return (
        PROLOG + b"<methodResponse><fault><value><struct>%s</struct></value></fault></methodResponse>" % inner
    )


CODE = b"<member><name>faultCode</name><value>%s</value></member>"
STRING = b"<member><name>faultString</name>%s</member>"


@pytest.mark.parametrize(
    ("inner", "code", "said"),
    [
        (CODE % b"<i4>4</i4>" + STRING % text(b"[DatabaseError] took"), 4, "[DatabaseError] took"),
        (CODE % b"<int>4</int>" + STRING % b"<value><string>x</string></value>", 4, "x"),
        (CODE % b" 13 " + STRING % text(b"x"), 13, "x"),
        (STRING % text(b"x") + CODE % b"<i4>0</i4>", 0, "x"),
        (CODE % b"<i4>3</i4>", 3, ""),
        (CODE % b"<i4>3</i4>" + STRING % b"<value/>", 3, ""),
        (STRING % text(b"a &#11; b"), None, f"a {BROKEN} b"),
        (b"", None, ""),
    ],
)
def test_a_fault_is_raised_by_its_code(inner: bytes, code: int | None, said: str) -> None:
    with pytest.raises(FaultError) as raised:
        decode(fault(inner))
    assert (raised.value.code, raised.value.text) == (code, said)


def test_rows_that_look_like_a_fault_are_rows() -> None:
    assert decode(page(struct(faultCode=b"<value><i4>1</i4></value>"))).value == [{"faultCode": 1}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"Cannot create a session after the response has been committed",
        b'{"fault": {"faultstring": "Invalid Access Token"}}',
        b"<html><body><h1>Developer Inactive</h1></body></html>",
        b"<methodCall><methodName>a</methodName></methodCall>",
        b"<methodResponse/>",
        b"<methodResponse><params/></methodResponse>",
        b"<methodResponse><params><param/></params></methodResponse>",
        response(b"<value><b>1</b></value>"),
        response(b"<value><struct><member><name>a</name></member></struct></value>"),
        page(struct(Name=text(b"abc")))[:-40],
        page(struct(Name=text(b"abc")), struct(Name=text(b"def"))).replace(b"</struct>", b"", 1),
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_response_is_refused(body: bytes) -> None:
    with pytest.raises(NotXmlRpcError, match=r"\w"):
        decode(body)


def test_every_cut_of_a_page_is_refused() -> None:
    whole = page(struct(Id=b"<value><i4>1</i4></value>", Name=text("a é".encode())), struct(Id=text(b"2")))
    for length in range(len(whole)):
        with pytest.raises(NotXmlRpcError):
            decode(whole[:length])


def test_a_document_type_is_refused_before_anything_is_expanded() -> None:
    harmless = b'<!DOCTYPE methodResponse [<!ENTITY word "abc">]>'
    for value in (text(b"&word;"), text(b"plain")):
        with pytest.raises(NotXmlRpcError, match="document type"):
            decode(page(struct(Name=value), prolog=PROLOG + harmless))


def test_what_is_nested_too_deeply_is_refused() -> None:
    wire = text(b"a")
    for _ in range(codec.DEEPEST):
        wire = b"<value><array><data>%s</data></array></value>" % wire
    with pytest.raises(NotXmlRpcError, match="deep"):
        decode(response(wire))
