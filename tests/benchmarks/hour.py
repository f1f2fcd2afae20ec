"""h: calls of an hourly schedule, with all streams that are selected by default.

An account is loaded, and then read every hour for a day; a few rows change in between. The figures are the
calls of the run that follows the first load within the hour, and the most and the mean of the others.
"""

from __future__ import annotations

from pathlib import Path
from statistics import mean

from tests.benchmarks import builds, week
from tests.benchmarks.builds import EARLIER, NOW
from tests.benchmarks.figures import Table
from tests.benchmarks.week import Race, Schedule

CONTACTS, CHANGED = 10_000, 20
"""Contacts of the account, and rows that change every hour."""
HOUR = 3600
HOURS = 24
GOAL = 60
"""Most calls of a second run within the hour."""


def run(table: Table, _: Path, contacts: int = CONTACTS, hours: int = HOURS) -> None:
    """Measure the runs.

    Args:
        table: Where the figures go.
        contacts: Number of contacts in the account.
        hours: Number of runs after the first load.
    """
    with week.open_account(contacts) as account:
        race = Race(account, builds.compared(table))
        race.follow(Schedule(1, HOUR, CHANGED))
        others = race.go_on(Schedule(hours - 1, HOUR, CHANGED))
    (second,) = race.calls[NOW].counts
    theirs = race.calls.get(EARLIER)
    note = "" if theirs is None else f"{theirs.shown} at {EARLIER}"
    what = f"{contacts:,} contacts, {CHANGED} changes an hour"
    table.add("h", f"second run within the hour, {what}", "calls", second, goal=GOAL, note=note)
    counts = [second, *others.counts]
    table.add("h", f"the most of {hours} hourly runs, {what}", "calls", max(counts), note=f"runs: {counts}")
    table.add("h", f"mean of {hours} hourly runs, {what}", "calls", mean(counts))
