"""The pace: even, and below the limits in the headers, in whatever form they come."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_infusionsoft.client.deadlines import Deadline
from tap_infusionsoft.client.rate_limit import Pacer, Quota
from tests.virtual import VirtualClock

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)

FULL = {
    "x-keap-product-spike-limit": "10ps",
    "x-keap-product-throttle-limit": "240",
    "x-keap-product-throttle-time-unit": "minute",
    "x-keap-product-throttle-available": "239",
    "x-keap-product-quota-limit": "30000",
    "x-keap-product-quota-time-unit": "day",
    "x-keap-product-quota-available": "29999",
    "x-keap-product-quota-expiry-time": str(int(MIDNIGHT.timestamp() * 1000)),
    "x-keap-tenant-throttle-limit": "10000|250000",
    "x-keap-tenant-throttle-time-unit": "minute|day",
    "x-keap-tenant-throttle-available": "9999|249999",
}


def test_all_headers_are_read() -> None:
    quota = Quota.read(FULL, NOW)
    assert (quota.per_second, quota.minute_limit, quota.minute_left) == (10, 240, 239)
    assert (quota.day_limit, quota.day_left, quota.resets_at) == (30000, 29999, MIDNIGHT)


def test_the_day_limit_is_unknown_if_only_the_accounts_is_sent() -> None:
    assert Quota.read(FULL | {"x-keap-product-quota-limit": ""}, NOW).day_limit is None
    assert Quota.read(FULL | {"x-keap-product-quota-limit": "500000"}, NOW).day_limit == 250_000


def test_the_tightest_window_counts() -> None:
    quota = Quota.read(FULL | {"x-keap-tenant-throttle-available": "7|3"}, NOW)
    assert (quota.minute_left, quota.day_left) == (7, 3)


def test_the_older_form_with_one_tenant_window_is_read() -> None:
    headers = {"x-keap-tenant-throttle-available": "5", "x-keap-tenant-throttle-time-unit": "minute"}
    assert Quota.read(headers, NOW).minute_left == 5


def test_windows_are_paired_by_position_whatever_their_order() -> None:
    headers = {"x-keap-tenant-throttle-available": "9|5", "x-keap-tenant-throttle-time-unit": "day|minute"}
    quota = Quota.read(headers, NOW)
    assert (quota.minute_left, quota.day_left) == (5, 9)


@pytest.mark.parametrize("blank", ["", " ", "|", " | "])
def test_blank_is_unknown_and_never_zero(blank: str) -> None:
    quota = Quota.read(dict.fromkeys(FULL, blank), NOW)
    assert (quota.per_second, quota.minute_left, quota.day_left) == (None, None, None)
    assert not quota.minute_is_spent
    assert not quota.day_is_spent
    assert quota.resets_at == MIDNIGHT


@pytest.mark.parametrize(
    "expiry",
    [str(int(MIDNIGHT.timestamp())), "158663200", "99999999999999999999", "soon", "-5", "1723680000000"],
)
def test_an_invalid_expiry_counts_as_midnight(expiry: str) -> None:
    assert Quota.read({"x-keap-product-quota-expiry-time": expiry}, NOW).resets_at == MIDNIGHT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("x", None),
        ("-1", None),
        ("0", 0),
        ("999999999", 999_999_999),
        ("9" * 5000, None),
        ("١٢", None),
        ("Fri, 31 Dec 9999 23:59:00 -2359", None),
        ("Fri, 20 Nov 99999 12:00:30 GMT", None),
        ("\x00", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: float | None) -> None:
    assert Quota.read({"retry-after": value}, NOW).retry_after == seconds


@pytest.mark.parametrize(
    ("value", "left"), [("-5", 0), ("-0", 0), ("9" * 5000, None), ("-" + "9" * 5000, None), ("1e3", None)]
)
def test_an_invalid_number_of_calls_counts_as_none_or_unknown(value: str, left: int | None) -> None:
    headers = dict.fromkeys(
        [f"x-keap-product-{one}" for one in ("quota-available", "throttle-available", "spike-limit")], value
    )
    quota = Quota.read(headers, NOW)
    assert (quota.day_left, quota.minute_left) == (left, left)


@given(st.text(max_size=40))
@example("0\x1f")
def test_no_retry_after_header_breaks_the_parser(value: str) -> None:
    seconds = Quota.read({"retry-after": value}, NOW).retry_after
    assert seconds is None or seconds >= 0


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=20)))
def test_no_quota_header_breaks_the_parser(headers: dict[str, str]) -> None:
    quota = Quota.read(headers, NOW)
    assert timedelta(0) < quota.resets_at - NOW <= timedelta(hours=25)


def test_calls_are_spaced_evenly() -> None:
    clock = VirtualClock()
    pacer = Pacer(4, clock)
    for _ in range(5):
        pacer.wait()
    assert clock.waits == [0.25] * 4


def test_time_spent_elsewhere_shortens_the_wait() -> None:
    clock = VirtualClock()
    pacer = Pacer(4, clock)
    pacer.wait()
    clock.pass_time(0.2)
    pacer.wait()
    assert clock.waits == [0.05]


class LateClock(VirtualClock):
    """A clock whose waits end too late, as on a busy machine."""

    def __init__(self, late: float) -> None:
        super().__init__()
        self.late = late

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds + self.late)


def test_waits_that_end_late_do_not_slow_down_the_pace() -> None:
    clock = LateClock(0.005)
    pacer = Pacer(25, clock)
    sent = [pacer.wait() for _ in range(251)]
    assert sent[-1] - sent[0] == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize("late", [0.005, 0.01, 0.02, 0.3])
@pytest.mark.parametrize("limit", [2, 10, 50])
def test_late_waits_never_put_more_than_half_of_keaps_limit_into_a_second(limit: int, late: float) -> None:
    clock = LateClock(0)
    pacer = Pacer(1000, clock)
    pacer.note({"x-keap-product-spike-limit": f"{limit}ps"})
    sent = []
    for number in range(200):
        clock.late = late if number % 3 == 0 else 0
        sent.append(pacer.wait())
    assert _most(sent, 1) <= limit // 2


def test_idle_time_is_not_made_up_for() -> None:
    clock = VirtualClock()
    pacer = Pacer(4, clock)
    for _ in range(3):
        pacer.wait()
        clock.pass_time(7)
    pacer.wait()
    pacer.wait()
    assert clock.waits == [0.25]


def test_a_long_load_takes_hardly_longer_than_keaps_limit_requires() -> None:
    """Keap allows 240 calls in any minute, which is 4 a second in the long run. A tenth is left to others."""
    clock = VirtualClock()
    pacer = Pacer(4, clock, 240)
    sent = []
    for _ in range(1000):
        sent.append(pacer.wait())
        used = sum(one > sent[-1] - 60 for one in sent)
        pacer.note(FULL | {"x-keap-product-throttle-available": str(240 - used)})
    assert (sent[199] - sent[0]) / (200 / 4) < 1.01
    assert (sent[-1] - sent[0]) / (1000 / 4) < 1.1


def test_the_headers_slow_down_the_pace_and_never_speed_it_up() -> None:
    clock = VirtualClock()
    pacer = Pacer(20, clock)
    pacer.note(FULL)
    assert 4.9 < pacer.per_second < 5, "half, so that another tap finds room"
    pacer.note(FULL | {"x-keap-product-spike-limit": "50ps"})
    assert pacer.per_second == 20
    pacer.note(FULL | {"x-keap-product-spike-limit": "1ps"})
    assert 0.4 < pacer.per_second < 0.5


@pytest.mark.parametrize("limit", [2, 3, 5, 10, 25])
def test_no_second_has_more_calls_than_half_of_keaps_limit(limit: int) -> None:
    clock = VirtualClock()
    pacer = Pacer(1000, clock)
    pacer.note({"x-keap-product-spike-limit": f"{limit}ps"})
    sent = []
    for _ in range(200):
        pacer.wait()
        sent.append(clock.monotonic())
    assert _most(sent, 1) == limit // 2


def _most(sent: list[float], seconds: float) -> int:
    """Return the most calls in any window of ``seconds``."""
    return max(sum(start <= one < start + seconds for one in sent) for start in sent)


def test_nine_tenths_of_keaps_minute_are_used() -> None:
    clock = VirtualClock()
    pacer = Pacer(1000, clock)
    sent = []
    for _ in range(700):
        pacer.wait()
        sent.append(clock.monotonic())
        pacer.note(FULL | {"x-keap-product-spike-limit": "5000ps"})
    assert _most(sent, 60) == 216
    assert sent[-1] - sent[0] < 190


def test_our_own_minute_limit_holds_without_headers() -> None:
    clock = VirtualClock()
    pacer = Pacer(4, clock, 60)
    sent = []
    for _ in range(300):
        pacer.wait()
        sent.append(clock.monotonic())
        pacer.note(dict.fromkeys(FULL, ""))
    assert _most(sent, 59.999) == 60
    assert sent[-1] - sent[0] < 300


def test_the_tighter_of_our_own_and_keaps_minute_limit_applies() -> None:
    pacer = Pacer(4, VirtualClock(), 60)
    pacer.note(FULL)
    assert pacer.per_minute == 60
    pacer.note(FULL | {"x-keap-product-throttle-limit": "30"})
    assert pacer.per_minute == 27
    pacer.note(FULL | {"x-keap-product-throttle-limit": "1"})
    assert pacer.per_minute == 1


def test_calls_that_others_leave_are_spread_over_the_next_minute() -> None:
    clock = VirtualClock()
    pacer = Pacer(10, clock)
    pacer.wait()
    pacer.note(FULL | {"x-keap-product-throttle-available": "20"})
    pacer.wait()
    assert clock.waits == [3]
    pacer.note(FULL | {"x-keap-product-throttle-available": "235"})
    pacer.wait()
    assert clock.waits[1] < 1, "a few calls of others are no reason"


def test_our_own_calls_are_not_mistaken_for_those_of_others() -> None:
    clock = VirtualClock()
    pacer = Pacer(4.5, clock)
    for used in range(1, 200):
        pacer.wait()
        pacer.note(FULL | {"x-keap-product-throttle-available": str(240 - used)})
    assert set(clock.waits) == {0.222}


def test_a_minute_used_up_by_others_is_waited_for() -> None:
    clock = VirtualClock()
    pacer = Pacer(10, clock)
    pacer.wait()
    pacer.note(FULL | {"x-keap-product-throttle-available": "0"})
    pacer.wait()
    assert clock.waits == [60]


def test_a_spike_halves_the_pace_for_ten_minutes() -> None:
    clock = VirtualClock()
    pacer = Pacer(4, clock)
    pacer.slow_down()
    assert pacer.per_second == 2
    clock.pass_time(599)
    assert pacer.per_second == 2
    clock.pass_time(2)
    assert pacer.per_second == 4


def test_further_spikes_halve_the_pace_again_to_an_eighth() -> None:
    clock = VirtualClock()
    pacer = Pacer(8, clock)
    paces = []
    for _ in range(5):
        pacer.slow_down()
        paces.append(pacer.per_second)
    assert paces == [4, 2, 1, 1, 1]
    clock.pass_time(601)
    assert pacer.per_second == 8
    pacer.slow_down()
    assert pacer.per_second == 4


def minute(left: int) -> dict[str, str]:
    return FULL | {"x-keap-product-throttle-available": str(left)}


def test_a_late_answer_does_not_override_the_answer_to_a_later_call() -> None:
    clock = VirtualClock()
    pacer = Pacer(1000, clock)
    first, second = pacer.wait(), pacer.wait()
    pacer.note(minute(60), second)  # others use the key
    slow = pacer.seconds_between
    pacer.note(minute(239), first)
    assert pacer.seconds_between == slow == 1.0
    pacer.note(minute(0), first)
    clock.waits.clear()
    pacer.wait()
    assert clock.waits[0] > 59, "that the minute is spent counts whenever it comes"


def test_our_own_calls_in_flight_are_not_mistaken_for_those_of_others() -> None:
    pacer = Pacer(1000, VirtualClock())
    sent = [pacer.wait() for _ in range(16)]
    pacer.note(minute(239), sent[0])
    assert pacer.seconds_between == pytest.approx(60 / 216)


def test_several_calls_refused_by_one_spike_halve_the_pace_once() -> None:
    clock = VirtualClock()
    pacer = Pacer(4, clock)
    sent = [pacer.wait() for _ in range(4)]
    for one in sent:
        pacer.slow_down(one)
    assert pacer.per_second == 2
    pacer.slow_down(pacer.wait())
    assert pacer.per_second == 1


def test_an_answer_that_arrives_during_a_wait_can_make_it_longer() -> None:
    class Listening(VirtualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(self.waits) == 1:
                pacer.note(minute(0), self.monotonic())

    clock = Listening()
    pacer = Pacer(1, clock)
    assert pacer.wait() == 1000
    assert pacer.wait() == 1060
    assert clock.waits == [1, 59]


def test_the_long_term_pace_is_the_slower_of_second_and_minute() -> None:
    assert Pacer(25, VirtualClock(), 1500).seconds_between == 0.04
    assert Pacer(4, VirtualClock(), 60).seconds_between == 1
    assert Pacer(0.5, VirtualClock(), 60).seconds_between == 2
    assert Pacer(4, VirtualClock()).seconds_between == 0.25


def test_each_thread_has_its_own_deadline() -> None:
    deadline = Deadline(VirtualClock())
    deadline.set(300)
    other = threading.Thread(target=deadline.set, args=(-1,))
    other.start()
    other.join()
    assert deadline.left == 300
