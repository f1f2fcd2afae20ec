"""The sandbox's clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """What time it is in the sandbox: another clock, moved by an offset, or standing still."""

    def __init__(self, source: Callable[[], float] | None = None) -> None:
        self._source = source or time.time
        self._offset = 0.0
        self._standing: float | None = None

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._source() + self._offset if self._standing is None else self._standing

    def millis(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.now() * 1000)

    def set(self, seconds: float) -> None:
        """Move to a moment; a running clock runs on from there."""
        if self._standing is None:
            self._offset = seconds - self._source()
        else:
            self._standing = seconds

    def advance(self, seconds: float) -> None:
        """Move by some seconds."""
        self.set(self.now() + seconds)

    def stand(self, *, still: bool) -> None:
        """Stop the clock, or let it run on from where it stands."""
        now = self.now()
        self._standing = now if still else None
        self.set(now)

    @property
    def stands(self) -> bool:
        """Whether the clock was stopped."""
        return self._standing is not None
