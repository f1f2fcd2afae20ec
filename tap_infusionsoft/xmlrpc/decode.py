"""From the body of a response to its value.

Pages of rows go the short way of `flat_rows`, everything else the general way. Both give the same values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from tap_infusionsoft.xmlrpc.decoded import Decoded
from tap_infusionsoft.xmlrpc.flat_rows import flat_rows
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.scalars import SCALARS, WireTime, scalar
from tap_infusionsoft.xmlrpc.wire_text import BROKEN, WireText, read_text, take_out

if TYPE_CHECKING:
    from enum import Enum

    from tap_infusionsoft.xmlrpc.decoded import Repairs

DEEPEST = 64
"""Levels of elements. A page of rows has ten."""

_INSIDE = {
    "": ("methodResponse",),
    "methodResponse": ("params", "fault"),
    "params": ("param",),
    "param": ("value",),
    "fault": ("value",),
    "value": ("array", "struct", *SCALARS),
    "array": ("data",),
    "data": ("value",),
    "struct": ("member",),
    "member": ("name", "value"),
}
"""Element -> those that it may hold. The others hold text."""
_MANY = frozenset({"data", "struct"})
"""Elements that hold any number of others; ``member`` holds both of its own, the others one."""
_CODE = re.compile(r"[+-]?[0-9]{1,9}")


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


def decode(body: bytes) -> Decoded:
    """Decode a response.

    Document types, and with them entities, are refused: the service sends none.

    Args:
        body: The body, decompressed.

    Raises:
        FaultError: It is a fault.
        NotXmlRpcError: It is no XML-RPC response.
    """
    try:
        text = read_text(body)
    except UnicodeError as error:
        raise NotXmlRpcError(f"it is not text: {error}") from None
    flat = flat_rows(text)
    return _General(text).decoded() if flat is None else flat


class _Open:
    """An element that has not ended yet.

    Attributes:
        tag: Its name, without the prefix of a namespace.
        text: Its text so far.
        holds: What the elements in it are; of a struct, its members by their names.
    """

    __slots__ = ("holds", "tag", "text")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.text: list[str] = []
        self.holds: Any = {} if tag == "struct" else []


class _General:
    """Reads any response."""

    def __init__(self, text: WireText) -> None:
        self._text = text
        self._repairs: Repairs = {}
        self._times: set[str] = set()
        self._open = [_Open("")]
        self._is_fault = False

    def decoded(self) -> Decoded:
        """Read it.

        Raises:
            FaultError: It is a fault.
            NotXmlRpcError: It is no response.
        """
        parser = expat.ParserCreate("utf-8")  # whatever the prolog declares
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(self._text.data, True)
        except expat.ExpatError as error:
            raise NotXmlRpcError(f"it is not well-formed XML: {expat.ErrorString(error.code)}") from None
        value = self._open[0].holds[0]
        if self._is_fault:
            raise _fault(value)
        return Decoded(value, self._repairs, self._times)

    def _start(self, tag: str, _: object) -> None:
        tag = tag.rpartition(":")[2]
        outer = self._open[-1]
        if tag not in _allowed(outer):
            place = f"in {outer.tag}" if outer.tag else "as its root"
            raise NotXmlRpcError(f"it has an element {tag[:40]!r} {place}")
        if len(self._open) > DEEPEST:
            raise NotXmlRpcError("it is nested too deeply")
        self._open.append(_Open(tag))

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _end(self, _: str) -> None:
        done = self._open.pop()
        outer = self._open[-1]
        text = "".join(done.text)
        if done.tag == "value":
            outer.holds.append(self._value(done, text))
        elif done.tag not in _INSIDE:
            self._end_of_text(done.tag, text, outer)
        elif not self._is_blank(text):
            raise NotXmlRpcError(f"it has text in {done.tag}")
        elif done.tag == "member":
            self._add_member(outer.holds, done.holds)
        elif done.tag in _MANY:
            outer.holds.append(done.holds)
        elif done.tag == "array":
            outer.holds.append(done.holds[0] if done.holds else [])
        elif not done.holds:
            raise NotXmlRpcError(f"it has nothing in {done.tag}")
        else:
            self._is_fault |= done.tag == "fault"
            outer.holds.append(done.holds[0])

    def _value(self, done: _Open, text: str) -> Any:
        if not done.holds:
            return self._clean(text)
        if not self._is_blank(text):
            raise NotXmlRpcError("it has text beside a value")
        return done.holds[0]

    def _end_of_text(self, tag: str, text: str, outer: _Open) -> None:
        """Read the text of a name or of a typed value."""
        if tag == "name":
            outer.holds.append(self._clean(text, is_name=True))
            return
        found, repair = scalar(tag, self._clean(text))
        if repair is not None:
            self._note(repair)
        if isinstance(found, WireTime):
            self._times.add(next((one.holds[0] for one in self._open if one.tag == "member"), ""))
        outer.holds.append(found)

    def _add_member(self, struct: dict[str, Any], parts: list[Any]) -> None:
        if len(parts) < len(_INSIDE["member"]):
            raise NotXmlRpcError("it has a member without a value")
        name, value = parts
        if name in struct:
            self._note(WireRepair.TWICE, name)
        struct[name] = value

    def _is_blank(self, text: str) -> bool:
        """Whether there is nothing but blanks, and characters that XML forbids."""
        if (mark := self._text.mark) and mark in text:
            text = take_out(mark, text)[0].replace(BROKEN, "")
        return not text.strip()

    def _clean(self, text: str, *, is_name: bool = False) -> str:
        """Take the marks of repaired characters out of a text, and note the repairs."""
        if not (mark := self._text.mark) or mark not in text:
            return text
        text, kinds = take_out(mark, text)
        for kind in kinds:
            self._note(kind, *([text] if is_name else []))
        return text

    def _note(self, repair: Enum, *name: str) -> None:
        """Note a repair of what is being read, or of the member of that name in it."""
        path: list[str | int] = []
        for one in self._open:
            if one.tag == "data":
                path.append(len(one.holds))
            elif one.tag == "member" and one.holds:
                path.append(one.holds[0])
        noted = self._repairs.setdefault((*path, *name), [])
        if repair not in noted:
            noted.append(repair)


def _allowed(outer: _Open) -> tuple[str, ...]:
    """The elements that an element may hold next."""
    inside = _INSIDE.get(outer.tag, ())
    if outer.tag == "member":
        return inside[len(outer.holds) :][:1]
    return () if outer.holds and outer.tag not in _MANY else inside


def _refuse_document_type(*_: object) -> None:
    raise NotXmlRpcError("it declares a document type")


def _fault(value: Any) -> FaultError:
    """The fault that a response holds. Codes have come as numbers and as texts."""
    members = value if isinstance(value, dict) else {}
    code, text = members.get("faultCode"), members.get("faultString")
    if isinstance(code, str) and _CODE.fullmatch(code.strip()):
        code = int(code)
    return FaultError(code if isinstance(code, int) else None, text if isinstance(text, str) else "")
