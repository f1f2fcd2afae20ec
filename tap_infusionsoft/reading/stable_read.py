"""The rows of a slice, read until it is proved that none has slipped between its pages.

If pages come by token or offset, a row that goes away while they are read can pull another one past the
reader. That row was read before it went, so the next read misses it: a read is known to be complete when the
one after it sees all of its rows again. Rows that come in the order of their ids or times, and a single page,
need no second read, nor does what `births` proves. Later reads hand out only what the earlier ones did not
see. Where the proof can wait for another pass, one read is all.
"""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.reading.births import MODULUS, Births
from tap_infusionsoft.reading.key_tally import KeyTally
from tap_infusionsoft.reading.pages import Pages, unpacked
from tap_infusionsoft.reading.requests import Order, goes_by_birth, in_own_order
from tap_infusionsoft.reading.walks.walk import NotByTimeError
from tap_infusionsoft.records.coerce import CoercionError, to_moment
from tap_infusionsoft.records.row_keys import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.pages import Fetcher
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page, Row
    from tap_infusionsoft.state.births import KnownBirths
    from tap_infusionsoft.state.mark import Mark

logger = logging.getLogger("tap-infusionsoft")

MOST_READS = 6
"""How often a slice is read before it counts as unsteady."""


class StableRead:
    """Reads one slice. After an error the read can go on: iterate again.

    Attributes:
        is_first_page: Whether no page but this one was handed out.
        done: Whether the slice has been read.
        is_doubtful: Whether Keap sent empty pages although it announced rows.
        is_unsteady: Whether rows went away during every read.
        is_unproved: Whether it was left open whether rows have slipped between pages.
        newest: The latest time among rows that others are packed into, as records have it; empty without one.
        rows: How many rows the last read found.
        tally: The keys of these rows, in a few numbers.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        plan: ReadPlan,
        piece: Slice,
        *,
        mark: Mark | None = None,
        known: str = "",
        pick: Callable[[Page], Page] | None = None,
        largest: int = 0,
        digest_before: int = 0,
        known_digest_before: int = 0,
        births: KnownBirths | None = None,
        is_once: bool = False,
    ) -> None:
        """A read that has not begun.

        Args:
            fetcher: Who to ask.
            plan: What to read.
            piece: Which part of it.
            mark: Where an earlier run came to; None for the beginning.
            known: The `keys` of a complete read of this slice; the same keys need no second read.
            pick: Picks rows of a page, as Keap sent them; None for all.
            largest: The largest id that the last complete pass found.
            digest_before: Digest of what the pass has read so far.
            known_digest_before: Digest of those rows among them whose ids the last complete pass knew.
            births: The births that the last complete read of this slice found, whose keys are known.
            is_once: Whether one read is enough, proved or not.
        """
        self.is_first_page = True
        self.done = False
        self.is_doubtful = False
        self.is_unsteady = False
        self.is_unproved = False
        self.newest = ""
        self.rows = 0
        self._fetcher = fetcher
        self._plan = plan
        self._collection = plan.collection
        self._piece = piece
        self._known = known
        self._pick = pick
        self._largest = largest
        self._digests_before = digest_before, known_digest_before
        self._is_once = is_once
        self._births = self._new_births(births if goes_by_birth(plan) else None)
        self.tally = self._new_tally()
        self._mark = mark
        self._pages = Pages(fetcher, plan, piece, mark)
        self._reads = 1
        self._page_count = 0
        self._rows_of_page = 0
        self._seen: set[int] = set()
        self._equal: Counter[int] = Counter()
        self._handed_out = self._seen  # one set as long as there is one read
        self._seen_before: set[int] | None = None

    @property
    def beside(self) -> Mapping[str, Any]:
        """What is beside the rows of the page that was handed out, by name."""
        return self._pages.beside

    @property
    def upcoming(self) -> Iterable[Call]:
        """The calls that are left, if they are the same whatever the answers; otherwise none."""
        return self._pages.upcoming

    @property
    def mark(self) -> Mark:
        """Where the slice can resume, if there is more to come; otherwise an empty mark."""
        return self._pages.mark

    @property
    def is_in_order(self) -> bool:
        """Whether the rows so far came in the order that was asked for."""
        return self._pages.is_in_order

    @property
    def is_last(self) -> bool:
        """Whether no page follows the one that was handed out, as far as is known."""
        return self._pages.is_last and (self._pages.is_gapless or self._page_count == 1)

    @property
    def keys(self) -> str:
        """All keys of the rows in one number, whatever their order.

        Empty if one page was all. Slices of different parents may have rows with the same keys.
        """
        if not self._seen:
            return ""
        place = digest(self._piece.place) if self._piece.place else 0
        return f"{(sum(self._seen) + place) % MODULUS:016x}"

    @property
    def newest_birth(self) -> str:
        """The latest birth among the rows, as text; empty if that is not known, or some rows have none."""
        return self._births.newest if self._births is not None and self._seen else ""

    def __iter__(self) -> Iterator[Page]:
        """Hand out the rows of the pages that are left.

        Raises:
            KeapError: A page cannot be read.
            OutOfOrderError: The rows do not come in the order that the walk needs.
        """
        while not self.done:
            try:
                yield from self._pages_left()
            except NotByTimeError:
                self._go_by_token("some rows have no time, or too many come and go at one time")
                continue
            except KeapError as error:
                if self._is_no_filter(error):
                    self._go_by_token(str(error))
                    continue
                if not self._lost_its_place(error):
                    raise
                logger.warning("%s Keap does not go on from here; reading again from the first page.", error)
                self._again(compare=False)
                continue
            if self._pages.is_gapless or self._page_count == 1 or self._is_confirmed():
                self.done = True
            elif self._is_once:
                self.done = self.is_unproved = True
            elif self._reads == MOST_READS:
                self.done = self.is_unsteady = True
            else:
                self._again(compare=True)

    def _pages_left(self) -> Iterator[Page]:
        for page in self._pages:
            self.is_doubtful |= self._pages.is_doubtful
            rows, outer = unpacked(self._collection, page if self._pick is None else self._pick(page))
            self._note_time(page if self._pick is not None else outer)
            self._page_count += 1
            is_only = self._page_count == 1 and self._pages.is_last and self._reads == 1
            if self._pages.is_gapless or is_only:
                self.rows += len(rows)
                self.tally.add_page(rows)
            else:
                self._rows_of_page = len(rows)
                if self._births is not None:
                    self._births.begin_page()
                rows = [row for row in rows if self._is_new(row)]
            yield rows
            self.is_first_page = False

    def _note_time(self, page: Page) -> None:
        """Note the time of rows that nothing is packed into, too: they need not be read again every night."""
        key = self._collection.changes.key
        if self._collection.wire.unpack is None or key is None:
            return
        for row in page:
            with contextlib.suppress(CoercionError):
                self.newest = max(self.newest, to_moment(row.get(self._collection.wire.name(key))))

    def _is_new(self, row: Row) -> bool:
        """Whether a row was not handed out yet."""
        collection = self._collection
        key = digest([row.get(collection.wire.name(name)) for name in collection.row_key or collection.key])
        if collection.row_key:  # equal rows are told apart by their number
            self._equal[key] += 1
            key = digest([key, self._equal[key]])
        is_new = key not in self._handed_out
        if key not in self._seen:
            self.rows += 1
            self.tally.add(row, key)
            if self._births is not None:
                self._births.add(row, key)
        self._seen.add(key)
        self._handed_out.add(key)
        return is_new

    def _is_confirmed(self) -> bool:
        """Whether this read found what the last complete one found, or all that the read before it found."""
        is_proved = self.keys == self._known or (self._births is not None and self._births.prove(self._known))
        if is_proved and self._rows_of_page:  # a new row that slips off the last page may leave it empty
            return True
        # A row without an id that was edited looks like one that went away, and is read again as such.
        return self._seen_before is not None and self._seen_before <= self._seen

    def _new_tally(self) -> KeyTally:
        before, known_before = self._digests_before
        return KeyTally(
            self._collection,
            self._piece,
            known=self._largest,
            digest_before=before,
            known_digest_before=known_before,
        )

    def _new_births(self, known: KnownBirths | None = None) -> Births | None:
        born = self._collection.endpoint.born
        if born is None or self._piece.order is not Order.AS_PAGED:
            return None
        return Births(self._collection.wire.name(born.column), known)

    def _again(self, *, compare: bool) -> None:
        """Read the slice again from its first page, in Keap's own order.

        Args:
            compare: Whether the read that ended saw all pages, so that the next one can confirm it.
        """
        self._seen_before = self._seen if compare else None
        self.rows, self._seen = 0, set()
        self.tally = self._new_tally()
        self._equal.clear()
        self._births = self._new_births()
        self._pages = Pages(self._fetcher, self._plan, in_own_order(self._plan, self._piece), self._mark)
        self._page_count = 0
        self._reads += 1

    def _go_by_token(self, why: str) -> None:
        """Read the slice again, by page token instead of by time."""
        logger.info("%s: %s; reading these rows page by page.", self._collection.name, why)
        self._piece = replace(self._piece, order=Order.AS_PAGED)
        self._reads, self.is_first_page = 0, True  # all rows come again
        self._again(compare=False)

    def _is_no_filter(self, error: KeapError) -> bool:
        """Whether Keap refuses the filter that a walk by time goes on with."""
        if self._mark or not self._page_count or "page_token" in error.call.params:
            return False
        return error.fault.kind is Kind.BAD_REQUEST and self._piece.order is Order.BY_TIME

    def _lost_its_place(self, error: KeapError) -> bool:
        """Whether Keap refuses a page token that worked before: tokens do not last."""
        is_refused = error.fault.kind is Kind.BAD_REQUEST and "page_token" in error.call.params
        return is_refused and self._page_count > 0 and self._reads < MOST_READS
