"""A run that is killed at any moment is resumed: nothing is lost, and nothing is read again without need."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.stream import STATE_CALLS
from tap_infusionsoft.streams.custom_field_models import RECORDS
from tests.canary import KEY
from tests.fixtures import Run, Some, before_each_answer, calls
from tests.spent import Spent, increment
from tests.target import Record, Target, tables, underway
from tests.virtual import VirtualClock

KINDS = {
    "contacts": 1,  # by id, filter by update time
    "notes": 1,  # by id, ordered by update time
    "payments": 1,  # by id, filter by event time
    "affiliates": 1,  # by id, no time
    "products": 0,  # by token, ordered by update time
    "emails": 2,  # by time, and the proof of its order
    "users": 0,  # by token, no time
    "contact_tags": 2,  # by time, for each batch of tags, and the proof of its order
    "affiliate_commissions": 12,  # by token, for each affiliate
    "affiliate_clawbacks": 4,  # by offset, for each affiliate
    "contact_lead_scores": 1,  # one row for each contact
    "category_discount_assignments": 0,  # several rows in one
    "order_items": 1,  # several rows in one, by id
    "custom_fields": 1,  # several addresses
    "saved_search_all_contacts": 0,  # a report
}
"""Stream -> calls of its largest slice; 0 if the stream is a single slice."""
SEARCH: dict[str, Any] = {"saved_searches": ["All contacts"]}


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account with small pages."""
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 5}
    with Sandbox(seed=1, contacts=12, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


@pytest.fixture
def run(run: Run) -> Run:
    """One call at a time, so that calls can be counted; test_concurrency.py allows for calls in flight."""
    run.concurrency = 1
    return run


def slice_of(stream: str, spent: Spent) -> int:
    """Calls of the largest slice."""
    return KINDS[stream] or spent.own[stream]


@pytest.mark.parametrize(
    ("pace", "flushes"),
    [(1_000_000, True), (None, False), (1_000_000, False)],
    ids=["SIGTERM", "SIGKILL at the usual pace", "SIGKILL"],
)
@pytest.mark.parametrize("stream", KINDS)
def test_a_killed_stream_resumes_where_it_was(
    run: Run,
    stream: str,
    pace: int | None,
    flushes: bool,  # noqa: FBT001
    some: Some,
) -> None:
    """Both runs together make at most the calls of an undisturbed run, one slice, and what resuming takes.

    Resuming takes the model of the custom fields and the ids of parents, because no state can tell whether
    they have changed, and after a resumed pass an increment, for what has changed since the pass began. A run
    that is faster than the default rate and has no time to write a last STATE may repeat the calls since the
    previous one.
    """
    affiliates = [row["id"] for row in run.box.records("affiliates")[:4]]
    chosen = {"affiliate_ids": affiliates} if stream.startswith("affiliate_") else {}
    settings: dict[str, Any] = SEARCH | {"requests_per_second": pace, "requests_per_minute": pace} | chosen
    catalog = run.catalog(stream, **settings)
    calls(run)
    whole = tables(run(catalog=catalog, **settings))
    spent = Spent.on(run.box, stream)
    assert whole[stream]
    run(catalog=catalog, **settings)
    catch_up = increment(stream, Spent.on(run.box, stream))
    late = 0 if flushes or pace is None else STATE_CALLS
    resumed = False
    for k in some(range(spent.total), 7):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=flushes, **settings)
        takes_up = underway(run.target, stream)
        resumed |= takes_up
        assert tables(run(catalog=catalog, **settings)) == whole, f"killed after call {k}"
        allowed = spent.total + slice_of(stream, spent) + spent.fixed + catch_up * takes_up + late
        assert calls(run) <= allowed, f"killed after call {k}"
    if not late:
        assert resumed is (KINDS[stream] > 0)


