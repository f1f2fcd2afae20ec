"""Calls ahead: everything happens as without them, and nothing is asked for twice or in vain."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.auth import token_endpoint
from tap_infusionsoft.client.auth.refreshing import Bearer
from tap_infusionsoft.client.call import Answer, Behind, Call
from tap_infusionsoft.client.client import KeapClient
from tap_infusionsoft.client.daily_quota import Budget, Share
from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.client.http import Session
from tap_infusionsoft.client.prefetch import MOST_WAITING, THREAD, Ahead
from tap_infusionsoft.client.rate_limit import Pacer
from tap_infusionsoft.client.redact import Redactor
from tap_infusionsoft.client.retry import Waits
from tests.canary import CLIENT_SECRET, KEY, SEED
from tests.client.oauth_tap import ID, Tap, refreshes
from tests.conftest import settle
from tests.virtual import VirtualClock


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(
        seed=1, contacts=200, api_key=KEY, switches={"limits": "off", "quota_headers": "blank"}
    ) as box:
        box.plant("contacts", upsert=[{"id": str(one)} for one in range(1, 10)])
        yield box


@dataclass
class Scene:
    box: Sandbox
    clock: VirtualClock = field(default_factory=VirtualClock)
    most: int = 4
    share: int = 100_000

    def __post_init__(self) -> None:
        self.box.clear_faults()
        self.box.clear_requests()
        credential = Bearer(KEY)
        session = Session(self.box.url, credential, self.clock, "test", connections=self.most)
        pacer, budget = Pacer(1_000_000, self.clock), Budget(Share(1, self.share), self.clock)
        self.client = KeapClient(
            session, credential, pacer, budget, Waits(), self.clock, Redactor(), random.Random(1)
        )
        self.ahead = Ahead(self.client, self.most)

    @property
    def answered(self) -> list[str]:
        settle()
        return [entry["path"].rsplit("/", 1)[-1] for entry in self.box.requests()]


def contact(ident: int) -> Call:
    return Call(f"/v2/contacts/{ident}")


def test_answers_are_there_when_they_are_asked_for_and_are_taken_once(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.ahead.want([contact(1), contact(2)])
    scene.ahead.want([contact(2), contact(1)])
    assert sorted(scene.answered) == ["1", "2"]
    assert [scene.ahead.fetch(contact(one)).document["id"] for one in (2, 1)] == ["2", "1"]
    assert len(scene.answered) == 2
    scene.ahead.fetch(contact(1))
    assert len(scene.answered) == 3, "it may have changed since"


def test_calls_are_sent_in_the_order_in_which_they_are_needed(keap: Sandbox) -> None:
    """Whatever thread is the fastest: where the pace is slow, the last would keep the reader waiting for the first."""
    scene = Scene(keap, most=8)
    started: list[threading.Thread] = []
    start, check = threading.Thread.start, scene.client._check_budget
    passed: list[str] = []

    def backwards(thread: threading.Thread) -> None:
        started.insert(0, thread)
        for one in started if len(started) == scene.most else ():
            start(one)

    def note(call: Call) -> None:
        passed.append(call.path)
        check(call)

    wanted = [contact(one) for one in range(1, 9)]
    with mock.patch.object(scene.client, "_check_budget", note):
        with mock.patch.object(threading.Thread, "start", backwards):
            scene.ahead.want(wanted)
        for call in wanted:
            scene.ahead.fetch(call)
    assert list(dict.fromkeys(passed)) == [call.path for call in wanted]


class Held:
    """Keap answers a call when the test says so."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self._session = scene.client._session
        self._changed = threading.Condition()
        self._send = self._session.send
        self._free: set[str] = set()
        self._answered: set[str] = set()
        self.asked: list[str] = []
        monkeypatch.setattr(self._session, "send", self.send)

    def send(self, call: Call) -> Answer:
        ident = call.path.rsplit("/", 1)[-1]
        with self._changed:
            self.asked.append(ident)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: ident in self._free, 30)
        return self._send(call)

    def answer(self, *idents: int) -> None:
        with self._changed:
            self._free |= {str(one) for one in idents}
            self._changed.notify_all()

    def are_asked(self, *idents: int) -> bool:
        """Whether these calls, and no others, are made before long."""
        wanted = [str(one) for one in idents]
        with self._changed:
            self._changed.wait_for(lambda: len(self.asked) >= len(wanted), 30)
            return sorted(self.asked) == wanted


