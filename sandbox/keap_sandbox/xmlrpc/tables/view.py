"""What a data table of the XML-RPC API is, for the modules in this package that declare them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from keap_sandbox.account import Account

__all__ = ["Column", "ColumnType", "LegacyRow", "LegacyRows", "TableView", "Value", "no_custom_columns"]

ColumnType = Literal[
    "Id", "Integer", "Long", "Double", "Date", "DateTime", "String", "Enum", "Boolean", "Blob"
]
"""The type names of the vendor's file of fields."""

Value = str | int | float | bool | bytes | datetime | None
"""Times are naive, in Eastern time, as on the wire; a Date is at midnight. None is null."""

LegacyRow = dict[str, Value]
"""A row by field names. A field that is missing or None is null, and left out of answers."""


@dataclass(frozen=True)
class Column:
    """A field of a table.

    Attributes:
        name: Its name; case matters.
        type: Its type in the vendor's file of fields.
        access: What the API may do with it: letters of ``EDAR`` for edit, delete, add and read.
        inferred: It is known from later programs only, and some accounts lack it (the switch
            `legacy_fields`).
        retired: It is known from the vendor's file of 2010 only: the sandbox has no such field.
    """

    name: str
    type: ColumnType
    access: str = "R"
    inferred: bool = False
    retired: bool = False


class LegacyRows(ABC):
    """The rows of a table in one account, built when they are asked for.

    A walk by id through 50,000 contacts reads `keys`, cuts out a thousand of them, and builds just those.
    Conditions on other columns, and orders by them, call `value` for every key that is left, once for each
    stamp: the keys that a query finds are kept until the stamp changes.
    """

    @abstractmethod
    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order, without building rows.

        The key is the value of the view's `id_column`. A table without one, as ContactGroupAssign, uses
        whatever numbers identify its rows.
        """

    @abstractmethod
    def row(self, key: int) -> LegacyRow:
        """Return the row of a key, custom fields included; the caller does not change it.

        Raises:
            KeyError: There is none.
        """

    @abstractmethod
    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the rows do, as that of `tables.Table`."""

    def part(self, key: int, fields: Collection[str]) -> LegacyRow:
        """Return some fields of the row of a key, without those that are null.

        Override it for tables whose rows take longer than a few of their fields.

        Raises:
            KeyError: There is none.
        """
        row = self.row(key)
        return {field: value for field in fields if (value := row.get(field)) is not None}

    def value(self, key: int, field: str) -> Value:
        """Return one value of a row. Override it for columns that are known without building the row."""
        return self.row(key).get(field)


def no_custom_columns(_: Account) -> Sequence[Column]:
    """Return nothing, as for a table that has no custom fields."""
    return ()


@dataclass(frozen=True)
class TableView:
    """A table.

    Attributes:
        name: Its name, such as ``ContactGroupAssign``; case matters.
        columns: Its fields but the custom ones, retired and unreadable ones included.
        rows: Returns its rows in an account. It is called for every request, so it has to be cheap; what it
            returns may be kept between calls.
        id_column: The column that holds the key of a row, such as ``Id``; empty if no column does.
        form: `FormId` of its custom fields in DataFormField; None if it has none.
        custom: Returns its custom fields in an account, named with the underscore: ``_Shoesize``.
        access: What the API may do with its rows: letters of ``EDAR``.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Account], LegacyRows]
    id_column: str = "Id"
    form: int | None = None
    custom: Callable[[Account], Sequence[Column]] = no_custom_columns
    access: str = "R"
