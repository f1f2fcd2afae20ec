"""Turns: which streams a run reads in full, so that no night pays for all of them.

A list that Keap cannot show the changes of, and the sweep of an incremental stream, have to be read in full
once in their interval. After a first load all of them would be due in the same run. So a run takes some of
them before they are due, just as many as it needs to keep the busiest of the next runs as cheap as possible.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.state.rounds import FRESH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

SLACK = timedelta(hours=2)
"""How much later than after its interval a list may be read: schedules are not exact, and runs take time."""
CROWDED = 1.5
"""How many times its share of the calls a run may have to spend before some of it is read earlier."""
_DAY = timedelta(days=1)
_SHORTEST = timedelta(minutes=1)


class Load(Struct, frozen=True):
    """What has to be read in full once in an interval.

    Attributes:
        calls: Calls that it takes.
        read: When the last complete read began.
        seen: When the last run looked at it; the next run is taken to come after the same time.
        interval: How old the last complete read may get.
        can_wait: Whether it is only read when it is due, as it may turn out that it need not be.
        is_due: Whether it is due whatever its age.
    """

    calls: int
    read: datetime
    seen: datetime | None
    interval: timedelta
    can_wait: bool = False
    is_due: bool = False

    def runs_left(self, now: datetime) -> int:
        """How many runs can still come after this one before it has to be read; 0 if it is due now."""
        if self.is_due or self.read > now:  # a read in the future never happened: some clock was wrong
            return 0
        ahead = max(now - self.seen, _SHORTEST) if self.seen is not None else _DAY
        latest = self.interval + min(SLACK, self.interval / 10)
        return max((latest - (now - self.read)) // ahead, 0)


def shared(loads: Sequence[Load]) -> Load:
    """Return what several loads make together whose calls are the same."""
    return Load(
        max(one.calls for one in loads),
        min(one.read for one in loads),
        max((one.seen for one in loads if one.seen is not None), default=None),
        min(one.interval for one in loads),
        can_wait=all(one.can_wait for one in loads),
        is_due=any(one.is_due for one in loads),
    )


def whose_turn(loads: Mapping[str, Load], now: datetime) -> frozenset[str]:
    """Return what this run reads in full: all that is due, and some of what many are due with.

    Args:
        loads: Name -> what has to be read.
        now: The time of the run.
    """
    left = {name: one.runs_left(now) for name, one in loads.items()}
    found = {name for name in loads if not left[name]}
    used = sum(loads[name].calls for name in found)
    waiting = {name: one for name, one in loads.items() if name not in found and not one.can_wait}
    share = _share({**waiting, **{name: loads[name] for name in found}}, left)
    for name in sorted(waiting, key=lambda name: (left[name], -loads[name].calls, name)):
        one = waiting[name]
        together = sum(other.calls for key, other in waiting.items() if left[key] == left[name])
        # This run stays no busier than the other one is without it.
        is_crowded = together > CROWDED * share and used + one.calls <= together - one.calls
        if is_crowded and now - one.read >= FRESH and used + one.calls / 2 <= share:
            found.add(name)
            used += one.calls
            del waiting[name]
    return frozenset(found)


def _share(loads: Mapping[str, Load], left: Mapping[str, int]) -> float:
    """The calls that each run has to spend at least, so that all are spent in time."""
    share, total = 0.0, 0
    for name in sorted(loads, key=left.__getitem__):
        total += loads[name].calls
        share = max(share, total / (left[name] + 1))
    return share
