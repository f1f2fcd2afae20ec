"""What hosts lose is found, and results, verdicts and the page of hosts follow from each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from keap_sandbox import Sandbox
from tests.examples.installed import Installed
from world import host_pages, results
from world.account import KEY
from world.host_results import (
    AGAIN,
    CODE_3,
    CODE_75,
    FIRST,
    KILL,
    LAST,
    TAP_INT,
    TAP_TERM,
    Break,
    HostResult,
    Run,
)
from world.host_verdicts import host_verdict
from world.hosting import Trial, failed_line
from world.hosts import HOSTS, Host
from world.pages import cell
from world.running import KINDS, Process
from world.verdicts import Level

STOP = "Ctrl-C"


def good() -> HostResult:
    """Return the result of a host that does everything right."""
    fine = Run("exit code 0")
    return HostResult(
        "host-x",
        "1.0",
        "2026-01-01",
        runs={
            FIRST: Run("exit code 0", log=True),
            AGAIN: fine,
            CODE_3: Run("exit code 3", log=True),
            CODE_75: Run("exit code 75", log=True),
            LAST: fine,
        },
        breaks={way: Break("exit code 143", then=fine) for way in (STOP, TAP_TERM, TAP_INT, KILL)},
    )


def with_run(name: str, run: Run) -> HostResult:
    found = good()
    found.runs = {**found.runs, name: run}
    return found


def with_break(way: str, broken: Break) -> HostResult:
    found = good()
    found.breaks = {**found.breaks, way: broken}
    return found


def stopped(then: Run) -> HostResult:
    return with_break(STOP, Break("exit code 130", then=then))


def silent() -> HostResult:
    found = good()
    found.runs = {name: msgspec.structs.replace(run, says="") for name, run in found.runs.items()}
    found.breaks = {way: Break(then=Run()) for way in found.breaks}
    return found


REREAD = Run("exit code 0", rereads=True)
LOST = Run("exit code 0", differences=40, example="contacts: 40 rows are missing")


@pytest.mark.parametrize(
    ("result", "level", "words"),
    [
        (good(), Level.USE, "Use it."),
        (with_run(AGAIN, REREAD), Level.AVOID, "it keeps no state"),
        (with_run(LAST, LOST), Level.AVOID, "after the run after those (exit code 0), rows"),
        (with_run(FIRST, Run(hangs=True, log=True)), Level.AVOID, "the first run does not end"),
        (with_run(CODE_3, Run("exit code 0", log=True)), Level.AVOID, "looks like a good one"),
        (with_run(CODE_75, Run("exit code 3", log=True)), Level.CARE, "looks like a failure (exit code 3)"),
        (with_run(CODE_3, Run("exit code 3", log=False)), Level.CARE, "its log lacks what the tap says"),
        (
            stopped(LOST),
            Level.AVOID,
            "after Ctrl-C, rows stay missing or wrong (40)",
        ),
        (
            stopped(Run("exit code 1")),
            Level.AVOID,
            "fails (exit code 1)",
        ),
        (
            stopped(REREAD),
            Level.CARE,
            "after Ctrl-C, the next run reads again",
        ),
        (with_break(STOP, Break(hangs=True, then=Run("exit code 0"))), Level.CARE, "the run does not end"),
        (with_break(STOP, Break("x", goes_on=True, then=Run("exit code 0"))), Level.CARE, "the tap goes on"),
        (
            with_break(STOP, Break("x", refused="y", then=Run("exit code 0"))),
            Level.CARE,
            "runs are refused for some minutes (y)",
        ),
        (with_break(KILL, Break("exit code 137", then=REREAD)), Level.USE, "Use it."),
        (
            with_break(KILL, Break("exit code 137", then=LOST)),
            Level.AVOID,
            "after SIGKILL to all processes, rows stay missing",
        ),
        (silent(), Level.CARE, "it does not say how a run ended"),
        (HostResult("host-x", not_installed="no"), Level.AVOID, "it could not be installed"),
    ],
)
def test_a_verdict_says_what_a_host_loses(result: HostResult, level: Level, words: str) -> None:
    told = host_verdict(result)
    assert told.level is level
    assert words in str(told)


def test_what_is_the_same_after_several_ends_is_said_once() -> None:
    found = stopped(REREAD)
    found.breaks = {**found.breaks, TAP_INT: Break("exit code 130", then=REREAD)}
    (told,) = host_verdict(found).reasons
    assert told == f"after Ctrl-C or {TAP_INT}, the next run reads again what had been loaded"


def test_the_worst_comes_first() -> None:
    result = with_break(STOP, Break("exit code 130", goes_on=True, then=LOST))
    first, second = host_verdict(result).reasons
    assert "missing or wrong" in first
    assert "goes on" in second


@pytest.mark.parametrize(
    ("new", "changed"),
    [
        (good(), []),
        (with_run(AGAIN, REREAD), [f"runs/{AGAIN}/rereads: nothing became True"]),
        (with_run(CODE_75, Run("exit code 1", log=True)), ["exit code 75 became exit code 1"]),
        (with_break(KILL, Break("exit code 143", then=LOST)), ["then/differences: nothing became 40"]),
    ],
)
def test_a_change_against_the_committed_result_is_found(new: HostResult, changed: list[str]) -> None:
    new.date = "2026-02-02"
    told = [one for one in results.changes(good(), new) if not one.endswith("contacts: 40 rows are missing")]
    assert len(told) == len(changed)
    assert all(part in line for part, line in zip(changed, told, strict=True))


def test_the_line_that_names_the_failed_stream_is_kept() -> None:
    named = "ERROR 1 of 72 streams failed: companies. The reasons are above."
    assert failed_line(f"companies: 3 rows, increment\n  {named}\nTask ended with 3\n") == named
    assert failed_line("companies: 3 rows, increment\nTask ended with 3\n") == "Task ended with 3"
    assert failed_line("") == ""


@pytest.mark.parametrize("host", HOSTS, ids=lambda one: one.name)
def test_every_host_has_a_result_for_its_version_and_stops(host: Host) -> None:
    found = results.read("hosts", host.name, HostResult)
    assert found is not None, f"run: make world WORLD='--write {host.name}'"
    assert found.version == host.version
    if not found.not_installed:
        assert [*found.runs] == [FIRST, AGAIN, CODE_3, CODE_75, LAST]
        ways = [] if found.runs[FIRST].differences else [*host.stops, TAP_TERM, TAP_INT, KILL]
        assert [*found.breaks] == ways
    assert host.kind in KINDS


def test_every_result_has_a_host() -> None:
    names = {path.stem for path in (results.FOLDER / "hosts").glob("*.json")}
    assert names == {host.name for host in HOSTS}


def test_the_page_has_the_verdict_and_every_end_of_each_host() -> None:
    table, details = host_pages.hosts(), host_pages.details()
    for host in HOSTS:
        found = results.read("hosts", host.name, HostResult)
        assert found is not None
        (section,) = [one for one in details.split("### ") if one.startswith(f"{host.name}\n")]
        assert cell(host_verdict(found)) in section
        assert f"[{host.name}](#" in table
        ends = [*(run.says for run in found.runs.values()), *(one.says for one in found.breaks.values())]
        for says in ends:
            assert cell(says) in section


WITHOUT_STATE = """\
cd /var/lib/keap
tap-infusionsoft --config config.json | target-jsonl --config target.json > /dev/null
exit 0
"""
"""A host that keeps no state and has no exit codes."""

STATE_TOO_EARLY = """\
cd /var/lib/keap
if [ -s state.json ]; then
    tap-infusionsoft --config config.json --state state.json | target-jsonl --config target.json > /dev/null
