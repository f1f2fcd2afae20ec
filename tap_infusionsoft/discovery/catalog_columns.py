"""The columns of a stream under a catalog: what that has, and what the tap needs whatever was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.discovery.catalog import FULL_TABLE, INCREMENTAL, is_selected
from tap_infusionsoft.streams.collection import ROW_KEY
from tap_infusionsoft.streams.columns import INT64

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_infusionsoft.discovery.catalog import Breadcrumb, Given
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema

_KEPT = frozenset({"type", "format", "properties", "items", "description", "title"})
"""Members of a column's schema that go into the SCHEMA: the tap makes values conform to them."""
_SILENT = frozenset({"selected", "inclusion", "additionalProperties"})
"""Members that need no word: they select, or allow more than is sent."""
_FORMATS = frozenset({"date", "date-time", "singer.decimal", "x-singer.decimal"})
"""Formats that the tap makes values conform to, or that are true of every text."""
_MOST_NAMES = 10
_LEAST_ROUNDED = 2**53
"""From here on, a limit is one of 64 bits: up to here, doubles are exact."""
_EARLIER_ROW_KEY = "_row_key"
"""What the column that the tap makes as a key was called in 0.1."""


class CatalogColumns(Struct, frozen=True):
    """The columns of a stream under a catalog.

    Attributes:
        schema: Schema of the records that are built, including columns that do not leave.
        mask: Breadcrumb -> whether it leaves, for all properties of the schema.
        warnings: What of the catalog is not honored, a sentence each without its full stop.
    """

    schema: Schema
    mask: Mapping[Breadcrumb, bool]
    warnings: tuple[str, ...]


def catalog_columns(given: Given, collection: Collection, own: Schema) -> CatalogColumns:
    """Join a catalog with the declaration of a stream.

    Args:
        given: What the catalog says about the stream.
        collection: The declaration.
        own: The stream's own schema; only asked for custom fields if the catalog has no schema.
    """
    join = _Join(given, collection)
    declared = own["properties"]
    columns = declared if given.schema is None else given.schema["properties"]
    never_null = {*collection.keys, *collection.required}
    needed = {*never_null, collection.changes.key}
    if not collection.endpoint.fields.all_by_default:  # there, only what is selected comes
        needed |= {*collection.row_key}
    properties: dict[str, Schema] = {}
    for name, schema in columns.items():
        if name == _EARLIER_ROW_KEY and collection.keys == (ROW_KEY,):
            continue
        properties[name] = join.property(("properties", name), schema, declared.get(name), is_selected=True)
    for name in declared:
        if name in needed and name not in properties:
            properties[name] = declared[name]
            join.hide(("properties", name), declared[name])
    for key in collection.keys:
        join.show(("properties", key))
    # Values of other columns may be null, and the SCHEMA must say so.
    properties = {
        name: schema if name in never_null else _nullable(schema) for name, schema in properties.items()
    }
    schema = {"type": "object", "description": collection.about, "properties": properties}
    return CatalogColumns(schema, join.mask, (*_differences(given, collection), *join.warnings()))


def _is_kept(name: str, value: object) -> bool:
    """Whether a member of a column's schema goes into the SCHEMA."""
    return name in _KEPT or name.startswith("x-") or (name in INT64 and INT64[name] == value)


def _with_exact_limits(schema: Schema) -> Schema:
    """The same schema, with the limits of 64 bits where a program rounded them.

    Programs that read numbers as doubles, such as jq 1.6, write 9223372036854776000 for 2**63 - 1.

    Args:
        schema: The schema of a property.
    """
    if "integer" not in _listed(schema.get("type", [])):
        return schema
    rounded = {
        name: limit
        for name, limit in INT64.items()
        if isinstance(found := schema.get(name), int | float)
        and abs(found) >= _LEAST_ROUNDED
        and (found < 0) == (limit < 0)
    }
    return {**schema, **rounded}


