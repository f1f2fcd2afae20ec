"""b: the wall time of a first load, relative to the fastest that latency and rate limits allow.

Each page of 1,000 contacts takes 300 ms. With a limit of 25 calls per second and `concurrency` calls at a
time, no load can take less than `max(pages / 25, pages * 0.3 / concurrency) + 0.3` seconds. With the default
concurrency of 8, the rate limit is what counts.

A personal access token allows 240 calls per minute, which is 4 per second in the long run. This is the pace
that the tap is set to, so its minimum is `pages / 4 + 0.3` seconds. Keap would accept the first 240 calls of
a load at 10 per second, and so these 200 pages within 20 seconds. But the tap does not spend a minute's calls
in advance, because others may use the same key. A load of 1,000 pages also has to stay within each minute's
limit, a tenth of which is left to others:
tests/client/test_rate_limit.py computes that one.
"""

from __future__ import annotations

import math
from pathlib import Path

from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import check
from tests.benchmarks.server import serving
from tests.benchmarks.tap import CONCURRENCY, Tap

CONTACTS = 200_000
LATENCY = 0.3
"""Seconds until a page is answered."""
RATE_LIMIT, KEY_RATE_LIMIT = 25, 4
"""Calls per second."""
GOAL, KEY_GOAL = 1.25, 1.1
SLACK = 2
"""Calls above the limit that the server may see in one second, if earlier ones arrive late."""


def run(table: Table, folder: Path, count: int = CONTACTS) -> None:
    """Measure the load with each rate limit.

    Args:
        table: Where the figures go.
        folder: Where the files go.
        count: Number of contacts.
    """
    pages = math.ceil(count / 1000)
    for concurrency in (CONCURRENCY, 16):
        minimum = max(pages / RATE_LIMIT, pages * LATENCY / concurrency) + LATENCY
        what = (
            f"first load, {RATE_LIMIT} calls per second, {concurrency} at a time / minimum of {minimum:.1f} s"
        )
        _load(
            table,
            folder / f"{concurrency}",
            count,
            what,
            minimum,
            GOAL,
            concurrency,
            requests_per_second=RATE_LIMIT,
        )
    minimum = pages / KEY_RATE_LIMIT + LATENCY
    what = f"first load, 240 calls per minute / minimum of {minimum:.1f} s"
    _load(
        table,
        folder / "key",
        count,
        what,
        minimum,
        KEY_GOAL,
        CONCURRENCY,
        requests_per_second=KEY_RATE_LIMIT,
        requests_per_minute=240,
    )


def _load(
    table: Table,
    folder: Path,
    count: int,
    what: str,
    minimum: float,
    goal: float,
    concurrency: int,
    **settings: int,
) -> None:
    """Measure one load, and add its wall time relative to `minimum` seconds to the table.

    Raises:
        NotMeasuredError: The tap failed, read too few records, or exceeded the rate limit.
    """
    folder.mkdir(parents=True)
    options = ["--delay", str(LATENCY), *(["--key"] if "requests_per_minute" in settings else [])]
    with serving(count) as server:
        tap = Tap(folder, server.url, concurrency, **settings)
        tap.discover("contacts")
    # Discovery has a server to itself. Otherwise its calls would count toward the first minute of the load,
    # as if another tap used the same key.
    with serving(count, *options) as server:
        tap = Tap(folder, server.url, concurrency, **settings)
        usage = tap.run()
        check(usage.records, count, "tap-infusionsoft")
        stats = server.check()
    if stats["busiest"] > RATE_LIMIT + SLACK:
        raise NotMeasuredError(
            f"{stats['busiest']} calls arrived in one second, but only {RATE_LIMIT} are allowed"
        )
    busiest = f"at most {stats['busiest']} calls in one second"
    note = f"{usage.wall:.1f} s, {stats['pages']} pages requested, {busiest}"
    table.add("b", what, "ratio", usage.wall / minimum, goal=goal, note=note)
