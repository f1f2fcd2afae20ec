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
        self._awake = threads
        self._ends: list[float] = []
        self._changed = threading.Condition()

    def sleep(self, seconds: float) -> None:
        with self._changed:
            end = self._passed + seconds
            self._ends.append(end)
            self._awake -= 1
            self._pass()
            while self._passed < end:
                self._changed.wait()
            self._awake += 1

    def leave(self) -> None:
        """The thread that calls this is done, and is not waited for."""
        with self._changed:
            self._awake -= 1
            self._pass()

    def _pass(self) -> None:
        if self._awake == 0 and self._ends:
            self._passed = min(self._ends)
            self._ends = [end for end in self._ends if end > self._passed]
            self._changed.notify_all()


class HurriedClock(VirtualClock):
    """Waits cost no time, but what happens on sockets does: for time-outs that are really met."""

    def monotonic(self) -> float:
        return time.monotonic() + self._passed
