"""The retry table: exact waits for every kind of fault, and an end to all of them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tap_infusionsoft.client.api import Rest
from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.http import ExchangeError, Limits
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.client.retry import Tries, Waits, send_with_retries
from tests.canary import KEY
from tests.virtual import VirtualClock

CALL = Call("/v2/contacts", "contacts", {"page_size": "1000"}, size="page_size")


class Fixed(random.Random):
    """Randomness that always picks the upper end."""

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002
        return b


def outcome(
    faults: list[Fault], waits: Waits | None = None, window: float = 40.0
) -> tuple[list[float], list[int], str]:
    """Send a call that meets these faults; return the waits, the page sizes requested, and how it ended."""
    clock = VirtualClock()
    asked: list[int] = []

    def send(call: Call) -> str:
        asked.append(call.rows)
        if len(asked) <= len(faults):
            raise KeapError(faults[len(asked) - 1], call, "x")
        return "good"

    tries = Tries(waits or Waits(), lambda: window, Fixed())
    try:
        result, _ = send_with_retries(send, CALL, tries, clock, lambda *_: None)
    except KeapError as error:
        assert error.tries == len(asked)
        result = "gave up"
    return clock.waits, asked, result


def test_query_took_too_long_waits_longer_and_asks_for_fewer_rows() -> None:
    fault = Fault(Kind.QUERY_TOO_LONG)
    assert outcome([fault] * 5) == ([5, 10, 30, 60, 300], [1000, 500, 250, 125, 62, 31], "good")
    assert outcome([fault] * 6) == ([5, 10, 30, 60, 300], [1000, 500, 250, 125, 62, 31], "gave up")


def test_the_smallest_page_has_ten_rows() -> None:
    call = CALL
    for _ in range(20):
        call = call.smaller()
    assert call.params["page_size"] == "10"
    assert CALL.with_params(page_size="3").smaller().params["page_size"] == "3"


def test_a_blocked_saved_search_is_not_waited_for_here() -> None:
    assert outcome([Fault(Kind.SEARCH_BLOCKED)]) == ([], [1000], "gave up")
    tries = Tries(Waits(), lambda: 0, Fixed())
    fault = Fault(Kind.SEARCH_BLOCKED, retry_after=1)
    assert tries.schedule(fault).aside
    assert [tries.next(fault) for _ in range(11)] == [1200] * 10 + [None]


@pytest.mark.parametrize(
    ("kind", "waits", "sizes"),
    [
        (Kind.MINUTE_THROTTLE, [43] * 8, [1000] * 9),
        (Kind.SPIKE, [7] * 5, [1000] * 6),
        (Kind.BLANK, [0, 5, 5, 5], [1000] * 5),
        (Kind.NOT_JSON, [5, 5, 5], [1000] * 4),
        (Kind.DAMAGED, [5, 5, 5], [1000] * 4),
        (Kind.HANDSHAKE, [0, 5, 5, 5], [1000] * 5),
        (Kind.SERVER_ERROR, [2, 4, 8, 16, 32, 60], [1000] * 7),
        (Kind.UNAVAILABLE, [2, 4, 8, 16, 32, 60], [1000] * 7),
        (Kind.UNREACHABLE, [2, 4, 8, 16, 32, 60], [1000] * 7),
        (Kind.TOO_LARGE, [0] * 9, [1000, 500, 250, 125, 62, 31, 15, 7, 3, 1]),
        (Kind.TIMEOUT, [2, 4, 8, 16, 32, 60], [1000, 500, 250, 125, 62, 31, 15]),
    ],
)
def test_transient_faults_are_retried_with_these_waits(
    kind: Kind, waits: list[float], sizes: list[int]
) -> None:
    fault = Fault(kind)
    assert outcome([fault] * len(waits)) == (waits, sizes, "good")
    assert outcome([fault] * (len(waits) + 1)) == (waits, sizes, "gave up")


@pytest.mark.parametrize(
    "kind",
    [
        Kind.DAY_QUOTA,
        Kind.DAY_SHARE,
        Kind.DAY_MOST,
        Kind.WRONG_KEY,
        Kind.TOKEN_EXPIRED,
        Kind.NO_CREDENTIAL,
        Kind.NOT_APPROVED,
        Kind.FORBIDDEN,
        Kind.NOT_FOUND,
        Kind.WITHDRAWN,
        Kind.BAD_REQUEST,
        Kind.REFUSED,
        Kind.CERTIFICATE,
        Kind.REDIRECT,
        Kind.REFRESH_REFUSED,
        Kind.REFRESH_LOST,
        Kind.WRONG_CLIENT,
        Kind.NO_TOKEN_SERVICE,
        Kind.TOKEN_FILE,
        Kind.TOKEN_FILE_LOCKED,
        Kind.TOKEN_FILE_DAMAGED,
        Kind.TOKEN_FILE_FOREIGN,
        Kind.TOKEN_FILE_OWNER,
        Kind.NO_LOGIN,
        Kind.TOKEN_UNSAVED,
        Kind.RUN_OVER,
        Kind.CALLS_SPENT,
        Kind.PAGING,
    ],
)
def test_permanent_faults_fail_at_once(kind: Kind) -> None:
    assert outcome([Fault(kind)]) == ([], [1000], "gave up")


def test_every_kind_of_fault_is_in_one_of_the_two_tables() -> None:
    waiting = set(Waits().table())
    assert len(waiting) == 14
    assert len(set(Kind) - waiting) == 29


def test_jitter_stays_below_the_wait() -> None:
    seen = set()
    for seed in range(20):
        tries = Tries(Waits(), lambda: 0, random.Random(seed))
        seen.add(tries.next(Fault(Kind.SERVER_ERROR)))
        spike = tries.next(Fault(Kind.SPIKE))
        assert spike is not None
        assert 1 <= spike <= 7
    assert len(seen) == 20
    assert all(wait is not None and 0 <= wait <= 2 for wait in seen)


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.SPIKE, Kind.MINUTE_THROTTLE, Kind.BLANK])
@pytest.mark.parametrize("advice", [0.0, 0.001, 1.0])
def test_retry_after_cannot_shorten_a_wait(kind: Kind, advice: float) -> None:
    asked, plain = outcome([Fault(kind, retry_after=advice)] * 3), outcome([Fault(kind)] * 3)
    assert sum(asked[0]) >= sum(plain[0])
    assert asked[1:] == plain[1:]


def test_retry_after_can_lengthen_a_wait_within_limits() -> None:
    assert outcome([Fault(Kind.UNAVAILABLE, retry_after=17)])[0] == [17]
    assert outcome([Fault(Kind.UNAVAILABLE, retry_after=999_999_999)] * 2) == ([600], [1000] * 2, "gave up")


def test_one_call_never_waits_longer_than_the_limit_in_all() -> None:
    waits, _, result = outcome([Fault(Kind.MINUTE_THROTTLE)] * 30, Waits(throttle_tries=30))
    assert result == "gave up"
    assert sum(waits) <= 600


def test_each_kind_of_fault_has_its_own_retries() -> None:
    faults = [Fault(Kind.BLANK), Fault(Kind.QUERY_TOO_LONG), Fault(Kind.BLANK), Fault(Kind.QUERY_TOO_LONG)]
    assert outcome(faults)[0] == [0, 5, 5, 10]


def test_all_waits_can_be_configured() -> None:
    waits = Waits(query=(1, 2), blocked=3, blocked_tries=1, blank=(), throttle_tries=1, spike_tries=0)
    assert outcome([Fault(Kind.QUERY_TOO_LONG)] * 3, waits)[::2] == ([1, 2], "gave up")
    assert outcome([Fault(Kind.BLANK)], waits)[::2] == ([], "gave up")
    assert outcome([Fault(Kind.SPIKE)], waits)[::2] == ([], "gave up")
    tries = Tries(waits, lambda: 0, Fixed())
    assert [tries.next(Fault(Kind.SEARCH_BLOCKED)) for _ in range(2)] == [3, None]


def test_a_fault_that_is_final_is_not_retried_whatever_the_table_says() -> None:
    tries = Tries(Waits(), lambda: 0.0, Fixed(), frozenset({Kind.BLANK}))
    assert tries.next(Fault(Kind.BLANK)) is None
    assert tries.next(Fault(Kind.DAMAGED)) == 5


@pytest.mark.parametrize(
    ("kind", "is_probe", "has_one_address", "asked"),
    [
        (Kind.UNAVAILABLE, False, False, [4, 4]),
        (Kind.UNAVAILABLE, True, False, [1, 1]),
        (Kind.UNAVAILABLE, False, True, [4, 1]),
        (Kind.TIMEOUT, False, False, [4, 4]),
        (Kind.TIMEOUT, False, True, [4, 1]),
    ],
)
def test_a_probe_is_sent_once_and_so_is_a_call_to_an_address_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    is_probe: bool,  # noqa: FBT001
    has_one_address: bool,  # noqa: FBT001
    asked: list[int],
) -> None:
    """A call to an API with one address has waited for it already."""
    monkeypatch.setattr(Rest, "has_one_address", has_one_address)
    clock, credential = VirtualClock(), Bearer(KEY)
    transport = Down(kind)
    pacer = Pacer(1_000_000, clock, 1_000_000)
    budget = Budget(Share(1, 1_000), clock)
    client = KeapClient(transport, credential, pacer, budget, Waits(transient=(1, 1, 1)), clock, Redactor())
    sent = []
    for _ in range(2):
        before = transport.calls
        with pytest.raises(KeapError):
            client.fetch(replace(CALL, is_probe=is_probe))
        sent.append(transport.calls - before)
    assert sent == asked
    transport.body = b'{"contacts": []}'
    client.fetch(CALL)
    transport.body = None
    before = transport.calls
    with pytest.raises(KeapError):
        client.fetch(CALL)
    assert transport.calls - before == 4, "it answered in between"


class Down:
    """A transport that is down, unless it has a body."""

    limits = Limits()

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.calls = 0
        self.body: bytes | None = None

    def send(self, call: Call) -> Answer:
        del call
        self.calls += 1
        if self.body is None and self.kind is Kind.TIMEOUT:
            raise ExchangeError(Fault(Kind.TIMEOUT, "no answer within 120 seconds"))
        return Answer(503 if self.body is None else 200, {}, self.body or b"")
