"""e: the wall time of `--discover` and of an increment without changes, relative to importing singer-sdk."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from demo.keap import Keap
from tests.benchmarks.figures import Table
from tests.benchmarks.runs import measure
from tests.benchmarks.tap import KEY, SANDBOX, Tap

CONTACTS = 2000
ROUNDS = 5
"""The programs take turns. Each round gives one value, and the table shows their median."""
SWITCHES = {"limits": "off", "quota_headers": "blank"}
IMPORT = [sys.executable, "-c", "import singer_sdk"]


def run(table: Table, folder: Path) -> None:
    """Measure both commands."""
    with Keap(SANDBOX, folder / "sandbox.log", KEY, CONTACTS, SWITCHES) as keap:
        tap = Tap(folder, keap.url)
        tap.discover()
        state = tap.run_to_state()
        before = keap.calls()
        state = tap.run_to_state("--state", state)
        calls = keap.calls() - before
        commands: dict[str, Sequence[str | Path]] = {
            "import singer_sdk": IMPORT,
            "--discover": tap.discover_command,
            "empty increment": tap.command("--state", state),
        }
        rounds = [
            {name: measure(command, folder / "e.log") for name, command in commands.items()}
            for _ in range(ROUNDS + 1)
        ]
    del rounds[0]  # it only warms the operating system's caches
    for name, goal in (("--discover", 2.0), ("empty increment", 3.0)):
        note = f"includes the sandbox's time for {calls} calls" if name != "--discover" else ""
        for one in rounds:
            base = one["import singer_sdk"]
            table.add(
                "e",
                f"{name} / import singer_sdk, wall time",
                "ratio",
                one[name].wall / base.wall,
                goal=goal,
                note=note,
            )
            table.add("e", f"{name} / import singer_sdk, CPU", "ratio", one[name].cpu / base.cpu)
    for one in rounds:
        table.add("e", "import singer_sdk, wall time", "s", one["import singer_sdk"].wall)
