"""Turns JSON schemas into types that msgspec checks in C."""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType, defstruct

from tap_infusionsoft.streams.collection import CUSTOM_FIELDS
from tap_infusionsoft.streams.columns import MONEY_DECIMAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.streams.columns import Schema

TIMES = frozenset({"date", "date-time"})
"""Formats that no type checks, so the decoded texts have to be looked at."""

Key = Annotated[str, Meta(min_length=1)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


def kind_of(schema: Schema) -> str | None:
    """Return the type in a schema, apart from null; None if there are several or none."""
    kinds = schema.get("type", ())
    kinds = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    return kinds[0] if len(kinds) == 1 else None


def type_of(schema: Schema, column: str, renamed: Mapping[str, str]) -> Any:
    """Return the type that msgspec can check for a schema, apart from null; None if a type can't check it.

    Args:
        schema: The schema.
        column: The column that has it, with the path inside the column, as in ``addresses[].line1``.
        renamed: Path of a column -> its name on the wire, where they differ.
    """
    if column.rpartition(".")[2] == CUSTOM_FIELDS:
        return None  # the contents are text in records, and of any type in rows
    match kind_of(schema):
        case "string":
            return str
        case "integer":
            return Whole
        case "boolean":
            return bool
        case "array":
            return _array_type(schema.get("items", {}), f"{column}[]", renamed)
        case "object":
            return object_type(schema.get("properties", {}), column, renamed)
        case _:
            return None


def _array_type(items: Schema, column: str, renamed: Mapping[str, str]) -> Any:
    inner = type_of(items, column, renamed)
    if inner is None or items.get("format") in TIMES or "[][]" in column:
        return None
    return GenericAlias(list, (inner | None,))


def object_type(properties: Mapping[str, Schema], column: str, renamed: Mapping[str, str]) -> Any:
    """Return the type for an object. Its properties are p0, p1 ...; those that Keap leaves out stay unset.

    Args:
        properties: Schemas of its properties.
        column: Its column, with the path inside the column.
        renamed: Path of a column -> its name on the wire, where they differ.

    Returns:
        The type; None if a type can't check it.
    """
    if not properties or not (MONEY_DECIMAL not in properties or _is_money(properties)):
        return None
    fields: list[tuple[str, Any, Any]] = []
    for place, (name, schema) in enumerate(properties.items()):
        if name == MONEY_DECIMAL:
            fields.append((f"p{place}", None | UnsetType, UNSET))
            continue
        # No type takes just numbers with a fraction, exactly as they were written. So they are checked later.
        inner = Any if kind_of(schema) == "number" else type_of(schema, f"{column}.{name}", renamed)
        if inner is None or _is_renamed_inside(schema, f"{column}.{name}", renamed):
            return None
        fields.append((f"p{place}", inner if inner is Any else inner | None | UnsetType, UNSET))
    names = {f"p{place}": renamed.get(f"{column}.{name}", name) for place, name in enumerate(properties)}
    return defstruct("Object", fields, rename=names, forbid_unknown_fields=True, gc=False)


def _is_money(properties: Mapping[str, Schema]) -> bool:
    """Whether properties are those of an amount of money, with the types that Keap gives them."""
    expected = {"amount": "integer", "currency_code": "string", MONEY_DECIMAL: "number"}
    return all(kind_of(properties.get(name, {})) == kind for name, kind in expected.items())


def _is_renamed_inside(schema: Schema, column: str, renamed: Mapping[str, str]) -> bool:
    """Find renamed properties below a property of an object: fix-ups for those reach no deeper than that."""
    below = {**schema.get("properties", {}), **schema.get("items", {}).get("properties", {})}
    return any(
        f"{column}.{name}" in renamed
        or f"{column}[].{name}" in renamed
        or _is_renamed_inside(inner, f"{column}.{name}", renamed)
        for name, inner in below.items()
    )
