"""Custom fields: from Keap's model of them to columns, and from the values in a row to those columns.

A column is named ``cf_`` and the field's database name in snake_case, or its label if Keap gives no database
name. Of fields whose names are the same, all but the oldest get their id appended. A column that was named
once keeps its name: catalog and state say by id which field it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.records.coerce import Coerce, coercion
from tap_infusionsoft.records.repair_log import WRONG_TYPE
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS
from tap_infusionsoft.streams.column_names import unique_names
from tap_infusionsoft.streams.columns import Schema, array, day, flag, integer, moment, number, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tap_infusionsoft.records.repair_log import RepairLog

PREFIX = "cf_"
"""How the names of their columns begin."""

_TYPES = {
    "WHOLE_NUMBER": integer,
    "YEAR": integer,
    "CURRENCY": number,
    "DECIMAL_NUMBER": number,
    "PERCENT": number,
    "DATE": day,
    "DATE_TIME": moment,
    "YES_NO": flag,
}
_CURRENCY = "CURRENCY"
CURRENCY_UNIT = " In whole units of the account's currency, not in cents, as far as is known."
"""What the description of an amount of money ends with. No document of Keap's says the unit."""
_LISTS = frozenset({"LIST_BOX", "USER_LIST_BOX"})


class CustomField(Struct, frozen=True):
    """One custom field.

    Attributes:
        id: Keap's id, which the values refer to.
        column: Name of its column.
        name: Its name in filters.
        label: Its name in Keap.
        kind: Keap's type, such as ``WHOLE_NUMBER``.
        catalog_schema: JSON schema that the catalog has for the column, if there is a catalog.
    """

    id: str
    column: str
    name: str
    label: str
    kind: str
    catalog_schema: Schema | None = None

    @property
    def schema(self) -> Schema:
        """JSON schema of the column. Unknown types are strings, as Keap's list of types grows."""
        if self.catalog_schema is not None:
            return self.catalog_schema
        about = f"Custom field {self.label!r} ({self.kind.lower()}), id {self.id}."
        if self.kind == _CURRENCY:
            about += CURRENCY_UNIT
        if self.kind in _LISTS:
            return array(text(), about)
        return _TYPES.get(self.kind, text)(about)


def model_rows(document: Mapping[str, Any]) -> list[list[str]]:
    """Return id, name, label and type of the custom fields that a model names, in the order of their ids.

    Args:
        document: Keap's response for the model.
    """
    rows = [
        row
        for row in document.get("custom_fields") or ()
        if isinstance(row, dict) and row.get("id") is not None
    ]
    rows.sort(key=lambda row: (len(str(row["id"])), str(row["id"])))
    return [
        [
            str(row["id"]),
            str(row.get("field_name") or row.get("label") or ""),
            str(row.get("label") or row.get("field_name") or ""),
            str(row.get("field_type") or "TEXT").upper(),
        ]
        for row in rows
    ]


def custom_fields(rows: Iterable[tuple[str, str, str, str]]) -> list[CustomField]:
    """Return custom fields with their columns.

    Args:
        rows: Id, name, label and type of each, in the order of their ids.
    """
    found = [
        CustomField(id=ident, column="", name=name, label=label, kind=kind)
        for ident, name, label, kind in rows
    ]
    return with_given_columns(found, {})


def with_given_columns(fields: Iterable[CustomField], given: Mapping[str, str]) -> list[CustomField]:
    """Return custom fields with the columns that they were given before.

    Args:
        fields: The fields, in the order of their ids.
        given: Columns that were named before, by id, also of fields that are gone.
    """
    found = list(fields)
    columns = unique_names(((field.id, field.name) for field in found), PREFIX, given)
    return [replace(field, column=columns[field.id]) for field in found]


class FieldValue(msgspec.Struct, gc=False):
    """The value of a custom field in a row that msgspec has decoded."""

    id: str | int | None = None
    content: Any = None


def id_and_content(value: Any) -> tuple[str, Any]:
    """Return the field's id and the content of a value.

    Args:
        value: A `FieldValue`, or what a plain decoder makes of it. For anything else the id is empty.
    """
    if type(value) is FieldValue:
        return value.id if type(value.id) is str else str(value.id), value.content
    return (str(value.get("id")), value.get("content")) if isinstance(value, dict) else ("", None)


def _coerce_content(field: CustomField, log: RepairLog) -> Coerce:
    coerce = coercion(field.schema, field.column, log)
    if "array" not in field.schema.get("type", ()):
        return coerce
    # Keap sends the choices of a list box as a list, or as one text with commas.
    return lambda content: coerce(content.split(",") if isinstance(content, str) and content else content)


class CustomColumns:
    """Spreads the custom field values of rows over columns.

    Attributes:
        columns: Id of a field -> its column, and what makes contents fit it.
        unknown: Ids of fields that rows have shown and that nobody knew of.
    """

    def __init__(
        self,
        fields: Iterable[CustomField],
        log: RepairLog,
        known_without_column: Collection[str] = frozenset(),
    ) -> None:
        """Prepare the column of each field.

        Args:
            fields: The fields that have columns.
            log: Where values of the wrong type are noted, and fields that have no column.
            known_without_column: Ids of fields that have no column and need no note.
        """
        self.columns = {field.id: (field.column, _coerce_content(field, log)) for field in fields}
        self.unknown: set[str] = set()
        self._known_without_column = known_without_column
        self._log = log

    def add_to(self, row: dict[str, Any]) -> None:
        """Add the columns to a row, which keeps its list of values."""
        values = row.get(CUSTOM_FIELDS) or ()
        if isinstance(values, (list, tuple)):
            row.update(self._columns_of(values))
        else:
            # Even if that column is not selected: those made from it are.
            self._log.pending.append((WRONG_TYPE, CUSTOM_FIELDS))
            row[CUSTOM_FIELDS] = None

    def _columns_of(self, values: Iterable[Any]) -> Iterator[tuple[str, Any]]:
        for value in values:
            ident, content = id_and_content(value)
            found = self.columns.get(ident)
            if found is None:
                self.note_without_column(ident)
            else:
                column, coerce = found
                yield column, coerce(content)

    def note_without_column(self, ident: str) -> None:
        """Note a field that has no column, unless that is known."""
        if ident not in self._known_without_column:
            self.unknown.add(ident)
            self._log.note_unknown([f"{CUSTOM_FIELDS}[id={ident}]"])
