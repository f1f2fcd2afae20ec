"""Flattening: the properties of objects become columns of their own, in the schema and in records alike.

The names and depths are those of the SDK, but records follow the schema: a null object makes null columns,
and a property without a column makes none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_infusionsoft.records.coerce import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_infusionsoft.streams.columns import Schema

NameOf = Callable[[str, Sequence[str]], str]
"""Makes the name of a column from that of a property and the names above it."""


class SameNameError(ValueError):
    """Two properties become columns of one name. The text is that name."""


class _Leaf(NamedTuple):
    """A column, and where its value is in a record."""

    column: str
    path: tuple[str, ...]
    schema: Schema
    is_text: bool


class Flattening:
    """Flattens the records of one stream.

    Attributes:
        schema: The schema of flattened records.
        unknown: Paths of properties that had no column since the set was last cleared.
    """

    def __init__(
        self, schema: Schema, depth: int, name_of: NameOf, copies: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Plan the columns.

        Args:
            schema: Schema of the records.
            depth: Levels of objects to flatten, at least 1; what is below becomes JSON text.
            name_of: Makes the names of columns.
            copies: Column -> dotted path of the property that it is a copy of. Where that becomes a column of
                the same name, as ``contact.id`` does with the separator ``_``, there is one column.

        Raises:
            SameNameError: Two properties become columns of one name.
        """
        self.unknown: set[str] = set()
        self._leaves = [
            leaf
            for leaf in _leaves(schema, (), depth, name_of)
            if leaf.column not in schema["properties"] or copies.get(leaf.column) != ".".join(leaf.path)
        ]
        self._opened = list(_opened(schema, (), depth))
        properties: dict[str, Schema] = {}
        for leaf in self._leaves:
            if leaf.column in properties:
                raise SameNameError(leaf.column)
            properties[leaf.column] = leaf.schema
        self.schema = {**schema, "properties": properties}

    def __call__(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a flattened record, with all columns of the schema."""
        flat = {}
        for column, path, _, is_text in self._leaves:
            value: Any = record
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            flat[column] = to_text(value) if is_text and value is not None else value
        for path, known in self._opened:
            value = record
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            if isinstance(value, dict) and not known.issuperset(value):
                self.unknown.update(".".join((*path, name)) for name in value.keys() - known)
        return flat


def _leaves(schema: Schema, above: tuple[str, ...], depth: int, name_of: NameOf) -> Iterator[_Leaf]:
    for name, inner in schema["properties"].items():
        kinds, path = _kinds(inner), (*above, name)
        if _is_opened(inner, depth):
            yield from _leaves(inner, path, depth - 1, name_of)
            continue
        # What has several types, or none, is text: its values need not be of one type.
        is_text = not kinds or len(kinds - {"null"}) > 1 or bool(kinds & {"array", "object"})
        leaf = dict(inner)
        if is_text:
            leaf = {key: value for key, value in inner.items() if key == "description"} | {"type": ["string"]}
            if not kinds or "null" in kinds:
                leaf["type"] = ["string", "null"]
        if above:  # an object may be null, or lack the property
            leaf["type"] = list(dict.fromkeys([*_listed(leaf["type"]), "null"]))
        yield _Leaf(name_of(name, above), path, leaf, is_text)


def _opened(
    schema: Schema, above: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    """The paths of the objects that become columns, each with its known properties."""
    for name, inner in schema["properties"].items():
        if _is_opened(inner, depth):
            yield (*above, name), frozenset(inner["properties"])
            yield from _opened(inner, (*above, name), depth - 1)


def _is_opened(schema: Schema, depth: int) -> bool:
    return depth > 0 and "object" in _kinds(schema) and "properties" in schema


def _kinds(schema: Schema) -> set[str]:
    return set(_listed(schema.get("type", [])))


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)
