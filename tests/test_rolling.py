"""Rolling reads: weeks of nights in which nothing gets older than the interval, and nothing is lost."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from tap_infusionsoft.streams.registry import COLLECTIONS
from tests import fixtures
from tests.fixtures import Run

DAY = 86_400
REFRESH = "rolling"
INTERVAL = 7
"""Days between sweeps, by default."""

COLUMNS = {
    "campaign_goals": ("id", "name"),
    "lead_source_expenses": ("id", "title"),
    "product_options": ("id", "option_label"),
    "subscription_plans": ("id", "total_cycles"),
    "tags": ("id", "name"),
    "affiliate_payments": ("id", "pay_notes"),
}
"""Stream that is read in full -> its key, and a column that changes."""
IN_FULL = [stream for stream in COLUMNS if not COLLECTIONS[stream].changes.is_timed]
STREAMS = (*COLUMNS, "affiliates", "campaigns", "lead_sources", "products")

Rows = dict[str, Any]


def truth(run: Run, stream: str) -> Rows:
    key, column = COLUMNS[stream]
    return {str(row[key]): row[column] for row in run.box.records(stream)}


def copy(run: Run, stream: str) -> Rows:
    key, column = COLUMNS[stream]
    return {str(row[key]): row[column] for row in run.target.rows(stream)}


def change(run: Run, stream: str, rng: random.Random) -> None:
    """Edit a row, delete one, and create one, in a way that only reading all of them shows."""
    key, column = COLUMNS[stream]
    rows = run.box.records(stream)
    edited, gone = rng.sample(rows, 2) if len(rows) > 3 else (rows[0], None)
    value = (not edited[column]) if isinstance(edited[column], bool) else rng.randrange(10**6)
    text = value if isinstance(edited[column], bool | int) else f"edited {value}"
    run.box.plant(stream, upsert=[{key: edited[key], column: text}])
    if gone is not None and rng.random() < 0.5:
        run.box.plant(stream, delete=[gone[key]])


def stale(history: list[Rows], found: Rows) -> list[str]:
    """What is wrong with a copy, given what was true after each of the last nights, the newest last."""
    wrong = []
    recent = history[-INTERVAL - 1 :]
    for key, value in found.items():
        if not any(key in rows and rows[key] == value for rows in recent):
            wrong.append(f"{key} has had {value!r} for more than {INTERVAL} days")
    if len(recent) > INTERVAL:
        lasting = set(recent[0].items()).intersection(*(rows.items() for rows in recent))
        wrong += [f"{key} is missing" for key, value in lasting if found.get(key) != value]
    return wrong


def test_nothing_gets_older_than_the_interval(run: Run) -> None:
    rng = random.Random(3)
    catalog = run.catalog(*STREAMS)
    run(catalog=catalog, refresh=REFRESH)
    first = len(run.box.requests())
    history = {stream: [truth(run, stream)] for stream in COLUMNS}
    costs = []
    for night in range(4 * INTERVAL):
        for stream in COLUMNS:
            change(run, stream, rng)
            history[stream].append(truth(run, stream))
        run.clock.pass_time(DAY)
        run.box.clear_requests()
        run(catalog=catalog, refresh=REFRESH)
        costs.append(len(run.box.requests()))
        for stream in COLUMNS:
            assert stale(history[stream], copy(run, stream)) == [], f"{stream} after night {night}"
    assert sum(costs) < 0.75 * first * len(costs)
    assert max(costs) < first


def test_what_is_new_or_changed_is_read_in_the_same_night(run: Run) -> None:
    catalog = run.catalog("products", "product_options", "lead_sources", "lead_source_expenses")
    run(catalog=catalog, refresh=REFRESH)
    for _ in range(2):
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=REFRESH)
    options = run.box.records("product_options")
    first, last = options[0], options[-1]
    for one in (first, last):
        run.box.plant("product_options", upsert=[{"id": one["id"], "option_label": "Changed"}])
        run.box.plant("products", upsert=[{"id": one["product_id"]}], touch=True)
    run.box.plant("lead_sources", upsert=[{"id": "1000", "name": "New"}], touch=True)
    run.box.plant("lead_source_expenses", upsert=[{"lead_source_id": "1000", "title": "Launch"}])
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh=REFRESH)
    labels = {row["id"]: row["option_label"] for row in run.target.rows("product_options")}
    assert labels[first["id"]] == labels[last["id"]] == "Changed"
    assert [row for row in run.target.rows("lead_source_expenses") if row["lead_source_id"] == "1000"]


def test_killed_rounds_go_on(run: Run) -> None:
    rng = random.Random(5)
    catalog = run.catalog(*STREAMS)
    run(catalog=catalog, refresh=REFRESH)
    history = {stream: [truth(run, stream)] for stream in COLUMNS}
    for _ in range(3 * INTERVAL):
        for stream in COLUMNS:
            change(run, stream, rng)
            history[stream].append(truth(run, stream))
        run.clock.pass_time(DAY)
        if not run.cut_off(rng.randrange(30), catalog, flushes=rng.random() < 0.5, refresh=REFRESH):
            continue
        if rng.random() < 0.5:
            run(catalog=catalog, refresh=REFRESH)
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh="full")
    for stream in IN_FULL:
        assert copy(run, stream) == truth(run, stream), stream


@pytest.mark.parametrize("modes", [("full", "rolling", "full"), ("rolling", "rolling", "full")])
def test_the_mode_can_be_changed_at_any_time(run: Run, modes: tuple[str, ...]) -> None:
    rng = random.Random(7)
    catalog = run.catalog(*STREAMS)
    for mode in (*modes, *modes):
        for stream in COLUMNS:
            change(run, stream, rng)
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=mode)
        if mode == "full":
            for stream in IN_FULL:
                assert copy(run, stream) == truth(run, stream), stream


@pytest.mark.parametrize("mode", ["rolling", "full"])
def test_a_run_may_make_so_many_calls_and_leaves_the_rest_for_the_next(run: Run, mode: str) -> None:
    catalog = run.catalog(*STREAMS, "contacts", "orders")
    run(catalog=catalog, refresh=mode)
    for day in range(INTERVAL):
        run.clock.pass_time(DAY)
        run.box.plant("contacts", upsert=[{"id": "1", "given_name": str(day)}], touch=True)
        run.box.clear_requests()
        run(catalog=catalog, refresh=mode, max_calls_per_run=15)
        assert len(run.box.requests()) <= 15
        assert {row["id"]: row for row in run.target.rows("contacts")}["1"]["given_name"] == str(day)
    assert run.says("Left for the next run")
    for _ in range(2):
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh="full")
    for stream in IN_FULL:
        assert copy(run, stream) == truth(run, stream), stream


@pytest.mark.usefixtures("eager")
def test_what_is_not_due_is_not_asked_for_ahead_of_time_either(run: Run) -> None:
    catalog = run.catalog("contacts", "countries", "products", "user_groups")
    run(catalog=catalog, refresh=REFRESH)
    run.clock.pass_time(1800)
    run.box.clear_requests()
    run(catalog=catalog, refresh=REFRESH)
    asked = {entry["path"].rpartition("/")[2] for entry in run.box.requests()}
    assert {"contacts", "products"} <= asked
    assert not asked & {"countries", "userGroups"}


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one call bring few rows, so that a small account has lists of many calls."""
    small = {
        name: replace(one, endpoint=replace(one.endpoint, page_size=min(one.endpoint.page_size, 15)))
        for name, one in COLLECTIONS.items()
    }
    monkeypatch.setattr(fixtures, "COLLECTIONS", small)


