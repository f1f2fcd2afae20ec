"""Rolling reads: a pass that is spread over several runs, so that no night pays for all of it.

A *round* is a complete pass over a collection that takes many calls and shows no times of changes. Each run
reads a part of it, enough parents for a round to end within `ROUND` of the sweep interval. A row that
is deleted right after it was read is missing from the next round, so nothing is older than the interval.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from tap_infusionsoft.state.packed_text import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

ROUND = 0.5
"""Part of the sweep interval that a round may take: a deleted row may have been read at the round's start."""
FRESH = timedelta(hours=12)
"""How old a list may be that one call brings, before it is read again."""
_MOST_IDS = 10_000_000


class BadIdsError(ValueError):
    """A text does not hold a set of ids."""


def share_of_round(begun: datetime, now: datetime, seen: datetime | None, length: timedelta) -> float:
    """Return how much of a round should be read when this run is over, from above 0 to 1.

    Args:
        begun: When the round began.
        now: The time of this run.
        seen: The time of the run before it; the next one is taken to come after the same time.
        length: How long the round may take.
    """
    ahead = max(now - seen, timedelta()) if seen is not None else length
    return min((now - begun + ahead) / length, 1.0)


def packed(ids: Collection[str]) -> str:
    """Return a set of ids as a short text: ranges of whole numbers, then others; compressed if it is long."""
    numbers = sorted({int(one) for one in ids if one.isascii() and one.isdigit()})
    ranges = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        ranges.append(f"{found[0]}-{found[-1]}" if len(found) > 1 else str(found[0]))
    others = sorted(one for one in set(ids) if not (one.isascii() and one.isdigit()))
    return pack("\n".join([",".join(ranges), *others]))


def marked(ids: Mapping[str, str]) -> str:
    """Return the marks of a set of ids, one after another in the order of the ids; empty without marks."""
    return "".join(ids[one] for one in sorted(ids))


def with_marks(ids: Collection[str], marks: str) -> dict[str, str]:
    """Return ids with the marks that `marked` put together; with empty ones if they belong to other ids."""
    size, rest = divmod(len(marks), len(ids)) if ids else (0, 0)
    if rest:
        return dict.fromkeys(ids, "")
    return {one: marks[size * place : size * (place + 1)] for place, one in enumerate(sorted(ids))}


def unpacked(text: str) -> frozenset[str]:
    """Return the ids that `packed` made a text of.

    Raises:
        BadIdsError: It is no such text.
    """
    try:
        ranges, *others = unpack(text).split("\n")
        found = set(others)
        for one in filter(None, ranges.split(",")):
            first, _, last = one.partition("-")
            if int(last or first) - int(first) > _MOST_IDS:
                raise BadIdsError(one)
            found.update(map(str, range(int(first), int(last or first) + 1)))
    except ValueError as error:
        raise BadIdsError(str(error)) from None
    return frozenset(found)
