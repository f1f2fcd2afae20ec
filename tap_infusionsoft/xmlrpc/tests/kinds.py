"""Values as broken, or as unusual, as real answers have had them, and what must become of them.

`number` is that of the list of 48 kinds of answers; the kinds that are no values are in `test_answers.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

BROKEN = "replaced broken characters with U+FFFD in {}"
JOINED = "joined characters that came as two halves in {}"
ENCODING = "read bytes that are not UTF-8 as Windows-1252 in {}"
BARE = "took a bare & or ]]> as text in {}"
NUMBER = "set {} without a valid number to null"
NOT_FINITE = "set {} of NaN or Infinity to null"
TIME = "set {} without a valid time to null"
BOOLEAN = "set {} other than true or false to null"
BASE64 = "set {} of broken base64 to null"
TWICE = "took the last of several values in {}"
WRONG = "set {} of the wrong type to null"


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    Attributes:
        number: In the list of kinds.
        wire: What is between ``<value>`` and ``</value>``, or the element itself.
        value: What the record holds.
        told: What the log says, with ``{}`` for how many values.
        field: The field that has it.
    """

    number: int
    wire: bytes
    value: Any
    told: tuple[str, ...] = ()
    field: str = "City"

    @property
    def element(self) -> bytes:
        """The element ``value``."""
        return self.wire if self.wire.startswith(b"<value") else b"<value>%s</value>" % self.wire


_CONTROLS = (*range(1, 9), 11, 12, *range(14, 32))
_B = "\ufffd"


def _time(text: bytes) -> bytes:
    return b"<dateTime.iso8601>%s</dateTime.iso8601>" % text


