"""c: calls of a first load and of a week of nights, 100,000 contacts and 500 changes a day, beside 063e309.

The tap and the earlier build read the same account, one after the other, at the same time of a virtual
clock, with all streams that each selects by default. The calls are counted in the sandbox's log. A night's
calls without its share of sweeping are those of the same run with a `sweep_interval_days` so long that
nothing is due. The tap then goes on alone for two weeks: one like the first, and one in which 1 % of the
tag applications are removed as well.

`python -m tests.benchmarks.week` prints the calls by path; `--contacts 10000` takes a look in a minute.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.benchmarks import accounts, builds
from tests.benchmarks.builds import EARLIER, NOW, Account, Build, Copy, Cost
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.virtual import VirtualClock
from tools.bench import calls_table

DAY = 86_400
CONTACTS, CHANGED, NIGHTS = 100_000, 500, 7
CHANGES = {
    "contacts": 0.6,
    "orders": 0.12,
    "notes": 0.12,
    "tasks": 0.08,
    "companies": 0.04,
    "opportunities": 0.04,
}
"""Share of the changes that each stream gets."""
REMOVED = 0.01
"""Share of the tag applications that are removed in the third week."""
NEVER = 36_500
"""Days between sweeps, so that none is due."""
UNSWEPT_GOAL = 150
"""Most calls of a night without its share of sweeping."""


@dataclass(frozen=True)
class Goals:
    """Largest ratios to the earlier build that are acceptable; None if there is no goal.

    Attributes:
        first: Of the calls of the first load.
        week: Of the calls of all nights.
        worst: Of the calls of the night that has the most.
    """

    first: float | None = None
    week: float | None = None
    worst: float | None = None


GOALS = Goals(first=0.65, week=0.5, worst=0.3)


@dataclass(frozen=True)
class Schedule:
    """What happens in an account after its first load, and when it is read.

    Attributes:
        runs: Number of runs.
        every: Seconds from one run to the next.
        changed: Number of rows that change before each run.
        also: Makes further changes before a run, given its number from 0.
        has_unswept: Whether to count what each run of this build would have cost if nothing were swept.
        saves_time: Whether to run the earlier build only the first and the last time, and to take the runs
            between them to cost as much as the first: it reads the same in each, as c shows.
    """

    runs: int = NIGHTS
    every: float = DAY
    changed: int = CHANGED
    also: Callable[[int], None] | None = None
    has_unswept: bool = False
    saves_time: bool = False


@dataclass
class Calls:
    """What it cost a build to copy an account and to keep the copy up to date.

    Attributes:
        first: The first load.
        runs: The runs after it.
        unswept: Calls of each of these runs if nothing were swept; empty if that was not asked for.
    """

    first: Cost
    runs: list[Cost] = field(default_factory=list)
    unswept: list[int] = field(default_factory=list)

    @property
    def counts(self) -> list[int]:
        """Calls of each run after the first load."""
        return [one.total for one in self.runs]

    @property
    def shown(self) -> str:
        """The same as text."""
        return ", ".join(f"{count:,}" for count in self.counts)

    @property
    def by_path(self) -> Counter[str]:
        """Calls of all runs after the first load, by path."""
        calls: Counter[str] = Counter()
        for one in self.runs:
            calls.update(one.calls)
        return calls


@contextmanager
def open_account(contacts: int, prepare: Callable[[Sandbox], None] | None = None) -> Iterator[Account]:
    """Open an account of the sandbox.

    Args:
        contacts: Number of contacts.
        prepare: Makes of the sample account the one to measure.
    """
    clock = VirtualClock()
    with Sandbox(
        seed=1, contacts=contacts, api_key=builds.KEY, clock=clock.epoch, switches=builds.SWITCHES
    ) as box:
        if prepare is not None:
            prepare(box)
        yield Account(box, clock)


class Race:
    """Several builds that copy the same account.

    Attributes:
        calls: Name of a build -> what it cost.
    """

    def __init__(self, account: Account, compared: Sequence[Build]) -> None:
        """Let each build load the account.

        Raises:
            NotMeasuredError: One failed, or they do not read the same rows.
        """
        self._account = account
        self._copies = {build.name: Copy(build, account) for build in compared}
        self._rng = random.Random(1)
        self.calls = {name: Calls(copy.run()) for name, copy in self._copies.items()}
        _check_rows({name: calls.first for name, calls in self.calls.items()})

    def follow(self, schedule: Schedule) -> None:
        """Change rows, and let each build bring its copy up to date, as often as a schedule says.

        Raises:
            NotMeasuredError: A run failed, or did not read all changes.
        """
        box, clock = self._account.box, self._account.clock
        ids = {stream: box.records(stream, ids_only=True) for stream in CHANGES}
        for number in range(schedule.runs):
            clock.pass_time(schedule.every / 2)
            changed = {
                stream: self._rng.sample(ids[stream], min(round(schedule.changed * share), len(ids[stream])))
                for stream, share in CHANGES.items()
            }
            for stream, some in changed.items():
                box.plant(stream, upsert=[{"id": one} for one in some], touch=True)
            if schedule.also is not None:
                schedule.also(number)
            clock.pass_time(schedule.every / 2)
            is_between = 0 < number < schedule.runs - 1
            for name, copy in self._copies.items():
                if schedule.saves_time and is_between and name == EARLIER:
                    self.calls[name].runs.append(self.calls[name].runs[0])
                    continue
                if schedule.has_unswept and name == NOW:
                    self.calls[name].unswept.append(copy.try_run(sweep_interval_days=NEVER).total)
                cost = copy.run()
                for stream, some in changed.items():
                    if cost.records[stream] < len(some):
                        raise NotMeasuredError(
                            f"{name}, run {number + 1}: not all changes of {stream} were read"
                        )
                self.calls[name].runs.append(cost)

    def go_on(self, schedule: Schedule) -> Calls:
        """Let only this build go on, and return what these runs cost. See `follow`."""
        self._copies = {NOW: self._copies[NOW]}
        before = self.calls[NOW]
        self.calls[NOW] = Calls(before.first)
        self.follow(schedule)
        after, self.calls[NOW] = self.calls[NOW], before
        return after


def _check_rows(costs: Mapping[str, Cost]) -> None:
    """Check that first loads read as many rows of each stream as each other."""
    base, *others = costs.items()
    for name, cost in others:
        for stream in sorted(cost.records.keys() & base[1].records.keys()):
            found, other = base[1].records[stream], cost.records[stream]
            if found != other:
                raise NotMeasuredError(f"{base[0]} read {found:,} rows of {stream}, and {name} {other:,}")


def _removing_tags(box: Sandbox, nights: int) -> Callable[[int], None]:
    """Return a function that removes a night's part of `REMOVED` of the tag applications."""
    keys = ("contact_id", "tag_id")
    pairs = [{name: row[name] for name in keys} for row in box.records("contact_tags")]
    gone = random.Random(2).sample(pairs, round(len(pairs) * REMOVED))

    def remove(night: int) -> None:
        box.plant("contact_tags", delete=gone[night::nights])

    return remove


