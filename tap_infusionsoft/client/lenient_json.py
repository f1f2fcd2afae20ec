"""Decodes JSON leniently, into documents that every JSON reader accepts.

Keap's responses may hold NaN, numbers beyond 64 bits, NUL characters, lone surrogates or bytes that aren't
UTF-8. Such values are repaired, and the document says which; what can't be understood is refused.
"""

from __future__ import annotations

import codecs
import json
import re
from copy import deepcopy
from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DEEPEST = 64
"""Levels of nested lists and objects. Keap's own rows have about six."""
_HARMLESS = frozenset({str, bool, type(None), msgspec.UnsetType})
"""Types whose values never need a repair once msgspec has decoded them."""
_BEYOND_64_BITS = 2**63
_MOST_DIGITS = 300
"""Digits before or after the decimal point; a double holds no more."""
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_TOO_DEEP = "it is nested too deeply"


class RepairKind(Enum):
    """What was done to a value."""

    NUL = "NUL characters were removed"
    BROKEN_TEXT = "broken characters were replaced with U+FFFD"
    NOT_A_NUMBER = "NaN or Infinity became null"
    LARGE_NUMBER = "a number beyond 64 bits became text"


class Repair(NamedTuple):
    """One repaired value.

    Attributes:
        kind: What was done to it: a `RepairKind`, or what another format knows of.
        path: Where it is: names of properties and indices of lists, from the outside in.
    """

    kind: Enum
    path: tuple[str | int, ...]


class RepairedObject(dict[str, Any]):
    """A JSON object that holds repaired values.

    Attributes:
        repairs: Its repairs, with paths inside this object.
    """

    __slots__ = ("repairs",)

    def __init__(self, values: Iterable[tuple[str, Any]] | dict[str, Any], repairs: Sequence[Repair]) -> None:
        super().__init__(values)
        self.repairs = repairs

    def mark_rows(self, name: str) -> None:
        """Turn those objects of a list that hold repaired values into `RepairedObject` themselves.

        Args:
            name: Property that holds the list.
        """
        rows = self.get(name)
        if not isinstance(rows, list):
            return
        repairs: dict[int, list[Repair]] = {}
        for kind, path in self.repairs:
            if path[0] == name and len(path) > 1 and isinstance(path[1], int):
                repairs.setdefault(path[1], []).append(Repair(kind, path[2:]))
        for index, own in repairs.items():
            if isinstance(rows[index], dict):
                rows[index] = RepairedObject(rows[index], own)


