"""From the body of a response to its value.

Pages of rows, which are nearly all that is read, go a short way: expat's callbacks only append to a list, so
that no Python code runs for an element, and a loop takes the list apart. Whatever is not exactly a list of
flat rows is read in the general way. Both give the same values.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from tap_infusionsoft.client.lenient_json import fraction
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.wire_text import WireText, read_text

if TYPE_CHECKING:
    from collections.abc import Callable

Path = tuple[str | int, ...]

DEEPEST = 64
"""Levels of elements. A page of rows has ten."""
MOST_ELEMENTS_DEEP = "it is nested too deeply"

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_DOUBLE = re.compile(r"[+-]?([0-9]{1,300}(\.[0-9]{0,300})?|\.[0-9]{1,300})([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


class NotXmlRpcError(ValueError):
    """A body is no XML-RPC response; the message says why, without quoting it."""


class FaultError(Exception):
    """The service answered with a fault.

    Attributes:
        code: Its number; None if it has none that is one.
        text: Its text; empty if it has none.
    """

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class WireTime(str):
    """A time as it came: ``20120314T00:00:00``, in US Eastern time, with no zone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """The value of a response.

    Attributes:
        value: Structs as dicts, arrays as lists, ``dateTime.iso8601`` as `WireTime`, ``double`` as Decimal,
            base64 as bytes, nil as None, everything else as text, int or bool.
        repairs: What was repaired, by the path to the value: indices of arrays, names of members.
    """

    value: Any
    repairs: dict[Path, list[WireRepair]] = field(default_factory=dict)


def decode(body: bytes) -> Decoded:
    """Decode a response.

    Document types, and with them entities, are refused: the service sends none.

    Args:
        body: The body, decompressed.

    Raises:
        FaultError: It is a fault.
        NotXmlRpcError: It is no XML-RPC response.
    """
    rows = _flat_rows(body)  # expat refuses whatever needs a repair
    if rows is not None:
        return Decoded(rows)
    try:
        text = read_text(body)
    except UnicodeError as error:
        raise NotXmlRpcError(f"it is not text: {error}") from None
    return _General(text).decoded()


# The short way.


class _NotFlatError(Exception):
    """A response is not a list of flat rows, or one of its values needs a repair."""


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise _NotFlatError
    return int(text)


def _double(text: str) -> Any:
    if _DOUBLE.fullmatch(text) is None:
        raise _NotFlatError
    return fraction(text)


def _boolean(text: str) -> bool:
    if text not in _BOOLEANS:
        raise _NotFlatError
    return _BOOLEANS[text]


_TAGS = (
    *("methodResponse", "params", "param", "array", "data", "value", "struct", "member", "name"),
    *("i4", "int", "double", "boolean", "dateTime.iso8601"),
)
_END = {tag: number for number, tag in enumerate(_TAGS)}
"""Tag -> what stands for its end in the list. Texts are strings, so nothing else is a number."""
_VALUE, _STRUCT, _MEMBER = (_END[tag] for tag in ("value", "struct", "member"))
_LAST_ENDS = [_END[tag] for tag in ("data", "array", "value", "param", "params", "methodResponse")]
_CONVERT: dict[int | str, Callable[[str], Any]] = {
    _END["i4"]: _integer,
    _END["int"]: _integer,
    _END["double"]: _double,
    _END["boolean"]: _boolean,
    _END["dateTime.iso8601"]: WireTime,
}
_LONGEST_TEXT = 1 << 20
"""Bytes of a text that expat hands over in one piece."""


def _flat_rows(body: bytes) -> list[dict[str, Any]] | None:
    """Read a list of structs whose members are scalars and need no repair; None if it is something else."""
    try:
        return _rows_of(_ends_and_texts(body), body.count(b"</name><value"))
    except (_NotFlatError, expat.ExpatError, LookupError, TypeError):
        return None


def _ends_and_texts(body: bytes) -> list[int | str]:
    """Return what a document holds: its texts, and a number for the end of each element."""
    found: list[int | str] = []
    # expat looks tags up here before it hands them to a callback.
    tags: dict[str, Any] = dict(_END)
    parser = expat.ParserCreate(intern=tags)
    parser.buffer_text = True
    parser.buffer_size = _LONGEST_TEXT
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.CharacterDataHandler = parser.EndElementHandler = found.append
    parser.Parse(body, True)
    if len(tags) != len(_END):
        raise _NotFlatError  # an unknown tag, whose name stands among the texts
    return found


def _refuse_document_type(*_: object) -> None:
    raise NotXmlRpcError("it declares a document type")


def _rows_of(found: list[int | str], members: int) -> list[dict[str, Any]]:
    """Take the content of a document apart.

    A member is its name, the end of ``name``, and then one of three: a text and the ends of ``value`` and
    ``member``; a text, the end of its type, and those two; or, if the text is empty, only those two. Blanks
    before a tag are part of the text after it, as expat doesn't say where elements start.

    Args:
        found: The texts and ends of elements.
        members: How many names are followed by their value at once.

    Raises:
        _NotFlatError: It is not a list of flat rows.
        LookupError: Likewise.
    """
    if found[-len(_LAST_ENDS) :] != _LAST_ENDS:
        raise _NotFlatError
    last = len(found) - len(_LAST_ENDS)
    rows: list[dict[str, Any]] = []
    row: dict[Any, Any] = {}
    names: set[Any] = set()
    place = 0
    while place < last:
        name = found[place]
        if name is _STRUCT:
            rows.append(row)
            members -= len(row)
            names.update(row)
            row = {}
            place += 2
            continue
        value, end = found[place + 2], found[place + 3]
        if end is _VALUE and value.__class__ is str:
            row[name] = value
            place += 5
        elif end is _MEMBER and value is _VALUE:
            row[name] = ""
            place += 4
        elif value.__class__ is str:
            row[name] = _CONVERT[end](value)
            place += 6
        else:
            raise _NotFlatError
        if found[place - 1] is not _MEMBER:
            raise _NotFlatError
    if row or members or not all(isinstance(name, str) and name == name.strip() for name in names):
        raise _NotFlatError  # there was something between them, or a member came twice
    return rows


