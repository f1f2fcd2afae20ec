"""The figures: how they are kept, printed and written down with the command and the machine that made them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class NotMeasuredError(RuntimeError):
    """A benchmark did not see what it should have seen, so it has no figure."""


@dataclass
class Figure:
    """One line of the table.

    Attributes:
        bench: Letter of the benchmark.
        what: What was measured.
        unit: What the values are: ``ratio``, ``s``, ``us``, ``MB``, ``calls``, ``share``.
        values: A value per repetition.
        most: The largest value that is wanted; None where there is no such.
        note: What else there is to know.
    """

    bench: str
    what: str
    unit: str
    values: list[float] = field(default_factory=list)
    most: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The middle one of the values."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """Whether the median is within what is wanted."""
        if self.most is None:
            return ""
        return "met" if self.median <= self.most else "missed"


class Table:
    """The figures of a run, by what they are of; repetitions come together."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.skipped: dict[str, str] = {}
        self._machine = machine()  # and the commit: files may change meanwhile

    def add(
        self, bench: str, what: str, unit: str, value: float, *, most: float | None = None, note: str = ""
    ) -> None:
        """Add a value to a figure."""
        for one in self.figures:
            if (one.bench, one.what, one.unit) == (bench, what, unit):
                one.values.append(value)
                one.note = note or one.note
                return
        self.figures.append(Figure(bench, what, unit, [value], most, note))

    def skip(self, what: str, why: str) -> None:
        """Say that something could not be measured here."""
        self.skipped[what] = why

    def text(self) -> str:
        """The table for people."""
        rows = [("", "", "", "median", "min", "max", "wanted", "", "")]
        rows += [
            (
                one.bench,
                one.what,
                one.unit,
                shown(one.median),
                shown(min(one.values)),
                shown(max(one.values)),
                "" if one.most is None else f"<= {shown(one.most)}",
                one.verdict,
                one.note,
            )
            for one in self.figures
        ]
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
        lines = [
            "  ".join(
                [
                    cell.rjust(width) if place in {3, 4, 5} else cell.ljust(width)
                    for place, (cell, width) in enumerate(zip(row[:-1], widths, strict=True))
                ]
                + [row[-1]]
            ).rstrip()
            for row in rows
        ]
        lines += [f"not measured: {what} ({why})" for what, why in self.skipped.items()]
        return "\n".join(lines)

    def document(self, command: str, repeat: int) -> dict[str, Any]:
        """The same for programs, with what made it."""
        return {
            "command": command,
            "repeat": repeat,
            "machine": self._machine,
            "figures": [asdict(one) for one in self.figures],
            "not_measured": self.skipped,
        }

    def write(self, path: Path, command: str, repeat: int) -> None:
        """Write the document."""
        document = self.document(command, repeat)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1) + "\n")


def shown(value: float) -> str:
    """A value with as many digits as it deserves."""
    if value == int(value) and abs(value) >= 1:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"


def machine() -> dict[str, str | int]:
    """What the figures were made on; nothing that names the machine itself."""
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
        "singer_sdk": installed("singer-sdk"),
        "commit": commit(),
    }


def installed(name: str) -> str:
    """The version of a package beside the tap."""
    from importlib.metadata import version  # noqa: PLC0415  # slow, and only wanted at the end

    return version(name)


def commit() -> str:
    """What was measured; with a + where files had changed."""
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
