"""All tables, with what becomes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.counterparts import account, activity, marketing, people, sales, shop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove

AREAS: Mapping[str, tuple[TableMove, ...]] = {
    "Contacts, companies and users": people.TABLES,
    "Tasks, notes, appointments and opportunities": activity.TABLES,
    "Orders, payments and subscriptions": sales.TABLES,
    "Products": shop.TABLES,
    "Marketing and affiliates": marketing.TABLES,
    "Custom fields, saved searches, and what REST does not have": account.TABLES,
}
"""Title of an area -> its tables."""
TABLE_MOVES: Mapping[str, TableMove] = {one.table: one for tables in AREAS.values() for one in tables}
"""Name of a table -> what becomes of it."""
