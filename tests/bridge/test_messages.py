"""Messages become load packages and Arrow tables, with types from the SCHEMA alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("dlt", reason="make bridge installs dlt")

from tap_infusionsoft.dlt.__main__ import main
from tap_infusionsoft.dlt.packages import Package, packages
from tap_infusionsoft.dlt.problems import BridgeError

pytestmark = pytest.mark.filterwarnings("default")

SCHEMA = {
    "type": "SCHEMA",
    "stream": "orders",
    "key_properties": ["id"],
    "schema": {
        "properties": {
            "id": {"type": "string"},
            "total": {"type": ["number", "null"]},
            "units": {"type": ["integer", "null"]},
            "day": {"type": ["string", "null"], "format": "date"},
            "made": {"type": ["string", "null"], "format": "date-time"},
            "paid": {"type": ["boolean", "null"]},
            "lines": {"type": ["array", "null"]},
            "either": {"type": ["string", "number", "null"]},
        }
    },
}
STATE = {"type": "STATE", "value": {"bookmarks": {"orders": {"n": 1}}}}


def record(version: int | None = 5, **values: Any) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "orders", "record": values, "version": version}


def taken(messages: Iterable[dict[str, Any]], most: int = 100, end: bytes = b"") -> list[Package]:
    lines = [json.dumps(one).encode() + b"\n" for one in messages]
    return [*packages([*lines, *([end] if end else [])], 7, most)]


def test_who_takes_a_package_may_empty_it() -> None:
    lines = [
        json.dumps(one).encode() + b"\n" for one in (SCHEMA, record(id="1"), record(id="2"), record(id="3"))
    ]
    counts = []
    for package in packages(lines, 0, 1):
        counts.append(package.count)
        package.rows.clear()
    assert counts == [1, 1, 1, 0]


def rows(package: Package) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = package.rows["orders"].table().to_pylist()
    return found


def test_each_type_arrives_as_the_schema_has_it_even_if_no_row_has_a_value() -> None:
    full = record(
        id="007",
        total=19.99,
        units=2**62,
        day="0001-01-01",
        made="2026-11-28T08:00:00.123Z",
        paid=False,
        lines=[{"a": 1.10}],
        either="x",
    )
    (filled,), (empty,) = (rows(*taken([SCHEMA, one])) for one in (full, record(id="")))
    assert filled["total"] == Decimal("19.99")
    assert (filled["id"], filled["units"], filled["paid"]) == ("007", 2**62, False)
    assert (filled["day"], filled["made"]) == (date(1, 1, 1), datetime(2026, 11, 28, 8, 0, 0, 123_000, UTC))
    assert (json.loads(filled["lines"]), json.loads(filled["either"])) == ([{"a": 1.1}], "x")
    assert empty["id"] == ""
    assert {name for name, value in empty.items() if value is not None} == {
        "id",
        "_sdc_sequence",
        "_sdc_table_version",
    }
    tables = [taken([SCHEMA, one])[0].rows["orders"].table().schema for one in (full, record(id=""))]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("written", "arrives"),
    [("0.1", "0.1"), ("-5e-2", "-0.05"), ("1e28", "1e28"), ("0.1234567894", "0.123456789"), ("1e29", None)],
)
def test_a_number_is_exact_or_a_warning_says_what_became_of_it(
    written: str, arrives: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    line = json.dumps(record(id="1", total="HERE")).replace('"HERE"', written).encode() + b"\n"
    with caplog.at_level(logging.WARNING):
        (package,) = packages([json.dumps(SCHEMA).encode() + b"\n", line], 0, 9)
        found = rows(package)[0]["total"]
    assert found == (None if arrives is None else Decimal(arrives))
    assert ("orders: 1 values of total" in caplog.text) is (found is None or found != Decimal(written))


def test_a_package_has_the_last_row_of_each_key_in_the_order_of_their_arrival() -> None:
    (package,) = taken([SCHEMA, record(id="1", units=1), record(id="2"), record(id="1", units=2)])
    assert [(row["id"], row["units"]) for row in rows(package)] == [("2", None), ("1", 2)]


def test_a_state_is_in_the_package_of_the_rows_before_it_or_in_a_later_one() -> None:
    ids = [record(id=str(number)) for number in range(5)]
    found = taken(
        [SCHEMA, *ids[:3], STATE, *ids[3:], {"type": "ACTIVATE_VERSION", "stream": "orders", "version": 5}], 2
    )
    assert [package.count for package in found] == [2, 2, 1]
    assert [package.state for package in found] == [None, STATE["value"], None]
    assert [package.deletions for package in found] == [{}, {}, {"orders": 5}]
    numbers = [row["_sdc_sequence"] for package in found for row in rows(package)]
    assert numbers == [*range(numbers[0], numbers[0] + 5)]


def test_a_line_that_broke_off_is_ignored() -> None:
    (package,) = taken(
        [SCHEMA, record(id="1")], end=b'{"type": "RECORD", "stream": "orders", "record": {"id": "2"'
    )
    assert package.count == 1


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (record(id=5), "orders: a record is not as its SCHEMA says"),
        ({"type": "BATCH", "stream": "orders"}, "Remove batch_config"),
        ({"no": "type"}, "no Singer message"),
        (record() | {"stream": "others"}, "others: the tap wrote a record before"),
    ],
)
def test_what_cannot_be_loaded_is_said(message: dict[str, Any], said: str) -> None:
    with pytest.raises(BridgeError, match=said):
        taken([SCHEMA, message])


@pytest.mark.parametrize(
    ("values", "said"),
    [({"made": "tomorrow"}, "made .* no timestamp"), ({"units": 2**64}, "units .* no bigint")],
)
def test_a_value_that_does_not_fit_is_said(values: dict[str, Any], said: str) -> None:
    (package,) = taken([SCHEMA, record(id="1", **values)])
    with pytest.raises(BridgeError, match=f"orders: {said}"):
        rows(package)


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_a_package_has_at_least_one_row(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--destination", "duckdb", f"--package-rows={number}"])
    assert f"'{number}' is not a whole number from 1 on" in capsys.readouterr().err
