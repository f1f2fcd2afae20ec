"""From the newest row back to the start of the window, for collections that can only be ordered by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.walks.by_token import WalkByToken

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page, Row

PROOF = 10
"""Rows before the window that must have come, newest first, before the walk believes that only older ones
follow. One or two prove nothing: they may be rows that came out of order at the end of a page."""


class WalkNewestFirst(WalkByToken):
    """Stops where older rows begin, once the rows have proved that they come newest first.

    That an order was asked for does not mean that it came. The order is proved if

    - the walk began within its window. The newest row that an earlier run saw is in it, so a walk that begins
      with an older row began somewhere in the middle, or that row is gone;
    - no row was newer than one before it, on all pages so far, looking at every row of them;
    - enough older rows came, and not all of one time, as a bulk import gives them.

    Until then the walk reads on: one page more if the proof is only short of rows, all pages if rows are out
    of order or the walk began too early.

    Attributes:
        is_in_order: Whether no row was newer than one before it.
    """

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        self.is_in_order = True
        self._began_within: bool | None = None
        self._last: datetime | None = None
        self._older = 0
        self._newest_older: datetime | None = None

    def first_call(self) -> Call:
        """The call for the page with the newest rows."""
        return super().first_call().with_params(order_by=self.plan.collection.changes.order)

    def keep(self, page: Page) -> Page:
        """The rows that are in the window, and those whose time cannot be understood."""
        return [row for row in page if self._belongs(row)]

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
    def is_over(self) -> bool:
        """Whether only rows before the window are left, as the rows so far prove."""
        is_proved = self.is_in_order and self._began_within and self._older >= PROOF
        return bool(is_proved and self._last != self._newest_older)
