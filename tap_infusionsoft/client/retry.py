"""How long to wait after which fault, and when to give up: one table.

The waits for saved searches come from the classic connector's documentation: after "query took too long", it
waits 5, 10, 30, 60 and 300 seconds, and asks for less each time; after "saved search is blocked", it waits 20
minutes, at most 10 times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import backoff
from msgspec import Struct, field

from tap_infusionsoft.client.call import SMALLEST_PAGE
from tap_infusionsoft.client.faults import Fault, KeapError, Kind

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Generator, Mapping

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.clock import Clock


class Schedule(Struct, frozen=True):
    """What to do about one kind of fault.

    Attributes:
        waits: Seconds before each retry; when they are used up, the call has failed.
        jitter: Whether to wait a random part of that, so that several clients do not retry together.
        window: Whether to wait for the end of Keap's minute window instead.
        smaller: Whether each retry asks for half as many rows.
        only_smaller: Whether a retry that cannot ask for fewer rows is none. It asks for one row in the end.
        aside: Whether the caller should do something else during the wait, instead of waiting here.
    """

    waits: tuple[float, ...] = ()
    jitter: bool = False
    window: bool = False
    smaller: bool = False
    only_smaller: bool = False
    aside: bool = False


class Waits(Struct, frozen=True):
    """The numbers in the table.

    Attributes:
        query: Seconds before each retry of a query that took too long.
        blocked: Seconds before each retry of a blocked saved search.
        blocked_tries: Retries of a blocked saved search.
        transient: Seconds before each retry after a fault that will pass by itself.
        blank: Seconds before each retry after an answer without rows, or a failed TLS handshake.
        page: Seconds before each retry after an answer that is not JSON.
        throttle_tries: Retries after a minute window was used up.
        spike_tries: Retries after too many calls within a second.
        longest: Seconds that one call may wait in all.
    """

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
        """Return the schedule of every kind of fault that a retry may cure. All others fail at once."""
        transient = Schedule(self.transient, jitter=True)
        slow = Schedule(self.transient, jitter=True, smaller=True)
        return {
            Kind.QUERY_TOO_LONG: Schedule(self.query, smaller=True),
            Kind.SEARCH_BLOCKED: Schedule((self.blocked,) * self.blocked_tries, aside=True),
            Kind.MINUTE_THROTTLE: Schedule((0.0,) * self.throttle_tries, window=True),
            Kind.SPIKE: Schedule((SPIKE_WAIT,) * self.spike_tries),
            Kind.NO_APPLICATION: Schedule((5.0,)),  # rarely, a call that is repeated works
            Kind.BLANK: Schedule(self.blank),
            Kind.NOT_JSON: Schedule(self.page),
            Kind.DAMAGED: Schedule(self.page),
            Kind.HANDSHAKE: Schedule(self.blank),
            Kind.SERVER_ERROR: transient,
            Kind.UNAVAILABLE: transient,
            Kind.UNREACHABLE: transient,
            Kind.TIMEOUT: slow,
            Kind.TOO_LARGE: Schedule((0.0,) * HALVINGS, smaller=True, only_smaller=True),
        }


HALVINGS = 10
"""Retries after which the largest page, of 1,000 rows, is down to one row."""
SPIKE_WAIT = 7.0
"""Seconds. The wait after a spike is random, from one second up to this."""
_SMALLEST_SPIKE_WAIT = 1.0
_AFTER_WINDOW = (1.0, 3.0)
"""Seconds past the end of a minute window: a random value between these."""
_NO_RETRY = Schedule()

T = TypeVar("T")


class Tries(Struct):
    """Counts the retries of one call, or of several calls that count together.

    Attributes:
        waits: The numbers in the table.
        window_left: Returns the seconds until the minute window ends.
        random: The source of the random part of waits.
        final: Faults that are not retried, whatever the table says.
    """

    waits: Waits
    window_left: Callable[[], float]
    random: random.Random
    final: frozenset[Kind] = frozenset()
    _used: dict[Kind, int] = field(default_factory=dict)
    _spent: float = 0.0

    def schedule(self, fault: Fault) -> Schedule:
        """Return what to do about a fault."""
        if fault.kind in self.final:
            return _NO_RETRY
        return self.waits.table().get(fault.kind, _NO_RETRY)

    def next(self, fault: Fault) -> float | None:
        """Count a retry.

        Returns:
            Seconds to wait before it; None to give up.
        """
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
        # The server may ask for a longer wait, within limits, but not for a shorter one: that would use up
        # the retries at once.
        return max(wait, min(fault.retry_after, self.waits.longest))

    def used(self, kind: Kind) -> int:
        """Return how many retries a kind of fault has taken."""
        return self._used.get(kind, 0)


def send_with_retries(
    send: Callable[[Call], T],
    call: Call,
    tries: Tries,
    clock: Clock,
    on_wait: Callable[[KeapError, float], None],
) -> tuple[T, Call]:
    """Send a call until it succeeds or its retries are used up.

    Args:
        send: Sends a call once; raises KeapError.
        call: The call. Retries may ask for fewer rows.
        tries: Counts the retries and says how long to wait.
        clock: Spends the waits.
        on_wait: Called before each wait with the error and the seconds. May raise KeapError to give up.

    Returns:
        What ``send`` returned, and the call that it was returned for.

    Raises:
        KeapError: The retries are used up, or the caller should do something else during the wait.
    """
    current = call
    sent = 0

    def attempt() -> T:
        nonlocal sent
        sent += 1
        return send(current)

    def waits() -> Generator[float, KeapError, None]:
        """Receive the error of each try, and yield the seconds to wait before the next; end to give up."""
        nonlocal current
        error = yield 0  # backoff throws the first value away
        while (wait := tries.next(error.fault)) is not None:
            schedule = tries.schedule(error.fault)
            if schedule.smaller:
                fewer = current.smaller(1 if schedule.only_smaller else SMALLEST_PAGE)
                if schedule.only_smaller and fewer == current:
                    return
                current = fewer
            if error.failed_at is not None:  # a call that was sent ahead has waited since then
                wait = max(wait - (clock.monotonic() - error.failed_at), 0)
            on_wait(error, wait)
            error = yield wait

    def spend(wait: float) -> float:
        clock.sleep(wait)
        return 0

    retrying = backoff.on_exception(
        waits,
        KeapError,
        giveup=lambda error: isinstance(error, KeapError) and tries.schedule(error.fault).aside,
        # backoff 3.0 can only sleep by `time.sleep`, and asks `jitter` for how long: our clock sleeps there.
        jitter=spend,
        logger=None,
    )
    try:
        return retrying(attempt)(), current
    except KeapError as error:
        error.tries = sent
        raise
