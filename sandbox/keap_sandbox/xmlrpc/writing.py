"""Writes responses as Apache ws-xmlrpc 3.1.3 does.

The library has two writers of text, and real responses show both. Neither writes characters above U+FFFF as
XML wants them: each becomes two references to surrogates. Without its extensions, it cannot write null or any
number type but Integer and Double: the caller then gets no body.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from keap_sandbox.tables import mix

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["InOrder", "MemberOrder", "Page", "Prolog", "Raw", "TextWriter", "UnwritableError", "Writer"]

TextWriter = Literal["raw", "references"]
MemberOrder = Literal["java7", "java8", "shuffle"]
Prolog = Literal["UTF-8", "utf-8", "ISO-8859-1", "none"]

_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_ESCAPED = re.compile("[&<>]")
_NOT_BASIC = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
_BASIC = 0x10000
_ASCII = 0x80
_INT_MAX = 2**31
_EXTENSIONS = ' xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"'


class Writer:
    """Writes responses."""

    def __init__(
        self,
        text: TextWriter = "raw",
        order: MemberOrder = "java7",
        *,
        extensions: bool = False,
        prolog: Prolog = "UTF-8",
    ) -> None:
        """Choose how to write.

        Args:
            text: ``raw`` writes characters below U+10000 as UTF-8, control characters included;
                ``references`` writes all but ASCII as decimal references.
            order: The order of members: that of a HashMap of Java 6 and 7, of Java 8, or another one in
                every struct.
            extensions: Write null and integers of more than 32 bits, with the library's extensions.
            prolog: The encoding that the XML declaration names, and that is used.
        """
        self._escape: Callable[[str], str] = _raw if text == "raw" else _references
        self._order = order
        self._extensions = extensions
        self._prolog = prolog
        self._structs = 0
        self._by_type: dict[type, Callable[[Any], str]] = {
            str: lambda value: f"<value>{self._escape(value)}</value>",
            int: self._integer,
            datetime: lambda value: (
                f"<value><dateTime.iso8601>{value:%Y%m%dT%H:%M:%S}</dateTime.iso8601></value>"
            ),
            dict: self._struct,
        }
        """The types that most values have, looked up first because pages hold many thousands of them."""

    def response(self, value: Any) -> bytes:
        """Return the body of a response with a value.

        Raises:
            UnwritableError: The library cannot write it.
        """
        return self._document(f"<params><param>{self._value(value)}</param></params>")

    def fault(self, code: int, text: str) -> bytes:
        """Return the body of a fault."""
        return self.fault_members(f"<i4>{code}</i4>", self._escape(text))

    def fault_members(self, code: str, text: str | None) -> bytes:
        """Return the body of a fault whose members are given as XML; one without a text lacks it."""
        members = f"<member><name>faultCode</name><value>{code}</value></member>"
        if text is not None:
            members += f"<member><name>faultString</name><value>{text}</value></member>"
        return self._document(f"<fault><value><struct>{members}</struct></value></fault>")

    def _document(self, inner: str) -> bytes:
        declaration = "" if self._prolog == "none" else f'<?xml version="1.0" encoding="{self._prolog}"?>'
        root = _EXTENSIONS if self._extensions else ""
        text = f"{declaration}<methodResponse{root}>{inner}</methodResponse>"
        if self._prolog == "ISO-8859-1":
            return text.encode("latin-1", "xmlcharrefreplace")
        return text.encode("utf-8", "surrogatepass")

    def _value(self, value: Any) -> str:
        known = self._by_type.get(type(value))
        if known is not None:
            return known(value)
        match value:
            case Raw():
                return value.xml if value.whole else f"<value>{value.xml}</value>"
            case bool():
                return f"<value><boolean>{int(value)}</boolean></value>"
            case float() | Decimal():
                return f"<value><double>{java_double(float(value))}</double></value>"
            case bytes():
                return f"<value><base64>{base64.b64encode(value).decode()}</base64></value>"
            case Mapping():
                return self._struct(value)
            case Sequence():
                inner = "".join(map(self._value, value))
                return f"<value><array>{f'<data>{inner}</data>' if inner else '<data/>'}</array></value>"
            case None if self._extensions:
                return "<value><ex:nil/></value>"
        raise UnwritableError(type(value).__name__)

    def _integer(self, value: int) -> str:
        if -_INT_MAX <= value < _INT_MAX:
            return f"<value><i4>{value}</i4></value>"
        if self._extensions:
            return f"<value><ex:i8>{value}</ex:i8></value>"
        raise UnwritableError("Long")

    def _struct(self, struct: Mapping[str, Any]) -> str:
        if isinstance(struct, InOrder):
            names: Sequence[str] = list(struct)
        elif self._order == "shuffle":
            self._structs += 1
            names = hash_order(list(struct), self._order, self._structs)
        else:
            names = _kept_order(tuple(struct), self._order)
        inner = "".join([f"{_opening(name)}{self._value(struct[name])}</member>" for name in names])
        return f"<value><struct>{inner}</struct></value>"


class UnwritableError(Exception):
    """The library cannot write a value, so the caller gets no body."""


class InOrder(dict[str, Any]):
    """A struct whose members come in a given order, as columns of saved searches do."""


class Page(list[Any]):
    """Rows of a table, with their keys."""

    def __init__(self, rows: Sequence[Any], keys: Sequence[int]) -> None:
        super().__init__(rows)
        self.keys = list(keys)


class Raw:
    """XML to write as it is: between ``<value>`` and ``</value>``, or with these in it."""

    def __init__(self, xml: str, *, whole: bool = False) -> None:
        self.xml = xml
        self.whole = whole


def _raw(text: str) -> str:
    if _ESCAPED.search(text):
        text = text.translate(_ESCAPES)
    return text if text.isascii() else _NOT_BASIC.sub(lambda found: _halves(found[0]), text)


def _references(text: str) -> str:
    return "".join(
        _ESCAPES.get(ord(c), c)
        if ord(c) < _ASCII and (c >= " " or c in "\t\r\n")
        else (f"&#{ord(c)};" if ord(c) < _BASIC else _halves(c))
        for c in text
    )


def _halves(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(
        f"&#{int.from_bytes(units[place : place + 2], 'big')};" for place in range(0, len(units), 2)
    )


def java_double(value: float) -> str:
    """Return a double as Java prints it: `0.0`, `41.14`, `1.0E10`, `1.0E-5`, `NaN`."""
    if value != value:  # noqa: PLR0124
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:  # noqa: PLR2004
        return repr(value) if "e" not in repr(value) else f"{Decimal(repr(value)):f}"
    digits, _, exponent = f"{Decimal(repr(value)).normalize():E}".partition("E")
    return f"{digits if '.' in digits else f'{digits}.0'}E{int(exponent)}"


def hash_order(names: list[str], order: MemberOrder, seed: int = 0) -> list[str]:
    """Return names in the order in which a Java HashMap iterates over them.

    Args:
        names: The names, in the order in which they were put in.
        order: ``java7``: buckets by the hash of Java 6 and 7, later entries first; ``java8``: by that of
            Java 8, earlier entries first; ``shuffle``: an order that the seed selects.
        seed: Selects the order of ``shuffle``.
    """
    if order == "shuffle":
        return sorted(names, key=lambda name: mix(_java_hash(name) ^ seed << 32))
    size = 16
    while len(names) > size * 3 // 4:
        size *= 2
    buckets: dict[int, list[str]] = {}
    for name in names:
        bucket = buckets.setdefault(_spread(name, order) & (size - 1), [])
        if order == "java7":
            bucket.insert(0, name)
        else:
            bucket.append(name)
    return [name for number in sorted(buckets) for name in buckets[number]]


@lru_cache(maxsize=4096)
def _kept_order(names: tuple[str, ...], order: MemberOrder) -> tuple[str, ...]:
    return tuple(hash_order(list(names), order))


@lru_cache(maxsize=4096)
def _opening(name: str) -> str:
    return f"<member><name>{_raw(name)}</name>"


@lru_cache(maxsize=4096)
def _spread(name: str, order: MemberOrder) -> int:
    number = _java_hash(name)
    if order == "java8":
        return number ^ number >> 16
    number ^= number >> 20 ^ number >> 12
    return number ^ number >> 7 ^ number >> 4


@lru_cache(maxsize=4096)
def _java_hash(text: str) -> int:
    number = 0
    for character in text:
        number = (31 * number + ord(character)) & 0xFFFFFFFF
    return number
