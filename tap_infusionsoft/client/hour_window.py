"""How many calls the last hour had, over all runs, so that a short run may be fast.

Keap considers more than about one call a second, sustained, heavy use. That is a mean: a key that was
silent for most of an hour may make the hour's 3,600 calls as fast as the other limits allow. Calls of earlier
runs are counted from the state, and those of others who use the same key from the header that says how many
of the day's calls are left.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.client.clock import Clock

HOUR = 3600
"""Seconds."""
GUIDELINE = 3600
"""Calls in an hour that Keap asks everybody to stay within, roughly: one a second."""
_MINUTE = 60
_KEPT_FOR_US = 0.1
"""Part of the hour's calls that others cannot take from us: they may not know the guideline."""
_SAMPLE_SECONDS = 10
"""Seconds of looks at how much others use that are put together."""


class HourWindow:
    """Counts the calls of the last 60 minutes, in a window that moves with time."""

    def __init__(self, most: int | None, clock: Clock, saved: Mapping[str, int] | None = None) -> None:
        """Create a window.

        Args:
            most: Calls in any 60 minutes at most; None for no limit.
            clock: Tells the time.
            saved: Calls of earlier runs: start of a minute, in seconds since 1970 as text -> calls in it.
        """
        self.most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._own: deque[list[float]] = deque()
        """When, on the monotonic clock, and how many calls of our own; those of a second are put together."""
        self._total = 0
        self._minutes: dict[str, int] = {}
        self._others: deque[tuple[float, float, int]] = deque()
        """Looks at others, put together for some seconds: the first, the last, and their calls up to it."""
        self._used_today: int | None = None
        self._used_by_all = 0
        self._used_by_us = 0
        now, here = clock.now().timestamp(), clock.monotonic()
        for start, calls in sorted((int(start), calls) for start, calls in (saved or {}).items()):
            # When in its minute a call was made is not saved, so it counts until the minute's end has left.
            age = max(now - start - _MINUTE, 0.0)
            if age < HOUR and calls:
                self._own.append([here - age, calls])
                self._total += calls
                self._minutes[str(start)] = calls

    def count(self) -> dict[str, int]:
        """Count a call that is about to be sent.

        Returns:
            The calls of the last hour by minute, for the next run.
        """
        now, wall = self._clock.monotonic(), int(self._clock.now().timestamp())
        with self._lock:
            self._forget(now)
            if self._own and now - self._own[-1][0] < 1:
                self._own[-1][1] += 1
            else:
                self._own.append([now, 1])
            self._total += 1
            self._used_by_us += 1
            minute = str(wall - wall % _MINUTE)
            if minute not in self._minutes:
                oldest = wall - HOUR - _MINUTE
                self._minutes = {one: calls for one, calls in self._minutes.items() if int(one) > oldest}
            self._minutes[minute] = self._minutes.get(minute, 0) + 1
            return dict(self._minutes)

    def note(self, used_today: int | None) -> None:
        """Learn how many calls everybody with the key has made today.

        Args:
            used_today: What an answer says; None if it says nothing.
        """
        if used_today is None:
            return
        now = self._clock.monotonic()
        with self._lock:
            before = self._used_today
            if before is None:
                self._used_today, self._used_by_us = used_today, 0  # what was before cannot be told apart
                self._others.append((float("-inf"), now, 0))
                return
            is_new_day = used_today < before // 2  # answers to calls in flight arrive in any order
            self._used_by_all += used_today if is_new_day else max(used_today - before, 0)
            self._used_today = used_today if is_new_day else max(before, used_today)
            begun, _, most = self._others[-1]
            others = max(self._used_by_all - self._used_by_us, most)
            if now >= begun + _SAMPLE_SECONDS:
                self._others.append((now, now, others))
            else:
                self._others[-1] = (begun, now, others)

    @property
    def seconds_to_wait(self) -> float:
        """Seconds until another call may be sent; 0 for now."""
        now = self._clock.monotonic()
        with self._lock:
            self._forget(now)
            excess = self._total - self._allowed + 1
            for moment, calls in self._own:
                if excess <= 0:
                    break
                excess -= int(calls)
                if excess <= 0:
                    # A second's calls are put together under its first one.
                    return moment + 1 + HOUR - now
            return 0.0

    @property
    def calls_left(self) -> float:
        """Calls that may be sent now before the window is full; infinite without a limit."""
        with self._lock:
            self._forget(self._clock.monotonic())
            return max(self._allowed - self._total, 0)

    @property
    def _allowed(self) -> float:
        """Calls of our own in the window at most."""
        if self.most is None:
            return float("inf")
        others = self._others[-1][2] - self._others[0][2] if self._others else 0
        return max(self.most - others, int(self.most * _KEPT_FOR_US), 1)

    def _forget(self, now: float) -> None:
        """Forget calls that left the window."""
        while self._own and self._own[0][0] + 1 + HOUR <= now:
            self._total -= int(self._own.popleft()[1])
        while len(self._others) > 1 and self._others[1][0] + HOUR <= now:
            self._others.popleft()


def is_saved(value: Any) -> bool:
    """Return whether a value of a state can be the calls of an hour."""
    return isinstance(value, dict) and all(
        isinstance(start, str) and start.isascii() and start.isdigit() and type(calls) is int and calls >= 0
        for start, calls in value.items()
    )