def test_there_are_never_more_than_so_many_under_way(keap: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(keap)
    held = Held(scene, monkeypatch)
    scene.ahead.want(contact(one) for one in range(1, 100))
    assert held.are_asked(1, 2, 3, 4)
    held.answer(2)
    assert held.are_asked(1, 2, 3, 4, 5), "the next is sent although nobody has come back for an answer"
    held.answer(1, *range(3, 100))
    assert scene.ahead.fetch(contact(1)).document["id"] == "1"
    settle()
    assert len([one for one in threading.enumerate() if one.name == THREAD]) == 0


def test_few_answers_wait(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.ahead.want(contact(one) for one in range(1, 100))
    settle()
    count = len(scene.answered)
    assert MOST_WAITING <= count < scene.most + MOST_WAITING
    scene.ahead.want(contact(one) for one in range(1, 100))
    assert len(scene.answered) == count, "they wait to be taken"
    for one in range(1, count - MOST_WAITING + 2):
        scene.ahead.fetch(contact(one))
    assert len(scene.answered) > count, "there is room again"


def test_what_is_needed_does_not_wait_for_room(keap: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(keap)
    held = Held(scene, monkeypatch)
    scene.ahead.want(contact(one) for one in range(1, 9))
    assert held.are_asked(1, 2, 3, 4)
    held.answer(7)
    assert scene.ahead.fetch(contact(7)).document["id"] == "7"
    assert held.are_asked(1, 2, 3, 4, 7)
    held.answer(*range(1, 9))
    settle()
    assert "7" not in held.asked[5:], "it is not asked for again"


def test_one_call_at_once_takes_no_thread(keap: Sandbox) -> None:
    scene = Scene(keap, most=1)
    before = threading.active_count()
    scene.ahead.want([contact(1)])
    assert threading.active_count() == before
    assert scene.ahead.fetch(contact(1)).document["id"] == "1"
    assert scene.answered == ["1"]


def test_a_fault_is_met_where_the_answer_is_taken(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.ahead.want([contact(999_999), contact(1)])
    assert scene.ahead.fetch(contact(1)).document["id"] == "1"
    with pytest.raises(KeapError) as caught:
        scene.ahead.fetch(contact(999_999))
    assert caught.value.fault.kind is Kind.NOT_FOUND
    assert len(scene.answered) == 2


@pytest.mark.parametrize("most", [1, 4])
def test_a_fault_is_waited_for_as_without_threads(keap: Sandbox, most: int) -> None:
    scene = Scene(keap, most=most)
    keap.fault({"path": "/v2/contacts/1", "times": 2, "status": 500, "body": "broken"})
    scene.ahead.want([contact(1)])
    settle()
    assert scene.clock.waits == []
    assert scene.ahead.fetch(contact(1)).document["id"] == "1"
    assert scene.answered == ["1", "1", "1"]
    assert len([one for one in scene.clock.waits if one > 0.01]) == 2


def test_a_wait_that_went_by_meanwhile_is_over(keap: Sandbox) -> None:
    scene = Scene(keap)
    keap.fault(
        {"path": "/v2/contacts/1", "times": 1, "status": 429, "body": "{}", "headers": {"retry-after": "50"}}
    )
    scene.ahead.want([contact(1)])
    settle()
    scene.clock.pass_time(45)
    scene.ahead.fetch(contact(1))
    assert max(scene.clock.waits) < 30


class HeldClock(VirtualClock):
    """Waits end when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting, self.may_go_on = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        self.is_waiting.set()
        assert self.may_go_on.wait(30)
        super().sleep(seconds)


def test_what_is_dropped_before_it_could_be_sent_never_is(keap: Sandbox) -> None:
    clock = HeldClock()
    scene = Scene(keap, clock)
    scene.ahead.fetch(contact(1))
    scene.ahead.want([contact(2), contact(3), contact(4)])
    assert clock.is_waiting.wait(30)
    scene.ahead.drop()
    scene.ahead.want(
        [contact(5), contact(6), contact(7)]
    )  # there is room for one beside those that are not over, and then for the others
    clock.may_go_on.set()
    assert sorted(scene.answered) == ["1", "5", "6", "7"]
    assert scene.client.sent == 4


def test_what_may_not_be_sent_is_told_where_it_is_needed(keap: Sandbox) -> None:
    scene = Scene(keap, share=2)
    scene.ahead.want([contact(1), contact(2), contact(3)])
    settle()
    assert scene.client.sent == 2
    outcomes = []
    for one in (1, 2, 3):
        try:
            outcomes.append(scene.ahead.fetch(contact(one)).document["id"])
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
def test_tokens_are_renewed_in_the_thread_that_no_exit_cuts_off(
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
    ahead = Ahead(tap.client, 4)
    ids = range(1, 9)
    ahead.want(contact(one) for one in ids)
    settle()
    assert threads == [], "there is no token yet"
    ahead.fetch(contact(1))
    for one in ids:
        if one in {3, 6}:
            settle()
            ahead.drop()
            if how == "ended":
                clock.pass_time(2 * 86_400)
            else:
                granted.expire_tokens()
        ahead.want(contact(later) for later in ids if later >= one)
        settle()
        assert ahead.fetch(contact(one)).document["id"] == str(one)
    assert threads == [threading.main_thread().name] * 3
    assert refreshes(granted) == (3, 0)
    assert not [one for one in threading.enumerate() if one.name == THREAD]


@pytest.mark.parametrize(("latency", "room"), [(0.0, 1), (0.9, 1), (1.0, 1), (1.1, 2), (7.5, 8)])
def test_there_is_room_for_as_many_pages_as_use_the_pace(keap: Sandbox, latency: float, room: int) -> None:
    """At the usual pace of 60 a minute. Other answers are small, and tell nothing about pages."""
    scene = Scene(keap)
    scene.client._pacer = Pacer(4, scene.clock, 60)
    assert scene.client.room == 1
    send = scene.client._session.send
    page = replace(contact(1), behind=Behind(0, contact, "next_page_token"))

    def slowly(call: Call) -> Answer:
        scene.clock.pass_time(latency if call.behind else 99 * latency)
        return send(call)

    with mock.patch.object(scene.client._session, "send", slowly):
        scene.client.fetch(contact(1))
        assert scene.client.room == 1
        scene.client.fetch(page)
    assert scene.client.room == room


@pytest.mark.parametrize(("work", "room"), [(0.0, 8), (0.04, 8), (0.1, 4), (0.3, 2), (5, 2)])
def test_a_reader_that_has_much_to_do_needs_fewer_pages_at_once(
    keap: Sandbox, work: float, room: int
) -> None:
    scene = Scene(keap)
    scene.client._pacer = Pacer(25, scene.clock)
    scene.client._latency = 0.299
    scene.client.work = work
    assert scene.client.room == room


def test_the_first_calls_of_the_next_readings_outlive_this_one(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.ahead.want([contact(1)])
    scene.ahead.open([contact(2), contact(3)])
    assert sorted(scene.answered) == ["1", "2", "3"]
    scene.ahead.forget()
    scene.ahead.forget()
    for one in (2, 3):
        assert scene.ahead.fetch(contact(one)).document["id"] == str(one)
    assert len(scene.answered) == 3
    scene.ahead.fetch(contact(1))
    assert len(scene.answered) == 4, "it was of a reading that is over"


def test_a_first_call_that_nobody_begins_with_any_more_is_forgotten(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.ahead.open([contact(1), contact(2)])
    scene.ahead.open([contact(2), contact(3)])
    scene.ahead.forget()
    assert sorted(scene.answered) == ["1", "2", "3"]
    scene.ahead.fetch(contact(2))
    scene.ahead.fetch(contact(1))
    assert sorted(scene.answered) == ["1", "1", "2", "3"]


def test_at_the_end_no_first_call_is_sent_any_more(keap: Sandbox) -> None:
    scene = Scene(keap)
    scene.ahead.open([contact(1)])
    scene.ahead.drop()
    settle()
    before = len(scene.answered)
    scene.ahead.fetch(contact(1))
    assert len(scene.answered) == before + 1
