"""Collects figures, prints them, and writes them to a file with the command and machine they come from."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class NotMeasuredError(RuntimeError):
    """A benchmark could not measure what it should, so it has no figures."""


@dataclass
class Figure:
    """One line of the table.

    Attributes:
        bench: Letter of the benchmark.
        what: What was measured.
        unit: Unit of the values: `ratio`, `share`, `s`, `us` (microseconds), `MB`, or `calls`.
        values: One value per repetition.
        goal: Largest median that is acceptable; None if there is no goal.
        note: Anything else worth knowing.
    """

    bench: str
    what: str
    unit: str
    values: list[float] = field(default_factory=list)
    goal: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """Median of the values."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """`met` or `missed`; empty if there is no goal."""
        if self.goal is None:
            return ""
        return "met" if self.median <= self.goal else "missed"


class Table:
    """The figures of a run. Repeated measurements of the same thing are values of one figure.

    Attributes:
        figures: The figures.
        skipped: What could not be measured -> why.
        calls: Letter of a benchmark that counts calls -> for each path, its `path`, the `streams` that are
            read from it, and `calls`: name of a build -> calls of its first load, and of its nights.
    """

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.skipped: dict[str, str] = {}
        self.calls: dict[str, list[dict[str, Any]]] = {}
        self._machine = machine()  # at the start, because the commit may change during the run

    def add(
        self, bench: str, what: str, unit: str, value: float, *, goal: float | None = None, note: str = ""
    ) -> None:
        """Add a value to the figure with this benchmark, name and unit. See `Figure` for the arguments."""
        for one in self.figures:
            if (one.bench, one.what, one.unit) == (bench, what, unit):
                one.values.append(value)
                one.note = note or one.note
                return
        self.figures.append(Figure(bench, what, unit, [value], goal, note))

    def skip(self, what: str, why: str) -> None:
        """Note that something could not be measured on this machine, and why."""
        self.skipped[what] = why

    def text(self) -> str:
        """Return the table as text."""
        rows = [("", "", "", "median", "min", "max", "goal", "", "")]
        rows += [
            (
                one.bench,
                one.what,
                one.unit,
                shown(one.median),
                shown(min(one.values)),
                shown(max(one.values)),
                "" if one.goal is None else f"<= {shown(one.goal)}",
                one.verdict,
                one.note,
            )
            for one in self.figures
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
        lines = [
            "  ".join(
                [
                    cell.rjust(width) if column in {3, 4, 5} else cell.ljust(width)
                    for column, (cell, width) in enumerate(zip(row[:-1], widths, strict=True))
                ]
                + [row[-1]]
            ).rstrip()
            for row in rows
        ]
        lines += [f"not measured: {what} ({why})" for what, why in self.skipped.items()]
        return "\n".join(lines)

    def document(self, command: str, repeat: int) -> dict[str, Any]:
        """Return the figures for the JSON file.

        Args:
            command: The command that produced them.
            repeat: How many times it ran each benchmark.
        """
        return {
            "command": command,
            "repeat": repeat,
            "machine": self._machine,
            "figures": [asdict(one) for one in self.figures],
            "calls": self.calls,
            "not_measured": self.skipped,
        }

    def write(self, path: Path, command: str, repeat: int) -> None:
        """Add the figures to a JSON file, in place of earlier ones of the same benchmarks.

        Args:
            path: The file. It holds `runs`, each of which is a `document`.
            command: The command that produced them.
            repeat: How many times it ran each benchmark.
        """
        measured = {one.bench for one in self.figures}
        earlier = json.loads(path.read_text())["runs"] if path.exists() else []
        runs = [*(_without(run, measured) for run in earlier), self.document(command, repeat)]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"runs": [run for run in runs if run["figures"]]}, indent=1) + "\n")


def _without(run: dict[str, Any], measured: set[str]) -> dict[str, Any]:
    """Return the document of a run without the figures of some benchmarks."""
    return {
        **run,
        "figures": [one for one in run["figures"] if one["bench"] not in measured],
        "calls": {bench: calls for bench, calls in run["calls"].items() if bench not in measured},
    }


def shown(value: float) -> str:
    """Format a value, with fewer decimals the larger it is."""
    if value == int(value) and abs(value) >= 1:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"


def machine() -> dict[str, str | int]:
    """Describe the machine and the versions, without anything that identifies the machine."""
    model = ""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        model = platform.processor()
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "system": platform.system(),
        "python": platform.python_version(),
        "singer_sdk": version("singer-sdk"),
        "commit": commit(),
    }


def commit() -> str:
    """Return the measured commit, with a + if there are uncommitted changes; empty without git."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
