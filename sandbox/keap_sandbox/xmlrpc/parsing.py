"""Reads requests as Apache ws-xmlrpc 3.1.3 does, and refuses what it refuses, in its words.

Measured with that library; it is the one behind the service. Values become Python values: `int` for an
Integer, `float` for a Double, `datetime` for a Date, `dict` for a HashMap, `list` for an array.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.parsers import expat

from keap_sandbox.xmlrpc.faults import FaultError

__all__ = ["MethodCall", "parse", "signature"]

_EXTENSIONS = "http://ws.apache.org/xmlrpc/namespaces/extensions"
_PARSE = "Failed to parse XML-RPC request: "
_JAVA = {
    str: "java.lang.String",
    int: "java.lang.Integer",
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    datetime: "java.util.Date",
    dict: "java.util.HashMap",
    list: "[Ljava.lang.Object;",
    bytes: "[B",
    type(None): "null",
}
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?")
_DOUBLE = re.compile(r"[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)
_INT_MAX = 2**31


@dataclass(frozen=True)
class MethodCall:
    """A request.

    Attributes:
        method: Its name, such as ``DataService.query``.
        params: The values.
    """

    method: str
    params: list[Any]


def signature(params: list[Any]) -> str:
    """Return the Java types of parameters, as the library lists them."""
    return ", ".join(_JAVA[type(one)] for one in params)


def parse(body: bytes) -> MethodCall:
    """Read a request.

    Args:
        body: The body.

    Raises:
        FaultError: The library refuses it.
    """
    if not body.strip():
        raise _refused("Premature end of file.")
    if body[:1].isspace() and body.lstrip().startswith(b"<?xml"):
        raise _refused('The processing instruction target matching "[xX][mM][lL]" is not allowed.')
    if not body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise _refused("Content is not allowed in prolog.")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator="\t")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise _refused(_words(error, body)) from None
    except (LookupError, ValueError):
        name = re.search(rb"""encoding=["']([\w.-]*)""", body)
        encoding = name[1].decode() if name else ""
        raise _refused(f'The encoding "{encoding}" is not supported.') from None
    return MethodCall(reader.method.strip(), reader.params)


def _refused(words: str) -> FaultError:
    return FaultError(0, _PARSE + words)


def _words(error: expat.ExpatError, body: bytes) -> str:
    """Return what Java's parser says where expat says something else."""
    codes = expat.errors.codes
    offset = _offset(error, body)
    at = body[offset:]
    if reference := re.match(rb"&#x?[0-9a-fA-F]+", at):
        return f'Character reference "{reference[0].decode()}" is an invalid XML character.'
    if error.code == codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]:
        name = re.match(rb"&(\w+)", at)
        return f'The entity "{name[1].decode() if name else ""}" was referenced, but not declared.'
    if b"&" in body[max(offset - 1, 0) : offset + 1]:
        return "The entity name must immediately follow the '&' in the entity reference."
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        size = {0xC: 2, 0xD: 2, 0xE: 3, 0xF: 4}.get(wrong.object[wrong.start] >> 4, 1)
        if size == 1:
            return "Invalid byte 1 of 1-byte UTF-8 sequence."
        return f"Invalid byte 2 of {size}-byte UTF-8 sequence."
    if at and at[0] < ord(" "):
        where = "was found in the element content of the document."
        return f"An invalid XML character (Unicode: 0x{at[0]:x}) {where}"
    return "XML document structures must start and end within the same entity."


def _offset(error: expat.ExpatError, body: bytes) -> int:
    lines = body.split(b"\n")
    return sum(len(line) + 1 for line in lines[: error.lineno - 1]) + error.offset


@dataclass
class _Element:
    tag: str
    text: str = ""
    values: list[Any] = field(default_factory=list)
    members: dict[str, Any] = field(default_factory=dict)
    name: str = ""


class _Reader:
    """Builds the values of a request from the events of a parser."""

    def __init__(self) -> None:
        self.method = ""
        self.params: list[Any] = []
        self._open: list[_Element] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        uri, _, name = tag.rpartition("\t")
        if not self._open and name != "methodCall":
            raise _refused(f"Expected root element 'methodCall', got {name}")
        if uri == _EXTENSIONS:
            raise FaultError(0, f"The tag {{{uri}}}{name} is invalid, if isEnabledForExtensions() == false.")
        self._open.append(_Element(name))

    def text(self, text: str) -> None:
        self._open[-1].text += text

    def end(self, _: str) -> None:
        done = self._open.pop()
        outer = self._open[-1] if self._open else _Element("")
        match done.tag:
            case "methodName":
                self.method = done.text
            case "methodCall" | "params":
                pass
            case "param":
                self.params += done.values
            case "data":
                outer.values.append(done.values)
            case "name":
                outer.name = done.text
            case "member":
                if done.name in outer.members:
                    raise _refused(f"Duplicate name: {done.name}")
                outer.members[done.name] = done.values[0] if done.values else None
            case "value":
                outer.values.append(done.values[0] if done.values else done.text)
            case _:
                outer.values.append(_value(done))


def _value(done: _Element) -> Any:  # noqa: C901 - a list of types
    """Return the value of an element that names a type."""
    match done.tag:
        case "struct":
            return done.members
        case "array":
            return done.values[0] if done.values else []
        case "string":
            return done.text
        case "int" | "i4":
            return _integer(done.text.strip())
        case "double":
            if not _DOUBLE.fullmatch(done.text.strip()):
                raise _refused(f"Failed to parse double value: {done.text}")
            return float(done.text.strip())
        case "boolean":
            if done.text.strip() not in {"0", "1"}:
                raise _refused(f"Failed to parse boolean value: {done.text}")
            return done.text.strip() == "1"
        case "dateTime.iso8601":
            return _date(done.text.strip())
        case "base64":
            return _bytes(done.text)
        case unknown:
            raise _refused(f"Unknown type: {unknown}")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:
        raise _refused("Failed to decode base64 data") from None


def _integer(text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]+", text) and -_INT_MAX <= int(text) < _INT_MAX:
        return int(text)
    raise _refused(f"Failed to parse integer value: {text}")


def _date(text: str) -> datetime | None:
    """Read a date. The library ignores its zone, and takes an empty one for null."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise _refused(f"Failed to parse date value {text} at position {_wrong_at(text)}")
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, minute=minute, second=second) + timedelta(hours=hour)  # noqa: DTZ001
    except (ValueError, OverflowError):
        raise _refused(f"Failed to parse date value {text} at position 0") from None


def _wrong_at(text: str) -> int:
    """Return where a text stops being ``yyyyMMddTHH:mm:ss``."""
    for place, wanted in enumerate("ddddddddTdd:dd:dd"):
        if place >= len(text) or (text[place].isdigit() if wanted == "d" else text[place] == wanted) is False:
            return place
    return len(text)
