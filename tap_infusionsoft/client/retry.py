"""How long to wait for which fault, and when to give up: one table.

The waits for saved searches are those of the classic connector's documentation: "query took too long" after
5, 10, 30, 60 and 300 seconds, each time asking for less; "saved search is blocked" every 20 minutes, at most
10 times.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import backoff

from tap_infusionsoft.client.faults import Fault, KeapError, Kind

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Generator, Mapping

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.clock import Clock


@dataclass(frozen=True, slots=True)
class Schedule:
    """What to do about one kind of fault.

    Attributes:
        waits: Seconds before each further try; when they are used up, the call has failed.
        jitter: Whether a random part of each wait is enough, so that several taps do not come back together.
        window: Whether to wait for the end of Keap's minute window instead.
        smaller: Whether each further try asks for half as many rows.
        aside: Whether the stream steps aside and lets others go on meanwhile.
    """

    waits: tuple[float, ...] = ()
    jitter: bool = False
    window: bool = False
    smaller: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Waits:
    """The settings behind the table; seconds and numbers of tries."""

    query: tuple[float, ...] = (5, 10, 30, 60, 300)
    blocked: float = 1200
    blocked_tries: int = 10
    transient: tuple[float, ...] = (2, 4, 8, 16, 32, 60)
    blank: tuple[float, ...] = (0, 5, 5, 5)
    page: tuple[float, ...] = (5, 5, 5)
    throttle_tries: int = 8
    spike_tries: int = 5
    longest: float = 600

    def table(self) -> Mapping[Kind, Schedule]:
        """The schedule of every fault that a further try may cure; the others fail at once."""
        transient = Schedule(self.transient, jitter=True)
        slow = Schedule(self.transient, jitter=True, smaller=True)
        return {
            Kind.QUERY_TOO_LONG: Schedule(self.query, smaller=True),
            Kind.SEARCH_BLOCKED: Schedule((self.blocked,) * self.blocked_tries, aside=True),
            Kind.MINUTE_THROTTLE: Schedule((0.0,) * self.throttle_tries, window=True),
            Kind.SPIKE: Schedule((SPIKE_WAIT,) * self.spike_tries),
            Kind.BLANK: Schedule(self.blank),
            Kind.NOT_JSON: Schedule(self.page),
            Kind.DAMAGED: Schedule(self.page),
            Kind.HANDSHAKE: Schedule(self.blank),
            Kind.SERVER_ERROR: transient,
            Kind.UNAVAILABLE: transient,
            Kind.UNREACHABLE: transient,
            Kind.TIMEOUT: slow,
        }


SPIKE_WAIT = 7.0
"""Seconds; the wait after a spike is 1 to this, at random."""
_SMALLEST_SPIKE_WAIT = 1.0
_AFTER_WINDOW = (1.0, 3.0)
"""Seconds past the end of a minute window, at random."""
_NONE = Schedule()

T = TypeVar("T")


@dataclass(slots=True)
class Tries:
    """The tries of one call, or of one stream for the faults that make it step aside."""

    waits: Waits
    window_left: Callable[[], float]
    random: random.Random
    _used: dict[Kind, int] = field(default_factory=dict)
    _spent: float = 0.0

    def schedule(self, fault: Fault) -> Schedule:
        """What the table says about a fault."""
        return self.waits.table().get(fault.kind, _NONE)

    def next(self, fault: Fault) -> float | None:
        """Seconds to wait before the next try, or None to give up. Counts the try."""
        schedule = self.schedule(fault)
        used = self._used.get(fault.kind, 0)
        if used >= len(schedule.waits):
            return None
        wait = self._wait(schedule, schedule.waits[used], fault)
        if not schedule.aside and self._spent + wait > self.waits.longest:
            return None
        self._used[fault.kind] = used + 1
        self._spent += wait
        return wait

    def _wait(self, schedule: Schedule, wait: float, fault: Fault) -> float:
        if schedule.window:
            wait = self.window_left() + self.random.uniform(*_AFTER_WINDOW)
        elif fault.kind is Kind.SPIKE:
            wait = self.random.uniform(_SMALLEST_SPIKE_WAIT, wait)
        elif schedule.jitter:
            wait = self.random.uniform(0, wait)
        if fault.retry_after is None or schedule.aside:
            return wait
        # The server may ask for more patience, within limits, but not for less: that would use up the tries at once.
        return max(wait, min(fault.retry_after, self.waits.longest))

    def used(self, kind: Kind) -> int:
        """How many further tries a kind of fault has taken."""
        return self._used.get(kind, 0)


def send_with_retries(
    send: Callable[[Call], T],
    call: Call,
    tries: Tries,
    clock: Clock,
    on_wait: Callable[[KeapError, float], None],
) -> tuple[T, Call]:
    """Send ``call`` until it succeeds or its tries are used up.

    Args:
        send: Sends once; raises KeapError.
        call: What to read; later tries may ask for fewer rows.
        tries: Counts and waits.
        clock: Spends the waits. `backoff` itself is told to wait 0 seconds, so that time stays in one place.
        on_wait: Told of every wait before it begins.

    Returns:
        What ``send`` returned, and the call that it was returned for.

    Raises:
        KeapError: Given up, or a fault for which the stream should step aside.
    """
    current = call
    sent = 0

    def attempt() -> T:
        nonlocal sent
        sent += 1
        return send(current)

    def waits() -> Generator[float, KeapError, None]:
        nonlocal current
        error = yield 0
        while True:
            if tries.schedule(error.fault).aside:
                return
            wait = tries.next(error.fault)
            if wait is None:
                return
            if tries.schedule(error.fault).smaller:
                current = current.smaller()
            if error.at is not None:  # part of the wait is over
                wait = max(wait - (clock.monotonic() - error.at), 0)
            on_wait(error, wait)
            clock.sleep(wait)
            error = yield 0

    try:
        return backoff.on_exception(waits, KeapError, jitter=None, logger=None)(attempt)(), current
    except KeapError as error:
        error.tries = sent
        raise
