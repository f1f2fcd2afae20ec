"""Classic queries as streams."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.streams.collection import Choice, Query
from tap_infusionsoft.streams.replication import Snapshot, Timed
from tap_infusionsoft.xmlrpc.custom_fields import with_custom_fields
from tap_infusionsoft.xmlrpc.ending import check_end
from tap_infusionsoft.xmlrpc.served import as_served
from tap_infusionsoft.xmlrpc.table_streams import column_name, table_stream
from tap_infusionsoft.xmlrpc.walks import TableQuery, walk_table

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.xmlrpc.query_settings import LegacyQuery
    from tap_infusionsoft.xmlrpc.tables import Table


@dataclass(frozen=True, slots=True)
class QueryStream:
    """Describes the stream of a query in an account.

    Attributes:
        query: The query.
        started: When the run started.
    """

    query: LegacyQuery
    started: datetime

    def __call__(self, account: Account) -> Collection:
        """Return its declaration.

        Raises:
            ConfigError: The API has ended, or the account does not have a field that the query names.
            KeapError: The custom fields cannot be read.
        """
        query = self.query
        check_end(self.started, query.table.rest)
        table = as_served(query.table, account)
        if query.names_custom_fields:
            table = with_custom_fields(table, account)
        query.check_fields(table)
        return query_stream(query, table)


def query_stream(query: LegacyQuery, table: Table, *, knows_custom: bool = True) -> Collection:
    """Declare the stream of a query.

    Args:
        query: The query.
        table: Its table, as far as it is known what the account has of it.
        knows_custom: Whether the table has the custom fields of the account.

    Raises:
        ConfigError: The table does not take the query.
    """
    asked = query.conditions(table, knows_custom=knows_custom)
    base = table_stream(table, query.secrets)
    since = asked.since or (table.updated if query.bookmark else "")
    named = [name for name in query.fields if name in table.fields]
    fields = {*named, *table.keys, since} if query.fields else base.endpoint.fields.names
    columns = {column_name(name) for name in fields}
    properties = {name: schema for name, schema in base.properties.items() if name in columns}
    conditions = {name: value for name, value in asked.values.items() if name in table.fields}
    what = TableQuery(table, conditions, query.order, query.ascending)
    return replace(
        base,
        name=query.name,
        about=f"Query of the table {table.name} of XML-RPC, which ends on 2026-12-31.",
        endpoint=replace(
            base.endpoint,
            by_id=None if what.ids is None else base.endpoint.by_id,
            fields=replace(base.endpoint.fields, names=base.endpoint.fields.names & fields),
            walk=partial(walk_table, what),
        ),
        changes=Timed(column_name(since)) if since else Snapshot(),
        row_key=() if base.key else tuple(properties),
        wire=replace(
            base.wire, renamed={name: wire for name, wire in base.wire.renamed.items() if name in properties}
        ),
        chosen=(Choice(query.setting, path="/{id}"),) if query.ids else (),
        selected_by_default=True,
        query=Query(
            query.setting,
            {f"{query.setting}.table": (table.name,), f"{query.setting}.query": (query.query,)},
        ),
        properties=properties,
    )