def add(table: Table, bench: str, account: str, found: Mapping[str, Calls], goals: Goals) -> None:
    """Add the figures of a week, and its calls by path.

    Args:
        table: Where they go.
        bench: Letter of the benchmark.
        account: What account it is.
        found: Name of a build -> what it cost.
        goals: Largest ratios that are acceptable.
    """
    ours, theirs = found[NOW], found.get(EARLIER)

    def one(what: str, count: Callable[[Calls], int], goal: float | None, note: str = "") -> None:
        if theirs is None:
            table.add(bench, f"{what}, {account}", "calls", count(ours), note=note.removeprefix("; "))
            return
        note = f"{count(ours):,} calls, {count(theirs):,} at {EARLIER}{note}"
        ratio = count(ours) / count(theirs)
        table.add(bench, f"{what} / {EARLIER}, {account}, calls", "ratio", ratio, goal=goal, note=note)

    nights = f"; nights: {ours.shown}" + (f"; at {EARLIER}: {theirs.shown}" if theirs is not None else "")
    one("first load", lambda calls: calls.first.total, goals.first)
    one("week", lambda calls: sum(calls.counts), goals.week, nights)
    one("worst night", lambda calls: max(calls.counts), goals.worst)
    selected = [one for one in COLLECTIONS.values() if one.selected_by_default]
    paths = {path for calls in found.values() for path in (*calls.first.calls, *calls.by_path)}
    table.calls[bench] = [
        {
            "path": path,
            "streams": [one.name for one in selected if one.endpoint.path == path],
            "calls": {name: [calls.first.calls[path], calls.by_path[path]] for name, calls in found.items()},
        }
        for path in sorted(paths)
    ]


def run(table: Table, _: Path, contacts: int = CONTACTS, changed: int = CHANGED) -> None:
    """Measure a first load, a week, and two further weeks of this build.

    Args:
        table: Where the figures go.
        contacts: Number of contacts in the account.
        changed: Number of rows that change every day.
    """
    schedule = Schedule(changed=changed, has_unswept=True)
    with open_account(contacts) as account:
        race = Race(account, builds.compared(table))
        race.follow(schedule)
        later = {"second week": race.go_on(Schedule(changed=changed))}
        also = _removing_tags(account.box, NIGHTS)
        later[f"third week, in which {REMOVED:.0%} of the tag applications are removed"] = race.go_on(
            Schedule(changed=changed, also=also)
        )
    what = f"{contacts:,} contacts, {changed:,} changes a day"
    add(table, "c", what, race.calls, GOALS)
    unswept = race.calls[NOW].unswept
    table.add(
        "c",
        f"night without its share of sweeping, {what}",
        "calls",
        max(unswept),
        goal=UNSWEPT_GOAL,
        note=f"the most of {', '.join(map(str, unswept))}; with sweep_interval_days {NEVER:,}",
    )
    for name, calls in later.items():
        table.add("c", f"{name}, {what}", "calls", sum(calls.counts), note=f"nights: {calls.shown}")


def main(argv: Sequence[str] | None = None) -> None:
    """Measure a week, and print the calls by path."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--changes", type=int, default=CHANGED, help="rows that change every day")
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--agency", action="store_true", help="the account of c2")
    parser.add_argument("--fast", action="store_true", help="only two nights of the earlier build")
    parser.add_argument("--alone", action="store_true", help="without the earlier build")
    parser.add_argument("--refresh", choices=("rolling", "full"), default="rolling")
    options = parser.parse_args(argv)
    table = Table()
    compared = builds.compared(table, refresh=options.refresh)[: 1 if options.alone else None]
    schedule = Schedule(options.nights, changed=options.changes, has_unswept=True, saves_time=options.fast)
    with open_account(options.contacts, accounts.agency if options.agency else None) as account:
        if options.agency:
            schedule = replace(schedule, also=partial(accounts.agency_night, account.box))
        race = Race(account, compared)
        race.follow(schedule)
    add(table, "c2" if options.agency else "c", f"{options.contacts:,} contacts", race.calls, GOALS)
    (by_path,) = table.calls.values()
    unswept = ", ".join(map(str, race.calls[NOW].unswept))
    sys.stdout.write(f"{table.text()}\n\n{calls_table(by_path)}\n\nwithout sweeping: {unswept}\n")


if __name__ == "__main__":
    main()
