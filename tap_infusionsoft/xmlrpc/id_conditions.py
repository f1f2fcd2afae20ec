"""Conditions on ids, together with the place that a walk by these ids has come to.

A query takes one condition for each field, so a walk that asks for the rows after an id has to give up the
user's own condition on that field. What it says is then kept here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_IDS = 1000
"""Ids in one condition. Source: the vendor's forum, thread 117."""

MOST_ID = 2**31 - 1
"""The highest id that a call can hold: XML-RPC has whole numbers of 32 bits."""

Value = str | list[str] | dict[str, str]
"""The condition on a field, as `DataService.query` takes it."""

_COMPARED = re.compile(r"~(>=|<=|<>|>|<)~ ?(-?\d+)")
_NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that a walk is to find, in ascending order.

    Attributes:
        condition: The condition for those from the lowest on; None for all ids.
        highest: The highest of them; None if there is no such limit.
        without: One that is not wanted; None for none.
        listed: All of them, in ascending order, if they are listed.
    """

    condition: Value | None = None
    highest: int | None = None
    without: int | None = None
    listed: tuple[int, ...] = ()

    def after(self, last: int | None) -> Value | None:
        """The condition for those after an id; None for no condition.

        Args:
            last: The id; None to begin with the lowest.
        """
        if self.listed:
            some = [str(one) for one in self._next(last)]
            return some[0] if len(some) == 1 else some
        return self.condition if last is None else f"~>~ {last}"

    def up_to(self, last: int | None, *, is_full: bool, found: int | None) -> int | None:
        """The id up to which no row is missing after an answer; None if there can be no more rows.

        Args:
            last: The id that the call was for those after.
            is_full: Whether the answer has as many rows as the call asked for.
            found: The last id in it of which all rows are there; None for none.
        """
        if is_full:
            done = found
        else:
            asked = self._next(last)
            done = asked[-1] if asked else None
        highest = self.listed[-1] if self.listed else self.highest
        return None if done is None or (highest is not None and done >= highest) else done

    def _next(self, last: int | None) -> Sequence[int]:
        """The listed ids that the call after an id asks for."""
        start = 0 if last is None else bisect_right(self.listed, last)
        return self.listed[start : start + MOST_IDS]

    def allows(self, number: int) -> bool:
        """Whether an id is one of them, which the condition for those after another one does not say."""
        return number != self.without and (self.highest is None or number <= self.highest)

    @property
    def needs_check(self) -> bool:
        """Whether `allows` may refuse some."""
        return self.highest is not None or self.without is not None


def ids_of(value: Value | None) -> Ids | None:
    """The ids that a condition asks for; None if no walk by id can keep what it says, as for ``12%``.

    Args:
        value: The condition, as the data service takes it; None for none.
    """
    if value is None or value == "%":
        return Ids(value)
    if isinstance(value, list):
        return Ids(listed=_ascending(value)) if all(map(_NUMBER.fullmatch, value)) else None
    if not isinstance(value, str):
        return None
    if _NUMBER.fullmatch(value):
        return Ids(listed=(int(value),))
    compared = _COMPARED.fullmatch(value)
    if compared is None:
        return None
    number = int(compared[2])
    match compared[1]:
        case "<":
            return Ids(value, highest=number - 1)
        case "<=":
            return Ids(value, highest=number)
        case "<>":
            return Ids(value, without=number)
    return Ids(value)


def _ascending(values: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted({*map(int, values)}))
