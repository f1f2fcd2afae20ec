"""What an account has of a table: older ones lack some fields that only later clients know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.faults import is_about_fields

if TYPE_CHECKING:
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.xmlrpc.tables import Table


def as_served(table: Table, account: Account) -> Table:
    """Return a table with its key, if the account has that. Takes a call only where it may not.

    `Campaignee` had no `Id` until about 2018.

    Args:
        table: The table.
        account: The account.

    Raises:
        KeapError: The table cannot be read.
    """
    if table.key not in table.inferred.split():
        return table
    arguments: tuple[Any, ...] = (table.name, 1, 0, {}, [table.key], table.key, True)
    try:
        account.client.fetch(
            XmlRpcCall("DataService.query", ROWS, arguments=arguments, what=f"of {table.name}")
        )
    except KeapError as error:
        if is_about_fields(error.fault):
            return table.without_key
        raise
    return table
