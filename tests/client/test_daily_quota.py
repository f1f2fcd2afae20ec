"""Our share of the day's calls: counted per day and credential, and saved between runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tap_infusionsoft.client.daily_quota import KEY_CALLS, OAUTH_CALLS, Budget, Share
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.rate_limit import Quota
from tests.client.test_rate_limit import FULL
from tests.virtual import VirtualClock

NOON = str(int(VirtualClock().epoch()))


def spend(budget: Budget, calls: int) -> int:
    """Send this many calls at most, and return how many the budget allowed."""
    for sent in range(calls):
        if budget.refusal() is not None:
            return sent
        budget.count()
        budget.note(None)
    return calls


def noted(budget: Budget, **headers: str) -> Budget:
    """Return the budget after a call whose answer has these headers."""
    budget.count()
    given = {f"x-keap-product-quota-{name}": value for name, value in headers.items()}
    budget.note(Quota.read(FULL | given, VirtualClock().now()))
    return budget


@pytest.mark.parametrize(("documented", "calls"), [(KEY_CALLS, 15_000), (OAUTH_CALLS, 75_000)])
def test_the_documented_limit_applies_until_a_header_names_one(documented: int, calls: int) -> None:
    assert spend(Budget(Share(0.5, documented), VirtualClock()), 99_999) == calls


@pytest.mark.parametrize(
    ("limit", "most", "calls"),
    [
        ("100", None, 50),
        ("100", 30, 30),
        ("100", 300, 50),
        ("0", None, 15_000),
        ("", None, 15_000),
        ("400000", None, 125_000),
    ],
)
def test_the_headers_correct_the_limit_and_the_share_caps_it(
    limit: str, most: int | None, calls: int
) -> None:
    budget = noted(Budget(Share(0.5, KEY_CALLS, most), VirtualClock()), limit=limit)
    assert spend(budget, 999_999) + 1 == calls


def test_the_limit_is_saved_for_the_next_run_and_the_next_day() -> None:
    kept: dict[str, Any] = {}
    clock = VirtualClock()
    noted(Budget(Share(0.5, KEY_CALLS), clock, "key", kept), limit="20")
    assert kept == {"key": {"day": "2026-11-20", "used": 1, "limit": 20, "minutes": {NOON: 1}}}
    assert spend(Budget(Share(0.5, KEY_CALLS), clock, "key", kept), 99) == 9
    clock.pass_time(86_400)
    assert spend(Budget(Share(0.5, KEY_CALLS), clock, "key", kept), 99) == 10


def test_used_calls_are_saved_for_the_next_run_of_the_day() -> None:
    kept: dict[str, Any] = {}
    clock = VirtualClock()
    share = Share(0.5, 20)
    assert spend(Budget(share, clock, "key-1", kept), 7) == 7
    assert kept == {"key-1": {"day": "2026-11-20", "used": 7, "minutes": {NOON: 7}}}
    assert spend(Budget(share, clock, "key-1", kept), 7) == 3
    assert spend(Budget(share, clock, "key-2", kept), 7) == 7, "another key has its own limits"
    clock.pass_time(12 * 3600)
    assert spend(Budget(share, clock, "key-1", kept), 99) == 10
    assert kept["key-1"].items() >= {"day": "2026-11-21", "used": 10}.items(), "yesterday is forgotten"


def test_a_run_across_midnight_continues_with_the_new_day() -> None:
    clock = VirtualClock("2026-11-20T23:59:00Z")
    budget = Budget(Share(1, 5), clock)
    assert spend(budget, 9) == 5
    clock.pass_time(60)
    assert budget.refusal() is None
    assert spend(budget, 9) == 5


def test_days_are_counted_in_utc() -> None:
    kept: dict[str, Any] = {}
    clock = VirtualClock("2026-11-20T23:30:00-05:00")
    Budget(Share(1, 5), clock, "key", kept).count()
    assert kept["key"]["day"] == "2026-11-21"


def test_a_spent_day_names_its_reset_and_ends_then() -> None:
    clock = VirtualClock()
    budget = Budget(Share(1, 5), clock)
    budget.count()
    spent = FULL | {"x-keap-tenant-throttle-available": "9999|0"}
    budget.note(Quota.read(spent, clock.now()))
    fault = budget.refusal()
    assert fault is not None
    assert fault.kind is Kind.DAY_QUOTA
    assert fault.resets_at == datetime(2026, 11, 21, tzinfo=UTC)
    clock.pass_time(12 * 3600)
    assert budget.refusal() is None


def test_calls_in_flight_count_as_used() -> None:
    clock = VirtualClock()
    budget = Budget(Share(1, 100), clock)
    first, second = (FULL | {"x-keap-tenant-throttle-available": f"9999|{left}"} for left in (3, 2))
    for _ in range(3):
        budget.count()
    budget.note(Quota.read(second, clock.now()))
    fault = budget.refusal()
    assert fault is not None, "two are left, and two are under way"
    assert fault.kind is Kind.DAY_QUOTA
    budget.note(Quota.read(first, clock.now()))  # is older, and comes later
    budget.note(None)
    assert budget.refusal() is None
    budget.count()
    assert budget.refusal() is None
    budget.count()
    assert budget.refusal() is not None


def test_a_share_used_up_on_the_second_day_names_the_second_reset() -> None:
    clock = VirtualClock()
    budget = Budget(Share(0.5, KEY_CALLS), clock)
    noted(budget, limit="10")
    clock.pass_time(86_400)
    assert spend(budget, 9) == 5
    fault = budget.refusal()
    assert fault is not None
    assert fault.resets_at == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("most", "left", "calls", "kind"),
    [
        (None, None, 50, Kind.DAY_SHARE),
        (70, None, 50, Kind.DAY_SHARE),
        (50, None, 50, Kind.DAY_MOST),
        (30, 31, 30, Kind.DAY_MOST),
        (30, 29, 29, Kind.DAY_QUOTA),
    ],
)
def test_a_run_that_does_not_know_of_this_one_has_its_calls_too(
    most: int | None, left: int | None, calls: int, kind: Kind
) -> None:
    budget = Budget(Share(0.5, 100, most), VirtualClock(), per_run=20)
    spend(budget, 11)
    if left is not None:
        noted(budget, limit="100", available=str(left))
    assert budget.next_run == (calls, kind)
