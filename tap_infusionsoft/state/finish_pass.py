"""What a finished pass leaves: the state for the next run, and whether rows that it did not see are deleted ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import as_moment, parse_time
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
from tap_infusionsoft.streams.replication import Timed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.streams.replication import Changes


class Doubt(Enum):
    """Why a pass that came to its end may not have seen everything."""

    NONE = "none"
    EMPTY_PAGES = "Keap sent an empty page in the middle, twice, so rows may be missing"
    PARENTS = "parents that were listed were not found, so their rows may be missing"
    UNSTEADY = "rows went away in every reading of its pages, so others may have slipped past"
    QUARANTINE = "rows are in quarantine, so their copies cannot be told from deleted ones"


class DeletionsRefusedError(Exception):
    """A complete pass that cannot be right; the message says why."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a finished pass leaves.

    Attributes:
        state: What to put into the stream's state.
        activate: Version to activate, if any.
        refusal: Why the version is not activated although the pass is complete, if so.
    """

    state: Mapping[str, Any]
    activate: int | None = None
    refusal: str | None = None


def conclude(done: Pass, changes: Changes, state: Mapping[str, Any], *, max_drop: float) -> Conclusion:
    """Work out the new state after a pass that read everything it should.

    Args:
        done: The pass, with its progress.
        changes: How the collection changes.
        state: The stream's state before it.
        max_drop: Share of rows that may be gone since the last complete pass.
    """
    progress, doubt = done.progress, _doubt(done.progress)
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
            after[SWEPT] = _stamp(done.started)  # a state from elsewhere: sweeps count from now
        return Conclusion(after)
    if done.version is not None and state.get(VERSION) is None:
        after[VERSION] = done.version  # of a first load, whatever comes of it: later rows go with these
    before = state.get(ROWS)
    try:
        if done.activates:
            _check(progress, doubt, before, max_drop)
    except DeletionsRefusedError as refused:
        return Conclusion(after, refusal=str(refused))
    if doubt in {Doubt.PARENTS, Doubt.QUARANTINE}:
        return Conclusion(after)  # the next complete pass sees what is gone for good
    after |= {ROWS: progress.rows, KEYS: progress.keys, SWEPT: _stamp(done.started)}
    if done.version is not None:
        after[VERSION] = done.version
    # Without rows, and without any before, there is nothing that a version could take away rightly.
    worth = done.activates and (progress.rows > 0 or before is not None)
    return Conclusion(after, activate=done.version if worth else None)


def _bookmark(done: Pass, changes: Changes, state: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(changes, Timed):
        return {}
    # An increment never takes the bookmark back; a complete pass stands for itself.
    old = None if done.complete else time_of(state, BOOKMARK)
    newest = parse_time(done.progress.newest) if done.progress.newest else None
    times = [moment for moment in (old, newest) if moment is not None]
    return {KEY: changes.key, BOOKMARK: _stamp(min(max(times), done.started))} if times else {}


def _check(progress: Checkpoint, doubt: Doubt, before: int | None, max_drop: float) -> None:
    """Refuse a complete pass that does not tell which rows are gone."""
    if doubt is Doubt.EMPTY_PAGES:
        raise DeletionsRefusedError(f"{doubt.value}. Nothing was marked as deleted; run again later")
    rows = progress.rows
    if before and max_drop < 1 and (rows == 0 or rows < before * (1 - max_drop)):
        raise DeletionsRefusedError(
            f"a complete pass found {rows} rows where the last one found {before}. "
            "Nothing was marked as deleted. If the rows are really gone, run once with a higher sweep_max_drop "
            "(1 accepts anything)"
        )


def _doubt(progress: Checkpoint) -> Doubt:
    """Why a pass may not have seen everything."""
    doubts = {
        Doubt.UNSTEADY: progress.unsteady,
        Doubt.EMPTY_PAGES: progress.empty_pages,
        Doubt.PARENTS: progress.gone > 0,
        Doubt.QUARANTINE: progress.quarantined > 0,
    }
    return next((doubt for doubt, holds in doubts.items() if holds), Doubt.NONE)


def _stamp(moment: datetime) -> str:
    return as_moment(moment.isoformat())
