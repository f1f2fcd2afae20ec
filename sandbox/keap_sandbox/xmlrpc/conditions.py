"""The query language of the data tables: what the value of a member of `queryData` asks of a column."""

from __future__ import annotations

import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.collation import first_foreign, like, weight
from keap_sandbox.xmlrpc.faults import InvocationError, named

if TYPE_CHECKING:
    from keap_sandbox.xmlrpc.tables.view import Column, Value

__all__ = ["Condition", "Language", "as_text"]

_NULL = "~null~"
_IDS_MAX = 1000
_NUMBERS = {"Id", "Integer", "Long", "Double", "Boolean"}
_DATES = {"Date", "DateTime"}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "~<>~": operator.ne,
    "~>=~": operator.ge,
    "~<=~": operator.le,
    "~>~": operator.gt,
    "~<~": operator.lt,
    "": operator.eq,
}
"""By what a text begins with: the first that fits counts."""
_MOMENT = re.compile(
    r"(\d{4})-?(\d{1,2})-?(\d{1,2})(?:[ T]?(\d{1,2}):?(\d{2})(?::?(\d{2}))?(?:\.\d*)?)?", re.ASCII
)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_LEADING = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)

Test = Callable[[Any], bool]


@dataclass(frozen=True)
class Condition:
    """A condition on a column.

    Attributes:
        column: The column.
        mark: Identifies what is asked.
        test: Tells if a value meets it; null meets none but the one for null.
        bounds: The comparison that it is and the number compared with, if it is such on numbers.
        keys: All numbers that can meet it, if they are listed.
    """

    column: Column
    mark: str
    test: Callable[[Value], bool]
    bounds: tuple[str, float] | None = None
    keys: frozenset[int] | None = None

    def cut(self, keys: Sequence[int]) -> Sequence[int]:
        """Return those of some ascending keys that meet it. The column is the one that holds the keys."""
        if self.keys is not None:
            return [key for key in sorted(self.keys) if _holds(keys, key)]
        match self.bounds:
            case ("~>~", number):
                return keys[bisect_right(keys, number) :]
            case ("~>=~", number):
                return keys[bisect_left(keys, number) :]
            case ("~<~", number):
                return keys[: bisect_left(keys, number)]
            case ("~<=~", number):
                return keys[: bisect_right(keys, number)]
        return [key for key in keys if self.test(key)]


def _holds(keys: Sequence[int], key: int) -> bool:
    place = bisect_left(keys, key)
    return place < len(keys) and keys[place] == key


