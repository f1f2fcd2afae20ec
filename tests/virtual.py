"""A clock that tests own: time passes only when the tap waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Satisfies `tap_infusionsoft.client.clock.Clock`; remembers every wait, in seconds."""

    def __init__(self, start: str = "2026-11-20T12:00:00Z") -> None:
        self._start = datetime.fromisoformat(start).astimezone(UTC)
        self._passed = 0.0
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return 1000.0 + self._passed

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self._passed += seconds

    def pass_time(self, seconds: float) -> None:
        self._passed += seconds

    def epoch(self) -> float:
        """For the sandbox, which asks for seconds since 1970."""
        return self.now().timestamp()


class HurriedClock(VirtualClock):
    """Waits cost no time, but what happens on sockets does: for time-outs that are really met."""

    def monotonic(self) -> float:
        return time.monotonic() + self._passed
