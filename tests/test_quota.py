"""The share of the day's calls: the run ends in time, says when to run again, and resumes then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.errors import ConfigError, Exit
from tests.canary import KEY
from tests.fixtures import Run
from tests.program import errors, tap

STREAMS = ("companies", "contacts", "tags", "users")


def used(state: dict[str, Any]) -> int:
    (own,) = state["quota"].values()
    assert own["day"] == "2026-11-20"
    count: int = own["used"]
    return count


def test_the_run_ends_before_exceeding_the_daily_quota_and_continues_the_next_day(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    run.box.reset()  # so that the discovery does not count
    run.box.switch(quota_headers="pipes", day_limit=16, page_rows_max=40)
    target = run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.QUOTA
    assert "was not sent: calls used today: 8; no more than 8 of Keap's 16 may be used." in str(run.error)
    assert "2026-11-21 00:00 UTC" in str(run.error)
    assert len(run.box.requests()) == 8
    assert {entry["status"] for entry in run.box.requests()} == {200}
    assert target.last["type"] == "STATE"
    assert used(target.state) == 8

    run(catalog=catalog, fails=True)
    assert len(run.box.requests()) == 8, "no calls are left on the same day"

    for _ in range(5):
        run.clock.pass_time(86_400)
        run.box.switch(day_limit=30)
        target = run(catalog=catalog, daily_quota_share=1)
    for stream in STREAMS:
        assert {row["id"] for row in target.rows(stream)} == {row["id"] for row in run.box.records(stream)}


def test_the_state_counts_every_call_across_runs(run: Run) -> None:
    catalog = run.catalog("companies", "users")
    run.box.clear_requests()
    first = used(run(catalog=catalog).state)
    assert first == len(run.box.requests())
    assert used(run(catalog=catalog).state) == len(run.box.requests()) > first


def test_the_state_contains_only_a_digest_of_the_key(run: Run) -> None:
    catalog = run.catalog("users")
    state = run(catalog=catalog).state
    assert KEY not in json.dumps(state)
    assert len(next(iter(state["quota"]))) == 16


def test_every_key_has_its_own_count(run: Run) -> None:
    catalog = run.catalog("users")
    run(catalog=catalog, requests_per_day=10_000)
    run.box.engine.api_key = "KeapAK-canary-another-key"
    state = run(catalog=catalog, api_key="KeapAK-canary-another-key").state
    assert len(state["quota"]) == 2


def test_requests_per_day_limits_the_run(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    run.box.clear_requests()
    run(catalog=catalog, fails=True, requests_per_day=3)
    assert len(run.box.requests()) == 3
    assert run.error is not None
    assert run.error.exit_code == Exit.QUOTA
    assert "calls used today: 3; no more than 3 may be used." in str(run.error)


@pytest.mark.parametrize(
    "quota",
    [
        [],
        {"x": 5},
        {"x": {"day": 3, "used": 1}},
        {"x": {"day": "d", "used": "1"}},
        {"x": {"day": "d", "used": 1, "limit": "many"}},
    ],
)
def test_an_invalid_quota_in_the_state_is_an_error(run: Run, quota: Any) -> None:
    with pytest.raises(ConfigError, match="The state's count of calls, quota, cannot be used"):
        run.tap({"bookmarks": {}, "quota": quota})


def test_the_process_exits_with_75_when_the_quota_is_used_up(tmp_path: Path, run: Run) -> None:
    config = {"api_key": KEY, "api_url": run.box.url, "requests_per_day": 2, "saved_searches": []}
    done = tap(tmp_path, config, "--discover")
    assert done.returncode == Exit.QUOTA
    assert done.stdout == ""
    (line,) = errors(done)
    assert "calls used today: 2; no more than 2 may be used." in line
    assert line.endswith("Run again after the reset, or raise requests_per_day.")
