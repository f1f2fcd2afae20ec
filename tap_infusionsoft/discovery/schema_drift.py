"""Fields that changed since the catalogue was made: what goes into which of its columns, and what to tell.

A catalogue's column belongs to the custom field whose id stands in its description, whatever that field is called now. So a
new label never empties a column, and a column never takes the values of another field without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping

    from tap_infusionsoft.records.custom_fields import CustomField
    from tap_infusionsoft.streams.columns import Schema

_DESCRIBED = re.compile(r"Custom field (?P<label>.*) \((?P<kind>\w+)\), id (?P<id>.+)\.", re.DOTALL)
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class Matched:
    """The fields of the account under the columns of a catalogue.

    Attributes:
        fields: Those that have a column, with its name and schema.
        without: Ids of those that have none, or none that is selected.
        messages: What changed, a sentence each.
    """

    fields: list[CustomField]
    without: frozenset[str]
    messages: list[str]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the catalogue, and what its description says of the field that it was made for, if anything."""

    name: str
    schema: Schema
    id: str
    label: str
    kind: str


def matched(
    live: Iterable[CustomField], columns: Mapping[str, Schema], selected: Container[str], *, raw: bool
) -> Matched:
    """Find the column of each field.

    Args:
        live: The fields that the account has now.
        columns: Columns of custom fields in the catalogue, with their schemas.
        selected: Those of them that are selected; of the others nothing is told.
        raw: Whether the stream has the column with Keap's own list, too.
    """
    left = {field.id: field for field in live}
    every = frozenset(left)
    now = {field.column: field for field in left.values()}
    described = [_described(name, schema) for name, schema in columns.items()]
    fields: list[CustomField] = []
    messages: list[str] = []
    gone: list[_Column] = []
    for column in sorted(described, key=lambda one: not one.id):  # those that say whose they are go first
        ident = column.id or (now[column.name].id if column.name in now else "")
        field = left.pop(ident, None)
        if field is None:
            gone.append(column)
        elif column.name in selected:
            fields.append(replace(field, column=column.name, given=column.schema))
            messages += _changes(column, field)
    for column in gone:
        if column.name not in selected:
            continue
        # A field that was made anew under the same name: what its users filled in again belongs here.
        heir = now.get(column.name)
        if heir is not None and heir.id in left:
            del left[heir.id]
            fields.append(replace(heir, column=column.name, given=column.schema))
            messages.append(
                f"{_named(column)} was removed, and made anew with the id {heir.id}: "
                f"{column.name} goes on with the new one"
            )
            messages += _retyped(column, heir)
        else:
            messages.append(
                f"{_named(column)} is gone from Keap: {column.name} is null from now on. "
                "Discover again to leave it out"
            )
    if left:
        messages.append(_new(list(left.values()), raw=raw))
    return Matched(fields, every - {field.id for field in fields}, messages)


def column_changes(live: Collection[str], columns: Collection[str], selected: Iterable[str]) -> list[str]:
    """What to tell where a stream's columns are the account's own, as those of a saved search.

    Args:
        live: The columns that there are now.
        columns: Those of the catalogue.
        selected: Those of them that are selected.
    """
    new, gone = (
        [name for name in live if name not in columns],
        [name for name in selected if name not in live],
    )
    found = []
    if new:
        found.append(
            f"columns that the catalogue does not have are not loaded: {_listed(new)}. Discover again to load them"
        )
    if gone:
        found.append(
            f"columns that there are no more are null from now on: {_listed(gone)}. Discover again to leave them out"
        )
    return found


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _described(name: str, schema: Schema) -> _Column:
    found = _DESCRIBED.fullmatch(str(schema.get("description", "")))
    about = found.groupdict() if found else {}
    return _Column(name, schema, about.get("id", ""), about.get("label", ""), about.get("kind", ""))


def _named(column: _Column) -> str:
    about = f"{column.label} (id {column.id})" if column.id else f"of the column {column.name}"
    return f"the custom field {about}"


def _changes(column: _Column, field: CustomField) -> list[str]:
    found = []
    if column.id and column.label != repr(field.label):
        later = f", and {field.column} when you discover again" if field.column != column.name else ""
        found.append(
            f"{_named(column)} is now called {field.label!r}: its column is still {column.name}{later}"
        )
    return found + _retyped(column, field)


def _retyped(column: _Column, field: CustomField) -> list[str]:
    """What to tell of a new type; a type that was changed in the catalogue itself is its owner's will."""
    fits = _type(column.schema) == _type(field.schema)
    if column.kind == field.kind.lower() or (not column.kind and fits):
        return []
    effect = (
        f"{column.name} takes its values as before"
        if fits
        else f"values that do not fit the type of {column.name} become null. Discover again to load the new type"
    )
    return [f"{_named(column)} is now of the type {field.kind.lower()}: {effect}"]


def _type(schema: Schema) -> tuple[object, ...]:
    kinds = schema.get("type", ())
    return frozenset([kinds] if isinstance(kinds, str) else kinds) - {"null"}, schema.get("format")


def _new(fields: list[CustomField], *, raw: bool) -> str:
    names = _listed([f"{field.label!r} (id {field.id})" for field in fields])
    meanwhile = (
        "Meanwhile their values are in custom_fields" if raw else "Meanwhile their values are not loaded"
    )
    return (
        f"custom fields without a column in the catalogue: {names}. Discover again to load them; "
        f"rows that do not change get them in the next sweep. {meanwhile}"
    )
