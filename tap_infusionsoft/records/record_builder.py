"""The rows of a stream, page by page, made into its records: whole pages where that can be done, else one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import Conformer, Drift, Unfit
from tap_infusionsoft.records.custom_fields import Spread
from tap_infusionsoft.records.fast.page_decoder import Row, Typed, Unreadable, is_possible
from tap_infusionsoft.records.fast.raw_rows import Sealed
from tap_infusionsoft.records.row_keys import RowKeys
from tap_infusionsoft.streams.collection import ROW_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_infusionsoft.client.call import Shape
    from tap_infusionsoft.client.lenient_json import Mended
    from tap_infusionsoft.discovery.selection import Wanted
    from tap_infusionsoft.reading.reader import RowsRead
    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.streams.collection import Collection

SMALL_PAGE = 4_000
"""Bytes; a stream whose pages are all smaller is read row by row."""
SOME_ROWS = 50
"""Rows that are decoded, checked and written at a time: so many that a processor has them all at hand."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Records of a page that are only waiting to be encoded; they have the selected columns and no others."""

    rows: list[Row]


class Rows:
    """Makes records of what one pass reads.

    Attributes:
        drift: What did not fit.
    """

    def __init__(
        self,
        collection: Collection,
        wanted: Wanted,
        set_aside: Callable[[Unfit, Any], None],
        *,
        by_page: bool,
    ) -> None:
        """Records of one stream.

        Args:
            collection: Its declaration.
            wanted: What is wanted of it.
            set_aside: Takes a row that no record can be made of, and why.
            by_page: Whether whole pages may be handed out.
        """
        self.drift = Drift()
        self._collection = collection
        self._wanted = wanted
        self._set_aside = set_aside
        self._conformers: dict[str, Conformer] = {}
        self._keys = RowKeys(())
        self._typed: Typed | None = None
        self._is_by_page = by_page and is_possible(collection, wanted.mask.__getitem__, wanted.schema)

    @property
    def typed(self) -> Typed | None:
        """What decodes whole pages; None where that cannot be done."""
        if self._typed is None and self._is_by_page:
            schema, columns = self._wanted.schema, self._wanted.columns
            self._typed = Typed(self._collection, schema, columns, self._ignored, self._spread, self.drift)
        return self._typed

    @property
    def shape(self) -> Shape | None:
        """What decodes pages for which that is worth it; None where whole pages cannot be decoded at all."""
        return self._shape if self._is_by_page else None

    def _shape(self, body: bytes, mended: Mended) -> dict[str, Any] | None:
        # What decodes whole pages takes as long to make as some rows take without it.
        if len(body) < SMALL_PAGE and self._typed is None:
            return None
        return self.typed(body, mended) if self.typed is not None else None

    def __call__(self, found: RowsRead, progress: Checkpoint) -> Iterator[dict[str, Any] | Bundle]:
        """The records of a page. Records of their own have all columns, whether they are selected or not.

        Args:
            found: The page.
            progress: Takes the latest time among them.
        """
        if found.starts_slice:
            # Equal rows are of one slice, as the parent's id is part of them: numbers begin anew.
            self._keys = RowKeys(found.collection.row_key)
        for is_sealed, rows in groupby(found.rows, lambda row: isinstance(row, Sealed)):
            if is_sealed and self.typed is not None:
                while some := list(islice(rows, SOME_ROWS)):
                    yield from self._opened(self.typed, some, found, progress)
            else:
                for row in rows:
                    yield from self._record(row, found, progress)

    def _opened(
        self, typed: Typed, sealed: list[Any], found: RowsRead, progress: Checkpoint
    ) -> Iterator[dict[str, Any] | Bundle]:
        for kind, rows in groupby(typed.open(sealed), type):
            if issubclass(kind, Row):
                yield self._bundle(typed, list(rows), found, progress)
                continue
            for row in rows:
                if isinstance(row, Unreadable):
                    self._set_aside(Unfit(f"a row cannot be read: {row.reason}"), {"text": row.text})
                else:
                    yield from self._record(row, found, progress)

    def _bundle(self, typed: Typed, rows: list[Any], found: RowsRead, progress: Checkpoint) -> Bundle:
        typed.finish(rows, found.values)
        if self._collection.changes.key is not None:
            progress.newest = max(progress.newest, typed.newest(rows, self._collection.changes.key))
        return Bundle(rows)

    def _record(
        self, wire: dict[str, Any], found: RowsRead, progress: Checkpoint
    ) -> Iterator[dict[str, Any]]:
        collection, time = found.collection, self._collection.changes.key
        values = {collection.wire.name(name): value for name, value in found.values.items()}
        row = {**wire, **values}
        if self._spread is not None:
            self._spread(row)
        try:
            record = self._conformer(collection)(row)
        except Unfit as error:
            self._set_aside(error, wire)
            return
        if collection.row_key:
            record[ROW_KEY] = self._keys(record)
        if time is not None:
            progress.newest = max(progress.newest, record.get(time) or "")  # texts of one width
        yield record

    def _conformer(self, collection: Collection) -> Conformer:
        """What makes rows of a collection fit: of this stream's own, or of its fallback."""
        if collection.endpoint.path not in self._conformers:
            self._conformers[collection.endpoint.path] = Conformer(
                self._wanted.schema, collection.required, self._ignored, collection.wire.renamed, self.drift
            )
        return self._conformers[collection.endpoint.path]

    @cached_property
    def _ignored(self) -> frozenset[str]:
        """Names on the wire that are left out without a word."""
        collection, properties = self._collection, self._wanted.schema["properties"]
        ignored = collection.wire.ignored
        if collection.parents is not None:
            ignored |= collection.parents.columns.keys()  # some serve the path only
        if collection.fallback is not None:
            ignored |= collection.fallback.wire.ignored
        # What the catalogue leaves out of the declared columns is left out on purpose.
        own = collection.properties.keys() - properties.keys()
        return ignored | {collection.wire.name(name) for name in own}

    @cached_property
    def _spread(self) -> Spread | None:
        found = self._wanted.custom_fields
        return None if found is None else Spread(found.fields, self.drift, found.without)
