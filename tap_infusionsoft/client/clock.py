"""Time, passed in wherever it is read or spent, so that tests can control it."""

from __future__ import annotations

import contextlib
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

_PATIENCE = 2.0
"""Seconds to wait for a function that is called at intervals, before going on without it."""


class Clock(Protocol):
    """Tells and spends time. Durations are in seconds; times are timezone-aware and in UTC."""

    def now(self) -> datetime:
        """Return the current time, in UTC."""

    def monotonic(self) -> float:
        """Return the seconds since some fixed point. Never goes backwards."""

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""

    def every(self, seconds: float, function: Callable[[], None]) -> AbstractContextManager[None]:
        """Call a function at intervals, whatever the program does meanwhile, until the context ends."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds since some fixed point. Never goes backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        time.sleep(seconds)

    @contextlib.contextmanager
    def every(self, seconds: float, function: Callable[[], None]) -> Iterator[None]:
        """Call a function at intervals, whatever the program does meanwhile, until the context ends.

        Args:
            seconds: The interval.
            function: Called in a thread that does not keep the process alive.
        """
        ended = threading.Event()

        def repeat() -> None:
            while not ended.wait(seconds):
                function()

        thread = threading.Thread(target=repeat, name="keap-interval", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(_PATIENCE)
