"""Which rows a list answers with, and in which order. Knows nothing of HTTP."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from keap_sandbox.lists.filters import KeyRange
from keap_sandbox.tables import Source, dig, mix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Order", "Selector", "after"]

_KEPT = 24


class Order:
    """The order of a list: by a path of the row, by key, or arbitrary but fixed."""

    def __init__(self, path: str | None, *, descending: bool = False, salt: int = 0) -> None:
        self.path = path  # None: arbitrary; "": by key
        self.descending = descending
        self.salt = salt

    def tie(self, key: int) -> int:
        """What decides between rows of equal value."""
        return mix(key ^ self.salt)

    @property
    def mark(self) -> tuple[object, ...]:
        """Tells orders apart."""
        return (self.path, self.descending, self.salt)

    def sorting(self, source: Source) -> Callable[[int], Any]:
        """The sort key of rows."""
        if self.path is None:
            return self.tie
        return lambda key: (self.value(source, key), self.tie(key))

    def value(self, source: Source, key: int) -> Any:
        """What a row is sorted by."""
        if self.path is None:
            return self.tie(key)
        if self.path == "":
            return key
        if self.path.endswith(("time", "date", "_at", "_created", "_updated", "_earned")):
            moment = source.moment(key, self.path)
            return moment if moment is not None else -(1 << 60)
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
    """Finds rows, and remembers the last results, because the next page asks for the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Sequence[int]] = OrderedDict()

    def _keep(self, mark: tuple[object, ...], make: Callable[[], Sequence[int]]) -> Sequence[int]:
        found = self._kept.get(mark)
        if found is None:
            found = make()
            self._kept[mark] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(mark)
        return found

    def select(
        self,
        source: Source,
        order: Order,
        key_range: KeyRange,
        tests: list[Callable[[int], bool]],
        mark: tuple[object, ...],
    ) -> Sequence[int]:
        """All keys that pass, in order."""
        if not tests and order.path == "":
            # A crawl by id: a slice of the sorted keys, whatever the size of the table
            keys = _within(source.keys(), key_range)
            return keys[::-1] if order.descending else keys
        full = (source.stamp(), order.mark, key_range, mark)
        return self._keep(full, lambda: self._make(source, order, key_range, tests))

    def _make(
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


def after(keys: Sequence[int], source: Source, order: Order, value: Any, key: int) -> int:
    """The position behind a row that was seen last, whether or not it is still there."""
    seen = (value, order.tie(key))
    if order.path == "":
        sign = -1 if order.descending else 1
        return bisect_right(keys, sign * key, key=lambda one: sign * one)
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        here = (order.value(source, keys[middle]), order.tie(keys[middle]))
        behind = here >= seen if order.descending else here <= seen
        # Rows before and at the last seen one are done
        if behind:
            low = middle + 1
        else:
            high = middle
    return low
