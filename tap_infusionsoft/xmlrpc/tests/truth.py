"""What a table should have in a warehouse, computed from the sandbox's rows without the tap's conversions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from keap_sandbox import Sandbox
from tap_infusionsoft.xmlrpc.table_streams import column_name
from tap_infusionsoft.xmlrpc.tables import TABLES, Table

_EASTERN = ZoneInfo("America/New_York")
Row = dict[str, Any]


def kind_of(table: Table, field: str, value: Any) -> str:
    """The type of a field, as the attribute of `Table` that lists it; of a custom field, by its value."""
    if field in table.fields:
        return table.fields[field]
    is_time = isinstance(value, str) and len(value) == 19 and value[10] == "T" and value[4] == "-"
    if is_time:
        return "days" if value.endswith("T00:00:00") else "times"
    return {int: "integers", float: "numbers", bool: "booleans"}.get(type(value), "texts")


def cell(kind: str, value: Any) -> Any:
    """A value as a record has it."""
    if value is None:
        return None
    match kind:
        case "times":
            moment = datetime.fromisoformat(value).replace(tzinfo=_EASTERN).astimezone(UTC)
            return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
        case "days":
            return value[:10]
        case "booleans":
            return bool(value)
    # Every parser of XML turns the two characters that Windows ends lines with into one.
    return re.sub("\r\n?", "\n", value) if isinstance(value, str) else value


def truth(box: Sandbox, name: str) -> dict[tuple[Any, ...], Row]:
    """The records that a table should have, by key; cells that are null are left out.

    Fields that cannot be read, and passwords, are left out too.
    """
    table = TABLES[name]
    hidden = {*table.unreadable.split(), *table.passwords.split()}
    found = {}
    for row in box.records(f"xmlrpc:{name}"):
        record = {
            column_name(field): cell(kind_of(table, field, value), value)
            for field, value in row.items()
            if field not in hidden
        }
        found[tuple(row[key] for key in table.keys)] = record
    return found


def without_nulls(record: Row) -> Row:
    """A record without its nulls."""
    return {column: value for column, value in record.items() if value is not None}
