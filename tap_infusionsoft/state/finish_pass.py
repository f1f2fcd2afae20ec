"""What a finished pass leaves: the state for the next run, and whether rows that it missed are deleted."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.records.coerce import parse_time, to_moment
from tap_infusionsoft.state.births import KnownBirths
from tap_infusionsoft.state.entry import (
    BIRTHS,
    BOOKMARK,
    CALLS,
    GONE,
    KEY,
    KEYS,
    LARGEST,
    MOVED,
    NARROWED,
    NEWEST_ID,
    NOT_FOUND,
    OVERRUN,
    READ,
    REFUSED,
    ROWS,
    SCOPE,
    SWEPT,
    UNDERWAY,
    UNPROVED,
    VERSION,
    rows_before,
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


MOST_OF_FEW = 5
"""If there were no more rows than this, all of them may be gone at once."""


class Believable(Struct, frozen=True):
    """How many rows may be gone since the last complete pass.

    Attributes:
        share: Share of the rows, 0 to 1.
        rows: Or this many rows, whatever their share, as long as some are left.
    """

    share: float
    rows: int

    def includes(self, rows: int, before: int) -> bool:
        """Whether it is believable that only this many rows are left."""
        if self.share >= 1:
            return True
        if rows == 0:
            return before <= min(MOST_OF_FEW, self.rows)
        return before - rows <= self.rows or rows >= before * (1 - self.share)


class DeletionsRefusedError(Exception):
    """A complete pass cannot be right; the message says why."""


class Conclusion(Struct, frozen=True):
    """What a finished pass leaves.

    Attributes:
        state: What to put into the stream's state.
        activate: Version to activate, if any.
        refusal: Why the version is not activated although the pass is complete, or which rows it lacks; None
            if all is well.
        lacks_rows: Whether rows are missing that Keap refused.
        is_stale: Whether another pass should follow at once, because this one began long ago.
        gone: How many rows of the last complete pass are now marked as deleted; None if that is not known.
        fewer: How many fewer rows there are than in the last complete pass.
        note: What else to know about it, without a full stop.
    """

    state: Mapping[str, Any]
    activate: int | None = None
    refusal: str | None = None
    lacks_rows: bool = False
    is_stale: bool = False
    gone: int | None = None
    fewer: int = 0
    note: str = ""


def conclude(
    done: Pass,
    changes: Changes,
    state: Mapping[str, Any],
    *,
    now: datetime,
    believable: Believable,
    refused: str = "",
) -> Conclusion:
    """Work out the new state after a pass that came to its end.

    Args:
        done: The pass, with its progress.
        changes: How the collection changes.
        state: The stream's state before it.
        now: The time of the run.
        believable: How many rows may be gone since the last complete pass.
        refused: Names what Keap refused.
    """
    if done.moves is not None:
        overrun = "so much changed that all of it has to be read" if done.checkpoint.overrun else ""
        return Conclusion(_moved(done, state), note=overrun)
    # Of a pass that was only taken up for what it had skipped, the rest is as old as the pass.
    is_stale = done.is_taken_up and done.ended is not None and now - done.started >= STALE
    if done.checkpoint.skipped or done.checkpoint.unlisted:
        return _incomplete(done, refused, now, is_stale=is_stale)
    return replace(_concluded(done, changes, state, believable), is_stale=is_stale)


def _moved(done: Pass, state: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of a pass over what moved: how far its walks came, or that everything has to be read."""
    times = {name: parse_time(one) for name, one in done.checkpoint.moved.items()}
    marks = {
        **next(iter(state.get(MOVED) or []), {}),
        **{name: _stamp(min(moment, done.started)) for name, moment in times.items()},
        **({OVERRUN: True} if done.checkpoint.overrun else {}),
    }
    return {READ: _stamp(done.started), UNDERWAY: [], MOVED: [marks]}


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


def _concluded(done: Pass, changes: Changes, state: Mapping[str, Any], believable: Believable) -> Conclusion:
    """What a pass leaves that was served everything it asked for."""
    doubt = _doubt(done.checkpoint)
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
        NEWEST_ID: max(done.checkpoint.largest, state.get(NEWEST_ID) or 0) or None,
    } | _bookmark(done, changes, state)
    if not done.complete:
        if state.get(SWEPT) is None:
            after[SWEPT] = _stamp(done.started)  # another program wrote this state: sweeps count from now
        return Conclusion(after)
    return _completed(done, state, believable, after)


