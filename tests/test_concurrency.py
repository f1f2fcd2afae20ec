"""Concurrent calls: the same records in the same order, states to resume from, and the rate limit is kept."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.stream import STATE_CALLS
from tap_infusionsoft.streams.saved_searches import PREFIX
from tests import test_resume
from tests.canary import KEY, assert_clean
from tests.fixtures import Around, Run, Some, calls, settle
from tests.processes import PATIENCE
from tests.program import TAP
from tests.target import Target, tables
from tests.test_resume import KINDS, SEARCH
from tests.virtual import VirtualClock

KINDS_OF_PAGES = ("contacts", "contact_lead_scores", "contact_tags", "affiliate_clawbacks", "order_items")


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account with small pages."""
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 5}
    with Sandbox(seed=1, contacts=12, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


def said(target: Target) -> list[dict[str, Any]]:
    """All messages except states, without `time_extracted`, which is the real time."""
    return [
        {name: value for name, value in message.items() if name != "time_extracted"}
        for message in target.messages
        if message["type"] != "STATE"
    ]


@pytest.mark.usefixtures("eager")
def test_concurrency_changes_neither_records_nor_their_order(run: Run) -> None:
    catalog = run.catalog(*KINDS, **SEARCH)
    one = said(run(catalog=catalog, concurrency=1, **SEARCH))
    assert {message["stream"] for message in one} == {*KINDS}
    for concurrency in (4, 16):
        run.target = Target()
        assert said(run(catalog=catalog, concurrency=concurrency, **SEARCH)) == one


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("concurrency", "flushes"), [(4, False), (16, True)], ids=["4 at once", "16 at once"]
)
@pytest.mark.parametrize("stream", KINDS_OF_PAGES)
def test_a_killed_concurrent_run_is_resumed(
    run: Run,
    stream: str,
    concurrency: int,
    flushes: bool,  # noqa: FBT001
    some: Some,
) -> None:
    """As in test_resume.py; calls in flight when the run was killed are made again."""
    affiliates = [row["id"] for row in run.box.records("affiliates")[:4]]
    settings: dict[str, Any] = {"affiliate_ids": affiliates} if stream.startswith("affiliate_") else {}
    catalog = run.catalog(stream, **settings)
    run.concurrency = 1
    calls(run)
    whole = tables(run(catalog=catalog, **settings))
    reference = calls(run)
    run(catalog=catalog, **settings)
    quiet = calls(run)
    run.concurrency = concurrency
    allowed = reference + quiet + (KINDS[stream] or reference) + (0 if flushes else STATE_CALLS)
    for k in some(range(reference), 6):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=flushes, **settings)
        # Both runs may prefetch pages that nobody takes.
        assert tables(run(catalog=catalog, **settings)) == whole, f"killed after call {k}"
        assert calls(run) <= allowed + 3 * (concurrency - 1), f"killed after call {k}"


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("concurrency", "later"), [(4, False), (16, True)], ids=["4, first load", "16, sweep"]
)
def test_a_run_can_start_from_every_state(
    run: Run,
    concurrency: int,
    later: bool,  # noqa: FBT001
    some: Some,
) -> None:
    run.concurrency = concurrency
    test_resume.test_a_run_can_start_from_every_state(run, later=later, some=some)


@pytest.mark.parametrize("stream", ["affiliate_commissions", "contact_lead_scores"])
def test_calls_for_several_parents_run_concurrently(run: Run, stream: str) -> None:
    catalog = run.catalog(stream)
    parents = len({entry["path"] for entry in made(run, catalog)})
    assert parents > 8
    tap = run.tap({}, catalog=catalog, concurrency=4)
    changed = threading.Condition()
    in_flight, most, met = 0, 0, False

    def together(call: Call, send: Callable[[Call], Answer]) -> Answer:
        """Hold back prefetched calls until four calls have been in flight at once."""
        nonlocal in_flight, most, met
        with changed:
            in_flight += 1
            most = max(most, in_flight)
            met |= in_flight == 4
            changed.notify_all()
            if threading.current_thread() is not threading.main_thread():
                changed.wait_for(lambda: met, PATIENCE)
        answer = send(call)
        with changed:
            in_flight -= 1
        return answer

    client = tap.account.client
    client.transport = Around(client.transport, together)
    with contextlib.redirect_stdout(io.StringIO()):
        tap.sync_all()
    settle()
    assert met
    assert most in {4, 5}


