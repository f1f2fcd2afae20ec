"""The builds that are compared, and runs of them against one and the same account of the sandbox.

Each build is a Python with the tap beside it: this checkout's, and one into which `make bench` installs an
earlier commit from this repository. Every run is its own process (`peers/one_run.py`), on a virtual
clock that begins at the account's time. What a run costs is counted in the account's log of calls.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.benchmarks.figures import ROOT, NotMeasuredError, Table
from tests.benchmarks.runs import environment
from tests.virtual import VirtualClock

EARLIER = "063e309"
"""The commit that `make bench` installs."""
VENVS = {
    name: Path(os.environ.get(f"BENCH_{name.upper()}", ROOT / f".venv-bench-{name}"))
    for name in ("airbyte", "dlt", "earlier")
}
NOW = "now"
"""Name of this checkout's build."""
KEY = "KeapAK-benchmark"
SWITCHES = {"limits": "off", "quota_headers": "blank"}
SETTINGS = {
    "api_key": KEY,
    "requests_per_second": 1_000_000,
    "requests_per_minute": 1_000_000,
    "requests_per_hour": 1_000_000,
}
"""Settings of both builds. One that a build does not know makes no difference to it."""
_PEER = Path(__file__).parent / "peers" / "one_run.py"
_LOG_TAIL = 2000
_IDS = re.compile(r"/(\d+|[0-9a-f-]{30,}|[^/]+@[^/]+)(?=[/:]|$)")


@dataclass(frozen=True)
class Build:
    """A build of the tap.

    Attributes:
        name: Its name in the table.
        python: The Python that it is installed beside.
        settings: Its settings besides those that all builds have.
    """

    name: str
    python: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def program(self) -> Path:
        """The tap's command."""
        return self.python.parent / "tap-infusionsoft"


@dataclass(frozen=True)
class Cost:
    """What a run cost, and what it brought.

    Attributes:
        calls: Number of calls by path, as `declared` writes it.
        records: Number of records by stream.
    """

    calls: Counter[str]
    records: Counter[str]

    @property
    def total(self) -> int:
        """Number of calls."""
        return self.calls.total()


def compared(table: Table, refresh: str = "rolling") -> list[Build]:
    """Return the builds to compare: this one first, and the earlier one if it is installed.

    Args:
        table: Where it is noted if the earlier one is missing.
        refresh: The setting of this build; the earlier one does not know it.
    """
    found = [Build(NOW, Path(sys.executable), {"refresh": refresh})]
    if (VENVS["earlier"] / "installed").exists():
        found.append(Build(EARLIER, VENVS["earlier"] / "bin" / "python"))
    else:
        table.skip(f"calls beside {EARLIER}", "not installed; make bench installs it")
    return found


class Account:
    """An account of the sandbox on a virtual clock, which several builds copy.

    Attributes:
        box: The sandbox.
        clock: Its clock.
    """

    def __init__(self, box: Sandbox, clock: VirtualClock) -> None:
        self.box = box
        self.clock = clock


class Copy:
    """The copy of an account that one build keeps.

    Attributes:
        build: The build.
    """

    def __init__(self, build: Build, account: Account) -> None:
        self.build = build
        self._account = account
        self._state: dict[str, Any] = {}
        self._catalog: dict[str, Any] | None = None

    def run(self) -> Cost:
        """Run the build, and keep its state for the next run.

        Raises:
            NotMeasuredError: The run failed.
        """
        cost, done = self._run({})
        self._state, self._catalog = done["state"], done["catalog"]
        return cost

    def try_run(self, **settings: Any) -> Cost:
        """Run the build with other settings, and forget the state that it writes.

        Raises:
            NotMeasuredError: The run failed.
        """
        return self._run(settings)[0]

    def _run(self, settings: Mapping[str, Any]) -> tuple[Cost, dict[str, Any]]:
        box, clock = self._account.box, self._account.clock
        given = {
            "config": {**SETTINGS, "api_url": box.url, **self.build.settings, **settings},
            "state": self._state,
            "catalog": self._catalog,
            "now": clock.now().isoformat(),
            "clock": str(ROOT / "tests" / "virtual.py"),
        }
        box.clear_requests()
        ran = subprocess.run(
            [self.build.python, _PEER],
            input=json.dumps(given).encode(),
            capture_output=True,
            check=False,
            env=environment(),
        )
        if ran.returncode:
            log = ran.stderr.decode(errors="replace")[-_LOG_TAIL:]
            raise NotMeasuredError(f"{self.build.name} exited with {ran.returncode}:\n{log}")
        done = json.loads(ran.stdout)
        clock.pass_time(done["passed"])
        calls = Counter(declared(call["path"].removeprefix("/crm/rest")) for call in box.requests())
        return Cost(calls, Counter(done["records"])), done


_PATHS = sorted({one.endpoint.path for one in COLLECTIONS.values()}, key=lambda path: ("{" in path, path))
"""Paths that streams are declared with, those without placeholders first."""
_PATTERNS = [(path, re.compile(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(path)))) for path in _PATHS]


def declared(path: str) -> str:
    """Return the path as streams declare it, with placeholders; another one with `…` for ids."""
    found = next((name for name, pattern in _PATTERNS if pattern.fullmatch(path)), None)
    return _IDS.sub("/…", path) if found is None else found
