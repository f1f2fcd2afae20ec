"""`make world` notices whatever a target can do to a copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from world.cells import Kind
from world.compare import Comparison, Shape, compare
from world.truth import Truth

Rows = list[dict[str, Any]]
Warehouse = dict[str, Rows]

SCHEMA = {
    "properties": {
        "id": {"type": "string"},
        "name": {"type": ["string", "null"]},
        "paid": {"type": ["number", "null"]},
        "visits": {"type": ["integer", "null"]},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "born": {"type": ["string", "null"], "format": "date"},
        "vip": {"type": ["boolean", "null"]},
        "tags": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        "total": {
            "type": ["object", "null"],
            "properties": {"amount": {"type": ["integer", "null"]}, "decimal": {"type": ["number", "null"]}},
        },
    }
}
RECORDS: Rows = [
    {
        "id": f"00{number}",
        "name": ("Zoë\n“quoted”", "", None, "007")[number % 4],
        "paid": (12.34, -0.01, 12345678901234.56, None)[number % 4],
        "visits": number,
        "at": f"2026-03-08T0{number}:30:00.250Z",
        "born": "1980-02-29",
        "vip": number % 2 == 0,
        "tags": ["a", None, "ü"],
        "total": {"amount": 1234, "decimal": 12.34},
    }
    for number in range(8)
]
STREAMS = ("contacts", "orders")


def messages(stream: str, records: Iterable[dict[str, Any]], version: int) -> Iterable[str]:
    schema = {"type": "SCHEMA", "stream": stream, "schema": SCHEMA, "key_properties": ["id"]}
    yield json.dumps(schema)
    for record in records:
        yield json.dumps({"type": "RECORD", "stream": stream, "record": record, "version": version})
    yield json.dumps({"type": "ACTIVATE_VERSION", "stream": stream, "version": version})
    yield json.dumps({"type": "STATE", "value": {"version": version}})


@pytest.fixture
def truth() -> Truth:
    """Two loads: the second changes a row and deletes the last one."""
    truth = Truth()
    for stream in STREAMS:
        truth.take(messages(stream, RECORDS, 1))
        truth.take(messages(stream, [{**RECORDS[0], "visits": 99}, *RECORDS[1:-1]], 2))
    return truth


def stored(truth: Truth) -> Warehouse:
    """Return what a good warehouse holds."""
    return {name: [dict(row) for row in table.rows.values()] for name, table in truth.tables.items()}


def found(truth: Truth, warehouse: Warehouse, shape: Shape | None = None) -> dict[str, int]:
    return compare(truth.tables, warehouse, shape or Shape()).counts


def test_a_good_copy_has_no_differences_and_every_cell_is_compared(truth: Truth) -> None:
    comparison = compare(truth.tables, stored(truth), Shape())
    assert comparison == Comparison(rows=14, cells=14 * 9, deleted=2)


def test_values_may_be_written_in_other_ways(truth: Truth) -> None:
    warehouse = stored(truth)
    for row in warehouse["orders"]:
        row["at"] = row["at"].replace("Z", "")
        row["paid"] = None if row["paid"] is None else float(row["paid"])
        row["vip"] = int(row["vip"])
        row["tags"] = json.dumps(row["tags"])
        row["total"] = json.dumps(row["total"], default=float)
        row["ID"] = row.pop("id")
        row["_sdc_batched_at"] = "2026-01-01"
    assert found(truth, warehouse) == {}


def cut_number(row: dict[str, Any]) -> None:
    row["paid"] = round(row["paid"], 1)


PLANTED: list[tuple[Kind, Callable[[Rows], object]]] = [
    (Kind.INSTANT_SHIFTED, lambda rows: rows[1].update(at="2026-03-08T02:30:00.250Z")),
    (Kind.INSTANT_SHIFTED, lambda rows: rows[1].update(at="2026-03-08T01:30:00.250-05:00")),
    (Kind.INSTANT_SHIFTED, lambda rows: rows[1].update(at="2026-03-08T01:30:00Z")),
    (Kind.FIRST_ROW_MISSING, lambda rows: rows.pop(0)),
    (Kind.ROW_MISSING, lambda rows: rows.pop(3)),
    (Kind.ROW_DOUBLED, lambda rows: rows.append(rows[2])),
    (Kind.ROW_UNKNOWN, lambda rows: rows.append({**rows[2], "id": "new"})),
    (Kind.DELETION_MISSED, lambda rows: rows.append({**RECORDS[-1]})),
    (Kind.TEXT_EMPTIED, lambda rows: rows[0].update(name="")),
    (Kind.TEXT_EMPTIED, lambda rows: rows[0].update(name=None)),
    (Kind.NULL_FOR_EMPTY, lambda rows: rows[1].update(name=None)),
    (Kind.EMPTY_FOR_NULL, lambda rows: rows[2].update(name="")),
    (Kind.VALUE_INVENTED, lambda rows: rows[2].update(name="None")),
    (Kind.TEXT_CUT, lambda rows: rows[0].update(name="Zoë")),
    (Kind.TEXT_CHANGED, lambda rows: rows[0].update(name="Zoë\\n“quoted”")),
    (Kind.TEXT_CHANGED, lambda rows: rows[0].update(name="Zo?\n“quoted”")),
    (Kind.ZEROS_LOST, lambda rows: rows[3].update(name=7)),
    (Kind.NUMBER_CHANGED, lambda rows: cut_number(rows[0])),
    (Kind.NUMBER_CHANGED, lambda rows: rows[2].update(paid=Decimal(12345678901234))),
    (Kind.NUMBER_CHANGED, lambda rows: rows[1].update(paid=0.01)),
    (Kind.NUMBER_CHANGED, lambda rows: rows[0].update(visits=98)),
    (Kind.VALUE_LOST, lambda rows: rows[0].update(paid=None)),
    (Kind.DATE_CHANGED, lambda rows: rows[0].update(born="1980-02-28")),
    (Kind.FLAG_CHANGED, lambda rows: rows[1].update(vip=True)),
    (Kind.JSON_UNUSABLE, lambda rows: rows[0].update(tags="['a', None, 'ü']")),
    (Kind.JSON_UNUSABLE, lambda rows: rows[0].update(tags=json.dumps(json.dumps(["a", None, "ü"])))),
    (Kind.JSON_CHANGED, lambda rows: rows[0].update(tags=["a", "ü"])),
    (Kind.JSON_CHANGED, lambda rows: rows[0].update(total={"amount": 1234, "decimal": 12.3})),
    (Kind.COLUMN_MISSING, lambda rows: [row.pop("born") for row in rows]),
]


@pytest.mark.parametrize(("kind", "plant"), PLANTED)
def test_a_planted_difference_is_found(truth: Truth, kind: Kind, plant: Callable[[Rows], object]) -> None:
    warehouse = stored(truth)
    plant(warehouse["orders"])
    assert found(truth, warehouse)[kind] == 1


def test_a_missing_table_is_all_of_its_rows(truth: Truth) -> None:
    warehouse = stored(truth)
    del warehouse["orders"]
    assert found(truth, warehouse) == {Kind.TABLE_MISSING: 1, Kind.ROW_MISSING: 7}


def test_marked_rows_count_as_deleted(truth: Truth) -> None:
    shape = Shape(deleted="_sdc_deleted_at")
    warehouse = stored(truth)
    for rows in warehouse.values():
        rows.append({**RECORDS[-1], "_sdc_deleted_at": "2026-03-09T00:00:00Z"})
    assert found(truth, warehouse, shape) == {}
    warehouse["orders"][3]["_sdc_deleted_at"] = "2026-03-09T00:00:00Z"
    warehouse["contacts"][-1]["_sdc_deleted_at"] = None
    assert found(truth, warehouse, shape) == {Kind.LIVE_ROW_DELETED: 1, Kind.DELETION_MISSED: 1}


def test_a_log_has_every_record_as_often_as_it_came(truth: Truth) -> None:
    shape = Shape(is_log=True)
    warehouse = {name: [dict(row) for row in table.log] for name, table in truth.tables.items()}
    comparison = compare(truth.tables, warehouse, shape)
    assert (comparison.rows, comparison.counts) == (30, {})
    del warehouse["orders"][2]
    assert found(truth, warehouse, shape)[Kind.ROW_MISSING] == 1


def test_objects_can_be_columns_and_csv_has_no_null(truth: Truth) -> None:
    warehouse = stored(truth)
    for rows in warehouse.values():
        for row in rows:
            row |= {f"total__{name}": value for name, value in row.pop("total").items()}
            row["tags"] = json.dumps(row["tags"])
            row |= {name: "" if value is None else str(value) for name, value in row.items()}
    shape = Shape(separator="__", has_null=False)
    assert found(truth, warehouse, shape) == {}
    warehouse["orders"][0]["total__decimal"] = "12.3"
    warehouse["orders"][0]["name"] = ""
    assert found(truth, warehouse, shape) == {Kind.NUMBER_CHANGED: 1, Kind.TEXT_EMPTIED: 1}
