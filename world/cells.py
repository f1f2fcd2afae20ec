"""Compare one cell of a warehouse with the value that the tap emitted for it."""

from __future__ import annotations

import ast
import contextlib
import enum
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

JsonSchema: TypeAlias = Mapping[str, Any]


class Kind(enum.StrEnum):
    """How a warehouse can differ from the account."""

    TABLE_MISSING = "table missing"
    COLUMN_MISSING = "column missing"
    FIRST_ROW_MISSING = "first row of a stream missing"
    ROW_MISSING = "row missing"
    ROW_DOUBLED = "row doubled"
    ROW_UNKNOWN = "row that the account does not have"
    DELETION_MISSED = "deleted row still there, unmarked"
    LIVE_ROW_DELETED = "live row deleted or marked as deleted"
    NULL_FOR_EMPTY = "empty text became null"
    EMPTY_FOR_NULL = "null became empty text"
    TEXT_EMPTIED = "text emptied"
    TEXT_CUT = "text cut off"
    TEXT_CHANGED = "text changed"
    ZEROS_LOST = "leading zeros lost"
    NUMBER_CHANGED = "number changed"
    INSTANT_SHIFTED = "time shifted"
    DATE_CHANGED = "date changed"
    FLAG_CHANGED = "flag changed"
    JSON_UNUSABLE = "JSON not readable"
    JSON_CHANGED = "JSON changed"
    VALUE_LOST = "value became null"
    VALUE_INVENTED = "null became a value"


def cell(schema: JsonSchema, expected: Any, found: Any) -> Kind | None:
    """Compare one value.

    Args:
        schema: JSON schema of the column.
        expected: What the tap emitted, with numbers as int or Decimal.
        found: What the warehouse's reader returned. Times without a zone count as UTC. Files of text have
            text for everything.

    Returns:
        How they differ, or None if they do not.
    """
    kinds = types_of(schema)
    if expected is None:
        if found is None:
            return None
        return Kind.EMPTY_FOR_NULL if found == "" else Kind.VALUE_INVENTED
    if found is None:
        if "string" in kinds and "format" not in schema:
            return Kind.NULL_FOR_EMPTY if expected == "" else Kind.TEXT_EMPTIED
        return Kind.VALUE_LOST
    if kinds & {"array", "object"}:
        return _json(expected, found)
    if "boolean" in kinds:
        return None if _flag(found) is expected else Kind.FLAG_CHANGED
    if kinds & {"integer", "number"}:
        return None if same_number(expected, found) else Kind.NUMBER_CHANGED
    if schema.get("format") == "date-time":
        return None if instant(expected) == instant(found) else Kind.INSTANT_SHIFTED
    if schema.get("format") == "date":
        return None if _day(expected) == _day(found) else Kind.DATE_CHANGED
    return _text(expected, found)


def types_of(schema: JsonSchema) -> set[str]:
    """Return the JSON types that a schema allows besides null."""
    kinds = schema.get("type", "string")
    return {*([kinds] if isinstance(kinds, str) else kinds)} - {"null"}


def same_number(expected: Any, found: Any) -> bool:
    """Whether a number arrived exactly."""
    if isinstance(found, bool):
        return False
    if isinstance(found, float) and not math.isfinite(found):
        return False
    try:
        return Decimal(str(expected)) == Decimal(str(found))
    except InvalidOperation:
        return False


def instant(value: Any) -> datetime | None:
    """Return a value as a time in UTC, or None if it is none. Without a zone it counts as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value / 1000, UTC)  # as Avro and some JSON writers have it
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else None
    if isinstance(value, date):
        return value
    moment = instant(value)
    return None if moment is None else _day(moment)


def _flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(value.lower())
    return bool(value) if value in (0, 1) else None


def _text(expected: str, found: Any) -> Kind | None:
    if found == expected:
        return None
    if found == "":
        return Kind.TEXT_EMPTIED
    if expected.startswith("0") and str(found) == (expected.lstrip("0") or "0"):
        return Kind.ZEROS_LOST
    if isinstance(found, str) and expected.startswith(found):
        return Kind.TEXT_CUT
    return Kind.TEXT_CHANGED


def _json(expected: Any, found: Any) -> Kind | None:
    if isinstance(found, str | bytes):
        try:
            found = json.loads(found, parse_float=Decimal)
        except ValueError:
            return Kind.JSON_UNUSABLE
    if isinstance(found, str):  # encoded twice
        return Kind.JSON_UNUSABLE
    return None if same_json(expected, found) else Kind.JSON_CHANGED


def same_json(expected: Any, found: Any) -> bool:
    """Whether two JSON values are the same, with exact numbers."""
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(expected) is type(found) and bool(expected == found)
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and expected.keys() == found.keys()
            and all(same_json(value, found[name]) for name, value in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(found, Sequence)
            and not isinstance(found, str)
            and len(expected) == len(found)
            and all(map(same_json, expected, found))
        )
    return isinstance(found, int | float | Decimal) and same_number(expected, found)


def is_python(value: object) -> bool:
    """Whether a text is a Python literal of a list or dict instead of JSON, for the message about it."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError, SyntaxError):
            return isinstance(ast.literal_eval(value), list | dict)
    return False


Canon: TypeAlias = Callable[[Any], Any]


def canonical(schema: JsonSchema, value: Any) -> Any:
    """Return a key's value in a form that is the same for the account and any warehouse.

    Args:
        schema: JSON schema of the key column.
        value: The value.
    """
    if value is None:
        return None
    if schema.get("format") == "date-time":
        return instant(value)
    if schema.get("format") == "date":
        return _day(value)
    if types_of(schema) & {"integer", "number"}:
        with contextlib.suppress(InvalidOperation):
            return Decimal(str(value))
    return str(value)