TEXTS = {
    "raw 0x0B": Kind(1, b"a\x0bb", f"a{_B}b", (BROKEN,)),
    "reference to 0x0B": Kind(2, b"a&#11;b", f"a{_B}b", (BROKEN,)),
    "raw 0x00": Kind(3, b"a\x00b", f"a{_B}b", (BROKEN,)),
    "reference to 0x00": Kind(3, b"a&#0;b", f"a{_B}b", (BROKEN,)),
    **{f"reference to {code}": Kind(4, b"a&#%d;b" % code, f"a{_B}b", (BROKEN,)) for code in _CONTROLS},
    **{f"raw control {code}": Kind(4, b"a%cb" % code, f"a{_B}b", (BROKEN,)) for code in _CONTROLS},
    "hexadecimal control": Kind(4, b"a&#xB;b&#x1f;", f"a{_B}b{_B}", (BROKEN,)),
    "control with zeros": Kind(4, b"a&#0011;b", f"a{_B}b", (BROKEN,)),
    "unterminated before a letter": Kind(5, b"a&#16b", f"a{_B}b", (BROKEN,)),
    "unterminated before a digit": Kind(5, b"a&#165 Main", f"a{_B}5 Main", (BROKEN,)),
    "unterminated before many digits": Kind(5, b"&#165550123456 x", f"{_B}5550123456 x", (BROKEN,)),
    "unterminated at the end": Kind(5, b"a&#16", f"a{_B}", (BROKEN,)),
    "unterminated and legal": Kind(5, b"a&#9 b", "a&#9 b", (BARE,)),
    "unterminated hexadecimal": Kind(5, b"a&#x10 b", "a&#x10 b", (BARE,)),
    "raw U+FFFF": Kind(6, "a\uffffb".encode(), f"a{_B}b", (BROKEN,)),
    "raw U+FFFE": Kind(6, "a\ufffeb".encode(), f"a{_B}b", (BROKEN,)),
    "reference to U+FFFF": Kind(6, b"a&#65535;b", f"a{_B}b", (BROKEN,)),
    "reference beyond Unicode": Kind(6, b"a&#1114112;&#99999999999999999999;", f"a{_B}{_B}", (BROKEN,)),
    "emoji": Kind(7, b"a&#55357;&#56832;b", "a\U0001f600b", (JOINED,)),
    "two emoji": Kind(8, b"&#55357;&#56832;&#55357;&#56833;", "\U0001f600\U0001f601", (JOINED,)),
    "high half": Kind(9, b"a&#55357;b", f"a{_B}b", (BROKEN,)),
    "low half": Kind(9, b"a&#56832;b", f"a{_B}b", (BROKEN,)),
    "halves in the wrong order": Kind(9, b"&#56832;&#55357;", _B * 2, (BROKEN,)),
    "half before a pair": Kind(9, b"&#55357;&#55357;&#56832;", f"{_B}\U0001f600", (BROKEN, JOINED)),
    "half before a legal reference": Kind(9, b"&#55357;&#233;", f"{_B}é", (BROKEN,)),
    "half of six bytes": Kind(9, b"a\xed\xa0\xbdb", f"a{_B}b", (BROKEN,)),
    "hexadecimal pair": Kind(11, b"&#xD83D;&#xDE00;", "\U0001f600", (JOINED,)),
    "mixed pair": Kind(11, b"&#xd83d;&#56832;", "\U0001f600", (JOINED,)),
    "legal references": Kind(12, b"&#233;&#8482;&#402;&#x10FFFF;", "é™ƒ\U0010ffff"),
    "references to markup": Kind(12, b"&#60;b&#62; &#38;amp; &#0000000000038;", "<b> &amp; &"),
    "reference to a noncharacter": Kind(12, b"&#64976;&#xFDD1;", "\ufdd0\ufdd1"),
    "Latin-1 byte": Kind(13, b"caf\xe9 ok", "café ok", (ENCODING,)),
    "Latin-1 beside UTF-8": Kind(14, b"caf\xe9 " + "é™".encode(), "café é™", (ENCODING,)),
    "quotes of Windows-1252": Kind(15, b"\x93so\x94", "“so”", (ENCODING,)),
    "undefined byte of Windows-1252": Kind(15, b"a\x81b", f"a{_B}b", (ENCODING,)),
    "emoji of six bytes": Kind(16, b"a\xed\xa0\xbd\xed\xb8\x80b", "a\U0001f600b", (JOINED,)),
    "emoji of six bytes in Latin-1": Kind(
        16, b"\xe9\xed\xa0\xbd\xed\xb8\x80\xe9", "é\U0001f600é", (ENCODING, JOINED)
    ),
    "raw UTF-8": Kind(16, "é™Á\U0001f600".encode(), "é™Á\U0001f600"),
    "bare ampersand": Kind(19, b"Q & A, R&D;", "Q & A, R&D;", (BARE,)),
    "entities of HTML": Kind(19, b"a&nbsp;b &copy 2", "a&nbsp;b &copy 2", (BARE,)),
    "ampersands": Kind(19, b"&&amp;&;&#;&#x;", "&&&;&#;&#x;", (BARE,)),
    "escaped already": Kind(20, b"a &amp;amp; b &amp;#11;", "a &amp; b &#11;"),
    "entities of XML": Kind(20, b"&lt;&gt;&quot;&apos;&amp;", "<>\"'&"),
    "end of CDATA, escaped": Kind(21, b"a]]&gt;b", "a]]>b"),
    "end of CDATA": Kind(21, b"a]]>b", "a]]>b", (BARE,)),
    "CDATA": Kind(22, b"a<![CDATA[<b> & &#11; &nbsp;]]>c", "a<b> & &#11; &nbsp;c"),
    "split CDATA": Kind(22, b"<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
    "control in CDATA": Kind(22, b"<![CDATA[a\x0bb]]>", f"a{_B}b", (BROKEN,)),
    "comment": Kind(23, b"a<!-- no -->b", "ab"),
    "processing instruction": Kind(23, b"a<?x no?>b", "ab"),
    "CR LF": Kind(24, b"a\r\nb\rc", "a\nb\nc"),
    "reference to CR": Kind(24, b"a&#13;&#10;&#9;b", "a\r\n\tb"),
    "blanks": Kind(24, b" \t a b \n ", " \t a b \n "),
    "only blanks": Kind(24, b"   ", "   "),
    "empty element": Kind(25, b"<value/>", ""),
    "empty value": Kind(25, b"<value></value>", ""),
    "empty string": Kind(25, b"<string/>", ""),
    "string": Kind(25, b"<string> a &amp; b </string>", " a & b "),
    "nil": Kind(28, b"<nil/>", None),
    "text with zeros": Kind(30, b"0012", "0012"),
    "looks like a number": Kind(31, b"01234", "01234"),
    "looks like a fraction": Kind(31, b"1e3", "1e3"),
    "looks like a truth value": Kind(31, b"true", "true"),
    "plus sign": Kind(31, b"+1555", "+1555"),
    "noncharacters and a control": Kind(4, "\ufdd0\ufdd1\x0b".encode(), f"\ufdd0\ufdd1{_B}", (BROKEN,)),
    "several repairs": Kind(
        4, b"\x0b&#55357;&#56832;\xe9 & ", f"{_B}\U0001f600é & ", (BROKEN, JOINED, ENCODING, BARE)
    ),
    "long": Kind(12, b"x" * 2_000_000, "x" * 2_000_000),
}
"""Values of texts."""


def _ex(tag: bytes, text: bytes) -> bytes:
    return b"<ex:%s>%s</ex:%s>" % (tag, text, tag)


OTHERS = {
    "member left out": Kind(26, b"", None),
    "nil of the extensions": Kind(27, b"<ex:nil/>", None),
    "nil of another prefix": Kind(
        27, b'<n:nil xmlns:n="http://ws.apache.org/xmlrpc/namespaces/extensions"/>', None
    ),
    "i8 of the extensions": Kind(29, _ex(b"i8", b"7"), 7, field="OwnerID"),
    "i8": Kind(29, b"<i8>9007199254740993</i8>", 9007199254740993, field="OwnerID"),
    "i8 beyond 64 bits": Kind(29, b"<i8>92233720368547758080</i8>", None, (WRONG,), "OwnerID"),
    "i2 of the extensions": Kind(29, _ex(b"i2", b"7"), 7, field="OwnerID"),
    "float of the extensions": Kind(29, _ex(b"float", b"1.5"), Decimal("1.5"), field="Score"),
    "bigdecimal of the extensions": Kind(29, _ex(b"bigdecimal", b"0.10"), Decimal("0.10"), field="Score"),
    "biginteger of the extensions": Kind(29, _ex(b"biginteger", b"-12"), -12, field="OwnerID"),
    "int with blanks": Kind(30, b"<int> 12 </int>", 12, field="OwnerID"),
    "int with a plus sign": Kind(30, b"<i4>+12</i4>", 12, field="OwnerID"),
    "int with zeros": Kind(30, b"<i4>0012</i4>", 12, field="OwnerID"),
    "negative int": Kind(30, b"<i4>-12</i4>", -12, field="OwnerID"),
    "empty int": Kind(30, b"<i4/>", None, field="OwnerID"),
    "int with an underscore": Kind(30, b"<i4>1_000</i4>", None, (NUMBER,), "OwnerID"),
    "int with other digits": Kind(30, "<i4>١٢</i4>".encode(), None, (NUMBER,), "OwnerID"),
    "int that is a text": Kind(30, b"<i4>twelve</i4>", None, (NUMBER,), "OwnerID"),
    "int of a text field": Kind(31, b"<i4>98052</i4>", "98052"),
    "untyped int": Kind(31, b"12", 12, field="OwnerID"),
    "double of Java": Kind(32, b"<double>1.0E10</double>", Decimal("1.0E10"), field="Score"),
    "small double of Java": Kind(32, b"<double>1.0E-5</double>", Decimal("0.000010"), field="Score"),
    "double without a fraction": Kind(32, b"<double>5</double>", Decimal(5), field="Score"),
    "exact double": Kind(32, b"<double>0.1</double>", Decimal("0.1"), field="Score"),
    "negative double": Kind(32, b"<double>-0.5</double>", Decimal("-0.5"), field="Score"),
    "NaN": Kind(32, b"<double>NaN</double>", None, (NOT_FINITE,), "Score"),
    "Infinity": Kind(32, b"<double>-Infinity</double>", None, (NOT_FINITE,), "Score"),
    "double beyond doubles": Kind(32, b"<double>1E999</double>", None, (WRONG,), "Score"),
    "zero date": Kind(33, _time(b"00000000T00:00:00"), None, (TIME,), "DateCreated"),
    "zero day": Kind(33, _time(b"00000000T00:00:00"), None, (TIME,), "Birthday"),
    "day that is none": Kind(34, _time(b"20260230T00:00:00"), None, (TIME,), "Birthday"),
    **{
        name: Kind(34, _time(text), utc, (TIME,) if utc is None else (), "DateCreated")
        for name, text, utc in [
            ("plain time", b"20160120T08:15:00", "2016-01-20T13:15:00.000Z"),
            ("dashed time", b"2016-01-20T08:15:00", "2016-01-20T13:15:00.000Z"),
            ("time with a blank", b"2016-01-20 08:15:00", "2016-01-20T13:15:00.000Z"),
            ("time without colons", b"20160120T081500", "2016-01-20T13:15:00.000Z"),
            ("time with Z", b"20160120T08:15:00Z", "2016-01-20T08:15:00.000Z"),
            ("time with an offset", b"20160120T08:15:00+0100", "2016-01-20T07:15:00.000Z"),
            ("time with a fraction", b"20160120T08:15:00.250", "2016-01-20T13:15:00.250Z"),
            ("end of a day", b"20160120T24:00:00", "2016-01-21T05:00:00.000Z"),
            ("time with blanks", b" 20160120T08:15:00\n", "2016-01-20T13:15:00.000Z"),
            ("time that is none", b"20160120T25:15:00", None),
            ("text instead of a time", b"soon", None),
        ]
    },
    "empty time": Kind(34, b"<dateTime.iso8601/>", None, field="DateCreated"),
    "time with a control": Kind(34, _time(b"20160120T08:15:00&#11;"), None, (BROKEN, TIME), "DateCreated"),
    "untyped time": Kind(34, b"20160120T08:15:00", "2016-01-20T13:15:00.000Z", field="DateCreated"),
    "time with a zone of the extensions": Kind(
        34,
        _ex(b"dateTime", b"2026-11-27T12:29:11.990-05:00"),
        "2026-11-27T17:29:11.990Z",
        field="DateCreated",
    ),
    "hour that comes twice": Kind(
        35, _time(b"20261101T01:30:00"), "2026-11-01T05:30:00.000Z", field="DateCreated"
    ),
    "hour that never comes": Kind(
        35, _time(b"20260308T02:30:00"), "2026-03-08T07:30:00.000Z", field="DateCreated"
    ),
    **{
        f"boolean {text.decode()!r}": Kind(36, b"<boolean>%s</boolean>" % text, value, told, "IsPaid")
        for text, value, told in [
            (b"1", True, ()),
            (b"0", False, ()),
            (b"true", True, ()),
            (b"FALSE", False, ()),
            (b" 1 ", True, ()),
            (b"maybe", None, (BOOLEAN,)),
            (b"", None, ()),
        ]
    },
    "base64": Kind(37, b"<base64>aGk=</base64>", "aGk=", field="Content"),
    "base64 in lines": Kind(37, b"<base64>\naG\r\nk=\n</base64>", "aGk=", field="Content"),
    "empty base64": Kind(37, b"<base64/>", "", field="Content"),
    "base64 that is none": Kind(37, b"<base64>a*</base64>", None, (BASE64,), "Content"),
    "member that comes twice": Kind(
        39, b"<value>a</value></member><member><name>City</name><value>b</value>", "b", (TWICE,)
    ),
}
"""Other values."""

KINDS = TEXTS | OTHERS
