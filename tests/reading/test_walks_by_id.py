"""Walks by id with prefetched pages: every remaining row arrives once and in order, whatever happens."""

from __future__ import annotations

import json
import random
import re
import threading
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.client.client import Attempt, KeapClient, Reply
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.http import ExchangeError
from tap_infusionsoft.client.moving_average import MovingAverage
from tap_infusionsoft.client.prefetch import MOST_WAITING, Prefetcher
from tap_infusionsoft.reading.pages import Pages
from tap_infusionsoft.reading.requests import Order, ReadPlan, Slice
from tap_infusionsoft.reading.walks.walk import OutOfOrderError
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import settle
from tests.virtual import VirtualClock

CONTACTS = COLLECTIONS["contacts"]
PLAN = ReadPlan(CONTACTS)
BY_ID = Slice(CONTACTS.endpoint.path, order=Order.BY_ID)
ROWS = CONTACTS.endpoint.page_size
"""Rows that a call asks for. The pages of `Table` have fewer, and a token."""


class Table:
    """Stands in for the client of an account with these ids, in pages of `rows` rows.

    Attributes:
        calls: How many calls it has answered.
    """

    seconds_between_calls = 1.0

    def __init__(
        self,
        ids: list[int],
        rows: int,
        *,
        seed: int = 0,
        short: float = 0,
        fails: float = 0,
        latency: float = 99,
    ) -> None:
        self.ids, self.rows = ids, rows
        self.page_latency = MovingAverage()
        self.page_latency.add(latency)
        self.calls = 0
        self.clock = VirtualClock()
        self._random = random.Random(seed)
        self._short, self._fails = short, fails
        self._lock = threading.Lock()

    def send_ahead(self, call: Call, is_wanted: Any) -> Attempt:  # noqa: ARG002
        with self._lock:
            now = self.clock.monotonic()
            return Attempt("", now, now, self._answer(call))

    def fetch(self, call: Call, first: Attempt | None = None) -> Reply:
        outcome = (first or self.send_ahead(call, None)).outcome
        if isinstance(outcome, ExchangeError):
            raise self.error(outcome.fault, call)
        return Reply(outcome.json(), call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)

    def _answer(self, call: Call) -> Answer | ExchangeError:
        self.calls += 1
        if self._random.random() < self._fails:
            return ExchangeError(Fault(Kind.SERVER_ERROR, "broken"))
        if call.params["order_by"] == "id desc":
            self.calls -= 1  # it is no page
            document = {"contacts": [{"id": str(one)} for one in self.ids[-1:]], "next_page_token": ""}
            return Answer(200, {}, json.dumps(document).encode())
        after = re.fullmatch(r"(?:contact_id>([1-9]\d*))?", str(call.params.get("filter", "")))
        assert after is not None
        rows = [one for one in self.ids if after[1] is None or one > int(after[1])]
        size = self._random.randint(1, self.rows) if self._random.random() < self._short else self.rows
        more = "token" if len(rows) > size else ""
        document = {"contacts": [{"id": str(one)} for one in rows[:size]], "next_page_token": more}
        return Answer(200, {}, json.dumps(document).encode())


def read(table: Table, most: int, gone: list[tuple[int, int]] | None = None) -> list[int]:
    """Walk over a table, and delete some ids after some pages. A page that fails is requested again."""
    walk = Pages(Prefetcher(cast("KeapClient", table), most), PLAN, BY_ID)
    seen: list[int] = []
    pages = 0
    while not walk.is_last:
        try:
            for page in walk:
                seen += [int(row["id"]) for row in page]
                pages += 1
                for at, place in gone or ():
                    if at == pages and table.ids:
                        table.ids = [one for one in table.ids if one != table.ids[place % len(table.ids)]]
        except KeapError:
            continue
    settle()
    return seen


@pytest.mark.parametrize("most", [1, 4, 16])
@pytest.mark.parametrize("rows", [1, 7, 100])
def test_dense_ids_need_no_more_calls_than_pages(rows: int, most: int) -> None:
    table = Table([*range(1001, 1001 + 20 * rows)], rows)
    assert read(table, most) == table.ids
    assert 20 <= table.calls <= 20 + (most - 1 + MOST_WAITING if most > 1 else 0)


@pytest.mark.parametrize(
    ("count", "pages"), [(999, 1), (1000, 1), (1001, 2), (1999, 2), (2000, 2), (3000, 3)]
)
def test_a_full_page_with_the_last_row_is_the_last(count: int, pages: int) -> None:
    table = Table([*range(1, count + 1)], 1000)
    assert read(table, 1) == table.ids
    assert table.calls == pages


def test_rows_that_arrive_behind_a_full_page_do_not_end_the_walk_before_it() -> None:
    table = Table([*range(1, 3001)], 1000)
    fetch = table.fetch

    def with_another_row(call: Call, first: Attempt | None = None) -> Reply:
        reply = fetch(call, first)
        table.ids.append(table.ids[-1] + 1)
        return reply

    table.fetch = with_another_row  # type: ignore[method-assign]
    assert {*read(table, 1)} >= {*range(1, 3001)}


