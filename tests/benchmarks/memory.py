"""d: the tap's peak memory for accounts of different sizes; it must not grow with the account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Table
from tests.benchmarks.runs import check
from tests.benchmarks.server import serving
from tests.benchmarks.tap import Tap

CONTACTS = (10_000, 100_000)
LARGE = 1_000_000
"""Only measured with `--large`, because it takes a while."""
GROWTH_GOAL = 1.2
PEAK_GOAL = 100.0
"""MB."""


def run(table: Table, folder: Path, sizes: Sequence[int] = CONTACTS) -> None:
    """Measure a first load of each account.

    Args:
        table: Where the figures go.
        folder: Where the files go.
        sizes: Number of contacts of each account.
    """
    peaks = {}
    for size in sizes:
        own = folder / str(size)
        own.mkdir()
        with serving(size) as server:
            tap = Tap(own, server.url)
            tap.discover("contacts")
            usage = tap.run()
            check(usage.records, size, "tap-infusionsoft")
            server.check()
        peaks[size] = usage.peak
        table.add("d", f"peak at {size:,} contacts", "MB", usage.peak / 1e6, goal=PEAK_GOAL)
    growth = max(peaks.values()) / peaks[sizes[0]]
    table.add("d", f"largest peak / peak at {sizes[0]:,} contacts", "ratio", growth, goal=GROWTH_GOAL)


def run_large(table: Table, folder: Path) -> None:
    """Measure a very large account as well."""
    run(table, folder, (*CONTACTS, LARGE))
