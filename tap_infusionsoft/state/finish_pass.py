"""What a finished pass leaves: the state for the next run, and whether rows that it missed are deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
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

STALE = timedelta(hours=12)
"""How old a pass may be whose skipped slices are tried again, before another pass follows in the same run."""


class Doubt(Enum):
    """Why a finished pass may not have seen everything."""

    NONE = "none"
    EMPTY_PAGES = (
        "Keap sent an empty page in the middle, or something odd beside one, twice, so rows may be missing"
    )
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
        refusal: Why the version is not activated although the pass is complete, or which rows it lacks; None
            if all is well.
        lacks_rows: Whether rows are missing that Keap refused.
        is_stale: Whether another pass should follow at once, because this one began long ago.
    """

    state: Mapping[str, Any]
    activate: int | None = None
    refusal: str | None = None
    lacks_rows: bool = False
    is_stale: bool = False


def conclude(
    done: Pass,
    changes: Changes,
    state: Mapping[str, Any],
    *,
    now: datetime,
    max_drop: float,
    refused: str = "",
) -> Conclusion:
    """Work out the new state after a pass that came to its end.

    Args:
        done: The pass, with its progress.
        changes: How the collection changes.
        state: The stream's state before it.
        now: The time of the run.
        max_drop: Share of rows that may be gone since the last complete pass, 0 to 1.
        refused: Names what Keap refused.
    """
    # Of a pass that was only taken up for what it had skipped, the rest is as old as the pass.
    is_stale = done.is_taken_up and done.ended is not None and now - done.started >= STALE
    if done.checkpoint.skipped or done.checkpoint.unlisted:
        return _incomplete(done, refused, now, is_stale=is_stale)
    return replace(_concluded(done, changes, state, max_drop), is_stale=is_stale)


def _incomplete(done: Pass, refused: str, now: datetime, *, is_stale: bool) -> Conclusion:
    """What a pass leaves that lacks rows: itself, to be taken up for them."""
    # If it cannot tell what it lacks, or its other rows are old, everything is read again.
    checkpoint = done.checkpoint
    is_over = checkpoint.unsteady or checkpoint.empty_pages or checkpoint.unlisted or is_stale
    return Conclusion(
        {UNDERWAY: [replace(done, ended=now).as_state(is_over=is_over)]},
        refusal=(
            f"Keap refuses to give the rows of {refused or 'some parents'}. All others were read, and "
            "nothing was marked as deleted; the next run tries these again. If Keap refuses them every time, "
            "look at them in Keap or ask its support: the warnings above show its words."
        ),
        lacks_rows=True,
        is_stale=is_stale,
    )


def _concluded(done: Pass, changes: Changes, state: Mapping[str, Any], max_drop: float) -> Conclusion:
    """What a pass leaves that was served everything it asked for."""
    checkpoint, doubt = done.checkpoint, _doubt(done.checkpoint)
    if doubt in {Doubt.UNSTEADY, Doubt.EMPTY_PAGES}:
        # Without a bookmark: it would lie after the rows that were missed.
        return Conclusion(
            {UNDERWAY: [done.as_state(is_over=True)]},
            refusal=f"{doubt.value}. Nothing was marked as deleted; the next run reads them again",
        )
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
            _check(checkpoint.rows, before, max_drop)
    except DeletionsRefusedError as refused:
        return Conclusion(after, refusal=str(refused))
    if doubt in {Doubt.PARENTS, Doubt.QUARANTINE}:
        return Conclusion(after)  # the next complete pass sees what is gone for good
    after |= {SWEPT: _stamp(done.started)}
    # A drop that nothing came of, as no row carried a version, is no measure for what later passes find.
    if done.version is not None or not _is_drop(checkpoint.rows, before, max_drop):
        after |= {ROWS: checkpoint.rows, KEYS: checkpoint.keys}
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


def _check(rows: int, before: int | None, max_drop: float) -> None:
    """Refuse a complete pass that does not show which rows are gone.

    Args:
        rows: How many rows it read.
        before: Rows of the last complete pass; None if there was none.
        max_drop: Share of them that may be gone.

    Raises:
        DeletionsRefusedError: It does not show it.
    """
    if _is_drop(rows, before, max_drop):
        raise DeletionsRefusedError(
            f"a complete pass found {rows} rows where the last one found {before}. "
            "Nothing was marked as deleted. If the rows are really gone, run once with a higher "
            "sweep_max_drop (1 accepts anything)"
        )


def _is_drop(rows: int, before: int | None, max_drop: float) -> bool:
    """Whether a pass found so few rows that it is not believed."""
    return bool(before) and max_drop < 1 and (rows == 0 or rows < (before or 0) * (1 - max_drop))


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
