"""The README's table of benchmark results, from the file that the benchmarks write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, shown

FIGURES = Path(__file__).parents[1] / "tests" / "benchmarks" / "latest.json"
UNITS = {"ratio": "", "share": "", "s": " s", "us": " µs", "MB": " MB"}


def figures(path: Path = FIGURES) -> str:
    """Return the table, and a sentence with the command, machine and versions that produced it.

    Args:
        path: The file.
    """
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    rows = [_row(Figure(**one)) for one in document["figures"]]
    machine = document["machine"]
    origin = (
        f"Measured with `{document['command']}` on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['system']}, Python {machine['python']}, singer-sdk {machine['singer_sdk']}, "
        f"at {machine['commit']}."
    )
    missing = [f"Not measured: {what}, {why}." for what, why in document["not_measured"].items()]
    head = "| | Measurement | Median | Range | Goal |\n|---|---|---|---|---|"
    return "\n".join([head, *rows, "", " ".join([origin, *missing])])


def _row(one: Figure) -> str:
    unit = UNITS[one.unit]
    span = f"{shown(min(one.values))} to {shown(max(one.values))}" if len(one.values) > 1 else ""
    goal = "" if one.goal is None else f"at most {shown(one.goal)}{unit}: {one.verdict}"
    what = one.what.replace("|", "\\|")
    return f"| {one.bench} | {what} | {shown(one.median)}{unit} | {span} | {goal} |"
