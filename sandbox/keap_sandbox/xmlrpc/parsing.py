"""Reads requests as Apache ws-xmlrpc 3.1.3 does, and refuses what it refuses, in its words.

Measured with that library; it is the one behind the service. Values become Python values: `int` for an
Integer, `float` for a Double, `datetime` for a Date, `dict` for a HashMap, `list` for an array.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from keap_sandbox.xmlrpc.atoms import ATOMS, JAVA
from keap_sandbox.xmlrpc.faults import FaultError
from keap_sandbox.xmlrpc.xml_errors import XmlError, decoded, words

__all__ = ["MethodCall", "parse", "signature"]

_EXTENSIONS = "http://ws.apache.org/xmlrpc/namespaces/extensions"


@dataclass(frozen=True)
class MethodCall:
    """A request.

    Attributes:
        method: Its name, such as ``DataService.query``; ``null`` if it has none, as the library calls it.
        params: The values.
    """

    method: str
    params: list[Any]


def signature(params: list[Any]) -> str:
    """Return the Java types of parameters, as the library lists them."""
    return ", ".join(JAVA[type(one)] for one in params)


def parse(body: bytes) -> MethodCall:
    """Read a request.

    Args:
        body: The body.

    Raises:
        FaultError: The library refuses it.
    """
    try:
        text, behind = decoded(body)
    except XmlError as error:
        verb = "read" if error.reading else "parse"
        raise FaultError(0, f"Failed to {verb} XML-RPC request: {error}") from None
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", namespace_separator="\t")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    raw = text.encode("utf-8", "replace")
    try:
        parser.Parse(raw, not behind)
    except expat.ExpatError as error:
        at = len(raw[: parser.ErrorByteIndex].decode("utf-8", "ignore"))
        raise _refused(words(error, text, at, reader.names)) from None
    if behind:
        raise _refused(behind)
    return MethodCall("null" if reader.method is None else reader.method, reader.params)


def _refused(text: str) -> FaultError:
    return FaultError(0, f"Failed to parse XML-RPC request: {text}")


@dataclass
class _Element:
    """An open element.

    Attributes:
        name: Its name.
        place: What it is, which decides what may stand in it: its name, ``atom`` for a type without parts,
            ``skipped`` for what is overlooked, or ``overlooked`` if its text is, too.
        text: Its text so far.
        values: The values in it.
        members: The members of a struct.
        member: The name of a member, once it is known.
    """

    name: str
    place: str
    text: str = ""
    values: list[Any] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    member: str | None = None


class _Reader:
    """Builds the values of a request from the events of a parser.

    The library expects some elements and overlooks others; what it overlooks is here, too.
    """

    def __init__(self) -> None:
        self.method: str | None = None
        self.params: list[Any] = []
        self._has_params = False
        self._open: list[_Element] = []

    @property
    def names(self) -> list[str]:
        """The names of the open elements."""
        return [one.name for one in self._open]

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        uri, _, name = tag.rpartition("\t")
        shown = f"{{{uri}}}{name}" if uri else name
        outer = self._open[-1] if self._open else _Element("", "")
        self._open.append(_Element(name, self._place(outer, uri, name, shown)))

    def _place(self, outer: _Element, uri: str, name: str, shown: str) -> str:
        if outer.place in _EXPECTED:
            wanted, otherwise = _EXPECTED[outer.place]
            return _expected(shown, wanted, otherwise)
        match outer.place:
            case "methodCall":
                return self._in_call(shown)
            case "member":
                return _in_member(outer, shown)
            case "value":
                return _type(outer, uri, name, shown)
            case "atom":
                raise _refused(f"Unexpected start tag in atomic element: {shown}")
            case "name":
                raise _refused("Invalid state: Not inside value tag.")
        return outer.place

    def _in_call(self, shown: str) -> str:
        if self.method is None:
            return _expected(shown, "methodName", "Expected methodName element")
        if self._has_params:
            raise _refused(f"Expected /methodCall, got {shown}")
        self._has_params = True
        return _expected(shown, "params", "Expected params element")

    def text(self, text: str) -> None:
        inner = self._open[-1]
        if inner.place in {"methodName", "name", "value", "atom"}:
            inner.text += text
        elif text.strip() and inner.place != "overlooked" and not self._is_done(inner):
            raise _refused("Unexpected non-whitespace character data")

    def _is_done(self, inner: _Element) -> bool:
        """Tell if the library reads no text here any more: it stops after the first value."""
        match inner.place:
            case "data" | "param":
                return bool(inner.values)
            case "params" | "methodCall":
                return bool(self.params)
        return False

    def end(self, _: str) -> None:
        done = self._open.pop()
        outer = self._open[-1] if self._open else _Element("", "")
        match done.place:
            case "methodName":
                self.method = done.text
            case "param":
                self.params += done.values
            case "name":
                outer.member = done.text
            case "member":
                if done.values:
                    _add_member(outer, done.member or "", done.values[0])
            case "data":
                outer.values += done.values
            case "value" | "atom" | "array" | "struct":
                outer.values.append(_finished(done))


def _finished(done: _Element) -> Any:
    match done.place:
        case "value":
            return done.values[0] if done.values else done.text
        case "atom":
            return ATOMS[done.name](done.text, _refused)
        case "array":
            return done.values
    return done.members


_EXPECTED = {
    "": ("methodCall", "Expected root element 'methodCall'"),
    "methodName": ("param", "Expected param element"),
    "params": ("param", "Expected param element"),
    "param": ("value", "Expected value element"),
    "array": ("data", "Expected data element"),
    "data": ("value", "Expected data element"),
    "struct": ("member", "Expected member"),
}
"""What may stand in an element, and what the library says about anything else."""


def _expected(shown: str, name: str, otherwise: str) -> str:
    if shown != name:
        raise _refused(f"{otherwise}, got {shown}")
    return name


def _in_member(member: _Element, shown: str) -> str:
    if shown not in {"name", "value"}:
        return "skipped"
    if member.values:
        raise _refused(f"Expected /member, got {shown}")
    wanted = "value" if member.member is not None else "name"
    return _expected(shown, wanted, f"Expected {wanted}")


def _type(value: _Element, uri: str, name: str, shown: str) -> str:
    if value.values:
        return "overlooked"
    if uri == _EXTENSIONS:
        raise FaultError(0, f"The tag {shown} is invalid, if isEnabledForExtensions() == false.")
    if uri or name not in {*ATOMS, "array", "struct"}:
        raise _refused(f"Unknown type: {shown}")
    if value.text.strip():
        raise _refused("Unexpected non-whitespace characters")
    return "atom" if name in ATOMS else name


def _add_member(struct: _Element, name: str, value: Any) -> None:
    if name in struct.members:
        raise _refused(f"Duplicate name: {name}")
    struct.members[name] = value
