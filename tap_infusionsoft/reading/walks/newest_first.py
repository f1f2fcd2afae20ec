"""From the newest row back to the start of the window, for collections that can only be ordered by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.client.page_tokens import id_number
from tap_infusionsoft.reading.walks.by_token import WalkByToken

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page, Row

PROOF = 10
"""Rows before the window that must have come, newest first, before the walk believes that only older ones
follow. One or two prove nothing: they may be rows that came out of order at the end of a page."""


class WalkNewestFirst(WalkByToken):
    """Stops where older rows begin, once it is proved that rows come newest first.

    That an order was asked for does not mean that it came. The rows prove it if

    - the walk began within its window. The newest row that an earlier run saw is in it, so a walk that begins
      with an older row began somewhere in the middle, or that row is gone;
    - no row was newer than one before it, on all pages so far, looking at every row of them;
    - enough older rows came, and not all of one time, as a bulk import gives them.

    Until then the walk reads on: one page more if the proof is only short of rows, all pages if rows are out
    of order or the walk began too early.

    Rows that were never edited come newest first from a server that orders by id, too, and an edited one is
    far behind. So if the rows are in the order of their ids as well, one call asks for the oldest row before
    pages are left out: such a server answers it with the row that came first.

    Attributes:
        is_in_order: Whether no row was newer than one before it, and the oldest one is not among the newest.
    """

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        self.is_in_order = True
        self._began_within: bool | None = None
        self._last: datetime | None = None
        self._older = 0
        self._newest_older: datetime | None = None
        self._has_more = False
        self._is_confirmed = False
        self._last_id: int | None = None
        self._id_steps: set[bool] = set()  # whether an id was higher than the one before it

    def first_call(self) -> Call:
        """The call for the page with the newest rows."""
        return super().first_call().with_params(order_by=self.plan.collection.changes.order)

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call with the next page's token.

        Raises:
            WalkError: The tokens do not come to an end.
        """
        for number in (id_number(row.get("id")) for row in page):
            if number is not None and self._last_id is not None:
                self._id_steps.add(number > self._last_id)
            self._last_id = number
        call = super().advance(reply, page)
        self._has_more = call is not None
        return call

    def keep(self, page: Page) -> Page:
        """The rows that are in the window, and those whose time cannot be understood."""
        kept = [row for row in page if self._belongs(row)]
        self._is_confirmed |= len(self._id_steps) > 1  # by id, they would go up or down
        if self._has_more and self._looks_over and not self._is_confirmed:
            self.proof = self._oldest_row()
        return kept

    def _oldest_row(self) -> Call:
        """The call for the row with the earliest time."""
        call, changes = self.first_call(), self.plan.collection.changes
        size = {} if call.size is None else {call.size: "1"}
        return call.with_params(order_by=changes.order.replace(" desc", " asc"), **size)

    def prove(self, page: Page | None) -> None:
        """Note whether the oldest row is older than those that came."""
        self.proof, self._is_confirmed = None, True
        if page is None:
            return
        moment = self.time_of(page[0]) if page else None
        if not page or (moment is not None and self._last is not None and moment > self._last):
            self.is_in_order = False

    def _belongs(self, row: Row) -> bool:
        window, moment = self.piece.window, self.time_of(row)
        if moment is None:
            return True
        is_older = window.since is not None and moment < window.since
        self._note(moment, is_older=is_older)
        return not is_older and (window.until is None or moment <= window.until)

    def _note(self, moment: datetime, *, is_older: bool) -> None:
        if self._last is None:
            self._began_within = not is_older
        elif moment > self._last:
            self.is_in_order = False
        self._last = moment
        if is_older:
            self._older += 1
            self._newest_older = self._newest_older or moment

    @property
    def _looks_over(self) -> bool:
        """Whether only rows before the window are left, as far as the rows so far prove it."""
        is_proved = self.is_in_order and self._began_within and self._older >= PROOF
        return bool(is_proved and self._last != self._newest_older)

    @property
    def is_over(self) -> bool:
        """Whether only rows before the window are left."""
        return self._is_confirmed and self._looks_over
