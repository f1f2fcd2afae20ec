"""What a first load is said to take for a number of rows, against what the walks take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tap_infusionsoft.check.tried import distinct
from tap_infusionsoft.check.walk_costs import calls_for
from tap_infusionsoft.reading.requests import ReadPlan
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run


@pytest.mark.parametrize("refresh", ["rolling", "full"])
@pytest.mark.parametrize("stream", ["contacts", "appointments", "tags"])  # by id, by time, by page token
@pytest.mark.parametrize("rows", [0, 1, 999, 1_000, 1_001, 2_345])
def test_calls_for_rows(run: Run, stream: str, rows: int, refresh: str) -> None:
    collection = COLLECTIONS[stream]
    assert collection.changes.key is not None
    times = ("created_time", collection.wire.name(collection.changes.key))
    first = datetime(2026, 1, 1, tzinfo=UTC)
    made = [
        {
            "id": str(number + 1),
            "contact_id": "1",
            **dict.fromkeys(times, f"{first + timedelta(minutes=number):%Y-%m-%dT%H:%M:%S.000Z}"),
        }
        for number in range(rows)
    ]
    run.box.plant(stream, delete=[str(row["id"]) for row in run.box.records(stream)])
    run.box.plant(stream, upsert=made)
    catalog = run.catalog(stream)
    run.box.clear_requests()
    run(catalog=catalog, refresh=refresh)
    path = f"/crm/rest{collection.endpoint.path}"
    calls = [one for one in run.box.requests() if one["path"] == path]
    assert calls_for(rows, ReadPlan(collection), is_once=refresh == "rolling") == len(calls)


def test_values_that_are_named_again_and_again_are_few() -> None:
    assert distinct(40, 1_000, 10_000) == pytest.approx(40, rel=0.01)


def test_values_of_which_each_is_named_once_are_as_many_as_all_mentions() -> None:
    assert distinct(1_000, 1_000, 10_000) == 10_000


def test_values_that_come_twice_now_and_then_are_between() -> None:
    assert distinct(787, 1_000, 7_200) == pytest.approx(1_945, rel=0.02)  # 787 of 2,000 in 1,000 mentions


def test_all_mentions_tell_exactly() -> None:
    assert distinct(3, 7, 7) == 3
    assert distinct(0, 0, 0) == 0
