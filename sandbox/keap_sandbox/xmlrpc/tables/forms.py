"""Custom fields with their groups and tabs, and saved searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.tables.cells import ident, retired, text, whole
from keap_sandbox.xmlrpc.tables.customs import DATA_TYPES, FORMS
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keap_sandbox.account import Account
    from keap_sandbox.custom_fields import CustomFields
    from keap_sandbox.tables import Row

__all__ = ["TABLES"]

_LIST_ROWS = {"TEXT_AREA": 4, "LIST_BOX": 5, "USER_LIST_BOX": 5}
"""Lines that a field shows of its value or of its choices."""


def _of_all(account: Account, part: str) -> dict[int, Row]:
    """Return a part of the custom fields of every kind of record, with their form.

    Args:
        account: The account.
        part: ``fields``, ``groups`` or ``tabs``.
    """
    found: dict[int, Row] = {}
    for record, form in FORMS.items():
        fields: CustomFields = account.custom_fields[record]
        rows: Iterable[Row] = fields if part == "fields" else getattr(fields, part)
        for row in rows:
            found.setdefault(int(row["id"]), {**row, "form": form})
    return found


def _choices(_: Account, row: Row) -> object:
    """Return the choices, each on its own line; the first line is empty."""
    options = [str(option.get("label")) for option in row.get("options") or ()]
    return "\n" + "\n".join(options) if options else None


_FIELD = table(
    "DataFormField",
    listed(lambda account: _of_all(account, "fields")),
    ident("Id", "id", "R"),
    whole("DataType", lambda _, row: DATA_TYPES.get(str(row.get("field_type"))), "R"),
    text("DefaultValue", "default_value"),
    ident("FormId", "form", "R"),
    ident("GroupId", "group_id"),
    text("Label", "label"),
    whole("ListRows", lambda _, row: _LIST_ROWS.get(str(row.get("field_type")))),
    text("Name", lambda _, row: str(row.get("field_name")).removeprefix("_")),
    *retired("Integer", "UserGroup"),
    text("Values", _choices),
    access="ER",
    needs=("custom_fields",),
)

_GROUP = table(
    "DataFormGroup",
    listed(lambda account: _of_all(account, "groups")),
    ident("Id", "id"),
    text("Name", "name"),
    ident("TabId", "tab_id"),
)

_TAB = table(
    "DataFormTab",
    listed(lambda account: _of_all(account, "tabs")),
    ident("Id", "id"),
    ident("FormId", lambda _, row: -row["form"]),
    text("TabName", "name"),
)


def _readers(account: Account, row: Row) -> object:
    """Return the ids of the users who see a saved search; those of all users if everybody does."""
    users = row.get("user_ids")
    if isinstance(users, list) and "ALL_USERS" in users:
        return [str(key) for key in account.users]
    return users


def _stored_name(account: Account, row: Row) -> object:
    """Return the kind of search, which REST does not show."""
    search = account.saved_searches.get(int(row["id"]))
    names = {name for name, _ in search.columns} if search else set()
    return "CompanySearch" if "Balance" in names else "Commissions" if "Kind" in names else "ContactSearch"


_SAVED_SEARCH = table(
    "SavedFilter",
    each("reports"),
    ident("Id", "id"),
    text("FilterName", "name"),
    text("ReportStoredName", _stored_name),
    text("UserId", _readers),
    needs=("users",),
)

TABLES = (_FIELD, _GROUP, _TAB, _SAVED_SEARCH)
