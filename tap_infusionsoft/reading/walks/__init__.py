"""Ways to walk over the pages of a slice, one small class each. `walk_of` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.requests import Order
from tap_infusionsoft.reading.walks.by_id import WalkById
from tap_infusionsoft.reading.walks.by_offset import WalkByOffset
from tap_infusionsoft.reading.walks.by_time import WalkByTime
from tap_infusionsoft.reading.walks.by_token import WalkByToken
from tap_infusionsoft.reading.walks.moved import WalkMoved
from tap_infusionsoft.reading.walks.newest_first import WalkNewestFirst
from tap_infusionsoft.reading.walks.single import SinglePage, SingleRow
from tap_infusionsoft.state.mark import Mark

if TYPE_CHECKING:
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Walk


def walk_of(plan: ReadPlan, piece: Slice, mark: Mark | None = None) -> Walk:
    """The walk over the pages of a slice.

    Args:
        plan: What to read.
        piece: Which part of it.
        mark: Where an earlier run came to; None for the beginning.
    """
    mark = mark or Mark()
    if plan.collection.endpoint.walk is not None:
        walk: Walk = plan.collection.endpoint.walk(plan, piece, mark.id)
        return walk
    match piece.order:
        case Order.SINGLE:
            return SingleRow(plan, piece)
        case Order.BY_ID:
            return WalkById(plan, piece, mark.id)
        case Order.BY_TIME:
            return WalkByTime(plan, piece, mark)
        case Order.NEWEST_FIRST:
            return WalkNewestFirst(plan, piece)
        case Order.MOVED:
            return WalkMoved(plan, piece)
        case Order.AS_PAGED:
            return _as_paged(plan, piece)


def _as_paged(plan: ReadPlan, piece: Slice) -> Walk:
    match plan.collection.endpoint.paging:
        case "token":
            return WalkByToken(plan, piece)
        case "offset":
            return WalkByOffset(plan, piece)
        case _:
            return SinglePage(plan, piece)
