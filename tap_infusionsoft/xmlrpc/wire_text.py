"""From the bytes of a response to UTF-8 that an XML parser accepts.

Sources: Apache ws-xmlrpc 3.1.3, the library of the service, writes control characters as they are or as
references, and every character above U+FFFF as two references (measured 2026-11-27). Users of other clients
met bytes that are not UTF-8, references without their semicolon, and bare ampersands.

A repair must be told by column and row, which only the parser knows. So each repaired character is preceded
by a mark, a noncharacter of Unicode that XML allows and the response doesn't contain, and a digit for the
kind of repair; `take_out` takes both out again.

Most responses need no repair, and whether one does is found out by searches that run at the speed of memory.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_infusionsoft.client.lenient_json import RepairKind
from tap_infusionsoft.xmlrpc.repairs import WireRepair

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

BROKEN = "\ufffd"
"""Stands for a character that cannot be known."""
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids."""

_KINDS = (RepairKind.BROKEN_TEXT, WireRepair.JOINED, WireRepair.ENCODING, WireRepair.BARE)
"""Repairs of text."""
_MARK_START, _MARK_STARTS = b"\xef", b"\xef\xb7"
"""How every mark begins."""
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_CONTROLS = bytes(code for code in range(0x20) if code not in {0x9, 0xA, 0xD})
_AROUND = bytes(range(0x21))
"""What may be before and after a response."""
_NOT_CONTROLS = bytes(code for code in range(0x100) if code not in _CONTROLS)
_RAW_FORBIDDEN = tuple(character.encode() for character in "\ufffe\uffff")

_NOT_UTF8 = re.compile("[\udc80-\udcff]+")
_CESU8 = re.compile(rb"(\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])|\xed[\xa0-\xbf][\x80-\xbf]")
"""A character above U+FFFF as Java may write it, or a half of one."""
_ROW_ENDS = b"</struct>"

# Each begins with one byte, which is found fast.
_REFERENCES = re.compile(rb"&(?=#)#(?:x[0-9a-fA-F]+|[0-9]+);?(?:&#(?:x[0-9a-fA-F]+|[0-9]+);?)*")
_REFERENCE = re.compile(rb"&(?=#)#(?:x([0-9a-fA-F]+);|([0-9]+);|([0-9]+)|x[0-9a-fA-F]+)")
_SUSPECT = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ONE_BYTE = re.compile(r"iso8859-\d+|cp125\d")
"""Python's names of the encodings that a prolog may declare instead of UTF-8."""
_CDATA, _CDATA_ENDS = b"<![CDATA[", b"]]>"
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
_LONGEST = len("1114111")
"""Digits of the number of a character."""
_LONGEST_BROKEN = len("65535")
"""Digits of the largest number of a single character that XML forbids."""
_ASCII = 0x80


@dataclass(frozen=True, slots=True)
class WireText:
    """A response as text.

    Attributes:
        data: The text, in UTF-8.
        mark: The mark in it; empty if nothing was repaired.
    """

    data: bytes
    mark: str = ""


def take_out(mark: str, text: str) -> tuple[str, list[Enum]]:
    """Return a text without marks, and the kinds of repairs that they stand for.

    Args:
        mark: The mark.
        text: The text.
    """
    first, *marked = text.split(mark)
    return first + "".join(part[1:] for part in marked), [_KINDS[int(part[0])] for part in marked]


def read_text(body: bytes) -> WireText:
    """Decode and repair a response.

    The encoding that the prolog declares is taken, UTF-8 without one. Bytes that are not UTF-8 are read as
    Windows-1252, which is what people paste, and leave the rest of the text alone. A reference without its
    semicolon ends with the longest number that is a character which XML forbids, as only such ones were ever
    seen: ``&#165`` is the character 16 and a 5.

    Args:
        body: The body of a response.

    Raises:
        UnicodeError: It holds all the characters that could be the mark.
    """
    return _Repairer(body).repaired()


