"""Long lists are read once where that is proof enough, or where the proof can wait for the next night."""

from __future__ import annotations

import contextlib
import io
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run, before_each_answer, settle

DAY = 86_400
WEEK = 7 * DAY
PAGE = 6

BIRTHS = {
    "email_address_statuses": "create_time",
    "opportunity_stage_moves": "move_time",
    "opportunities": "created_time",
    "referrals": "referral_time",
    "users": "create_time",
}
"""Stream with births -> the time of creation."""
OTHERS = ("files",)
"""Streams of a list that can only be read twice, if it has more than one page."""
STREAMS = (*BIRTHS, *OTHERS)


def key_of(stream: str) -> str:
    return COLLECTIONS[stream].key[0]


def live(run: Run, stream: str) -> set[str]:
    return {str(row[key_of(stream)]) for row in run.box.records(stream)}


def held(run: Run, stream: str) -> set[str]:
    return {str(row[key_of(stream)]) for row in run.target.rows(stream)}


def add(run: Run, stream: str, number: int, *, is_born: bool = True) -> None:
    """Create a row, born now or without a birth."""
    now = datetime.fromtimestamp(run.box.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    row: dict[str, Any] = dict(run.box.records(stream)[0])
    row |= (
        {"email": f"new{number}@example.com"} if stream == "email_address_statuses" else {"id": str(number)}
    )
    row |= {name: now for name in ("update_time", "last_updated_time", "updated_time") if name in row}
    if stream in BIRTHS:
        row[BIRTHS[stream]] = now if is_born else None
    run.box.plant(stream, upsert=[row])


def remove(run: Run, stream: str, place: int) -> None:
    rows = run.box.records(stream)
    run.box.plant(stream, delete=[rows[place % len(rows)][key_of(stream)]])


def remove_some(run: Run, stream: str) -> None:
    """Delete ten rows, from all parts of the list."""
    for number in range(10):
        remove(run, stream, 17 * number)


def pages(run: Run, stream: str) -> int:
    path = COLLECTIONS[stream].endpoint.path
    return sum(entry["path"].endswith(path) for entry in run.box.requests())


def least(run: Run, stream: str) -> int:
    """The calls that bring all rows once."""
    return -(-len(live(run, stream)) // PAGE)


@pytest.fixture
def small_pages(run: Run) -> Run:
    run.box.switch(page_rows_max=PAGE, paging="offset")
    return run


@pytest.mark.parametrize("stream", BIRTHS)
def test_new_rows_cost_no_second_read(small_pages: Run, stream: str) -> None:
    run = small_pages
    catalog = run.catalog(stream)
    run(catalog=catalog, sweep_interval_days=1)
    add(run, stream, 900_001)
    run.clock.pass_time(DAY)
    run.box.clear_requests()
    run(catalog=catalog, sweep_interval_days=1)
    assert pages(run, stream) == least(run, stream)
    assert held(run, stream) == live(run, stream)
    remove(run, stream, 3)
    run.clock.pass_time(DAY)
    run.box.clear_requests()
    run(catalog=catalog, sweep_interval_days=1)
    assert pages(run, stream) == 2 * least(run, stream)
    assert held(run, stream) == live(run, stream)


@pytest.mark.parametrize("stream", [*BIRTHS, "files"])
def test_a_first_load_leaves_its_proof_to_the_next_complete_pass(small_pages: Run, stream: str) -> None:
    run = small_pages
    catalog = run.catalog(stream)
    run.box.clear_requests()
    run(catalog=catalog, refresh="rolling")
    assert pages(run, stream) == least(run, stream)
    assert held(run, stream) == live(run, stream)
    assert run.target.count("ACTIVATE_VERSION") == 0
    run.clock.pass_time(WEEK)
    run(catalog=catalog, refresh="rolling")
    assert run.target.count("ACTIVATE_VERSION") == 1
    remove(run, stream, 1)
    run.clock.pass_time(WEEK)
    run(catalog=catalog, refresh="rolling")
    assert held(run, stream) == live(run, stream)


def test_a_row_that_slipped_in_the_first_load_comes_with_the_next(small_pages: Run) -> None:
    run, stream = small_pages, "email_address_statuses"
    catalog = run.catalog(stream)
    changing(run, catalog, {12: lambda: remove_some(run, stream)}, refresh="rolling")
    assert live(run, stream) - held(run, stream)
    for _ in range(7):
        run.clock.pass_time(DAY)
        run(catalog=catalog, refresh="rolling")
    assert held(run, stream) == live(run, stream)


@pytest.mark.parametrize("stream", ["email_address_statuses", "opportunities"])
def test_full_proves_at_once_what_rolling_has_left(small_pages: Run, stream: str) -> None:
    run = small_pages
    catalog = run.catalog(stream)
    changing(run, catalog, {12: lambda: remove_some(run, stream)}, refresh="rolling")
    run.clock.pass_time(60)
    run(catalog=catalog, refresh="full")
    assert held(run, stream) == live(run, stream)
    assert run.target.count("ACTIVATE_VERSION", stream) == 1


@pytest.mark.parametrize("settings", [{"refresh": "full"}, {"sweep": "now"}, {"sweep_interval_days": 0}])
def test_a_first_load_is_read_twice_where_nothing_would_follow(
    small_pages: Run, settings: dict[str, Any]
) -> None:
    run, stream = small_pages, "email_address_statuses"
    catalog = run.catalog(stream)
    run.box.clear_requests()
    run(catalog=catalog, **{"refresh": "rolling", **settings})
    assert pages(run, stream) == 2 * least(run, stream)
    assert run.target.count("ACTIVATE_VERSION", stream) == 1


def test_a_first_load_that_was_killed_is_taken_up(small_pages: Run) -> None:
    run, stream = small_pages, "email_address_statuses"
    catalog = run.catalog(stream)
    for answers in (3, 20):
        assert run.cut_off(answers, catalog, flushes=True, refresh="rolling")
    run(catalog=catalog, refresh="rolling")
    assert held(run, stream) == live(run, stream)
    assert run.target.count("ACTIVATE_VERSION") == 0
    assert run.cut_off(20, catalog, flushes=True, refresh="full")
    run(catalog=catalog, refresh="full")
    assert run.target.count("ACTIVATE_VERSION") == 1
    assert held(run, stream) == live(run, stream)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_an_implausible_drop_after_the_first_load_deletes_nothing(small_pages: Run, share: float) -> None:
    run, stream = small_pages, "email_address_statuses"
    catalog = run.catalog(stream)
    run(catalog=catalog, refresh="rolling")
    before = held(run, stream)
    for _ in range(int(len(before) * share)):
        remove(run, stream, 0)
    run.clock.pass_time(WEEK)
    run(catalog=catalog, refresh="rolling", sweep_max_rows=30, fails=True)
    assert held(run, stream) == before
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh="rolling", sweep_max_drop=1)
    assert held(run, stream) == live(run, stream)


def test_the_table_of_another_program_keeps_its_rows_until_the_proof(small_pages: Run) -> None:
    run, stream = small_pages, "users"
    catalog = run.catalog(stream)
    run(catalog=catalog)
    before = held(run, stream)
    run.target.state = {}
    remove(run, stream, 5)
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh="rolling")
    assert held(run, stream) == before
    run.clock.pass_time(WEEK)
    run(catalog=catalog, refresh="rolling")
    assert held(run, stream) == live(run, stream)


