"""Reads some rows of a table again: those with given ids."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.streams.replication import Snapshot
from tap_infusionsoft.xmlrpc.table_streams import table_stream
from tap_infusionsoft.xmlrpc.walks import TableQuery, walk_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.xmlrpc.tables import Table

SUFFIX = "_again"
"""How the names of streams end that read rows again."""


def rows_again(table: Table, field: str, ids: Sequence[str]) -> Collection:
    """The stream that reads rows of a table again.

    Args:
        table: The table.
        field: A field with ids; empty to read all rows.
        ids: The ids in it.
    """
    found = table_stream(table)
    query = TableQuery(table, {field: [*ids]} if field else {})
    endpoint = replace(found.endpoint, walk=partial(walk_table, query))
    return replace(found, name=f"{found.name}{SUFFIX}", endpoint=endpoint, changes=Snapshot())
