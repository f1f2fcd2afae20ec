"""The rows of the tables as /sandbox/records shows them, to compare a copy with."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.tables.registry import TABLES

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.xmlrpc.tables.view import Value

__all__ = ["PREFIX", "names", "table_records"]

PREFIX = "xmlrpc:"
"""Collections with this prefix are tables of the XML-RPC API."""


def names() -> list[str]:
    """Return the names of all tables, with the prefix."""
    return [f"{PREFIX}{name}" for name in TABLES]


def _shown(value: Value) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def table_records(account: Account, name: str, *, ids_only: bool = False) -> list[Any]:
    """Return every row of a table, or their ids.

    Args:
        account: The account.
        name: The table, with the prefix.
        ids_only: Return the ids, as texts; those of ContactGroupAssign, which has none, are the keys of the
            sandbox.

    Returns:
        The rows with the fields that can be read and are not null. Times are texts such as
        ``2026-01-20T08:15:00``, in Eastern time; binary values are in base64.
    """
    view = TABLES[name.removeprefix(PREFIX)]
    rows = view.rows(account)
    if ids_only:
        return list(map(str, rows.keys()))
    hidden = {column.name for column in view.columns if "R" not in column.access}
    return [_visible(row, hidden) for row in map(rows.row, rows.keys())]


def _visible(row: dict[str, Value], hidden: set[str]) -> Row:
    return {name: _shown(value) for name, value in row.items() if value is not None and name not in hidden}
