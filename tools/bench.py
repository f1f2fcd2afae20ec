"""The table in docs/performance.md of benchmark results, from the file that the benchmarks write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, shown

FIGURES = Path(__file__).parents[1] / "tests" / "benchmarks" / "latest.json"
UNITS = {"ratio": "", "share": "", "s": " s", "us": " µs", "MB": " MB", "calls": " calls"}
FEW_CALLS = 14
"""Calls of a path in a week that are not shown by themselves: two each night."""


def figures(path: Path = FIGURES) -> str:
    """Return the table, and for each run a sentence with the command, machine and versions that produced it.

    Args:
        path: The file.
    """
    runs = _runs(path)
    every = sorted((Figure(**one) for run in runs for one in run["figures"]), key=lambda one: one.bench)
    head = "| | Measurement | Median | Range | Goal |\n|---|---|---|---|---|"
    return "\n".join([head, *map(_row, every), "", " ".join(map(_origin, runs))])


def week(path: Path = FIGURES) -> str:
    """Return the calls by path of the first load and the week that benchmark c measures.

    Args:
        path: The file.
    """
    return calls_table(next(run["calls"]["c"] for run in _runs(path) if "c" in run["calls"]))


def _runs(path: Path) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return runs


def _origin(run: dict[str, Any]) -> str:
    machine = run["machine"]
    origin = (
        f"Measured with `{run['command']}` on {machine['cores']} cores ({machine['processor']}), "
        f"{machine['system']}, Python {machine['python']}, singer-sdk {machine['singer_sdk']}, "
        f"at {machine['commit']}."
    )
    return " ".join([origin, *(f"Not measured: {what}, {why}." for what, why in run["not_measured"].items())])


def calls_table(found: list[dict[str, Any]]) -> str:
    """Return calls by path as a Markdown table, with one row for all paths that took few.

    Args:
        found: The calls, as `tests.benchmarks.figures.Table` keeps them.
    """
    builds = [*found[0]["calls"]]
    columns = [(name, at) for at in (0, 1) for name in builds]
    head = [f"{('First load', 'Nights')[at]}, {name}" for name, at in columns]

    def row(title: str, counted: list[dict[str, Any]]) -> str:
        numbers = [sum(one["calls"][name][at] for one in counted) for name, at in columns]
        return f"| {title} | {' | '.join(f'{number:,}' for number in numbers)} |"

    def most(one: dict[str, Any]) -> int:
        numbers: list[int] = [number for calls in one["calls"].values() for number in calls]
        return max(numbers)

    shown = sorted((one for one in found if most(one) > FEW_CALLS), key=most, reverse=True)
    few = [one for one in found if most(one) <= FEW_CALLS]
    names = [", ".join(f"`{name}`" for name in one["streams"]) or f"`{one['path']}`" for one in shown]
    return "\n".join(
        [
            f"| Streams | {' | '.join(head)} |",
            f"|---|{'---:|' * len(head)}",
            *(row(name, [one]) for name, one in zip(names, shown, strict=True)),
            row(f"the other {len(few)} paths", few),
            row("all", found),
        ]
    )


def _row(one: Figure) -> str:
    unit = UNITS[one.unit]
    span = f"{shown(min(one.values))} to {shown(max(one.values))}" if len(one.values) > 1 else ""
    goal = "" if one.goal is None else f"at most {shown(one.goal)}{unit}: {one.verdict}"
    what = one.what.replace("|", "\\|")
    return f"| {one.bench} | {what} | {shown(one.median)}{unit} | {span} | {goal} |"
