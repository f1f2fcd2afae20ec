"""Bytes -> a document that every JSON reader takes: bounded in depth, numbers and characters.

What is not quite JSON, but can be understood, is mended and counted; the rest is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

DEEPEST = 64
"""Lists and objects within each other; Keap's own rows nest about six."""
_HARMLESS = frozenset({str, bool, type(None), msgspec.UnsetType})
"""Types of values that need no second look."""
_LARGEST = 2**63
_MOST_DIGITS = 300
"""Digits before or behind the point; what a double can hold."""

# What the counts are told as: "<number> <name>".
NOT_A_NUMBER = "numbers that are none (NaN, Infinity) became null"
TOO_LARGE = "numbers beyond 64 bits became texts"
BROKEN = "broken characters became U+FFFD"
NUL = "NUL characters were left out"

Mended = Counter[str]
"""How often something was mended, by one of the names above."""


def fraction(text: str) -> Decimal:
    """A fraction, exact; infinite if its exponent is beyond all measure."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("Infinity")


_decoder = msgspec.json.Decoder(float_hook=fraction)


def parse(body: bytes, mended: Mended | None = None) -> Any:
    """Decode JSON, with fractions as exact decimals.

    Args:
        body: The bytes.
        mended: Counts what had to be mended.

    Raises:
        ValueError: ``body`` is not a JSON document, or nested too deeply; says where, and quotes nothing.
    """
    counts: Mended = Counter() if mended is None else mended
    try:
        document = _decoder.decode(body)
        is_odd = b"\\u0000" in body
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        document = _read_slowly(body, counts)  # rare: it understands more, and says where it does not
        is_odd = True
    if survey(document) or is_odd:
        document = _mend(document, counts)
    return document


def _read_slowly(body: bytes, mended: Mended) -> Any:
    def constant(_: str) -> None:
        mended[NOT_A_NUMBER] += 1

    text = body.decode("utf-8-sig", "replace")
    mended[BROKEN] += text.count("\ufffd")
    try:
        # Not strict: a line break within a text is no reason to lose the page.
        return json.loads(text, parse_float=fraction, parse_int=_whole, parse_constant=constant, strict=False)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos} of {len(text)}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _whole(text: str) -> int | Decimal:
    """A whole number; a decimal where Python would refuse so many digits."""
    return int(text) if len(text) <= _MOST_DIGITS else Decimal(text)


def survey(document: Any, above: int = 0) -> bool:
    """Whether a document holds numbers that not every reader takes. Level by level, so that no depth overflows.

    Args:
        document: The document, or a part of one.
        above: How many levels it is inside the whole.

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
    raise ValueError("it is nested too deeply")


def is_odd(values: Iterable[Any], above: int = 0) -> bool:
    """Whether there are numbers among some values that not every reader takes; as `survey`, but faster with many values.

    Args:
        values: The values.
        above: How many levels they are inside the whole.

    Raises:
        ValueError: They are nested too deeply.
    """
    rest = [one for one in values if type(one) not in _HARMLESS]
    wholes = [one for one in rest if type(one) is int]
    if wholes and not (min(wholes) >= -_LARGEST and max(wholes) < _LARGEST):
        return True
    if any(map(_is_beyond, [one for one in rest if type(one) is Decimal])):
        return True
    nested = [
        one
        for one in rest
        if type(one) is dict or (type(one) is list and not _HARMLESS.issuperset(map(type, one)))
    ]
    return bool(nested) and survey(nested, above)


def _is_beyond(number: int | Decimal) -> bool:
    if isinstance(number, int):
        return not -_LARGEST <= number < _LARGEST
    return not number.is_finite() or abs(number.adjusted()) >= _MOST_DIGITS


def _mend(value: Any, mended: Mended) -> Any:
    """The same document without NUL characters, lone surrogates and numbers beyond measure."""
    if isinstance(value, str):
        return _mend_text(value, mended)
    if isinstance(value, list):
        return [_mend(one, mended) for one in value]
    if isinstance(value, dict):
        return {_mend_text(name, mended): _mend(one, mended) for name, one in value.items()}
    if isinstance(value, Decimal) and not value.is_finite():
        mended[NOT_A_NUMBER] += 1
        return None
    if isinstance(value, (int, Decimal)) and _is_beyond(value):
        mended[TOO_LARGE] += 1
        return str(value)
    return value


def _mend_text(text: str, mended: Mended) -> str:
    if "\0" in text:
        mended[NUL] += text.count("\0")
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        mended[BROKEN] += text.count("\ufffd")
    return text
