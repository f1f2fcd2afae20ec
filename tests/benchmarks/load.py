"""b: the wall time of a first load, relative to what latency and limits allow.

Each page of 1,000 contacts takes 300 ms. With a cap of 25 calls a second and so many calls at a time no load
can be faster than ``max(pages / 25, pages * 0.3 / at a time) + 0.3`` seconds; with the usual number, 8, it is
the cap that counts.

The 240 calls a minute of a personal access token are 4 a second in the long run, and the limit is ``pages / 4
+ 0.3``, which is the pace that the tap is set to. Keap would take the first 240 calls of a load as fast as 10
a second, and so these 200 pages in 20 seconds; the tap spends no minute in advance, for others may use the
key. A load of 1,000 pages has to keep to a minute too, a tenth of which is left to others:
tests/client/test_rate_limit.py computes that one.
"""

from __future__ import annotations

import math
from pathlib import Path

from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import check
from tests.benchmarks.server import serving
from tests.benchmarks.tap import AT_ONCE, HAS_CONCURRENCY, Tap

CONTACTS = 200_000
LATENCY = 0.3
CAP = 25
KEY_CAP = 4
MOST, MOST_KEY = 1.25, 1.1
SLACK = 2
"""Calls that may come together late in one second."""


def run(table: Table, folder: Path, count: int = CONTACTS) -> None:
    """Measure the load with each cap."""
    pages = math.ceil(count / 1000)
    for at_once in (AT_ONCE, 16) if HAS_CONCURRENCY else (AT_ONCE,):
        limit = max(pages / CAP, pages * LATENCY / at_once) + LATENCY
        what = f"first load, {CAP} calls a second, {at_once} at a time / limit of {limit:.1f} s"
        _load(table, folder / f"{at_once}", count, what, limit, MOST, at_once, requests_per_second=CAP)
    if not HAS_CONCURRENCY:
        table.skip("16 calls at a time", "the tap has no setting concurrency")
    limit = pages / KEY_CAP + LATENCY
    what = f"first load, 240 calls a minute / limit of {limit:.1f} s"
    _load(
        table,
        folder / "key",
        count,
        what,
        limit,
        MOST_KEY,
        AT_ONCE,
        requests_per_second=KEY_CAP,
        requests_per_minute=240,
    )


def _load(
    table: Table,
    folder: Path,
    count: int,
    what: str,
    limit: float,
    most: float,
    at_once: int,
    **settings: int,
) -> None:
    folder.mkdir(parents=True)
    options = ["--delay", str(LATENCY), *(["--key"] if "requests_per_minute" in settings else [])]
    with serving(count) as server:
        tap = Tap(folder, server.url, at_once, **settings)
        tap.discover("contacts")
    # A server of its own: calls of the discovery would count in the same minute, as if another tap used the
    # key.
    with serving(count, *options) as server:
        tap = Tap(folder, server.url, at_once, **settings)
        usage = tap.run()
        check(usage.records, count, "tap-infusionsoft")
        stats = server.check()
    if stats["busiest"] > CAP + SLACK:
        raise NotMeasuredError(f"{stats['busiest']} calls came in one second, and {CAP} are allowed")
    note = (
        f"{usage.wall:.1f} s, {stats['pages']} pages asked for, at most {stats['busiest']} calls in a second"
    )
    table.add("b", what, "ratio", usage.wall / limit, most=most, note=note)