def made(run: Run, catalog: Any) -> list[dict[str, Any]]:
    calls(run)
    run(catalog=catalog)
    found: list[dict[str, Any]] = run.box.requests()
    return found


def test_no_page_is_prefetched_in_vain_at_the_default_rate(run: Run) -> None:
    catalog = run.catalog("contacts", "orders", "notes")
    run.concurrency = 1
    reference = len(made(run, catalog))
    run.target, run.concurrency = Target(), 16
    assert len(made(run, catalog)) == reference


def test_concurrency_changes_neither_calls_nor_output_of_all_streams(run: Run) -> None:
    """While one stream is read, the first calls of the next ones are prefetched: none in vain, none twice."""
    catalog = run.tap({}).catalog_dict
    run.concurrency = 1
    run(catalog=catalog)
    state = json.dumps(run.target.state)
    run.clock.pass_time(3600)
    found = []
    for run.concurrency in (1, 4):
        run.target.state = json.loads(state)
        asked = made(run, catalog)
        found.append((sorted(f"{one['path']}?{one['raw_query']}" for one in asked), said(run.target)))
    assert found[0] == found[1]


def by_thread(run: Run, catalog: Any, **settings: Any) -> list[tuple[str, bool]]:
    """The last part of the path of each call in order, and whether it was prefetched."""
    tap = run.tap({}, catalog=catalog, **settings)
    client, found = tap.account.client, []

    def note(call: Call, send: Callable[[Call], Answer]) -> Answer:
        is_prefetched = threading.current_thread() is not threading.main_thread()
        found.append((call.path.rsplit("/", 1)[-1], is_prefetched))
        return send(call)

    client.transport = Around(client.transport, note)
    with contextlib.redirect_stdout(io.StringIO()):
        tap.sync_all()
    settle()
    return found


def test_streams_with_one_page_are_prefetched_together(run: Run) -> None:
    names = ["tags", "users", "webforms"]
    catalog = run.catalog(*names)
    run.box.switch(page_rows_max=1000)
    assert by_thread(run, catalog, concurrency=1) == [(name, False) for name in names]
    assert sorted(by_thread(run, catalog, concurrency=4)) == [(name, True) for name in names]


def test_streams_are_prefetched_while_one_is_read_page_by_page(run: Run) -> None:
    catalog = run.catalog("tags", "users", "webforms")
    paths = [path for path, _ in by_thread(run, catalog, concurrency=4)]
    tags = [place for place, path in enumerate(paths) if path == "tags"]
    assert len(tags) > 3
    assert paths.index("users") < tags[-1]
    assert paths.index("webforms") < tags[-1]


def test_parents_and_the_first_child_of_other_streams_are_prefetched(run: Run) -> None:
    """A stream that is read for parents begins with their list or, if it was read before, with the first."""
    names = ("affiliate_clawbacks", "affiliate_commissions", "affiliate_payments", "campaign_goals")
    catalog = run.catalog(*names)
    run.box.switch(page_rows_max=1000)
    calls(run)
    found = by_thread(run, catalog, concurrency=4)
    paths = [one["path"] for one in run.box.requests()]
    assert len({*paths}) == len(paths), "none is asked for twice"
    names_of_calls = [path for path, _ in found]
    payments = names_of_calls.index("payments")
    assert found[payments] == ("payments", True)
    assert found[names_of_calls.index("campaigns")] == ("campaigns", True)
    assert names_of_calls.index("campaigns") < payments