@dataclass(frozen=True)
class Language:
    """Reads conditions.

    Attributes:
        collation: Compare texts as `latin1_swedish_ci` does; else only case is ignored.
        numbers_as_text: A number sent for a text is compared as text; else as MySQL does it, with the digits
            that the text begins with.
    """

    collation: bool = True
    numbers_as_text: bool = True

    def read(self, table: str, column: Column, value: Any) -> Condition:
        """Read a condition.

        Args:
            table: The name of the table, for messages.
            column: The column.
            value: The value of the member of `queryData`, or that given to `findByField`.

        Raises:
            FaultError: The column takes no such value.
            InvocationError: The value holds a character that cannot be compared.
        """
        made = self._read(f"{table}.{column.name}", column, value)
        return replace(made, mark=f"{self}{column.name} {column.type} {value!r}")

    def weigh(self, text: str) -> str:
        """Return what texts are compared and sorted by."""
        return weight(text) if self.collation else text.casefold()

    def _read(self, name: str, column: Column, value: Any) -> Condition:
        match value:
            case str():
                return self._of_text(column, value)
            case bool():
                return self._compared(column, "", str(int(value)))
            case int() | float():
                return self._of_number(column, value)
            case datetime():
                return self._compared(column, "", as_text(value))
            case list():
                return _listed(name, column, value)
            case dict() if _is_range(value) and column.type in _DATES:
                return self._range(column, value)
            case None:  # an empty date
                return Condition(column, "", lambda _: False)
        raise named(12, f"Invalid condition for {name}")

    def _of_text(self, column: Column, value: str) -> Condition:
        if value == _NULL:
            return Condition(column, "", lambda found: found is None)
        sign = next(one for one in _OPERATORS if value.startswith(one))
        if not sign and "%" in value:
            return self._like(column, value)
        return self._compared(column, sign, value[len(sign) :].lstrip(" ") if sign else value)

    def _of_number(self, column: Column, value: float) -> Condition:
        if column.type in _NUMBERS | _DATES or self.numbers_as_text:
            return self._compared(column, "", as_text(value))
        return Condition(column, "", _present(lambda found: _leading(as_text(found)) == value))

    def _like(self, column: Column, pattern: str) -> Condition:
        if column.type in _NUMBERS | _DATES:
            test = like(pattern, str.casefold)
        else:
            self._check(pattern, "like")
            test = like(pattern) if self.collation else like(pattern, str.casefold)
        return Condition(column, "", _present(lambda found: test(as_text(found))))

    def _compared(self, column: Column, sign: str, text: str) -> Condition:
        compare = _OPERATORS[sign]
        wanted: Any
        if column.type in _NUMBERS and _NUMBER.fullmatch(text):
            wanted = float(text)
            keys = frozenset({int(wanted)}) if not sign and wanted.is_integer() else None
            return Condition(
                column, "", _present(lambda found: compare(_number(found), wanted)), (sign, wanted), keys
            )
        if column.type in _DATES and (moment := _moment(text)):
            return Condition(column, "", _present(lambda found: compare(_second(found), moment)))
        if column.type in _NUMBERS | _DATES:
            return Condition(column, "", _present(lambda found: compare(as_text(found), text)))
        self._check(text, sign.strip("~") or "<=>")
        weigh, wanted = self.weigh, self.weigh(text)
        return Condition(column, "", _present(lambda found: compare(weigh(as_text(found)), wanted)))

    def _check(self, text: str, operation: str) -> None:
        if self.collation and first_foreign(text):
            raise InvocationError(
                "Illegal mix of collations (latin1_swedish_ci,IMPLICIT) and (utf8_general_ci,COERCIBLE) "
                f"for operation '{operation}'"
            )

    def _range(self, column: Column, value: dict[str, Any]) -> Condition:
        signs = {"since": "~>=~", "before": "~<~"}
        ends = [self._compared(column, signs[name], as_text(end)).test for name, end in value.items()]
        return Condition(column, "", lambda found: all(end(found) for end in ends))


def _is_range(value: dict[str, Any]) -> bool:
    ends = value.values()
    return (
        bool(value) and set(value) <= {"since", "before"} and all(isinstance(e, str | datetime) for e in ends)
    )


def _listed(name: str, column: Column, values: list[Any]) -> Condition:
    if column.type != "Id":
        raise named(12, f"A list is allowed for id fields only, not for {name}")
    if not 0 < len(values) <= _IDS_MAX:
        raise named(12, f"A list for {name} takes 1 to {_IDS_MAX} ids, not {len(values)}")
    numbers = [float(text) for text in map(as_text, values) if _NUMBER.fullmatch(text)]
    keys = frozenset(int(number) for number in numbers if number.is_integer())
    return Condition(column, "", _present(lambda found: _number(found) in keys), keys=keys)


def _present(test: Test) -> Callable[[Value], bool]:
    def checked(found: Value) -> bool:
        if found is None:
            return False
        try:
            return test(found)
        except (TypeError, ValueError):  # a planted value of another type
            return False

    return checked


def as_text(value: object) -> str:
    """Return a value as MySQL shows it: `2016-01-20 08:15:00`, `1`, `41.14`, `5`."""
    match value:
        case str():
            return value
        case bool():
            return str(int(value))
        case float():
            return f"{value:.0f}" if value.is_integer() else repr(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case bytes():
            return value.decode("latin-1")
    return str(value)


def _number(value: Any) -> float:
    if isinstance(value, int | float):
        return value
    return float(value)


def _leading(text: str) -> float:
    found = _LEADING.match(text)
    return float(found[0]) if found else 0.0


def _moment(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    except ValueError:
        return None


def _second(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    raise TypeError(value)
