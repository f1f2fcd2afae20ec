"""A sales team works with pipelines and deals, and the copy of their account had neither.

Keap described them in an earlier document, and serves them at one of two addresses, or not at all. Whoever
selects the streams gets the rows, or a sentence that says why there are none; the other streams load anyway.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from typing import Any

import pytest

from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.errors import Exit, RunFailedError
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Around, Run, settle
from tests.truth import differences

STREAMS = ("pipelines", "pipeline_stages", "pipeline_outcomes", "deals", "deal_notes")
SENTENCE = (
    "Pipelines and deals are in an earlier document of Keap only, and this account does not serve them. "
    "Deselect this stream"
)


def paths(run: Run) -> Counter[tuple[str, int]]:
    return Counter((call["path"], call["status"]) for call in run.box.requests())


def test_they_are_off_by_default_and_marked(run: Run) -> None:
    for entry in run.tap({}, discovers=[*STREAMS, "tags"]).catalog_dict["streams"]:
        top = next(one["metadata"] for one in entry["metadata"] if not one["breadcrumb"])
        assert top["selected-by-default"] is (entry["tap_stream_id"] == "tags")
    for name in STREAMS:
        assert "Not in Keap's current document" in COLLECTIONS[name].about


@pytest.mark.parametrize(("address", "fault"), [("v2", ""), ("services", ""), ("services", "not_found")])
def test_they_are_read_at_either_address(run: Run, address: str, fault: str) -> None:
    """Whatever Keap says where it does not serve them: a web page, an unknown record."""
    catalog = run.catalog(*STREAMS)
    run.box.switch(pipelines=address)
    if fault:
        run.box.fault(fault, path_regex="^/v2/(pipelines|stages|deals)")
    run.box.clear_requests()
    target = run(catalog=catalog)
    for name in STREAMS:
        assert target.rows(name)
        assert differences(run.box, name, target.rows(name), target.schemas[name]) == []
    base = "/services" if address == "services" else "/crm/rest"
    served = {path for path, status in paths(run) if status == 200}
    assert all(path.startswith(f"{base}/v2/") for path in served)
    # The second address is found once a collection, not once a pipeline, stage or deal.
    assert sum(count for (_, status), count in paths(run).items() if status == 404) <= len(STREAMS)


def test_the_second_run_finds_changes_and_deletions_at_the_second_address(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    run.box.switch(pipelines="services")
    first = len(run(catalog=catalog).rows("deals"))
    keys = run.box.records("deals", ids_only=True)
    run.box.plant("deals", upsert=[{"id": keys[0], "name": "Renamed"}], delete=[keys[-1]])
    run.clock.pass_time(3600)
    target = run(catalog=catalog)
    for name in STREAMS:
        assert differences(run.box, name, target.rows(name), target.schemas[name]) == []
    assert len(target.rows("deals")) == first - 1


def test_where_neither_is_served_the_others_load_and_a_sentence_says_why(run: Run) -> None:
    catalog = run.catalog("tags", *STREAMS, "users")
    run.box.switch(pipelines="off")
    target = run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert all(name in str(run.error) for name in STREAMS)
    assert run.says(SENTENCE)
    assert not run.says("report it")
    assert differences(run.box, "tags", target.rows("tags"), target.schemas["tags"]) == []
    assert differences(run.box, "users", target.rows("users"), target.schemas["users"]) == []
    assert not any(target.rows(name) for name in STREAMS)


@pytest.mark.parametrize("stream", STREAMS)
def test_where_neither_is_served_each_address_is_tried_once(run: Run, stream: str) -> None:
    """Notes of deals are three lists away. Each of them tried both addresses for each try of the next."""
    catalog = run.catalog(stream)
    run.box.switch(pipelines="off")
    run.box.clear_requests()
    run(catalog=catalog, fails=True)
    assert len([path for path, _ in paths(run).elements() if path.endswith("pipelines")]) == 2
    assert run.says(SENTENCE)


def test_the_test_option_says_the_same(run: Run) -> None:
    catalog = run.catalog("tags", *STREAMS)
    run.box.switch(pipelines="off")
    run.box.clear_requests()
    with pytest.raises(RunFailedError, match="The test failed for 5 of 6 streams"):
        run.tap(catalog=catalog).test("all")
    assert run.says(SENTENCE)
    assert not run.says("report it")
    assert len(run.box.requests()) == 3


def test_an_account_that_stops_serving_them_loses_no_row(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    before = {name: run(catalog=catalog).rows(name) for name in STREAMS}
    run.box.switch(pipelines="off")
    run.clock.pass_time(10 * 86_400)
    target = run(catalog=catalog, fails=True)
    assert {name: target.rows(name) for name in STREAMS} == before


@pytest.mark.parametrize("place", [0, -1])
def test_a_deal_that_is_moved_while_deals_are_read_is_not_missed(run: Run, place: int) -> None:
    """A deal that goes back to a stage that was already read is in no answer of the first read."""
    catalog = run.catalog("deals")
    run(catalog=catalog)
    stages = [row["id"] for row in run.box.records("pipeline_stages")]
    deals = [row for row in run.box.records("deals") if row["stage_id"] != stages[0]]
    moved = deals[place]["id"]
    run.clock.pass_time(3600)
    tap = run.tap(catalog=catalog)
    client = tap.account.client
    done = False

    def move(call: Call, send: Any) -> Answer:
        nonlocal done
        answer: Answer = send(call)
        if not done and call.path == f"/v2/stages/{stages[0]}/deals":
            done = True
            run.box.plant("deals", upsert=[{"id": moved, "stage_id": stages[0]}])
        return answer

    client.transport = Around(client.transport, move)
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        tap.sync_all()
    settle()
    run.target.take(stdout.getvalue())
    assert done
    row = next(row for row in run.target.rows("deals") if row["id"] == moved)
    assert row["stage_id"] == stages[0]
    assert differences(run.box, "deals", run.target.rows("deals"), run.target.schemas["deals"]) == []
