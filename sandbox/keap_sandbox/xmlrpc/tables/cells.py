"""The language in which the tables are declared: a cell is a column, and where its value comes from.

Rows are not stored. A cell reads its value from the record that REST shows, each time it is asked for. So
what is written, deleted or planted there shows here too, with the same ids, amounts and moments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from keap_sandbox.tables import Row, dig
from keap_sandbox.timestamps import parse_moment
from keap_sandbox.xmlrpc.eastern import eastern
from keap_sandbox.xmlrpc.tables.view import Column, ColumnType, Value

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = [
    "ADD_EDIT", "ALL", "Cell", "Read", "blob", "cell", "codes", "convert", "day", "enum", "ident", "long",
    "number", "plain", "retired", "text", "time", "time_of", "truth", "utc_day",
    "whole", "words",
]  # fmt: skip

ALL = "EDAR"
ADD_EDIT = "EAR"

Read = Callable[["Account", Row], object]
"""Finds a value in a record; it is then converted to the type of the column."""


@dataclass(frozen=True)
class Cell:
    """A column of a table, and how its values are read.

    Attributes:
        name: The name of the column.
        type: Its type in the vendor's file of fields.
        read: Returns its value in the row of a record.
        access: What the API may do with it; empty for what it may do with the table.
        inferred: See `Column`.
        retired: See `Column`.
        path: The field of the record, if that is all there is to it.
    """

    name: str
    type: ColumnType
    read: Callable[[Account, Row], Value]
    access: str = ""
    inferred: bool = False
    retired: bool = False
    path: str = ""

    def column(self, access: str) -> Column:
        """Return the column.

        Args:
            access: What the API may do with the table.
        """
        return Column(self.name, self.type, self.access or access, self.inferred, self.retired)


def _text(value: object) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or None
    return str(int(value)) if isinstance(value, bool) else str(value)


def _whole(value: object) -> Value:
    if isinstance(value, int):
        return int(value)
    try:
        return int(value) if isinstance(value, str | float) else None
    except (ValueError, OverflowError):
        return None


def _number(value: object) -> Value:
    if isinstance(value, dict):
        cents = value.get("amount")
        return cents / 100 if isinstance(cents, int | float) else None
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=65_536)
def _moment(text: str) -> datetime | None:
    moment = parse_moment(text)
    if moment is not None:
        return eastern(moment)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0)
    except ValueError:
        return None


def time_of(value: object) -> datetime | None:
    """Read a time of a record.

    Args:
        value: A date-time with a zone, which is converted; a date-time without one, which is Eastern; or a
            date, which is midnight and not shifted.

    Returns:
        The naive Eastern time, or None if the value is no such time.
    """
    return _moment(value) if isinstance(value, str) else None


def _day(value: object) -> Value:
    moment = time_of(value)
    return moment and moment.replace(hour=0, minute=0, second=0)


_CONVERT: dict[ColumnType, Callable[[object], Value]] = {
    "Id": _whole,
    "Integer": _whole,
    "Long": _whole,
    "Double": _number,
    "Date": _day,
    "DateTime": time_of,
    "String": _text,
    "Enum": _text,
    "Boolean": lambda value: value if isinstance(value, bool) else None,
    "Blob": lambda value: value if isinstance(value, bytes) else None,
}


def convert(kind: ColumnType, value: object) -> Value:
    """Return a value of a record as a column has it; None for one that it cannot hold.

    Args:
        kind: The type of the column. A Double is in dollars, whether the record has an amount in cents with
            its currency or a plain number. A Date of a moment is its day in Eastern time.
        value: The value.
    """
    return _CONVERT[kind](value)


def _reader(source: str | Read) -> Read:
    if not isinstance(source, str):
        return source
    if not source:
        return lambda _, __: None
    if "." in source:
        return lambda _, row: dig(row, source)
    return lambda _, row: row.get(source)


def cell(
    kind: ColumnType,
    name: str,
    source: str | Read = "",
    access: str = "",
    *,
    inferred: bool = False,
    retired: bool = False,
) -> Cell:
    """Declare a column.

    Args:
        kind: Its type in the vendor's file of fields.
        name: Its name.
        source: The field of the record with its value, as a dotted path; or a function of the account and
            the record. Empty if there is nothing to show, so that it is always null.
        access: What the API may do with it: letters of ``EDAR``; by default what it may do with the table.
        inferred: It is known from later programs only.
        retired: It is known from the vendor's file of 2010 only.
    """
    find, to_type = _reader(source), _CONVERT[kind]
    return Cell(
        name,
        kind,
        lambda account, row: to_type(find(account, row)),
        access,
        inferred,
        retired,
        source if isinstance(source, str) else "",
    )


ident = partial(cell, "Id")
whole = partial(cell, "Integer")
long = partial(cell, "Long")
number = partial(cell, "Double")
day = partial(cell, "Date")
time = partial(cell, "DateTime")
text = partial(cell, "String")
enum = partial(cell, "Enum")
truth = partial(cell, "Boolean")
blob = partial(cell, "Blob")


def retired(kind: ColumnType, *names: str, access: str = "") -> tuple[Cell, ...]:
    """Declare columns that the vendor's file of 2010 has and later ones lack."""
    return tuple(cell(kind, name, access=access, retired=True) for name in names)


def codes(path: str, **values: str | int) -> Read:
    """Read a word that the XML-RPC API writes as a code; another word is null.

    Args:
        path: The field of the record.
        **values: The code of each word.
    """
    find = _reader(path)
    return lambda account, row: values.get(str(find(account, row)))


def words(path: str) -> Read:
    """Read a constant of REST, such as ``MANUAL_PAID``, as words: ``Manual Paid``."""
    find = _reader(path)

    def read(account: Account, row: Row) -> object:
        value = find(account, row)
        return value.replace("_", " ").title() if isinstance(value, str) else value

    return read


def utc_day(path: str) -> Read:
    """Read a day that REST writes as midnight UTC: it is the same day here."""
    find = _reader(path)

    def read(account: Account, row: Row) -> object:
        value = find(account, row)
        return value[: len("2026-01-20")] if isinstance(value, str) else value

    return read


def plain(path: str) -> Read:
    """Read an amount that REST writes as a plain number, in the unit of the switch `plain_amounts`."""
    find = _reader(path)

    def read(account: Account, row: Row) -> object:
        value = find(account, row)
        if account.switches.plain_amounts == "minor" and isinstance(value, int | float):
            return value / 100
        return value

    return read
