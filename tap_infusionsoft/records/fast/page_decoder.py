"""Decodes rows of pages into records: msgspec checks and converts in C what the schema says.

A row that needs more than that stays an object and takes the slow path, `row_coercer.RowCoercer`. Both paths
build the same records from whatever both can read.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from itertools import groupby
from operator import attrgetter, itemgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw

from tap_infusionsoft.client.lenient_json import is_odd, parse
from tap_infusionsoft.records.custom_fields import id_and_content
from tap_infusionsoft.records.fast.msgspec_types import TIMES
from tap_infusionsoft.records.fast.raw_rows import PageSplitter
from tap_infusionsoft.records.fast.row_layout import RowLayout, TypedRow
from tap_infusionsoft.records.projection import breadcrumbs

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
_NUL = re.compile(rb"\\u0000")
_UNREADABLE = (ValueError, RecursionError, InvalidOperation)
"""What msgspec raises if `parse` is needed, which repairs the row or says what is wrong with it."""


class UnreadableRow(NamedTuple):
    """A row that can't be decoded at all.

    Attributes:
        reason: Why.
        text: The row, as Keap sent it.
    """

    reason: str
    text: str


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
        row = layout.struct()
        self._layout = layout
        self._rows = _decoder(GenericAlias(list, (row,)))
        self._row = _decoder(row)
        self._split = PageSplitter(str(plan.collection.endpoint.items), plan.collection.endpoint.token)
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

    def decode(self, rows: Sequence[RawRow]) -> list[Any]:
        """Decode some rows of a page.

        Args:
            rows: The rows.

        Returns:
            For each row a `TypedRow`, an object if it does not fit its types, or an `UnreadableRow`.
        """
        body = b"[%b]" % b",".join([row.raw for row in rows])
        found: list[Any] = []
        try:
            found = self._rows.decode(body)
        except msgspec.ValidationError:
            found = [self._decode_one(row.raw) for row in rows]
        except _UNREADABLE:
            pass
        typed = [row for row in found if isinstance(row, TypedRow)]
        self._misfits = 0 if len(typed) * 2 > len(rows) else self._misfits + 1
        if not found or _NUL.search(body) or self._are_odd(typed):
            return [_object(row.raw) for row in rows]
        return found

    def _decode_one(self, raw: Raw) -> Any:
        try:
            return self._row.decode(raw)
        except _UNREADABLE:
            return _object(raw)

    def _are_odd(self, rows: list[TypedRow]) -> bool:
        """Whether values that were decoded without a type need a repair."""
        layout = self._layout
        loose = [value for name in layout.loose for value in map(attrgetter(name), rows)]
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
            _set(rows, layout.columns[name], values[name])
        if self._custom_columns is not None and layout.values:
            self._spread(rows, self._custom_columns)
        for taken in layout.taken:
            taken(rows)
        for renamed in layout.renamed:
            renamed(rows)
        self._coerce(rows)
        for attribute in layout.hidden:
            _set(rows, attribute, UNSET)

    def _coerce(self, rows: Sequence[TypedRow]) -> None:
        """Coerce the values that need it.

        This goes column by column, but changes are attributed row by row, as on the slow path.
        """
        log = self._log
        changed: list[tuple[int, list[tuple[Kind, str]]]] = []

        def settle(row: TypedRow) -> None:
            changed.append((next(place for place, one in enumerate(rows) if one is row), [*log.pending]))
            log.discard()

        for column in self._layout.coerced:
            column(rows, log, settle)
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
                # There are so many values that the usual case is done here, without another call.
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


def _object(raw: Raw) -> dict[str, Any] | UnreadableRow:
    try:
        row: dict[str, Any] = parse(bytes(raw))
    except ValueError as error:
        return UnreadableRow(str(error), bytes(raw).decode(errors="replace"))
    return row


def _set(rows: Iterable[TypedRow], attribute: str, value: Any) -> None:
    for row in rows:
        setattr(row, attribute, value)


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=Decimal)


def is_possible(plan: RecordPlan) -> bool:
    """Whether pages of a stream can be decoded like this.

    Args:
        plan: What its records are to look like.
    """
    return plan.by_page and _has_plain_rows(plan) and _has_plain_keys(plan) and _selects_whole_columns(plan)


def _has_plain_rows(plan: RecordPlan) -> bool:
    """Whether rows are objects in a list, each of them one record, no two columns from the same property."""
    collection = plan.collection
    if collection.endpoint.items is None or collection.row_key:
        return False
    if collection.wire.unpack is not None or collection.wire.bare:
        return False
    return len({collection.wire.name(name) for name in plan.properties}) == len(plan.properties)


def _has_plain_keys(plan: RecordPlan) -> bool:
    """Whether required columns are selected, and texts if they come with the rows, as a key column must."""
    collection = plan.collection
    own = [plan.properties.get(name, {}) for name in collection.required if name not in collection.given]
    return (
        any(name not in collection.given for name in collection.key)
        and all(schema.get("type") == "string" and schema.get("format") not in TIMES for schema in own)
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
