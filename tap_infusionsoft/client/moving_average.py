"""A moving average of durations."""

from __future__ import annotations

_NEWEST = 0.25
"""Weight of the newest duration."""


class MovingAverage:
    """An average that follows its newest values: each counts a quarter, all before it the rest.

    Attributes:
        seconds: The average; 0 before the first duration.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Add a duration, in seconds."""
        self.seconds += (seconds - self.seconds) * (_NEWEST if self.seconds else 1)
