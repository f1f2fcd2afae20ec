"""How a report is declared: its method, what it is read for, and the members of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Choice, PerBatch, PerParent
    from tap_infusionsoft.streams.columns import Schema

Rows = Callable[[dict[str, Any]], Iterable[dict[str, Any]]]
PREFIX = "legacy_"


class Dates(Enum):
    """Which dates a method takes."""

    NONE = auto()
    PERIOD = auto()
    """Those of start_date and end_date, for sums."""
    MONTHS = auto()
    """A month in each call, to go by the times of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of the classic connector.

    The arguments of its method are the id that it is read for, the dates, and the fields, as far as it takes
    them. All members that an answer may have are columns; those that no source knows are in one more.

    Attributes:
        title: What the classic connector calls it.
        method: The method.
        about: What its rows are, for the catalog.
        slices: What it is read for, a call each.
        chosen: The setting that names what it is read for, if it cannot be read for everything.
        dates: Which dates the method takes.
        tables: Tables whose fields are members of the answer, with the account's custom fields.
        takes_fields: Whether the method takes a list of fields.
        columns: The other members, and what the tap adds, such as the id that the answer leaves out.
        key: Columns that identify a row.
        row_key: Columns that the key is made from, if rows have none.
        time: Column with the time of a row, if it is read by months.
        rows: Makes rows of the answer, if they are not plain.
        is_plain: Whether the answer has no members with their own names, only values.
        secrets: Members with credentials, which are left out unless the user names them.
        is_file: Whether the answer is the content of a file.
        own_name: Name of the stream without its prefix, if it is not that of the title.
    """

    title: str
    method: str
    about: str
    slices: PerParent | PerBatch | None = None
    chosen: Choice | None = None
    dates: Dates = Dates.NONE
    tables: tuple[str, ...] = ()
    takes_fields: bool = False
    columns: Mapping[str, Schema] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    row_key: tuple[str, ...] = ()
    time: str = ""
    rows: Rows | None = None
    is_plain: bool = False
    secrets: tuple[str, ...] = ()
    is_file: bool = False
    own_name: str = ""

    @property
    def name(self) -> str:
        """Name of the stream without its prefix: ``affiliate_commissions`` for `Affiliate - Commissions`."""
        return self.own_name or name_of(self.title)

    @property
    def stream(self) -> str:
        """Name of the stream."""
        return f"{PREFIX}{self.name}"

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that are its parameters."""
        of_rows = (self.slices.setting if self.slices else None, self.chosen.setting if self.chosen else None)
        dates = () if self.dates is Dates.NONE else ("start_date", "end_date")
        return (*filter(None, of_rows), *dates)

    @property
    def needs(self) -> str:
        """The setting without which there is nothing to ask for; empty if it can be read for everything."""
        return self.chosen.setting if self.chosen else ""


@dataclass(frozen=True, slots=True)
class OwnSetting:
    """A report whose parameters are a setting of its own, which makes its streams.

    Attributes:
        title: What the classic connector calls it.
        method: The method.
        about: What its rows are.
        setting: The setting.
        stream: Name of the stream, if there is one for all entries of the setting.
    """

    title: str
    method: str
    about: str
    setting: str
    stream: str = ""

    @property
    def name(self) -> str:
        """What `legacy_reports` calls it."""
        return name_of(self.title)


def name_of(title: str) -> str:
    """Name of a report in snake case: ``discount_orders_discount`` for `Discount - Order's Discount`."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower().replace("'", "")).strip("_")
