"""The pages of one slice, read one after another and checked for what no walk should have to know."""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from tap_infusionsoft.client.faults import NOT_SERVED, Fault, KeapError, Kind
from tap_infusionsoft.client.lenient_json import unpack
from tap_infusionsoft.client.redact import printable
from tap_infusionsoft.reading.requests import Order
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.reading.walks.walk import Repeats, WalkError
from tap_infusionsoft.records.fast.raw_parts import Opened, opened, part_splitter
from tap_infusionsoft.records.fast.raw_rows import RawRow
from tap_infusionsoft.state.mark import Mark
from tap_infusionsoft.streams.row_transforms import Inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page
    from tap_infusionsoft.streams.collection import Collection

logger = logging.getLogger("tap-infusionsoft")

MOST_EMPTY_PAGES = 20
"""Empty pages in a row that announce another page, before that counts as going in circles."""


WARNINGS = frozenset({"message", "warning", "warnings"})
"""What may say, in unknown words, that rows are missing."""


class Fetcher(Protocol):
    """Whatever can be asked for documents: the client, or something in front of it."""

    def fetch(self, call: Call) -> Reply:
        """Read one document.

        Raises:
            KeapError: It cannot be read.
        """

    def error(self, fault: Fault, call: Call) -> KeapError:
        """Put a fault into words."""


