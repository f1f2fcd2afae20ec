"""Decodes rows of pages into records: msgspec checks and converts in C what the schema says.

A row that needs more than that stays an object and takes the slow path, `row_coercer.RowCoercer`. Both paths
build the same records from whatever both can read.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby, repeat
from operator import attrgetter, itemgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from tap_infusionsoft.client.lenient_json import is_odd
from tap_infusionsoft.records.custom_fields import id_and_content
from tap_infusionsoft.records.fast.column_fixups import Chunk, set_all
from tap_infusionsoft.records.fast.msgspec_types import TIMES, kind_of, type_of
from tap_infusionsoft.records.fast.raw_parts import RawPart
from tap_infusionsoft.records.fast.raw_rows import NUL, UNREADABLE, PageSplitter
from tap_infusionsoft.records.fast.row_layout import RowLayout, TypedRow
from tap_infusionsoft.records.projection import breadcrumbs
from tap_infusionsoft.streams.row_transforms import Inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tap_infusionsoft.records.custom_fields import CustomColumns
    from tap_infusionsoft.records.fast.raw_rows import RawRow
    from tap_infusionsoft.records.record_plan import RecordPlan
    from tap_infusionsoft.records.repair_log import Kind, RepairLog

_MOST_MISFITS = 20
"""Consecutive chunks whose rows mostly don't fit their types, before this decoder gives up on the stream."""
_ABOVE = 5
"""Most levels of nesting above a value: the document, its rows, the row, its custom fields, one of them."""


class PageDecoder:
    """Decodes pages of one stream, and turns their rows into records."""

    def __init__(self, plan: RecordPlan, custom_columns: CustomColumns | None, log: RepairLog) -> None:
        """Prepare the decoders.

        Args:
            plan: What the records are to look like; see `is_possible`.
            custom_columns: What spreads custom fields over columns, if anything does.
            log: Where changed values are noted, and custom fields without a column.
        """
        layout = RowLayout(plan, log)
        if custom_columns is not None:
            # They come first, as the choices of list boxes may be texts, and their columns expect lists.
            layout.add_custom_columns(custom_columns)
        layout.add_columns()
        layout.add_hidden()
        layout.add_taken()
        layout.add_placed()
        row = layout.struct()
        self._layout = layout
        self._rows = _decoder(GenericAlias(list, (row,)))
        self._row = _decoder(row)
        self._split = PageSplitter(str(plan.collection.endpoint.items), plan.collection.endpoint.token)
        self._inside = layout.inside
        self._custom_columns = custom_columns
        self._log = log
        self._misfits = 0

    def split(self, body: bytes) -> dict[str, Any] | None:
        """Split a page into rows that are still bytes; `decode` decodes them.

        Args:
            body: The body of a response.

        Returns:
            A document with the rows and the page token; None if this is no page, or one that needs the plain
            decoder.
        """
        return self._split(body) if self._misfits < _MOST_MISFITS else None

    def decode(self, rows: Sequence[RawRow | RawPart]) -> list[Any]:
        """Decode some rows of a page.

        Args:
            rows: The rows.

        Returns:
            For each row a `TypedRow`, an object if it does not fit its types, or an `UnreadableRow`.
        """
        body = b"[%b]" % b",".join([row.raw for row in rows])
        typed: list[TypedRow] = []
        found: list[Any] = []
        try:
            typed = found = self._rows.decode(body)
        except msgspec.ValidationError:
            found = [self._decode_one(row) for row in rows]
            typed = [row for row in found if isinstance(row, TypedRow)]
        except UNREADABLE:
            pass
        self._misfits = 0 if len(typed) * 2 > len(rows) else self._misfits + 1
        if not found or NUL.search(body) or self._are_odd(typed):
            return [row.object() for row in rows]
        return found if self._inside is None else self._placed(rows, found)

    def _decode_one(self, row: RawRow | RawPart) -> Any:
        try:
            return self._row.decode(row.raw)
        except UNREADABLE:
            return row.object()

    def _placed(self, parts: Sequence[Any], found: list[Any]) -> list[Any]:
        """Put into parts of other rows what these carry along, and what is computed from them.

        Args:
            parts: The parts, as bytes.
            found: The same parts, decoded.

        Returns:
            The same; an object in place of a part without a key.
        """
        required = self._layout.placed_keys
        for place, part in enumerate(parts):
            if not isinstance(part, RawPart) or any(part.along[name] in (None, "") for name in required):
                found[place] = part.object()
        pairs = [pair for pair in zip(parts, found, strict=True) if isinstance(pair[1], TypedRow)]
        rows = [row for _, row in pairs]
        for name, attribute in self._layout.carried.items():
            set_all(rows, attribute, [part.along[name] for part, _ in pairs])
        for computed in self._layout.computed:
            computed(rows)
        return found

    def _are_odd(self, rows: list[TypedRow]) -> bool:
        """Whether values that were decoded without a type need a repair."""
        layout, chunk = self._layout, Chunk(rows)
        loose = [value for place, name in layout.loose for value in chunk.values(place, name)]
        if layout.values in layout.hidden:
            lists = filter(None, map(attrgetter(layout.values), rows))
            loose += [value.content for values in lists for value in values]
        try:
            return is_odd(loose, _ABOVE)
        except ValueError:
            return True

    def complete(self, rows: Sequence[TypedRow], values: Mapping[str, str | None]) -> None:
        """Turn rows into records.

        Args:
            rows: The rows.
            values: Columns that are the same for all of them.
        """
        layout = self._layout
        for copied in layout.copied:
            copied(rows)
        for name in values.keys() & layout.columns.keys():
            set_all(rows, layout.columns[name], repeat(values[name]))
        if self._custom_columns is not None and layout.values:
            self._spread(rows, self._custom_columns)
        chunk = Chunk(rows)
        for amounts in layout.amounts:
            amounts(chunk)
        for taken in layout.taken:
            taken(rows)
        for renamed in layout.renamed:
            renamed(rows)
        self._coerce(rows, Chunk(rows) if layout.renamed else chunk)
        for attribute in layout.hidden:
            set_all(rows, attribute, repeat(UNSET))

    def _coerce(self, rows: Sequence[TypedRow], chunk: Chunk) -> None:
        """Coerce the values that need it.

        This goes column by column, but changes are attributed row by row, as on the slow path.
        """
        log = self._log
        changed: list[tuple[int, list[tuple[Kind, str]]]] = []

        def settle(row: TypedRow) -> None:
            changed.append((next(place for place, one in enumerate(rows) if one is row), [*log.pending]))
            log.discard()

        for column in self._layout.coerced:
            column(chunk, log, settle)
        for place, group in groupby(sorted(changed, key=itemgetter(0)), itemgetter(0)):
            log.pending += [change for _, changes in group for change in changes]
            # A catalog may leave out even the key.
            key = [getattr(rows[place], self._layout.columns.get(name, ""), None) for name in log.key]
            log.settle(key, log.rows + place + 1)

    def _spread(self, rows: Sequence[TypedRow], custom_columns: CustomColumns) -> None:
        """Put the values of custom fields into their columns, as they came."""
        values_of, attribute_of = attrgetter(self._layout.values), self._layout.custom.get
        is_decoded = self._layout.values in self._layout.hidden
        for row in rows:
            values = values_of(row)
            for value in values if type(values) is list else ():
                # This runs for every value, so the usual case is handled here, without another call.
                attribute = attribute_of(value.id) if is_decoded else None
                if attribute:
                    setattr(row, attribute, value.content)
                else:
                    self._spread_one(row, value, custom_columns)

    def _spread_one(self, row: TypedRow, value: Any, custom_columns: CustomColumns) -> None:
        ident, content = id_and_content(value)
        attribute = self._layout.custom.get(ident)
        if attribute:
            setattr(row, attribute, content)
        elif attribute is None:
            custom_columns.note_without_column(ident)

    def newest(self, rows: Iterable[TypedRow], column: str) -> str:
        """Return the latest of the times in a column of completed rows; empty if there is none.

        Args:
            rows: The rows.
            column: The column.
        """
        return max(filter(None, map(attrgetter(self._layout.columns[column]), rows)), default="")


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=Decimal)


