"""Tags: ContactGroup, their categories, and which contact has which."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from keap_sandbox.taggings import unpair
from keap_sandbox.xmlrpc.tables.cells import ADD_EDIT, Cell, ident, number, text, time
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.people import CONTACT_CELLS, CONTACT_NEEDS, contact_of, name_of
from keap_sandbox.xmlrpc.tables.records import Records, each

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.taggings import Pairs
    from keap_sandbox.xmlrpc.tables.view import ColumnType, Value

__all__ = ["TABLES"]

_TAG = table(
    "ContactGroup",
    each("tags"),
    ident("Id", "id", "R"),
    ident("GroupCategoryId", "category.id"),
    text("GroupDescription", "description"),
    text("GroupName", "name"),
    access=ADD_EDIT,
)

_CATEGORY = table(
    "ContactGroupCategory",
    each("tag_categories"),
    ident("Id", "id", "R"),
    text("CategoryDescription", "description"),
    text("CategoryName", "name"),
    access=ADD_EDIT,
)


class _Assigned(Records):
    """Which contact has which tag, by pairs of their ids. Contacts are found once for all their tags."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pairs: Pairs = account.pairs()
        self._last: tuple[int, Row | None] = (-1, None)

    def keys(self) -> Sequence[int]:
        """Return the pairs in ascending order."""
        return self._pairs.keys()

    def record(self, key: int) -> Row:
        """Return contact, tag and time of a pair, and a function that returns the contact."""
        contact, tag = unpair(key)
        if contact not in self._account.contacts or tag not in self._account.taggings.tag_ids(contact):
            raise KeyError(key)
        return {**self._pairs.row(key), "contact": partial(self._contact, contact)}

    def _contact(self, contact: int) -> Row | None:
        if contact != self._last[0]:
            self._last = (contact, contact_of(self._account, contact))
        return self._last[1]

    def stamp(self) -> tuple[object, ...]:
        return self._pairs.stamp()

    def moment(self, key: int, path: str) -> int | None:
        return self._pairs.moment(key, path)


_NOT_JOINED = {"AccountId", "Language", "LeadSourceId", "Password", "TimeZone", "Username", "Validated"}
_AS_TEXT = {"Birthday", "LastUpdated", "LastUpdatedBy"}
"""Columns of contacts that this table declares as texts."""


def _joined(cell: Cell) -> Cell:
    """Return a column of contacts as this table has it."""

    def read(account: Account, row: Row) -> Value:
        contact: Row | None = row["contact"]()
        return None if contact is None else cell.read(account, contact)

    def as_text(account: Account, row: Row) -> Value:
        value: datetime | Any = read(account, row)
        return value if value is None else f"{value:%Y-%m-%d %H:%M:%S}" if cell.type != "Id" else str(value)

    is_text = cell.name in _AS_TEXT
    kind: ColumnType = "String" if is_text else cell.type
    return Cell(f"Contact.{cell.name}", kind, as_text if is_text else read)


_ASSIGNED = table(
    "ContactGroupAssign",
    _Assigned,
    *(_joined(one) for one in CONTACT_CELLS if one.name not in _NOT_JOINED),
    *(time(f"Contact.CustomDate{place}") for place in range(1, 6)),
    *(number(f"Contact.CustomDbl{place}") for place in range(1, 6)),
    *(text(f"Contact.CustomField{place}") for place in range(1, 11)),
    text("Contact.HTMLSignature"),
    text("Contact.Signature"),
    text("ContactGroup", name_of("tags", "tag_id")),
    ident("ContactId", "contact_id"),
    time("DateCreated", "applied_at"),
    ident("GroupId", "tag_id"),
    id_column="",
    needs=(*CONTACT_NEEDS, "tags"),
)

TABLES = (_TAG, _CATEGORY, _ASSIGNED)