class Pages:
    """The pages of one slice. After an error, iterate again: the page that failed is asked for again.

    Attributes:
        is_doubtful: Whether an empty page came although more rows were announced, and came again.
        beside: What is beside the rows of the page that was handed out, by name.
    """

    def __init__(self, fetcher: Fetcher, plan: ReadPlan, piece: Slice, mark: Mark | None = None) -> None:
        """Pages of which none has been read.

        Args:
            fetcher: Who to ask.
            plan: What to read.
            piece: Which part of it.
            mark: Where an earlier run came to; None for the beginning.
        """
        self.is_doubtful = False
        self.beside: Mapping[str, Any] = {}
        self._fetcher = fetcher
        self._plan = plan
        self._piece = piece
        self._walk = walk_of(plan, piece, mark)
        self._call: Call | None = self._walk.first_call()
        self._unproved: Page | None = None  # read, but not handed out yet
        self._has_rows = bool(mark)
        self._empty_pages = 0
        self._page_before: list[Any] = []
        self._expected = plan.collection.known_beside
        self._warned_about: frozenset[str] = frozenset()

    @property
    def is_gapless(self) -> bool:
        """Whether no row can slip between the pages."""
        return self._walk.is_gapless

    @property
    def is_in_order(self) -> bool:
        """Whether the rows so far came in the order that was asked for."""
        return self._walk.is_in_order

    @property
    def is_last(self) -> bool:
        """Whether no page follows the one that was handed out, as far as is known."""
        return self._call is None

    @property
    def upcoming(self) -> Iterable[Call]:
        """The calls that are left, if they are the same whatever the answers; otherwise none."""
        after = self._walk.upcoming
        return chain((self._call,), after) if after and self._call is not None else ()

    @property
    def mark(self) -> Mark:
        """Where the slice can resume, if there is more to come; otherwise an empty mark."""
        return Mark() if self._call is None else self._walk.mark

    def __iter__(self) -> Iterator[Page]:
        """Read the pages that are left.

        Raises:
            KeapError: A page cannot be read.
            OutOfOrderError: The rows do not come in the order that the walk needs.
        """
        while self._unproved is not None or self._call is not None:
            if self._unproved is None:
                assert self._call is not None  # noqa: S101  # one of them is there
                self._unproved = self._next_page(self._call)
            if self._walk.proof is not None:
                self._prove_order(self._walk.proof)  # after an error, the page waits for the next try
            page, self._unproved = self._unproved, None
            yield page

    def _next_page(self, call: Call) -> Page:
        """Read one page, and work out the call for the one after it."""
        reply, page = self._read(call)
        self._has_rows |= bool(page)
        if reply.call.is_raw and reply.document.get("is_too_large"):
            logger.warning(
                "%s: the content is larger than max_record_bytes allows, and was left out.", reply.call
            )
        self._refuse_circles(reply, page)
        try:
            self._call = self._walk.advance(reply, page)
        except WalkError as error:
            raise self._fetcher.error(error.fault, reply.call) from None
        page = self._walk.keep(page)
        if self._walk.is_over:
            self._call = None
        self.beside = self._beside(reply)
        return page

    def _prove_order(self, proof: Call) -> None:
        """Make sure that rows come in the order that the walk needs.

        Raises:
            KeapError: The server cannot be asked.
            OutOfOrderError: They do not.
        """
        page: Page | None = None
        try:
            page = self._rows(self._fetcher.fetch(proof))
        except KeapError as error:
            if error.fault.kind not in NOT_SERVED:
                raise
            logger.debug("%s: the order of rows cannot be proved: %s", proof, error)
        self._walk.prove(page)
        if self._walk.is_over:
            self._call = None

    def _read(self, call: Call) -> tuple[Reply, Page]:
        """Read one page. An empty page where rows were announced may be a broken answer: ask twice."""
        reply = self._walk.ask(call, self._fetcher)
        page = self._rows(reply)
        is_strange = self._has_rows and not self._walk.has_gaps
        if not page and not reply.overlap and (is_strange or self._hides_rows(reply)):
            reply = self._walk.ask(call, self._fetcher)
            page = self._rows(reply)
            self.is_doubtful |= not page and self._hides_rows(reply)
        odd = self._odd(reply)
        if odd and (not page or odd & WARNINGS):
            self.is_doubtful = True
            self._warn(odd - self._warned_about)
        if page:  # what comes with rows is no sign that there are none
            self._expected |= odd - WARNINGS
        return reply, page

    def _warn(self, names: frozenset[str]) -> None:
        if names:
            listed = ", ".join(sorted(map(printable, names)))
            logger.warning(
                "%s: %s beside the rows of a page may mean that others are missing.",
                self._plan.collection.name,
                listed,
            )
        self._warned_about |= names

    def _hides_rows(self, reply: Reply) -> bool:
        """Whether an empty page announces more rows, or has something beside it that lists do not have."""
        return self._walk.has_more(reply) or bool(self._odd(reply))

    def _odd(self, reply: Reply) -> frozenset[str]:
        """The names of members with a value, beside the rows of a page, that lists do not have."""
        found = {name for name, value in self._beside(reply).items() if value}
        return frozenset(found - self._expected)

    @property
    def _items(self) -> str | None:
        """Key of the rows in an answer; None if the answer is one row, which REST sends without a list."""
        endpoint = self._plan.collection.endpoint
        return None if self._piece.order is Order.SINGLE and endpoint.walk is None else endpoint.items

    def _beside(self, reply: Reply) -> Mapping[str, Any]:
        items = self._items
        return {} if items is None else {name: one for name, one in reply.document.items() if name != items}

    def _rows(self, reply: Reply) -> Page:
        items = self._items
        rows: Page = reply.document[items] if items is not None else [reply.document]
        return rows[reply.overlap :]

    def _refuse_circles(self, reply: Reply, page: Page) -> None:
        """End a walk that would not end by itself.

        Raises:
            KeapError: The same page came again, or one empty page after another.
        """
        self._empty_pages = 0 if page or self._walk.has_gaps else self._empty_pages + 1
        repeats = self._walk.repeats
        rows = self._comparable([*page[:1], *page[-1:]] if repeats is Repeats.ENDS else page)
        came_again = bool(page) and repeats is not Repeats.NONE and rows == self._page_before
        if came_again or self._empty_pages > MOST_EMPTY_PAGES:
            text = "the same rows came again as another page" if page else "page after page is empty"
            raise self._fetcher.error(Fault(Kind.PAGING, text), reply.call)
        self._page_before = rows

    def _comparable(self, rows: Page) -> list[Any]:
        """The rows, or their keys if most of a row has not been decoded yet."""
        collection = self._plan.collection
        names = [collection.wire.name(name) for name in collection.key if name not in collection.given]
        if self._plan.decode is None or not names or collection.wire.unpack is not None:
            return rows
        return [[row.get(name) for name in names] for row in rows]


def unpacked(collection: Collection, page: Page) -> Opened:
    """The rows of a page, if the wire packs several into one, or sends bare values instead of rows."""
    into_rows = collection.wire.unpack
    if into_rows is None:
        return Opened(page, page)
    if page and isinstance(page[0], RawRow):
        raw: list[Any] = page
        return part_splitter(into_rows)(raw) if isinstance(into_rows, Inside) else opened(raw, into_rows)
    return Opened([row for packed in page for row in unpack(packed, into_rows)], page)
