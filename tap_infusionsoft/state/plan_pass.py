"""What one run reads of a stream. Pure functions of state and settings.

A stream's first load is a *snapshot*: a complete pass, whose rows carry a version. Later runs are *increments*
that carry the same version. Now and then a *sweep* reads everything again under a new version, which is activated
after its last row: rows that it did not see are then known to be deleted.

A pass that breaks off stays in the state, with its progress, and the next run takes it up.

Meltano lays the state of a full refresh over the old one, key by key and object by object, but takes lists as they
are. So what belongs together stands in a list of one, and what holds no longer is written as such, not left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.records.coerce import Unfit, parse_time
from tap_infusionsoft.state.checkpoint import BadCheckpointError, Checkpoint
from tap_infusionsoft.streams.replication import Timed, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.state.scope import Scope
    from tap_infusionsoft.streams.replication import Changes

KEY = "replication_key"
BOOKMARK = "replication_key_value"
VERSION = "version"
ROWS = "rows"
SWEPT = "swept_at"
SCOPE = "scope"
NARROWED = "narrowed"
READ = "read_at"
KEYS = "keys"
UNDERWAY = "underway"

KINDS = ("snapshot", "increment", "sweep")
"""What a pass can be."""


class BadStateError(ValueError):
    """The state of a stream cannot be used; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of a stream.

    Attributes:
        kind: ``snapshot``, ``increment`` or ``sweep``.
        window: The times to read.
        complete: Whether everything is read, so that missing rows are deleted ones.
        version: Version that its rows carry; None for the increments of a state that has none.
        activates: Whether the version is activated at the end.
        started: When it began; the bookmark never passes this.
        scope: The scope that it reads, for the state.
        narrowed: Whether the target may hold rows that are out of scope now.
        columns: What is read of each row, in a few letters.
        progress: What has been read of it.
        is_taken_up: Whether an earlier run has begun it.
        warnings: What the user should know, a sentence each.
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
    progress: Checkpoint = field(default_factory=Checkpoint)
    is_taken_up: bool = False
    warnings: tuple[str, ...] = ()

    def as_state(self) -> dict[str, Any]:
        """The pass as it is kept in the state while it is not over."""
        times = {"started": self.started, "since": self.window.since, "until": self.window.until}
        return {
            "kind": self.kind,
            "version": self.version,
            "activates": self.activates,
            "columns": self.columns,
            SCOPE: [self.scope.as_state()],
            NARROWED: self.narrowed,
            **{name: moment.isoformat() for name, moment in times.items() if moment is not None},
            "progress": self.progress.as_state(),
        }