def _encoding(body: bytes) -> str:
    """Python's name of the encoding of a response."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(body[:400].removeprefix(codecs.BOM_UTF8).lstrip())
    if declared is None or body.startswith(codecs.BOM_UTF8):
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode()).name
    except LookupError:
        name = ""
    return name if _ONE_BYTE.fullmatch(name) else "utf-8"  # what the service writes, whatever it says


class _Repairer:
    """Repairs one response."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._free_mark = ""
        self._known: dict[bytes, bytes] = {}

    def repaired(self) -> WireText:
        """Return the repaired text.

        Raises:
            UnicodeError: It holds all the characters that could be the mark.
        """
        data = self._as_utf8().removeprefix(codecs.BOM_UTF8).strip(_AROUND)
        for code in set(data.translate(None, _NOT_CONTROLS)):
            data = data.replace(bytes([code]), self._broken())
        # To look for one byte first takes a fiftieth of the time.
        if _MARK_START in self._body:
            for character in _RAW_FORBIDDEN:
                data = data.replace(character, self._broken()) if character in data else data
        if b"]" in data:
            data = _outside_cdata(data, self._repair_markup)
        elif _SUSPECT.search(data):
            data = self._repair_references(data)
        return WireText(data, self._free_mark)

    # Encodings.

    def _as_utf8(self) -> bytes:
        encoding = _encoding(self._body)
        if encoding != "utf-8":
            text = self._body.decode(encoding, "replace")
            self._body = text.encode("utf-8", "surrogatepass")
            broken = BROKEN.encode()
            return self._body.replace(broken, self._broken()) if broken in self._body else self._body
        try:
            self._body.decode()
        except UnicodeDecodeError:
            # Only the rows that need it are searched for such bytes.
            return _ROW_ENDS.join(map(self._piece_as_utf8, self._body.split(_ROW_ENDS)))
        return self._body

    def _piece_as_utf8(self, piece: bytes) -> bytes:
        try:
            piece.decode()
        except UnicodeDecodeError:
            text = piece.decode("utf-8", "surrogateescape")
            text = _NOT_UTF8.sub(lambda found: self._decode(found[0]).decode(), text)
            return text.encode()
        return piece

    def _decode(self, escaped: str) -> bytes:
        """Decode bytes that are not UTF-8.

        They are characters above U+FFFF in six bytes, or Windows-1252.
        """
        data = escaped.encode("utf-8", "surrogateescape")
        found, end = [], 0
        for half in _CESU8.finditer(data):
            found += [
                self._decode_bytes(data[end : half.start()]),
                self._mark(WireRepair.JOINED, _joined(half[0].decode("utf-8", "surrogatepass")))
                if half[1]
                else self._broken(),
            ]
            end = half.end()
        return b"".join([*found, self._decode_bytes(data[end:])])

    def _decode_bytes(self, data: bytes) -> bytes:
        return self._mark(WireRepair.ENCODING, data.decode("cp1252", "replace")) if data else b""

    # References and ampersands.

    def _repair_markup(self, data: bytes) -> bytes:
        data = self._repair_references(data)
        if _CDATA_ENDS in data:
            data = data.replace(_CDATA_ENDS, self._mark(WireRepair.BARE, "]]&gt;"))
        return data

    def _repair_references(self, data: bytes) -> bytes:
        data = _REFERENCES.sub(self._resolve, data)
        if _BARE_AMPERSAND.search(data):
            data = _BARE_AMPERSAND.sub(self._mark(WireRepair.BARE, "&amp;"), data)
        return data

    def _resolve(self, found: re.Match[bytes]) -> bytes:
        run = found[0]
        if run not in self._known:
            self._known[run] = self._resolve_run(run)
        return self._known[run]

    def _resolve_run(self, run: bytes) -> bytes:
        """Resolve and repair a run of references."""
        found: list[bytes] = []
        high = 0
        for reference in _REFERENCE.finditer(run):
            hexadecimal, decimal, unterminated = reference.groups()
            code = _code(hexadecimal, 16) if hexadecimal else _code(decimal, 10) if decimal else None
            if high and code is not None and code in _LOW:
                found.append(self._mark(WireRepair.JOINED, _joined(chr(high) + chr(code))))
                high = 0
                continue
            if high:
                found.append(self._broken())
            high = code if code is not None and code in _HIGH else 0
            if code is None:
                found.append(self._cut(unterminated, reference[0]))
            elif not high:
                found.append(self._character(code))
        return b"".join([*found, self._broken()] if high else found)

    def _character(self, code: int) -> bytes:
        """A character by its number, as a reference only where XML would take it for something else."""
        if _is_forbidden(code):
            return self._broken()
        return b"&#%d;" % code if code < _ASCII else chr(code).encode()

    def _cut(self, digits: bytes | None, whole: bytes) -> bytes:
        """Repair a reference without its semicolon."""
        for length in range(min(len(digits or b""), _LONGEST_BROKEN), 0, -1):
            if digits is not None and _is_forbidden(int(digits[:length])):
                return self._broken() + digits[length:]
        return whole  # a bare ampersand, and text

    # Marks.

    def _broken(self) -> bytes:
        return self._mark(RepairKind.BROKEN_TEXT, BROKEN)

    def _mark(self, repair: Enum, text: str) -> bytes:
        if not self._free_mark:
            self._free_mark = self._find_mark()
        return f"{self._free_mark}{_KINDS.index(repair)}{text}".encode()

    def _find_mark(self) -> str:
        body = self._body
        referenced = {
            _code(found[1], 16) if found[1] else _code(found[2], 10)
            for found in _REFERENCE.finditer(body)
            if found[1] or found[2]
        }
        has_some = _MARK_START in body and _MARK_STARTS in body
        for code in _NONCHARACTERS:
            if code not in referenced and not (has_some and chr(code).encode() in body):
                return chr(code)
        raise UnicodeError("it holds all noncharacters")


def _outside_cdata(data: bytes, repair: Callable[[bytes], bytes]) -> bytes:
    """Repair what is outside of CDATA sections. In those, an ampersand is one."""
    parts: list[bytes] = []
    end = 0
    while (start := data.find(_CDATA, end)) >= 0 and (closing := data.find(_CDATA_ENDS, start)) >= 0:
        parts += [repair(data[end:start]), data[start : closing + len(_CDATA_ENDS)]]
        end = closing + len(_CDATA_ENDS)
    return b"".join([*parts, repair(data[end:])])


def _joined(halves: str) -> str:
    """The character whose two halves these are."""
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _code(digits: bytes, base: int) -> int:
    """The number of a reference; one too large to be that of a character is -1."""
    digits = digits.lstrip(b"0")
    return int(digits or b"0", base) if len(digits) <= _LONGEST else -1


def _is_forbidden(code: int) -> bool:
    """Whether XML 1.0 forbids a character, by its number."""
    return not any(code in allowed for allowed in _ALLOWED)
