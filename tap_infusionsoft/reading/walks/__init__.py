"""Ways to walk over the pages of a slice, one small class each. `walk_of` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.requests import Order
from tap_infusionsoft.reading.walks.by_id import ById
from tap_infusionsoft.reading.walks.by_offset import ByOffset
from tap_infusionsoft.reading.walks.by_time import ByTime
from tap_infusionsoft.reading.walks.by_token import ByToken
from tap_infusionsoft.reading.walks.newest_first import NewestFirst
from tap_infusionsoft.reading.walks.single import OnePage, Single

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
    match piece.order:
        case Order.SINGLE:
            return Single(plan, piece)
        case Order.BY_ID:
            return ById(plan, piece, after)
        case Order.BY_TIME:
            return ByTime(plan, piece)
        case Order.NEWEST_FIRST:
            return NewestFirst(plan, piece)
        case Order.AS_PAGED:
            return _as_paged(plan, piece)


def _as_paged(plan: ReadPlan, piece: Slice) -> Walk:
    match plan.collection.endpoint.paging:
        case "token":
            return ByToken(plan, piece)
        case "offset":
            return ByOffset(plan, piece)
        case _:
            return OnePage(plan, piece)
