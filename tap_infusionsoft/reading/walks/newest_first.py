"""From the newest row back to the start of the window, for collections that can only be ordered by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.walks.by_token import WalkByToken

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page


class WalkNewestFirst(WalkByToken):
    """Stops where older rows begin. Rows that are out of order are all read: nothing tells where to stop."""

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        self._is_ordered = True
        self._is_over = False
        self._last_time: datetime | None = None

    def first_call(self) -> Call:
        """The call for the page with the newest rows."""
        return super().first_call().with_params(order_by=self.plan.collection.changes.order)

    def keep(self, page: Page) -> Page:
        """The rows that are in the window, and those whose time cannot be understood."""
        window, kept = self.piece.window, []
        for row in page:
            moment = self.time_of(row)
            if moment is not None:
                self._note(moment)
                if window.until is not None and moment > window.until:
                    continue
                if window.since is not None and moment < window.since:
                    if self._is_ordered:
                        self._is_over = True
                        break
                    continue
            kept.append(row)
        return kept

    def _note(self, moment: datetime) -> None:
        if self._last_time is not None and moment > self._last_time:
            self._is_ordered = False
        self._last_time = moment

    @property
    def is_over(self) -> bool:
        """Whether a row before the window came, in order."""
        return self._is_over
