"""The rows of a slice, read until none can have slipped between its pages.

Where pages come by token or offset, a row that goes away while they are read can pull another one past the reader.
That row was read before it went, so the next reading misses it: a reading is known to be whole when the one after it
sees all of its rows again. Rows that come in the order of their ids or times, and a single page, need no second reading.
Later readings hand out only what the earlier ones did not see.
"""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.reading.walks import Walk, unpacked
from tap_infusionsoft.records.coerce import Unfit, as_moment
from tap_infusionsoft.records.row_keys import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_infusionsoft.client.call import Shape
    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.reading.shared_responses import Asked
    from tap_infusionsoft.reading.walks import Page, Row
    from tap_infusionsoft.streams.collection import Collection

logger = logging.getLogger("tap-infusionsoft")

MOST_READINGS = 6
"""How often a slice is read before it counts as unsteady."""


class Steady:
    """Reads one slice. After an error the reading can go on: iterate again.

    Attributes:
        begins: Whether no page but this one was handed out.
        done: Whether the slice has been read.
        is_doubtful: Whether Keap sent empty pages where it announced rows.
        is_unsteady: Whether rows went away in every reading.
        newest: The latest time among rows that others are packed into, as records have it; empty without one.
        rows: How many rows it has found, in the last reading.
    """

    def __init__(
        self,
        client: Asked,
        collection: Collection,
        piece: Slice,
        *,
        after: int = 0,
        known: str = "",
        pick: Callable[[Page], Page] | None = None,
        decode: Shape | None = None,
    ) -> None:
        """A reading that has not begun.

        Args:
            client: Who to ask.
            decode: Decodes whole pages; None for plain documents.
            collection: What to read.
            piece: Which part of it.
            after: Id of the last row that was read already, in a crawl.
            pick: Picks rows of a page, as Keap sent them; None for all.
            known: The `keys` of a whole reading of this slice; the same keys need no second reading.
        """
        self.begins = True
        self.done = False
        self.is_doubtful = False
        self.is_unsteady = False
        self.newest = ""
        self.rows = 0
        self._client = client
        self._walk = Walk(client, collection, piece, after, decode)
        self._collection = collection
        self._piece = piece
        self._known = known
        self._pick = pick
        self._decode = decode
        self._readings = 1
        self._pages = 0
        self._seen: set[int] = set()
        self._equal: Counter[int] = Counter()
        self._handed_out = self._seen  # one set as long as there is one reading
        self._before: set[int] | None = None

    @property
    def last_id(self) -> int:
        """Id of the last row, in a crawl that has more to come; else 0."""
        return self._walk.last_id if self._piece.crawl and self._walk.call is not None else 0

    @property
    def is_last(self) -> bool:
        """Whether no page comes behind the one that was handed out, as far as one can tell."""
        return self._walk.call is None and (self._walk.is_gapless or self._pages == 1)

    @property
    def keys(self) -> str:
        """The keys of all rows in one number, whatever their order, or how many there are where they have none.

        Empty where one page was all.
        """
        if not self._seen:
            return ""
        return f"{self.rows} rows" if self._collection.row_key else f"{sum(self._seen) % 2**64:016x}"

    def __iter__(self) -> Iterator[Page]:
        """Hand out the rows of the pages that are left.

        Raises:
            KeapError: A page cannot be had.
            OutOfOrderError: A crawl is not possible.
        """
        while not self.done:
            try:
                yield from self._pages_left()
            except KeapError as error:
                if not self._lost_its_place(error):
                    raise
                logger.warning("%s Keap does not go on from here; reading again from the first page.", error)
                self._again(compare=False)
                continue
            if self._walk.is_gapless or self._pages == 1 or self._is_confirmed():
                self.done = True
            elif self._readings == MOST_READINGS:
                self.done = self.is_unsteady = True
            else:
                self._again(compare=True)

    def _pages_left(self) -> Iterator[Page]:
        for page in self._walk:
            self.is_doubtful |= self._walk.is_doubtful
            self._note_time(page)
            rows = list(unpacked(self._collection, page if self._pick is None else self._pick(page)))
            self._pages += 1
            if self._walk.is_gapless or (
                self._pages == 1 and self._walk.call is None and self._readings == 1
            ):
                self.rows += len(rows)
            else:
                rows = [row for row in rows if self._is_new(row)]
            yield rows
            self.begins = False

    def _note_time(self, page: Page) -> None:
        """Rows that nothing is packed into have been read as well: they need not be read again every night."""
        key = self._collection.changes.key
        if self._collection.wire.unpack is None or key is None:
            return
        for row in page:
            with contextlib.suppress(Unfit):
                self.newest = max(self.newest, as_moment(row.get(self._collection.wire.name(key))))

    def _is_new(self, row: Row) -> bool:
        """Whether a row was not handed out yet."""
        wire, by_digest = self._collection.wire.renamed, self._collection.row_key
        key = digest([row.get(wire.get(name, name)) for name in by_digest or self._collection.key])
        if by_digest:  # equal rows are told apart by their number
            self._equal[key] += 1
            key = digest([key, self._equal[key]])
        is_new = key not in self._handed_out
        self.rows += key not in self._seen
        self._seen.add(key)
        self._handed_out.add(key)
        return is_new

    def _is_confirmed(self) -> bool:
        if self.keys == self._known:
            return True
        if self._before is None:
            return False
        if self._collection.row_key:  # an edited row without a key looks like one that went away
            return len(self._before) <= len(self._seen)
        return self._before <= self._seen

    def _again(self, *, compare: bool) -> None:
        self._before = self._seen if compare else None
        self.rows, self._seen = 0, set()
        self._equal.clear()
        self._walk = Walk(self._client, self._collection, self._piece, decode=self._decode)
        self._pages = 0
        self._readings += 1

    def _lost_its_place(self, error: KeapError) -> bool:
        """Whether a page token that worked once is refused: it is not for keeps."""
        is_refused = error.fault.kind is Kind.BAD_REQUEST and "page_token" in error.call.params
        return is_refused and self._pages > 0 and self._readings < MOST_READINGS
