"""Ways to walk over the pages of a slice, one small class each. `walk_of` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.requests import Order
from tap_infusionsoft.reading.walks.by_id import WalkById
from tap_infusionsoft.reading.walks.by_offset import WalkByOffset
from tap_infusionsoft.reading.walks.by_time import WalkByTime
from tap_infusionsoft.reading.walks.by_token import WalkByToken
from tap_infusionsoft.reading.walks.newest_first import WalkNewestFirst
from tap_infusionsoft.reading.walks.single import SinglePage, SingleRow

if TYPE_CHECKING:
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Walk


def walk_of(plan: ReadPlan, piece: Slice, after: int = 0) -> Walk:
    """The walk over the pages of a slice.

    Args:
        plan: What to read.
        piece: Which part of it.
        after: Id of the last row that was read already, if the walk goes by id.
    """
    if plan.collection.endpoint.walk is not None:
        walk: Walk = plan.collection.endpoint.walk(plan, piece, after)
        return walk
    match piece.order:
        case Order.SINGLE:
            return SingleRow(plan, piece)
        case Order.BY_ID:
            return WalkById(plan, piece, after)
        case Order.BY_TIME:
            return WalkByTime(plan, piece)
        case Order.NEWEST_FIRST:
            return WalkNewestFirst(plan, piece)
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
