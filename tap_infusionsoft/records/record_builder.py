"""Builds the records of a stream from its rows: page by page if that is possible, otherwise row by row."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.client.lenient_json import RepairedObject, RepairKind
from tap_infusionsoft.records.custom_fields import PREFIX, CustomColumns
from tap_infusionsoft.records.fast.page_decoder import PageDecoder, is_possible
from tap_infusionsoft.records.fast.raw_parts import RawPart
from tap_infusionsoft.records.fast.raw_rows import PageSplitter, RawRow, UnreadableRow
from tap_infusionsoft.records.fast.row_layout import TypedRow
from tap_infusionsoft.records.repair_log import RepairLog, locate
from tap_infusionsoft.records.row_coercer import MissingKeyError, RowCoercer
from tap_infusionsoft.records.row_keys import RowKeys
from tap_infusionsoft.records.taken_columns import taken
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS, ROW_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tap_infusionsoft.client.lenient_json import Repair
    from tap_infusionsoft.records.record_plan import RecordPlan
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema

SMALL_PAGE = 4_000
"""Bytes; a stream whose pages are all smaller is read row by row."""
CHUNK_ROWS = 50
"""Rows that are decoded, checked and written at a time: few enough for a processor's cache."""

Record = dict[str, Any]


class RecordPage(Struct, frozen=True):
    """Records that only need to be encoded. They have the selected columns and no others."""

    rows: list[TypedRow]


