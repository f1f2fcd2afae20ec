"""By id: each page asks for the rows after the last id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_infusionsoft.client.call import IdCursor
from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.page_tokens import id_number
from tap_infusionsoft.reading.walks.walk import OutOfOrderError, Repeats, Walk, WalkError

if TYPE_CHECKING:
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page


class WalkById(Walk):
    """Needs no page token, can resume after any row, and its pages can be asked for ahead of time.

    That ids ascend on a page does not mean that none was left out: a server that orders rows by something
    else, such as the time of their last change, may send all but a few in the order of their ids, and those
    few on the last page, where no call asks for them any more. So before the second page, one call asks for
    the last row.
    """

    is_gapless = True

    def __init__(self, plan: ReadPlan, piece: Slice, after: int = 0) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            after: Id of the last row that was read already.
        """
        super().__init__(plan, piece)
        self.last_id = after
        self._has_begun = after > 0
        self._is_proved = after > 0  # by the run that read the first page
        self._highest: int | None = None  # id that there was when the walk began
        self._lowest: int | None = None  # id of the first row of the first page
        self._is_followed = True  # whether the last page announced another one

    def first_call(self) -> Call:
        """The call for the rows after the last one that was read already."""
        return self._call_after(super().first_call(), self.last_id)

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the rows after the last id.

        The end marker is undocumented, and a short page is not one: only a page that is neither full nor
        followed by a token is the last.

        Raises:
            OutOfOrderError: Ids do not ascend, or a whole page has ids of 0 and below, which Keap may refuse
                in a filter.
            WalkError: The page is empty although there are more rows.
        """
        for row in page:
            number = id_number(row.get("id"))
            if number is None or (self._has_begun and number <= self.last_id):
                raise OutOfOrderError(reply.call.path)
            self._lowest = number if self._lowest is None else self._lowest
            self.last_id, self._has_begun = number, True
        has_more = self.has_more(reply)
        if not page and has_more:
            raise WalkError(Fault(Kind.BLANK, "an empty page where there are more rows"))
        is_full = len(page) + reply.overlap >= reply.call.rows
        self._is_followed = has_more
        if not page or not (is_full or has_more):
            return None
        if self.last_id <= 0:
            raise OutOfOrderError(reply.call.path)
        self.proof = None if self._is_proved else self._last_row(reply.call)
        return self._call_after(reply.call, self.last_id)

    def _last_row(self, call: Call) -> Call:
        """The call for the row with the highest id."""
        endpoint = self.plan.collection.endpoint
        assert endpoint.by_id is not None  # noqa: S101  # otherwise slices are not walked by id
        size = {} if call.size is None else {call.size: "1"}
        return replace(call, cursor=None).with_params(order_by=f"{endpoint.by_id.order_by} desc", **size)

    def prove(self, page: Page | None) -> None:
        """Make sure that the last row comes after those of the first page, or is the last of several.

        Raises:
            OutOfOrderError: It does not. If it is the only row of the page, the server may have sent the same
                row for both orders.
        """
        self._is_proved, self.proof = True, None
        if page is None:
            return
        number = id_number(page[0].get("id")) if page else None
        if number is None or number < self.last_id or number == self._lowest:
            raise OutOfOrderError(self.piece.path)
        self._highest = number

    @property
    def is_over(self) -> bool:
        """Whether a full page, too, was the last: it has the row that was the last one at the beginning."""
        return self._highest is not None and self.last_id >= self._highest and not self._is_followed

    def _call_after(self, call: Call, last: int) -> Call:
        """The call for the rows with ids above ``last``; for 0, all rows, since ids may be 0 and below."""
        endpoint = self.plan.collection.endpoint
        assert endpoint.by_id is not None  # noqa: S101  # otherwise slices are not walked by id
        above = (f"{endpoint.by_id.filter}>{last}",) if last > 0 else ()
        params = {name: value for name, value in call.params.items() if name != "filter"}
        if above or self.piece.filters:
            params["filter"] = ";".join((*above, *self.piece.filters))
        params["order_by"] = f"{endpoint.by_id.order_by} asc"
        found = replace(call, params=params, cursor=None)
        return replace(
            found, cursor=IdCursor(last, lambda other: self._call_after(found, other), endpoint.token)
        )

    @property
    def repeats(self) -> Repeats:
        """The first and the last row: the others are between them."""
        return Repeats.NONE if self.plan.collection.row_key else Repeats.ENDS
