"""Tables as streams: ``legacy_contact`` for `Contact`, with Infusionsoft's own field names."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, Fields, Wire
from tap_infusionsoft.streams.columns import day, flag, integer, moment, number, text, whole_key
from tap_infusionsoft.streams.replication import Snapshot, Timed
from tap_infusionsoft.xmlrpc.calls import ROWS
from tap_infusionsoft.xmlrpc.walks import TableQuery, walk_table

if TYPE_CHECKING:
    from tap_infusionsoft.streams.columns import Schema
    from tap_infusionsoft.xmlrpc.tables import Table

PREFIX = "legacy_"
QUERY = "DataService.query"
"""The method that reads tables."""
MOST_ROWS = 1000
"""Rows in one call. What the service does with a higher limit is unknown."""

_COLUMNS = {
    "ids": integer,
    "integers": integer,
    "numbers": number,
    "texts": text,
    "times": moment,
    "days": day,
    "booleans": flag,
    "blobs": text,
}
"""Type of a field -> the function that declares its column."""


def stream_name(table: str) -> str:
    """Name of a table's stream: ``legacy_contact_group_assign`` for `ContactGroupAssign`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", table)
    return f"{PREFIX}{words.lower()}"


def column_name(field: str) -> str:
    """Name of a field's column: its own, but with ``_`` for the dot of ``Contact.FirstName``."""
    return field.replace(".", "_")


def table_stream(table: Table, secrets: frozenset[str] = frozenset()) -> Collection:
    """Declare the stream of a table.

    Args:
        table: The table, with the account's custom fields if they are known.
        secrets: Fields with passwords that the user wants, as ``Contact.Password``.
    """
    hidden = {name for name in table.passwords.split() if f"{table.name}.{name}" not in secrets}
    fields = {name: kind for name, kind in table.fields.items() if name not in hidden}
    properties = {column_name(name): _column(table, name, kind) for name, kind in fields.items()}
    names = {column_name(name): name for name in fields}
    return Collection(
        name=stream_name(table.name),
        about=_about(table),
        endpoint=Endpoint(
            QUERY,
            ROWS,
            page_size=MOST_ROWS,
            by_id=ById(table.order) if table.is_numbered else None,
            fields=Fields(names=frozenset(fields), vary=table.form is not None),
            walk=partial(walk_table, TableQuery(table)),
        ),
        changes=Timed(table.updated) if table.updated else Snapshot(),
        key=tuple(map(column_name, table.keys)),
        row_key=() if table.keys else tuple(properties),
        wire=Wire(renamed={column: name for column, name in names.items() if column != name}),
        selected_by_default=False,
        properties=properties,
    )


def refused_fields(declared: Collection) -> frozenset[str]:
    """The fields that the service has refused to give in the reads of a table's stream so far."""
    walk = declared.endpoint.walk
    queries = walk.args if isinstance(walk, partial) else ()
    return frozenset(
        name for one in queries if isinstance(one, TableQuery) for name in one.finds.refused.names
    )


def about_rest(streams: str) -> str:
    """What the description of a stream ends with.

    Args:
        streams: What REST has in its place; empty for nothing.
    """
    rest = streams.split()
    instead = f"REST has {' and '.join(rest)}." if rest else "REST has nothing for it: take a last copy."
    return f"which ends on 2026-12-31. {instead}"


def _about(table: Table) -> str:
    return f"{table.about}: table {table.name} of XML-RPC, {about_rest(table.rest)}"


def _column(table: Table, name: str, kind: str) -> Schema:
    about = f"{table.name}.{name}."
    if name in table.labels:
        about += f" Custom field {table.labels[name]}."
    if name in table.inferred.split():
        about += " Some accounts do not have this field."
    if name in table.keys:
        return whole_key(f"{about} Identifies the row.")
    declare: Any = _COLUMNS[kind]
    column: Schema = declare(about)
    return column
