"""Leaves out of records and their schema what is not selected, at every depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_infusionsoft.streams.columns import Schema

Mask: TypeAlias = "Mapping[tuple[str, ...], bool]"
"""Breadcrumb -> whether it is selected."""
_Dropped: TypeAlias = "dict[str, _Dropped | None]"
"""Property -> what to leave out of its value; None to leave out the property itself."""


class Projection:
    """What a selection leaves out.

    Attributes:
        schema: The schema of what is left.
    """

    def __init__(self, schema: Schema, mask: Mask) -> None:
        """Find what is left out.

        Args:
            schema: Schema of whole records.
            mask: Breadcrumb -> whether it is selected.
        """
        self._dropped = _dropped(schema, mask, ())
        self.schema = _projected(schema, self._dropped)

    def __call__(self, record: dict[str, Any]) -> None:
        """Remove from a record what is not selected."""
        if self._dropped:
            _remove(record, self._dropped)


def _children(schema: Schema, breadcrumb: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], Schema]]:
    """The properties of an object, or of the objects in a list, with their breadcrumbs."""
    if "items" in schema:
        yield from _children(schema["items"], (*breadcrumb, "items"))
    for name, inner in schema.get("properties", {}).items():
        yield name, (*breadcrumb, "properties", name), inner


def breadcrumbs(schema: Schema, breadcrumb: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The breadcrumbs of all properties of a schema, outer ones first."""
    for _, inner, below in _children(schema, breadcrumb):
        yield inner
        yield from breadcrumbs(below, inner)


def _dropped(schema: Schema, mask: Mask, breadcrumb: tuple[str, ...]) -> _Dropped:
    found: _Dropped = {}
    for name, inner, below in _children(schema, breadcrumb):
        if not mask[inner]:
            found[name] = None
        elif inside := _dropped(below, mask, inner):
            found[name] = inside
    return found


def _projected(schema: Schema, dropped: _Dropped) -> Schema:
    if not dropped:
        return schema
    if "items" in schema:
        return {**schema, "items": _projected(schema["items"], dropped)}
    left = {
        name: _projected(inner, dropped.get(name) or {})
        for name, inner in schema.get("properties", {}).items()
        if dropped.get(name, {}) is not None
    }
    return {**schema, "properties": left}


def _remove(value: Any, dropped: _Dropped) -> None:
    if isinstance(value, list):
        for one in value:
            _remove(one, dropped)
    elif isinstance(value, dict):
        for name, inside in dropped.items():
            if inside is None:
                value.pop(name, None)
            elif name in value:
                _remove(value[name], inside)
