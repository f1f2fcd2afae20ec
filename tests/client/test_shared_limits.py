"""Keap's limits, counted in sliding windows as Keap does: one tap or several on a key never exceed them."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.daily_quota import KEY_CALLS, Budget, Share
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.http import HttpTransport
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.client.retry import Waits
from tests.canary import KEY
from tests.virtual import SharedClock, SharedLock

WHO = Call("/v2/oauth/connect/userinfo")


class Slowly:
    """A transport whose calls take so long that about ``at_once`` of them are in flight at the usual pace."""

    def __init__(self, inner: HttpTransport, clock: SharedClock, at_once: int) -> None:
        self.limits = inner.limits
        self._inner = inner
        self._clock = clock
        self._seconds = at_once / 8

    def send(self, call: Call) -> Answer:
        answer = self._inner.send(call)
        self._clock.sleep(self._seconds)
        return answer


@dataclass
class Tap:
    """A tap that calls as fast as it may, for some minutes on the shared clock."""

    box: Sandbox
    clock: SharedClock
    per_second: float = 1000
    per_minute: int | None = None
    at_once: int = 1
    share: Share = field(default_factory=lambda: Share(1, KEY_CALLS))
    kept: dict[str, Any] = field(default_factory=dict)
    calls: int = 0
    error: KeapError | None = None

    def run(self, minutes: float) -> None:
        clock = self.clock
        credential = Bearer(KEY)
        transport = HttpTransport(self.box.url, credential, clock, "test", connections=self.at_once)
        client = KeapClient(
            transport,
            credential,
            Pacer(self.per_second, clock, self.per_minute),
            Budget(self.share, clock, "me", self.kept),
            Waits(),
            clock,
            Redactor(),
            random.Random(id(self)),
            gate=SharedLock(clock),
        )
        end = clock.monotonic() + minutes * 60
        if self.at_once > 1:  # the first call of a run is always made alone
            client.fetch(WHO)
            self.calls += 1
            client.transport = Slowly(transport, clock, self.at_once)
        threads = [threading.Thread(target=self._call, args=(client, end)) for _ in range(self.at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _call(self, client: KeapClient, end: float) -> None:
        clock = self.clock
        try:
            while clock.monotonic() < end:
                client.fetch(WHO)
                self.calls += 1
        except KeapError as error:
            self.error = error
        finally:
            clock.leave()


def run(taps: list[Tap], minutes: float = 6) -> None:
    threads = [threading.Thread(target=tap.run, args=(minutes,)) for tap in taps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def box(clock: SharedClock, **switches: object) -> Sandbox:
    return Sandbox(contacts=0, api_key=KEY, clock=clock.epoch, switches=switches)


def refused(keap: Sandbox) -> int:
    return sum(entry["status"] != 200 for entry in keap.requests())


def most(keap: Sandbox, seconds: float) -> int:
    """Return the most calls that Keap saw in any window of ``seconds``."""
    times = [datetime.fromisoformat(entry["time"]).timestamp() for entry in keap.requests()]
    return max(sum(start <= one < start + seconds for one in times[at:]) for at, start in enumerate(times))


LIMITS = [
    {},  # as documented for a key
    {"second_limit": 5},  # older service account keys
    {"second_limit": 0, "minute_limit": 30},
    {"second_limit": 0, "minute_limit": 240, "tenant_minute_limit": 60},
    {"second_limit": 2, "minute_limit": 1000, "quota_headers": "plain"},
]


@pytest.mark.parametrize("at_once", [1, 4, 16])
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("switches", LIMITS)
def test_no_limit_of_keaps_is_ever_exceeded(
    switches: dict[str, object],
    count: int,
    at_once: int,
    nightly: bool,  # noqa: FBT001
) -> None:
    minutes = 6 if nightly else 3
    clock = SharedClock(count * at_once)
    with box(clock, **switches) as keap:
        taps = [Tap(keap, clock, at_once=at_once) for _ in range(count)]
        run(taps, minutes)
        assert refused(keap) == 0
        assert all(tap.error is None for tap in taps)
        minute = min(int(str(switches.get(name, 240))) for name in ("minute_limit", "tenant_minute_limit"))
        second = int(str(switches.get("second_limit", 10))) or 1000
        used = sum(tap.calls for tap in taps) / minutes
        assert used > 0.5 * min(minute, second * 30), "the taps crawl"
        assert min(tap.calls for tap in taps) > 0.3 * max(tap.calls for tap in taps), "one starves the other"


def test_a_tap_that_starts_later_gets_its_share() -> None:
    clock = SharedClock(2)
    with box(clock) as keap:
        first, second = Tap(keap, clock), Tap(keap, clock)

        def late() -> None:
            clock.sleep(150)
            second.run(5)

        threads = [threading.Thread(target=first.run, args=(8,)), threading.Thread(target=late)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused(keap) == 0
        assert second.calls > 5 * 60


def test_five_taps_slow_each_other_down_and_none_fails() -> None:
    clock = SharedClock(5)
    with box(clock, second_limit=0, minute_limit=60) as keap:
        taps = [Tap(keap, clock) for _ in range(5)]
        run(taps, 12)
        assert [tap.error for tap in taps] == [None] * 5
        assert min(tap.calls for tap in taps) > 20


def test_more_taps_than_a_second_allows_continue_after_the_spike() -> None:
    clock = SharedClock(5)
    with box(clock, minute_limit=0) as keap:
        taps = [Tap(keap, clock, per_second=10) for _ in range(5)]
        run(taps, 2)
        assert [tap.error for tap in taps] == [None] * 5


@pytest.mark.parametrize("at_once", [1, 4, 16])
@pytest.mark.parametrize(("per_second", "per_minute"), [(4, 60), (3, 100), (1000, 7), (0.5, 60)])
def test_our_own_limits_hold_in_every_window(per_second: float, per_minute: int, at_once: int) -> None:
    clock = SharedClock(at_once)
    with box(clock, limits="off", quota_headers="blank") as keap:
        run([Tap(keap, clock, per_second, per_minute, at_once)], 5)
        assert most(keap, 59.99) == min(per_minute, per_second * 60)
        assert most(keap, 0.99) <= max(per_second, 1)


@pytest.mark.parametrize("at_once", [1, 4, 16])
def test_two_taps_share_the_day_and_never_exhaust_it(at_once: int) -> None:
    clock = SharedClock(2 * at_once)
    with box(clock, day_limit=101, second_limit=0, minute_limit=0) as keap:
        taps = [Tap(keap, clock, at_once=at_once, share=Share(0.5, KEY_CALLS)) for _ in range(2)]
        run(taps, 60)
        assert [tap.calls for tap in taps] == [50, 50]
        assert refused(keap) == 0
        for tap in taps:
            assert tap.error is not None
            assert tap.error.fault.kind is Kind.DAY_SHARE
            assert "was not sent: calls used today: 50; no more than 50 of Keap's 101 may be used." in str(
                tap.error
            )
            assert "come back at 2026-11-21 00:00 UTC" in str(tap.error)


@pytest.mark.parametrize("at_once", [1, 4, 16])
def test_a_day_used_up_by_others_is_noticed_before_keap_refuses(at_once: int) -> None:
    clock = SharedClock(at_once)
    with box(clock, day_limit=40, second_limit=0, minute_limit=0) as keap:
        tap = Tap(keap, clock, at_once=at_once)
        run([tap])
        assert 40 - at_once < tap.calls <= 40
        assert refused(keap) == 0
        assert tap.error is not None
        assert tap.error.fault.kind is Kind.DAY_QUOTA
        assert "no call of this day is left" in str(tap.error)
