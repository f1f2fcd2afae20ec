"""Lists that are read in full now and then: what moved shows in the nights between."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tap_infusionsoft.records.coerce import to_moment
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Moved, Snapshot
from tests import fixtures

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection
    from tests.fixtures import Run

STREAM = "email_address_statuses"
DAY = 86_400
INTERVAL = 7
"""Days between sweeps, by default."""
WALKS = 5
PAGE = 5
"""Rows that one call brings in these tests."""

pytestmark = pytest.mark.usefixtures("small_pages")


def in_small_pages(**changes: Any) -> Collection:
    one = COLLECTIONS[STREAM]
    return replace(one, endpoint=replace(one.endpoint, page_size=PAGE), **changes)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one call bring few rows, so that a small account has a list of many calls."""
    monkeypatch.setattr(fixtures, "COLLECTIONS", {**COLLECTIONS, STREAM: in_small_pages()})


def truth(run: Run) -> dict[str, dict[str, Any]]:
    rows = run.box.records(STREAM)
    return {
        row["email"]: {
            name: to_moment(one) if one and name.endswith("_time") else one for name, one in row.items()
        }
        for row in rows
    }


def copy(run: Run) -> dict[str, dict[str, Any]]:
    return {row["email"]: row for row in run.target.rows(STREAM)}


def now(run: Run) -> str:
    return f"{run.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"


def night(run: Run, catalog: Any, **settings: Any) -> list[str]:
    """Let a day pass, run, and return the orders that were asked for, one a call."""
    run.clock.pass_time(DAY)
    run.box.clear_requests()
    run(catalog=catalog, **{"refresh": "rolling", **settings})
    return [entry["query"].get("order_by", "") for entry in run.box.requests()]


def first_load(run: Run) -> Any:
    catalog = run.catalog(STREAM)
    run(catalog=catalog, refresh="rolling")
    if run.target.state["bookmarks"][STREAM].get("swept_at") is None:
        night(run, catalog)
    return catalog


def send(run: Run, *emails: str) -> None:
    run.box.plant(STREAM, upsert=[{"email": one, "last_sent_time": now(run)} for one in emails])


def assert_nothing_lost(run: Run, history: list[dict[str, dict[str, Any]]]) -> None:
    """Compare the copy with what was true: all rows are there, and none is older than the interval."""
    found, recent = copy(run), history[-INTERVAL - 1 :]
    assert not history[-1].keys() - found.keys()
    for email, row in found.items():
        assert any(rows.get(email) == row for rows in recent), email


@pytest.mark.parametrize("at_night", [True, False])
@pytest.mark.parametrize("nulls", ["lowest", "highest"])
def test_what_moved_shows_in_the_same_run(run: Run, nulls: str, *, at_night: bool) -> None:
    run.box.switch(order_nulls=nulls)
    catalog = first_load(run)
    sent, opened, clicked, out, *_ = (row["email"] for row in truth(run).values() if row["opted_in"])
    for _ in range(2):
        run.clock.pass_time(DAY - 3600 if at_night else 1800)
        time = now(run)
        run.clock.pass_time(3600 if at_night else 1)
        changes = [
            {"email": sent, "last_sent_time": time},
            {"email": opened, "last_open_time": time},
            {"email": clicked, "last_click_time": time},
            {"email": out, "last_sent_time": time, "opted_in": False, "status": "LIST_UNSUBSCRIBE"},
            {"email": f"{time}@example.com", "create_time": time},
        ]
        run.box.plant(STREAM, upsert=changes)
        run.box.clear_requests()
        run(catalog=catalog, refresh="rolling")
        assert len(run.box.requests()) == WALKS
        if nulls == "lowest":
            assert copy(run) == truth(run)
        else:  # the orders by times that rows may lack are of no use then
            assert copy(run).keys() == truth(run).keys()
    for _ in range(INTERVAL):
        night(run, catalog)
    assert copy(run) == truth(run)


def test_who_opts_out_shows_in_the_same_night_if_the_address_was_written_to_of_late(run: Run) -> None:
    catalog = first_load(run)
    late, early = [row["email"] for row in truth(run).values() if row["opted_in"]][:2]
    send(run, late, early)
    night(run, catalog)
    run.box.plant(STREAM, upsert=[{"email": early, "last_sent_time": "2020-01-01T00:00:00Z"}])
    for _ in range(2):
        night(run, catalog)
    run.box.plant(STREAM, upsert=[{"email": one, "opted_in": False} for one in (late, early)])
    night(run, catalog)
    assert not copy(run)[late]["opted_in"]
    assert copy(run)[early]["opted_in"]
    for _ in range(INTERVAL):
        night(run, catalog)
    assert copy(run) == truth(run)


