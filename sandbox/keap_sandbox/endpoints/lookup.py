"""Find the record that a path names, and build tables that are computed from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.request import parse_id
from keap_sandbox.responses import not_found
from keap_sandbox.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row

__all__ = ["computed_table", "find_key"]


def find_key(account: Account, collection: str, record_id: str, singular: str) -> int:
    """Return the key of the record that a path names.

    Args:
        account: The account to look in.
        collection: The collection that the record belongs to.
        record_id: The id from the path.
        singular: What the error message calls the record, such as "Tag".

    Raises:
        KeapError: 404 if there is no such record.
    """
    key = parse_id(record_id)
    if key not in account.tables[collection]:
        raise not_found(singular, record_id)
    return key


def computed_table(name: str, rows: Mapping[int, Row], *versions: int) -> Table:
    """Build a table from rows that were computed from other tables.

    Args:
        name: Name of the table. Together with the versions it must identify the rows, because selections of
            rows are cached by both.
        rows: The rows by key.
        versions: Versions of the tables that the rows were computed from.
    """
    table = Table.of_rows(name, rows)
    table.version = hash(versions)
    return table
