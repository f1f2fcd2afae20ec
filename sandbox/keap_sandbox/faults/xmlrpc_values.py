"""Values as broken as they were seen in answers of the XML-RPC API, or as other libraries write them.

Each is put in the place of a value of its type. What is not legal XML is here on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["VALUES", "Broken"]


@dataclass(frozen=True)
class Broken:
    """A value.

    Attributes:
        about: What it is.
        xml: What is between ``<value>`` and ``</value>``, or these with it.
        type: The type of the values that it can replace.
    """

    about: str
    xml: bytes
    type: type = str


_CONTROLS = (*range(1, 9), 11, 12, *range(14, 32))
_NIL = b'<n:nil xmlns:n="http://ws.apache.org/xmlrpc/namespaces/extensions"/>'

VALUES: dict[str, Broken] = {
    # Characters that XML forbids
    "raw_control": Broken("the control character U+000B as it is", b"A\x0bB"),
    "control_reference": Broken("a reference to it", b"A&#11;B"),
    "raw_nul": Broken("a NUL as it is", b"A\x00B"),
    "nul_reference": Broken("a reference to NUL", b"A&#0;B"),
    "raw_controls": Broken(
        "every forbidden control character but NUL", b"".join(b"%d%c" % (one, one) for one in _CONTROLS)
    ),
    "control_references": Broken(
        "a reference to each of them", b"".join(b"A&#%d;" % one for one in _CONTROLS)
    ),
    "unended_letter": Broken("a reference without a semicolon before a letter", b"A&#16B"),
    "unended_digit": Broken("the same before a digit", b"A&#167"),
    "unended_last": Broken("the same at the end of the text", b"A&#16"),
    "raw_ffff": Broken("U+FFFF as it is", b"A\xef\xbf\xbfB"),
    "ffff_reference": Broken("a reference to U+FFFF", b"A&#65535;B"),
    "emoji": Broken("an emoji as two references", b"A&#55357;&#56832;B"),
    "two_emoji": Broken("two emoji as four references", b"A&#55357;&#56832;&#55357;&#56833;B"),
    "hex_emoji": Broken("an emoji as two hexadecimal references", b"A&#xD83D;&#xDE00;B"),
    "high_half": Broken("the first half of an emoji", b"A&#55357;B"),
    "low_half": Broken("the second half of an emoji", b"A&#56832;B"),
    "swapped_halves": Broken("the halves of an emoji in the wrong order", b"A&#56832;&#55357;B"),
    # Encodings
    "latin1": Broken("a Latin-1 byte", b"Caf\xe9 B"),
    "latin1_utf8": Broken("a Latin-1 byte and real UTF-8", b"Caf\xe9 Zo\xc3\xab"),
    "windows_quotes": Broken("quotation marks of Windows-1252", b"\x93Hi\x94"),
    "cesu8": Broken("an emoji in six bytes", b"A\xed\xa0\xbd\xed\xb8\x80B"),
    # References and markup
    "bare_ampersand": Broken("an ampersand that is not escaped", b"A & B"),
    "named_entity": Broken("an entity of HTML", b"A&nbsp;B"),
    "unended_entity": Broken("an entity of HTML without a semicolon", b"A&copy B"),
    "references": Broken("decimal references to letters", b"&#233;&#8482;&#402;"),
    "escaped_twice": Broken("a text that was stored escaped", b"A &amp;amp; B"),
    "cdata_end": Broken("the end of a CDATA section as text", b"A ]]&gt; B"),
    "cdata": Broken("a CDATA section", b"<![CDATA[A < B]]>"),
    "split_cdata": Broken("two CDATA sections", b"<![CDATA[A ]]>]]&gt;<![CDATA[ B]]>"),
    "comment": Broken("a comment inside a text", b"A<!-- x -->B"),
    "instruction": Broken("a processing instruction inside a text", b"A<?x y?>B"),
    # Texts that are easily lost or taken for something else
    "blanks": Broken("blanks, a tab and a line break", b"  A\r\n\tB  "),
    "blank_only": Broken("blanks only", b"   "),
    "empty_value": Broken("`<value/>`", b"<value/>"),
    "empty_pair": Broken("`<value></value>`", b"<value></value>"),
    "empty_string": Broken("`<string/>`", b"<string/>"),
    "typed_string": Broken("a text in `<string>`", b"<string>A</string>"),
    "text_zeros": Broken("an untyped 0012", b"0012"),
    "text_exponent": Broken("an untyped 1e3", b"1e3"),
    "text_true": Broken("an untyped true", b"true"),
    "text_plus": Broken("an untyped +1555", b"+1555"),
    # Null
    "ex_nil": Broken("`<ex:nil/>`, with the prefix declared at the root", b"<ex:nil/>"),
    "own_nil": Broken("the same with another prefix", _NIL),
    "nil": Broken("`<nil/>`", b"<nil/>"),
    # Numbers
    "ex_i8": Broken("`<ex:i8>`", b"<ex:i8>7</ex:i8>", int),
    "i8": Broken("`<i8>`", b"<i8>7</i8>", int),
    "ex_i2": Broken("`<ex:i2>`", b"<ex:i2>7</ex:i2>", int),
    "int_blanks": Broken("an integer between blanks", b"<i4> 7 </i4>", int),
    "int_plus": Broken("an integer with a plus sign", b"<i4>+7</i4>", int),
    "int_zeros": Broken("an integer with leading zeros", b"<int>007</int>", int),
    "ex_float": Broken("`<ex:float>`", b"<ex:float>7.5</ex:float>", float),
    "ex_bigdecimal": Broken("`<ex:bigdecimal>`", b"<ex:bigdecimal>7.50</ex:bigdecimal>", float),
    "double_large": Broken("1.0E10", b"<double>1.0E10</double>", float),
    "double_small": Broken("1.0E-5", b"<double>1.0E-5</double>", float),
    "double_whole": Broken("a double without a point", b"<double>5</double>", float),
    "double_nan": Broken("NaN", b"<double>NaN</double>", float),
    "double_infinity": Broken("Infinity", b"<double>Infinity</double>", float),
    # Dates
    "zero_date": Broken("the zero date", b"<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>", datetime),
    "dashed_date": Broken(
        "a date with dashes", b"<dateTime.iso8601>2016-01-20T08:15:00</dateTime.iso8601>", datetime
    ),
    "date_z": Broken("a date with a Z", b"<dateTime.iso8601>20160120T08:15:00Z</dateTime.iso8601>", datetime),
    "date_offset": Broken(
        "a date with an offset", b"<dateTime.iso8601>20160120T08:15:00-0500</dateTime.iso8601>", datetime
    ),
    "date_fraction": Broken(
        "a date with a fraction", b"<dateTime.iso8601>20160120T08:15:00.250</dateTime.iso8601>", datetime
    ),
    "date_24": Broken(
        "midnight as 24:00:00", b"<dateTime.iso8601>20160120T24:00:00</dateTime.iso8601>", datetime
    ),
    "empty_date": Broken("a date without a text", b"<dateTime.iso8601/>", datetime),
    # Others
    "boolean_true": Broken("a boolean as a word", b"<boolean>true</boolean>", bool),
    "boolean_blanks": Broken("a boolean between blanks", b"<boolean> 1 </boolean>", bool),
    "base64": Broken("base64 on one line", b"<base64>%s</base64>" % (b"Keap" * 50), bytes),
    "base64_lines": Broken("base64 in lines", b"<base64>\naGVs\nbG8=\n</base64>", bytes),
    "base64_empty": Broken("base64 of nothing", b"<base64/>", bytes),
}
"""By name."""