class RecordBuilder:
    """Builds the records of one pass over a stream.

    Attributes:
        newest: The latest time among the records that the last call of `records` has built, as text; empty if
            there is none.
        page_decoder: Decodes the body of a response into a document whose rows are still bytes, and returns
            None if the response has to be decoded without it. Itself None if this stream has to be read
            row by row.
        repairs: Which values were changed.
    """

    def __init__(self, plan: RecordPlan, set_aside: Callable[[str, Any], None]) -> None:
        """Prepare for the first page.

        Args:
            plan: What the records are to look like.
            set_aside: Called with the reason and the row if no record can be built from a row.
        """
        self.newest = ""
        self.repairs = RepairLog(plan.collection.name, plan.columns, plan.collection.keys)
        self._own_columns = _retyped(plan)
        self.page_decoder = self.decode_page if is_possible(plan) and not self._own_columns else None
        self._plan = plan
        self._set_aside = set_aside
        self._time = plan.collection.changes.key
        self._custom_columns = (
            None
            if plan.custom_fields is None
            else CustomColumns(plan.custom_fields, self.repairs, plan.known_without_column)
        )
        self._coercers: dict[str, RowCoercer] = {}
        self._own_coercers: dict[str, RowCoercer] = {}
        self._row_keys = RowKeys(())
        self._pages: PageDecoder | None = None

    @property
    def unexplained(self) -> frozenset[str]:
        """What rows have shown that the models of their columns do not explain.

        Ids of custom fields, columns of custom fields whose values did not fit, columns of a saved search.
        """
        found = self.repairs.misfits(PREFIX)
        if self._custom_columns is not None:
            found |= self._custom_columns.unknown
        return found | self.repairs.unknown if self._plan.collection.search.id else found

    def decode_page(self, body: bytes) -> dict[str, Any] | None:
        """Decode a response into a document whose rows are still bytes; `records` decodes those in chunks.

        It takes about a millisecond to prepare the decoder of a stream, as long as reading a dozen rows
        without it. So that waits for the first page that is not small.

        Args:
            body: The body of the response.

        Returns:
            The document; None if the response has to be decoded without it.
        """
        if self._pages is None:
            if len(body) < SMALL_PAGE:
                return None
            self._pages = self._decoder()
        return self._pages.split(body)

    def split_page(self, body: bytes) -> dict[str, Any] | None:
        """Split a response into rows that are still bytes, for the streams that share it.

        Args:
            body: The body of the response.

        Returns:
            The document; None if the response has to be decoded in the plain way.
        """
        endpoint = self._plan.collection.endpoint
        if endpoint.items is None or len(body) < SMALL_PAGE:
            return None
        return PageSplitter(endpoint.items, endpoint.token)(body)

    def _decoder(self) -> PageDecoder:
        return PageDecoder(self._plan, self._custom_columns, self.repairs)

    def values_beside(
        self, members: Mapping[str, Any], source: Collection | None = None
    ) -> dict[str, str | None]:
        """Return the columns that are filled with what is beside the rows, and note what has no column.

        Args:
            members: Name -> value, as Keap sent them.
            source: The collection that they were read from; None for the plan's own.
        """
        source = source or self._plan.collection
        found = {column: members.get(name) for column, name in source.wire.beside.items()}
        misfits = {
            source.wire.beside[column]
            for column, value in found.items()
            if not isinstance(value, str | int | None) or isinstance(value, bool)
        }
        unknown = {name for name in members.keys() - source.known_beside if members[name] is not None}
        self.repairs.note_beside(sorted(unknown | misfits))
        return {
            column: None if value is None or source.wire.beside[column] in misfits else str(value)
            for column, value in found.items()
        }

    def records(
        self,
        rows: Iterable[Any],
        values: Mapping[str, str | None],
        source: Collection | None = None,
        *,
        starts_slice: bool = True,
    ) -> Iterator[Record | RecordPage]:
        """Build the records of a page.

        Args:
            rows: Its rows, as objects or as bytes.
            values: Columns that are the same for all of them, such as the parent's id.
            source: The collection that they were read from, such as the fallback; None for the plan's own.
            starts_slice: Whether they are the first of their slice.

        Yields:
            Records with all columns, selected or not, and `RecordPage`s.
        """
        source = source or self._plan.collection
        self.newest = ""
        if starts_slice:
            # Equal rows are in the same slice, as the parent's id is part of them. So numbers start again.
            self._row_keys = RowKeys(source.row_key)
        for kind, group in groupby(rows, type):
            is_raw = kind is RawRow or kind is RawPart
            if is_raw and self._pages is None and self.page_decoder is not None:
                self._pages = self._decoder()  # another stream has asked for the page
            if is_raw and self._pages is not None:
                while chunk := list(islice(group, CHUNK_ROWS)):
                    yield from self._from_raw(self._pages, chunk, values, source)
            else:
                for row in group:
                    yield from self._from_single(row.object() if is_raw else row, values, source)

    def _from_raw(
        self, pages: PageDecoder, chunk: list[Any], values: Mapping[str, str | None], source: Collection
    ) -> Iterator[Record | RecordPage]:
        for kind, rows in groupby(pages.decode(chunk), type):
            if issubclass(kind, TypedRow):
                yield self._page(pages, list(rows), values)
                continue
            for row in rows:
                yield from self._from_single(row, values, source)

    def _from_single(
        self, row: dict[str, Any] | UnreadableRow, values: Mapping[str, str | None], source: Collection
    ) -> Iterator[Record]:
        if isinstance(row, UnreadableRow):
            self._set_aside(f"a row cannot be read: {row.reason}", {"text": row.text})
        else:
            yield from self._from_object(row, values, source)

    def _page(self, pages: PageDecoder, rows: list[Any], values: Mapping[str, str | None]) -> RecordPage:
        pages.complete(rows, values)
        self.repairs.rows += len(rows)
        if self._time is not None:
            self.newest = max(self.newest, pages.newest(rows, self._time))
        return RecordPage(rows)

    def _from_object(
        self, wire: dict[str, Any], values: Mapping[str, str | None], source: Collection
    ) -> Iterator[Record]:
        given = {source.wire.name(name): value for name, value in values.items()}
        row = {**wire, **given}
        if self._custom_columns is not None:
            self._custom_columns.add_to(row)
        try:
            record = self._coercer(source)(row)
        except MissingKeyError as error:
            self.repairs.discard()
            self._set_aside(str(error), wire)
            return
        own = record if not self._own_columns else {**record, **self._own_values(row, source)}
        if source.row_key:
            record[ROW_KEY] = self._row_keys(own)
        self.repairs.rows += 1
        if isinstance(wire, RepairedObject):
            self._note_repairs(
                wire, [one for one in wire.repairs if one.path[0] not in given], record, source
            )
        if self.repairs.pending:
            self.repairs.settle([record.get(name) for name in self.repairs.key], self.repairs.rows)
        if self._time is not None:
            self.newest = max(self.newest, own.get(self._time) or "")  # these texts have the same width
        yield record

    def _note_repairs(
        self, wire: Mapping[str, Any], repairs: Iterable[Repair], record: Record, source: Collection
    ) -> None:
        """Note which columns hold values that were repaired when Keap's response was decoded."""
        for kind, path in repairs:
            found = [locate(path, record, self._plan.schema, source.wire.renamed)]
            found += [(name, record.get(name)) for name in self._flat_columns_at(path, source)]
            if (custom := self._custom_column(wire, path)) is not None:
                found.append(locate((custom, *path[3:]), record, self._plan.schema, {}))
            for column, value in found:
                # In columns of numbers, a large number that became text is a number again, or null.
                if column and (kind is not RepairKind.LARGE_NUMBER or isinstance(value, str)):
                    self.repairs.note(kind, column)

    def _flat_columns_at(self, path: tuple[str | int, ...], source: Collection) -> Iterator[str]:
        """The flat columns whose value is at a path in Keap's rows."""
        for name, along in self._plan.flat.items():
            place = taken(along, source.wire.renamed)
            if path == (place.source, *place.steps):
                yield name

    def _custom_column(self, wire: Mapping[str, Any], path: tuple[str | int, ...]) -> str | None:
        """The column that holds the value at a path in the list of custom fields."""
        match path:
            case (name, int(index), "content", *_) if name == CUSTOM_FIELDS and self._custom_columns:
                found = self._custom_columns.columns.get(str(wire[CUSTOM_FIELDS][index].get("id")))
                return None if found is None else found[0]
        return None

    def _own_values(self, row: Mapping[str, Any], source: Collection) -> Record:
        """The values that the tap goes by, where the catalog gives their columns other types."""
        path = source.endpoint.path
        if path not in self._own_coercers:
            schema = {"properties": self._own_columns}
            nowhere = RepairLog(source.name, (), ())  # the columns' own values are noted, not these
            self._own_coercers[path] = RowCoercer(schema, (), nowhere, renamed=source.wire.renamed)
        return self._own_coercers[path](row)

    def _coercer(self, source: Collection) -> RowCoercer:
        """What coerces rows of a collection: this stream's own, or its fallback."""
        path = source.endpoint.path
        if path not in self._coercers:
            self._coercers[path] = RowCoercer(
                self._plan.schema,
                source.required,
                self.repairs,
                self._plan.dropped,
                source.wire.renamed,
                self._plan.flat,
            )
        return self._coercers[path]


def _retyped(plan: RecordPlan) -> dict[str, Schema]:
    """The columns that the tap goes by, the time and parts of row keys, if the catalog changes their types.

    Returns:
        Their own schemas, by name.
    """
    collection = plan.collection
    names = [name for name in (collection.changes.key, *collection.row_key) if name in plan.properties]
    return {
        name: collection.properties[name]
        for name in filter(None, names)
        if _type(plan.properties[name]) != _type(collection.properties[name])
    }


def _type(schema: Schema) -> tuple[object, ...]:
    kinds = schema.get("type", ())
    return frozenset([kinds] if isinstance(kinds, str) else kinds) - {"null"}, schema.get("format")
