"""Schema drift: fields that changed since the catalog was made, and the columns that they now belong to.

A column of the catalog belongs to the custom field whose id is in its description, whatever that field is
called now. So a new label never empties a column, and a column never takes the values of another field, even
of one that was created again under the same name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.records.custom_fields import CURRENCY_UNIT

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping

    from tap_infusionsoft.records.custom_fields import CustomField
    from tap_infusionsoft.streams.columns import Schema

_DESCRIBED = re.compile(
    r"Custom field (?P<label>.*) \((?P<kind>\w+)\), id (?P<id>.+?)\."
    rf"( In UTC\.|{re.escape(CURRENCY_UNIT)})?",
    re.DOTALL,
)
_MOST_NAMES = 20


class Matched(Struct, frozen=True):
    """The account's fields, matched with the columns of a catalog.

    Attributes:
        fields: Those with a selected column, with its name and schema.
        without: Ids of those without one.
        messages: What changed, a sentence each without its full stop.
        contradicted: Fields of the catalog that the account does not have, or not like that: their ids, or
            columns if the catalog does not say the id.
    """

    fields: list[CustomField]
    without: frozenset[str]
    messages: list[str]
    contradicted: frozenset[str]


class _Column(Struct, frozen=True):
    """A column of the catalog, and what its description says about its field, if anything."""

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
        columns: Columns of custom fields in the catalog, with their schemas.
        selected: Those that are selected; nothing is said about the others.
        raw: Whether the stream also has the column with Keap's own list.
    """
    left = {field.id: field for field in live}
    every = frozenset(left)
    now = {field.column: field for field in left.values()}
    described = [_described(name, schema) for name, schema in columns.items()]
    fields: list[CustomField] = []
    messages: list[str] = []
    contradicted = set()
    for column in sorted(described, key=lambda one: not one.id):  # those that name their field go first
        ident = column.id or (now[column.name].id if column.name in now else "")
        field = left.pop(ident, None)
        if column.name not in selected:
            continue
        if field is None:
            contradicted.add(column.id or column.name)
            messages.append(
                f"{_named(column)} no longer exists in Keap: {column.name} is null from now on. "
                "Run discovery again (in Meltano: --refresh-catalog) to leave it out"
            )
        else:
            fields.append(replace(field, column=column.name, catalog_schema=column.schema))
            changes = _changes(column, field)
            messages += changes
            contradicted |= {field.id} if changes else set()
    if left:
        messages.append(_new(list(left.values()), raw=raw))
    return Matched(fields, every - {field.id for field in fields}, messages, frozenset(contradicted))


def column_changes(live: Collection[str], columns: Collection[str], selected: Iterable[str]) -> list[str]:
    """What changed in a stream whose columns each account chooses, such as a saved search.

    Args:
        live: The columns that exist now.
        columns: Those of the catalog.
        selected: Those of the catalog that are selected.

    Returns:
        A sentence each, without its full stop.
    """
    new, gone = (
        [name for name in live if name not in columns],
        [name for name in selected if name not in live],
    )
    found = []
    if new:
        found.append(
            f"columns that the catalog does not have are not loaded: {_listed(new)}. "
            "Run discovery again (in Meltano: --refresh-catalog) to load them"
        )
    if gone:
        found.append(
            f"columns that no longer exist are null from now on: {_listed(gone)}. "
            "Run discovery again (in Meltano: --refresh-catalog) to leave them out"
        )
    return found


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def field_id(schema: Schema) -> str:
    """Return the id of the custom field of a column, from its description; empty if it has none."""
    return _described("", schema).id


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
        found.append(f"{_named(column)} is now called {field.label!r}: its column is still {column.name}")
    return found + _retyped(column, field)


def _retyped(column: _Column, field: CustomField) -> list[str]:
    """What to say about a new type. A type that the user changed in the catalog is left alone."""
    fits = _type(column.schema) == _type(field.schema)
    if column.kind == field.kind.lower() or (not column.kind and fits):
        return []
    effect = (
        f"{column.name} takes its values as before"
        if fits
        else f"values that do not fit the type of {column.name} become null. "
        "Run discovery again (in Meltano: --refresh-catalog) to load the new type"
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
        f"custom fields without a column in the catalog: {names}. "
        "Run discovery again (in Meltano: --refresh-catalog) to load them; "
        f"rows that do not change get them with the next sweep. {meanwhile}"
    )
