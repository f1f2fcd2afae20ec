"""The waits of the classic connector over XML-RPC, end to end: what takes too long, and what is blocked."""

from __future__ import annotations

from typing import Any

import pytest

from tap_infusionsoft.errors import Exit
from tests.fixtures import Run

CONTACT = "legacy_contact"
CHOSEN: dict[str, Any] = {"legacy_tables": ["Contact", "ContactGroup"]}
TOO_LONG = [5, 10, 30, 60, 300]
"""Seconds before each retry of a query that took too long."""
BLOCKED = 1_200
"""Seconds before each retry of what is blocked."""


def limits(run: Run, table: str = "Contact") -> list[int]:
    """The page sizes that a table was asked for."""
    asked = [call["rpc"]["params"] for call in run.box.requests() if "rpc" in call]
    return [params[1] for params in asked if params[0] == table]


def test_each_retry_of_a_query_that_took_too_long_asks_for_half_as_many_rows(run: Run) -> None:
    catalog = run.catalog(CONTACT, **CHOSEN)
    run.box.clear_requests()
    run.box.fault("xmlrpc_too_long", table="Contact", times=5)
    target = run(catalog=catalog, **CHOSEN)
    assert run.waits == TOO_LONG
    assert limits(run)[:6] == [1000, 500, 250, 125, 62, 31]
    assert len(target.rows(CONTACT)) == len(target.sent(CONTACT)) == 150


def test_a_table_without_an_id_loses_no_row_when_its_pages_are_halved(run: Run) -> None:
    chosen: dict[str, Any] = {"legacy_tables": ["ContactGroupAssign"]}
    catalog = run.catalog("legacy_contact_group_assign", **chosen)
    whole = run(catalog=catalog, **chosen).rows("legacy_contact_group_assign")
    run.target = type(run.target)()
    for nth in (1, 3, 4):
        run.box.fault("xmlrpc_too_long", table="ContactGroupAssign", nth=nth)
    target = run(catalog=catalog, **chosen)
    assert sorted(target.rows("legacy_contact_group_assign"), key=str) == sorted(whole, key=str)


def test_after_five_retries_the_stream_fails_and_the_others_are_complete(run: Run) -> None:
    catalog = run.catalog(CONTACT, "legacy_contact_group", "users", **CHOSEN)
    run.box.fault("xmlrpc_too_long", table="Contact", always=True)
    target = run(catalog=catalog, fails=True, **CHOSEN)
    assert run.waits == TOO_LONG
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert run.says("[DatabaseError] Query took too long and was cancelled")
    assert run.says("raise query_waits")
    assert len(target.rows("users")) == 12
    assert target.rows("legacy_contact_group")


def test_what_came_before_a_query_took_too_long_is_kept(run: Run) -> None:
    run.box.reset(contacts=1_100)
    catalog = run.catalog(CONTACT, **CHOSEN)
    run.box.fault("xmlrpc_too_long", table="Contact", params="~>~", always=True)
    run(catalog=catalog, fails=True, **CHOSEN)
    assert len(run.target.rows(CONTACT)) == 1_000
    run.box.clear_faults()
    run.box.clear_requests()
    assert len(run(catalog=catalog, **CHOSEN).rows(CONTACT)) == 1_100
    assert len(limits(run)) == 2, "the second page, and the increment after it"


def test_other_streams_go_on_while_a_query_is_blocked(run: Run) -> None:
    catalog = run.catalog(CONTACT, "legacy_contact_group", "tags", "users", **CHOSEN)
    run.box.fault("xmlrpc_blocked", table="Contact", times=3)
    target = run(catalog=catalog, **CHOSEN)
    assert run.waits == [BLOCKED] * 3
    order = [message["stream"] for message in target.messages if message["type"] == "RECORD"]
    assert {*order[-150:]} == {CONTACT}
    assert {*order[:-150]} == {"legacy_contact_group", "tags", "users"}


