"""By time: each page asks for the rows from the last time on, and overlaps the page before it a little."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_infusionsoft.reading.requests import condition, wire_time
from tap_infusionsoft.reading.walks.by_token import WalkByToken
from tap_infusionsoft.reading.walks.walk import OutOfOrderError, Repeats
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.streams.replication import Updated

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page, Row

OVERLAP = timedelta(seconds=1)
"""How far a page overlaps the one before it: rows may show a coarser time than they have."""

OVERLAP_SHARE = 20
"""If rows do not show exactly the time that the walk goes by, a page overlaps one in this many rows of the
page before it. A row that comes again then proves that there is none between the two pages."""


class WalkByTime(WalkByToken):
    """Needs no page token, and loses nothing when rows that were already read go away in the meantime.

    If it turns out that nothing tells the order of the times, the walk goes on by page token.

    That times ascend on a page does not mean that none was left out: if a bulk edit went through the first
    rows, a server that orders rows by id sends them in the order of their times too, and no later page asks
    for the times before. So before the second page, one call asks for the newest row.
    """

    def __init__(self, plan: ReadPlan, piece: Slice) -> None:
        super().__init__(plan, piece)
        changes, since = plan.collection.changes, piece.window.since
        assert isinstance(changes, Updated) and since is not None  # noqa: S101, PT018  # only those are walked by time
        self.is_gapless = True
        self._changes = changes
        self._since = self._start = since
        self._overlap: Counter[int] = Counter()  # rows of the page before that come again
        self._to_skip: Counter[int] = Counter()
        self._keys: set[int] | None = None  # of the page before
        self._first_page: Page | None = None  # until the order is proved

    def first_call(self) -> Call:
        """The call for the page with the oldest rows."""
        return super().first_call().with_params(order_by=self._changes.order)

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the rows from the last time on.

        Raises:
            OutOfOrderError: Times do not ascend, or more rows than fit on a page share one.
            WalkError: The page tokens do not come to an end.
        """
        self._to_skip = self._overlap
        if not self.is_gapless:
            return super().advance(reply, page)
        has_more = bool(page) and (len(page) >= reply.call.rows or self.has_more(reply))
        if not self._changes.is_shown and (has_more or self._keys is not None):
            self._check_overlap(reply, page)
        self._overlap = Counter()
        times = self._times_in_order(page)
        if not has_more and self._are_all(in_order=times is not None):
            return None
        since = None if times is None else times[-self._rows_back(page)] - OVERLAP
        if times is not None and since is not None and since > self._since:
            if self._since == self._start:
                self._first_page = page
                self.proof = self._newest_row(reply.call)
            return self._call_since(since, reply, page, times)
        if self._changes.is_shown:
            raise OutOfOrderError(reply.call.path)
        # The walk may be in order by a time that rows do not show, but nothing proves it.
        self.is_gapless = False
        return super().advance(reply, page)

    def _newest_row(self, call: Call) -> Call:
        """The call for the row with the latest time."""
        size = {} if call.size is None else {call.size: "1"}
        return call.with_params(order_by=f"{self._changes.order_by} desc", **size)

    def prove(self, page: Page | None) -> None:
        """Make sure that the newest row is not one of the first page, but for its last one.

        Raises:
            OutOfOrderError: It is.
        """
        first, self._first_page, self.proof = self._first_page or [], None, None
        if page is None or not first:
            return
        if not page:
            raise OutOfOrderError(self.piece.path)
        newest, last = self.time_of(page[0]), self.time_of(first[-1])
        is_older = self._changes.is_shown and newest is not None and last is not None and newest < last
        if is_older or (page[0] == first[0] != first[-1]):
            raise OutOfOrderError(self.piece.path)

    def _times_in_order(self, page: Page) -> list[datetime] | None:
        """The times of the rows; None if one is missing, or they do not ascend."""
        times = [moment for moment in map(self.time_of, page) if moment is not None]
        return times if len(times) == len(page) and times == sorted(times) else None

    def _are_all(self, *, in_order: bool) -> bool:
        """Whether a page that announces no other one brings all rows that are left.

        Args:
            in_order: Whether its times ascend. That does not matter if the first page is the only one, or if
                the overlap has proved that nothing is missing.
        """
        return in_order or self._since == self._start or not self._changes.is_shown

    def _rows_back(self, page: Page) -> int:
        """How many rows before the end of a page the next one begins.

        Not with the last one: if that row came too early, the next page would leave out those before it.
        """
        return min(2 if self._changes.is_shown else max(len(page) // OVERLAP_SHARE, 1), len(page))

    def _call_since(self, since: datetime, reply: Reply, page: Page, times: list[datetime]) -> Call:
        self._since = since
        self._overlap.update(
            digest([row]) for row, moment in zip(page, times, strict=True) if moment >= since
        )
        first = condition(self._changes.since, wire_time(self._start))
        again = condition(self._changes.since, wire_time(since))
        filters = [again if part == first else part for part in self.piece.filters]
        return reply.call.with_params(filter=";".join(filters))

    def _check_overlap(self, reply: Reply, page: Page) -> None:
        """Make sure that a page begins within the one before it.

        Raises:
            OutOfOrderError: It does not.
        """
        collection = self.plan.collection
        names = [collection.wire.name(name) for name in collection.key if name not in collection.given]
        keys = {digest([row.get(name) for name in names]) for row in page}
        if self._keys is not None and self._keys.isdisjoint(keys):
            raise OutOfOrderError(reply.call.path)
        self._keys = keys

    def keep(self, page: Page) -> Page:
        """The rows that the page before did not bring."""
        if (
            not self._to_skip or not self.is_gapless
        ):  # by token every row counts, to know which of them go away
            return page
        return [row for row in page if not self._takes(row)]

    def _takes(self, row: Row) -> bool:
        """Whether a row is one of those that the page before brought; each counts once."""
        key = digest([row])
        is_known = self._to_skip[key] > 0
        self._to_skip[key] -= is_known
        return is_known

    @property
    def repeats(self) -> Repeats:
        """None: pages overlap, and the time they begin at has to grow."""
        return Repeats.NONE if self.is_gapless else super().repeats
