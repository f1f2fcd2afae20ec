"""What goes away with XML-RPC although its table has a counterpart: fields that REST has nowhere."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.tables import TABLE_MOVES
from tap_infusionsoft.xmlrpc.tables import TABLES


def only_legacy_fields(table: str) -> tuple[str, ...]:
    """The fields of a table that REST has nowhere, without ids, credentials, and what cannot be read.

    Args:
        table: Name of the table. Of one that REST has nothing for, it is none: all of it goes away.
    """
    known = TABLES[table]
    ids = {*known.keys, *known.passwords.split()}
    return tuple(
        name
        for name in known.fields
        if name not in ids
        and TABLE_MOVES[table].parts
        and all(one.fields[name].is_lost for one in TABLE_MOVES[table].parts)
    )
