"""JSON schemas as types that msgspec checks in C."""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType, defstruct

from tap_infusionsoft.streams.columns import MONEY_DECIMAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.streams.columns import Schema

TIMES = frozenset({"date", "date-time"})
"""Formats that no type checks: whoever decodes looks at the texts."""

Key = Annotated[str, Meta(min_length=1)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


def native(schema: Schema, path: str, renamed: Mapping[str, str]) -> Any:
    """The type that msgspec can check for a schema, null aside; None if it takes more than that."""
    kinds = schema.get("type", ())
    kinds = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    if len(kinds) != 1:
        return None
    match kinds[0]:
        case "string":
            return str
        case "integer":
            return Whole
        case "boolean":
            return bool
        case "array":
            return _native_array(schema.get("items", {}), f"{path}[]", renamed)
        case "object":
            return native_object(schema.get("properties", {}), path, renamed)
        case _:
            return None


def _native_array(items: Schema, path: str, renamed: Mapping[str, str]) -> Any:
    inner = native(items, path, renamed)
    if inner is None or items.get("format") in TIMES or "[][]" in path:
        return None
    return GenericAlias(list, (inner | None,))


def native_object(properties: Mapping[str, Schema], path: str, renamed: Mapping[str, str]) -> Any:
    """An object; of what Keap leaves out nothing appears."""
    if not properties or MONEY_DECIMAL in properties:
        return None
    fields: list[tuple[str, Any, Any]] = []
    for place, (name, schema) in enumerate(properties.items()):
        inner = native(schema, f"{path}.{name}", renamed)
        if inner is None or _goes_deep(schema, f"{path}.{name}", renamed):
            return None
        fields.append((f"p{place}", inner | None | UnsetType, UNSET))
    names = {f"p{place}": renamed.get(f"{path}.{name}", name) for place, name in enumerate(properties)}
    return defstruct("Object", fields, rename=names, forbid_unknown_fields=True, gc=False)


def _goes_deep(schema: Schema, path: str, renamed: Mapping[str, str]) -> bool:
    """Whether there are times or other names below a property of an object: columns are looked at no deeper."""
    below = {**schema.get("properties", {}), **schema.get("items", {}).get("properties", {})}
    return any(
        one.get("format") in TIMES
        or f"{path}.{name}" in renamed
        or f"{path}[].{name}" in renamed
        or _goes_deep(one, f"{path}.{name}", renamed)
        for name, one in below.items()
    )