def test_a_row_comes_once_however_many_walks_bring_it(run: Run) -> None:
    catalog = first_load(run)
    email = next(iter(truth(run)))
    names = ("last_sent_time", "last_open_time", "last_click_time")
    run.box.plant(STREAM, upsert=[{"email": email, "opted_in": False, **dict.fromkeys(names, now(run))}])
    night(run, catalog)
    assert run.caplog is not None
    assert any(one.startswith(f"{STREAM}: 1 row, increment;") for one in run.caplog.messages)


@pytest.mark.parametrize("seed", range(3))
def test_weeks_of_nights_lose_nothing(run: Run, seed: int) -> None:
    rng = random.Random(seed)
    run.box.switch(order_ties="moving", order_nulls=rng.choice(["lowest", "highest"]))
    catalog = first_load(run)
    history, costs = [truth(run)], []
    for _ in range(3 * INTERVAL):
        hours = rng.randrange(24)
        run.clock.pass_time(hours * 3600)
        emails = [*truth(run)]
        send(run, *rng.sample(emails, rng.choice([0, 3, 20])))
        run.box.plant(STREAM, delete=rng.sample(emails, 2))
        new, changed = f"{rng.random()}@example.com", rng.choice([*truth(run)])
        run.box.plant(STREAM, upsert=[{"email": new, "create_time": now(run), "status": "MANUAL"}])
        run.box.plant(STREAM, upsert=[{"email": changed, "status": f"STATUS_{rng.random()}"}])
        history.append(truth(run))
        run.box.clear_requests()
        run.clock.pass_time(DAY - hours * 3600)
        is_cut = run.cut_off(rng.randrange(12), catalog, flushes=rng.random() < 0.5, refresh="rolling")
        if is_cut:
            run(catalog=catalog, refresh="rolling")
        costs.append(len(run.box.requests()))
        assert_nothing_lost(run, history)
    night(run, catalog, refresh="full")
    assert copy(run) == truth(run)


@pytest.mark.parametrize("flushes", [True, False])
def test_a_run_may_be_killed_at_any_of_its_calls(run: Run, *, flushes: bool) -> None:
    catalog = first_load(run)
    emails = [*truth(run)]
    for answers in range(WALKS + 4):
        send(run, *emails[answers : answers + 7])
        run.box.plant(STREAM, upsert=[{"email": f"{answers}@example.com", "create_time": now(run)}])
        run.clock.pass_time(7200)
        run.cut_off(answers, catalog, flushes=flushes, refresh="rolling")
        send(run, *emails[answers + 40 : answers + 43])
        run.clock.pass_time(7200)
        run(catalog=catalog, refresh="rolling")
        assert copy(run) == truth(run)


@pytest.mark.parametrize("limit", [None, 60])
def test_if_nearly_everything_moved_the_whole_list_is_read_instead(run: Run, limit: int | None) -> None:
    catalog = first_load(run)
    send(run, *truth(run))
    whole = math.ceil(len(truth(run)) / PAGE)
    run.target.state["bookmarks"][STREAM]["calls"] = whole  # it may have been read twice
    orders = night(run, catalog, max_calls_per_run=limit)
    if limit:
        assert len(orders) <= whole // 2 + WALKS
        send(run, [*truth(run)][40])
        assert len(night(run, catalog, max_calls_per_run=9)) == 9
        assert copy(run)[[*truth(run)][40]] == truth(run)[[*truth(run)][40]]
        orders = night(run, catalog, max_calls_per_run=3 * whole)
    assert len(orders) <= 2.5 * whole
    assert copy(run) == truth(run)
    state = run.target.state["bookmarks"][STREAM]
    assert state["swept_at"] == now(run)
    assert len(night(run, catalog)) <= whole // 2
    assert copy(run) == truth(run)


def test_a_run_that_is_killed_before_it_reads_everything_instead_does_so_the_next_time(run: Run) -> None:
    catalog = first_load(run)
    send(run, *truth(run))
    half = run.target.state["bookmarks"][STREAM]["calls"] // 2
    run.clock.pass_time(DAY)
    assert run.cut_off(half + 1, catalog, refresh="rolling")
    night(run, catalog)
    assert copy(run) == truth(run)
    assert run.target.state["bookmarks"][STREAM]["moved"] == []
    assert len(night(run, catalog)) <= WALKS + 2


