"""What the log says about a run."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from singer_sdk.logging import StructuredFormatter

from tap_infusionsoft.client.daily_quota import Left
from tap_infusionsoft.client.traffic import Traffic
from tap_infusionsoft.report.run_log import PassRecord, RunLog
from tap_infusionsoft.report.summary import closing_lines, is_worth_a_line, opening_line, pass_line, span
from tests.fixtures import Run

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (
            PassRecord(stream="contacts", kind="sweep", rows=1298, gone=2, calls=3, seconds=1.24),
            "contacts: 1,298 rows, sweep, 2 gone; 3 calls, 1.2 s",
        ),
        (
            PassRecord(stream="orders", kind="increment", rows=1, new=1, mended=1, calls=1, seconds=75),
            "orders: 1 row, increment, 1 new, 1 value mended; 1 call, 1 min 15 s",
        ),
        (
            PassRecord(stream="notes", kind="snapshot", rows=9, earlier=4, skipped=1),
            "notes: 9 rows, snapshot, 4 of them in an earlier run, 1 skipped; 0 calls, 0.0 s",
        ),
        (
            PassRecord(
                stream="payments", kind="sweep", rows=9, earlier=4, note="8 of 25 parents read", calls=8
            ),
            "payments: 9 rows, sweep, 4 of them in an earlier run, 8 of 25 parents read; 8 calls, 0.0 s",
        ),
        (PassRecord(stream="countries", note="left for a later run"), "countries: left for a later run"),
        (PassRecord(stream="orders", note="begun again", calls=2), "orders: begun again; 2 calls"),
    ],
)
def test_a_pass_is_told_in_a_line(record: PassRecord, line: str) -> None:
    assert pass_line(record) == line


def test_times_are_as_long_as_they_need_to_be() -> None:
    assert [*map(span, (0.04, 9.96, 12.4, 59.6, 185, 7260))] == [
        "0.0 s",
        "10.0 s",
        "12 s",
        "1 min 0 s",
        "3 min 5 s",
        "2 h 1 min",
    ]


def test_the_end_says_what_the_run_did_and_what_it_cost() -> None:
    log = RunLog(NOW, deselected=["users"], chosen=["contacts", "notes", "tags"])
    log.passes = [
        PassRecord(stream="contacts", kind="increment", rows=1200, calls=3),
        PassRecord(stream="notes", kind="increment", calls=1),
        PassRecord(stream="tags", note="left for a later run"),
    ]
    traffic = Traffic(paced=3.0)
    traffic.calls.update({"contacts": 3, "notes": 1, "": 2})
    lines = closing_lines(
        log, traffic, Left(9000, 10_000, NOW.replace(day=21, hour=0)), NOW.replace(minute=1)
    )
    assert lines == [
        "Nothing new in 1 stream: notes.",
        "Left for a later run, as they are recent enough: tags.",
        "1,200 rows of 3 streams; 6 API calls in 1 min 0 s, 3.0 s of them held back to keep the limits.",
        "Left of the day's 10,000 calls: 9,000, until 2026-11-21 00:00 UTC.",
    ]
    assert opening_line(log) == "Reading 3 streams. Not selected: 1 (users)."
    assert not is_worth_a_line(log.passes[1])


def test_long_lists_of_names_are_cut_between_two_names() -> None:
    log = RunLog(NOW, deselected=[f"stream_{number:04}" for number in range(300)])
    line = opening_line(log)
    assert len(line) < 1100
    assert line.endswith(" others).")
    shown = line.count("stream_")
    assert f"and {300 - shown} others" in line


def test_a_run_says_little_and_counts_calls_by_stream(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run("contacts", "notes", "products", "product_inventory")
    lines = [one.getMessage() for one in caplog.records if one.levelno >= logging.INFO]
    calls = len(run.box.requests())
    assert any(f"{calls} API calls in" in line for line in lines)
    products = len(run.box.records("products"))
    assert any(line.startswith("product_inventory: ") and f"{products} calls" in line for line in lines)
    assert not any(line.startswith(("Skipping deselected", "Beginning")) for line in lines)


@pytest.mark.parametrize(
    ("settings", "level"), [({}, "INFO"), ({"log_metrics": True}, "INFO"), ({}, "DEBUG")]
)
def test_metric_lines_are_there_if_they_are_asked_for(
    run: Run, caplog: pytest.LogCaptureFixture, settings: dict[str, bool], level: str
) -> None:
    metrics = logging.getLogger("singer_sdk.metrics")
    before = metrics.level
    metrics.setLevel(logging.NOTSET)
    try:
        with caplog.at_level(level), caplog.at_level(level, "tap-infusionsoft"):
            run("contacts", **settings)
    finally:
        metrics.setLevel(before)
    has_metrics = any(one.name == "singer_sdk.metrics" for one in caplog.records)
    assert has_metrics is (bool(settings) or level == "DEBUG")


def test_structured_loggers_get_numbers(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run.box.fault({"path": "/v2/affiliates", "always": True, "status": 403})
    with caplog.at_level(logging.DEBUG):
        run("contacts", "affiliates", fails=True)
    lines = [json.loads(StructuredFormatter().format(one)) for one in caplog.records]
    found = [line["extra"]["report"] for line in lines if "report" in line["extra"]]
    assert [one["event"] for one in found].count("end") == 1
    events = {(one["event"], one.get("stream")): one for one in found}
    assert events["pass", "contacts"]["rows"] == len(run.box.records("contacts"))
    assert "deselect the stream" in events["failure", "affiliates"]["message"]
    end = events["end", None]
    assert end["calls"] == len(run.box.requests()) == sum(end["calls_by_stream"].values())
    assert (end["failed"], end["rows"]) == (["affiliates"], events["pass", "contacts"]["rows"])


def test_new_rows_are_counted_once(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    for expected in ("1 new", None):
        if expected:
            run.box.plant("contacts", upsert=[{"id": "99999", "given_name": "Ada"}], touch=True)
        run.clock.pass_time(60)
        run.box.plant("contacts", upsert=[{"id": "99999", "given_name": "Ada L."}], touch=True)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            run(catalog=catalog)
        (line,) = [one.getMessage() for one in caplog.records if one.getMessage().startswith("contacts: ")]
        assert ("new" in line) is (expected is not None), line


def test_each_line_counts_the_calls_of_its_own_pass(
    run: Run, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    catalog = run.catalog("affiliate_clawbacks")
    affiliates = len(run.box.records("affiliates"))
    assert run.cut_off(12, catalog, flushes=True)
    caplog.clear()
    run.box.clear_requests()
    with caplog.at_level(logging.INFO):
        run(catalog=catalog, report_file=str(path))
    found = [one.__dict__["report"] for one in caplog.records if "report" in one.__dict__]
    resumed, increment = [one["calls"] for one in found if one["event"] == "pass"]
    (end,) = [one for one in found if one["event"] == "end"]
    assert resumed < affiliates == increment
    assert resumed + increment == end["calls_by_stream"]["affiliate_clawbacks"]
    assert end["calls"] == sum(end["calls_by_stream"].values()) == len(run.box.requests())
    (stream,) = json.loads(path.read_text())["streams"]
    assert stream["calls"] == resumed + increment
    assert run.target.state["bookmarks"]["affiliate_clawbacks"]["calls"] == affiliates


def test_a_list_that_is_read_once_says_how_many_rows_came(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run.box.switch(page_rows_max=20)
    with caplog.at_level(logging.INFO):
        run("automations", refresh="rolling")
    (line,) = [one.getMessage() for one in caplog.records if one.getMessage().startswith("automations: ")]
    rows = len(run.box.records("automations"))
    assert line.startswith(f"automations: {rows} rows, snapshot, read once; the next complete read shows")
