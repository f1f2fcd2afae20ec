"""Custom fields of a record: Keap's model of them -> columns, and values -> those columns.

A column is named ``cf_`` and the field's database name in snake_case; where Keap gives none, its label. Names
that meet get the field's id behind them, all but the oldest field's. So names stay as they are when labels
change or fields are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.records.coerce import Drift, Fit, fitted
from tap_infusionsoft.streams.column_names import unique_names
from tap_infusionsoft.streams.columns import Schema, array, day, flag, integer, moment, number, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

PREFIX = "cf_"
RAW = "custom_fields"
"""Property in which Keap sends the values."""

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
_LISTS = frozenset({"LIST_BOX", "USER_LIST_BOX"})


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field.

    Attributes:
        id: Keap's id, which the values refer to.
        column: Name of its column.
        name: Its name in filters.
        label: Its name in Keap.
        kind: Keap's type, such as ``WHOLE_NUMBER``.
        given: JSON schema that a catalogue has for the column.
    """

    id: str
    column: str
    name: str
    label: str
    kind: str
    given: Schema | None = None

    @property
    def schema(self) -> Schema:
        """JSON schema of the column. Types that are not known are strings: Keap's list grows."""
        if self.given is not None:
            return self.given
        about = f"Custom field {self.label!r} ({self.kind.lower()}), id {self.id}."
        if self.kind in _LISTS:
            return array(text(), about)
        return _TYPES.get(self.kind, text)(about)


def read_model(document: Mapping[str, Any]) -> list[CustomField]:
    """The custom fields of a model answer, in the order of their ids."""
    rows = [
        row
        for row in document.get("custom_fields") or ()
        if isinstance(row, dict) and row.get("id") is not None
    ]
    rows.sort(key=lambda row: (len(str(row["id"])), str(row["id"])))
    columns = unique_names(((str(row["id"]), _name(row)) for row in rows), PREFIX)
    return [
        CustomField(
            id=str(row["id"]),
            column=columns[str(row["id"])],
            name=_name(row),
            label=str(row.get("label") or _name(row)),
            kind=str(row.get("field_type") or "TEXT").upper(),
        )
        for row in rows
    ]


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("field_name") or row.get("label") or "")


class FieldValue(msgspec.Struct, gc=False):
    """The value of a custom field in a row."""

    id: str | int | None = None
    content: Any = None


def id_and_content(value: Any) -> tuple[str, Any]:
    """What is in the value of a custom field, decoded in either way; the id is empty where there is nothing."""
    if type(value) is FieldValue:
        return value.id if type(value.id) is str else str(value.id), value.content
    return (str(value.get("id")), value.get("content")) if isinstance(value, dict) else ("", None)


def _fit(field: CustomField, drift: Drift) -> Fit:
    fit = fitted(field.schema, field.column, drift)
    if "array" not in field.schema.get("type", ()):
        return fit
    # Keap sends the choices of a list box as a list, or as one text with commas.
    return lambda content: fit(content.split(",") if isinstance(content, str) and content else content)


class Spread:
    """Spreads the custom field values of a row over their columns.

    Args:
        fields: The fields that have columns.
        drift: Counts values that do not fit, and fields that nobody knew of.
        without: Ids of fields that have no column, as was told before.
    """

    def __init__(
        self, fields: Iterable[CustomField], drift: Drift, without: Collection[str] = frozenset()
    ) -> None:
        self.fits = {field.id: (field.column, _fit(field, drift)) for field in fields}
        self._without = without
        self._drift = drift

    def __call__(self, row: dict[str, Any]) -> None:
        """Add the columns to ``row``, which keeps its list of values too."""
        values = row.get(RAW) or ()
        if isinstance(values, (list, tuple)):
            row.update(self.columns(values))
        else:
            self._drift.unfit[RAW] += 1

    def columns(self, values: Iterable[Any]) -> Iterator[tuple[str, Any]]:
        """The columns that have values, and those.

        Args:
            values: What Keap sends, as objects with `id` and `content`.
        """
        for value in values:
            ident, content = id_and_content(value)
            found = self.fits.get(ident)
            if found is None:
                self.note(ident)
            else:
                yield found[0], found[1](content)

    def note(self, ident: str) -> None:
        """Count a field without a column, unless that was told before."""
        if ident not in self._without:
            self._drift.unknown[f"{RAW}[id={ident}]"] += 1
