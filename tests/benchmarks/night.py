"""c: the calls of a night in which 500 rows of an account of 100,000 contacts changed, relative to the fewest possible.

The account is the sandbox, the tap runs in this process on a clock that waits for nobody, and the calls are
counted in the sandbox's log, by address. Beside them stands the least that Keap's API allows, worked out from
what is declared and from the rows that arrived. ``python -m tests.benchmarks.night`` prints them by address.
No part of `make test` for an account of this size; tests/test_night.py takes a small one.
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
"""Share of the changes that each stream has."""
DEFAULT = [collection for collection in COLLECTIONS.values() if collection.selected_by_default]


@dataclass
class Output(io.StringIO):
    """Stands for stdout: keeps the last STATE, and counts the records."""

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
class Night:
    """The calls to one address.

    Attributes:
        address: As it is declared, with names for ids.
        streams: Those that are read from it.
        parents: Whether its ids are read for other streams besides.
        calls: How many there were.
        least: How few it could have been.
    """

    address: str
    streams: tuple[str, ...]
    parents: bool
    calls: int
    least: int


def night(contacts: int, changes: int) -> list[Night]:
    """Load an account with all default streams, change rows, run again a day later, and look at the calls of that."""
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
                raise NotMeasuredError(f"the night did not bring what had changed of {stream}")
        paths = [call["path"].removeprefix("/crm/rest") for call in box.requests()]
        return list(_addresses(box, paths, second.records))


def _run(box: Sandbox, clock: VirtualClock, state: dict[str, Any], catalog: Any) -> tuple[Any, Output]:
    config = {
        "api_key": KEY,
        "api_url": box.url,
        "requests_per_second": 1_000_000,
        "requests_per_minute": 1_000_000,
    }
    tap = TapInfusionsoft(config=config, state=state, catalog=catalog, clock=clock)
    output = Output()
    with contextlib.redirect_stdout(output):
        tap.sync_all()
    return tap.catalog_dict, output


def _addresses(box: Sandbox, paths: list[str], records: Counter[str]) -> Iterator[Night]:
    left = Counter(paths)
    taken = {name for collection in DEFAULT for name in sources(collection)}
    for address in sorted({collection.endpoint.path for collection in DEFAULT}):
        streams = [collection for collection in DEFAULT if collection.endpoint.path == address]
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(address)))
        calls = 0
        for path in [path for path in left if pattern.fullmatch(path)]:
            calls += left.pop(path)
        parents = [collection for collection in streams if collection.name in taken]
        # Whoever is read whole knows the ids as well; of the others an increment is read, and all ids.
        ids = [
            _pages(box, one, len(box.records(one.name))) for one in parents if isinstance(one.changes, Timed)
        ]
        least = max(
            _pages(box, one, records[one.name])
            for one in streams
            if one.wire.unpack is None or len(streams) == 1
        )
        names = tuple(one.name for one in streams)
        yield Night(address, names, bool(parents), calls, least + sum(ids))
    assert not left, f"nobody should ask for {left}"


def _pages(box: Sandbox, collection: Collection, rows: int) -> int:
    """Calls for so many rows: at least one for each parent, or for each batch of ids."""
    walks = len(collection.values) or 1
    if collection.endpoint.path == CUSTOM_FIELDS.endpoint.path:
        walks = len(RECORDS)
    if collection.parents is not None:
        walks = len(box.records(collection.parents.stream))
    if collection.batches is not None:
        walks = math.ceil(len(box.records(collection.batches.stream)) / collection.batches.size)
    size = collection.endpoint.page_size if collection.endpoint.paging in {"token", "offset"} else sys.maxsize
    return max(walks, math.ceil(rows / size))


def table(found: list[Night]) -> str:
    """The calls as Markdown; addresses that cost one call are in one row."""
    rows = ["| Streams | Calls | Least possible |", "|---|---:|---:|"]
    once = [one for one in found if one.calls == one.least == 1]
    for one in sorted(found, key=lambda one: -one.calls):
        if one in once:
            continue
        names = ", ".join(f"`{name}`" for name in one.streams) + (
            ", and all ids for others" if one.parents else ""
        )
        rows.append(f"| {names} | {one.calls} | {one.least} |")
    streams = sum(len(one.streams) for one in once)
    rows.append(
        f"| the other {streams}, from {len(once)} addresses with a call each | {len(once)} | {len(once)} |"
    )
    calls, least = sum(one.calls for one in found), sum(one.least for one in found)
    rows.append(f"| all | {calls} | {least} |")
    return "\n".join(rows)


def run(figures: Table, _: Path, contacts: int = 100_000, changes: int = 500) -> None:
    """Measure the night."""
    found = night(contacts, changes)
    calls, least = sum(one.calls for one in found), sum(one.least for one in found)
    more = [
        f"{' and '.join(one.streams)} {one.calls} for {one.least}" for one in found if one.calls > one.least
    ]
    note = f"{calls} calls for {least}; more than the fewest: {', '.join(more) or 'none'}"
    what = f"calls of a night, {changes} changes in an account of {contacts:,} contacts / fewest"
    figures.add("c", what, "ratio", calls / least, most=1.0, note=note)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=500)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    print(table(night(options.contacts, options.changes)))  # noqa: T201  # what the program is for


if __name__ == "__main__":
    main()
