"""What the tap should emit for the sandbox's rows, computed without the tap's own conversions."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.custom_field_models import RECORDS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.target import Record

_CREDENTIALS = {"account_number", "access_license_number", "access_user_id", "access_password"}
RENAMED = {"groups": "group_list", "order": "position", "key": "option_key"}
"""Names of Keap's that warehouses reserve -> the names of the tap's columns."""
SINGULAR = ("affiliate", "company", "contact", "note", "opportunity", "order", "subscription", "task")


def agrees(record: Record, row: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Compare a record with its row.

    Args:
        record: What the tap emitted.
        row: The sandbox's row. Custom fields, and columns that it does not have, are not compared.
        schema: The stream's schema.

    Returns:
        One message for each column with another value.
    """
    wrong = []
    for column, value in record.items():
        if column.startswith("cf_") or column not in row:
            continue
        if not _same(value, row[column], schema["properties"][column]):
            wrong.append(f"{column}: {value!r} instead of {row[column]!r}")
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
        known = schema["properties"]
        inside = {RENAMED[name] if RENAMED.get(name) in known else _snake(name): wire[name] for name in wire}
        return value.keys() - {"decimal"} == inside.keys() and all(
            _same(value[name], inner, known.get(name, {"type": ["anything"]}))
            for name, inner in inside.items()
        )
    if isinstance(wire, list) and "items" in schema:
        return len(value) == len(wire) and all(
            _same(a, b, schema["items"]) for a, b in zip(value, wire, strict=True)
        )
    if "string" in kinds and isinstance(wire, (dict, list, bool)):  # JSON text
        return bool(json.loads(value) == _without_credentials(wire))
    if "string" in kinds:
        return bool(value == (wire if isinstance(wire, str) else str(wire)))
    if "number" in kinds:
        return Decimal(str(value)) == Decimal(str(wire))
    return bool(value == wire)


def _without_credentials(wire: Any) -> Any:
    """Mask the credentials in a carrier's settings, as the tap must."""
    if not isinstance(wire, dict):
        return wire
    return {name: "***" if name in _CREDENTIALS else value for name, value in wire.items()}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the sandbox with the tap's names."""
    return {RENAMED.get(name, _snake(name)): value for name, value in row.items()}


def rows_of(box: Sandbox, stream: str) -> list[dict[str, Any]]:
    """Return the sandbox's rows for a stream, with the tap's names.

    Args:
        box: The sandbox.
        stream: Name of the stream.
    """
    if stream.startswith("custom_field"):
        return [
            {"record": path, **plain(row)}
            for path, record in zip(RECORDS, SINGULAR, strict=True)
            for row in box.records(f"{record}_{stream}")
        ]
    rows = [plain(row) for row in box.records(stream)]
    if "record" in COLLECTIONS[stream].properties:
        return [{"record": "account", **row} for row in rows]
    if stream == "deals":  # what is called custom_fields elsewhere is a list
        return [{**row, "custom_field_values": row.pop("custom_fields")} for row in rows]
    if stream == "contact_links":  # every link is listed under both of its contacts
        return list({key_of(row, COLLECTIONS[stream].keys): row for row in rows}.values())
    if stream == "invoice_balances":  # the tap emits amounts in Keap's form
        return [{name: value for name, value in row.items() if name != "amount_due"} for row in rows]
    return rows


def differences(
    box: Sandbox, stream: str, rows: Iterable[dict[str, Any]], schema: dict[str, Any]
) -> list[str]:
    """Compare the copy of a stream with the sandbox.

    Args:
        box: The sandbox.
        stream: Name of the stream.
        rows: The copy.
        schema: The stream's schema.

    Returns:
        One message for each difference.
    """
    collection, copy, truth = COLLECTIONS[stream], [*rows], rows_of(box, stream)
    columns = collection.row_key or collection.keys
    copied = Counter(key_of(row, columns) for row in copy)
    expected = Counter(key_of(row, columns) for row in truth)
    messages = [f"missing: {key}" for key in expected - copied]
    messages += [f"not in Keap: {key}" for key in copied - expected]
    if collection.row_key:
        return messages  # everything comparable in such rows is in the key
    by_key = {key_of(row, columns): row for row in truth}
    for row in copy:
        key = key_of(row, columns)
        messages += [f"{key}: {message}" for message in agrees(row, by_key.get(key, {}), schema)]
    return messages


def key_of(row: dict[str, Any], columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row's key in a form that is the same for a row and its copy.

    Args:
        row: The row.
        columns: The columns that make up the key.
    """
    return tuple(_text(row.get(name)) for name in columns)


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    # Times and amounts have several spellings, so compare only the part that they share
    return (
        text[:19].replace("+0000", "").rstrip("Z") if "T" in text and ":" in text else text.removesuffix(".0")
    )


def unsaid(rows: Iterable[Record], schema: dict[str, Any]) -> Iterator[str]:
    """Yield what values show and descriptions do not say: that times are days, and that '0' means none.

    Args:
        rows: Records of a stream.
        schema: The stream's schema.
    """
    rows = [row for row in rows if row is not None]
    for name, inner in schema.get("properties", {}).items():
        text = inner.get("description", "")
        values = [row[name] for row in rows if row.get(name) is not None]
        is_id = re.fullmatch(r"(.*_)?(id|by)", name) is not None
        if is_id and "0" in values and "'0'" not in text:
            yield f"{name}: '0' is among its values"
        if inner.get("format") == "date-time" and values:
            are_days = all(value[11:] == "00:00:00.000Z" for value in values)
            if are_days != ("midnight UTC" in text):
                yield f"{name}: its times are {'days' if are_days else 'no days'}"
        yield from unsaid((one for one in values if isinstance(one, dict)), inner)
        yield from unsaid(
            (one for value in values if isinstance(value, list) for one in value), inner.get("items", {})
        )
