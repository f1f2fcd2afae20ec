"""Deleted rows are noticed by complete passes, and nothing else is ever taken for deleted."""

from __future__ import annotations

import pytest

from tap_infusionsoft.errors import Exit
from tap_infusionsoft.streams.base import KeapStream
from tests.conftest import Run

WEEK = 7 * 86_400


def ids(rows: list[dict[str, object]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def test_an_increment_keeps_deleted_rows_until_the_sweep(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    gone = [row["id"] for row in run.box.records("contacts")[10:13]]
    run.box.plant("contacts", delete=gone)
    run.clock.pass_time(86_400)
    assert len(run(catalog=catalog).rows("contacts")) == 150
    run.clock.pass_time(WEEK)
    target = run(catalog=catalog)
    assert ids(target.rows("contacts")) == ids(run.box.records("contacts"))
    assert target.count("ACTIVATE_VERSION", "contacts") == 1


def test_the_version_is_activated_after_the_last_row(run: Run) -> None:
    target = run("contacts")
    kinds = [m["type"] for m in target.messages if m.get("stream") == "contacts"]
    assert kinds == ["SCHEMA", *["RECORD"] * 150, "ACTIVATE_VERSION"]


def test_rows_of_increments_carry_the_version_of_the_last_complete_pass(run: Run) -> None:
    catalog = run.catalog("contacts")
    version = run(catalog=catalog).state["bookmarks"]["contacts"]["version"]
    run.clock.pass_time(3_600)
    run.box.plant("contacts", upsert=[{"id": "1", "given_name": "New"}], touch=True)
    target = run(catalog=catalog)
    assert {m["version"] for m in target.messages if m["type"] == "RECORD"} == {version}


@pytest.mark.parametrize("stream", ["tags", "contact_tags", "users", "affiliates"])
def test_every_kind_of_stream_notices_deletions(run: Run, stream: str) -> None:
    catalog = run.catalog(stream)
    before = len(run(catalog=catalog).rows(stream))
    if stream == "contact_tags":
        rows = run.box.records(stream)
        gone = [{name: row[name] for name in ("contact_id", "tag_id")} for row in rows[:2]]
        run.box.plant(stream, delete=gone)
    else:
        run.box.plant(stream, delete=[row["id"] for row in run.box.records(stream)[:2]])
    run.clock.pass_time(WEEK)
    target = run(catalog=catalog)
    assert len(target.rows(stream)) == len(run.box.records(stream)) < before


def test_rows_that_are_deleted_while_they_are_read_cost_no_live_row(run: Run) -> None:
    """Between any two pages, rows that were already read go away; paging by offset would lose live ones."""
    run.box.switch(page_rows_max=10, paging="offset")
    catalog = run.catalog("contacts")
    everyone = sorted(ids(run.box.records("contacts")), key=int)
    gone: set[str] = set()

    def deleting() -> None:
        read = [m for m in everyone if m not in gone][:5]
        run.box.plant("contacts", delete=read)
        gone.update(read)

    tap = run.tap({}, catalog=catalog)
    pages = 0
    seen: set[str] = set()
    stream = tap.streams["contacts"]
    assert isinstance(stream, KeapStream)
    for record in stream.get_records(None):
        seen.add(record["id"])
        if len(seen) % 10 == 0:
            pages += 1
            deleting()
    assert pages > 10
    assert seen >= set(everyone) - gone


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_drop_that_is_hard_to_believe_deletes_nothing_and_fails(run: Run, share: float) -> None:
    catalog = run.catalog("contacts", "tags")
    run(catalog=catalog)
    rows = run.box.records("contacts")
    run.box.plant("contacts", delete=[row["id"] for row in rows[: int(len(rows) * share)]])
    run.clock.pass_time(WEEK)
    target = run(catalog=catalog, fails=True)
    assert len(target.rows("contacts")) == 150
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert len(run(catalog=catalog, sweep_max_drop=1).rows("contacts")) == len(run.box.records("contacts"))


def test_dates_that_move_never_delete(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog, start_date="400 days ago")
    before = len(run.target.rows("contacts"))
    run.clock.pass_time(30 * 86_400)
    assert len(run(catalog=catalog, start_date="400 days ago").rows("contacts")) >= before


def test_sweeps_can_be_switched_off(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    run.clock.pass_time(1000 * 86_400)
    assert run(catalog=catalog, sweep_interval_days=0).count("ACTIVATE_VERSION") == 0
