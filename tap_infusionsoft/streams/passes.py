"""What one run reads of a stream, and what it leaves for the next. Pure functions of state and settings.

A stream's first load is a *snapshot*: a complete pass, whose rows carry a version. Later runs are *increments*
that carry the same version. Now and then a *sweep* reads everything again under a new version, which is activated
after its last row: rows that it did not see are then known to be deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.streams.changes import Timed
from tap_infusionsoft.streams.records import Unfit, as_moment, parse_time
from tap_infusionsoft.streams.slices import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.dates import Moment
    from tap_infusionsoft.streams.changes import Changes

BOOKMARK = "replication_key_value"
VERSION = "version"
ROWS = "rows"
SWEPT = "swept_at"


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
    """

    kind: str
    window: Window
    complete: bool
    version: int | None
    activates: bool
    started: datetime


def begin(
    changes: Changes,
    state: Mapping[str, Any],
    *,
    started: datetime,
    start: Moment | None,
    end: Moment | None,
    sweep_days: float,
    whole: bool,
) -> Pass:
    """Decide what this run reads.

    Args:
        changes: How the collection changes.
        state: The stream's state.
        started: The time of the run.
        start: The setting start_date.
        end: The setting end_date.
        sweep_days: Days between sweeps; 0 for never.
        whole: Whether the catalogue asks for the whole table in every run.

    Raises:
        BadStateError: The state cannot be used.
    """
    new = max(int(started.timestamp() * 1000), (state.get(VERSION) or 0) + 1)
    if not isinstance(changes, Timed):
        return Pass("snapshot", Window(), complete=True, version=new, activates=True, started=started)
    # With dates that move, or that rows leave by being edited, a row that is not seen need not be deleted.
    can_sweep = end is None and not (start and start.is_relative)
    bookmark = _time(state, BOOKMARK, started)
    swept = _time(state, SWEPT, started)
    due = bool(sweep_days) and swept is not None and started - swept >= timedelta(days=sweep_days)
    since, until = start.value if start else None, end.value if end else None
    if bookmark is None or whole or (due and can_sweep):
        kind = "snapshot" if bookmark is None or whole else "sweep"
        return Pass(
            kind, Window(since, until), complete=True, version=new, activates=can_sweep, started=started
        )
    after = bookmark - changes.lookback
    since = max(after, since) if since else after
    window = Window(since, until)
    version = state.get(VERSION)
    return Pass("increment", window, complete=False, version=version, activates=False, started=started)


def _time(state: Mapping[str, Any], key: str, latest: datetime) -> datetime | None:
    """A time of the state, at most ``latest``: a bookmark of the future would skip rows."""
    value = state.get(key)
    if value is None:
        return None
    try:
        return min(parse_time(value), latest)
    except Unfit:
        raise BadStateError(f"{key} is {str(value)[:40]!r}, which is not a time") from None


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
) -> Conclusion:
    """Work out the new state after a pass that read everything it should.

    Args:
        done: The pass.
        changes: How the collection changes.
        state: The stream's state before it.
        rows: How many rows it read.
        newest: The latest time among them.
        max_drop: Share of rows that may be gone since the last complete pass.
    """
    after: dict[str, Any] = {}
    if isinstance(changes, Timed):
        old = _time(state, BOOKMARK, done.started)
        times = [moment for moment in (old, newest) if moment is not None]
        if times:
            after["replication_key"] = changes.key
            after[BOOKMARK] = as_moment(min(max(times), done.started).astimezone(UTC).isoformat())
    if not done.complete:
        if state.get(SWEPT) is None:
            after[SWEPT] = as_moment(
                done.started.isoformat()
            )  # a state from elsewhere: sweeps count from now
        return Conclusion(after)
    before = state.get(ROWS)
    if done.activates and before and max_drop < 1 and (rows == 0 or rows < before * (1 - max_drop)):
        return Conclusion(
            after,
            refusal=f"a complete pass found {rows} rows where the last one found {before}. "
            "Nothing was marked as deleted. If the rows are really gone, run once with a higher sweep_max_drop "
            "(1 accepts anything)",
        )
    after |= {VERSION: done.version, ROWS: rows, SWEPT: as_moment(done.started.isoformat())}
    return Conclusion(after, activate=done.version if done.activates else None)
