"""Prefetching changes nothing but the time: no call is sent twice, and faults come when answers are taken."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client import prefetch
from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.call import Answer, Call, IdCursor
from tap_infusionsoft.client.client import Attempt, KeapClient
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.http import HttpTransport, Transport
from tap_infusionsoft.client.prefetch import MOST_OPENINGS, MOST_WAITING, THREAD, Prefetcher
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.client.retry import Waits
from tests.canary import CLIENT_SECRET, KEY, SEED
from tests.client.oauth_client import ID, Tap, refreshes
from tests.fixtures import settle
from tests.virtual import VirtualClock


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(
        seed=1, contacts=200, api_key=KEY, switches={"limits": "off", "quota_headers": "blank"}
    ) as box:
        box.plant("contacts", upsert=[{"id": str(one)} for one in range(1, 10)])
        yield box


class Client(KeapClient):
    """Remembers when it sent which call ahead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent_at: dict[str, float] = {}

    def send_ahead(self, call: Call, is_wanted: Callable[[], bool]) -> Attempt | None:
        attempt = super().send_ahead(call, is_wanted)
        if attempt is not None:
            self.sent_at[call.path] = attempt.sent_at
        return attempt


@dataclass
class Scene:
    """A prefetcher, its client and the sandbox that answers.

    Attributes:
        most: Calls in flight at most.
        share: Calls a day.
        pacer: The pace; as fast as possible unless given.
        around: Puts another transport around the one that reaches the sandbox.
    """

    box: Sandbox
    clock: VirtualClock = field(default_factory=VirtualClock)
    most: int = 4
    share: int = 100_000
    pacer: Pacer | None = None
    around: Callable[[Transport], Transport] = lambda transport: transport

    def __post_init__(self) -> None:
        self.box.clear_faults()
        self.box.clear_requests()
        credential = Bearer(KEY)
        transport = HttpTransport(self.box.url, credential, self.clock, "test", connections=self.most)
        self.client = Client(
            self.around(transport),
            credential,
            self.pacer or Pacer(1_000_000, self.clock),
            Budget(Share(1, self.share), self.clock),
            Waits(),
            self.clock,
            Redactor(),
            random.Random(1),
        )
        self.prefetcher = Prefetcher(self.client, self.most)

    @property
    def answered(self) -> list[str]:
        settle()
        return [entry["path"].rsplit("/", 1)[-1] for entry in self.box.requests()]


def contact(ident: int) -> Call:
    return Call(f"/v2/contacts/{ident}")


def test_answers_that_were_sent_for_ahead_are_taken_once(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.prefetcher.send_ahead([contact(1), contact(2)])
    scene.prefetcher.send_ahead([contact(2), contact(1)])
    assert sorted(scene.answered) == ["1", "2"]
    assert [scene.prefetcher.fetch(contact(one)).document["id"] for one in (2, 1)] == ["2", "1"]
    assert len(scene.answered) == 2
    scene.prefetcher.fetch(contact(1))
    assert len(scene.answered) == 3, "it may have changed since"


def test_calls_are_sent_in_the_order_in_which_they_are_needed(keap: Sandbox) -> None:
    """Even if threads start in another order: at a slow pace, the reader would wait for its first answer."""
    scene = Scene(keap, most=8)
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def backwards(thread: threading.Thread) -> None:
        started.insert(0, thread)
        for one in started if len(started) == scene.most else ():
            start(one)

    wanted = [contact(one) for one in range(1, 9)]
    with mock.patch.object(threading.Thread, "start", backwards):
        scene.prefetcher.send_ahead(wanted)
    for call in wanted:
        scene.prefetcher.fetch(call)
    sent_at = scene.client.sent_at
    assert sorted(sent_at, key=sent_at.__getitem__) == [call.path for call in wanted]


class Held:
    """A transport whose calls are answered when the test says so."""

    def __init__(self, inner: Transport) -> None:
        self.limits = inner.limits
        self._inner = inner
        self._changed = threading.Condition()
        self._free: set[str] = set()
        self.asked: list[str] = []

    def send(self, call: Call) -> Answer:
        ident = call.path.rsplit("/", 1)[-1]
        with self._changed:
            self.asked.append(ident)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: ident in self._free, 30)
        return self._inner.send(call)

    def answer(self, *idents: int) -> None:
        with self._changed:
            self._free |= {str(one) for one in idents}
            self._changed.notify_all()

    def are_asked(self, *idents: int) -> bool:
        """Wait until as many calls have arrived; return whether they are these and no others."""
        wanted = [str(one) for one in idents]
        with self._changed:
            self._changed.wait_for(lambda: len(self.asked) >= len(wanted), 30)
            return sorted(self.asked) == wanted


