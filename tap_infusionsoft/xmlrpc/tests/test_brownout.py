"""While XML-RPC is switched off, REST streams are complete, and people read why the others are not."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Attempt, KeapClient, Reply
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.xmlrpc.faults import BROWNOUT, ENDED
from tests.fixtures import Run
from tests.virtual import VirtualClock

OFF = ["empty_503", "html_503", "gone", "json_fault", "dropped", "not_found"]
TWO_DAYS = "2026-11-20T11:00:00Z/2026-11-22T11:00:00Z"
CONTACT, ITEM = "legacy_contact", "legacy_order_item"
CHOSEN: dict[str, Any] = {"legacy_tables": ["Contact", "OrderItem"]}
LONGEST = [2, 4, 8, 16, 32, 60]


@contextlib.contextmanager
def before_each_call(function: Callable[[int], None]) -> Iterator[None]:
    """Call a function before each call of any client, with the number of calls before."""
    fetch, made = KeapClient.fetch, 0

    def around(client: KeapClient, call: Call, first: Attempt | None = None) -> Reply:
        nonlocal made
        function(made)
        made += 1
        return fetch(client, call, first)

    with mock.patch.object(KeapClient, "fetch", around):
        yield


@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("order", [[CONTACT, ITEM, "users", "tags"], ["users", CONTACT, "tags", ITEM]])
def test_in_a_brownout_rest_is_complete_and_the_next_run_brings_the_rest(
    run: Run, off: str, order: list[str]
) -> None:
    catalog = run.catalog(*order, **CHOSEN)
    catalog["streams"].sort(key=lambda one: order.index(one["tap_stream_id"]))
    run.box.switch(xmlrpc_brownouts=TWO_DAYS, xmlrpc_off=off)
    target = run(catalog=catalog, fails=True, **CHOSEN)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert "2 of 4 streams failed" in str(run.error)
    assert run.says(BROWNOUT)
    assert (len(target.rows("users")), len(target.rows("tags"))) == (12, 40)
    assert target.count("ACTIVATE_VERSION", CONTACT) == 0
    run.clock.pass_time(2 * 86_400)
    target = run(catalog=catalog, **CHOSEN)
    assert len(target.rows(CONTACT)) == 150
    assert target.rows(ITEM)


def test_the_first_stream_waits_as_for_an_outage_and_the_others_try_once(run: Run) -> None:
    names = ["ContactGroup", "OrderItem", "Stage"]
    streams = ["legacy_contact_group", ITEM, "legacy_stage"]
    catalog = run.catalog(*streams, legacy_tables=names)
    run.box.switch(xmlrpc_brownouts=TWO_DAYS)
    run(catalog=catalog, fails=True, legacy_tables=names)
    waits = [wait for wait in run.waits if wait > 0]
    assert len(waits) == len(LONGEST)
    assert all(wait <= most for wait, most in zip(waits, LONGEST, strict=True))
    assert run.error is not None
    assert run.error.exit_code == Exit.FAILED


def test_a_short_brownout_is_waited_out(run: Run) -> None:
    catalog = run.catalog(CONTACT, **CHOSEN)
    run.box.switch(xmlrpc_brownouts="2026-11-20T11:00:00Z/2026-11-20T12:00:05Z")
    assert len(run(catalog=catalog, **CHOSEN).rows(CONTACT)) == 150


@pytest.mark.parametrize("off", ["empty_503", "dropped"])
def test_a_run_goes_on_where_a_brownout_broke_it_off(run: Run, off: str) -> None:
    run.box.reset(contacts=1_100)
    catalog = run.catalog(CONTACT, **CHOSEN)
    run.box.switch(xmlrpc_off=off)

    def switch_off(answers: int) -> None:
        if answers == 2:
            run.box.switch(xmlrpc_brownouts=TWO_DAYS)

    with before_each_call(switch_off):
        run(catalog=catalog, fails=True, **CHOSEN)
    assert len(run.target.rows(CONTACT)) == 1_000
    assert run.says(BROWNOUT)
    run.box.switch(xmlrpc_brownouts="")
    run.box.clear_requests()
    assert len(run(catalog=catalog, **CHOSEN).rows(CONTACT)) == 1_100
    pages = [call for call in run.box.requests() if "Contact" in call["rpc"]["params"]]
    assert pages[0]["rpc"]["params"][3]["Id"].startswith("~>~ ")


def test_after_the_end_no_kind_of_stream_makes_a_call(run: Run) -> None:
    settings: dict[str, Any] = CHOSEN | {
        "legacy_reports": ["affiliate_running_totals"],
        "legacy_queries": [{"name": "some", "table": "Contact", "query": "{'City': 'O%'}"}],
        "legacy_searches": [{"id": 3, "user_id": 1}],
    }
    streams = [
        one["tap_stream_id"]
        for one in run.catalog(others=True, **settings)["streams"]
        if one["tap_stream_id"].startswith("legacy_")
    ]
    assert len(streams) >= 5
    catalog = run.catalog(*streams, "users", **settings)
    run.clock.pass_time(60 * 86_400)
    run.box.clear_requests()
    target = run(catalog=catalog, fails=True, **settings)
    assert f"{len(streams)} of {len(streams) + 1} streams failed" in str(run.error)
    assert not [call for call in run.box.requests() if "rpc" in call]
    assert len(target.rows("users")) == 12
    for stream in ("saved_search_", "affiliate", "contacts", "order_items"):
        assert run.says(f"so this stream cannot be read any more; REST has {stream}")


class TestAroundTheEnd:
    """The clock shows the last minute of 2026."""

    @pytest.fixture
    def clock(self) -> VirtualClock:
        return VirtualClock("2026-12-31T23:59:00Z")

    @pytest.mark.parametrize("off", OFF)
    def test_a_run_that_goes_on_after_midnight_says_that_the_api_has_ended(self, run: Run, off: str) -> None:
        catalog = run.catalog(CONTACT, "users", **CHOSEN)
        run.box.switch(xmlrpc_end="2027-01-01", xmlrpc_off=off)
        with before_each_call(lambda _: run.clock.pass_time(60)):
            target = run(catalog=catalog, fails=True, **CHOSEN)
        assert run.says(ENDED)
        assert not run.says(BROWNOUT)
        assert len(target.rows("users")) == 12
        assert run.error is not None
        assert run.error.exit_code == Exit.PARTIAL

    def test_what_the_api_answers_after_its_last_day_is_read(self, run: Run) -> None:
        catalog = run.catalog(CONTACT, **CHOSEN)
        with before_each_call(lambda _: run.clock.pass_time(60)):
            assert len(run(catalog=catalog, **CHOSEN).rows(CONTACT)) == 150
