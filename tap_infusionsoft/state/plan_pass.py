"""What one run reads of a stream. Pure functions of state and settings.

A stream's first load is a *snapshot*: a complete pass, whose rows carry a version. Later runs are
*increments* that carry the same version. Now and then a *sweep* reads everything again under a new version,
which is activated after its last row: rows that it did not see are then known to be deleted.

A pass that breaks off stays in the state with its checkpoint, and the next run takes it up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from tap_infusionsoft.state.births import KnownBirths
from tap_infusionsoft.state.checkpoint import BadCheckpointError, Checkpoint
from tap_infusionsoft.state.entry import (
    BIRTHS,
    BOOKMARK,
    ENDED,
    KEY,
    KNOWN,
    LARGEST,
    MARKS,
    MOVED,
    NARROWED,
    NEWEST_ID,
    OVER,
    OWN,
    READ,
    ROWS,
    SCOPE,
    SEEN,
    SPREAD,
    SWEPT,
    UNDERWAY,
    UNPROVED,
    VERSION,
    BadStateError,
    boxed,
    number,
    rows_before,
    rows_by_parent,
    time_of,
)
from tap_infusionsoft.state.rounds import FRESH, BadIdsError, share_of_round, unpacked, with_marks
from tap_infusionsoft.streams.replication import Moves, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.state.scope import Scope
    from tap_infusionsoft.streams.replication import Changes, Moved

FEW = 10
"""Lists that take no more calls than this are read in full every night."""
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)

KINDS = ("snapshot", "increment", "sweep")
"""What a pass can be."""


class Spread(Enum):
    """How a collection that is read in full can be spread over several runs."""

    BY_PARENT = auto()
    """Some of its parents in each run."""
    AS_A_WHOLE = auto()
    """All of it in some runs, if it takes more than a few calls; see `turns`."""


class Rolls(Struct, frozen=True):
    """How far a collection may lag behind, so that a run does not have to read all of it.

    Attributes:
        spread: How it can be spread.
        age: How long a round may take.
        calls: Calls that reading all of it takes, as far as is known.
        is_turn: Whether this run reads all of it.
        moved: Orders by time that show changes when it is not read.
    """

    spread: Spread
    age: timedelta
    calls: int
    is_turn: bool
    moved: tuple[Moved, ...] = ()


class PassOptions(Struct, frozen=True):
    """What decides about a pass besides the state.

    Attributes:
        started: The time of the run.
        scope: Which rows the settings let through.
        sweep_days: Days between sweeps; 0 for never.
        sweeps_now: Whether a sweep is wanted now, and this run has not finished one.
        lookback: How far before the bookmark an increment starts; None for what the collection says.
        whole: Whether the catalog asks for the full table on every run.
        versioned: Whether the messages of this run can carry versions.
        resumes: Whether a pass that broke off can be taken up.
        columns: Digest of the selected columns. A pass that read other columns is not taken up.
        rolls: How what is read in full can be spread over several runs; None to read all of it in each.
        since: An increment from this time on proves that no row is gone; None if nothing does.
    """

    started: datetime
    scope: Scope
    sweep_days: float
    sweeps_now: bool = False
    lookback: timedelta | None = None
    whole: bool = False
    versioned: bool = True
    resumes: bool = True
    columns: str = ""
    rolls: Rolls | None = None
    since: datetime | None = None


class Pass(Struct, frozen=True):
    """One pass over a stream.

    Attributes:
        kind: ``snapshot``, ``increment`` or ``sweep``.
        window: The times to read.
        complete: Whether everything is read, so that missing rows are deleted ones.
        version: Version that its rows carry; None for the increments of a state that has none.
        activates: Whether the version is activated at the end.
        started: When it began; the bookmark never passes this.
        scope: The scope that it reads, for the state.
        narrowed: Whether the target may hold rows that are out of scope now.
        columns: Digest of the selected columns.
        checkpoint: How far it has come.
        is_taken_up: Whether an earlier run began it.
        ended: When a run came to its end, but for the slices that were skipped; None if none did.
        warnings: What the user should know, a sentence each.
        share: How much of it should be read when this run is over, 0 to 1. With 0 there is nothing to read.
        seen: The time of the last run that read some of it.
        known: The parents that there were then -> a mark of what they showed of what is below them, empty
            without one; None if that is not known.
        is_spread: Whether it was spread over several runs already.
        is_once: Whether it may leave its proof to the next one: that no rows slipped between pages.
        births: The births that the last complete pass found; None if that is not known.
        moves: The orders by time that it reads instead of everything; None if it reads no such ones.
    """

    kind: str
    window: Window
    complete: bool
    version: int | None
    activates: bool
    started: datetime
    scope: Scope
    narrowed: bool = False
    columns: str = ""
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    is_taken_up: bool = False
    ended: datetime | None = None
    warnings: tuple[str, ...] = ()
    share: float = 1.0
    seen: datetime | None = None
    known: Mapping[str, str] | None = None
    is_spread: bool = False
    is_once: bool = False
    births: KnownBirths | None = None
    moves: Moves | None = None

    def as_state(self, *, is_over: bool = False) -> dict[str, Any]:
        """The pass as the state keeps it while it is not over.

        Args:
            is_over: Whether it is not to be taken up. It still tells what the target may hold.
        """
        times = {
            "started": self.started,
            "since": self.window.since,
            "until": self.window.until,
            ENDED: self.ended,
        }
        return {
            "kind": self.kind,
            "version": self.version,
            "activates": self.activates,
            "columns": self.columns,
            SCOPE: [self.scope.as_state()],
            NARROWED: self.narrowed,
            **{name: moment.isoformat() for name, moment in times.items() if moment is not None},
            "progress": self.checkpoint.as_state(),
            **({SPREAD: True} if self.is_spread else {}),
            **({OVER: True} if is_over else {}),
        }


def plan_pass(changes: Changes, state: Mapping[str, Any], options: PassOptions) -> Pass:
    """Decide what this run reads: the rest of a pass that broke off, or a new pass.

    Args:
        changes: How the collection changes.
        state: The stream's state.
        options: What else decides.

    Raises:
        BadStateError: The state cannot be used.
    """
    for key in (VERSION, ROWS, LARGEST, NEWEST_ID):
        number(state, key)  # refused here if it cannot be used, before anything is read
    rows_before(state)
    rows_by_parent(state)
    unfinished = boxed(state, UNDERWAY) or {}
    narrows = _narrowing_settings(state, unfinished, options.scope)
    warnings = [_narrowing_warning(narrows)] if narrows else []
    taken_up = None if _is_too_late(unfinished, state, options) else _take_up(unfinished, options)
    if taken_up is not None and (taken_up.complete or changes.is_timed):
        taken_up = replace(
            taken_up,
            warnings=tuple(warnings) if taken_up.narrowed else (),
            is_once=taken_up.complete and _can_wait(state, options),
            births=_births(state, options) if taken_up.complete else None,
        )
        return _rolled(taken_up, changes, state, options)
    narrowed = bool(narrows) or bool(state.get(NARROWED))
    bookmark = _bookmark(changes, state)
    warnings += _unused_bookmark(changes, state)
    if bookmark is not None and bookmark > options.started:
        warnings.append("the bookmark lies in the future, so everything is read again")
        bookmark = None
    kind = _kind(changes, state, options, bookmark)
    complete = kind != "increment"
    # If rows leave the scope without being deleted, those that a pass does not see prove nothing.
    moves = changes.is_timed and options.scope.moves
    activates = complete and options.versioned and not narrowed and not moves
    if options.sweeps_now and not activates:
        warnings.append(_useless_sweep_warning(options, is_narrowed=narrowed))
    begun = Pass(
        kind,
        _window(changes, options, None if complete else bookmark),
        complete,
        version=_version(state, unfinished, options, is_new=complete),
        activates=activates,
        started=options.started,
        scope=options.scope,
        narrowed=narrowed,
        columns=options.columns,
        warnings=tuple(warnings),
        is_once=complete and _can_wait(state, options),
        births=_births(state, options) if complete else None,
    )
    # A scope that changed brings other rows, and nothing says which.
    is_same = boxed(state, SCOPE) == options.scope.as_state()
    rolled = _rolled(begun, changes, state, options) if is_same else begun
    return rolled if rolled.share else _moved(rolled, taken_up, unfinished, state, options)


def _rolled(begun: Pass, changes: Changes, state: Mapping[str, Any], options: PassOptions) -> Pass:
    """The pass, with how much of it this run should read."""
    rolls, read = options.rolls, time_of(state, READ)
    seen = time_of(state, SEEN) or read
    if rolls is None or read is None or not begun.complete or begun.ended is not None or options.sweeps_now:
        return begun
    now = options.started
    if rolls.spread is Spread.BY_PARENT:
        known = _known(state)
        if known is None:
            return begun  # which parents are new is not known after a run with `full`, so all are read once
        share = share_of_round(begun.started, now, seen, rolls.age)
        return replace(begun, share=share, seen=seen, known=known)
    if begun.is_taken_up or changes.is_timed:
        return begun
    return replace(begun, share=1.0 if _is_read_whole(state, options, rolls, FEW) else 0.0)


def _is_read_whole(state: Mapping[str, Any], options: PassOptions, rolls: Rolls, few: int) -> bool:
    """Whether this run reads all of a list that takes no more than a few calls, or whose turn it is."""
    read = time_of(state, SWEPT)
    if read is None or rolls.calls > few:
        return rolls.is_turn or read is None
    return not timedelta() <= options.started - read < min(FRESH, timedelta(days=options.sweep_days))


def _can_wait(state: Mapping[str, Any], options: PassOptions) -> bool:
    """Whether the first load need not be proved, as the next complete pass follows within the interval."""
    is_first = all(state.get(key) is None for key in (READ, ROWS, SWEPT))
    return is_first and options.rolls is not None and not options.sweeps_now


def _is_overdue(state: Mapping[str, Any], options: PassOptions) -> bool:
    """Whether a first load was left without its proof, and now it can wait no longer."""
    return bool(boxed(state, UNPROVED)) and options.rolls is None


def _births(state: Mapping[str, Any], options: PassOptions) -> KnownBirths | None:
    kept = boxed(state, BIRTHS) or {}
    newest, certain = time_of(kept, "newest"), time_of(kept, "certain")
    # Other settings bring other rows, whatever their births.
    is_same = boxed(state, SCOPE) == options.scope.as_state()
    return KnownBirths(newest, certain) if newest and certain and is_same else None


def _moved(
    rolled: Pass,
    taken_up: Pass | None,
    unfinished: Mapping[str, Any],
    state: Mapping[str, Any],
    options: PassOptions,
) -> Pass:
    """What is read of a list that is not read as a whole: what moved since, or nothing.

    Args:
        rolled: The pass that is left to a later run.
        taken_up: Such a pass that an earlier run did not finish.
        unfinished: The pass that is underway, of whatever kind.
        state: The stream's state.
        options: What else decides.
    """
    rolls, swept = options.rolls, time_of(state, SWEPT)
    if rolls is None or not rolls.moved or rolls.calls <= FEW or swept is None:
        return rolled
    if taken_up is None and unfinished.get("kind", "increment") != "increment":
        return rolled  # that pass must not be forgotten
    begun = taken_up or replace(
        rolled,
        kind="increment",
        complete=False,
        activates=False,
        version=_version(state, unfinished, options, is_new=False),
        share=1.0,
    )
    marks, walks = boxed(state, MOVED) or {}, {}
    for one in rolls.moved:
        lookback = one.lookback if options.lookback is None else options.lookback
        mark = time_of(marks, one.key) or swept
        since = max(min(mark, begun.started), _EARLIEST + lookback) - lookback
        walks[one] = since if one.within is None else begun.started - one.within
    # Half of what reading everything takes: with much more, that would have been better from the start.
    return replace(begun, moves=Moves(walks, max(rolls.calls // 2, len(walks))))


def _known(state: Mapping[str, Any]) -> Mapping[str, str] | None:
    value, marks = state.get(KNOWN), state.get(MARKS) or ""
    if not isinstance(marks, str):
        raise BadStateError(f"{MARKS} is {str(marks)[:40]!r}, which is not a text")
    try:
        return None if value is None else with_marks(unpacked(value), marks)
    except (BadIdsError, AttributeError, TypeError):
        raise BadStateError(f"{KNOWN} is {str(value)[:40]!r}, which is not a set of ids") from None


def largest_before(state: Mapping[str, Any], begun: Pass) -> int:
    """The largest id of the last complete pass or, for an increment, of all passes; 0 if it is not known."""
    largest = state.get(LARGEST) or 0
    return largest if begun.complete else max(state.get(NEWEST_ID) or 0, largest)


# The parts of a new pass.


def _bookmark(changes: Changes, state: Mapping[str, Any]) -> datetime | None:
    """The bookmark in the state, if it is for the column that the collection goes by."""
    if not changes.is_timed or changes.key is None or state.get(KEY, changes.key) != changes.key:
        return None
    # Under the column's own name, as singer-python's taps write it.
    return time_of(state, BOOKMARK if state.get(BOOKMARK) is not None else changes.key)


def _unused_bookmark(changes: Changes, state: Mapping[str, Any]) -> list[str]:
    """A sentence about a bookmark that is not used; none if there is none."""
    if not changes.is_timed or not state:
        return []
    named = state.get(KEY, changes.key)
    if named != changes.key and state.get(BOOKMARK) is not None:
        return [f"the bookmark in the state is for {named}, not {changes.key}, so everything is read again"]
    others = sorted(name for name in state if name not in OWN and name != changes.key)
    if others and not OWN & state.keys() and changes.key not in state:
        found = ", ".join(others)
        return [f"the state has no bookmark for {changes.key}, but {found}, so everything is read again"]
    return []


def _kind(changes: Changes, state: Mapping[str, Any], options: PassOptions, bookmark: datetime | None) -> str:
    """Which kind of pass comes next."""
    if not changes.is_timed:
        return "snapshot"
    is_due = not options.scope.moves and sweep_is_due(state, options)
    is_due |= (options.sweeps_now and bookmark is not None) or _is_overdue(state, options)
    before = boxed(state, SCOPE)
    has_moved = before is not None and before != options.scope.as_state()
    by_parent = options.rolls is not None and options.rolls.spread is Spread.BY_PARENT
    if by_parent and bookmark is not None and not has_moved and not options.whole:
        return "sweep"  # a call for each parent costs the same, whether it asks for all rows or new ones
    is_due &= options.since is None or options.sweeps_now
    if bookmark is not None and not (options.whole or is_due or has_moved):
        return "increment"
    return "sweep" if is_due and not options.whole else "snapshot"


def _window(changes: Changes, options: PassOptions, bookmark: datetime | None) -> Window:
    """The times to read: those in scope, and with a bookmark those from shortly before it on."""
    if not changes.is_timed:
        return Window()
    scope = options.scope
    since = scope.start.value if scope.start else None
    until = scope.end.value if scope.end else None
    if bookmark is not None:
        lookback = changes.lookback if options.lookback is None else options.lookback
        after = max(bookmark, _EARLIEST + lookback) - lookback
        after = min(after, options.since) if options.since is not None else after
        since = max(after, since) if since else after
    return Window(since, until)


def _version(
    state: Mapping[str, Any], unfinished: Mapping[str, Any], options: PassOptions, *, is_new: bool
) -> int | None:
    """The version that rows carry. A new one is later than all before it, including unfinished ones."""
    current, begun = number(state, VERSION), number(unfinished, VERSION)
    if not options.versioned:
        return None
    if not is_new:
        return current
    return max(int(options.started.timestamp() * 1000), *(1 + (number or 0) for number in (current, begun)))


def sweep_is_due(state: Mapping[str, Any], options: PassOptions) -> bool:
    """Whether a stream is to be read completely by this run, unless it is proved that no row is gone.

    Args:
        state: Its state, which could be planned with.
        options: What else decides.
    """
    swept = time_of(state, SWEPT)
    if not options.sweep_days or swept is None:
        return False
    if options.rolls is not None:
        return _is_read_whole(state, options, options.rolls, 1 if options.versioned else 0)
    # A sweep in the future never happened: some clock was wrong.
    return swept > options.started or options.started - swept >= timedelta(days=options.sweep_days)


def _narrowing_settings(state: Mapping[str, Any], unfinished: Mapping[str, Any], scope: Scope) -> list[str]:
    """The settings that now leave out rows which were loaded before."""
    scopes = [old for old in (boxed(state, SCOPE), boxed(unfinished, SCOPE)) if old is not None]
    return sorted({name for old in scopes for name in scope.narrows(old)})


def _narrowing_warning(settings: list[str]) -> str:
    return (
        f"{' and '.join(settings)} now leave out rows that were loaded before. Those rows stay as they are, "
        "and from now on no rows are marked as deleted. Load the stream again without its state to change "
        "that."
    )


def _useless_sweep_warning(options: PassOptions, *, is_narrowed: bool) -> str:
    if not options.versioned:
        why = "records carry no versions with batch_config, or with activate_versions off"
    elif is_narrowed:
        why = "settings have left out rows that were loaded before"
    else:
        why = "rows leave a relative start_date or an end_date without being deleted"
    return f"sweep is now, but nothing can be marked as deleted, because {why}"


# A pass that broke off.


def _is_too_late(unfinished: Mapping[str, Any], state: Mapping[str, Any], options: PassOptions) -> bool:
    """Whether so long a time has passed since the last run that what it read of a round is old by now."""
    seen = time_of(state, SEEN)
    if not unfinished.get(SPREAD) or options.rolls is None or seen is None:
        return False
    return options.started - seen > options.rolls.age


def _take_up(unfinished: Mapping[str, Any], options: PassOptions) -> Pass | None:
    """The pass that an earlier run did not finish; None if there is none, or it cannot go on.

    Raises:
        BadStateError: The state does not hold a pass.
    """
    if not unfinished or unfinished.get(OVER) or not options.resumes:
        return None
    checkpoint = _checkpoint(unfinished)
    started, kind = time_of(unfinished, "started"), unfinished.get("kind")
    if kind not in KINDS or started is None:
        raise BadStateError(f"{UNDERWAY} does not say what was begun")
    # What was read with other settings, or by a clock that was wrong, is read again.
    is_same = boxed(unfinished, SCOPE) == options.scope.as_state()
    if unfinished.get(SPREAD) and (options.rolls is None or options.sweeps_now):
        return None  # much of it was read nights ago
    if checkpoint.unproved and (options.rolls is None or options.sweeps_now):
        return None  # its proof cannot wait any more
    if not is_same or unfinished.get("columns") != options.columns or started > options.started:
        return None
    return Pass(
        kind,
        Window(time_of(unfinished, "since"), time_of(unfinished, "until")),
        complete=kind != "increment",
        # Rows that follow without the version would be deleted with it, so it is not activated any more.
        version=number(unfinished, VERSION) if options.versioned else None,
        activates=bool(unfinished.get("activates")) and options.versioned,
        started=started,
        scope=options.scope,
        narrowed=bool(unfinished.get(NARROWED)),
        columns=options.columns,
        checkpoint=checkpoint,
        is_taken_up=True,
        ended=time_of(unfinished, ENDED),
        is_spread=bool(unfinished.get(SPREAD)),
    )


def _checkpoint(unfinished: Mapping[str, Any]) -> Checkpoint:
    kept = unfinished.get("progress", {})
    if not isinstance(kept, dict):
        raise BadStateError(f"the progress in {UNDERWAY} is not an object")
    try:
        return Checkpoint.from_state(kept)
    except BadCheckpointError as error:
        raise BadStateError(f"the progress in {UNDERWAY} cannot be used: {error}") from None
