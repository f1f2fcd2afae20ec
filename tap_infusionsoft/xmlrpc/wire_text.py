"""From the bytes of a response to text that an XML parser accepts.

Sources: Apache ws-xmlrpc 3.1.3, the library of the service, writes control characters as they are or as
references, and every character above U+FFFF as two references (measured 2026-11-27). Users of other clients
met bytes that are not UTF-8, references without their semicolon, and bare ampersands.

A repair must be told by column and row, which only the parser knows. So each repaired character is preceded
by a mark, a noncharacter of Unicode that XML allows and the response doesn't contain; `decode` takes the
marks out again.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.repairs import TEXT_REPAIRS, WireRepair

if TYPE_CHECKING:
    from collections.abc import Mapping

BROKEN = "\ufffd"
"""Stands for a character that cannot be known."""

_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids."""
_NOT_UTF8 = re.compile("[\udc80-\udcff]+")
_CESU8_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_REFERENCES = re.compile(r"(?:&#(?:x[0-9a-fA-F]+|[0-9]+);?)+")
_REFERENCE = re.compile(r"&#(x?)([0-9a-fA-F]+);|&#([0-9]+)|&#x[0-9a-fA-F]+")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_KNOWN_ENTITIES = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;")
_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_ALLOWED = (
    range(0x9, 0xB),
    range(0xD, 0xE),
    range(0x20, 0xD800),
    range(0xE000, 0xFFFE),
    range(0x10000, 0x110000),
)
"""Characters that XML 1.0 allows, by their numbers."""
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""First and second halves of characters above U+FFFF in UTF-16."""


@dataclass(frozen=True, slots=True)
class WireText:
    """A response as text.

    Attributes:
        text: The text.
        marks: The characters that precede repaired ones in it -> what was done; empty if nothing was.
    """

    text: str
    marks: Mapping[str, WireRepair] = field(default_factory=dict)


def read_text(body: bytes) -> WireText:
    """Decode and repair a response.

    The encoding that the prolog declares is taken, UTF-8 without one. Bytes that are not UTF-8 are read as
    Windows-1252, which is what people paste, and leave the rest of the text alone. A reference without its
    semicolon ends with the longest number that is a character which XML forbids, as only such ones were ever
    seen: ``&#165`` is the character 16 and a 5.

    Args:
        body: The body of a response.

    Raises:
        UnicodeError: It cannot be decoded at all.
    """
    encoding = _encoding(body)
    text = body.decode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    return _Repairer(text.removeprefix("\ufeff").lstrip()).repaired()


def _encoding(body: bytes) -> str:
    """Python's name of the encoding of a response."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return name
    declared = _DECLARED.match(body[:400].lstrip())
    if declared is None:
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode()).name
        is_plain = "<".encode(name) == b"<" and name != "ascii"
    except (LookupError, UnicodeError):
        is_plain = False
    return name if is_plain else "utf-8"  # what the service writes, whatever it says


def _ampersands_are_fine(text: str) -> bool:
    return text.count("&") == sum(map(text.count, _KNOWN_ENTITIES))


class _Repairer:
    """Repairs one text."""

    def __init__(self, text: str) -> None:
        """A text, with bytes that are not UTF-8 as lone surrogates.

        Raises:
            UnicodeError: It holds all the characters that could be marks.
        """
        free = [one for one in _NONCHARACTERS if one not in text]
        if len(free) < len(TEXT_REPAIRS):
            raise UnicodeError("it holds too many kinds of noncharacters")
        self._text = text
        self._marks = dict(zip(TEXT_REPAIRS, free, strict=False))
        self._is_repaired = False

    def repaired(self) -> WireText:
        text = _NOT_UTF8.sub(lambda found: self._decode(found[0]), self._text)
        text = FORBIDDEN.sub(lambda _: self._mark(WireRepair.FORBIDDEN, BROKEN), text)
        # In a CDATA section, an ampersand is one.
        parts = _CDATA.split(text)
        parts[::2] = [self._repair_references(part) for part in parts[::2]]
        marks = {mark: repair for repair, mark in self._marks.items()}
        return WireText("".join(parts), marks if self._is_repaired else {})

    def _mark(self, repair: WireRepair, text: str) -> str:
        self._is_repaired = True
        return self._marks[repair] + text

    def _decode(self, escaped: str) -> str:
        """Decode bytes that are not UTF-8.

        They are characters in six bytes, as Java may write those above U+FFFF, or Windows-1252.
        """
        data = escaped.encode("utf-8", "surrogateescape")
        found, end = "", 0
        for pair in _CESU8_PAIR.finditer(data):
            character = _joined(pair[0].decode("utf-8", "surrogatepass"))
            found += self._decode_bytes(data[end : pair.start()]) + self._mark(WireRepair.JOINED, character)
            end = pair.end()
        return found + self._decode_bytes(data[end:])

    def _decode_bytes(self, data: bytes) -> str:
        if not data:
            return ""
        return self._mark(WireRepair.ENCODING, data.decode("cp1252", "replace"))

    def _repair_references(self, text: str) -> str:
        if "&#" in text:
            text = _REFERENCES.sub(lambda found: self._resolve(found[0]), text)
        if _ampersands_are_fine(text):
            return text
        return _BARE_AMPERSAND.sub(lambda _: self._mark(WireRepair.AMPERSAND, "&amp;"), text)

    def _resolve(self, run: str) -> str:
        """Repair a run of references. Those to characters that XML allows stay as they are."""
        found, high = "", 0
        for reference in _REFERENCE.finditer(run):
            is_hexadecimal, digits, unterminated = reference.groups()
            if digits is None:
                found, high = found + self._broken(high) + self._cut(unterminated, reference[0]), 0
                continue
            code = _code(digits, 16 if is_hexadecimal else 10)
            if high and code in _LOW:
                found, high = found + self._mark(WireRepair.JOINED, _joined(chr(high) + chr(code))), 0
                continue
            found, high = found + self._broken(high), 0
            if code in _HIGH:
                high = code
            elif _is_forbidden(code):
                found += self._mark(WireRepair.FORBIDDEN, BROKEN)
            else:
                found += reference[0]
        return found + self._broken(high)

    def _broken(self, high: int) -> str:
        """What stands for the first half of a character whose second half did not follow; "" without one."""
        return self._mark(WireRepair.FORBIDDEN, BROKEN) if high else ""

    def _cut(self, digits: str | None, whole: str) -> str:
        """Repair a reference without its semicolon."""
        for length in range(len(digits or ""), 0, -1):
            if digits is not None and _is_forbidden(int(digits[:length])):
                return self._mark(WireRepair.FORBIDDEN, BROKEN) + digits[length:]
        return whole  # a bare ampersand, and text


def _joined(halves: str) -> str:
    """The character whose two halves these are."""
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _code(digits: str, base: int) -> int:
    """The number of a reference; one too large to be a character is -1."""
    significant = digits.lstrip("0")
    return int(significant or "0", base) if len(significant) <= len("1114111") else -1


def _is_forbidden(code: int) -> bool:
    """Whether XML 1.0 forbids a character, by its number."""
    return not any(code in allowed for allowed in _ALLOWED)
