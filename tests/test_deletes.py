"""Complete passes find deleted rows, and no other row is ever deleted."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Attempt, Reply
from tap_infusionsoft.client.prefetch import Prefetcher
from tap_infusionsoft.errors import Exit
from tests.fixtures import Run

pytestmark = pytest.mark.usefixtures("at_once")

WEEK = 7 * 86_400


def ids(rows: list[dict[str, object]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def test_deleted_rows_stay_until_the_next_sweep(run: Run) -> None:
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


def test_increments_use_the_version_of_the_last_complete_pass(run: Run) -> None:
    catalog = run.catalog("contacts")
    version = run(catalog=catalog).state["bookmarks"]["contacts"]["version"]
    run.clock.pass_time(3_600)
    run.box.plant("contacts", upsert=[{"id": "1", "given_name": "New"}], touch=True)
    target = run(catalog=catalog)
    assert {m["version"] for m in target.messages if m["type"] == "RECORD"} == {version}


@pytest.mark.parametrize("stream", ["tags", "contact_tags", "users", "affiliates"])
def test_every_kind_of_stream_detects_deletions(run: Run, stream: str) -> None:
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


@pytest.mark.parametrize("deletions", [1, 5, 20])
def test_rows_deleted_during_the_read_cost_no_live_row(run: Run, deletions: int) -> None:
    """Rows that were read are deleted between pages; by offset, that would lose 9, 45 and 176 live rows."""
    run.box.reset(contacts=400)
    run.box.switch(page_rows_max=40, paging="offset")
    catalog = run.catalog("contacts")
    everyone = sorted(ids(run.box.records("contacts")), key=int)
    gone: set[str] = set()
    seen: set[str] = set()
    fetch = Prefetcher.fetch

    def then_delete(ahead: Prefetcher, call: Call) -> Reply:
        reply = fetch(ahead, call)
        if call.items == "contacts":
            seen.update(str(row.get("id")) for row in reply.document["contacts"])
            read = sorted(seen - gone, key=int)[:deletions]
            run.box.plant("contacts", delete=read)
            gone.update(read)
        return reply

    with mock.patch.object(Prefetcher, "fetch", then_delete):
        target = run(catalog=catalog)
    assert len(gone) >= 10 * deletions
    assert sorted(ids(target.rows("contacts")), key=int) == everyone


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_an_implausible_drop_deletes_nothing_and_fails(run: Run, share: float) -> None:
    catalog = run.catalog("contacts", "tags")
    run(catalog=catalog)
    rows = run.box.records("contacts")
    run.box.plant("contacts", delete=[row["id"] for row in rows[: int(len(rows) * share)]])
    run.clock.pass_time(WEEK)
    target = run(catalog=catalog, fails=True, sweep_max_rows=30)
    assert len(target.rows("contacts")) == 150
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert len(run(catalog=catalog, sweep_max_drop=1).rows("contacts")) == len(run.box.records("contacts"))


def test_relative_start_dates_never_delete(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog, start_date="400 days ago")
    before = len(run.target.rows("contacts"))
    run.clock.pass_time(30 * 86_400)
    assert len(run(catalog=catalog, start_date="400 days ago").rows("contacts")) >= before


def test_narrowing_a_setting_deletes_nothing(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    tags = [str(row["id"]) for row in run.box.records("tags")]
    catalog = run.catalog("contact_tags")
    before = len(run(catalog=catalog).rows("contact_tags"))
    run.clock.pass_time(WEEK)
    for _ in range(3):
        run.clock.pass_time(WEEK)
        assert len(run(catalog=catalog, tag_ids=tags[1:]).rows("contact_tags")) == before
    assert "tag_ids now leave out rows" in caplog.text


def test_widening_a_setting_loads_the_rows_it_left_out(run: Run) -> None:
    tag = str(run.box.records("contact_tags")[0]["tag_id"])
    catalog = run.catalog("contact_tags")
    run(catalog=catalog, tag_ids=[tag])
    run.clock.pass_time(60)
    assert len(run(catalog=catalog).rows("contact_tags")) == len(run.box.records("contact_tags"))


def test_batches_have_no_versions_and_delete_nothing(run: Run, tmp_path: Path) -> None:
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
    }
    target = run("tags", batch_config=batches)
    assert target.count("BATCH", "tags") == 1
    assert target.count("ACTIVATE_VERSION") == 0


@pytest.mark.parametrize("size", [0, -1])
def test_batches_of_zero_rows_are_rejected(run: Run, tmp_path: Path, size: int) -> None:
    batches = {"encoding": {"format": "jsonl"}, "storage": {"root": tmp_path.as_uri()}, "batch_size": size}
    run(catalog=run.catalog("tags"), batch_config=batches, fails=True)
    assert f"batch_size is {size}; it must be a whole number of at least 1" in str(run.error)
    assert not list(tmp_path.iterdir())


def test_sweeps_can_be_disabled(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    run.clock.pass_time(1000 * 86_400)
    assert run(catalog=catalog, sweep_interval_days=0).count("ACTIVATE_VERSION") == 0


def test_rows_that_slip_between_pages_are_not_deleted(run: Run) -> None:
    """Rows are deleted during the read, so others move to pages that have already been read."""
    run.box.switch(page_rows_max=40, paging="offset")
    catalog = run.catalog("contact_tags")
    run(catalog=catalog)
    run.clock.pass_time(WEEK)
    gone = [
        {name: row[name] for name in ("contact_id", "tag_id")} for row in run.box.records("contact_tags")[:9]
    ]
    # The change happens in the middle of the sweep, when the second page is requested.
    fetch = run.box.requests
    tap = run.tap(catalog=catalog)
    client = tap.account.client
    send = client.fetch

    def fetch_and_delete(call: Call, first: Attempt | None = None) -> Reply:
        if len(fetch("/v2/tags/-/contacts")) % 5 == 2 and gone:
            run.box.plant("contact_tags", delete=[gone.pop()])
        return send(call, first)

    client.fetch = fetch_and_delete  # type: ignore[method-assign]
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        tap.sync_all()
    run.target.take(stdout.getvalue())
    live = {(str(row["contact_id"]), str(row["tag_id"])) for row in run.box.records("contact_tags")}
    held = {(row["contact_id"], row["tag_id"]) for row in run.target.rows("contact_tags")}
    assert live <= held


def test_a_missing_parent_deletes_no_rows(run: Run) -> None:
    catalog = run.catalog("affiliate_commissions")
    before = len(run(catalog=catalog).rows("affiliate_commissions"))
    run.clock.pass_time(WEEK)
    run.box.fault("not_found", path_regex=":commissions$", nth=3)
    assert len(run(catalog=catalog).rows("affiliate_commissions")) == before


@pytest.mark.parametrize("refresh", ["rolling", "full"])
@pytest.mark.parametrize(
    ("stream", "listed_at"),
    [("lead_source_recurring_expense_items", "recurringExpenses$"), ("deals", "pipelines/[0-9]+/stages$")],
)
def test_a_missing_parent_of_a_parent_deletes_no_rows_and_is_no_error(
    run: Run, stream: str, listed_at: str, refresh: str
) -> None:
    """Somebody deletes a lead source while the tap lists what is below it, and reads what is below that."""
    run.box.switch(pipelines="v2")
    catalog = run.catalog(stream)
    before = run(catalog=catalog, refresh=refresh).rows(stream)
    assert before
    for place in (1, 2):  # another parent each time
        run.clock.pass_time(WEEK)
        run.box.clear_faults()
        run.box.fault("not_found", path_regex=listed_at, nth=place)
        assert run(catalog=catalog, refresh=refresh, sweep_max_drop=1).rows(stream) == before
    assert run.says("was listed, but is not found")


def test_rows_below_a_parent_of_a_parent_that_stays_missing_are_deleted(run: Run) -> None:
    stream = "lead_source_recurring_expense_items"
    settings: dict[str, Any] = {"refresh": "full", "sweep_max_drop": 1}
    catalog = run.catalog(stream)
    before = run(catalog=catalog, **settings).rows(stream)
    lead_source = before[0]["lead_source_id"]
    path = f"/v2/leadSources/{lead_source}/recurringExpenses"
    run.box.fault("not_found", path=path, always=True)
    run.clock.pass_time(WEEK)
    assert run(catalog=catalog, **settings).rows(stream) == before
    run.clock.pass_time(60)
    left = run(catalog=catalog, **settings).rows(stream)
    assert left == [row for row in before if row["lead_source_id"] != lead_source] != before