def test_the_whole_policy(run: Run) -> None:
    """Too long five times, then blocked for good: 405 seconds and ten times twenty minutes."""
    catalog = run.catalog(CONTACT, "legacy_contact_group", "users", **CHOSEN)
    run.box.fault("xmlrpc_search_fails", table="Contact", failures=5, always=True)
    target = run(catalog=catalog, fails=True, **CHOSEN)
    assert run.waits == [*TOO_LONG, *[BLOCKED] * 10]
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert run.says("Too many consecutive failures. This saved search is blocked temporarily")
    assert run.says("Tried 11 times.")
    assert len(target.rows("users")) == 12
    assert target.rows("legacy_contact_group")
    assert target.count("ACTIVATE_VERSION", CONTACT) == 0
    assert target.last["type"] == "STATE"
    run.box.clear_faults()
    assert len(run(catalog=catalog, **CHOSEN).rows(CONTACT)) == 150


@pytest.mark.parametrize("waits", [{"query_waits": [1]}, {"blocked_wait": 7, "blocked_tries": 2}])
def test_waits_can_be_set_as_for_rest(run: Run, waits: dict[str, Any]) -> None:
    catalog = run.catalog(CONTACT, **CHOSEN)
    run.box.fault("xmlrpc_search_fails", table="Contact", failures=2, always=True)
    run(catalog=catalog, fails=True, **CHOSEN, **waits)
    if "query_waits" in waits:
        assert run.waits == [1]
    else:
        assert run.waits == [5, 10, 7, 7]


SEARCH = "legacy_saved_search_3"
SEARCHES: dict[str, Any] = {"legacy_searches": [{"id": 3, "user_id": 1}]}


def pages(run: Run) -> list[int]:
    """The pages of the saved search that were asked for."""
    asked = [call["rpc"] for call in run.box.requests() if "rpc" in call]
    return [one["params"][2] for one in asked if one["method"].endswith("AllFields")]


def search_catalog(run: Run) -> Any:
    """A search whose result is five pages and a bit, in an account with other streams."""
    run.box.switch(legacy_search_page_size=28)
    catalog = run.catalog(SEARCH, "legacy_contact_group", "tags", "users", **CHOSEN, **SEARCHES)
    run.box.clear_requests()
    return catalog


def test_a_page_of_a_saved_search_that_takes_too_long_and_then_is_blocked_is_waited_for(run: Run) -> None:
    """Kind 48: pages 0 to 2 are kept, and page 3 is asked for until it comes."""
    catalog = search_catalog(run)
    run.box.fault("xmlrpc_search_fails", rpc="SearchService.*", params=",3]", failures=5, times=7)
    target = run(catalog=catalog, **CHOSEN, **SEARCHES)
    assert run.waits == [*TOO_LONG, BLOCKED, BLOCKED]
    assert pages(run)[:12] == [0, 1, 2, *[3] * 8, 4]
    assert len(target.rows(SEARCH)) == len(target.sent(SEARCH)) == 150
    order = [message["stream"] for message in target.messages if message["type"] == "RECORD"]
    first, last = order.index(SEARCH), len(order) - order[::-1].index(SEARCH)
    assert {"tags", "users"} <= {*order[first:last]}, "they went on meanwhile"


def test_the_whole_policy_for_a_saved_search(run: Run) -> None:
    catalog = search_catalog(run)
    run.box.fault("xmlrpc_search_fails", rpc="SearchService.*", params=",3]", failures=5, always=True)
    target = run(catalog=catalog, fails=True, **CHOSEN, **SEARCHES)
    assert run.waits == [*TOO_LONG, *[BLOCKED] * 10]
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert len(target.rows(SEARCH)) == 3 * 28, "the pages before it are kept"
    assert target.count("ACTIVATE_VERSION", SEARCH) == 0
    assert (len(target.rows("users")), len(target.rows("tags"))) == (12, 40)
    assert target.last["type"] == "STATE"
    run.box.clear_faults()
    assert len(run(catalog=catalog, **CHOSEN, **SEARCHES).rows(SEARCH)) == 150


def test_a_saved_search_whose_results_cannot_be_had_is_tried_six_times_and_skipped(run: Run) -> None:
    """By its code, 3, it would be any server error; the bracket says something else again."""
    catalog = search_catalog(run)
    run.box.fault("xmlrpc_search_results", rpc="SearchService.*", always=True)
    catalog_streams = len(catalog["streams"])
    target = run(catalog=catalog, fails=True, **CHOSEN, **SEARCHES)
    assert catalog_streams == 4
    assert run.waits == TOO_LONG
    assert run.says("[Unexpected] Unable to get Saved Search Results")
    assert run.says("Open the saved search in Keap to see that it works there")
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert len(target.rows("users")) == 12
