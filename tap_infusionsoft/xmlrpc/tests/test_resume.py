"""A run that is killed at any moment is resumed: nothing is lost, and little is read again."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.stream import STATE_CALLS
from tap_infusionsoft.xmlrpc import table_streams
from tests.canary import KEY
from tests.fixtures import Run, Some, calls
from tests.processes import PATIENCE, stalled
from tests.program import TAP
from tests.target import Target, tables, underway
from tests.virtual import VirtualClock


@dataclass(frozen=True)
class Stream:
    """A stream, and what a kill may cost.

    Attributes:
        settings: What chooses it.
        slice: Calls of its largest slice, which are made again; 0 if the stream is a single slice.
    """

    settings: dict[str, Any]
    slice: int = 0


def table(name: str) -> dict[str, Any]:
    return {"legacy_tables": [name]}


def report(name: str, **parameters: Any) -> dict[str, Any]:
    return {"legacy_reports": [name], **parameters}


STREAMS = {
    "legacy_contact": Stream(table("Contact"), slice=1),
    "legacy_job": Stream(table("Job"), slice=1),
    "legacy_contact_group": Stream(table("ContactGroup"), slice=1),  # without a time
    "legacy_contact_group_assign": Stream(table("ContactGroupAssign"), slice=4),  # without an id
    "legacy_affiliate_running_totals": Stream(report("affiliate_running_totals")),  # all ids at once
    "legacy_affiliate_redirect_links": Stream(report("affiliate_redirect_links"), slice=1),
    "legacy_affiliate_commissions": Stream(  # by affiliate and month
        report("affiliate_commissions", affiliate_ids=["5", "11", "20"], start_date="2025-09-01"),
        slice=15,
    ),
    "legacy_affiliate_program_all_programs": Stream(report("affiliate_program_all_programs")),  # one call
}


FEW = {"Id", "Email", "LastUpdated"}
"""Columns of contacts that are read where there are many, for the sake of time."""


@pytest.fixture
def box(clock: VirtualClock) -> Iterator[Sandbox]:
    """A small account."""
    switches = {"limits": "off", "quota_headers": "blank"}
    with Sandbox(seed=1, contacts=12, api_key=KEY, clock=clock.epoch, switches=switches) as sandbox:
        yield sandbox


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Small pages, and one call at a time, so that calls can be counted."""
    monkeypatch.setattr(table_streams, "MOST_ROWS", 5)
    run.concurrency = 1
    return run


def fixed(run: Run, stream: str) -> int:
    """Calls that each run makes before its first rows: for custom fields and for parents."""
    own = {*STREAMS[stream].settings.get("legacy_tables", ())}
    asked = [call.get("rpc") or {"method": call["path"], "params": []} for call in run.box.requests()]
    is_table = [one["method"] == "DataService.query" for one in asked]
    return sum(
        one["params"][0] not in own if in_table else not one["method"].startswith(("Aff", "APIAff"))
        for one, in_table in zip(asked, is_table, strict=True)
    )


def night(run: Run, catalog: Any, settings: dict[str, Any]) -> int:
    """Calls of the increment of a night without changes, as one that follows a resumed pass; 0 for none."""
    run(catalog=catalog, **settings)
    made = calls(run)
    (entry,) = catalog["streams"]
    return made if entry.get("replication_key") else 0


@pytest.mark.parametrize(
    ("pace", "flushes"),
    [(1_000_000, True), (None, False), (1_000_000, False)],
    ids=["SIGTERM", "SIGKILL at the usual pace", "SIGKILL"],
)
@pytest.mark.parametrize("name", STREAMS)
def test_a_killed_stream_resumes_where_it_was(
    run: Run,
    name: str,
    pace: int | None,
    flushes: bool,  # noqa: FBT001
    some: Some,
) -> None:
    """Both runs together make the calls of an undisturbed run, one slice, and what resuming takes."""
    stream = STREAMS[name]
    settings = stream.settings | {"requests_per_second": pace, "requests_per_minute": pace}
    catalog = run.catalog(name, **settings)
    calls(run)
    whole, again, total = tables(run(catalog=catalog, **settings)), fixed(run, name), calls(run)
    assert whole[name]
    late = 0 if flushes or pace is None else STATE_CALLS
    catch_up = night(run, catalog, settings)
    resumed = False
    for k in some(range(again, total), 6):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=flushes, **settings)
        takes_up = underway(run.target, name)
        resumed |= takes_up
        assert tables(run(catalog=catalog, **settings)) == whole, f"killed after call {k}"
        allowed = total + (stream.slice or total) + again + catch_up * takes_up + late
        assert calls(run) <= allowed, f"killed after call {k}"
    if not late:
        assert resumed is (stream.slice > 0)


