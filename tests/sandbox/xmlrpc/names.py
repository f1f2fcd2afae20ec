"""A small data table for tests, and the standard library's client."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.tables.view import Column, LegacyRow, LegacyRows, TableView


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


ROWS: dict[int, LegacyRow] = {
    1: {"Id": 1, "Name": "Müller", "Zip": "98052", "Made": moment("2016-01-20T08:15:00"), "Owner": 12},
    7: {"Id": 7, "Name": "MYLLER ", "Zip": "98052-1", "Made": moment("2016-01-20T00:00:00"), "Owner": 30},
    8: {"Id": 8, "Name": "Muller", "Zip": "012", "Made": moment("2016-01-21T00:00:00"), "Sum": 41.5},
    14: {"Id": 14, "Name": "", "Zip": "axb", "Made": moment("2017-03-08T23:59:59"), "On": True},
    15: {"Id": 15, "Zip": "a_b", "Sum": -1.0, "Owner": 12, "On": False},
    22: {"Id": 22, "Name": None, "Zip": "abc", "Owner": 123, "Sum": 41.5, "Picture": b"hello"},
}


class Names(LegacyRows):
    """Rows that a test may change."""

    def __init__(self) -> None:
        self.found = dict(ROWS)
        self.built: list[int] = []
        self.version = 0

    def keys(self) -> Sequence[int]:
        return sorted(self.found)

    def row(self, key: int) -> LegacyRow:
        self.built.append(key)
        return self.found[key]

    def stamp(self) -> tuple[object, ...]:
        return ("names", id(self), self.version)


def view(rows: Names) -> TableView:
    columns = (
        Column("Id", "Id"),
        Column("Name", "String", "EAR"),
        Column("Zip", "String"),
        Column("Made", "DateTime"),
        Column("Owner", "Id"),
        Column("Sum", "Double"),
        Column("On", "Boolean"),
        Column("Picture", "Blob"),
        Column("Number", "String", "EA"),
        Column("Later", "String", inferred=True),
        Column("Former", "String", retired=True),
    )
    return TableView("Names", columns, lambda _: rows, custom=lambda _: (Column("_Size", "String"),))


def proxy(box: Sandbox, path: str = "/crm/xmlrpc/v1", key: str = "") -> Any:
    """Return the standard library's client."""
    address = f"{box.url}{path}?access_token={key or box.api_key}"
    return xmlrpc.client.ServerProxy(address, use_builtin_types=True)
