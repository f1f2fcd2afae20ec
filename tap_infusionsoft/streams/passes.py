"""What one run reads of a stream, and what it leaves for the next. Pure functions of state and settings.

A stream's first load is a *snapshot*: a complete pass, whose rows carry a version. Later runs are *increments*
that carry the same version. Now and then a *sweep* reads everything again under a new version, which is activated
after its last row: rows that it did not see are then known to be deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.streams.changes import Timed
from tap_infusionsoft.streams.records import Unfit, as_moment, parse_time
from tap_infusionsoft.streams.slices import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.dates import Moment
    from tap_infusionsoft.streams.changes import Changes

KEY = "replication_key"
BOOKMARK = "replication_key_value"
VERSION = "version"
ROWS = "rows"
SWEPT = "swept_at"
SCOPE = "scope"
NARROWED = "narrowed"
KEYS = "keys"


class BadStateError(ValueError):
    """The state of a stream cannot be used; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows of a stream the settings let through.

    Attributes:
        start: The setting start_date, for streams that know it.
        end: The setting end_date, likewise.
        ids: Settings that name ids -> the ids; those that name none are left out.
    """

    start: Moment | None = None
    end: Moment | None = None
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_state(self) -> dict[str, Any]:
        """The scope as it is kept in the state."""
        dates = {"start_date": self.start, "end_date": self.end}
        kept: dict[str, Any] = {name: date.name for name, date in dates.items() if date is not None}
        return kept | {name: sorted(ids) for name, ids in self.ids.items()}

    def narrows(self, old: Mapping[str, Any]) -> list[str]:
        """The settings that leave out rows which the scope ``old`` let through."""
        now = self.as_state()
        found = []
        for name in sorted({*old, *now}):
            before, after = old.get(name), now.get(name)
            if before == after or after is None:
                continue
            wider = before is not None and (
                set(before) <= set(after)
                if isinstance(after, list)
                else _is_time(before) and _is_time(after) and (after < before) == (name == "start_date")
            )
            if not wider:
                found.append(name)
        return found

    @property
    def moves(self) -> bool:
        """Whether rows leave it without being deleted: with the days, or by being edited."""
        return self.end is not None or (self.start is not None and self.start.is_relative)


def _is_time(text: Any) -> bool:
    return isinstance(text, str) and text.endswith("Z")


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
    warnings: tuple[str, ...] = ()


def begin(
    changes: Changes,
    state: Mapping[str, Any],
    *,
    started: datetime,
    scope: Scope,
    sweep_days: float,
    whole: bool = False,
    versioned: bool = True,
) -> Pass:
    """Decide what this run reads.

    Args:
        changes: How the collection changes.
        state: The stream's state.
        started: The time of the run.
        scope: What the settings let through.
        sweep_days: Days between sweeps; 0 for never.
        whole: Whether the catalogue asks for the whole table in every run.
        versioned: Whether the messages of this run can carry versions.

    Raises:
        BadStateError: The state cannot be used.
    """
    version, _ = _number(state, VERSION), _number(state, ROWS)
    old_scope = state.get(SCOPE, scope.as_state())
    if not isinstance(old_scope, dict):
        raise BadStateError(f"{SCOPE} is not an object")
    warnings = []
    narrows = scope.narrows(old_scope)
    if narrows:
        warnings.append(
            f"{' and '.join(narrows)} now leave out rows that were loaded before. Those rows stay as they are, and "
            "from now on no rows are marked as deleted. Load the stream anew, without its state, to change that."
        )
    narrowed = bool(narrows) or bool(state.get(NARROWED))
    if not isinstance(changes, Timed):
        kind, complete, window = "snapshot", True, Window()
    else:
        since, until = scope.start.value if scope.start else None, scope.end.value if scope.end else None
        bookmark = _time(state, BOOKMARK) if state.get(KEY, changes.key) == changes.key else None
        if bookmark is not None and bookmark > started:
            warnings.append("the bookmark lies in the future, so everything is read again")
            bookmark = None
        due = not scope.moves and _is_due(state, started, sweep_days)
        complete = bookmark is None or whole or due or old_scope != scope.as_state()
        kind = "increment" if not complete else "sweep" if due and not whole else "snapshot"
        if bookmark is not None and not complete:
            after = bookmark - changes.lookback
            since = max(after, since) if since else after
        window = Window(since, until)
    new = max(int(started.timestamp() * 1000), (version or 0) + 1)
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
        warnings=tuple(warnings),
    )


def _is_due(state: Mapping[str, Any], started: datetime, sweep_days: float) -> bool:
    swept = _time(state, SWEPT)
    if not sweep_days or swept is None:
        return False
    # A sweep that lies in the future never was: some clock was wrong.
    return swept > started or started - swept >= timedelta(days=sweep_days)


def _time(state: Mapping[str, Any], key: str) -> datetime | None:
    value = state.get(key)
    if value is None:
        return None
    try:
        return parse_time(value)
    except Unfit:
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a time") from None


def _number(state: Mapping[str, Any], key: str) -> int | None:
    value = state.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a whole number")
    return value


class Doubt(Enum):
    """Why a pass that came to its end may not have seen everything."""

    NONE = "none"
    EMPTY_PAGES = "Keap sent an empty page in the middle, twice, so rows may be missing"
    PARENTS = "parents that were listed were not found, so their rows may be missing"
    UNCONFIRMED = "rows may have slipped between pages, and there is no earlier pass to compare with"


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


def conclude(
    done: Pass,
    changes: Changes,
    state: Mapping[str, Any],
    *,
    rows: int,
    newest: datetime | None,
    max_drop: float,
    keys: str = "",
    doubt: Doubt = Doubt.NONE,
) -> Conclusion:
    """Work out the new state after a pass that read everything it should.

    Args:
        done: The pass.
        changes: How the collection changes.
        state: The stream's state before it.
        rows: How many rows it read.
        newest: The latest time among them.
        max_drop: Share of rows that may be gone since the last complete pass.
        keys: All keys in one number.
        doubt: Whether it may not have seen everything.
    """
    after: dict[str, Any] = {SCOPE: done.scope.as_state()}
    if done.narrowed:
        after[NARROWED] = True
    if isinstance(changes, Timed):
        # An increment never takes the bookmark back; a complete pass stands for itself.
        old = None if done.complete else _time(state, BOOKMARK)
        times = [moment for moment in (old, newest) if moment is not None]
        if times:
            after |= {KEY: changes.key, BOOKMARK: _stamp(min(max(times), done.started))}
    if not done.complete:
        if state.get(SWEPT) is None:
            after[SWEPT] = _stamp(done.started)  # a state from elsewhere: sweeps count from now
        return Conclusion(after)
    before = state.get(ROWS)
    if done.activates and doubt is Doubt.EMPTY_PAGES:
        return Conclusion(after, refusal=f"{doubt.value}. Nothing was marked as deleted; run again later")
    if done.activates and doubt is Doubt.PARENTS:
        return Conclusion(after)  # the next run sees whether they are gone for good
    if done.activates and before and max_drop < 1 and (rows == 0 or rows < before * (1 - max_drop)):
        return Conclusion(
            after,
            refusal=f"a complete pass found {rows} rows where the last one found {before}. "
            "Nothing was marked as deleted. If the rows are really gone, run once with a higher sweep_max_drop "
            "(1 accepts anything)",
        )
    after |= {ROWS: rows, KEYS: keys, SWEPT: _stamp(done.started)}
    if done.version is not None:
        after[VERSION] = done.version
    # Without rows, and without any before, there is nothing that a version could take away rightly.
    worth = done.activates and doubt is Doubt.NONE and (rows > 0 or before is not None)
    return Conclusion(after, activate=done.version if worth else None)


def _stamp(moment: datetime) -> str:
    return as_moment(moment.isoformat())
