"""When a run sent calls, held them back, and waited after faults, in equal steps of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tap_infusionsoft.client.traffic import MOST as MOST_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_infusionsoft.client.traffic import Traffic

MOST = 60
"""Steps of a timeline at most."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
"""Seconds that a step can take; after these, whole days."""


class Step(Struct):
    """What happened in a step.

    Attributes:
        start: When it began.
        calls: Name of a stream -> its calls; the empty name has those of no stream in particular.
        paced_seconds: Time in it that calls were held back, so that the limits are kept.
        waited_seconds: Time in it of waits after faults; several streams can wait at once.
        quota_left: Calls left of the day at its end; None if Keap has not said so.
    """

    start: datetime
    calls: dict[str, int] = field(default_factory=dict)
    paced_seconds: float = 0.0
    waited_seconds: float = 0.0
    quota_left: int | None = None


class Fault(Struct, frozen=True):
    """A fault that was waited for.

    Attributes:
        at: When the wait began.
        seconds: How long it took.
        kind: What the fault was.
        stream: Name of the stream; empty for none in particular.
    """

    at: datetime
    seconds: float
    kind: str
    stream: str


class Timeline(Struct, frozen=True):
    """When what happened.

    Attributes:
        step_seconds: How long a step takes.
        steps: The steps, from the start of the run to its end.
        faults: The faults that were waited for, in order; the first thousand.
        is_whole: Whether all calls are in it: of very long runs, only the first 100,000 are.
    """

    step_seconds: int
    steps: list[Step]
    faults: list[Fault]
    is_whole: bool


_FAULTS = 1000


def timeline(traffic: Traffic, started: datetime, now: tuple[datetime, float]) -> Timeline:
    """Return the timeline of a run.

    Args:
        traffic: What it sent.
        started: When it started.
        now: The time, and the same on the monotonic clock.
    """
    total = max((now[0] - started).total_seconds(), 0.0)
    origin = now[1] - total
    seconds = step_seconds(total)
    steps = _Steps(started, origin, seconds, int(total // seconds) + 1)
    for one in traffic.exchanges:
        step = steps.at(one.sent)
        step.calls[one.reader] = step.calls.get(one.reader, 0) + 1
        if one.left is not None:
            step.quota_left = one.left
        for other, inside in steps.shares(one.sent - one.held, one.sent):
            other.paced_seconds = round(other.paced_seconds + inside, 3)
    for wait in traffic.waits:
        for other, inside in steps.shares(wait.began, min(wait.began + wait.seconds, now[1])):
            other.waited_seconds = round(other.waited_seconds + inside, 3)
    faults = [
        Fault(started + timedelta(seconds=one.began - origin), one.seconds, one.kind.value, one.reader)
        for one in traffic.waits[:_FAULTS]
    ]
    is_whole = len(traffic.exchanges) < MOST_KEPT and len(traffic.waits) <= _FAULTS
    return Timeline(seconds, steps.found, faults, is_whole)


class _Steps:
    """The steps of a timeline, by moments on the monotonic clock."""

    def __init__(self, started: datetime, origin: float, seconds: int, count: int) -> None:
        self.found = [Step(started + timedelta(seconds=seconds * number)) for number in range(count)]
        self._origin = origin
        self._seconds = seconds

    def at(self, moment: float) -> Step:
        """The step that a moment is in."""
        return self.found[self._place(moment)]

    def shares(self, begin: float, end: float) -> Iterator[tuple[Step, float]]:
        """The steps that a stretch of time is in, and the seconds of it in each."""
        if end <= begin:
            return
        for number in range(self._place(begin), self._place(end) + 1):
            low = self._origin + number * self._seconds
            inside = min(end, low + self._seconds) - max(begin, low)
            if inside > 0:
                yield self.found[number], inside

    def _place(self, moment: float) -> int:
        return min(max(int((moment - self._origin) // self._seconds), 0), len(self.found) - 1)


def step_seconds(total: float) -> int:
    """Return how long a step takes, so that there are at most `MOST`.

    Args:
        total: Seconds of the run.
    """
    day = _STEPS[-1]
    fitting = (one for one in _STEPS if total // one + 1 <= MOST)
    return next(fitting, day * int(total // (day * MOST) + 1))