def test_walks_use_no_more_than_half_of_the_calls_in_all(run: Run) -> None:
    catalog = first_load(run)
    whole = run.target.state["bookmarks"][STREAM]["calls"]
    share = whole // 2 * 5 // 4  # each of four walks takes a fourth of the pages, and a little more
    emails = [*truth(run)]
    for number, name in enumerate(("last_sent_time", "last_open_time", "last_click_time", "create_time")):
        some = emails[number * share : (number + 1) * share]
        run.box.plant(STREAM, upsert=[{"email": one, name: now(run)} for one in some])
    orders = night(run, catalog)
    assert sum(one.startswith("last") for one in orders) <= whole // 2 + 2  # or ahead of time
    assert copy(run) == truth(run)


@pytest.mark.parametrize("how", ["ignored", "ids"])
def test_rows_in_another_order_are_left_to_the_next_complete_read(run: Run, how: str) -> None:
    run.box.switch(order_by=how)
    catalog = first_load(run)
    send(run, [*truth(run)][-1])
    for _ in range(INTERVAL):
        night(run, catalog)
    assert copy(run) == truth(run)
    assert run.caplog is not None
    assert any("cannot be read in the order 'last_sent_time desc'" in one for one in run.caplog.messages)


def test_an_order_that_keap_refuses_is_left_out(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    walks = (Moved("last_sent_time", order_by="nonsense"), Moved("create_time"))
    monkeypatch.setattr(fixtures, "COLLECTIONS", {STREAM: in_small_pages(changes=Snapshot(moved=walks))})
    catalog = first_load(run)
    run.box.plant(STREAM, upsert=[{"email": "new@example.com", "create_time": now(run)}])
    night(run, catalog)
    assert copy(run) == truth(run)


def test_a_walk_that_was_left_out_goes_further_back_the_next_time(run: Run) -> None:
    catalog = first_load(run)
    email = next(iter(truth(run)))
    send(run, email)
    run.box.switch(order_by="ids")
    night(run, catalog)
    assert copy(run) != truth(run)
    run.box.switch(order_by="applied")
    night(run, catalog)
    assert copy(run) == truth(run)


def test_times_in_the_future_hide_nothing(run: Run) -> None:
    catalog = first_load(run)
    first, second = [*truth(run)][:2]
    run.box.plant(STREAM, upsert=[{"email": first, "last_sent_time": "2099-01-01T00:00:00Z"}])
    for _ in range(2):
        night(run, catalog)
        send(run, second)
    night(run, catalog)
    assert copy(run) == truth(run)


@pytest.mark.parametrize(
    "modes", [("full", "rolling"), ("rolling", "full", "rolling"), ("rolling", "rolling")]
)
def test_the_mode_can_change_in_the_middle_of_a_pass(run: Run, modes: tuple[str, ...]) -> None:
    catalog = first_load(run)
    for answers in range(2, WALKS):
        for mode in modes:
            send(run, [*truth(run)][answers])
            run.box.plant(STREAM, upsert=[{"email": f"{now(run)}@example.com", "create_time": now(run)}])
            run.clock.pass_time(DAY)
            run.cut_off(answers, catalog, flushes=True, refresh=mode)
            run(catalog=catalog, refresh=mode)
            assert copy(run) == truth(run)


def test_increments_come_before_what_is_read_in_full(run: Run) -> None:
    catalog = run.catalog(STREAM, "product_options", "products")
    for _ in range(2):
        run(catalog=catalog, refresh="rolling")
        run.clock.pass_time(DAY)
    for _ in range(INTERVAL):
        send(run, *[*truth(run)][:3])
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh="rolling", max_calls_per_run=8)
        assert copy(run) == truth(run)


@pytest.mark.parametrize("bad", [{"moved": [1]}, {"moved": [{"create_time": "soon"}]}, {"moved": "x"}])
def test_a_state_that_cannot_be_used_is_refused(run: Run, bad: dict[str, Any]) -> None:
    catalog = first_load(run)
    run.target.state["bookmarks"][STREAM] |= bad
    run(catalog=catalog, refresh="rolling", fails=True)
    assert STREAM in str(run.error)


def test_a_checkpoint_that_cannot_be_used_is_refused(run: Run) -> None:
    catalog = first_load(run)
    run.clock.pass_time(DAY)
    assert run.cut_off(2, catalog, flushes=True, refresh="rolling")
    state = run.target.state["bookmarks"][STREAM]
    assert state["underway"][0]["kind"] == "increment"
    for bad in ({"create_time": "soon"}, {"create_time": 5}, [1]):
        state["underway"][0]["progress"]["moved"] = bad
        run(catalog=catalog, refresh="rolling", fails=True)
        assert STREAM in str(run.error)