def _completed(
    done: Pass, state: Mapping[str, Any], believable: Believable, after: dict[str, Any]
) -> Conclusion:
    """What a complete pass leaves, besides what every pass leaves."""
    checkpoint, doubt = done.checkpoint, _doubt(done.checkpoint)
    if done.version is not None and state.get(VERSION) is None:
        after[VERSION] = done.version  # of a first load, even if it is refused: later rows belong to it
    before = rows_before(state)
    found = {KEYS: checkpoint.keys, BIRTHS: _births(done), CALLS: max(checkpoint.pages, 1)}
    if checkpoint.unproved:
        # Nothing that deletions rest on, but for how many rows there are to believe in.
        after |= {ROWS: None, LARGEST: None, GONE: None, REFUSED: [], NOT_FOUND: []}
        after |= {SWEPT: _stamp(done.started), UNPROVED: [{ROWS: checkpoint.rows}]}
        return Conclusion(after | found, note="read once; the next complete read shows which rows are gone")
    try:
        if done.activates:
            _check(checkpoint, state, believable)
    except DeletionsRefusedError as refused:
        return Conclusion(after | {REFUSED: [_found(checkpoint, state)]}, refusal=str(refused))
    gone = checkpoint.gone + checkpoint.gone_above
    not_found = [{"parents": gone, "digest": checkpoint.gone_digest}] if gone else []
    after[NOT_FOUND] = not_found
    # If the last complete pass did not find the same parents either, they are gone for good.
    if checkpoint.quarantined or (doubt is Doubt.PARENTS and state.get(NOT_FOUND) != not_found):
        return Conclusion(after)
    after |= {SWEPT: _stamp(done.started), REFUSED: [], ROWS: before, UNPROVED: []}
    after[CALLS] = found[CALLS]
    after |= {MOVED: []} if state.get(MOVED) else {}  # the next walks go back to the start of this pass
    # A drop that nothing came of, as no row carried a version, is no measure for what later passes find.
    if done.version is not None or not before or believable.includes(checkpoint.rows, before):
        after |= found | {ROWS: checkpoint.rows, LARGEST: checkpoint.largest or None}
    if done.version is not None:
        after[VERSION] = done.version
    return _activated(done, state, after)


def _activated(done: Pass, state: Mapping[str, Any], after: Mapping[str, Any]) -> Conclusion:
    """What a believed pass leaves: its version, if it has one to activate, and how many rows that deletes."""
    rows, before = done.checkpoint.rows, rows_before(state)
    # If there are no rows and never were any, a new version could only delete rows that someone else loaded.
    activates = done.activates and (rows > 0 or before is not None)
    if not activates or before is None:
        return Conclusion({**after, GONE: None}, activate=done.version if activates else None)
    is_known = state.get(LARGEST) is not None
    gone = max(before - done.checkpoint.up_to_known, 0) if is_known else None
    return Conclusion({**after, GONE: gone}, activate=done.version, gone=gone, fewer=max(before - rows, 0))


def _bookmark(done: Pass, changes: Changes, state: Mapping[str, Any]) -> dict[str, Any]:
    if not changes.is_timed:
        return {}
    # An increment never moves the bookmark back; a complete pass starts over.
    old = None if done.complete else time_of(state, BOOKMARK)
    newest = parse_time(done.checkpoint.newest) if done.checkpoint.newest else None
    times = [moment for moment in (old, newest) if moment is not None]
    return {KEY: changes.key, BOOKMARK: _stamp(min(max(times), done.started))} if times else {}


def _births(done: Pass) -> list[dict[str, str]]:
    """The births of the rows, for the state: in a list of one, if all are known."""
    births = KnownBirths.of_read(done.checkpoint.newest_birth, done.started)
    return [] if births is None else [births.as_state()]


def _check(checkpoint: Checkpoint, state: Mapping[str, Any], believable: Believable) -> None:
    """Refuse a complete pass that does not show which rows are gone.

    Args:
        checkpoint: What it read.
        state: The stream's state before it.
        believable: How many rows may be gone.

    Raises:
        DeletionsRefusedError: It does not show it.
    """
    rows, before = checkpoint.rows, rows_before(state)
    if not before or believable.includes(rows, before):
        return
    is_small = before <= believable.rows
    if state.get(REFUSED) == [_found(checkpoint, state)] and (rows > 0 or is_small):
        return  # twice the same: the rows are gone
    if rows > 0 or is_small:
        raise DeletionsRefusedError(
            f"a complete pass found {rows} rows where the last one found {before}. Nothing was marked as "
            "deleted. If the next run finds the same, it believes that the other rows are gone; with "
            "sweep_max_drop=1 it believes whatever it finds"
        )
    raise DeletionsRefusedError(
        f"a complete pass found no rows where the last one found {before}. Nothing was marked as deleted. "
        "If all of them are really gone, run once with sweep_max_drop=1; if not, check what the credential "
        "may read"
    )


def _found(checkpoint: Checkpoint, state: Mapping[str, Any]) -> dict[str, int]:
    """What a pass found, for comparison with the next one: without new rows, where ids tell which are new.

    An account that gets new rows every night could not show the same twice otherwise.
    """
    if state.get(LARGEST) and checkpoint.up_to_known:
        return {"rows": checkpoint.up_to_known, "digest": checkpoint.known_digest}
    return {"rows": checkpoint.rows, "digest": checkpoint.digest}


def _doubt(checkpoint: Checkpoint) -> Doubt:
    """Why a pass may not have seen everything."""
    doubts = {
        Doubt.UNSTEADY: checkpoint.unsteady,
        Doubt.EMPTY_PAGES: checkpoint.empty_pages,
        Doubt.PARENTS: checkpoint.gone > 0 or checkpoint.gone_above > 0,
        Doubt.QUARANTINE: checkpoint.quarantined > 0,
    }
    return next((doubt for doubt, holds in doubts.items() if holds), Doubt.NONE)


def _stamp(moment: datetime) -> str:
    return to_moment(moment.isoformat())