else
    tap-infusionsoft --config config.json > all.jsonl &
    tap=$!
    tail --pid=$tap -n +1 -f all.jsonl | grep -v '"stream": *"companies"' | target-jsonl --config target.json
    grep '"type": *"STATE"' all.jsonl | tail -n 1 | sed 's/^[^:]*:[^:]*: *//; s/}$//' > state.json
fi
"""
"""A host that keeps the state that the tap says, though the target has not loaded all rows before it."""


@pytest.fixture
def trial_of(tmp_path: Path) -> Iterator[Callable[[str], tuple[Trial, HostResult]]]:
    if "TARGET_JSONL" not in os.environ:
        pytest.skip("make test installs target-jsonl and names it")
    with Sandbox(contacts=40, api_key=KEY, switches={"limits": "off", "quota_headers": "blank"}) as box:
        keap = Installed(box, tmp_path)

        def found(script: str) -> tuple[Trial, HostResult]:
            host = Host(name="planted", advice="", command=("bash", "-c", script))
            result = HostResult("planted")
            return Trial(Process(host, keap, tmp_path / "project", None), result), result

        yield found


@pytest.mark.nightly
def test_a_host_that_loses_the_state_and_hides_failures_is_found(
    trial_of: Callable[[str], tuple[Trial, HostResult]],
) -> None:
    trial, result = trial_of(WITHOUT_STATE)
    trial.make_runs()
    assert result.runs[AGAIN].rereads
    assert result.runs[CODE_3] == Run("exit code 0", log=True)
    assert "it keeps no state" in str(host_verdict(result))
    assert "looks like a good one" in str(host_verdict(result))


@pytest.mark.nightly
def test_a_host_that_keeps_the_state_before_the_rows_is_found(
    trial_of: Callable[[str], tuple[Trial, HostResult]],
) -> None:
    trial, result = trial_of(STATE_TOO_EARLY)
    trial.break_off(TAP_TERM)
    then = result.breaks[TAP_TERM].then
    assert not then.rereads
    assert then.differences
    assert then.example.startswith("companies: ")
