"""What a finished pass leaves: the state for the next run, and whether rows that it missed are deleted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import parse_time, to_moment
from tap_infusionsoft.state.plan_pass import (
    BOOKMARK,
    KEY,
    KEYS,
    NARROWED,
    READ,
    ROWS,
    SCOPE,
    SWEPT,
    UNDERWAY,
    VERSION,
    time_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.streams.replication import Changes


class Doubt(Enum):
    """Why a finished pass may not have seen everything."""

    NONE = "none"
    EMPTY_PAGES = "Keap sent an empty page in the middle, twice, so rows may be missing"
    PARENTS = "parents that were listed were not found, so their rows may be missing"
    UNSTEADY = "rows went away during every read of its pages, so others may have been missed"
    QUARANTINE = "rows are in quarantine, so their copies cannot be told from deleted ones"


class DeletionsRefusedError(Exception):
    """A complete pass cannot be right; the message says why."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a finished pass leaves.

    Attributes:
        state: What to put into the stream's state.
        activate: Version to activate, if any.
        refusal: Why the version is not activated although the pass is complete; None if it is, or need not
            be.
    """

    state: Mapping[str, Any]
    activate: int | None = None
    refusal: str | None = None


def conclude(done: Pass, changes: Changes, state: Mapping[str, Any], *, max_drop: float) -> Conclusion:
    """Work out the new state after a pass that came to its end.

    Args:
        done: The pass, with its progress.
        changes: How the collection changes.
        state: The stream's state before it.
        max_drop: Share of rows that may be gone since the last complete pass, 0 to 1.
    """
    checkpoint, doubt = done.checkpoint, _doubt(done.checkpoint)
    if doubt is Doubt.UNSTEADY:
        return Conclusion({UNDERWAY: []}, refusal=f"{doubt.value}. The next run reads them again")
    after = {
        READ: _stamp(done.started),
        SCOPE: [done.scope.as_state()],
        NARROWED: done.narrowed,
        UNDERWAY: [],
    } | _bookmark(done, changes, state)
    if not done.complete:
        if state.get(SWEPT) is None:
            after[SWEPT] = _stamp(done.started)  # another program wrote this state: sweeps count from now
        return Conclusion(after)
    if done.version is not None and state.get(VERSION) is None:
        after[VERSION] = done.version  # of a first load, even if it is refused: later rows belong to it
    before = state.get(ROWS)
    try:
        if done.activates:
            _check(checkpoint, doubt, before, max_drop)
    except DeletionsRefusedError as refused:
        return Conclusion(after, refusal=str(refused))
    if doubt in {Doubt.PARENTS, Doubt.QUARANTINE}:
        return Conclusion(after)  # the next complete pass sees what is gone for good
    after |= {ROWS: checkpoint.rows, KEYS: checkpoint.keys, SWEPT: _stamp(done.started)}
    if done.version is not None:
        after[VERSION] = done.version
    # If there are no rows and never were any, a new version could only delete rows that someone else loaded.
    activates = done.activates and (checkpoint.rows > 0 or before is not None)
    return Conclusion(after, activate=done.version if activates else None)


def _bookmark(done: Pass, changes: Changes, state: Mapping[str, Any]) -> dict[str, Any]:
    if not changes.is_timed:
        return {}
    # An increment never moves the bookmark back; a complete pass starts over.
    old = None if done.complete else time_of(state, BOOKMARK)
    newest = parse_time(done.checkpoint.newest) if done.checkpoint.newest else None
    times = [moment for moment in (old, newest) if moment is not None]
    return {KEY: changes.key, BOOKMARK: _stamp(min(max(times), done.started))} if times else {}


def _check(checkpoint: Checkpoint, doubt: Doubt, before: int | None, max_drop: float) -> None:
    """Refuse a complete pass that does not show which rows are gone.

    Args:
        checkpoint: What it read.
        doubt: Why it may not have seen everything.
        before: Rows of the last complete pass; None if there was none.
        max_drop: Share of them that may be gone.

    Raises:
        DeletionsRefusedError: It does not show it.
    """
    if doubt is Doubt.EMPTY_PAGES:
        raise DeletionsRefusedError(f"{doubt.value}. Nothing was marked as deleted; run again later")
    rows = checkpoint.rows
    if before and max_drop < 1 and (rows == 0 or rows < before * (1 - max_drop)):
        raise DeletionsRefusedError(
            f"a complete pass found {rows} rows where the last one found {before}. "
            "Nothing was marked as deleted. If the rows are really gone, run once with a higher "
            "sweep_max_drop (1 accepts anything)"
        )


def _doubt(checkpoint: Checkpoint) -> Doubt:
    """Why a pass may not have seen everything."""
    doubts = {
        Doubt.UNSTEADY: checkpoint.unsteady,
        Doubt.EMPTY_PAGES: checkpoint.empty_pages,
        Doubt.PARENTS: checkpoint.gone > 0,
        Doubt.QUARANTINE: checkpoint.quarantined > 0,
    }
    return next((doubt for doubt, holds in doubts.items() if holds), Doubt.NONE)


def _stamp(moment: datetime) -> str:
    return to_moment(moment.isoformat())
