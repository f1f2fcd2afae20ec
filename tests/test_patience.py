"""The retry policy, end to end: Keap is slow, blocks, throttles or fails; a virtual clock records waits."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.errors import Exit
from tests.fixtures import Run

SEARCH = "saved_search_all_contacts"
TOO_LONG_SHAPES = ["gateway", "v2", "v1", "html", "xmlrpc"]


def runs(run: Run) -> list[dict[str, Any]]:
    return [call for call in run.box.requests(":run") if call["method"] == "POST"]


@pytest.mark.parametrize("shape", TOO_LONG_SHAPES)
def test_each_retry_of_a_saved_search_that_took_too_long_asks_for_half_as_many_rows(
    run: Run, shape: str
) -> None:
    catalog = run.catalog(SEARCH, saved_searches=["All contacts"])
    run.box.clear_requests()
    run.box.fault("query_too_long", shape=shape, method="POST", times=5)
    target = run(catalog=catalog, saved_searches=["All contacts"])
    assert run.waits == [5, 10, 30, 60, 300]
    assert [call["query"]["page_size"] for call in runs(run)][:6] == ["1000", "500", "250", "125", "62", "31"]
    assert len(target.rows(SEARCH)) == 150


@pytest.mark.parametrize("shape", TOO_LONG_SHAPES)
def test_after_five_retries_the_search_fails_and_the_other_streams_are_complete(run: Run, shape: str) -> None:
    catalog = run.catalog(SEARCH, "users", saved_searches=["All contacts"])
    run.box.fault("query_too_long", shape=shape, method="POST", always=True)
    target = run(catalog=catalog, saved_searches=["All contacts"], fails=True)
    assert run.waits == [5, 10, 30, 60, 300]
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert len(target.rows("users")) == 12


@pytest.mark.parametrize("shape", TOO_LONG_SHAPES)
def test_other_streams_finish_while_a_saved_search_is_blocked(run: Run, shape: str) -> None:
    catalog = run.catalog(SEARCH, "tags", "users", saved_searches=["All contacts"])
    run.box.fault("search_blocked", shape=shape, method="POST", times=3)
    target = run(catalog=catalog, saved_searches=["All contacts"])
    assert run.waits == [1200, 1200, 1200]
    assert len(target.rows(SEARCH)) == 150
    assert target.count("SCHEMA", SEARCH) == 1
    order = [m["stream"] for m in target.messages if m["type"] == "RECORD"]
    assert set(order[-150:]) == {SEARCH}
    assert set(order[:-150]) == {"tags", "users"}


def test_a_search_that_is_blocked_halfway_continues_from_there(run: Run) -> None:
    catalog = run.catalog(SEARCH, saved_searches=["All contacts"])
    run.box.switch(page_rows_max=40)
    run.box.clear_requests()
    run.box.fault("search_blocked", shape="v2", method="POST", nth=3)
    target = run(catalog=catalog, saved_searches=["All contacts"])
    assert run.waits == [1200]
    assert len(target.rows(SEARCH)) == len(target.sent(SEARCH)) == 150
    pages, again = 4, 1
    assert len(runs(run)) == pages + again + pages, "a second reading shows that no row slipped"


def test_a_search_that_stays_blocked_fails_after_ten_retries(run: Run) -> None:
    catalog = run.catalog(SEARCH, "users", saved_searches=["All contacts"])
    run.box.fault("search_blocked", shape="v2", method="POST", always=True)
    target = run(catalog=catalog, saved_searches=["All contacts"], fails=True)
    assert run.waits == [1200] * 10
    assert len(target.rows("users")) == 12
    assert target.count("ACTIVATE_VERSION", SEARCH) == 0
    assert target.last["type"] == "STATE"


def test_waits_and_tries_can_be_set(run: Run) -> None:
    catalog = run.catalog(SEARCH, saved_searches=["All contacts"])
    settings = {"saved_searches": ["All contacts"], "blocked_wait": 7, "blocked_tries": 2, "query_waits": [1]}
    run.box.fault("search_blocked", shape="v2", method="POST", always=True)
    run(catalog=catalog, fails=True, **settings)
    assert run.waits == [7, 7]
    run.box.clear_faults()
    run.box.fault("query_too_long", shape="v2", method="POST", always=True)
    run(catalog=catalog, fails=True, **settings)
    assert run.waits == [1]


@pytest.mark.parametrize("at_once", [1, 8])
def test_an_unreachable_server_ends_the_run_at_the_second_stream(run: Run, at_once: int) -> None:
    run.concurrency = at_once
    catalog = run.catalog("reports", "tags", "user_groups", "users", "webforms")
    run.box.fault("reset", path_regex="/v2/(tags|userGroups|users|webforms)$", always=True)
    target = run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.FAILED
    assert "The run ended at the stream user_groups" in str(run.error)
    assert len(target.rows("reports")) == len(run.box.records("reports"))
    assert len(run.box.requests("/v2/users")) <= (at_once > 1), "sent ahead, while the server was well"


@pytest.mark.parametrize("shape", ["bare_500", "bare_504"])
def test_a_server_error_without_a_body_counts_as_a_query_that_took_too_long(run: Run, shape: str) -> None:
    catalog = run.catalog(SEARCH, saved_searches=["All contacts"])
    run.box.switch(report_failure=shape)
    run.box.fault("query_too_long", method="POST", times=2)
    assert len(run(catalog=catalog, saved_searches=["All contacts"]).rows(SEARCH)) == 150
    assert run.waits == [5, 10]


def test_a_list_that_took_too_long_is_retried_with_smaller_pages_too(run: Run) -> None:
    catalog = run.catalog("companies")
    run.box.clear_requests()
    run.box.fault("query_too_long", shape="gateway", path="/v2/companies", times=2)
    target = run(catalog=catalog)
    assert run.waits == [5, 10]
    assert [call["query"].get("page_size") for call in run.box.requests("/v2/companies")][-1] == "250"
    assert {row["id"] for row in target.rows("companies")} == {
        row["id"] for row in run.box.records("companies")
    }


def test_the_minute_throttle_is_waited_out(run: Run) -> None:
    catalog = run.catalog("tags")
    run.box.fault("quota_violation_minute", path="/v2/tags", times=1)
    target = run(catalog=catalog)
    (wait,) = [wait for wait in run.waits if wait > 3]
    assert 60 <= wait <= 63
    assert len(target.rows("tags")) == 40


def test_a_used_up_day_quota_ends_the_run_with_the_reset_time(run: Run) -> None:
    run.concurrency = 1  # a call that was sent ahead could meet the fault before the other stream is through
    catalog = run.catalog("companies", "contacts", "tags")
    run.box.switch(quota_headers="pipes")
    run.box.fault("quota_violation_day", path="/v2/contacts", always=True)
    target = run(catalog=catalog, fails=True)
    assert all(wait < 1 for wait in run.waits)
    assert run.error is not None
    assert run.error.exit_code == Exit.QUOTA
    assert "2026-11-21 00:00 UTC" in str(run.error)
    assert run.box.requests("/v2/tags") == []
    assert target.last["type"] == "STATE"
    assert "version" in target.state["bookmarks"]["companies"]


def test_after_a_spike_arrest_the_tap_waits_a_few_seconds_and_slows_down(run: Run) -> None:
    catalog = run.catalog("tags")
    run.box.fault("spike_arrest", path="/v2/tags", times=2)
    run(catalog=catalog, requests_per_second=10)
    spikes = [wait for wait in run.waits if wait >= 1]
    assert len(spikes) == 2
    assert all(1 <= wait <= 7 for wait in spikes)


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        ("server_error", 7),
        ("service_unavailable", 7),
        ("bad_gateway", 7),
        ("gateway_timeout", 7),
        ("reset", 7),
    ],
)
def test_transient_failures_are_retried_until_the_waits_are_used_up(run: Run, fault: str, tries: int) -> None:
    catalog = run.catalog("reports", "tags", "users")
    run.box.fault(fault, path="/v2/tags", always=True)
    target = run(catalog=catalog, fails=True)
    waits = [wait for wait in run.clock.waits if wait > 0.0001]
    assert len(waits) == tries - 1
    assert all(0 <= wait <= most for wait, most in zip(waits, (2, 4, 8, 16, 32, 60), strict=True))
    assert len(target.rows("users")) == 12
    run.box.clear_faults()
    run.box.fault(fault, path="/v2/tags", times=2)
    assert len(run(catalog=catalog).rows("tags")) == 40


def test_a_run_ends_between_two_calls_after_max_run_hours(run: Run) -> None:
    run.concurrency = 1  # where all wait at once, virtual time is over before the first is answered
    catalog = run.catalog("reports", "tags", "user_groups", "users")
    run.box.clear_requests()
    target = run(catalog=catalog, requests_per_second=0.001, max_run_hours=0.5, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.QUOTA
    assert "GET /v2/userGroups was not sent: the time of this run is over. Run again" in str(run.error)
    assert "max_run_hours" in str(run.error)
    assert len(run.box.requests()) == 2
    assert target.last["type"] == "STATE"
    assert target.state["bookmarks"].keys() >= {"reports", "tags"}
    assert target.count("ACTIVATE_VERSION") == 2
    complete = run(catalog=catalog)
    assert {name: len(rows) for name, rows in complete.tables.items()} == {
        name: len(run.box.records(name)) for name in ("reports", "tags", "user_groups", "users")
    }


def test_no_wait_goes_past_the_end_of_the_run(run: Run) -> None:
    catalog = run.catalog("reports", "tags", "users")
    run.box.fault("service_unavailable", path="/v2/tags", always=True)
    run(catalog=catalog, fails=True, transient_waits=[1000] * 9, max_wait=9000, max_run_hours=0.1)
    assert run.error is not None
    assert run.error.exit_code == Exit.QUOTA
    assert sum(run.waits) < 360


def test_the_wait_for_a_blocked_search_ends_with_the_run(run: Run) -> None:
    catalog = run.catalog(SEARCH, "users", saved_searches=["All contacts"])
    run.box.fault("search_blocked", shape="v2", method="POST", always=True)
    target = run(catalog=catalog, saved_searches=["All contacts"], max_run_hours=0.9, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.QUOTA
    assert run.waits == [1200, 1200, pytest.approx(840, abs=1)]
    assert len(target.rows("users")) == 12
    assert target.last["type"] == "STATE"