def test_a_run_can_start_from_every_state(run: Run, some: Some) -> None:
    """The messages up to any STATE, plus a run from that state, load everything."""
    settings: dict[str, Any] = {
        "legacy_tables": ["Contact", "ContactGroup", "ContactGroupAssign", "OrderItem"]
    }
    names = [table_streams.stream_name(one) for one in settings["legacy_tables"]]
    catalog = run.catalog(*names, **settings)
    run(catalog=catalog, **settings)
    whole, messages = tables(run.target), run.target.messages
    states = [place for place, message in enumerate(messages) if message["type"] == "STATE"]
    assert len(states) > len(names)
    for place in some(states, 6):
        run.target = Target()
        run.target.take("".join(json.dumps(message) + "\n" for message in messages[: place + 1]))
        assert tables(run(catalog=catalog, **settings)) == whole, messages[place]


@pytest.mark.nightly
@pytest.mark.parametrize("flushes", [True, False], ids=["SIGTERM", "SIGKILL"])
def test_50_000_contacts_arrive_whenever_the_run_is_killed(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    flushes: bool,  # noqa: FBT001
) -> None:
    """In pages of 1,000 rows."""
    monkeypatch.setattr(table_streams, "MOST_ROWS", 1_000)
    run.box.reset(contacts=50_000)
    name = "legacy_contact"
    stream = STREAMS[name]
    columns = run.catalog("legacy_contact", **stream.settings)["streams"][0]["schema"]["properties"]
    catalog = run.catalog(
        "legacy_contact", without={"legacy_contact": sorted(columns.keys() - FEW)}, **stream.settings
    )
    calls(run)
    whole, again, total = tables(run(catalog=catalog, **stream.settings)), fixed(run, name), calls(run)
    assert len(whole["legacy_contact"]) == 50_000
    catch_up = night(run, catalog, stream.settings)
    for k in range(0, total, 9):
        run.target = Target()
        assert run.cut_off(k, catalog, flushes=flushes, **stream.settings)
        assert tables(run(catalog=catalog, **stream.settings)) == whole, f"killed after call {k}"
        allowed = total + stream.slice + again + catch_up + (0 if flushes else STATE_CALLS)
        assert calls(run) <= allowed, f"killed after call {k}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_is_killed_loses_no_contact(
    run: Run,
    number: signal.Signals,
    tmp_path: Path,
    nightly: bool,  # noqa: FBT001
) -> None:
    """The program itself, while it waits for an answer. Whole lines of its output arrive."""
    run.box.reset(contacts=2_050)
    settings = STREAMS["legacy_contact"].settings
    columns = run.catalog("legacy_contact", **settings)["streams"][0]["schema"]["properties"]
    catalog = run.catalog(
        "legacy_contact", without={"legacy_contact": sorted(columns.keys() - FEW)}, **settings
    )
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    config = run.config(concurrency=1, **settings)
    (tmp_path / "config.json").write_text(json.dumps(config))
    for dies_at in range(1, 5) if nightly else (3,):  # there are four calls
        run.target = Target()
        arrived = program(run, tmp_path, dies_at, number)
        run.target.take(arrived[: arrived.rfind("\n") + 1])
        assert len(run.target.rows("legacy_contact")) < 2_050
        run.target.take(program(run, tmp_path))
        assert len(run.target.rows("legacy_contact")) == 2_050


def program(run: Run, folder: Path, dies_at: int = 0, number: signal.Signals = signal.SIGTERM) -> str:
    """Run the program and return its output.

    Args:
        run: The sandbox, and the state.
        folder: Where config.json and catalog.json are.
        dies_at: Send it a signal while it waits for the answer to this call; 0 to let it end.
        number: The signal.
    """
    (folder / "state.json").write_text(json.dumps(run.target.state))
    options = ["--config", "config.json", "--catalog", "catalog.json", "--state", "state.json"]
    with (folder / "out").open("wb") as out, (folder / "log").open("wb") as log:
        tap = subprocess.Popen([TAP, *options], stdin=subprocess.DEVNULL, stdout=out, stderr=log, cwd=folder)
        try:
            if dies_at:
                with stalled(run.box, path_prefix="/", nth=dies_at) as reached:
                    assert reached.wait(PATIENCE), (folder / "log").read_text()
                    tap.send_signal(number)
                    code = tap.wait(PATIENCE)
            else:
                code = tap.wait(PATIENCE)
        finally:
            tap.kill()
            tap.wait()
    assert (code == 0) is (not dies_at), (folder / "log").read_text()
    return (folder / "out").read_text()
