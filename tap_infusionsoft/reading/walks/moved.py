"""From the row that something happened to last back to where an earlier walk began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.reading.walks.by_token import WalkByToken
from tap_infusionsoft.reading.walks.walk import OutOfOrderError

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page, Row


class TooManyMovedError(Exception):
    """So much changed that it is better to read everything."""


class WalkMoved(WalkByToken):
    """Stops where older rows begin, or rows that never had the time, or after its most pages.

    It asks for no proof that rows come in order, and is read once although rows may slip between its pages:
    a complete read follows within days, and finds what it missed.
    """

    is_gapless = True

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        # Only such slices are walked so.
        assert piece.moved is not None and piece.window.since is not None  # noqa: S101, PT018
        self._column, self._since, self._most = piece.moved.key, piece.window.since, piece.moved.pages
        self._last: datetime | None = None
        self._is_over = False
        self._are_timeless = False  # rows, from a place on: nothing ever happened to them
        self._pages = 0
        self._recent: Page = []

    @property
    def time_column(self) -> str:
        """The column with the time that moves."""
        return self._column

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call with the next page's token.

        Raises:
            OutOfOrderError: A row without the time comes first, or rows are not in order.
            TooManyMovedError: More pages would have to be read than are worth it.
            WalkError: The tokens do not come to an end.
        """
        self._recent = [row for row in page if self._is_recent(row)]
        self._pages += 1
        self._is_over |= self._pages == self._most
        call = super().advance(reply, page)
        if call is not None and not self._is_over and self._pages >= self.piece.most:
            raise TooManyMovedError
        return call

    def _is_recent(self, row: Row) -> bool:
        moment = self.time_of(row)
        if moment is None:
            if self._last is None:
                raise OutOfOrderError(self.piece.path)
            self._is_over = self._are_timeless = True
            return False
        if self._are_timeless or (self._last is not None and moment > self._last):
            raise OutOfOrderError(self.piece.path)
        self._last = moment
        self._is_over |= moment < self._since
        return moment >= self._since

    def keep(self, page: Page) -> Page:
        """The rows that something happened to since."""
        del page
        return self._recent

    @property
    def is_over(self) -> bool:
        """Whether only older rows are left, or the walk has read as many pages as it is to."""
        return self._is_over