def unpack(packed: Any, into_rows: Callable[[Any], Iterable[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Turn one value into rows, which know what was repaired in them.

    ``into_rows`` may move and rename everything. To see where the repaired values go, it also gets a copy in
    which each of them is a mark.

    Args:
        packed: What Keap sent.
        into_rows: Makes rows from that.
    """
    if not isinstance(packed, RepairedObject):
        yield from into_rows(packed)
        return
    copy: dict[str, Any] = deepcopy(dict(packed))
    kinds: dict[str, list[Enum]] = {}
    for kind, path in packed.repairs:
        mark = f"\0{path}"  # no value has a NUL character any more
        kinds.setdefault(mark, []).append(kind)
        _put(copy, path, mark)
    for row, marked in zip_longest(into_rows(packed), into_rows(copy)):
        if row is not None:
            repairs = [Repair(kind, path) for path, mark in _texts(marked) for kind in kinds.get(mark, ())]
            yield RepairedObject(row, repairs) if repairs else row


def _put(document: Any, path: Sequence[str | int], value: Any) -> None:
    *outer, last = path
    for key in outer:
        document = document[key]
    if not isinstance(document[last], dict | list):  # only a name was repaired, and what is inside counts
        document[last] = value


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the texts in a document, with their paths."""
    if isinstance(value, str):
        yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from _texts(inner, (*path, key))


def fraction(text: str) -> Decimal:
    """Return a number with a fraction or exponent, exactly; infinity if its exponent is too large."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


_decoder = msgspec.json.Decoder(float_hook=fraction)


def parse(body: bytes) -> Any:
    """Decode JSON, with fractions as exact decimals.

    Args:
        body: The bytes.

    Returns:
        The document; a `RepairedObject` if it is an object that needed repairs.

    Raises:
        ValueError: ``body`` is not a JSON document, or it is nested too deeply. The message says where the
            error is and quotes nothing.
    """
    try:
        document = _decoder.decode(body)
        is_odd = b"\\u0000" in body
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = _read_slowly(body)  # rare: accepts more, and says where the error is
        is_odd = True
    if survey(document) or is_odd:
        document = _repaired(document)
    return document


def _as_lone_surrogate(error: UnicodeError) -> tuple[str, int]:
    """Stand in for bytes that are not UTF-8, until `_Repairer` replaces them and knows where they are."""
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # nothing is encoded with this handler
    return "\ud800", error.end


_MARK_BROKEN = "tap-infusionsoft-mark-broken"
codecs.register_error(_MARK_BROKEN, _as_lone_surrogate)


def _read_slowly(body: bytes) -> Any:
    text = body.decode("utf-8-sig", _MARK_BROKEN)
    try:
        # Not strict: a line break inside a string is no reason to lose the page.
        return json.loads(text, parse_float=fraction, parse_int=_whole, parse_constant=Decimal, strict=False)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos} of {len(text)}") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _whole(text: str) -> int | Decimal:
    """Return a whole number; as a Decimal if it has more digits than Python's int accepts."""
    return int(text) if len(text) <= _MOST_DIGITS else Decimal(text)


def survey(document: Any, above: int = 0) -> bool:
    """Look for numbers that not every JSON reader accepts.

    It works level by level, so that no depth overflows the stack.

    Args:
        document: The document, or a part of one.
        above: Levels of nesting around that part.

    Returns:
        Whether there are any.

    Raises:
        ValueError: It is nested too deeply.
    """
    is_odd = False
    level: list[Any] = [[document]]
    for _ in range(DEEPEST + 1 - above):
        inner = []
        for outer in level:
            for value in outer.values() if type(outer) is dict else outer:
                kind = type(value)
                if kind is dict or kind is list:
                    inner.append(value)
                elif kind is int or kind is Decimal:
                    is_odd = is_odd or _is_beyond(value)
        if not inner:
            return is_odd
        level = inner
    raise ValueError(_TOO_DEEP)


def is_odd(values: Iterable[Any], above: int = 0) -> bool:
    """Look for numbers that not every JSON reader accepts, faster than `survey` for many plain values.

    Args:
        values: The values.
        above: Levels of nesting around them.

    Returns:
        Whether there are any.

    Raises:
        ValueError: They are nested too deeply.
    """
    rest = [value for value in values if type(value) not in _HARMLESS]
    return bool(rest) and (_has_large(rest) or survey([*_nested(rest)], above))


def _has_large(values: Sequence[Any]) -> bool:
    wholes = [value for value in values if type(value) is int]
    if wholes and (min(wholes) < -_BEYOND_64_BITS or max(wholes) >= _BEYOND_64_BITS):
        return True
    numbers = [value for value in values if type(value) is Decimal]
    if not all(map(Decimal.is_finite, numbers)):
        return True
    sizes = [*map(Decimal.adjusted, numbers)]
    return bool(sizes) and (min(sizes) <= -_MOST_DIGITS or max(sizes) >= _MOST_DIGITS)


def _nested(values: Iterable[Any]) -> Iterator[Any]:
    """Yield those values that may have numbers inside."""
    for value in values:
        if type(value) is dict or (type(value) is list and not _HARMLESS.issuperset(map(type, value))):
            yield value


def _is_beyond(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return not -_BEYOND_64_BITS <= number < _BEYOND_64_BITS
    return not number.is_finite() or abs(number.adjusted()) >= _MOST_DIGITS


def _repaired(document: Any) -> Any:
    repairer = _Repairer()
    repaired = repairer.value(document)
    if repairer.repairs and isinstance(repaired, dict):
        return RepairedObject(repaired, repairer.repairs)
    return repaired


class _Repairer:
    """Copies a document without what not every JSON reader accepts.

    Attributes:
        repairs: What it has repaired so far.
    """

    def __init__(self) -> None:
        self.repairs: list[Repair] = []
        self._path: list[str | int] = []

    def value(self, value: Any) -> Any:
        """Return a repaired copy of a value."""
        if isinstance(value, str):
            text, kinds = _cleaned(value)
            self._note(*kinds)
            return text
        if isinstance(value, list):
            return [self._element(index, item) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return dict(self._property(name, item) for name, item in value.items())
        if isinstance(value, (int, Decimal)) and _is_beyond(value):
            return self._number(value)
        return value

    def _element(self, index: int, value: Any) -> Any:
        self._path.append(index)
        repaired = self.value(value)
        self._path.pop()
        return repaired

    def _property(self, name: str, value: Any) -> tuple[str, Any]:
        name, kinds = _cleaned(name)
        self._path.append(name)
        self._note(*kinds)
        repaired = self.value(value)
        self._path.pop()
        return name, repaired

    def _number(self, number: int | Decimal) -> str | None:
        if isinstance(number, Decimal) and not number.is_finite():
            self._note(RepairKind.NOT_A_NUMBER)
            return None
        self._note(RepairKind.LARGE_NUMBER)
        return str(number)

    def _note(self, *kinds: RepairKind) -> None:
        self.repairs += [Repair(kind, tuple(self._path)) for kind in kinds]


def _cleaned(text: str) -> tuple[str, Sequence[RepairKind]]:
    """Return a text without NUL characters and lone surrogates, and what was done to it."""
    kinds: tuple[RepairKind, ...] = ()
    if "\0" in text:
        text, kinds = text.replace("\0", ""), (RepairKind.NUL,)
    if _LONE_SURROGATES.search(text):
        text, kinds = _LONE_SURROGATES.sub("\ufffd", text), (*kinds, RepairKind.BROKEN_TEXT)
    return text, kinds
