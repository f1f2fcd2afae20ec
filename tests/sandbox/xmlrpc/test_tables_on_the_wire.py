"""Every table, read through DataService with all its fields, is what /sandbox/records shows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.tables.registry import TABLES
from tests.sandbox.xmlrpc.calling import Caller


@pytest.fixture(scope="module")
def call() -> Iterator[Caller]:
    with Sandbox(contacts=60, switches={"limits": "off"}) as box, closing(Caller(box)) as caller:
        yield caller


def as_read(value: Any) -> Any:
    """Return a value as the copy has it: a parser turns a line's end into a newline."""
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def rows_of(call: Caller, name: str) -> tuple[list[Any], list[Any]]:
    """Read a table by XML-RPC, and return its rows and those of the sandbox, in the same order."""
    view = TABLES[name]
    fields = [column.name for column in view.columns if "R" in column.access and not column.retired]
    fields += [column.name for column in view.custom(call.box.engine.world.account)]
    order, found, page = view.id_column or "ContactId", [], 0
    while rows := call("DataService.query", name, 100, page, {}, fields, order, True):
        found += [{field: as_read(value) for field, value in row.items()} for row in rows]
        page += 1
    truth = [
        {
            field: value.replace("\r\n", "\n") if isinstance(value, str) else value
            for field, value in row.items()
        }
        for row in call.box.records(f"xmlrpc:{name}")
    ]
    return found, truth


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"ContactGroupAssign"}))
def test_a_table_on_the_wire_is_the_table(call: Caller, name: str) -> None:
    found, truth = rows_of(call, name)
    assert truth
    assert found == truth
    assert call("DataService.count", name, {}) == len(truth)


def test_a_table_without_ids_comes_in_the_order_asked_for(call: Caller) -> None:
    found, truth = rows_of(call, "ContactGroupAssign")
    assert [row["ContactId"] for row in found] == [row["ContactId"] for row in truth]

    def pairs(rows: list[Any]) -> list[Any]:
        return sorted(rows, key=lambda row: (row["ContactId"], row["GroupId"]))

    assert pairs(found) == pairs(truth)
    tag = truth[0]["GroupId"]
    of_tag = call("DataService.query", "ContactGroupAssign", 1000, 0, {"GroupId": tag}, ["ContactId"])
    assert len(of_tag) == len([row for row in truth if row["GroupId"] == tag])
    name = next(row["Contact.LastName"] for row in truth if row.get("Contact.LastName"))
    named = call("DataService.count", "ContactGroupAssign", {"Contact.LastName": name})
    assert named == len([row for row in truth if row.get("Contact.LastName") == name]) > 0
