"""Streams whose rows are in the same responses request them once, and each of them is complete."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.shared_responses import PAGES_AHEAD, SharedFetcher, SharedResponses
from tests.fixtures import Run
from tests.spent import address
from tests.target import Target, tables
from tests.truth import differences

ORDERS = ("invoice_balances", "order_items", "order_payment_plan_items", "orders")
PAGE = 5
PROOF = 1
"""Calls of a walk of several pages that prove that rows come in the order of their ids."""


def calls(run: Run, stream: str = "orders") -> int:
    """Count the calls to the endpoint of a stream since the last count."""
    paths = [call["path"].removeprefix("/crm/rest") for call in run.box.requests()]
    run.box.clear_requests()
    return sum(address(stream).fullmatch(path) is not None for path in paths)


def pages(run: Run, stream: str) -> int:
    return math.ceil(len(run.box.records(stream)) / PAGE)


def wrong(run: Run, *streams: str) -> list[str]:
    return [
        f"{name} {told}"
        for name in streams
        for told in differences(run.box, name, run.target.rows(name), run.target.schemas[name])
    ]


@pytest.fixture
def pair(run: Run) -> dict[str, Any]:
    """A catalog of the streams that come from orders, in an account with many pages of orders."""
    run.box.switch(page_rows_max=PAGE)
    assert pages(run, "orders") > 3 * PAGES_AHEAD
    catalog = run.catalog(*ORDERS)
    run.box.clear_requests()
    return catalog


def test_four_streams_of_orders_cost_as_many_calls_as_one(run: Run, pair: dict[str, Any]) -> None:
    run(catalog=pair)
    assert calls(run) == pages(run, "orders") + PROOF
    assert wrong(run, *ORDERS) == []
    run.clock.pass_time(3600)
    for row in run.box.records("orders")[: 2 * PAGE]:
        run.box.plant("orders", upsert=[{"id": row["id"], "title": "Edited"}], touch=True)
    run.clock.pass_time(3600)
    run(catalog=pair)
    read = len(run.target.sent("orders"))
    assert read > PAGE
    assert calls(run) == math.ceil(read / PAGE) + PROOF
    assert wrong(run, *ORDERS) == []


def test_streams_with_different_bookmarks_read_separately(run: Run, pair: dict[str, Any]) -> None:
    run(catalog=run.catalog("order_items"))
    run.clock.pass_time(86_400)
    for row in run.box.records("orders")[:PAGE]:
        run.box.plant("orders", upsert=[{"id": row["id"], "title": "Edited"}], touch=True)
    calls(run)
    run(catalog=pair)
    assert wrong(run, *ORDERS) == []
    increment = {row["order_id"] for row in run.target.sent("order_items")}
    assert calls(run) == pages(run, "orders") + math.ceil(len(increment) / PAGE) + 2 * PROOF


def test_a_failing_stream_leaves_those_that_share_its_calls_complete(run: Run, pair: dict[str, Any]) -> None:
    bad = run.box.records("orders")[2 * PAGES_AHEAD * PAGE]
    run.box.plant("orders", upsert=[{**bad, "order_items": [{"name": "without an id"}]}])
    run(catalog=pair, fails=True)
    assert "order_items" in str(run.error)
    others = [name for name in ORDERS if name != "order_items"]
    assert [one for one in wrong(run, *others) if "order_items" not in one] == []
    assert calls(run) == pages(run, "orders") + PROOF


def test_streams_that_share_calls_continue_while_one_is_blocked(run: Run, pair: dict[str, Any]) -> None:
    run.box.fault("search_blocked", shape="v2", path="/v2/orders", nth=PAGES_AHEAD + 3)
    run(catalog=pair)
    assert run.says("steps aside until")
    assert wrong(run, *ORDERS) == []
    # The blocked stream reads the rest by itself, and repeats the call that failed.
    assert calls(run) <= 2 * pages(run, "orders")


def test_a_killed_run_of_streams_that_share_calls_loses_nothing(run: Run, pair: dict[str, Any]) -> None:
    """One stream may be ahead of the others by a few responses, which they request again together."""
    settings: dict[str, Any] = {"requests_per_second": None, "requests_per_minute": None}
    whole = tables(run(catalog=pair, **settings))
    reference = len(run.box.requests())
    calls(run)
    for k in range(reference):
        run.target = Target()
        assert run.cut_off(k, pair, flushes=k % 2 == 0, **settings)
        is_taken_up = any(one.get("underway") for one in run.target.state.get("bookmarks", {}).values())
        assert tables(run(catalog=pair, **settings)) == whole, f"killed after call {k}"
        made = len(run.box.requests())
        run.box.clear_requests()
        # A slice, the model, and the increment after the resumed pass, for all of them together.
        assert made <= reference + 1 + 1 + is_taken_up + PAGES_AHEAD, f"killed after call {k}"


def test_orders_without_items_are_not_read_again_every_night(run: Run) -> None:
    for row in run.box.records("orders"):
        run.box.plant("orders", upsert=[{**row, "payment_plan": None}])
    run.box.switch(page_rows_max=PAGE)
    catalog = run.catalog("order_payment_plan_items")
    run(catalog=catalog)
    assert run.target.rows("order_payment_plan_items") == []
    run.clock.pass_time(86_400)
    calls(run)
    run(catalog=catalog)
    assert calls(run) == 1


class Echo:
    """Answers every call with a running number."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, call: Call) -> Reply:
        self.asked.append(call.path)
        return Reply({"number": len(self.asked)}, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, "")


def test_shared_responses_are_bounded_and_wait_once_for_each_reader() -> None:
    echo = Echo()
    shared = SharedResponses(echo, ["a", "b", "c"])
    a, b, c = (SharedFetcher(shared, name) for name in "abc")
    for page in range(PAGES_AHEAD):
        assert not a.is_ahead
        a.fetch(Call(f"/{page}"))
    taken = shared.taken
    assert [a.is_ahead, b.is_ahead, c.is_ahead] == [True, False, False]
    assert [b.fetch(Call(f"/{page}")).document["number"] for page in range(PAGES_AHEAD)] == [1, 2, 3, 4]
    a.go_on(taken)
    assert [a.is_ahead, b.is_ahead, c.is_ahead] == [True, True, False], "c has not read them yet"
    a.go_on(shared.taken)
    assert [a.is_ahead, b.is_ahead, c.is_ahead] == [False, False, False], "c had its chance to catch up"
    a.fetch(Call("/more"))
    assert b.fetch(Call("/more")).document == {"number": PAGES_AHEAD + 1}
    assert c.fetch(Call("/0")).document == {"number": PAGES_AHEAD + 2}, "c makes its own call"


def test_repeating_a_call_sends_it_again() -> None:
    """Pages may be read twice to see whether rows were deleted; followers get both responses in order."""
    echo = Echo()
    shared = SharedResponses(echo, ["a", "b"])
    a, b = SharedFetcher(shared, "a"), SharedFetcher(shared, "b")
    call = Call("/page")
    assert [one.fetch(call).document["number"] for one in (a, a, b, b, b)] == [1, 2, 1, 2, 3]
