"""Writes responses as Apache ws-xmlrpc 3.1.3 does.

The library has two writers of text, and real responses show both. Neither writes characters above U+FFFF as
XML wants them: each becomes two references to surrogates. Without its extensions, it cannot write null or any
number type but Integer and Double: the caller then gets no body.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MemberOrder", "TextWriter", "Writer"]

TextWriter = Literal["raw", "references"]
MemberOrder = Literal["java7", "java8", "shuffle"]

_PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_BASIC = 0x10000
_ASCII = 0x80


class Writer:
    """Writes responses."""

    def __init__(self, text: TextWriter = "raw", order: MemberOrder = "java7", seed: int = 0) -> None:
        """Choose how to write.

        Args:
            text: ``raw`` writes characters below U+10000 as UTF-8, control characters included;
                ``references`` writes all but ASCII as decimal references.
            order: The order of members: that of a HashMap of Java 6 and 7, of Java 8, or a changing one.
            seed: Selects the changing order.
        """
        self._escape: Callable[[str], str] = _raw if text == "raw" else _references
        self._order = order
        self._seed = seed

    def response(self, value: Any) -> bytes:
        """Return the body of a response with a value."""
        return _document(f"<params><param>{self._value(value)}</param></params>")

    def fault(self, code: int, text: str) -> bytes:
        """Return the body of a fault."""
        members = (
            f"<member><name>faultCode</name><value><i4>{code}</i4></value></member>"
            f"<member><name>faultString</name><value>{self._escape(text)}</value></member>"
        )
        return _document(f"<fault><value><struct>{members}</struct></value></fault>")

    def _value(self, value: Any) -> str:
        match value:
            case Raw():
                return f"<value>{value.xml}</value>"
            case bool():
                return f"<value><boolean>{int(value)}</boolean></value>"
            case int():
                return f"<value><i4>{value}</i4></value>"
            case float() | Decimal():
                return f"<value><double>{java_double(float(value))}</double></value>"
            case datetime():
                return f"<value><dateTime.iso8601>{value:%Y%m%dT%H:%M:%S}</dateTime.iso8601></value>"
            case str():
                return f"<value>{self._escape(value)}</value>"
            case bytes():
                return f"<value><base64>{base64.b64encode(value).decode()}</base64></value>"
            case Mapping():
                return f"<value><struct>{self._members(value)}</struct></value>"
            case Sequence():
                inner = "".join(map(self._value, value))
                return f"<value><array>{f'<data>{inner}</data>' if inner else '<data/>'}</array></value>"
            case _:
                raise UnwritableError(type(value).__name__)

    def _members(self, struct: Mapping[str, Any]) -> str:
        if not struct:
            return ""
        names = (
            list(struct) if isinstance(struct, InOrder) else hash_order(list(struct), self._order, self._seed)
        )
        return "".join(
            f"<member><name>{self._escape(name)}</name>{self._value(struct[name])}</member>" for name in names
        )


def _document(inner: str) -> bytes:
    return f"{_PROLOG}<methodResponse>{inner}</methodResponse>".encode("utf-8", "surrogatepass")


class UnwritableError(Exception):
    """The library cannot write a value, so the caller gets no body."""


class InOrder(dict[str, Any]):
    """A struct whose members come in an order of their own, as columns of saved searches do."""


class Raw:
    """XML to write between ``<value>`` and ``</value>`` as it is."""

    def __init__(self, xml: str) -> None:
        self.xml = xml


def _raw(text: str) -> str:
    text = text.translate(_ESCAPES)
    return text if text.isascii() else "".join(c if ord(c) < _BASIC else _halves(c) for c in text)


def _references(text: str) -> str:
    return "".join(
        _ESCAPES.get(ord(c), c)
        if ord(c) < _ASCII and (c >= " " or c in "\t\r\n")
        else (f"&#{ord(c)};" if ord(c) < _BASIC else _halves(c))
        for c in text
    )


def _halves(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"&#{int.from_bytes(units[place : place + 2], 'big')};" for place in (0, 2))


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
        return sorted(names, key=lambda name: (_java_hash(name) * (2 * seed + 1)) % 2**32)
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


def _spread(name: str, order: MemberOrder) -> int:
    number = _java_hash(name)
    if order == "java8":
        return number ^ number >> 16
    number ^= number >> 20 ^ number >> 12
    return number ^ number >> 7 ^ number >> 4


def _java_hash(text: str) -> int:
    number = 0
    for character in text:
        number = (31 * number + ord(character)) & 0xFFFFFFFF
    return number
