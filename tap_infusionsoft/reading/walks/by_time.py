"""By time: each page asks for the rows from the last time on, and overlaps the page before it a little."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from tap_infusionsoft.client.page_tokens import SeenTokens
from tap_infusionsoft.reading.requests import condition, wire_time
from tap_infusionsoft.reading.walks.by_token import WalkByToken
from tap_infusionsoft.reading.walks.crowd import Crowd
from tap_infusionsoft.reading.walks.walk import NotByTimeError, OutOfOrderError, Repeats
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.state.mark import KEY_BYTES, Mark
from tap_infusionsoft.streams.replication import Updated

if TYPE_CHECKING:
    from collections.abc import Iterable
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

KEYS = 1 << 8 * KEY_BYTES
"""Digests of keys are below this."""


class WalkByTime(WalkByToken):
    """Loses nothing when rows that were already read go away in the meantime, and can resume after any page.

    - The first page of a complete read has no lower bound. Rows without a time come on it, before all others,
      if the server sorts them to that end. Those of a server that sorts them to the other end would be on no
      page, as filters leave them out, but the newest row is then one of them.
    - That times ascend on a page does not mean that none was left out: if a bulk edit went through the first
      rows, a server that orders rows by id sends them in the order of their times too, and no later page
      asks for the times before. So before the second page, one call asks for the newest row.
    - That row has to come before the walk is over, and each page has to bring a row of the page before it
      again, so that there is none between the two.
    - If more rows share one time than a page has room for, or nothing of the page before comes again, these
      few are read by page token until nothing can be missing.

    If rows do not show the time that the walk goes by, and nothing tells their order, it goes on by page
    token.
    """

    def __init__(self, plan: ReadPlan, piece: Slice, mark: Mark | None = None) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            mark: Where an earlier run came to; None for the beginning.
        """
        super().__init__(plan, piece)
        changes = plan.collection.changes
        assert isinstance(changes, Updated)  # noqa: S101  # only those are walked by time
        collection, mark = plan.collection, mark or Mark()
        own = [name for name in collection.key if name not in collection.given]
        self.is_gapless = True
        self._changes = changes
        self._names = [collection.wire.name(name) for name in collection.row_key or own]
        self._is_resumed = bool(mark.since)
        self._is_first = self._is_unproved = True
        self._since = mark.moment or piece.window.since  # of the page that comes next
        self._since_before = self._since  # of the page before it
        self._again = mark.known  # keys of rows before that may come again
        self._must_overlap = self._is_resumed
        self._repeated: set[int] = set()  # places on the page of rows that came before
        self._latest: datetime | None = None  # time among all rows so far
        self._page_keys: set[int] = set()  # of the last page, if rows do not show the time
        self._page_before: Page = []
        self._crowd: Crowd | None = None
        self._other_way: Call | None = None  # from a crowd that turns out to be none
        self._first_page: Page | None = None  # until the order is proved
        self._newest: Row | None = None  # row that has to come
        self._is_closing = False  # whether the proof is the last call

    # Calls.

    def first_call(self) -> Call:
        """The call for the page with the oldest rows that are left."""
        return self._call(self._since).with_params(order_by=self._changes.order)

    def _call(self, since: datetime | None, until: datetime | None = None) -> Call:
        """The call for the first of the rows between two times, in Keap's own order.

        Args:
            since: The earlier time; None for that of the window.
            until: The later time; likewise.
        """
        filters, window = list(self.piece.filters), self.piece.window
        bounds = zip(self._changes.filter_names, (window.since, window.until), (since, until), strict=True)
        for name, old, new in bounds:
            if new is None or new == old:
                continue
            part = condition(name, wire_time(new))
            if old is None:
                filters.append(part)
            else:
                filters[filters.index(condition(name, wire_time(old)))] = part
        call = super().first_call()
        return call.with_params(filter=";".join(filters)) if filters else call

    def _newest_row(self) -> Call:
        """The call for the row with the latest time of all."""
        call = super().first_call()
        size = {} if call.size is None else {call.size: "1"}
        return call.with_params(order_by=f"{self._changes.order_by} desc", **size)

    # From a page to the next call.

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the rows from the last time on.

        Raises:
            NotByTimeError: Rows have no time, or went away during every read of those that share one.
            OutOfOrderError: Times do not ascend.
            WalkError: The page tokens do not come to an end.
        """
        self._repeated = set()
        if self._crowd is not None:
            return self._through(self._crowd, reply, page)
        if not self.is_gapless:
            return super().advance(reply, page)
        has_more = bool(page) and (len(page) >= reply.call.rows or self.has_more(reply))
        is_first, self._is_first = self._is_first, False
        if is_first and not has_more and not self._is_resumed:
            return None  # all rows are on it, in whatever order
        times = self._times_in_order(page)
        overlaps = self._find_repeated(page, times)
        if self._changes.is_shown and (times is None or (has_more and not times) or self._is_early(times)):
            raise self._no_order(page, is_first=is_first)
        if is_first and has_more and times:
            self._is_unproved = False
            self._first_page, self.proof = page, self._newest_row()
        if not overlaps and self._must_overlap:
            return self._without_overlap(page, times)
        return self._after(reply, page, times, has_more=has_more)

    def _after(
        self, reply: Reply, page: Page, times: list[datetime] | None, *, has_more: bool
    ) -> Call | None:
        """The call after a page that nothing can be missing before."""
        if not has_more:
            self._close()
            return None
        since = self._next_since(page, times) if times else None
        if not times or (since is None and self._is_early(times)):  # nothing tells where to go on
            self.is_gapless = False
            return self._by_token(reply, page)
        if since is None:
            self._other_way = None if self._changes.is_shown else self._by_token(reply, page)
            return self._enter(self._since, times[-1], page)
        self._again = {*self._keys(self._that_may_come_again(page, times, since))}
        self._must_overlap, self._page_before, self.has_gaps = True, page, False
        self._since_before, self._since = self._since, since
        return self.first_call()

    def _by_token(self, reply: Reply, page: Page) -> Call | None:
        """The call for the page after this one by its token, where a walk by token begins."""
        self._seen = SeenTokens()
        return super().advance(reply, page)

    def _next_since(self, page: Page, times: list[datetime]) -> datetime | None:
        """The time from which on to ask for the next page; None if that is where this one began."""
        since = _whole_milliseconds(times[-min(self._rows_back(page), len(times))] - OVERLAP)
        return since if self._since is None or since > self._since else None

    def _is_early(self, times: list[datetime]) -> bool:
        """Whether a page has rows from before the time from which on it was asked for."""
        return bool(times) and self._since is not None and times[0] < self._since - OVERLAP

    def _close(self) -> None:
        """End the walk. If the newest row has not come, one more call asks which one it is."""
        is_missing = self._newest is not None and not self._has_come(self._newest)
        if is_missing or (self._is_unproved and not self._changes.is_shown):
            self._is_closing, self.proof = True, self._newest_row()

    def _no_order(self, page: Page, *, is_first: bool) -> OutOfOrderError:
        """What to raise for a page whose rows are not in the order of their times."""
        is_untimed = any(self.time_of(row) is None for row in page)
        if is_first and is_untimed and self._since is None:
            return self._not_by_time()
        return OutOfOrderError(self.piece.path)

    def _not_by_time(self) -> OutOfOrderError:
        """What to raise if the slice has to be read in another way: all of it, so not if it was resumed."""
        return (OutOfOrderError if self._is_resumed else NotByTimeError)(self.piece.path)

    # The order of rows.

    def _times_in_order(self, page: Page) -> list[datetime] | None:
        """The times of the rows that have one; None if they do not ascend.

        Rows without a time may only come before all others, where no filter leaves them out.
        """
        times = [*map(self.time_of, page)]
        untimed = 0
        if self._since is None and self._changes.is_shown:
            untimed = next((place for place, moment in enumerate(times) if moment is not None), len(times))
        found = [moment for moment in times[untimed:] if moment is not None]
        return found if len(found) == len(times) - untimed and found == sorted(found) else None

    def prove(self, page: Page | None) -> None:
        """Make sure that the newest row is not one of the first page, but for the last one of several.

        At the end of the walk, make sure that it has come.

        Raises:
            NotByTimeError: Rows without a time come after all others, or that may be so.
            OutOfOrderError: The newest row is one of the first page.
        """
        first, self._first_page, self.proof = self._first_page or [], None, None
        if self._is_closing:
            if page is not None and (not page or not self._has_come(page[0])):
                raise self._not_by_time()
            return
        if page is None:
            if self.piece.window.since is None:
                raise self._not_by_time()
            return
        if not page:
            raise OutOfOrderError(self.piece.path)
        newest, last = self.time_of(page[0]), self.time_of(first[-1])
        if self._changes.is_shown and newest is None:
            raise self._not_by_time()
        is_older = self._changes.is_shown and newest is not None and last is not None and newest < last
        if is_older or page[0] == first[0]:
            raise OutOfOrderError(self.piece.path)
        if not self._has_come(page[0]):
            self._newest = page[0]

    def _has_come(self, newest: Row) -> bool:
        """Whether the walk has come as far as a row that the server says is the newest."""
        if not self._changes.is_shown:
            return self._keys([newest])[0] in self._page_keys
        moment = self.time_of(newest)
        return moment is not None and self._latest is not None and moment <= self._latest

    def _note(self, keys: set[int], times: Iterable[datetime | None]) -> None:
        """Note what a page brought, to know whether the newest row was on it."""
        if self._changes.is_shown:
            known = [moment for moment in (self._latest, *times) if moment is not None]
            self._latest = max(known, default=None)
            return
        self._page_keys = keys
        if self._newest is not None and self._has_come(self._newest):
            self._newest = None

    # What comes again.

    def _find_repeated(self, page: Page, times: list[datetime] | None) -> bool:
        """Find the rows of a page that the page before brought. Whether there are any."""
        latest, rows = self._latest, page
        if self._changes.is_shown and times is not None and len(times) == len(page) and latest is not None:
            rows = [row for row, moment in zip(page, times, strict=True) if moment <= latest]
        keys = self._keys(rows) if self._again or not self._changes.is_shown else []
        self._repeated = {place for place, key in enumerate(keys) if key in self._again}
        self._note(set(keys), times or ())
        return bool(self._repeated)

    def _without_overlap(self, page: Page, times: list[datetime] | None) -> Call | None:
        """The call after a page that does not begin within the one before it.

        The rows that should have come again may have gone away, or filters may be off by some hours.
        """
        since = self._since_before
        if since == self._since:
            raise OutOfOrderError(self.piece.path)  # of another run; nothing tells where it began
        if self._changes.is_shown:
            return self._enter(since, times[0] if times else None, page)
        self.is_gapless, self._repeated, self._seen = False, set(), SeenTokens()
        return self._call(since)

    def _that_may_come_again(self, page: Page, times: list[datetime], since: datetime) -> Page:
        """The rows of a page that the next one may bring again, which asks for those from a time on."""
        if not self._changes.is_shown:
            return page
        timed = page[len(page) - len(times) :]
        return [row for row, moment in zip(timed, times, strict=True) if moment >= since]

    def _rows_back(self, page: Page) -> int:
        """How many rows before the end of a page the next one begins.

        Not with the last one: if that row came too early, the next page would leave out those before it.
        """
        return min(2 if self._changes.is_shown else max(len(page) // OVERLAP_SHARE, 1), len(page))

    def _keys(self, rows: Page, before: Counter[int] | None = None) -> list[int]:
        """The keys of rows. Equal rows without a key in Keap are told apart by their number.

        Args:
            rows: All rows from some time on, so that equal ones, which have the same time, get the same
                numbers on each page that has them.
            before: How often each came on the pages before that belong to these; it is kept up to date.
        """
        keys = [digest([row.get(name) for name in self._names]) for row in rows]
        if self.plan.collection.row_key:
            counts = Counter[int]() if before is None else before
            for place, key in enumerate(keys):
                counts[key] += 1
                keys[place] = digest([key, counts[key]])
        return [key % KEYS for key in keys]

    # Rows that are read by token in the middle.

    def _enter(self, since: datetime | None, last: datetime | None, page: Page) -> Call:
        """Begin to read some rows by token, and return the call for the first of their pages.

        Args:
            since: The time from which on to read them.
            last: The last time that has to be among them; None for where the last page should have begun.
            page: The last page. Its rows, and those of the page before, may be among them.
        """
        ends = [moment for moment in (self._since, last) if moment is not None]
        until = _whole_milliseconds(max(ends)) + 2 * OVERLAP
        known = self._again.union(self._keys(self._page_before), self._keys(page))
        # In Keap's own order: if asked for by time, rows of one time may change places between calls.
        call = self._call(since, self._within_window(until))
        self.has_gaps = True  # what was announced may have come already
        self._crowd = Crowd(call, until, known, self.plan.collection.endpoint.token)
        return call

    def _within_window(self, until: datetime) -> datetime:
        end = self.piece.window.until
        return until if end is None else min(until, end)

    def _through(self, crowd: Crowd, reply: Reply, page: Page) -> Call | None:
        """The call after a page of a crowd."""
        keys = self._keys(page, crowd.counts)
        self._repeated = {place for place, key in enumerate(keys) if key in crowd.known}
        self._note({*keys}, map(self.time_of, page))
        try:
            call = crowd.advance(reply, keys)
        except NotByTimeError:
            raise self._not_by_time() from None
        if call is not None:
            return call
        self._crowd, other, self._other_way = None, self._other_way, None
        if other is not None and not crowd.is_large:
            self.is_gapless = False  # rows show a time that has little to do with the one they are ordered by
            return other
        self._again, self._must_overlap = crowd.known, False
        self._since_before = self._since = crowd.until - OVERLAP
        end = self.piece.window.until
        if end is not None and crowd.until >= end:
            self._close()
            return None
        return self.first_call()

    # What the walk hands out.

    def keep(self, page: Page) -> Page:
        """The rows that did not come before; by token all of them, to know which of them go away."""
        if not self._repeated or not self.is_gapless:
            return page
        return [row for place, row in enumerate(page) if place not in self._repeated]

    @property
    def mark(self) -> Mark:
        """Where a later run can resume; an empty one in the middle of rows that are read by token.

        None where rows have no key in Keap: equal ones must not get the numbers of those before.
        """
        has_no_key = bool(self.plan.collection.row_key)
        if has_no_key or not self.is_gapless or self._crowd is not None or self._since is None:
            return Mark()
        return Mark.by_time(self._since, self._again)

    @property
    def repeats(self) -> Repeats:
        """None: pages overlap, and the time they begin at has to grow."""
        return Repeats.NONE if self.is_gapless else super().repeats


def _whole_milliseconds(moment: datetime) -> datetime:
    """A time as filters take it, so that a walk does not go on from the same one as before."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
