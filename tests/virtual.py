"""Clocks for tests: time passes only when the tap waits, so no test has to."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta


class VirtualClock:
    """A `tap_infusionsoft.client.clock.Clock` whose waits take no time.

    Attributes:
        waits: Every wait so far, in seconds.
    """

    def __init__(self, start: str = "2026-11-20T12:00:00Z") -> None:
        self._moves = threading.Lock()
        self._start = datetime.fromisoformat(start).astimezone(UTC)
        self._passed = 0.0
        self.waits: list[float] = []
        self._repeated: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return 1000.0 + self._passed

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        left = seconds
        for interval, function in self._repeated:
            while left >= interval:
                self.pass_time(interval)
                left -= interval
                function()
        self.pass_time(left)

    @contextlib.contextmanager
    def every(self, seconds: float, function: Callable[[], None]) -> Iterator[None]:
        """Call a function at intervals while the tap waits."""
        self._repeated = [(seconds, function)]
        try:
            yield
        finally:
            self._repeated = []

    def pass_time(self, seconds: float) -> None:
        with self._moves:
            self._passed += seconds

    def epoch(self) -> float:
        """Return seconds since 1970, as the sandbox's clock needs them."""
        return self.now().timestamp()


class SharedClock(VirtualClock):
    """A clock for several threads. Time passes once all of them wait, up to the end of the shortest wait."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.awake = threads
        self.changed = threading.Condition()
        self._ends: list[float] = []

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        with self.changed:
            end = self._passed + seconds
            self._ends.append(end)
            self.doze()
            while self._passed < end:
                self.changed.wait()

    def leave(self) -> None:
        """Tell the clock that the calling thread is done, so that time passes without it."""
        with self.changed:
            self.doze()

    def doze(self) -> None:
        """Mark the calling thread as waiting. The caller must hold `changed`."""
        self.awake -= 1
        if self.awake == 0 and self._ends:
            self._passed = min(self._ends)
            left = [end for end in self._ends if end > self._passed]
            self.awake += len(self._ends) - len(left)
            self._ends = left
            self.changed.notify_all()


class SharedLock:
    """A lock for threads that share a clock. Time can pass while a thread waits for the lock."""

    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock
        self._is_held = False
        self._waiting = self._granted = 0

    def __enter__(self) -> None:
        with self._clock.changed:
            if not self._is_held:
                self._is_held = True
                return
            self._waiting += 1
            self._clock.doze()
            while not self._granted:
                self._clock.changed.wait()
            self._granted -= 1

    def __exit__(self, *_: object) -> None:
        with self._clock.changed:
            self._is_held = self._waiting > 0
            if self._waiting:  # the thread that gets the lock is awake again
                self._waiting -= 1
                self._granted += 1
                self._clock.awake += 1
                self._clock.changed.notify_all()


class HurriedClock(VirtualClock):
    """Waits take no time, but real time passes too. For tests with real socket timeouts."""

    def monotonic(self) -> float:
        return time.monotonic() + self._passed
