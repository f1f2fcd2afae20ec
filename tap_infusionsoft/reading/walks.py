"""The pages of a slice, one after another: by id, by time, by page token, by offset, or just one."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.page_tokens import Seen, as_number, next_token
from tap_infusionsoft.reading.requests import after_id, first_call, since_time
from tap_infusionsoft.records.coerce import Unfit, parse_time
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.streams.replication import Updated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tap_infusionsoft.client.call import Call, Shape
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.reading.shared_responses import Asked
    from tap_infusionsoft.streams.collection import Collection

Row = dict[str, Any]
Page = list[Row]

logger = logging.getLogger("tap-infusionsoft")


MOST_EMPTY_PAGES = 20
"""Empty pages with a next one, in a row, before that counts as going in circles."""


LAPPED = timedelta(seconds=1)
"""How far a page of a walk by time goes back behind the one before: rows may show a time more roughly than it is."""

SHARED = 20
"""Where rows do not show the time of a walk itself, each page goes back behind the one before by one in so many rows, as
one that comes again proves that there is none between the two pages."""


class OutOfOrderError(Exception):
    """Rows do not come in the order of their ids or times, or too many have the same, so that a walk cannot go by them."""


class Walk:
    """The pages of one slice. After an error the walk can go on: the page that failed is asked for again.

    Attributes:
        call: The call for the next page; None when the slice has been read.
        last_id: Id of the last row, in a crawl.
        is_doubtful: Whether an empty page came where more rows were announced, and came again.
        is_gapless: Whether the walk goes by ids or times, so that no row can slip past.
    """

    def __init__(
        self,
        client: Asked,
        collection: Collection,
        piece: Slice,
        after: int = 0,
        decode: Shape | None = None,
    ) -> None:
        """A walk that has not begun.

        Args:
            client: Who to ask.
            collection: What to read.
            piece: Which part of it.
            after: Id of the last row that was read already, in a crawl.
            decode: Decodes whole pages; None for plain documents.
        """
        self._client = client
        self._collection = collection
        self._slice = piece
        self._seen = Seen()
        self.last_id = after
        self._last_time: datetime | None = None
        self._since = piece.window.since
        self._lapped: Counter[int] = Counter()
        self._before: set[int] | None = None
        self.is_gapless = piece.crawl or piece.by_time
        self._is_ordered = piece.newest_first
        self._has_rows = after > 0
        self._last_page: list[Any] = []
        keys = (name for name in collection.key if name not in collection.given)
        self._wire_keys = [collection.wire.name(name) for name in keys]
        self._own_keys = [] if decode is None else self._wire_keys
        self._empty_pages = 0
        self.is_doubtful = False
        self.call: Call | None = first_call(collection, piece, after, decode)

    def __iter__(self) -> Iterator[Page]:
        """Read the pages that are left.

        Raises:
            KeapError: A page cannot be had.
            OutOfOrderError: A crawl is not possible.
        """
        while self.call is not None:
            reply = self._client.fetch(self.call)
            page = self._rows(reply)
            if not page and not reply.known and (self._has_rows or self._has_more(reply)):
                # Rows were announced, and an empty page may be a broken answer: it counts if it comes twice.
                reply = self._client.fetch(self.call)
                page = self._rows(reply)
                self.is_doubtful |= not page and self._has_more(reply)
            self._has_rows |= bool(page)
            self._refuse_circles(reply, page)
            lapped = self._lapped
            self._advance(reply, page)
            if self._slice.newest_first:
                page = self._within_window(page)
            elif lapped and self.is_gapless:  # else every row counts, to know which of them go away
                page = [row for row in page if not _takes(lapped, row)]
            yield page

    def _rows(self, reply: Reply) -> Page:
        items = None if self._slice.single else self._collection.endpoint.items
        rows: Page = reply.document[items] if items is not None else [reply.document]
        if reply.call.is_raw and reply.document.get("is_too_large"):
            logger.warning(
                "%s: the content is larger than max_record_bytes allows, and was left out.", reply.call
            )
        return rows

    def _has_more(self, reply: Reply) -> bool:
        return next_token(reply.document, self._collection.endpoint.token) is not None

    def _advance(self, reply: Reply, page: Page) -> None:
        """Work out the next call before the page is handed out."""
        if self._slice.single:
            self.call = None
        elif self._slice.crawl:
            self._advance_by_id(reply, page)
        elif self._slice.by_time and self.is_gapless:
            self._advance_by_time(reply, page)
        elif self._collection.endpoint.paging == "token":
            self._advance_by_token(reply)
        elif self._collection.endpoint.paging == "offset":
            self._advance_by_offset(reply, page)
        else:
            self._refuse_truncation(reply)
            self.call = None

    def _advance_by_id(self, reply: Reply, page: Page) -> None:
        for row in page:
            number = as_number(row.get("id"))
            if number is None or number <= self.last_id:
                raise OutOfOrderError(reply.call.path)
            self.last_id = number
        if not page and self._has_more(reply):
            raise self._client.error(Fault(Kind.BLANK, "an empty page where there are more rows"), reply.call)
        # The end marker is undocumented, and a short page is not one: only a page that is neither followed
        # by a token nor full is the last.
        full = len(page) + reply.known >= reply.call.rows
        self.call = (
            after_id(self._collection, self._slice, reply.call, self.last_id)
            if page and (full or self._has_more(reply))
            else None
        )

    def _advance_by_time(self, reply: Reply, page: Page) -> None:
        changes = self._collection.changes
        assert isinstance(changes, Updated)  # noqa: S101  # a slice by time has them
        has_more = bool(page) and (len(page) >= reply.call.rows or self._has_more(reply))
        if not changes.is_shown and (has_more or self._before is not None):
            self._check_shared(reply, page)
        self.call, self._lapped = None, Counter()
        is_only = self._since == self._slice.window.since
        if not has_more and (is_only or not changes.is_shown):
            return  # in whatever order, they are all that there is
        name = self._collection.wire.name(changes.key)
        times = [moment for moment in (_time(row.get(name)) for row in page) if moment is not None]
        is_sorted = len(times) == len(page) and times == sorted(times)
        if not has_more and is_sorted:
            return
        back = 1 if changes.is_shown else max(len(page) // SHARED, 1)
        since = times[-back] - LAPPED if is_sorted else None
        if since is None or (self._since is not None and since <= self._since):
            if changes.is_shown:
                raise OutOfOrderError(reply.call.path)
            self.is_gapless = False  # the time of the walk may be in order all the same, but nothing tells it
            self._advance_by_token(reply)
            return
        self._since = since
        self._lapped.update(digest([row]) for row, moment in zip(page, times, strict=True) if moment >= since)
        self.call = since_time(self._collection, self._slice, reply.call, since)

    def _check_shared(self, reply: Reply, page: Page) -> None:
        """See to it that a page begins within the one before it."""
        keys = {digest([row.get(name) for name in self._wire_keys]) for row in page}
        if self._before is not None and self._before.isdisjoint(keys):
            raise OutOfOrderError(reply.call.path)
        self._before = keys

    def _advance_by_token(self, reply: Reply) -> None:
        token = next_token(reply.document, self._collection.endpoint.token)
        if token is None:
            self.call = None
            return
        fault = self._seen.add(token)
        if fault is not None:
            raise self._client.error(fault, reply.call)
        self.call = reply.call.with_params(page_token=token)

    def _advance_by_offset(self, reply: Reply, page: Page) -> None:
        """By the tap's own count: v1 sends a ``next`` link even past the end.

        Its largest limit is unknown, so a short page is the end only where the count says so too.
        """
        read = int(str(reply.call.params.get("offset", "0"))) + len(page)
        is_last = not page or (len(page) < reply.call.rows and reply.document.get("count") == read)
        self.call = None if is_last else reply.call.with_params(offset=str(read))

    def _within_window(self, page: Page) -> Page:
        """The rows of a page that are in the window; the walk ends where older rows begin.

        Rows that are not in the order that was asked for are all read: then nothing tells where to stop.
        """
        window, kept = self._slice.window, []
        key = self._collection.changes.key or ""
        for row in page:
            moment = _time(row.get(self._collection.wire.name(key)))
            if moment is not None:
                if self._last_time is not None and moment > self._last_time:
                    self._is_ordered = False
                self._last_time = moment
                if window.until is not None and moment > window.until:
                    continue
                if window.since is not None and moment < window.since:
                    if self._is_ordered:
                        self.call = None
                        break
                    continue
            kept.append(row)
        return kept

    def _refuse_circles(self, reply: Reply, page: Page) -> None:
        """End a walk that would not end by itself: the same page again, or one empty page after another."""
        self._empty_pages = 0 if page else self._empty_pages + 1
        # Rows without an id may fill two pages with equals.
        comparable = not self._collection.row_key or self._collection.endpoint.paging == "offset"
        # Those that go by time lap; and the time they begin at must grow.
        comparable &= not (self._slice.by_time and self.is_gapless)
        rows = [*page[:1], *page[-1:]] if self._slice.crawl else page  # there, the others are between them
        known_by = [[row.get(name) for name in self._own_keys] for row in rows] if self._own_keys else rows
        if (page and comparable and known_by == self._last_page) or self._empty_pages > MOST_EMPTY_PAGES:
            text = "the same rows came again as another page" if page else "page after page is empty"
            raise self._client.error(Fault(Kind.PAGING, text), reply.call)
        self._last_page = known_by

    def _refuse_truncation(self, reply: Reply) -> None:
        if next_token(reply.document, self._collection.endpoint.token) is not None:
            text = "there are more rows than this address can give: it takes no page token"
            raise self._client.error(Fault(Kind.PAGING, text), reply.call)


def unpacked(collection: Collection, page: Page) -> Iterable[Row]:
    """The rows of a page, where the wire packs several into one, or none of its own into a bare value."""
    if collection.wire.unpack is None:
        return page
    return (row for packed in page for row in collection.wire.unpack(packed))


def _takes(lapped: Counter[int], row: Row) -> bool:
    """Whether a row is one of those that the page before had already; it is one less then."""
    key = digest([row])
    is_known = lapped[key] > 0
    lapped[key] -= is_known
    return is_known


def _time(value: Any) -> datetime | None:
    try:
        return parse_time(value)
    except Unfit:
        return None