@pytest.mark.usefixtures("small_pages")
def test_sweeps_and_long_lists_are_spread_over_the_nights_of_the_interval(run: Run) -> None:
    streams = ("contacts", "notes", "tasks", "orders", "order_items", "email_address_statuses")
    catalog = run.catalog(*streams)
    run(catalog=catalog, refresh=REFRESH)
    costs, swept = [], {stream: [0] for stream in streams}
    for night in range(1, 3 * INTERVAL + 1):
        run.clock.pass_time(DAY)
        before = {stream: run.target.state["bookmarks"][stream]["version"] for stream in streams}
        run.box.clear_requests()
        run(catalog=catalog, refresh=REFRESH)
        costs.append(len(run.box.requests()))
        for stream in streams:
            if run.target.state["bookmarks"][stream]["version"] != before[stream]:
                swept[stream].append(night)
    for stream, nights in swept.items():
        assert all(later - one <= INTERVAL for one, later in pairwise([*nights, night])), stream
        assert len(nights) <= 5, stream
    assert swept["orders"] == swept["order_items"]  # they share their calls
    assert len({tuple(nights) for nights in swept.values()}) > 2
    run.clock.pass_time(DAY)
    run.box.clear_requests()
    run(catalog=catalog, refresh="full", sweep="now")
    assert max(costs) < 0.7 * len(run.box.requests())


@pytest.mark.usefixtures("small_pages")
def test_with_few_calls_increments_come_before_the_lists_whose_turn_it_is(run: Run) -> None:
    streams = ("contacts", "notes", "tasks", "orders")
    catalog = run.catalog(*streams)
    run(catalog=catalog, refresh=REFRESH)
    for _ in range(2 * INTERVAL):
        for stream in streams:
            run.box.plant(stream, upsert=[{"id": "1"}], touch=True)
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=REFRESH, max_calls_per_run=8)
        for stream in streams:
            bookmark = run.target.state["bookmarks"][stream]["replication_key_value"]
            assert bookmark[:10] >= f"{run.clock.now() - timedelta(days=1):%Y-%m-%d}", stream


def test_a_list_of_one_call_is_swept_every_night_but_not_every_hour(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog, refresh=REFRESH)
    run.box.plant("contacts", delete=["1009"])
    run.clock.pass_time(3600)
    run(catalog=catalog, refresh=REFRESH)
    assert "1009" in {row["id"] for row in run.target.rows("contacts")}
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh=REFRESH)
    assert "1009" not in {row["id"] for row in run.target.rows("contacts")}


