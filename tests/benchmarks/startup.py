"""e: the time of `--discover` and of an increment without changes, relative to importing singer-sdk.

The earlier build does the same on the same account, with its own catalog and state, and takes turns.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from demo.keap import Keap
from tests.benchmarks import builds
from tests.benchmarks.builds import EARLIER, NOW
from tests.benchmarks.figures import Table
from tests.benchmarks.runs import measure
from tests.benchmarks.tap import KEY, SANDBOX, Tap

CONTACTS = 2000
ROUNDS = 5
"""The programs take turns. Each round gives one value, and the table shows their median."""
SWITCHES = {"limits": "off", "quota_headers": "blank"}
IMPORT = "import singer_sdk"
GOALS = {"--discover": 2.0, "empty increment": 3.0}
"""Command -> largest ratio of its wall time to that of the import that is acceptable."""
GOALS_EARLIER = {"--discover": None, "empty increment": 0.65}
"""Command -> largest ratio of its CPU to that of the earlier build that is acceptable."""


def run(table: Table, folder: Path) -> None:
    """Measure both commands."""
    compared = builds.compared(table)
    commands: dict[str, Sequence[str | Path]] = {IMPORT: [sys.executable, "-c", IMPORT]}
    calls: dict[str, int] = {}
    with Keap(SANDBOX, folder / "sandbox.log", KEY, CONTACTS, SWITCHES) as keap:
        for build in compared:
            own = folder / build.name
            own.mkdir()
            tap = Tap(own, keap.url, **build.settings)
            tap.program = build.program
            tap.discover()
            state = tap.run_to_state()
            before = keap.calls()
            state = tap.run_to_state("--state", state)
            calls[build.name] = keap.calls() - before
            commands[f"--discover, {build.name}"] = tap.discover_command
            commands[f"empty increment, {build.name}"] = tap.command("--state", state)
        rounds = [
            {name: measure(command, folder / "e.log") for name, command in commands.items()}
            for _ in range(ROUNDS + 1)
        ]
    del rounds[0]  # it only warms the operating system's caches
    for name, goal in GOALS.items():
        is_run = name != "--discover"
        for one in rounds:
            base, ours, theirs = one[IMPORT], one[f"{name}, {NOW}"], one.get(f"{name}, {EARLIER}")
            what = f"{name} / {IMPORT}"
            note = f"includes the sandbox's time for {calls[NOW]} calls" if is_run else ""
            table.add("e", f"{what}, wall time", "ratio", ours.wall / base.wall, goal=goal, note=note)
            table.add("e", f"{what}, CPU", "ratio", ours.cpu / base.cpu)
            if theirs is not None:
                note = f"{ours.cpu:.2f} s, {theirs.cpu:.2f} s at {EARLIER}"
                note += f"; {calls[NOW]} calls, {calls[EARLIER]} at {EARLIER}" if is_run else ""
                what, most = f"{name} / {EARLIER}, CPU", GOALS_EARLIER[name]
                table.add("e", what, "ratio", ours.cpu / theirs.cpu, goal=most, note=note)
    for one in rounds:
        table.add("e", f"{IMPORT}, wall time", "s", one[IMPORT].wall)
