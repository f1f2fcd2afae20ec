"""What a first load takes: the calls of each way to walk over pages, for a number of rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tap_infusionsoft.reading.requests import Order, order_of
from tap_infusionsoft.reading.walks.by_time import OVERLAP_SHARE
from tap_infusionsoft.streams.replication import Updated

if TYPE_CHECKING:
    from tap_infusionsoft.reading.requests import ReadPlan
    from tap_infusionsoft.streams.collection import Collection

_REPEATED = 2
"""Rows that a page by time repeats of the one before it, if rows show exactly that time."""


def calls_for(rows: float, plan: ReadPlan, *, is_once: bool, most: float = math.inf) -> int:
    """Calls that one walk takes to read all rows.

    Args:
        rows: How many there are.
        plan: How they are read.
        is_once: Whether pages that come by token are not read a second time to prove that none is missing.
        most: Most rows of a page that Keap sends, if it sends fewer than are asked for.
    """
    endpoint = plan.collection.endpoint
    size, paging = int(min(endpoint.page_size, most)), endpoint.paging
    if paging in {"none", "raw"}:
        return 1
    if paging == "offset":
        return math.floor(rows / size) + 1  # a full page may be followed by others
    pages, order = max(math.ceil(rows / size), 1), order_of(plan)
    if order is Order.BY_ID:
        return pages if rows < size else pages + 1  # one call proves the order
    if order is Order.BY_TIME and rows >= size:
        changes = plan.collection.changes
        is_shown = not isinstance(changes, Updated) or changes.is_shown
        repeated = _REPEATED if is_shown else size // OVERLAP_SHARE
        return math.floor((rows - repeated) / (size - repeated)) + 2  # one call proves the order
    is_proved = pages == 1 or is_once or order is not Order.AS_PAGED
    return pages if is_proved else 2 * pages


def walks_for(collection: Collection, parents: float) -> int:
    """How many times a stream is asked for something else, for a number of parents."""
    if collection.batches is not None:
        return math.ceil(parents / collection.batches.size)
    rows_move = collection.parents is not None and collection.parents.rows_move
    return round(parents) * (2 if rows_move else 1)