def test_what_changed_is_read_in_every_night_of_a_round(run: Run) -> None:
    catalog = run.catalog("products", "product_options")
    run(catalog=catalog, refresh=REFRESH)
    options = run.box.records("product_options")
    for night in range(INTERVAL + 2):
        run.clock.pass_time(DAY)
        for one in (options[0], options[-1]):
            changed = {"id": one["id"], "option_label": f"Night {night}"}
            run.box.plant("product_options", upsert=[changed])
            run.box.plant("products", upsert=[{"id": one["product_id"]}], touch=True)
        run(catalog=catalog, refresh=REFRESH)
        labels = {row["id"]: row["option_label"] for row in run.target.rows("product_options")}
        assert labels[options[0]["id"]] == labels[options[-1]["id"]] == f"Night {night}"


def test_parents_that_are_new_are_read_in_the_first_run_after_full(run: Run) -> None:
    catalog = run.catalog("lead_sources", "lead_source_expenses")
    run(catalog=catalog, refresh="full")
    run.box.plant("lead_sources", upsert=[{"id": "1000", "name": "New"}])
    run.box.plant("lead_source_expenses", upsert=[{"lead_source_id": "1000", "title": "Launch"}])
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh=REFRESH)
    assert [row for row in run.target.rows("lead_source_expenses") if row["lead_source_id"] == "1000"]


def test_with_few_calls_what_contacts_show_does_not_wait_for_everything_else(run: Run) -> None:
    lists = ("campaigns", "countries", "reports", "user_groups", "users")
    catalog = run.catalog("contact_tags", "contacts", *lists)
    for _ in range(2):
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=REFRESH, max_calls_per_run=8)
        held = {(row["contact_id"], row["tag_id"]) for row in run.target.rows("contact_tags")}
        tags = run.box.records("contact_tags")
        assert held == {(row["contact_id"], row["tag_id"]) for row in tags}
        assert run.says("Left for the next run")
        contact = run.box.records("contacts", ids_only=True)[0]
        has = {row["tag_id"] for row in tags if row["contact_id"] == contact}
        new = next(tag for tag in run.box.records("tags", ids_only=True) if tag not in has)
        run.box.plant("contact_tags", upsert=[{"contact_id": contact, "tag_id": new}])


def test_a_tag_that_was_removed_is_gone_in_the_next_night_if_all_tags_take_one_call(run: Run) -> None:
    catalog = run.catalog("contacts", "contact_tags")
    run(catalog=catalog, refresh=REFRESH)
    for _ in range(3):
        gone = {name: run.box.records("contact_tags")[0][name] for name in ("contact_id", "tag_id")}
        run.box.plant("contact_tags", delete=[gone])
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=REFRESH)
        held = {(row["contact_id"], row["tag_id"]) for row in run.target.rows("contact_tags")}
        assert held == {(row["contact_id"], row["tag_id"]) for row in run.box.records("contact_tags")}
        run.clock.pass_time(DAY)
        run.box.clear_requests()
        run(catalog=catalog, refresh=REFRESH)
        calls = [one for one in run.box.requests() if one["path"].endswith("/-/contacts")]
        assert len(calls) == 1, "nothing is gone"


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("most", [1, 2, 3, 5, 8])
def test_a_sweep_that_the_calls_do_not_suffice_for_goes_on_in_the_next_run(run: Run, most: int) -> None:
    streams = ("contacts", "notes", "payments")
    catalog = run.catalog(*streams)
    run(catalog=catalog, refresh=REFRESH)
    before = {stream: {row["id"] for row in run.target.rows(stream)} for stream in streams}
    for days in (2 * INTERVAL, 1, 1):
        run.clock.pass_time(days * DAY)
        run(catalog=catalog, refresh=REFRESH, max_calls_per_run=most, sweep="now", sweep_max_drop=1)
        assert {stream: {row["id"] for row in run.target.rows(stream)} for stream in streams} == before
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=REFRESH, max_calls_per_run=most, sweep_max_drop=1)
        assert {stream: {row["id"] for row in run.target.rows(stream)} for stream in streams} == before


def test_a_round_that_was_left_lying_for_long_begins_again(run: Run) -> None:
    catalog = run.catalog("lead_sources", "lead_source_expenses")
    run(catalog=catalog, refresh=REFRESH)
    for _ in range(9):
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh=REFRESH)
        if run.target.state["bookmarks"]["lead_source_expenses"]["underway"]:
            break
    first = run.box.records("lead_source_expenses")[0]
    run.box.plant("lead_source_expenses", upsert=[{"id": first["id"], "title": "Edited"}])
    run.clock.pass_time(10 * DAY)
    run(catalog=catalog, refresh=REFRESH)
    titles = {row["id"]: row["title"] for row in run.target.rows("lead_source_expenses")}
    assert titles[first["id"]] == "Edited"