def test_the_number_of_calls_in_flight_is_limited(keap: Sandbox) -> None:
    scene = Scene(keap, around=Held)
    held = scene.client.transport
    assert isinstance(held, Held)
    scene.prefetcher.send_ahead(contact(one) for one in range(1, 100))
    assert held.are_asked(1, 2, 3, 4)
    held.answer(2)
    assert held.are_asked(1, 2, 3, 4, 5), "the next is sent although nobody has come back for an answer"
    held.answer(1, *range(3, 100))
    assert scene.prefetcher.fetch(contact(1)).document["id"] == "1"
    settle()
    assert len([one for one in threading.enumerate() if one.name == THREAD]) == 0


def test_few_answers_wait_to_be_taken(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.prefetcher.send_ahead(contact(one) for one in range(1, 100))
    settle()
    count = len(scene.answered)
    assert MOST_WAITING <= count < scene.most + MOST_WAITING
    scene.prefetcher.send_ahead(contact(one) for one in range(1, 100))
    assert len(scene.answered) == count, "they wait to be taken"
    for one in range(1, count - MOST_WAITING + 2):
        scene.prefetcher.fetch(contact(one))
    assert len(scene.answered) > count, "there is room again"


def test_a_call_that_is_needed_now_does_not_wait_for_room(keap: Sandbox) -> None:
    scene = Scene(keap, around=Held)
    held = scene.client.transport
    assert isinstance(held, Held)
    scene.prefetcher.send_ahead(contact(one) for one in range(1, 9))
    assert held.are_asked(1, 2, 3, 4)
    held.answer(7)
    assert scene.prefetcher.fetch(contact(7)).document["id"] == "7"
    assert held.are_asked(1, 2, 3, 4, 7)
    held.answer(*range(1, 9))
    settle()
    assert "7" not in held.asked[5:], "it is not asked for again"


def test_without_concurrency_there_is_no_thread(keap: Sandbox) -> None:
    scene = Scene(keap, most=1)
    before = threading.active_count()
    scene.prefetcher.send_ahead([contact(1)])
    assert threading.active_count() == before
    assert scene.prefetcher.fetch(contact(1)).document["id"] == "1"
    assert scene.answered == ["1"]


def test_a_fault_is_raised_when_the_answer_is_taken(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.prefetcher.send_ahead([contact(999_999), contact(1)])
    assert scene.prefetcher.fetch(contact(1)).document["id"] == "1"
    with pytest.raises(KeapError) as caught:
        scene.prefetcher.fetch(contact(999_999))
    assert caught.value.fault.kind is Kind.NOT_FOUND
    assert len(scene.answered) == 2


@pytest.mark.parametrize("most", [1, 4])
def test_retries_wait_in_the_same_way_with_and_without_threads(keap: Sandbox, most: int) -> None:
    scene = Scene(keap, most=most)
    keap.fault({"path": "/v2/contacts/1", "times": 2, "status": 500, "body": "broken"})
    scene.prefetcher.send_ahead([contact(1)])
    settle()
    assert scene.clock.waits == []
    assert scene.prefetcher.fetch(contact(1)).document["id"] == "1"
    assert scene.answered == ["1", "1", "1"]
    assert len([one for one in scene.clock.waits if one > 0.01]) == 2


def test_time_since_a_failed_try_counts_towards_its_wait(keap: Sandbox) -> None:
    scene = Scene(keap)
    keap.fault(
        {"path": "/v2/contacts/1", "times": 1, "status": 429, "body": "{}", "headers": {"retry-after": "50"}}
    )
    scene.prefetcher.send_ahead([contact(1)])
    settle()
    scene.clock.pass_time(45)
    scene.prefetcher.fetch(contact(1))
    assert max(scene.clock.waits) < 30


class HeldClock(VirtualClock):
    """A clock whose waits end when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting, self.may_go_on = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        self.is_waiting.set()
        assert self.may_go_on.wait(30)
        super().sleep(seconds)


def test_a_call_dropped_before_its_turn_is_never_sent(keap: Sandbox) -> None:
    clock = HeldClock()
    scene = Scene(keap, clock)
    scene.prefetcher.fetch(contact(1))
    scene.prefetcher.send_ahead([contact(2), contact(3), contact(4)])
    assert clock.is_waiting.wait(30)
    scene.prefetcher.drop_all()
    scene.prefetcher.send_ahead(
        [contact(5), contact(6), contact(7)]
    )  # there is room for one beside those that are not over, and then for the others
    clock.may_go_on.set()
    assert sorted(scene.answered) == ["1", "5", "6", "7"]
    assert scene.client.sent == 4


def test_a_call_over_the_daily_share_raises_when_its_answer_is_needed(keap: Sandbox) -> None:
    scene = Scene(keap, share=2)
    scene.prefetcher.send_ahead([contact(1), contact(2), contact(3)])
    settle()
    assert scene.client.sent == 2
    outcomes = []
    for one in (1, 2, 3):
        try:
            outcomes.append(scene.prefetcher.fetch(contact(one)).document["id"])
        except KeapError as error:
            assert error.fault.kind is Kind.DAY_SHARE
            outcomes.append("none")
    assert sorted(outcomes).count("none") == 1
    assert scene.client.sent == 2


@pytest.fixture
def granted(clock: VirtualClock) -> Iterator[Sandbox]:
    switches = {"oauth_client_id": ID, "oauth_client_secret": CLIENT_SECRET, "oauth_refresh_token": SEED}
    with Sandbox(
        seed=1,
        contacts=20,
        clock=clock.epoch,
        switches=switches | {"limits": "off", "quota_headers": "blank"},
    ) as box:
        box.plant("contacts", upsert=[{"id": str(one)} for one in range(1, 10)])
        yield box


@pytest.mark.parametrize("how", ["ended", "refused"])
def test_only_the_main_thread_renews_tokens(
    granted: Sandbox, clock: VirtualClock, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Refresh tokens are good for one use: a thread that dies with the process could lose the next."""
    threads: list[str] = []
    refresh: Callable[..., token_endpoint.Granted] = token_endpoint.refresh

    def noted(*args: Any) -> token_endpoint.Granted:
        threads.append(threading.current_thread().name)
        return refresh(*args)

    monkeypatch.setattr(token_endpoint, "refresh", noted)
    tap = Tap(granted, clock, tmp_path)
    prefetcher = Prefetcher(tap.client, 4)
    ids = range(1, 9)
    prefetcher.send_ahead(contact(one) for one in ids)
    settle()
    assert threads == [], "there is no token yet"
    prefetcher.fetch(contact(1))
    for one in ids:
        if one in {3, 6}:
            settle()
            prefetcher.drop_all()
            if how == "ended":
                clock.pass_time(2 * 86_400)
            else:
                granted.expire_tokens()
        prefetcher.send_ahead(contact(later) for later in ids if later >= one)
        settle()
        assert prefetcher.fetch(contact(one)).document["id"] == str(one)
    assert threads == [threading.main_thread().name] * 3
    assert refreshes(granted) == (3, 0)
    assert not [one for one in threading.enumerate() if one.name == THREAD]


class Slow:
    """A transport whose pages of walks by ids take ``latency`` seconds, and all other calls much longer."""

    def __init__(self, inner: Transport, clock: VirtualClock, latency: float) -> None:
        self.limits = inner.limits
        self._inner = inner
        self._clock = clock
        self._latency = latency

    def send(self, call: Call) -> Answer:
        self._clock.pass_time(self._latency if call.cursor else 99 * self._latency)
        return self._inner.send(call)


@pytest.mark.parametrize(("latency", "pages"), [(0.0, 1), (0.9, 1), (1.0, 1), (1.1, 2), (7.5, 8)])
def test_enough_pages_are_in_flight_to_use_the_full_pace(keap: Sandbox, latency: float, pages: int) -> None:
    """At the usual pace of 60 calls a minute. Only pages count, because other answers are small."""
    clock = VirtualClock()
    scene = Scene(keap, clock, pacer=Pacer(4, clock, 60), around=lambda inner: Slow(inner, clock, latency))
    assert scene.prefetcher.useful == 1
    scene.client.fetch(contact(1))
    assert scene.prefetcher.useful == 1
    scene.client.fetch(replace(contact(1), cursor=IdCursor(0, contact, "next_page_token")))
    assert scene.prefetcher.useful == pages


def offer(scene: Scene, *idents: int) -> None:
    """Say that readings named after contacts begin with them."""
    scene.prefetcher.offer((str(one), contact(one)) for one in idents)


def test_calls_of_later_readings_are_sent_while_the_current_one_waits(keap: Sandbox) -> None:
    scene = Scene(keap)
    offer(scene, 2, 3)
    scene.prefetcher.fetch(contact(1))
    assert scene.answered[:1] == ["1"], "the current call goes first"
    scene.prefetcher.drop_all_but_openings()
    for one in (2, 3):
        assert scene.prefetcher.fetch(contact(one)).document["id"] == str(one)
    assert sorted(scene.answered) == ["1", "2", "3"], "each is sent once"


def test_answers_for_a_reading_that_is_over_are_forgotten(keap: Sandbox) -> None:
    scene = Scene(keap)
    offer(scene, 2, 3)
    scene.prefetcher.fetch(contact(1))
    settle()
    scene.prefetcher.release("2")
    scene.prefetcher.fetch(contact(2))
    scene.prefetcher.fetch(contact(3))
    assert sorted(scene.answered) == ["1", "2", "2", "3"]


def test_dropping_everything_drops_openings_too(keap: Sandbox) -> None:
    scene = Scene(keap)
    offer(scene, 1)
    scene.prefetcher.fetch(contact(2))
    settle()
    scene.prefetcher.drop_all()
    before = len(scene.answered)
    scene.prefetcher.fetch(contact(1))
    assert len(scene.answered) == before + 1


def test_an_opening_that_is_needed_now_goes_before_the_others(keap: Sandbox) -> None:
    scene = Scene(keap, around=Held)
    held = scene.client.transport
    assert isinstance(held, Held)
    offer(scene, 8, 9)
    scene.prefetcher.send_ahead(contact(one) for one in range(1, 7))
    assert held.are_asked(1, 2, 3, 4)
    held.answer(*range(1, 10))
    for one in range(1, 7):
        scene.prefetcher.fetch(contact(one))
    settle()
    asked = held.asked
    assert sorted(asked) == [str(one) for one in (1, 2, 3, 4, 5, 6, 8, 9)]
    assert asked.index("8") > asked.index("6"), "what the current reading needs goes first"


@pytest.mark.parametrize(("seconds", "in_flight"), [(0.2, 1), (0.3, 2), (0.6, 3), (9.0, 1 + MOST_OPENINGS)])
def test_openings_use_what_the_current_reading_leaves_of_the_pace(
    keap: Sandbox, seconds: float, in_flight: int
) -> None:
    """At 4 calls a second, an answer that takes 0.3 seconds leaves room for one more call."""
    clock = VirtualClock()
    scene = Scene(keap, clock, most=8, pacer=Pacer(4, clock), around=Held)
    held = scene.client.transport
    assert isinstance(held, Held)
    scene.client.latency.add(seconds)
    offer(scene, *range(2, 10))
    reader = threading.Thread(target=scene.prefetcher.fetch, args=[contact(1)])
    reader.start()
    assert held.are_asked(*range(1, 1 + in_flight))
    held.answer(*range(1, 10))
    reader.join()
    settle()


def test_few_openings_wait(keap: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "OPENINGS_WAITING", 2)
    scene = Scene(keap)
    offer(scene, *range(2, 10))
    scene.prefetcher.fetch(contact(1))
    assert sorted(scene.answered) == ["1", "2", "3"]
    scene.prefetcher.fetch(contact(2))
    assert sorted(scene.answered) == ["1", "2", "3", "4"]


def test_few_bytes_wait(keap: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "OPENINGS_BYTES", 1)
    scene = Scene(keap)
    offer(scene, *range(2, 10))
    scene.prefetcher.fetch(contact(1))
    assert sorted(scene.answered) == ["1", "2"]


def test_no_more_openings_are_sent_after_one_was_refused(keap: Sandbox) -> None:
    """Whether to slow down or to wait is found out when its answer is taken."""
    scene = Scene(keap)
    keap.fault("service_unavailable", path="/v2/contacts/2", nth=1)
    offer(scene, *range(2, 6))
    scene.prefetcher.fetch(contact(1))
    assert scene.answered == ["1", "2"]
    assert scene.prefetcher.fetch(contact(2)).document["id"] == "2"
    assert sorted(scene.answered)[:4] == ["1", "2", "2", "3"], "it goes on"


def test_an_answer_that_waited_for_too_long_is_asked_for_again(keap: Sandbox) -> None:
    scene = Scene(keap)
    offer(scene, 2, 3)
    scene.prefetcher.fetch(contact(1))
    settle()
    scene.clock.pass_time(prefetch.LONGEST_WAIT - 1)
    scene.prefetcher.fetch(contact(2))
    assert sorted(scene.answered) == ["1", "2", "3"]
    scene.clock.pass_time(2)
    scene.prefetcher.fetch(contact(3))
    assert sorted(scene.answered) == ["1", "2", "3", "3"]


def test_the_last_calls_are_left_to_the_current_reading(keap: Sandbox) -> None:
    scene = Scene(keap, share=prefetch.CALLS_LEFT)
    offer(scene, 2)
    scene.prefetcher.fetch(contact(1))
    assert sorted(scene.answered) == ["1", "2"], "there are enough"
    offer(scene, 3)
    scene.prefetcher.fetch(contact(4))
    assert sorted(scene.answered) == ["1", "2", "4"]


def test_an_opening_may_take_a_call_to_be_worked_out(keap: Sandbox) -> None:
    scene = Scene(keap)

    def openings() -> Iterator[tuple[str, Call]]:
        scene.prefetcher.fetch(contact(5))
        yield "2", contact(2)

    scene.prefetcher.offer(openings())
    scene.prefetcher.fetch(contact(1))
    assert sorted(scene.answered) == ["1", "2", "5"]
