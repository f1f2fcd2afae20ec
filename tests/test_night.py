"""A nightly run makes no more calls than Keap's API requires, and `refresh: rolling` makes fewer."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.custom_field_models import CUSTOM_FIELDS, RECORDS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Timed
from tests.benchmarks.builds import NOW, Build, Cost, declared
from tests.benchmarks.figures import Table
from tests.benchmarks.week import Calls, Goals, Race, Schedule, add, open_account

pytestmark = pytest.mark.xdist_group("nightly run")

CHANGED = 60
DEFAULT_STREAMS = [collection for collection in COLLECTIONS.values() if collection.selected_by_default]


def minimum(box: Sandbox, records: Counter[str]) -> Iterator[tuple[str, int]]:
    """Return for each path how many calls a run needs that reads everything which shows no changes.

    That is one call per page of rows that arrived, per parent or batch of ids, and per page of ids of parents
    of which only an increment is read.

    Args:
        box: The account.
        records: Number of records of the run, by stream.
    """
    with_children = {name for collection in DEFAULT_STREAMS for name in sources(collection)}
    for path in sorted({collection.endpoint.path for collection in DEFAULT_STREAMS}):
        streams = [collection for collection in DEFAULT_STREAMS if collection.endpoint.path == path]
        ids = [
            pages(box, one, len(box.records(one.name)))
            for one in streams
            if one.name in with_children and isinstance(one.changes, Timed)
        ]
        rows = [
            pages(box, one, records[one.name])
            for one in streams
            if one.wire.unpack is None or len(streams) == 1
        ]
        yield path, max(rows) + sum(ids)


def pages(box: Sandbox, collection: Collection, rows: int) -> int:
    walks = len(collection.values) or 1
    if collection.endpoint.path == CUSTOM_FIELDS.endpoint.path:
        walks = len(RECORDS)
    if collection.parents is not None:
        walks = sum(map(collection.parents.leads_on, box.records(collection.parents.stream)))
    if collection.batches is not None:
        walks = math.ceil(len(box.records(collection.batches.stream)) / collection.batches.size)
    size = collection.endpoint.page_size if collection.endpoint.paging in {"token", "offset"} else sys.maxsize
    return max(walks, math.ceil(rows / size))


def test_a_nightly_run_makes_no_unnecessary_call() -> None:
    with open_account(300) as account:
        nights = {}
        for refresh in ("full", "rolling"):
            race = Race(account, [Build(NOW, Path(sys.executable), {"refresh": refresh})])
            race.follow(Schedule(1, changed=CHANGED))
            (nights[refresh],) = race.calls[NOW].runs
        needed = dict(minimum(account.box, nights["full"].records))
    made = nights["full"].calls
    assert {path: calls for path, calls in made.items() if calls > needed.get(path, 0)} == {}
    assert nights["rolling"].total < made.total()


def test_a_week_beside_an_earlier_build_gives_ratios_and_calls_by_path() -> None:
    def calls(first: int, *nights: int) -> Calls:
        costs = [Cost(Counter({"/v2/contacts": one, "/v2/new": 1}), Counter()) for one in (first, *nights)]
        return Calls(costs[0], costs[1:])

    table = Table()
    add(table, "c", "some account", {NOW: calls(9, 2, 1), "063e309": calls(19, 5, 5)}, Goals(week=0.4))
    found = {one.what: (one.median, one.verdict) for one in table.figures}
    assert found == {
        "first load / 063e309, some account, calls": (0.5, ""),
        "week / 063e309, some account, calls": (5 / 12, "missed"),
        "worst night / 063e309, some account, calls": (0.5, ""),
    }
    assert table.calls["c"][1] == {
        "path": "/v2/new",
        "streams": [],
        "calls": {NOW: [1, 2], "063e309": [1, 2]},
    }


def test_calls_are_counted_by_the_paths_that_streams_declare() -> None:
    paths = {one.endpoint.path for one in COLLECTIONS.values()}
    assert {declared(path) for path in paths if "{" not in path} <= paths
    assert declared("/v2/affiliates/12/payments") in paths
    assert declared("/v2/emails/templates") == "/v2/emails/templates"
    assert declared("/v2/tags/91/contacts:count") == "/v2/tags/…/contacts:count"
