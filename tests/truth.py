"""What the tap should have emitted for a row of the sandbox, worked out without the tap's own code."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.target import Record

_CREDENTIALS = {"account_number", "access_license_number", "access_user_id", "access_password"}


def agrees(record: Record, row: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The columns of a record that do not say what the row says. Custom fields are compared elsewhere."""
    wrong = []
    for column, value in record.items():
        if column.startswith("cf_") or column not in row:
            continue
        if not _same(value, row[column], schema["properties"][column]):
            wrong.append(f"{column}: {value!r} for {row[column]!r}")
    return wrong


def _same(value: Any, wire: Any, schema: dict[str, Any]) -> bool:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if wire is None or (wire == "" and ("format" in schema or "string" not in kinds)):
        return value is None
    if schema.get("format") == "date-time":
        return value is None or _time(value) == _time(wire).replace(
            microsecond=_time(wire).microsecond // 1000 * 1000
        )
    if schema.get("format") == "date":
        return bool(value == wire[:10])
    if isinstance(wire, dict) and "properties" in schema:
        plain = {_snake(name): inner for name, inner in wire.items()}
        return value.keys() - {"decimal"} == plain.keys() and all(
            _same(value[name], inner, schema["properties"].get(name, {"type": ["anything"]}))
            for name, inner in plain.items()
        )
    if isinstance(wire, list) and "items" in schema:
        return len(value) == len(wire) and all(
            _same(a, b, schema["items"]) for a, b in zip(value, wire, strict=True)
        )
    if "string" in kinds and len(kinds) <= 2:
        return bool(value == (wire if isinstance(wire, str) else str(wire)))
    if "number" in kinds and len(kinds) <= 2:
        return Decimal(str(value)) == Decimal(str(wire))
    return bool(value == _without_credentials(wire))


def _without_credentials(wire: Any) -> Any:
    """What the tap must not show of a carrier's settings is masked."""
    if not isinstance(wire, dict):
        return wire
    return {name: "***" if name in _CREDENTIALS else value for name, value in wire.items()}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the sandbox with its names in snake_case."""
    return {_snake(name): value for name, value in row.items()}
