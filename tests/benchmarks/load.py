"""b: the wall time of a first load, relative to the fastest that latency and rate limits allow.

Each page of 1,000 contacts takes 300 ms. With a limit of 25 calls per second and `concurrency` calls at a
time, no load can take less than `max(pages / 25, pages * 0.3 / concurrency) + 0.3` seconds. With the default
concurrency of 8, the rate limit is what counts. The earlier commit makes the same loads.

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

from tests.benchmarks.builds import EARLIER, VENVS
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import Usage, check
from tests.benchmarks.server import serving
from tests.benchmarks.tap import CONCURRENCY, PROGRAM, Tap

CONTACTS = 200_000
LATENCY = 0.3
"""Seconds until a page is answered."""
RATE_LIMIT, KEY_RATE_LIMIT = 25, 4
"""Calls per second."""
GOAL, KEY_GOAL = 1.25, 1.02
GOAL_EARLIER = 0.75
"""Largest ratio to the time of the earlier commit, with 25 calls per second, that is acceptable."""
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
        limit = f"first load, {RATE_LIMIT} calls per second, {concurrency} at a time"
        what = f"{limit} / minimum of {minimum:.1f} s"
        settings = {"requests_per_second": RATE_LIMIT}
        usage, note = _load(folder / f"{concurrency}", count, concurrency, PROGRAM, settings)
        table.add("b", what, "ratio", usage.wall / minimum, goal=GOAL, note=note)
        if (earlier := VENVS["earlier"] / "bin" / PROGRAM.name).exists():
            theirs, note = _load(folder / f"{concurrency}-earlier", count, concurrency, earlier, settings)
            ratio = usage.wall / theirs.wall
            table.add("b", f"{limit} / {EARLIER}", "ratio", ratio, goal=GOAL_EARLIER, note=note)
        else:
            table.skip(f"{limit} / {EARLIER}", "not installed; make bench installs it")
    minimum = pages / KEY_RATE_LIMIT + LATENCY
    what = f"first load, 240 calls per minute / minimum of {minimum:.1f} s"
    settings = {"requests_per_second": KEY_RATE_LIMIT, "requests_per_minute": 240}
    usage, note = _load(folder / "key", count, CONCURRENCY, PROGRAM, settings)
    table.add("b", what, "ratio", usage.wall / minimum, goal=KEY_GOAL, note=note)


def _load(
    folder: Path, count: int, concurrency: int, program: Path, settings: dict[str, int]
) -> tuple[Usage, str]:
    """Measure one load.

    Args:
        folder: Where the files go.
        count: Number of contacts.
        concurrency: Calls at a time.
        program: The tap, of this commit or an earlier one.
        settings: Its other settings.

    Returns:
        What it took, and a note.

    Raises:
        NotMeasuredError: The tap failed, read too few records, or exceeded the rate limit.
    """
    folder.mkdir(parents=True)
    options = ["--delay", str(LATENCY), *(["--key"] if "requests_per_minute" in settings else [])]
    with serving(count) as server:
        tap = Tap(folder, server.url, concurrency, **settings)
        tap.program = program
        tap.discover("contacts")
    # Discovery has a server to itself. Otherwise its calls would count toward the first minute of the load,
    # as if another tap used the same key.
    with serving(count, *options) as server:
        tap = Tap(folder, server.url, concurrency, **settings)
        tap.program = program
        usage = tap.run()
        check(usage.records, count, program.name)
        stats = server.check()
    if stats["busiest"] > RATE_LIMIT + SLACK:
        raise NotMeasuredError(
            f"{stats['busiest']} calls arrived in one second, but only {RATE_LIMIT} are allowed"
        )
    busiest = f"at most {stats['busiest']} calls in one second"
    return usage, f"{usage.wall:.1f} s, {stats['pages']} pages requested, {busiest}"
