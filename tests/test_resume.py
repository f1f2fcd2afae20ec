"""A run that is killed at any moment is gone on with, and nothing is lost or read again that need not be."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from tap_infusionsoft.client.calls import Call
from tap_infusionsoft.client.keap import Begun, Reply
from tap_infusionsoft.sandbox import Sandbox
from tap_infusionsoft.streams.base import STATE_CALLS
from tests.canary import KEY
from tests.conftest import Run, only
from tests.target import Record, Target
from tests.virtual import VirtualClock

KINDS = {
    "contacts": 1,  # by id, filter by update time
    "notes": 1,  # by id, ordered by update time
    "payments": 1,  # by id, filter by event time
    "affiliates": 1,  # by id, no time
    "products": 0,  # by token, ordered by update time
    "emails": 0,  # by token, filter by event time
    "users": 0,  # by token, no time
    "contact_tags": 0,  # by token, for each batch of tags
    "affiliate_commissions": 12,  # by token, for each affiliate
    "affiliate_clawbacks": 4,  # by offset, for each affiliate
    "contact_lead_scores": 1,  # one row for each contact
    "category_discount_assignments": 0,  # several rows in one
    "order_items": 1,  # several rows in one, by id
    "custom_fields": 1,  # several addresses
    "saved_search_all_contacts": 0,  # a report
}
"""Stream -> calls of its largest slice; 0 where one slice is all."""
SEARCH: dict[str, Any] = {"saved_searches": ["All contacts"]}


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account with small pages."""
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 5}
    with Sandbox(seed=1, contacts=12, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


def tables(target: Target) -> dict[str, list[Record]]:
    """What a target holds, in an order of its own."""
    return {name: sorted(target.rows(name), key=str) for name in target.tables}


def calls(run: Run) -> int:
    made = len(run.box.requests())
    run.box.clear_requests()
    return made


@pytest.mark.parametrize("flushes", [False, True], ids=["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("stream", KINDS)
def test_a_stream_goes_on_where_it_was_after_every_call(run: Run, stream: str, flushes: bool) -> None:  # noqa: FBT001
    affiliates = [row["id"] for row in run.box.records("affiliates")[:4]]
    settings: dict[str, Any] = SEARCH | (
        {"affiliate_ids": affiliates} if stream.startswith("affiliate_") else {}
    )
    catalog = only(run.catalog(stream, **settings))
    calls(run)
    whole = tables(run(catalog=catalog, **settings))
    reference = calls(run)
    assert whole[stream]
    run(catalog=catalog, **settings)
    quiet = calls(run)
    # Another run costs what a night without changes costs: models, ids of parents, an increment. And a run that had
    # no last words may have done some calls since its last STATE.
    allowed = reference + quiet + (KINDS[stream] or reference) + (0 if flushes else STATE_CALLS)
    went_on = False
    for k in range(reference):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=flushes, **settings)
        went_on |= bool(run.target.state.get("bookmarks", {}).get(stream, {}).get("underway"))
        assert tables(run(catalog=catalog, **settings)) == whole, f"killed after call {k}"
        assert calls(run) <= allowed, f"killed after call {k}"
    if flushes:
        assert went_on is (KINDS[stream] > 0)


def test_all_kinds_of_streams_in_one_run_lose_nothing(run: Run) -> None:
    kinds = [name for name in KINDS if name != "affiliate_commissions"]  # most calls, and clawbacks are alike
    catalog = only(run.catalog(*kinds, **SEARCH))
    calls(run)
    whole = tables(run(catalog=catalog, **SEARCH))
    reference = calls(run)
    for k in range(reference):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=k % 2 == 0, **SEARCH)
        assert tables(run(catalog=catalog, **SEARCH)) == whole, f"killed after call {k}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("later", [False, True], ids=["first load", "sweep"])
def test_every_state_is_one_to_start_from(run: Run, later: bool) -> None:  # noqa: FBT001
    """Whatever came before a STATE, and a run from it, are everything."""
    kinds = [name for name in KINDS if not name.startswith("affiliate_c")] + ["affiliate_clawbacks"]
    catalog = only(run.catalog(*kinds, **SEARCH))
    run(catalog=catalog, **SEARCH)
    before: list[Record] = []
    if later:
        before = run.target.messages
        for stream in ("contacts", "notes", "users", "products"):
            run.box.plant(stream, delete=[run.box.records(stream)[1]["id"]])
            run.box.plant(stream, upsert=[{"id": run.box.records(stream)[2]["id"]}], touch=True)
        run.clock.pass_time(8 * 86_400)
        run(catalog=catalog, sweep_max_drop=1, **SEARCH)
    whole, messages = tables(run.target), run.target.messages
    states = [place for place, message in enumerate(messages) if message["type"] == "STATE"]
    assert len(states) > len(kinds)
    for place in states:
        run.target = Target()
        run.target.take("".join(json.dumps(message) + "\n" for message in [*before, *messages[: place + 1]]))
        assert tables(run(catalog=catalog, sweep_max_drop=1, **SEARCH)) == whole, messages[place]


def test_a_run_that_is_killed_again_and_again_reads_everything_in_the_end(run: Run) -> None:
    """What was read longest ago goes first: no stream starves behind one that is read whole in every run."""
    catalog = only(run.catalog("affiliate_clawbacks", "contact_lead_scores", "custom_fields", "users"))
    calls(run)
    whole = tables(run(catalog=catalog))
    run.target = Target()
    kills = 0
    while tables(run.target) != whole:
        assert run.cut_off(18, catalog)
        kills += 1
        assert kills < 12
    assert kills > 2


def test_while_the_tap_waits_for_an_answer_a_state_is_the_last_that_it_has_said(run: Run) -> None:
    """Some targets forget a STATE as soon as a record follows, so that all before it would be read again."""
    run.box.reset(contacts=200)
    tap = run.tap(catalog=only(run.catalog("contacts", "emails")))
    fetch, stdout = tap.account.client.fetch, io.StringIO()
    said: list[str] = []

    def listening(call: Call, begun: Begun | None = None) -> Reply:
        lines = stdout.getvalue().splitlines()
        said.extend(json.loads(line)["type"] for line in lines[-1:])
        return fetch(call, begun)

    with mock.patch.object(tap.account.client, "fetch", listening), contextlib.redirect_stdout(stdout):
        tap.sync_all()
    assert "RECORD" not in said
    assert said.count("STATE") > len(said) / 2
