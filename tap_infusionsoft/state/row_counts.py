"""How the rows of a pass are spread over the parents that they are below.

The parents that were there first often have most below them, so the average tells little about a few of them.
As many numbers are kept as tell what a part of the parents brings, however many parents there are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 64
"""Numbers that are kept at most."""


def with_slice(counts: Sequence[int], slices: int, rows: int) -> list[int]:
    """Return the numbers with those of one more slice; none if those of the slices before are not known.

    Args:
        counts: Rows of the slices before, each number of as many slices as the next; the last one may be of
            fewer.
        slices: How many slices that is.
        rows: Rows of the next slice.
    """
    each = _each(slices)
    if len(counts) != math.ceil(slices / each):
        return []
    if _each(slices + 1) != each:
        counts, each = [sum(counts[place : place + 2]) for place in range(0, len(counts), 2)], 2 * each
    if len(counts) == slices // each:
        return [*counts, rows]
    return [*counts[:-1], counts[-1] + rows]


def rows_between(counts: Sequence[int], slices: int, first: int, last: int) -> float:
    """Return about how many rows there are in slices from one place up to another, not included.

    Args:
        counts: The numbers.
        slices: How many slices they are of.
        first: Place of the first slice that counts, from 0.
        last: Place after the last one.
    """
    each, found = _each(slices), 0.0
    for place, rows in enumerate(counts):
        start, end = place * each, min((place + 1) * each, slices)
        found += rows * max(min(last, end) - max(first, start), 0) / max(end - start, 1)
    return found


def _each(slices: int) -> int:
    """How many slices a number is of: 1, or a power of 2 if there are many."""
    each = 1
    while slices > MOST * each:
        each *= 2
    return each
