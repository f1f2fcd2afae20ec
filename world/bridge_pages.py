"""The generated parts of ``docs/targets.md`` about the bridge to dlt, from the committed results."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from world.bridges import BRIDGES
from world.bridging import environment
from world.loading import filled
from world.pages import MARKS, NOT_INSTALLED, PLACES, deletions, figures, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from world.declared import Bridge
    from world.loading import Result
    from world.verdicts import Verdict

SAMPLES = {
    "file": "keap.duckdb",
    "folder": "files",
    "full_url": "postgresql://user:password@localhost/warehouse",
}
"""What the placeholders are in a recipe."""


def destinations() -> str:
    """Return the table of all destinations of the bridge."""
    rows = ["| Destination | Loads into | Verdict | Deletions |", "|---|---|---|---|"]
    rows += [
        f"| [{bridge.name}](#{bridge.name}) {result.version} | {PLACES[bridge.into]} "
        f"| {MARKS[found.level]} {found} | {_deletions(bridge, result)} |"
        for bridge, result, found in judged(BRIDGES)
    ]
    return "\n".join(rows)


def _deletions(bridge: Bridge, result: Result) -> str:
    return "left out by the query" if bridge.keeps_history else deletions(bridge, result)


def recipes() -> str:
    """Return what was found about each destination, and how to load it."""
    return "\n\n".join("\n".join(_section(*one)) for one in judged(BRIDGES))


def _section(bridge: Bridge, result: Result, found: Verdict) -> Iterator[str]:
    yield f"### {bridge.name}"
    yield ""
    yield f"dlt {result.version}, tried on {result.date} with Python {result.python}. {found}"
    if bridge.note:
        yield ""
        yield bridge.note
    if result.not_installed:
        yield ""
        yield NOT_INSTALLED
        return
    yield ""
    yield from _recipe(bridge)
    yield ""
    yield from figures(bridge, result)


def _recipe(bridge: Bridge) -> Iterator[str]:
    yield f"[Start the bridge](duckdb.md#use-it) with `{shlex.join(filled(bridge.options, SAMPLES))}`."
    wanted = " ".join(shlex.quote(one) for one in bridge.requirements)
    yield f"Install `{wanted}` beside the tap and its extra `dlt`."
    for name, value in environment(bridge, SAMPLES).items():
        yield f"Set the environment variable `{name}`, for example to `{value}`."
