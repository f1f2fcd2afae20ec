"""Custom fields, which the table `DataFormField` describes.

In every call the name of a custom field is ``_`` and its name in that table. How its values look on the wire
follows from its data type; only the numbers of the types are documented, so other values are taken as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.table_streams import table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.xmlrpc.tables import Table

PREFIX = "_"
"""How the names of custom fields begin in calls."""

_KINDS: Mapping[int, str] = {
    3: "numbers",  # currency
    4: "numbers",  # percent
    6: "integers",  # yes or no
    7: "integers",  # year
    11: "numbers",  # decimal number
    12: "integers",  # whole number
    13: "days",
    14: "times",
    22: "integers",  # user
}
"""`DataFormField.DataType` -> attribute of `Table` that lists such fields; texts if it is not here."""


@dataclass(frozen=True, slots=True)
class Custom:
    """The custom fields of one form.

    Attributes:
        kinds: Name as in calls -> attribute of `Table` that lists fields of its type.
        labels: Name as in calls -> what it is called in Keap.
        ids: Name as in calls -> its id.
    """

    kinds: Mapping[str, str]
    labels: Mapping[str, str]
    ids: Mapping[str, str]


def custom_fields(account: Account, form: int) -> Custom:
    """Return the custom fields of a form. Takes one call a run, for all forms.

    Args:
        account: The account.
        form: The form, `DataFormField.FormId`.

    Raises:
        KeapError: The table cannot be read.
    """
    columns = frozenset({"Id", "FormId", "Name", "Label", "DataType"})
    kinds, labels, ids = dict[str, str](), dict[str, str](), dict[str, str]()
    for row in account.rows(table_stream(TABLES["DataFormField"]), columns):
        if str(row.get("FormId")) == str(form) and row.get("Name"):
            name = f"{PREFIX}{row['Name']}"
            data_type = str(row.get("DataType") or "")
            kinds[name] = _KINDS.get(int(data_type), "texts") if data_type.isdigit() else "texts"
            labels[name] = str(row.get("Label") or row["Name"])
            ids[name] = str(row.get("Id"))
    return Custom(kinds, labels, ids)


def with_custom_fields(table: Table, account: Account) -> Table:
    """Return a table with the account's custom fields among its fields.

    Raises:
        KeapError: They cannot be read.
    """
    if table.form is None:
        return table
    custom = custom_fields(account, table.form)
    return replace(table, custom=custom.kinds, labels=custom.labels)
