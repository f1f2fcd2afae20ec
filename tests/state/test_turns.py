"""Turns: what is read in full in which run."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from tap_infusionsoft.state.turns import SLACK, Load, whose_turn

BEGUN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CALLS = {
    "contact_tags": 301,
    "emails": 200,
    "email_address_statuses": 118,
    "contacts": 103,
    "notes": 103,
    "payments": 75,
    "transactions": 72,
    "orders": 63,
    "tasks": 53,
    "appointments": 20,
    "stage_moves": 20,
    "payment_methods": 20,
    "subscriptions": 13,
    "referrals": 12,
    "opportunities": 10,
    "companies": 8,
}
ALL = sum(CALLS.values())


class Account:
    """Streams that were all loaded in one night, and the runs after it."""

    def __init__(self, calls: dict[str, int], interval: timedelta = WEEK) -> None:
        self.now = BEGUN
        self.loads = {name: Load(number, BEGUN, None, interval) for name, number in calls.items()}
        self.times = {name: [BEGUN] for name in calls}

    def run(self, after: timedelta) -> int:
        """Run once, and return how many calls it spends."""
        self.now += after
        found = whose_turn(self.loads, self.now)
        for name, load in self.loads.items():
            is_read = name in found
            self.loads[name] = replace(load, seen=self.now, read=self.now if is_read else load.read)
            if is_read:
                self.times[name].append(self.now)
        return sum(CALLS.get(name, self.loads[name].calls) for name in found)

    @property
    def oldest(self) -> timedelta:
        """The longest time between two reads of a stream."""
        ends = [(*times, self.now) for times in self.times.values()]
        return max(later - one for times in ends for one, later in pairwise(times))


def test_the_first_week_is_spread_over_its_nights() -> None:
    account = Account(CALLS)
    spent = [account.run(DAY) for _ in range(7)]
    assert sum(spent) == ALL
    assert max(spent) == CALLS["contact_tags"]
    assert sorted(spent)[-2] < 1.4 * ALL / 7


@pytest.mark.parametrize(("every", "runs"), [(DAY, 70), (HOUR, 24 * 70), (6 * HOUR, 280), (3 * DAY, 30)])
def test_nothing_gets_older_than_the_interval_and_nothing_is_read_much_more_often(
    every: timedelta, runs: int
) -> None:
    account = Account(CALLS)
    spent = [account.run(every) for _ in range(runs)]
    assert account.oldest <= WEEK + SLACK
    weeks = runs * every / WEEK
    assert sum(spent) <= ALL * (weeks + 1) * max(1.0, WEEK / (WEEK // every * every)) * 1.05


def test_runs_that_drift_or_are_late_keep_the_interval_as_far_as_they_can() -> None:
    rng = random.Random(1)
    account = Account(CALLS)
    for _ in range(100):
        account.run(DAY + timedelta(minutes=rng.randrange(-60, 60)))
    assert account.oldest <= WEEK + 2 * HOUR + SLACK


def test_a_night_that_was_left_out_is_made_up_for() -> None:
    account = Account(CALLS)
    for after in (DAY, DAY, 4 * DAY, DAY, DAY, DAY):
        account.run(after)
    assert account.oldest <= WEEK + SLACK


def test_what_was_just_read_is_not_read_again_within_the_hour() -> None:
    account = Account(CALLS)
    assert account.run(HOUR) == 0


def test_each_keeps_its_own_interval() -> None:
    loads = {
        "contacts": Load(100, BEGUN, BEGUN + 5 * DAY, timedelta(days=30)),
        "notes": Load(100, BEGUN, BEGUN + 5 * DAY, timedelta(days=6)),
    }
    assert whose_turn(loads, BEGUN + 6 * DAY) == {"notes"}


def test_a_read_in_the_future_never_happened() -> None:
    loads = {"contacts": Load(100, BEGUN + DAY, None, WEEK)}
    assert whose_turn(loads, BEGUN) == {"contacts"}


def test_the_largest_is_not_put_off_until_all_are_due() -> None:
    counts = Counter[int]()
    account = Account({"big": 900, **{f"small_{number}": 50 for number in range(10)}})
    for night in range(14):
        counts[night] = account.run(DAY)
    assert max(counts.values()) <= 900


def test_what_may_turn_out_not_to_be_needed_crowds_no_night() -> None:
    account = Account({"contacts": 9, "payments": 8, "notes": 9, "contact_tags": 25})
    account.loads["contact_tags"] = replace(account.loads["contact_tags"], can_wait=True)
    for _ in range(70):
        account.run(DAY)
        # Whenever contacts are read, they prove that the tags need not be.
        account.loads["contact_tags"] = replace(
            account.loads["contact_tags"], read=account.loads["contacts"].read
        )
    del account.times["contact_tags"]
    assert account.oldest <= WEEK + SLACK
    assert all(len(account.times[name]) <= 12 for name in ("contacts", "payments", "notes"))