# The general way.


@dataclass(slots=True)
class _Open:
    """An element that has not ended yet.

    Attributes:
        tag: Its name, without the prefix of a namespace.
        path: Where its value is.
        text: Its text so far.
        children: Values of the elements in it.
        members: Values of the members in it, for a struct.
        name: Name of a member.
    """

    tag: str
    path: Path
    text: list[str] = field(default_factory=list)
    children: list[Any] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    name: str = ""


class _General:
    """Reads any response."""

    def __init__(self, text: WireText) -> None:
        self._text = text
        self._repairs: dict[Path, list[WireRepair]] = {}
        self._open: list[_Open] = []
        self._root: _Open | None = None

    def decoded(self) -> Decoded:
        """Read it.

        Raises:
            FaultError: It is a fault.
            NotXmlRpcError: It is no response.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(self._text.text, True)
        except expat.ExpatError as error:
            raise NotXmlRpcError(f"it is not well-formed XML: {expat.ErrorString(error.code)}") from None
        root = self._root
        if root is None or root.tag != "methodResponse":
            raise NotXmlRpcError(f"its root is {root.tag[:40]!r}" if root else "it is blank")
        if len(root.children) != 1:
            raise NotXmlRpcError("it has no value")
        if root.members:  # the mark of a fault
            raise _fault(root.children[0])
        return Decoded(root.children[0], self._repairs)

    def _start(self, tag: str, _: object) -> None:
        if len(self._open) == DEEPEST:
            raise NotXmlRpcError(MOST_ELEMENTS_DEEP)
        path: Path = ()
        if self._open:
            outer = self._open[-1]
            path = outer.path
            if outer.tag == "data":
                path = (*path, len(outer.children))
            elif outer.tag == "member" and tag == "value":
                path = (*path, outer.name)
        self._open.append(_Open(tag.rsplit(":", 1)[-1], path))

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _end(self, _: str) -> None:
        done = self._open.pop()
        if not self._open:
            self._root = done
            return
        outer = self._open[-1]
        match done.tag:
            case "name":
                outer.name = self._clean("".join(done.text), (*outer.path, "".join(done.text)))
            case "member":
                self._add_member(outer, done)
            case "params" | "param" | "fault":
                outer.children += done.children
                if done.tag == "fault":
                    outer.members["fault"] = True
            case "data":
                outer.children.append(done.children)
            case "value":
                outer.children.append(
                    done.children[0] if done.children else self._clean("".join(done.text), done.path)
                )
            case _:
                outer.children.append(self._typed(done))

    def _add_member(self, struct: _Open, member: _Open) -> None:
        if len(member.children) != 1:
            raise NotXmlRpcError("a member has no value")
        if member.name in struct.members:
            self._note(WireRepair.TWICE, (*struct.path, member.name))
        struct.members[member.name] = member.children[0]

    def _typed(self, done: _Open) -> Any:  # a table of types
        """The value of an element that names a type."""
        text = "".join(done.text)
        match done.tag:
            case "struct":
                return done.members
            case "array":
                return done.children[0] if done.children else []
            case "nil":
                return None
            case "string":
                return self._clean(text, done.path)
            case "dateTime.iso8601" | "dateTime":
                return WireTime(self._clean(text, done.path).strip())
            case "i1" | "i2" | "i4" | "i8" | "int" | "biginteger":
                return self._number(text.strip(), _INTEGER, int, done.path)
            case "double" | "float" | "bigdecimal":
                return self._number(text.strip(), _DOUBLE, fraction, done.path)
            case "boolean":
                return self._truth(text.strip().casefold(), done.path)
            case "base64":
                return self._bytes(text, done.path)
            case _:
                raise NotXmlRpcError(f"it has an element {done.tag[:40]!r}")

    def _number(self, text: str, form: re.Pattern[str], convert: Callable[[str], Any], path: Path) -> Any:
        if form.fullmatch(text):
            return convert(text)
        if text:
            self._note(WireRepair.NUMBER, path)
        return None

    def _truth(self, text: str, path: Path) -> bool | None:
        if text and text not in _BOOLEANS:
            self._note(WireRepair.BOOLEAN, path)
        return _BOOLEANS.get(text)

    def _bytes(self, text: str, path: Path) -> bytes | None:
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            self._note(WireRepair.BASE64, path)
            return None

    def _clean(self, text: str, path: Path) -> str:
        """Take the marks of repaired characters out of a text, and note the repairs."""
        for mark, repair in self._text.marks.items():
            if mark in text:
                self._note(repair, path)
                text = text.replace(mark, "")
        return text

    def _note(self, repair: WireRepair, path: Path) -> None:
        noted = self._repairs.setdefault(path, [])
        if repair not in noted:
            noted.append(repair)


def _fault(value: Any) -> FaultError:
    """The fault that a response holds. Codes have come as numbers and as texts."""
    members = value if isinstance(value, dict) else {}
    code, text = members.get("faultCode"), members.get("faultString")
    if isinstance(code, str) and _INTEGER.fullmatch(code.strip()):
        code = int(code)
    return FaultError(code if isinstance(code, int) else None, text if isinstance(text, str) else "")
