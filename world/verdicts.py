"""From results to what a user should do."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import msgspec

from world.cells import Kind

if TYPE_CHECKING:
    from world.declared import Target, Variant
    from world.loading import Load, Result


class Level(enum.IntEnum):
    """How good a target is, best first."""

    USE = 0
    CARE = 1
    AVOID = 2


WORDS = {Level.USE: "Use it", Level.CARE: "Use it if you can live with this", Level.AVOID: "Do not use it"}
MINOR = {
    Kind.DELETION_MISSED: "it ignores deletions: deleted rows stay and look alive",
    Kind.NULL_FOR_EMPTY: "empty texts become null",
    Kind.EMPTY_FOR_NULL: "null becomes an empty text",
}
"""Differences that lose nothing which a user cannot do without, and what to say about them."""
LOG = "it appends every record: take the newest of each key yourself, and deletions are not in it"
NO_NULL = "null and empty text look the same"


class Verdict(msgspec.Struct, frozen=True):
    """What to do about a target.

    Attributes:
        level: Whether to use it.
        reasons: What is wrong with it.
        variant: The way to set it up that the verdict is about; empty if it cannot be installed.
    """

    level: Level
    reasons: tuple[str, ...]
    variant: str = ""

    def __str__(self) -> str:
        """Return the verdict as a sentence."""
        return f"{WORDS[self.level]}{': ' if self.reasons else ''}{'; '.join(self.reasons)}."


def verdict(target: Target, result: Result) -> Verdict:
    """Return the verdict on a target: that of the best way to set it up."""
    if result.not_installed:
        return Verdict(Level.AVOID, (f"it could not be installed with Python {result.python}",))
    judged = [judge(variant, result.loads[variant.name]) for variant in target.variants]
    return min(judged, key=lambda one: one.level)


def judge(variant: Variant, loads: list[Load]) -> Verdict:
    """Return the verdict on one way to set up a target.

    Args:
        variant: The way.
        loads: What came of it.
    """
    level, reasons = Level.USE, []
    for number, load in enumerate(loads, 1):
        if load.exit_code is None:
            level = Level.AVOID
            reasons.append(f"load {number} hangs")
        elif load.exit_code:
            level = Level.AVOID
            reasons.append(f"load {number} fails with exit code {load.exit_code}")
        elif load.error:
            level = Level.AVOID
            reasons.append(f"what load {number} wrote cannot be read")
    failed = level is Level.AVOID
    for kind, count in [] if failed else _differences(loads):
        if kind in MINOR:
            level = max(level, Level.CARE)
            reasons.append(MINOR[kind])
        else:
            level = Level.AVOID
            reasons.append(f"{kind} ({count:,})")
    if not failed and variant.shape.is_log:
        level = max(level, Level.CARE)
        reasons.append(LOG)
    if not failed and not variant.shape.has_null:
        level = max(level, Level.CARE)
        reasons.append(NO_NULL)
    if not failed and (states := {load.state for load in loads} - {"last"}):
        level = max(level, Level.CARE)
        reasons.append(STATES[min(states)])
    return Verdict(level, tuple(reasons), variant.name)


STATES = {
    "none": "it writes no state, so every run reads everything",
    "another": "the state that it writes is not the last one",
    "last line is no state": "its output does not end with the state",
}


def _differences(loads: list[Load]) -> list[tuple[Kind, int]]:
    """Return the differences of the last load, and those of earlier ones that it does not have."""
    found: dict[Kind, int] = {}
    for load in loads:
        found |= {Kind(name): count for name, count in load.differences.items()}
    return sorted(found.items(), key=lambda pair: (pair[0] in MINOR, -pair[1]))
