"""Custom fields on both sides: which column of a stream has the values of which field of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart
from tap_infusionsoft.xmlrpc.custom_fields import custom_fields

if TYPE_CHECKING:
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.columns import Schema
    from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove
    from tap_infusionsoft.xmlrpc.tables import Table

_COMPARISONS = {"integer": "number", "number": "number", "boolean": "flag", "array": "list"}
_FORMATS = {"date": "day", "date-time": "time"}


def custom_counterparts(account: Account, table: Table, move: TableMove) -> dict[str, list[Counterpart]]:
    """Return the counterparts of a table's custom fields, by stream.

    Args:
        account: The account.
        table: The table, with its custom fields.
        move: The table, and what REST has for it.

    Raises:
        KeapError: A model of custom fields cannot be read.
    """
    if table.form is None or not table.custom:
        return {}
    ids = custom_fields(account, table.form).ids
    found: dict[str, list[Counterpart]] = {}
    for part in move.parts:
        path = COLLECTIONS[part.stream].custom_fields
        columns = {} if path is None else {one.id: one for one in account.models.custom_fields(path)}
        found[part.stream] = [
            Counterpart(name, column.column, _comparison(column.schema))
            if (column := columns.get(ids.get(name, ""))) is not None
            else Counterpart(name, why="REST has no custom field with this id.")
            for name in table.custom
        ]
    return found


def _comparison(schema: Schema) -> str:
    """The way to compare values of a column."""
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    kinds = [one for one in schema["type"] if one != "null"]
    return _COMPARISONS.get(kinds[0], "text")
