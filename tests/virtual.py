"""A clock that tests own: time passes only when the tap waits."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Satisfies `tap_infusionsoft.client.clock.Clock`; remembers every wait, in seconds."""

    def __init__(self, start: str = "2026-11-20T12:00:00Z") -> None:
        self._moves = threading.Lock()
        self._start = datetime.fromisoformat(start).astimezone(UTC)
        self._passed = 0.0
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return 1000.0 + self._passed

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        with self._moves:
            self._passed += seconds

    def epoch(self) -> float:
        """For the sandbox, which asks for seconds since 1970."""
        return self.now().timestamp()


class SharedClock(VirtualClock):
    """One time for several threads: it passes when all of them wait, up to the end of the shortest wait."""

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
        """The thread that calls this is done, and is not waited for."""
        with self.changed:
            self.doze()

    def doze(self) -> None:
        """The thread that calls this, and holds `changed`, waits for something else than work."""
        self.awake -= 1
        if self.awake == 0 and self._ends:
            self._passed = min(self._ends)
            left = [end for end in self._ends if end > self._passed]
            self.awake += len(self._ends) - len(left)
            self._ends = left
            self.changed.notify_all()


class SharedLock:
    """A lock for threads that share a clock: who waits for it does not keep time from passing."""

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
            if self._waiting:  # who gets it is awake from now on
                self._waiting -= 1
                self._granted += 1
                self._clock.awake += 1
                self._clock.changed.notify_all()


class HurriedClock(VirtualClock):
    """Waits cost no time, but what happens on sockets does: for time-outs that are really met."""

    def monotonic(self) -> float:
        return time.monotonic() + self._passed
