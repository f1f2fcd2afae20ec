"""The sandbox's clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """A clock that can be set, moved and stopped.

    It follows another clock at an offset until it is stopped.
    """

    def __init__(self, source: Callable[[], float] | None = None) -> None:
        """Start at the time of another clock.

        Args:
            source: Returns the seconds since the epoch; real time by default.
        """
        self._source = source or time.time
        self._offset = 0.0
        self._stopped_at: float | None = None

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self._source() + self._offset if self._stopped_at is None else self._stopped_at

    def millis(self) -> int:
        """Return the milliseconds since the epoch."""
        return int(self.now() * 1000)

    def set(self, seconds: float) -> None:
        """Move to a moment, in seconds since the epoch; a running clock keeps running from there."""
        if self._stopped_at is None:
            self._offset = seconds - self._source()
        else:
            self._stopped_at = seconds

    def advance(self, seconds: float) -> None:
        """Move forward, or back with a negative number."""
        self.set(self.now() + seconds)

    def stop(self) -> None:
        """Freeze the clock; from now on only `set` and `advance` move it."""
        self._stopped_at = self.now()

    def run(self) -> None:
        """Let a stopped clock run on from where it is."""
        now = self.now()
        self._stopped_at = None
        self.set(now)

    @property
    def stopped(self) -> bool:
        """True while the clock is stopped."""
        return self._stopped_at is not None
