"""Responses that are broken in the ways that Infusionsoft's have been, one by one and all in one page."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.client.lenient_json import RepairKind
from tap_infusionsoft.xmlrpc import decode as codec
from tap_infusionsoft.xmlrpc.decode import Decoded, FaultError, NotXmlRpcError, decode
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.scalars import WireTime
from tap_infusionsoft.xmlrpc.tests.wire import PROLOG, page, response, struct, text

BROKEN = "\ufffd"
FORBIDDEN, JOINED, ENCODING, AMPERSAND = (
    RepairKind.BROKEN_TEXT,
    WireRepair.JOINED,
    WireRepair.ENCODING,
    WireRepair.BARE,
)


TEXTS: dict[str, tuple[bytes, str, list[Enum]]] = {
    "raw 0x0B": (b"a\x0bb", f"a{BROKEN}b", [FORBIDDEN]),
    "reference to 0x0B": (b"a&#11;b", f"a{BROKEN}b", [FORBIDDEN]),
    "raw 0x00": (b"a\x00b", f"a{BROKEN}b", [FORBIDDEN]),
    "reference to 0x00": (b"a&#0;b", f"a{BROKEN}b", [FORBIDDEN]),
    **{
        f"reference to {code}": (b"a&#%d;b" % code, f"a{BROKEN}b", [FORBIDDEN])
        for code in (*range(1, 9), 12, *range(14, 32))
    },
    **{
        f"raw control {code}": (b"a%cb" % code, f"a{BROKEN}b", [FORBIDDEN])
        for code in (*range(1, 9), 12, *range(14, 32))
    },
    "unterminated before a letter": (b"a&#16b", f"a{BROKEN}b", [FORBIDDEN]),
    "unterminated before a digit": (b"a&#165 Main", f"a{BROKEN}5 Main", [FORBIDDEN]),
    "unterminated at the end": (b"a&#16", f"a{BROKEN}", [FORBIDDEN]),
    "unterminated and legal": (b"a&#9 b", "a&#9 b", [AMPERSAND]),
    "raw U+FFFF": ("a\uffffb".encode(), f"a{BROKEN}b", [FORBIDDEN]),
    "reference to U+FFFF": (b"a&#65535;b", f"a{BROKEN}b", [FORBIDDEN]),
    "reference beyond Unicode": (b"a&#1114112;b&#99999999999999999999;", f"a{BROKEN}b{BROKEN}", [FORBIDDEN]),
    "emoji as two references": (b"a&#55357;&#56832;b", "a\U0001f600b", [JOINED]),
    "two emoji in a row": (b"&#55357;&#56832;&#55357;&#56833;", "\U0001f600\U0001f601", [JOINED]),
    "lone high": (b"a&#55357;b", f"a{BROKEN}b", [FORBIDDEN]),
    "lone low": (b"a&#56832;b", f"a{BROKEN}b", [FORBIDDEN]),
    "wrong order": (b"&#56832;&#55357;", BROKEN * 2, [FORBIDDEN]),
    "high, then a pair": (b"&#55357;&#55357;&#56832;", f"{BROKEN}\U0001f600", [FORBIDDEN, JOINED]),
    "high, then a legal reference": (b"&#55357;&#233;", f"{BROKEN}é", [FORBIDDEN]),
    "hexadecimal pair": (b"&#xD83D;&#xDE00;", "\U0001f600", [JOINED]),
    "mixed pair": (b"&#xd83d;&#56832;", "\U0001f600", [JOINED]),
    "legal references": (b"&#233;&#8482;&#402;&#x10FFFF;", "é™ƒ\U0010ffff", []),
    "reference to markup": (b"&#60;b&#62; &#38;amp;", "<b> &amp;", []),
    "latin-1 byte": (b"caf\xe9 ok", "café ok", [ENCODING]),
    "latin-1 beside UTF-8": (b"caf" + b"\xe9 " + "é™".encode(), "café é™", [ENCODING]),
    "windows quotes": (b"\x93so\x94", "\u201cso\u201d", [ENCODING]),
    "undefined windows byte": (b"a\x81b", f"a{BROKEN}b", [ENCODING]),
    "CESU-8": (b"a\xed\xa0\xbd\xed\xb8\x80b", "a\U0001f600b", [JOINED]),
    "CESU-8 beside latin-1": (b"\xe9\xed\xa0\xbd\xed\xb8\x80\xe9", "é\U0001f600é", [JOINED, ENCODING]),
    "raw UTF-8": ("é™Á\U0001f600".encode(), "é™Á\U0001f600", []),
    "bare ampersand": (b"Q & A, R&D;", "Q & A, R&D;", [AMPERSAND]),
    "entities of HTML": (b"a&nbsp;b &copy 2", "a&nbsp;b &copy 2", [AMPERSAND]),
    "escaped already": (b"a &amp;amp; b &amp;#11;", "a &amp; b &#11;", []),
    "end of CDATA": (b"a]]&gt;b", "a]]>b", []),
    "CDATA": (b"a<![CDATA[<b> & &#11; &nbsp;]]>c", "a<b> & &#11; &nbsp;c", []),
    "split CDATA": (b"<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b", []),
    "control in CDATA": (b"<![CDATA[a\x0bb]]>", f"a{BROKEN}b", [FORBIDDEN]),
    "comment": (b"a<!-- no -->b", "ab", []),
    "processing instruction": (b"a<?x no?>b", "ab", []),
    "CR LF": (b"a\r\nb\rc", "a\nb\nc", []),
    "blanks": (b" \t a b \n ", " \t a b \n ", []),
    "only blanks": (b"   ", "   ", []),
    "looks like a number": (b"01234", "01234", []),
    "looks like a fraction": (b"1e3", "1e3", []),
    "looks like a truth value": (b"true", "true", []),
    "plus sign": (b"+1555", "+1555", []),
    "noncharacters of its own": ("\ufdd0\ufdd1\x0b".encode(), f"\ufdd0\ufdd1{BROKEN}", [FORBIDDEN]),
    "long": (b"x" * 3_000_000, "x" * 3_000_000, []),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_text_arrives_and_its_repair_is_told(case: str) -> None:
    wire, value, repairs = TEXTS[case]
    decoded = decode(page(struct(Id=text(b"1"), Name=text(wire)), struct(Id=text(b"2"), Name=text(b"b"))))
    assert decoded.value == [{"Id": "1", "Name": value}, {"Id": "2", "Name": "b"}]
    assert {path: set(found) for path, found in decoded.repairs.items()} == (
        {(0, "Name"): set(repairs)} if repairs else {}
    )


def test_all_texts_in_one_page_do_not_touch_each_other() -> None:
    cases = [case for case in TEXTS if case != "long"]
    rows = [
        struct(Id=text(str(place).encode()), Name=text(TEXTS[case][0])) for place, case in enumerate(cases)
    ]
    decoded = decode(page(*rows, *(struct(Id=text(b"x")) for _ in range(900))))
    for place, case in enumerate(cases):
        _, value, repairs = TEXTS[case]
        assert decoded.value[place] == {"Id": str(place), "Name": value}, case
        assert set(decoded.repairs.get((place, "Name"), [])) == set(repairs), case
    assert len(decoded.value) == len(cases) + 900


@given(
    st.lists(st.sampled_from(sorted(set(TEXTS) - {"long"})), min_size=1, max_size=6), st.integers(0, 9_000)
)
def test_repairs_do_not_depend_on_where_a_text_is(cases: list[str], padding: int) -> None:
    """expat takes its input in pieces, and a text may lie across the end of one."""
    rows = [struct(Pad=text(b"p" * padding), Name=text(TEXTS[case][0])) for case in cases]
    decoded = decode(page(*rows))
    assert [one["Name"] for one in decoded.value] == [TEXTS[case][1] for case in cases]


TYPED: dict[str, tuple[bytes, Any, list[Enum]]] = {
    "empty element": (b"<value/>", "", []),
    "empty value": (b"<value></value>", "", []),
    "empty string": (b"<value><string/></value>", "", []),
    "string": (b"<value><string> a </string></value>", " a ", []),
    "nil": (b"<value><nil/></value>", None, []),
    "i4": (b"<value><i4>-12</i4></value>", -12, []),
    "int with blanks": (b"<value><int> +0012 </int></value>", 12, []),
    "i8": (b"<value><i8>9007199254740993</i8></value>", 9007199254740993, []),
    "empty int": (b"<value><i4/></value>", None, []),
    "int with underscore": (b"<value><i4>1_000</i4></value>", None, [WireRepair.NUMBER]),
    "int that is text": (b"<value><i4>twelve</i4></value>", None, [WireRepair.NUMBER]),
    "double of Java": (b"<value><double>1.0E10</double></value>", Decimal("1.0E10"), []),
    "small double": (b"<value><double>1.0E-5</double></value>", Decimal("0.000010"), []),
    "double without fraction": (b"<value><double>5</double></value>", Decimal(5), []),
    "exact double": (b"<value><double>0.1</double></value>", Decimal("0.1"), []),
    "NaN": (b"<value><double>NaN</double></value>", None, [RepairKind.NOT_A_NUMBER]),
    "Infinity": (b"<value><double>-Infinity</double></value>", None, [RepairKind.NOT_A_NUMBER]),
    "time": (
        b"<value><dateTime.iso8601>20120314T00:00:00</dateTime.iso8601></value>",
        "20120314T00:00:00",
        [],
    ),
    "boolean 1": (b"<value><boolean>1</boolean></value>", True, []),
    "boolean 0": (b"<value><boolean>0</boolean></value>", False, []),
    "boolean true": (b"<value><boolean>true</boolean></value>", True, []),
    "boolean with blanks": (b"<value><boolean> 1 </boolean></value>", True, []),
    "boolean that is none": (b"<value><boolean>maybe</boolean></value>", None, [WireRepair.BOOLEAN]),
    "base64": (b"<value><base64>aGk=</base64></value>", b"hi", []),
    "base64 in lines": (b"<value><base64>aG\r\nk=\n</base64></value>", b"hi", []),
    "empty base64": (b"<value><base64/></value>", b"", []),
    "base64 that is none": (b"<value><base64>a*</base64></value>", None, [WireRepair.BASE64]),
    "array": (b"<value><array><data><value>a</value><value/></data></array></value>", ["a", ""], []),
    "empty array": (b"<value><array><data/></array></value>", [], []),
    "struct": (struct(Inner=text(b"a")), {"Inner": "a"}, []),
    "empty struct": (b"<value><struct/></value>", {}, []),
    "blanks around": (b"<value> <i4>1</i4> </value>", 1, []),
}
EXTENSIONS: dict[str, tuple[bytes, Any]] = {
    "nil": (b"<value><ex:nil/></value>", None),
    "i8": (b"<value><ex:i8>9007199254740993</ex:i8></value>", 9007199254740993),
    "i2": (b"<value><ex:i2>7</ex:i2></value>", 7),
    "float": (b"<value><ex:float>1.5</ex:float></value>", Decimal("1.5")),
    "bigdecimal": (b"<value><ex:bigdecimal>0.10</ex:bigdecimal></value>", Decimal("0.10")),
    "biginteger": (b"<value><ex:biginteger>%d</ex:biginteger></value>" % 2**80, 2**80),
    "dateTime": (
        b"<value><ex:dateTime>2026-11-27T12:29:11.990-05:00</ex:dateTime></value>",
        "2026-11-27T12:29:11.990-05:00",
    ),
}


@pytest.mark.parametrize("case", TYPED)
@pytest.mark.parametrize("wraps", [True, False], ids=["in a row", "alone"])
def test_a_typed_value_arrives(case: str, wraps: bool) -> None:  # noqa: FBT001
    wire, value, repairs = TYPED[case]
    decoded = decode(page(struct(Id=text(b"1"), It=wire)) if wraps else response(wire))
    found = decoded.value[0]["It"] if wraps else decoded.value
    path = (0, "It") if wraps else ()
    assert found == value
    assert type(found) is type(value) or isinstance(found, WireTime)
    assert decoded.repairs == ({path: repairs} if repairs else {})


@pytest.mark.parametrize("case", EXTENSIONS)
@pytest.mark.parametrize("prefix", [b"ex", b"other"])
def test_extensions_arrive_whatever_their_prefix(case: str, prefix: bytes) -> None:
    wire, value = EXTENSIONS[case]
    root = b'methodResponse xmlns:%s="http://ws.apache.org/xmlrpc/namespaces/extensions"' % prefix
    decoded = decode(page(struct(It=wire.replace(b"ex:", prefix + b":")), root=root))
    assert decoded == Decoded([{"It": value}])


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
    assert ENCODING not in decoded.repairs.get((0, "Name"), [])


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


members = st.dictionaries(
    st.sampled_from(["Id", "Name", "_Custom", "DateCreated"]), st.sampled_from(sorted(TYPED))
)


@given(st.lists(members, max_size=5))
def test_the_short_way_gives_what_the_general_way_gives(rows: list[dict[str, str]]) -> None:
    body = page(*(struct(**{name: TYPED[case][0] for name, case in one.items()}) for one in rows))
    general = decode(body.replace(b"<data>", b"<data> ", 1).replace(b"<data/>", b"<data> </data>"))
    assert decode(body) == general