@pytest.mark.parametrize("stream", ["email_address_statuses", "opportunities"])
def test_a_server_that_refuses_the_order_is_read_without_it(small_pages: Run, stream: str) -> None:
    run = small_pages
    catalog = run.catalog(stream)
    run(catalog=catalog, sweep_interval_days=1)
    add(run, stream, 900_001)
    path = COLLECTIONS[stream].endpoint.path
    run.box.fault("bad_request", path=path, query={"order_by": f"{BIRTHS[stream]} desc"})
    run.clock.pass_time(DAY)
    run(catalog=catalog, sweep_interval_days=1)
    assert held(run, stream) == live(run, stream)


def changing(run: Run, catalog: Any, changes: dict[int, Any], **settings: Any) -> None:
    """Run the tap, with something that happens before it takes an answer."""
    stdout = io.StringIO()
    tap = run.tap(catalog=catalog, **settings)
    with (
        before_each_answer(tap, lambda taken: changes.get(taken, lambda: None)()),
        contextlib.redirect_stdout(stdout),
    ):
        tap.sync_all()
    settle()
    run.target.take(stdout.getvalue())


@pytest.mark.parametrize(
    ("seed", "order_by"),
    [(1, "applied"), (2, "applied"), (3, "ignored"), (4, "ids"), (5, "oldest_change_first")],
)
def test_no_live_row_is_ever_deleted(small_pages: Run, seed: int, order_by: str) -> None:
    """Rows come and go between runs and between pages, runs are killed, and the mode changes."""
    run, rng = small_pages, random.Random(seed)
    catalog = run.catalog(*STREAMS)
    number = 900_000

    def change() -> None:
        nonlocal number
        stream = rng.choice(STREAMS)
        if rng.random() < 0.5 and len(live(run, stream)) > 8:
            remove(run, stream, rng.randrange(1000))
        else:
            number += 1
            add(run, stream, number, is_born=rng.random() < 0.95)

    run.box.switch(
        order_by=order_by,
        order_nulls=rng.choice(["lowest", "highest"]),
        order_ties=rng.choice(["stable", "moving"]),
    )
    for _ in range(14):
        run.clock.pass_time(rng.choice([60, DAY, 2 * DAY]))
        for _ in range(rng.choice([0, 0, 3, 6])):
            change()
        settings = {"refresh": rng.choice(["full", "rolling", "rolling"])}
        before = {stream: (held(run, stream), live(run, stream)) for stream in STREAMS}
        if rng.random() < 0.3:
            run.cut_off(rng.randrange(120), catalog, flushes=rng.random() < 0.5, **settings)
        else:
            moments = rng.sample(range(150), rng.choice([0, 0, 2, 6]))
            changing(run, catalog, dict.fromkeys(moments, change), **settings)
        for stream, (was_held, was_live) in before.items():
            lasting = was_live & live(run, stream)
            assert was_held & lasting <= held(run, stream), stream
    for _ in range(3):
        run.clock.pass_time(2 * WEEK)
        run(catalog=catalog, refresh="full")
    for stream in STREAMS:
        assert held(run, stream) == live(run, stream), stream
