"""Run the tap and a target in a host, break runs off in every way, and see what the next run does."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from keap_sandbox import Sandbox
from tests.examples.hosts import BEFORE, NEW, until
from tests.examples.installed import Installed
from tests.processes import stalled
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
from world.results import without_paths
from world.running import KINDS, HangsError
from world.venvs import InstallError, installed
from world.warehouses.base import MissingError

if TYPE_CHECKING:
    from pathlib import Path

    from world.hosts import Host
    from world.running import Running

CONTACTS = 40
MIDDLE = "/v2/orders$"
"""The call that a run waits for when it is broken off: contacts are complete by then, and much is not."""
MIDDLE_SECONDS = 240
"""Seconds that a run may take to come to its middle."""
ORPHAN_SECONDS = 10
"""Seconds that the tap and the target may take to end after the host said that the run has ended."""
REFUSED_SECONDS = 400
"""Seconds for which runs may be refused after one that was broken off."""
LINE = 400
"""Characters of a line that are kept."""
SUMMARY = re.compile(r"[\d,]+ rows? of \d+ streams")
"""A part of the line with which a good run of the tap ends."""
REFUSED = "streams failed: companies"
"""A part of the line that says which stream failed."""


def try_host(host: Host, folder: Path) -> HostResult:
    """Try a host.

    Args:
        host: The host.
        folder: A folder for its files and logs. It is emptied.

    Raises:
        MissingError: This machine lacks what it takes to run the host.
    """
    result = HostResult(host.name, host.version, f"{datetime.now(UTC):%Y-%m-%d}")
    _demand(host)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        programs = installed(host.name, host.requires) if host.requires else None
        target = installed("target-jsonl", ["target-jsonl==0.1.4"])
    except InstallError as error:
        result.not_installed = without_paths(str(error))
        return result
    os.environ["TARGET_JSONL"] = str(target / "target-jsonl")
    switches = {"limits": "off", "quota_headers": "blank"}
    with ExitStack() as stack:
        box = stack.enter_context(Sandbox(contacts=CONTACTS, api_key=KEY, switches=switches))
        kind, keap = KINDS[host.kind], Installed(box, folder)
        running = stack.enter_context(kind(host, keap, folder / "project", programs))
        trial = Trial(running, result)
        trial.make_runs()
        ways = (*host.stops, TAP_TERM, TAP_INT, KILL) if not result.runs[FIRST].differences else ()
        for way in ways:
            trial.break_off(way)
    return result


def failed_line(log: str) -> str:
    """Return the line of a log that names the stream that failed; if there is none, the last line.

    Args:
        log: What people find in the log of a run.
    """
    lines = log.strip().splitlines() or [""]
    named = [line for line in lines if REFUSED in line]
    return without_paths((named or lines)[-1].strip())[:LINE]


def _demand(host: Host) -> None:
    if host.kind not in {"cron", "kubernetes"}:
        return
    if os.geteuid():
        raise MissingError("starting it takes root")
    if host.kind == "cron" and shutil.which("cron", path="/usr/sbin") is None:
        raise MissingError("cron is not installed")


class Trial:
    """Makes all runs in a host."""

    def __init__(self, running: Running, result: HostResult) -> None:
        """Get ready.

        Args:
            running: The host.
            result: Where to put what comes of the runs.
        """
        self._running, self._result = running, result
        self._keap, self._box = running.keap, running.keap.box
        self._attempt = 0

    def make_runs(self) -> None:
        """Make the runs that nobody breaks off."""
        runs = self._result.runs
        runs[FIRST] = self._run(SUMMARY.pattern)
        self._box.plant("contacts", upsert=[NEW], touch=True)
        runs[AGAIN] = self._run()
        self._box.fault("forbidden", path="/v2/companies")
        runs[CODE_3] = self._end(REFUSED)
        self._box.clear_faults()
        self._result.log = failed_line(self._running.log())
        runs[CODE_75] = self._end("Run again", requests_per_day=1)
        runs[LAST] = self._run()

    def _run(self, wanted: str = "", **settings: Any) -> Run:
        """Make a run that should be good, and compare the copy with the account."""
        before = self._contacts()
        run = self._end(wanted, **settings)
        run.rereads = bool(before) and self._contacts() >= before + CONTACTS
        lost = self._keap.lost()
        run.differences, run.example = len(lost), lost[0][:100] if lost else ""
        return run

    def _end(self, wanted: str = "", **settings: Any) -> Run:
        """Make a run, and look for a text in its log."""
        self._running.start(self._attempt, **settings)
        run = self._ended()
        self._wait_for_processes()
        if wanted:
            run.log = re.search(wanted, self._running.log()) is not None
        return run

    def _ended(self) -> Run:
        try:
            return Run(self._running.says())
        except HangsError:
            return Run(hangs=True)

    def break_off(self, way: str) -> None:
        """Break off a first run in the middle, and make the next one.

        Args:
            way: One of the host's `stops`, or `TAP_TERM`, `TAP_INT` or `KILL`.
        """
        self._keap.reset()
        self._attempt += 1
        with stalled(self._box, path_regex=MIDDLE) as middle:
            self._running.start(self._attempt)
            if not middle.wait(MIDDLE_SECONDS):
                raise TimeoutError(f"the run did not come to its middle:\n{self._running.log()[-2000:]}")
            until(lambda: BEFORE in self._keap.records(), "the rows before the middle")
            self._break_off(way)
            ended = self._ended()
            found = Break(ended.says, ended.hangs, goes_on=not self._wait_for_processes(ORPHAN_SECONDS))
        self._wait_for_processes()
        found.then = self._run()
        if self._is_refused(found.then):
            found.refused = found.then.says
            found.then = self._run_later()
        self._result.breaks[way] = found

    def _is_refused(self, run: Run) -> bool:
        """Return whether the host ended a run otherwise than a good one, without letting the tap load."""
        good = self._result.runs.get(FIRST)
        return good is not None and run.says != good.says and run.differences > 0

    def _run_later(self) -> Run:
        """Try again until a run is not refused."""
        end = time.monotonic() + REFUSED_SECONDS
        while True:
            time.sleep(REFUSED_SECONDS / 20)
            run = self._run()
            if not self._is_refused(run) or time.monotonic() > end:
                return run

    def _break_off(self, way: str) -> None:
        if way == KILL:
            for process in self._running.processes():
                os.kill(process, signal.SIGKILL)
        elif way in {TAP_TERM, TAP_INT}:
            os.kill(self._running.tap(), signal.SIGTERM if way == TAP_TERM else signal.SIGINT)
        else:
            self._running.stop(way)

    def _contacts(self) -> int:
        return len(self._keap.records().get("contacts", []))

    def _wait_for_processes(self, seconds: float = MIDDLE_SECONDS) -> bool:
        """Wait until all processes of the run have ended, and return whether they have."""
        end = time.monotonic() + seconds
        while self._running.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True