def test_a_killed_run_of_all_kinds_of_streams_loses_nothing(run: Run, some: Some) -> None:
    """The stream that was killed costs what it costs alone; the streams before it cost an increment.

    Those are read again because a run brings every stream up to its own start, whatever became of the run
    before. Each run also begins by requesting the columns of saved searches, whichever stream it is killed
    in.
    """
    settings: dict[str, Any] = SEARCH | {"requests_per_second": None, "requests_per_minute": None}
    few = {"8", "11", "14", "32", "35"}  # with few commissions: each call is a run here
    run.box.plant(
        "affiliates", delete=[row["id"] for row in run.box.records("affiliates") if row["id"] not in few]
    )
    alone: dict[str, tuple[Spent, int]] = {}
    for stream in KINDS:
        run.target = Target()
        catalog = run.catalog(stream, **settings)
        calls(run)
        run(catalog=catalog, **settings)
        spent = Spent.on(run.box, stream)
        run(catalog=catalog, **settings)
        alone[stream] = spent, increment(stream, Spent.on(run.box, stream))
    catalog = run.catalog(*KINDS, **settings)
    run.target = Target()
    calls(run)
    whole = tables(run(catalog=catalog, **settings))
    reference, order = calls(run), [entry["tap_stream_id"] for entry in catalog["streams"]]
    nights = [0]
    for last in range(1, len(order)):
        quiet = {"streams": catalog["streams"][:last]}
        run(catalog=quiet, **settings)
        nights.append(calls(run))
    for k in some(range(reference), 16):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=k % 2 == 0, **settings)
        done = [name for name in order if run.target.state.get("bookmarks", {}).get(name, {}).get("read_at")]
        assert done == order[: len(done)]
        killed, later = order[len(done)], order[len(done) + 1 :]
        spent, catch_up = alone[killed]
        catch_up *= underway(run.target, killed)
        asked = sum(alone[name][0].fixed for name in later if name.startswith("saved_search"))
        assert tables(run(catalog=catalog, **settings)) == whole, f"killed after call {k}"
        models = len(RECORDS) if killed == "custom_fields" else 0  # a run asks for all of them at once
        allowed = reference + slice_of(killed, spent) + spent.fixed + catch_up + nights[len(done)] + asked
        allowed += models
        assert calls(run) <= allowed, f"killed after call {k}, in {killed}"


def test_ids_of_finished_parents_are_not_read_again(run: Run) -> None:
    catalog = run.catalog("contact_lead_scores")
    calls(run)
    whole = tables(run(catalog=catalog))
    spent = Spent.on(run.box, "contact_lead_scores")
    assert spent.fixed == 4  # three pages of ids, and the call that proves their order
    run.target = Target()
    assert run.cut_off(spent.total - 1, catalog, flushes=True)
    assert calls(run) == spent.total - 1
    assert tables(run(catalog=catalog)) == whole
    assert Spent.on(run.box, "contact_lead_scores") == Spent({"contact_lead_scores": 1}, fixed=1)


@pytest.mark.parametrize("later", [False, True], ids=["first load", "sweep"])
def test_a_run_can_start_from_every_state(run: Run, later: bool, some: Some) -> None:  # noqa: FBT001
    """The messages up to any STATE, plus a run from that state, load everything."""
    kinds = [name for name in KINDS if not name.startswith("affiliate_c")] + ["affiliate_clawbacks"]
    catalog = run.catalog(*kinds, **SEARCH)
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
    for place in some(states, 13):
        run.target = Target()
        run.target.take("".join(json.dumps(message) + "\n" for message in [*before, *messages[: place + 1]]))
        assert tables(run(catalog=catalog, sweep_max_drop=1, **SEARCH)) == whole, messages[place]


def test_repeatedly_killed_runs_load_everything_in_the_end(run: Run) -> None:
    """The stream read longest ago goes first, so that one which is read in full starves no other."""
    catalog = run.catalog("affiliate_clawbacks", "contact_lead_scores", "custom_fields", "users")
    calls(run)
    whole = tables(run(catalog=catalog))
    run.target = Target()
    kills = 0
    while tables(run.target) != whole:
        assert run.cut_off(18, catalog)
        kills += 1
        assert kills < 12
    assert kills > 2


def test_a_state_is_the_last_message_while_waiting_for_keap(run: Run) -> None:
    """Some targets discard a STATE once a record follows it, so that all before it would be read again."""
    run.box.reset(contacts=200)
    tap = run.tap(catalog=run.catalog("contacts", "emails"))
    stdout = io.StringIO()
    last_types: list[str] = []

    def note_last_message(_: int) -> None:
        last_types.extend(json.loads(line)["type"] for line in stdout.getvalue().splitlines()[-1:])

    with before_each_answer(tap, note_last_message), contextlib.redirect_stdout(stdout):
        tap.sync_all()
    assert "RECORD" not in last_types
    assert last_types.count("STATE") > len(last_types) / 2
