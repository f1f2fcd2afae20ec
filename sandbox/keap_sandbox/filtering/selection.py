"""Finds the rows of a list and sorts them. Knows nothing of HTTP."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from keap_sandbox.filtering.filters import KeyRange
from keap_sandbox.tables import Source, dig, mix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Order", "Selector", "position_after"]

_RESULTS_KEPT = 24
_NO_MOMENT = 1 << 60
"""Further from the epoch than any date-time, in milliseconds."""


class Order:
    """The order of a list: by a field, by key, or arbitrary but always the same."""

    def __init__(
        self, path: str | None, *, descending: bool = False, salt: int = 0, nulls: str = "lowest"
    ) -> None:
        """Define an order.

        Args:
            path: The path of the field; an empty one means by key, and None arbitrary.
            descending: Sort from the greatest to the least.
            salt: Selects the order of rows with equal values, and the arbitrary order.
            nulls: Whether a row without the time is `lowest` or `highest`.
        """
        self.path = path
        self.descending = descending
        self.salt = salt
        self.no_moment = _NO_MOMENT if nulls == "highest" else -_NO_MOMENT

    def tie(self, key: int) -> int:
        """Return what sorts rows with equal values."""
        return mix(key ^ self.salt)

    @property
    def mark(self) -> tuple[object, ...]:
        """A value that identifies the order."""
        return (self.path, self.descending, self.salt, self.no_moment)

    def sorting(self, source: Source) -> Callable[[int], Any]:
        """Return a function that maps the key of a row to its sort key."""
        if self.path is None:
            return self.tie
        return lambda key: (self.value(source, key), self.tie(key))

    def value(self, source: Source, key: int) -> Any:
        """Return the value that a row is sorted by, apart from ties."""
        if self.path is None:
            return self.tie(key)
        if self.path == "":
            return key
        if self.path.endswith(("time", "date", "_at", "_created", "_updated", "_earned")):
            moment = source.moment(key, self.path)
            return moment if moment is not None else self.no_moment
        row = source.row(key)
        if self.path == "email_addresses":
            found = row.get("email_addresses") or []
            return str(dig(found[0], "email") or "").casefold() if found else ""
        value = dig(row, self.path)
        if isinstance(value, bool | int | float):
            return f"{value:030.6f}"
        if isinstance(value, str) and value.isdigit():
            return value.rjust(30, "0")
        return str(value or "").casefold()


class Selector:
    """Finds rows, and keeps the latest results because the next page needs the same."""

    def __init__(self) -> None:
        self._results: OrderedDict[tuple[object, ...], Sequence[int]] = OrderedDict()

    def _cached(self, mark: tuple[object, ...], make: Callable[[], Sequence[int]]) -> Sequence[int]:
        found = self._results.get(mark)
        if found is None:
            found = make()
            self._results[mark] = found
            if len(self._results) > _RESULTS_KEPT:
                self._results.popitem(last=False)
        else:
            self._results.move_to_end(mark)
        return found

    def select(
        self,
        source: Source,
        order: Order,
        key_range: KeyRange,
        tests: list[Callable[[int], bool]],
        mark: tuple[object, ...],
    ) -> Sequence[int]:
        """Return the keys of the rows that pass, in order.

        Args:
            source: The rows.
            order: The order.
            key_range: The keys to consider.
            tests: The tests that a key must pass.
            mark: Identifies the tests, to find an earlier result.
        """
        if not tests and order.path == "":
            # Reading by id takes a slice of the sorted keys, which costs the same for a table of any size
            keys = _within(source.keys(), key_range)
            return keys[::-1] if order.descending else keys
        full = (source.stamp(), order.mark, key_range, mark)
        return self._cached(full, lambda: self._find(source, order, key_range, tests))

    def _find(
        self, source: Source, order: Order, key_range: KeyRange, tests: list[Callable[[int], bool]]
    ) -> Sequence[int]:
        keys: Sequence[int] = _within(source.keys(), key_range)
        for test in tests:
            keys = [key for key in keys if test(key)]
        if order.path == "":
            return keys[::-1] if order.descending else keys
        if not tests and key_range == KeyRange():
            return self._sorted(source, order)
        return sorted(keys, key=order.sorting(source), reverse=order.descending)

    def _sorted(self, source: Source, order: Order) -> Sequence[int]:
        keys = sorted(
            source.keys(),
            key=order.sorting(source),
            reverse=order.descending,
        )
        return array("q", keys)


def _within(keys: Sequence[int], key_range: KeyRange) -> Sequence[int]:
    if key_range == KeyRange():
        return keys
    start = 0 if key_range.low is None else bisect_left(keys, key_range.low)
    stop = len(keys) if key_range.high is None else bisect_right(keys, key_range.high)
    return keys[start : max(start, stop)]


def position_after(keys: Sequence[int], source: Source, order: Order, value: Any, key: int) -> int:
    """Return the position after the last row of a page, even if that row is gone or has changed.

    Args:
        keys: The keys of the list, in order.
        source: The rows.
        order: The order of the list.
        value: What the row was sorted by.
        key: The key of the row.
    """
    last = (value, order.tie(key))
    if order.path == "":
        sign = -1 if order.descending else 1
        return bisect_right(keys, sign * key, key=lambda one: sign * one)
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        here = (order.value(source, keys[middle]), order.tie(keys[middle]))
        if here >= last if order.descending else here <= last:
            low = middle + 1
        else:
            high = middle
    return low
