"""c: calls of a nightly run with 500 changes in an account of 100,000 contacts, relative to the minimum.

The account is the sandbox, the tap runs in this process on a virtual clock, and the calls are counted in the
sandbox's log. The minimum that Keap's API allows is computed from the streams' declarations and the number of
rows that arrived. `python -m tests.benchmarks.night` prints both by path. `make test` only uses a small
account: see tests/test_night.py.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keap_sandbox import Sandbox
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.custom_field_models import CUSTOM_FIELDS, RECORDS
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Timed
from tap_infusionsoft.tap import TapInfusionsoft
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.virtual import VirtualClock

KEY = "KeapAK-benchmark"
SWITCHES = {"limits": "off", "quota_headers": "blank"}
CHANGES = {
    "contacts": 0.6,
    "orders": 0.12,
    "notes": 0.12,
    "tasks": 0.08,
    "companies": 0.04,
    "opportunities": 0.04,
}
"""Share of the changes that each stream gets."""
DEFAULT_STREAMS = [collection for collection in COLLECTIONS.values() if collection.selected_by_default]


@dataclass
class Output(io.StringIO):
    """Replaces stdout, and keeps only the last state and the number of records.

    Attributes:
        state: The last state.
        records: Number of records by stream.
    """

    state: dict[str, Any] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.startswith('{"type":"STATE"'):
                self.state = json.loads(line)["value"]
            elif line.startswith('{"type":"RECORD"'):
                found = re.match(r'\{"type":"RECORD","stream":"(\w+)"', line)
                assert found is not None
                self.records[found[1]] += 1
        return len(text)


@dataclass(frozen=True)
class PathCalls:
    """The calls of one path.

    Attributes:
        path: The path as it is declared, with placeholders for ids.
        streams: Streams that are read from it.
        has_children: Whether all its ids are read as well, because other streams need them.
        calls: Number of calls.
        minimum: Number of calls that would have been enough.
    """

    path: str
    streams: tuple[str, ...]
    has_children: bool
    calls: int
    minimum: int


def measure_night(contacts: int, changes: int) -> list[PathCalls]:
    """Load all default streams of an account, change rows, and count the calls of a run a day later.

    Args:
        contacts: Number of contacts in the account.
        changes: Number of rows to change, over all streams.

    Raises:
        NotMeasuredError: The second run did not read all changes.
    """
    clock = VirtualClock()
    with Sandbox(seed=1, contacts=contacts, api_key=KEY, clock=clock.epoch, switches=SWITCHES) as box:
        catalog, first = _run(box, clock, {}, None)
        clock.pass_time(86_400)
        for stream, share in CHANGES.items():
            for row in box.records(stream)[: round(changes * share)]:
                box.plant(stream, upsert=[{"id": row["id"]}], touch=True)
        clock.pass_time(3_600)
        box.clear_requests()
        _, second = _run(box, clock, first.state, catalog)
        for stream, share in CHANGES.items():
            if second.records[stream] < round(changes * share):
                raise NotMeasuredError(f"the nightly run did not read all changes of {stream}")
        paths = [call["path"].removeprefix("/crm/rest") for call in box.requests()]
        return list(_count(box, paths, second.records))


def _run(box: Sandbox, clock: VirtualClock, state: dict[str, Any], catalog: Any) -> tuple[Any, Output]:
    """Run the tap, and return its catalog and output."""
    config = {
        "api_key": KEY,
        "api_url": box.url,
        "requests_per_second": 1_000_000,
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
    }
    tap = TapInfusionsoft(config=config, state=state, catalog=catalog, clock=clock)
    output = Output()
    with contextlib.redirect_stdout(output):
        tap.sync_all()
    return tap.catalog_dict, output


def _count(box: Sandbox, called: list[str], records: Counter[str]) -> Iterator[PathCalls]:
    """Group the calls by declared path.

    Args:
        box: The account.
        called: Path of each call.
        records: Number of records of the run, by stream.
    """
    left = Counter(called)
    with_children = {name for collection in DEFAULT_STREAMS for name in sources(collection)}
    for path in sorted({collection.endpoint.path for collection in DEFAULT_STREAMS}):
        streams = [collection for collection in DEFAULT_STREAMS if collection.endpoint.path == path]
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(path)))
        calls = 0
        for one in [one for one in left if pattern.fullmatch(one)]:
            calls += left.pop(one)
        parents = [collection for collection in streams if collection.name in with_children]
        # A parent that is read in full provides the ids at no extra cost. Of the others only an increment is
        # read, so listing their ids takes more calls.
        ids = [
            _pages(box, one, len(box.records(one.name))) for one in parents if isinstance(one.changes, Timed)
        ]
        minimum = max(
            _pages(box, one, records[one.name])
            for one in streams
            if one.wire.unpack is None or len(streams) == 1
        )
        names = tuple(one.name for one in streams)
        yield PathCalls(path, names, bool(parents), calls, minimum + sum(ids))
    assert not left, f"no stream should make these calls: {left}"


def _pages(box: Sandbox, collection: Collection, rows: int) -> int:
    """Return the minimum of calls for a number of rows: at least one for each parent or batch of ids."""
    walks = len(collection.values) or 1
    if collection.endpoint.path == CUSTOM_FIELDS.endpoint.path:
        walks = len(RECORDS)
    if collection.parents is not None:
        walks = sum(map(collection.parents.leads_on, box.records(collection.parents.stream)))
    if collection.batches is not None:
        walks = math.ceil(len(box.records(collection.batches.stream)) / collection.batches.size)
    size = collection.endpoint.page_size if collection.endpoint.paging in {"token", "offset"} else sys.maxsize
    return max(walks, math.ceil(rows / size))


def markdown_table(found: list[PathCalls]) -> str:
    """Return the calls as a Markdown table, with one row for all paths that took a single call."""
    rows = ["| Streams | Calls | Least possible |", "|---|---:|---:|"]
    once = [one for one in found if one.calls == one.minimum == 1]
    for one in sorted(found, key=lambda one: -one.calls):
        if one in once:
            continue
        names = ", ".join(f"`{name}`" for name in one.streams) + (
            ", plus all ids for other streams" if one.has_children else ""
        )
        rows.append(f"| {names} | {one.calls} | {one.minimum} |")
    streams = sum(len(one.streams) for one in once)
    rows.append(
        f"| the other {streams} streams, one call for each of {len(once)} paths | {len(once)} | {len(once)} |"
    )
    calls, minimum = sum(one.calls for one in found), sum(one.minimum for one in found)
    rows.append(f"| all | {calls} | {minimum} |")
    return "\n".join(rows)


def run(figures: Table, _: Path, contacts: int = 100_000, changes: int = 500) -> None:
    """Measure the nightly run.

    Args:
        figures: Where the figure goes.
        contacts: Number of contacts in the account.
        changes: Number of rows that change.
    """
    found = measure_night(contacts, changes)
    calls, minimum = sum(one.calls for one in found), sum(one.minimum for one in found)
    excess = [
        f"{' and '.join(one.streams)} {one.calls} instead of {one.minimum}"
        for one in found
        if one.calls > one.minimum
    ]
    note = f"{calls} calls, minimum {minimum}; above the minimum: {', '.join(excess) or 'none'}"
    what = f"calls of a nightly run, {changes} changes in an account of {contacts:,} contacts / minimum"
    figures.add("c", what, "ratio", calls / minimum, goal=1.0, note=note)


def main() -> None:
    """Measure a nightly run, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=500)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    found = measure_night(options.contacts, options.changes)
    print(markdown_table(found))  # noqa: T201  # the program's output


if __name__ == "__main__":
    main()
