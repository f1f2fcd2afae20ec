"""Custom fields as columns: in calls, their names begin with an underscore.

How they look on the wire is a guess: whole numbers, numbers, days and times as such, everything else as text;
several choices in one text, separated by commas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.tables.cells import ADD_EDIT, convert
from keap_sandbox.xmlrpc.tables.view import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.xmlrpc.tables.view import ColumnType, LegacyRow

__all__ = ["DATA_TYPES", "FORMS", "CustomValues", "custom_columns"]

FORMS = {
    "contacts": -1,
    "affiliates": -3,
    "opportunities": -4,
    "notes": -5,
    "companies": -6,
    "orders": -9,
    "subscriptions": -10,
}
"""Kind of record -> `FormId` of its custom fields. Notes, tasks and appointments share theirs."""

DATA_TYPES = {
    "PHONE_NUMBER": 1,
    "SOCIAL_SECURITY_NUMBER": 2,
    "CURRENCY": 3,
    "PERCENT": 4,
    "STATE": 5,
    "YES_NO": 6,
    "YEAR": 7,
    "MONTH": 8,
    "DAY_OF_WEEK": 9,
    "NAME": 10,
    "DECIMAL_NUMBER": 11,
    "WHOLE_NUMBER": 12,
    "DATE": 13,
    "DATE_TIME": 14,
    "TEXT": 15,
    "TEXT_AREA": 16,
    "LIST_BOX": 17,
    "WEBSITE": 18,
    "EMAIL": 19,
    "RADIO": 20,
    "DROPDOWN": 21,
    "USER": 22,
    "DRILLDOWN": 23,
    "USER_LIST_BOX": 25,
}
"""Type of a custom field at REST -> `DataFormField.DataType`."""

_TYPES: dict[str, ColumnType] = {
    **dict.fromkeys(("YES_NO", "YEAR", "WHOLE_NUMBER", "USER"), "Integer"),
    **dict.fromkeys(("CURRENCY", "PERCENT", "DECIMAL_NUMBER"), "Double"),
    "DATE": "Date",
    "DATE_TIME": "DateTime",
}


def _described(account: Account, record: str) -> list[tuple[str, str, ColumnType]]:
    """Return id, name and type of every custom field."""
    return [
        (str(field["id"]), str(field["field_name"]), _TYPES.get(str(field["field_type"]), "String"))
        for field in account.custom_fields[record]
    ]


def custom_columns(record: str) -> Callable[[Account], Sequence[Column]]:
    """Return a function that returns the custom fields of a kind of record in an account."""
    return lambda account: [Column(name, kind, ADD_EDIT) for _, name, kind in _described(account, record)]


class CustomValues:
    """Reads the custom fields of the records of one kind."""

    def __init__(self, account: Account, record: str) -> None:
        self._fields = {key: (name, kind) for key, name, kind in _described(account, record)}
        self.names = {name for name, _ in self._fields.values()}

    def of(self, record: Row) -> LegacyRow:
        """Return those of a record that have a value, by name."""
        found: LegacyRow = {}
        contents = record.get("custom_fields")
        for entry in contents if isinstance(contents, list) else ():
            known = self._fields.get(str(entry.get("id"))) if isinstance(entry, dict) else None
            if known is not None:
                value = convert(known[1], entry.get("content"))
                if value is not None:
                    found[known[0]] = value
        return found
