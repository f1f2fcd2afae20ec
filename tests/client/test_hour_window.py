"""Calls in any 60 minutes stay within Keap's guideline, over runs and beside others. Short runs are fast."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.hour_window import HourWindow, is_saved
from tap_infusionsoft.client.rate_limit import Pacer
from tests.virtual import VirtualClock

HOUR = 3600


def pacer(clock: VirtualClock, saved: dict[str, Any] | None = None, most: int = 3600) -> tuple[Pacer, Budget]:
    budget = Budget(Share(1, 1_000_000), clock, "key", {} if saved is None else saved, most)
    return Pacer(4, clock, None, budget.hour, 240), budget


def sent(
    clock: VirtualClock, calls: int, saved: dict[str, Any] | None = None, most: int = 3600
) -> list[float]:
    """Make calls as fast as they may be made, and return when they were sent."""
    pace, budget = pacer(clock, saved, most)
    moments = []
    for _ in range(calls):
        pace.wait()
        budget.count()
        moments.append(clock.epoch())
    return moments


def most_in_an_hour(moments: list[float]) -> int:
    moments = sorted(moments)
    found = start = 0
    for end, moment in enumerate(moments):
        while moments[start] <= moment - HOUR:
            start += 1
        found = max(found, end - start + 1)
    return found


def test_a_short_run_does_not_wait_for_the_hour() -> None:
    moments = sent(VirtualClock(), 230)
    assert moments[-1] - moments[0] < 65, "216 calls a minute, nine tenths of what Keap documents"


def test_a_long_run_stays_within_the_guideline_and_uses_it_up() -> None:
    moments = sent(VirtualClock(), 9000)
    assert most_in_an_hour(moments) == 3600
    assert moments[-1] - moments[0] < 9000


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 1500), st.integers(0, 2000)), min_size=2, max_size=12))
def test_runs_that_pass_on_their_state_share_the_hour(runs: list[tuple[int, int]]) -> None:
    clock, saved = VirtualClock(), dict[str, Any]()
    moments = []
    for calls, pause in runs:
        moments += sent(clock, calls, saved, most=1000)
        clock.pass_time(pause)
    assert most_in_an_hour(moments) <= 1000


def test_a_run_after_a_silent_hour_is_fast_again() -> None:
    clock, saved = VirtualClock(), dict[str, Any]()
    sent(clock, 3600, saved)
    clock.pass_time(HOUR + 60)
    moments = sent(clock, 1000, saved)
    assert moments[-1] - moments[0] < 300


def test_the_state_keeps_a_number_for_each_minute_of_the_last_hour() -> None:
    clock, saved = VirtualClock(), dict[str, Any]()
    for _ in range(30):
        sent(clock, 100, saved)
        clock.pass_time(600)
    assert len(saved["key"]["minutes"]) <= 62
    assert is_saved(saved["key"]["minutes"])


@pytest.mark.parametrize("value", [None, [], {"a": 1}, {"1": -1}, {"1": True}, {"1": "2"}, {"-5": 1}])
def test_what_no_run_has_saved_is_refused(value: object) -> None:
    assert not is_saved(value)


def test_a_state_from_the_future_blocks_for_an_hour_at_most() -> None:
    clock = VirtualClock()
    window = HourWindow(100, clock, {str(int(clock.epoch()) + 10**9): 100})
    assert 0 < window.seconds_to_wait <= HOUR + 1


class Account:
    """Counts the calls of everybody with a key, and says in headers how many are left of the day."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.moments: list[float] = []
        self.days: Counter[int] = Counter()

    def answer(self) -> dict[str, str]:
        now = self.clock.epoch()
        self.moments.append(now)
        self.days[int(now // 86_400)] += 1
        used = sum(one > now - 60 for one in self.moments[-300:])
        return {
            "x-keap-product-quota-limit": "150000",
            "x-keap-product-quota-time-unit": "day",
            "x-keap-product-quota-available": str(150_000 - self.days[int(now // 86_400)]),
            "x-keap-product-throttle-limit": "240",
            "x-keap-product-throttle-available": str(max(240 - used, 0)),
            "x-keap-product-throttle-time-unit": "minute",
        }


@pytest.mark.parametrize("taps", [1, 2, 3])
def test_the_taps_of_a_key_stay_within_the_guideline_for_a_whole_day(taps: int) -> None:
    clock = VirtualClock("2026-11-20T15:00:00Z")
    account = Account(clock)
    all_of_them = [pacer(clock) for _ in range(taps)]
    own = [0] * taps
    end = clock.epoch() + 86_400
    while clock.epoch() < end:
        due = [one.due for one, _ in all_of_them]
        who = min(range(taps), key=due.__getitem__)
        one, budget = all_of_them[who]
        at = one.wait()
        budget.count()
        own[who] += 1
        budget.note(one.note(account.answer(), at))
    assert most_in_an_hour(account.moments) <= 3600 + taps
    assert len(account.moments) > 0.85 * 86_400, "the guideline is not used"
    assert min(own) > 0.2 * max(own), "one starves the other"


def test_others_who_call_without_end_leave_a_tenth() -> None:
    clock = VirtualClock()
    window = HourWindow(3600, clock)
    calls = 0
    for second in range(2 * HOUR):
        window.note(second * 3)
        while window.seconds_to_wait == 0 and calls < 10**6:
            window.count()
            calls += 1
            if calls % 5 == 0:
                break
        clock.pass_time(1)
    assert calls >= 720


def test_the_day_that_begins_at_midnight_counts_on() -> None:
    clock = VirtualClock("2026-11-20T23:50:00Z")
    window = HourWindow(1000, clock)
    for used in (100, 400, 700, 5, 200):
        window.note(used)
        clock.pass_time(300)
    assert datetime.fromtimestamp(clock.epoch(), UTC).day == 21
    assert window.calls_left == 1000 - (600 + 5 + 195)