def test_a_stream_that_fails_wastes_no_answer_of_others(run: Run) -> None:
    names = ("campaigns", "tags", "users", "webforms")
    catalog = run.catalog(*names)
    reference = len([one for one in made(run, catalog) if "campaigns" not in one["path"]])
    run.box.fault("forbidden", path_regex="campaigns", always=True)
    run.target, run.concurrency = Target(), 4
    calls(run)
    run(catalog=catalog, fails=True)
    assert len([one for one in run.box.requests() if "campaigns" not in one["path"]]) == reference
    assert all(run.target.rows(name) for name in names[1:])


def test_a_few_calls_are_spent_in_the_order_of_streams(run: Run) -> None:
    """The calls of a run go to the streams that it was to read first, not to what may come later."""
    catalog = run.catalog("tags", "users", "webforms")
    asked = {}
    for concurrency in (1, 4):
        run.target, run.concurrency = Target(), concurrency
        calls(run)
        run(catalog=catalog, max_calls_per_run=5)
        asked[concurrency] = [one["path"] for one in run.box.requests()]
    assert asked[4] == asked[1]
    assert len(asked[1]) == 5


def test_a_saved_search_is_never_prefetched(run: Run) -> None:
    name = next(one for one in KINDS if one.startswith(PREFIX))
    catalog = run.catalog("campaigns", name, "users", **SEARCH)
    run.box.switch(page_rows_max=1000)
    found = by_thread(run, catalog, concurrency=4, **SEARCH)
    assert [is_ahead for path, is_ahead in found if path.endswith(":run")] == [False]
    assert ("users", True) in found


def test_a_bad_bookmark_fails_only_its_own_stream(run: Run) -> None:
    catalog = run.catalog("tags", "webforms")
    run.target.state = {"bookmarks": {"webforms": {"replication_key_value": "yesterday"}}}
    run(catalog=catalog, concurrency=4, fails=True)
    assert "webforms" in str(run.error)
    assert run.target.rows("tags")
    assert run.target.state["bookmarks"]["tags"]["read_at"]


def test_a_missing_parent_costs_one_call(run: Run) -> None:
    catalog = run.catalog("affiliate_commissions")
    reference = len(made(run, catalog))
    run.target = Target()
    run.box.fault("not_found", path_regex=":commissions$", nth=3)
    assert len(made(run, catalog)) <= reference


def test_a_forbidden_collection_costs_few_calls(run: Run) -> None:
    """Five parents are tried before the address counts as forbidden; a few calls are in flight by then."""
    catalog = run.catalog("contact_lead_scores")
    reference = [
        one for one in made(run, catalog) if "lead" in one["path"].lower() or "score" in one["path"].lower()
    ]
    assert len(reference) > 8
    run.target = Target()
    run.box.fault({"path_regex": "(?i)score", "always": True, "status": 403, "body": "{}"})
    calls(run)
    run(catalog=catalog, fails=True)
    assert 5 <= len([one for one in run.box.requests() if "score" in one["path"].lower()]) <= 5 + 8


@pytest.mark.parametrize("value", [0, 17, -1])
def test_concurrency_out_of_range_is_an_error(run: Run, value: int) -> None:
    with pytest.raises(ConfigError, match=f"concurrency is {value}; it must be from 1 to 16"):
        _ = run.tap({}, concurrency=value).settings


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_does_not_wait_for_prefetched_calls(
    tmp_path: Path, run: Run, number: signal.Signals, code: int
) -> None:
    settings = run.config(concurrency=4)
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "catalog.json").write_text(json.dumps(run.catalog("affiliate_commissions")))
    run.box.fault({"path_regex": ":commissions$", "after": 3, "delay": 600})
    with subprocess.Popen(
        [TAP, "--config", "config.json", "--catalog", "catalog.json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        waiting = threading.Event()
        while process.poll() is None and len(run.box.requests(":commissions")) < 4:
            waiting.wait(0.01)
        process.send_signal(number)
        out, log = process.communicate(timeout=PATIENCE)
    assert_clean(out, log)
    assert process.returncode == code
    assert "Traceback" not in log
    target = Target()
    target.take(out)
    assert target.last["type"] == "STATE"