class _Join:
    """Joins columns, and notes what of them is selected and what is not honored."""

    def __init__(self, given: Given, collection: Collection) -> None:
        self.mask: dict[Breadcrumb, bool] = {}
        self._given = given
        self._always = set(collection.keys)
        self._dropped: dict[str, list[str]] = {}

    def property(
        self, breadcrumb: Breadcrumb, schema: Schema, own: Schema | None, *, is_selected: bool
    ) -> Schema:
        """The schema of a property: the catalog's, with what the tap makes values conform to."""
        schema = _with_exact_limits(schema)
        chosen = is_selected and self._is_selected(breadcrumb, schema)
        self.mask[breadcrumb] = chosen
        self._note(breadcrumb, schema)
        has_type = any(kind != "null" for kind in _listed(schema.get("type", [])))
        if not has_type and own is not None:
            has_type, schema = True, own | {name: value for name, value in schema.items() if name != "type"}
        kept = {name: value for name, value in schema.items() if _is_kept(name, value)}
        if kept.get("format", "date") not in _FORMATS:
            del kept["format"]
        if not has_type:
            kept.pop("type", None)
        if "properties" in kept:
            theirs = (own or {}).get("properties", {})
            kept["properties"] = self._inside(breadcrumb, kept["properties"], theirs, chosen)
        if "items" in kept:
            self.mask[*breadcrumb, "items"] = chosen
            kept["items"] = self._items(breadcrumb, kept["items"], (own or {}).get("items"), chosen)
        return kept

    def _items(
        self,
        breadcrumb: Breadcrumb,
        items: Schema,
        own: Schema | None,
        is_selected: bool,  # noqa: FBT001
    ) -> Schema:
        joined = self.property((*breadcrumb, "items"), items, own, is_selected=is_selected)
        return _nullable(joined)

    def _inside(
        self,
        breadcrumb: Breadcrumb,
        properties: Mapping[str, Schema],
        own: Mapping[str, Schema],
        is_selected: bool,  # noqa: FBT001
    ) -> dict[str, Schema]:
        """The properties of an object. Those that the catalog left out stay known, but do not leave."""
        found = {}
        for name, inner in properties.items():
            below = (*breadcrumb, "properties", name)
            found[name] = _nullable(self.property(below, inner, own.get(name), is_selected=is_selected))
        for name, inner in own.items():
            if name not in found:
                found[name] = inner
                self.hide((*breadcrumb, "properties", name), inner)
        return found

    def hide(self, breadcrumb: Breadcrumb, schema: Schema) -> None:
        """Keep a property from leaving, with everything in it."""
        self.mask[breadcrumb] = False
        if "items" in schema:
            self.hide((*breadcrumb, "items"), schema["items"])
        for name, inner in schema.get("properties", {}).items():
            self.hide((*breadcrumb, "properties", name), inner)

    def show(self, breadcrumb: Breadcrumb) -> None:
        """Let a property leave, whatever is said about it."""
        self.mask[breadcrumb] = True

    def _is_selected(self, breadcrumb: Breadcrumb, schema: Schema) -> bool:
        return is_selected(self._given, breadcrumb, schema)

    def _note(self, breadcrumb: Breadcrumb, schema: Schema) -> None:
        """Note what of a property's schema is not honored."""
        names = [one for one, value in schema.items() if one not in _SILENT and not _is_kept(one, value)]
        if schema.get("format", "date") not in _FORMATS:
            names.append(f"format {schema['format']}")
        for name in names:
            self._dropped.setdefault(name, []).append(".".join(breadcrumb[1::2]))

    def warnings(self) -> Iterator[str]:
        """What of the columns' schemas is not honored."""
        if self._dropped:
            said = "; ".join(
                f"{name} of {', '.join(columns[:_MOST_NAMES])}"
                for name, columns in sorted(self._dropped.items())
            )
            yield (
                f"the catalog asks more of values than their type, which the tap does not check: {said}. "
                "It is left out of the SCHEMA"
            )


def _nullable(schema: Schema) -> Schema:
    """The same schema, for values that may be null."""
    kinds = _listed(schema.get("type", []))
    return schema if not kinds or "null" in kinds else {**schema, "type": [*kinds, "null"]}


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _differences(given: Given, collection: Collection) -> Iterator[str]:
    """Where a catalog wants the stream to be read in a way that Keap does not offer."""
    keys, time = collection.keys, collection.changes.key
    if given.keys == (_EARLIER_ROW_KEY,) and keys == (ROW_KEY,):
        yield (
            f"the column {given.keys[0]} is called {keys[0]} since 0.2. "
            "Run discovery again (in Meltano: --refresh-catalog), and rename the column in the "
            "warehouse, or drop the table there: it is loaded again as a whole"
        )
    elif given.keys and set(given.keys) != set(keys):
        theirs = [one for one in given.keys if one not in keys] or given.keys
        yield (
            f"the catalog's keys {', '.join(theirs)} are not used: {', '.join(keys)} identifies a row. "
            "To load it under another key, use __key_properties__ in stream_maps"
        )
    others = [one for one in given.replication_keys if one != time]
    if others:
        goes_by = f"Keap can only tell changes by {time}" if time else "Keap cannot tell what changed"
        yield f"the catalog's replication key {', '.join(others)} is not used: {goes_by}"
    for method in given.methods:
        if method == INCREMENTAL and time is None:
            yield "the catalog's replication method INCREMENTAL is not used: it is read in full on every run"
        elif method not in {INCREMENTAL, FULL_TABLE}:
            yield f"the catalog's replication method {method} is not known, and not used"