@pytest.mark.parametrize("most", [1, 4])
@pytest.mark.parametrize("rows", [5, 100])
def test_ids_of_0_and_below_are_read(rows: int, most: int) -> None:
    table = Table([-7, -1, 0, *range(3, 60)], rows)
    assert read(table, most) == table.ids


def test_a_page_of_ids_of_0_and_below_is_no_place_to_continue_from() -> None:
    with pytest.raises(OutOfOrderError):
        read(Table([-7, -1, 0, *range(3, 60)], 3), 1)


@pytest.mark.parametrize(("work", "pages"), [(0.0, 8), (1.0, 8), (2.5, 4), (7.5, 2), (99.0, 2)])
def test_a_reader_that_works_longer_on_a_page_needs_fewer_pages_in_flight(work: float, pages: int) -> None:
    """Waiting for a page is not work."""

    class Slow(Table):
        def fetch(self, call: Call, first: Attempt | None = None) -> Reply:
            self.clock.pass_time(7)
            return super().fetch(call, first)

    table = Slow([*range(1, 41)], 5, latency=7.4)
    prefetcher = Prefetcher(cast("KeapClient", table), 4)
    for _ in Pages(prefetcher, PLAN, BY_ID):
        table.clock.pass_time(work)
    settle()
    assert prefetcher.useful == pages


class Busy(Table):
    """Counts the calls in flight, each of which takes a moment."""

    under_way = most = 0

    def send_ahead(self, call: Call, is_wanted: Any) -> Attempt:
        if is_wanted is not None:
            is_wanted()  # the client asks this right before it sends a call
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        threading.Event().wait(0.005)
        with self._lock:
            self.under_way -= 1
        return super().send_ahead(call, is_wanted)


@pytest.mark.parametrize(("most", "under_way"), [(2, 2), (3, 3), (16, 3)])
def test_no_more_calls_are_in_flight_than_the_rate_limit_allows(most: int, under_way: int) -> None:
    table = Busy([*range(1, 201)], 5, latency=3)
    assert read(table, most) == table.ids
    # The page that is needed now is requested in any case.
    assert under_way <= table.most <= under_way + 1


@settings(deadline=None, max_examples=150)
@given(
    gaps=st.lists(st.one_of(st.just(1), st.integers(1, 4), st.integers(1, 1000)), max_size=80),
    rows=st.integers(1, 6),
    most=st.sampled_from([1, 4, 16]),
    seed=st.integers(0, 99),
    short=st.sampled_from([0, 0.3]),
    fails=st.sampled_from([0, 0.2]),
)
def test_every_row_arrives_once_and_in_order(
    gaps: list[int], rows: int, most: int, seed: int, short: float, fails: float
) -> None:
    ids = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    table = Table(ids, rows, seed=seed, short=short, fails=fails)
    assert read(table, most) == ids


@settings(deadline=None, max_examples=150)
@given(
    count=st.integers(0, 80),
    rows=st.integers(1, 6),
    most=st.sampled_from([4, 16]),
    gone=st.lists(st.tuples(st.integers(1, 20), st.integers(0, 80)), max_size=30),
)
def test_rows_deleted_during_the_walk_lose_no_others(
    count: int, rows: int, most: int, gone: list[tuple[int, int]]
) -> None:
    ids = [*range(1, count + 1)]
    table = Table(ids, rows)
    seen = read(table, most, gone)
    assert seen == sorted(set(seen))
    assert set(table.ids) <= set(seen) <= set(ids)


@pytest.mark.parametrize("most", [1, 4, 16])
@pytest.mark.parametrize("at", [3, 17, 38])
def test_rows_out_of_order_are_detected(most: int, at: int) -> None:
    ids = [*range(1, 41)]
    ids[at - 1], ids[at] = ids[at], ids[at - 1]
    with pytest.raises(OutOfOrderError):
        read(Table(ids, 5), most)
    settle()


def test_short_walks_make_at_most_one_call_beyond_the_end() -> None:
    for count in range(11):
        table = Table([*range(1, count + 1)], 5)
        assert read(table, 16) == table.ids
        assert table.calls == max(-(-count // 5), 1) + (count > 5)


class Noting(Table):
    """Records how many rows the answers had that were taken."""

    def fetch(self, call: Call, first: Attempt | None = None) -> Reply:
        reply = super().fetch(call, first)
        self.taken = [*getattr(self, "taken", ()), len(reply.document["contacts"])]
        return reply


@pytest.mark.parametrize("count", [19_500, 20_000, 20_001])
def test_no_empty_page_is_awaited_after_a_full_one(count: int) -> None:
    table = Noting([*range(1, count + 1)], 1000)
    assert read(table, 4) == table.ids
    assert min(table.taken) > 0


def test_a_page_with_no_new_rows_is_the_last_only_if_no_token_follows() -> None:
    # The ids on the last full page are far apart, so the next guess begins within that page.
    ids = [*range(1, 19_983), *(19_982 + 3 * place for place in range(1, 1000))]
    table = Noting(ids, 1000)
    assert read(table, 4) == ids
    assert min(table.taken) > 0
