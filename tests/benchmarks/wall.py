"""g: wall time at default settings, beside an earlier commit: a first run; g2: the nights of a week.

Both programs read their own accounts with an API key, at the same time. The account is the sandbox: it
answers every call after 300 ms, applies Keap's limits for a key, and sends their headers. So what counts is
the default pace, how much of it is used, and how many calls there are.

The first run is one without a catalog, in an account of 500 contacts. The nights are those of benchmark c: an
account of 100,000 contacts, 500 changes before each. It is loaded at full speed first, which is not measured.
Then days pass for the sandbox and for both programs, whose processes see another date, but wait real seconds.
Of the tap, seven nights in a row count, with all that is spread over a week; of the earlier commit only one,
without its weekly sweep.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keap_sandbox import Sandbox
from tests.benchmarks.builds import EARLIER, KEY, VENVS
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import environment
from tests.benchmarks.week import CHANGES

CONTACTS, NIGHT_CONTACTS = 500, 100_000
CHANGED = 500
"""Rows that change before each night."""
NIGHTS = 7
LATENCY = 0.3
"""Seconds until a call is answered."""
GOAL, NIGHT_GOAL = 0.33, 0.25
DAY = 86_400
TOO_MANY_REQUESTS = 429
AT_ONCE = {"requests_per_second": 1_000_000, "requests_per_minute": 1_000_000}
"""Settings of the load that prepares the nights."""
MEASURED = {"latency": LATENCY, "limits": "documented", "quota_headers": "pipes"}
UNLIMITED = {"latency": 0, "limits": "off", "quota_headers": "blank"}
_ON_DAY = Path(__file__).parent / "peers" / "on_day.py"


@dataclass
class Night:
    """One run of a program.

    Attributes:
        wall: Seconds that it took.
        calls: Number of calls that the account saw.
        records: Number of records by stream.
        state: The last state.
    """

    wall: float = 0.0
    calls: int = 0
    records: Counter[str] = field(default_factory=Counter)
    state: dict[str, Any] = field(default_factory=dict)


class Reader:
    """A program that reads its own account."""

    def __init__(self, python: Path, box: Sandbox, folder: Path) -> None:
        """A program that has not read anything.

        Args:
            python: The Python that has it installed.
            box: The account.
            folder: Where its files go.
        """
        self._python, self._box, self._folder = python, box, folder
        self._state: dict[str, Any] = {}
        self._days = 0
        folder.mkdir()

    def run(self, **settings: int) -> Night:
        """Read the account, with these settings besides key and address.

        Raises:
            NotMeasuredError: It failed, or was refused a call because it was too fast.
        """
        config, state, log = (self._folder / name for name in ("config.json", "state.json", "log"))
        config.write_text(json.dumps({"api_key": KEY, "api_url": self._box.url, **settings}))
        state.write_text(json.dumps(self._state))
        self._box.clear_requests()
        found, began = Night(), time.monotonic()
        command: list[str | Path] = [
            self._python,
            _ON_DAY,
            str(self._days),
            "--config",
            config,
            "--state",
            state,
        ]
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment()
            ) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(b'{"type":"RECORD","stream":"'):
                    found.records[line[27:100].partition(b'"')[0].decode()] += 1
                elif line.startswith(b'{"type":"STATE"'):
                    found.state = json.loads(line)["value"]
        found.wall = time.monotonic() - began
        if process.returncode:
            end = log.read_text(errors="replace")[-2000:]
            raise NotMeasuredError(f"{self._python} exited with {process.returncode}:\n{end}")
        statuses = [call["status"] for call in self._box.requests()]
        if TOO_MANY_REQUESTS in statuses:
            raise NotMeasuredError(f"{self._python}: {statuses.count(TOO_MANY_REQUESTS)} calls were refused")
        found.calls, self._state = len(statuses), found.state
        return found

    def first(self) -> Night:
        """Read an account that was not read before.

        Raises:
            NotMeasuredError: It failed, or read another number of contacts.
        """
        self._box.switch(**MEASURED)
        found = self.run()
        contacts = len(self._box.records("contacts", ids_only=True))
        if found.records["contacts"] != contacts:
            raise NotMeasuredError(f"{found.records['contacts']} contacts arrived instead of {contacts}")
        return found

    def nights(self, number: int, changed: int) -> list[Night]:
        """Read all of the account, and then some nights in a row, what changed before each.

        Args:
            number: How many nights.
            changed: Rows that change before each.

        Raises:
            NotMeasuredError: It failed, or did not read all changes.
        """
        self._box.switch(**UNLIMITED)
        self.run(**AT_ONCE)
        self._box.switch(**MEASURED)
        return [self._night(changed) for _ in range(number)]

    def _night(self, changed: int) -> Night:
        shares = {stream: round(changed * share) for stream, share in CHANGES.items()}
        for stream, rows in shares.items():
            ids = self._box.records(stream, ids_only=True)[:rows]
            self._box.plant(stream, upsert=[{"id": one} for one in ids], touch=True)
        self._box.advance(DAY)
        self._days += 1
        found = self.run()
        missed = {stream for stream, rows in shares.items() if found.records[stream] < rows}
        if missed:
            raise NotMeasuredError(f"a night did not read all changes of {', '.join(sorted(missed))}")
        return found


def _read(python: Path, folder: Path, contacts: int, nights: int) -> list[Night]:
    """Let a program read its own account: some nights, or if that is 0 a first run."""
    with Sandbox(seed=1, contacts=contacts, api_key=KEY) as box:
        reader = Reader(python, box, folder)
        return reader.nights(nights, CHANGED) if nights else [reader.first()]


def _together(folder: Path, contacts: int, nights: int) -> tuple[list[Night], list[Night]]:
    """Let the tap and the earlier commit read at the same time: what they do most is wait.

    Args:
        folder: Where the files go.
        contacts: Number of contacts of each account.
        nights: How many nights the tap reads, and the earlier commit one of them; 0 for a first run.
    """
    spawn = multiprocessing.get_context("spawn")  # each account has a process, so neither slows the other
    earlier = VENVS["earlier"] / "bin" / "python"
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        ours = pool.submit(_read, Path(sys.executable), folder / f"{contacts}-now", contacts, nights)
        theirs = pool.submit(_read, earlier, folder / f"{contacts}-earlier", contacts, min(nights, 1))
        return ours.result(), theirs.result()


def run(table: Table, folder: Path, contacts: int = CONTACTS) -> None:
    """Measure first runs.

    Args:
        table: Where the figures go.
        folder: Where the files go.
        contacts: Number of contacts of the account.
    """
    if _is_missing(table):
        return
    (ours,), (theirs,) = _together(folder, contacts, 0)
    what = f"first run of {contacts:,} contacts / {EARLIER}, wall time"
    table.add("g", what, "ratio", ours.wall / theirs.wall, goal=GOAL, note=_note([ours], theirs))


def run_nights(table: Table, folder: Path, contacts: int = NIGHT_CONTACTS, nights: int = NIGHTS) -> None:
    """Measure nights.

    Args:
        table: Where the figures go.
        folder: Where the files go.
        contacts: Number of contacts of the account.
        nights: How many nights the tap reads.
    """
    if _is_missing(table):
        return
    ours, (theirs,) = _together(folder, contacts, nights)
    what, note = f"{contacts:,} contacts / {EARLIER}, wall time", _note(ours, theirs)
    mean = sum(one.wall for one in ours) / len(ours)
    table.add("g2", f"mean night of {what}", "ratio", mean / theirs.wall, goal=NIGHT_GOAL, note=note)
    for one in ours:
        table.add("g2", f"night of {what}", "ratio", one.wall / theirs.wall)


def _is_missing(table: Table) -> bool:
    if is_missing := not (VENVS["earlier"] / "bin" / "python").exists():
        table.skip(f"wall time beside {EARLIER}", "not installed; make bench installs it")
    return is_missing


def _note(ours: list[Night], theirs: Night) -> str:
    mean, calls = (sum(one) / len(ours) for one in zip(*((one.wall, one.calls) for one in ours), strict=True))
    return f"{mean:.0f} s, {calls:.0f} calls; {theirs.wall:.0f} s, {theirs.calls} calls at {EARLIER}"
