"""Mistakes that were told badly: in tracebacks, with the wrong cause, or not at all.

A bookmark of the year 1 ended in an OverflowError, a state of two lines in "not JSON", an HTML page in place
of companies in "Keap does not take all fields", and a bookmark under another key in a silent full load.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Run
from tests.program import errors, tap

OLD = "2026-11-19T00:00:00Z"
"""Before some of the sandbox's changes, and after others."""


def state(**tags: Any) -> dict[str, Any]:
    return {"bookmarks": {"tags": tags}}


def load(run: Run, given: dict[str, Any], **settings: Any) -> int:
    """Run with a state, and return how many tags came."""
    run.target.state = given
    return run(catalog=run.catalog("tags"), **settings).count("RECORD", "tags")


@pytest.mark.parametrize("year", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "1753-01-01T00:00:00"])
def test_a_bookmark_before_all_times_reads_everything(run: Run, year: str) -> None:
    assert load(run, state(replication_key_value=year)) == len(run.box.records("tags"))


def test_a_bookmark_after_all_times_reads_everything_and_is_told(run: Run) -> None:
    assert load(run, state(replication_key_value="9999-12-31T23:59:59Z")) == len(run.box.records("tags"))
    assert run.says("the bookmark lies in the future")


@pytest.mark.parametrize("dates", [{"start_date": "0001-01-01"}, {"end_date": "9999-12-31"}])
def test_dates_at_the_ends_of_the_calendar_let_everything_through(run: Run, dates: dict[str, str]) -> None:
    assert load(run, {}, **dates) == len(run.box.records("tags"))
    queries = [one["raw_query"] for one in run.box.requests("/v2/tags")]
    assert "start_date" not in dates or all("0001-01-01" in one for one in queries)


def test_a_bookmark_under_the_columns_name_is_honored(run: Run) -> None:
    """As singer-python writes it."""
    assert 0 <= load(run, state(update_time=OLD)) < len(run.box.records("tags"))


@pytest.mark.parametrize(
    ("members", "says"),
    [
        (
            {"replication_key": "updated_at", "replication_key_value": OLD},
            "the bookmark in the state is for updated_at, not update_time",
        ),
        ({"partitions": "x"}, "the state has no bookmark for update_time, but partitions"),
        ({"last_updated": OLD}, "the state has no bookmark for update_time, but last_updated"),
    ],
)
def test_a_bookmark_that_is_not_used_is_named(run: Run, members: dict[str, Any], says: str) -> None:
    assert load(run, state(**members)) == len(run.box.records("tags"))
    assert run.says(says)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda inner: {"singer_state": inner},
        lambda inner: {"completed": {"singer_state": inner}},
        lambda inner: {"completed": {}, "partial": {"singer_state": inner}},
        lambda inner: {"type": "STATE", "value": inner},
    ],
)
def test_a_state_in_a_wrapper_is_unwrapped(run: Run, wrapped: Any) -> None:
    run("tags")
    kept = run.target.state
    run.clock.pass_time(86_400)
    assert load(run, wrapped(kept)) < len(run.box.records("tags"))
    assert run.target.state["bookmarks"]["tags"]["version"] == kept["bookmarks"]["tags"]["version"]


def test_of_a_state_of_several_lines_the_last_one_counts(tmp_path: Path, config: dict[str, Any]) -> None:
    line = json.dumps({"bookmarks": {}})
    (tmp_path / "state.json").write_text(f"{line}\n{line}\n")
    done = tap(tmp_path, config, "--state", "state.json")
    assert done.returncode == 2
    assert "has more than one line of JSON. Keep the last line only" in errors(done)[0]


def test_fields_are_blamed_only_if_the_answer_names_one(run: Run) -> None:
    page = "<html><head><title>400</title></head><body>No company is served, says the website</body></html>"
    run.box.fault({"path": "/v2/companies", "status": 400, "body": page, "always": True})
    run(catalog=run.catalog("companies"), fails=True, page_waits=[], transient_waits=[])
    assert not run.says("does not take all fields")


def test_a_field_that_the_answer_names_is_not_asked_for(run: Run) -> None:
    body = {"message": "Unknown field: website"}
    run.box.fault({"path": "/v2/companies", "nth": 1, "status": 400, "body": body})
    target = run("companies")
    assert run.says("Keap does not take all fields; not asked for:")
    assert len(target.rows("companies")) == len(run.box.records("companies"))