def begin(
    changes: Changes,
    state: Mapping[str, Any],
    *,
    started: datetime,
    scope: Scope,
    sweep_days: float,
    lookback: timedelta | None = None,
    whole: bool = False,
    versioned: bool = True,
    columns: str = "",
) -> Pass:
    """Decide what this run reads.

    Args:
        changes: How the collection changes.
        state: The stream's state.
        started: The time of the run.
        scope: What the settings let through.
        sweep_days: Days between sweeps; 0 for never.
        lookback: How far behind the bookmark an increment starts; None for what the collection says.
        whole: Whether the catalogue asks for the whole table in every run.
        versioned: Whether the messages of this run can carry versions.
        columns: What is read of each row, in a few letters; a pass that read other columns is not taken up.

    Raises:
        BadStateError: The state cannot be used.
    """
    version, _ = _number(state, VERSION), _number(state, ROWS)
    kept = _boxed(state, UNDERWAY) or {}
    old_scope, scope_of_kept = _boxed(state, SCOPE), _boxed(kept, SCOPE)
    warnings = []
    old_scopes = [old for old in (old_scope, scope_of_kept) if old is not None]
    narrows = sorted({name for old in old_scopes for name in scope.narrows(old)})
    if narrows:
        warnings.append(
            f"{' and '.join(narrows)} now leave out rows that were loaded before. Those rows stay as they are, and "
            "from now on no rows are marked as deleted. Load the stream anew, without its state, to change that."
        )
    narrowed = bool(narrows) or bool(state.get(NARROWED))
    broken_off = _broken_off(kept, started, scope, columns) if versioned else None
    if broken_off is not None:
        return replace(broken_off, warnings=tuple(warnings) if broken_off.narrowed else ())
    if not isinstance(changes, Timed):
        kind, complete, window = "snapshot", True, Window()
    else:
        since, until = scope.start.value if scope.start else None, scope.end.value if scope.end else None
        bookmark = time_of(state, BOOKMARK) if state.get(KEY, changes.key) == changes.key else None
        if bookmark is not None and bookmark > started:
            warnings.append("the bookmark lies in the future, so everything is read again")
            bookmark = None
        due = not scope.moves and _is_due(state, started, sweep_days)
        moved = old_scope is not None and old_scope != scope.as_state()
        complete = bookmark is None or whole or due or moved
        kind = "increment" if not complete else "sweep" if due and not whole else "snapshot"
        if bookmark is not None and not complete:
            after = bookmark - (changes.lookback if lookback is None else lookback)
            since = max(after, since) if since else after
        window = Window(since, until)
    new = max(
        int(started.timestamp() * 1000), *(1 + (number or 0) for number in (version, _number(kept, VERSION)))
    )
    return Pass(
        kind,
        window,
        complete,
        version=(new if complete else version) if versioned else None,
        activates=complete
        and versioned
        and not narrowed
        and not (isinstance(changes, Timed) and scope.moves),
        started=started,
        scope=scope,
        narrowed=narrowed,
        columns=columns,
        warnings=tuple(warnings),
    )


def _broken_off(kept: Mapping[str, Any], started: datetime, scope: Scope, columns: str) -> Pass | None:
    """The pass that an earlier run did not bring to its end, if it can be gone on with."""
    if not kept:
        return None
    if not isinstance(kept.get("progress", {}), dict):
        raise BadStateError(f"the progress in {UNDERWAY} is not an object")
    try:
        progress = Checkpoint.from_state(kept.get("progress", {}))
    except BadCheckpointError as error:
        raise BadStateError(f"the progress in {UNDERWAY} cannot be used: {error}") from None
    begun, kind = time_of(kept, "started"), kept.get("kind")
    if kind not in KINDS or begun is None:
        raise BadStateError(f"{UNDERWAY} does not say what was begun")
    # What was read with other settings, or by a clock that was wrong, is read anew.
    if _boxed(kept, SCOPE) != scope.as_state() or kept.get("columns") != columns or begun > started:
        return None
    return Pass(
        kind,
        Window(time_of(kept, "since"), time_of(kept, "until")),
        complete=kind != "increment",
        version=_number(kept, VERSION),
        activates=bool(kept.get("activates")),
        started=begun,
        scope=scope,
        narrowed=bool(kept.get(NARROWED)),
        columns=columns,
        progress=progress,
        is_taken_up=True,
    )


def came_to(state: Mapping[str, Any]) -> int:
    """The last row of a crawl that broke off; 0 without one."""
    match state.get(UNDERWAY):
        case [{"progress": {"at": int(last)}}]:
            return last
    return 0


def _is_due(state: Mapping[str, Any], started: datetime, sweep_days: float) -> bool:
    swept = time_of(state, SWEPT)
    if not sweep_days or swept is None:
        return False
    # A sweep that lies in the future never was: some clock was wrong.
    return swept > started or started - swept >= timedelta(days=sweep_days)


def time_of(state: Mapping[str, Any], key: str) -> datetime | None:
    """A time of the state; None where there is none.

    Raises:
        BadStateError: It holds something else.
    """
    value = state.get(key)
    if value is None:
        return None
    try:
        return parse_time(value)
    except Unfit:
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a time") from None


def _boxed(state: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """The object in a list of one; None where there is none."""
    value = state.get(key) or []
    if not isinstance(value, list) or len(value) > 1 or not all(isinstance(one, dict) for one in value):
        raise BadStateError(f"{key} is not a list of one object")
    return value[0] if value else None


def _number(state: Mapping[str, Any], key: str) -> int | None:
    value = state.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a whole number")
    return value