def is_possible(plan: RecordPlan) -> bool:
    """Whether pages of a stream can be decoded like this.

    Args:
        plan: What its records are to look like.
    """
    return plan.by_page and _has_plain_rows(plan) and _has_plain_keys(plan) and _selects_whole_columns(plan)


def _has_plain_rows(plan: RecordPlan) -> bool:
    """Whether rows are objects in a list, or in one in these, and no two columns from the same property."""
    collection = plan.collection
    if collection.endpoint.items is None or collection.row_key or collection.wire.bare:
        return False
    if isinstance(collection.wire.unpack, Inside):
        return _has_what_parts_need(plan, collection.wire.unpack)
    if collection.wire.unpack is not None:
        return False
    return len({collection.wire.name(name) for name in plan.properties}) == len(plan.properties)


def _has_what_parts_need(plan: RecordPlan, inside: Inside) -> bool:
    """Whether the columns are selected that others are made from; with their own types to compute from."""
    own, selected = plan.collection.properties, {*plan.columns}
    computed = [one for name, one in inside.computed.items() if name in selected]
    sources = {path.partition(".")[0] for one in computed for path in one.paths}
    flat = {path.partition(".")[0] for name, path in plan.flat.items() if name in selected}
    return (
        selected >= sources | (flat & inside.placed)
        and inside.placed.isdisjoint(plan.flat)
        and all(
            kind_of(plan.properties[name]) == kind_of(own[name])
            and type_of(plan.properties[name], name, plan.collection.wire.renamed) is not None
            for name in sources
        )
    )


def _has_plain_keys(plan: RecordPlan) -> bool:
    """Whether required columns are selected, and texts if they come with the rows, as a key column must."""
    collection = plan.collection
    unpack = collection.wire.unpack
    placed = unpack.placed if isinstance(unpack, Inside) else frozenset()
    schemas = {name: plan.properties.get(name, {}) for name in collection.required}
    own = [schema for name, schema in schemas.items() if name not in collection.given | placed]
    return (
        any(name not in collection.given for name in collection.key)
        and all(schema.get("type") == "string" and schema.get("format") not in TIMES for schema in own)
        and all(
            kind_of(schemas[name]) == kind_of(collection.properties[name]) for name in placed & schemas.keys()
        )
        and all(
            plan.is_selected("properties", name) for name in collection.required if name in plan.properties
        )
    )


def _selects_whole_columns(plan: RecordPlan) -> bool:
    """Whether columns are selected with all that is in them or not at all, and the time of changes is."""
    time = plan.collection.changes.key
    return (time is None or plan.is_selected("properties", time)) and all(
        plan.is_selected(*inner)
        for name in plan.columns
        for inner in breadcrumbs(plan.properties[name], ("properties", name))
    )
