"""What a run tells while it runs: a display on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
from typing import TYPE_CHECKING, Protocol

from tap_infusionsoft.report.log_fields import KEY
from tap_infusionsoft.report.progress_text import progress_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from tap_infusionsoft.client.clock import Clock
    from tap_infusionsoft.report.watch import Watch

logger = logging.getLogger("tap-infusionsoft")

AUTO = "auto"
TERMINAL = "terminal"
LINES = "lines"
OFF = "off"
WORDS = (AUTO, TERMINAL, LINES, OFF)
"""What the setting ``progress`` takes."""

QUIET_FOR = 60.0
"""Seconds without a line in the log after which there is one about progress."""
_LOOK_EVERY = 10.0
"""Seconds between two looks of those who write lines."""
_DRAW_EVERY = 0.5
"""Seconds between two pictures on a terminal."""


class Display(Protocol):
    """Shows what a run does."""

    def show(self) -> None:
        """Show it as it is at this moment."""

    def close(self) -> None:
        """Leave everything as it was found. Does nothing the second time."""


class Progress:
    """Tells what a run does while it runs, in the way that suits where it runs."""

    def __init__(self, way: str, watch: Watch, clock: Clock) -> None:
        """Nothing is shown yet.

        Args:
            way: One of `WORDS`.
            watch: Looks at the run.
            clock: Says when to look.
        """
        self._way = chosen_way(way, sys.stdout, sys.stderr, os.environ) if way in {AUTO, TERMINAL} else way
        self._watch = watch
        self._clock = clock
        self._display: Display | None = None

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Show progress while the context lasts, or until `end`."""
        self._display, seconds = self._begin()
        try:
            with self._clock.every(seconds, self._show):
                yield
        finally:
            self.end()

    def end(self) -> None:
        """Stop showing progress: the run is over, and what follows is its summary."""
        display, self._display = self._display, None
        if display is not None:
            display.close()

    def _begin(self) -> tuple[Display, float]:
        if self._way == TERMINAL:
            try:
                # Slow to import, and needed only here.
                from tap_infusionsoft.report.terminal import TerminalDisplay  # noqa: PLC0415
            except ImportError as error:
                logger.warning("There is no progress display, as a library is missing: %s.", error)
            else:
                return TerminalDisplay(self._watch, sys.stderr, is_small=_is_pipe(sys.stdout)), _DRAW_EVERY
        if self._way == OFF:
            return _Silence(), QUIET_FOR
        return _Heartbeat(self._watch, self._clock), _LOOK_EVERY

    def _show(self) -> None:
        display = self._display
        if display is None:
            return
        try:
            display.show()
        except Exception:
            self.end()  # first, so that the message is not drawn over
            logger.warning("The progress display failed. The run goes on without it.", exc_info=True)


class _Silence:
    """Keeps lines out of the log that are neither warnings nor errors. The level DEBUG shows them still."""

    def __init__(self) -> None:
        self._level = logger.level
        if logger.getEffectiveLevel() == logging.INFO:
            logger.setLevel(logging.WARNING)

    def show(self) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Let lines into the log again."""
        logger.setLevel(self._level)


class _Heartbeat(logging.Handler):
    """Writes a line into the log when nothing else has been written there for a minute."""

    def __init__(self, watch: Watch, clock: Clock) -> None:
        super().__init__(logging.INFO)
        self._watch = watch
        self._clock = clock
        self._last = clock.monotonic()
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        """Note that a line was written."""
        self._last = self._clock.monotonic()

    def show(self) -> None:
        """Write a line, if it is time for one."""
        seen = self._watch.look()  # every time, so that speeds are of the last minute
        if self._clock.monotonic() - self._last >= QUIET_FOR:
            logger.info("%s", progress_line(seen), extra={KEY: seen.as_fields()})

    def close(self) -> None:
        """Write no more lines."""
        logger.removeHandler(self)
        super().close()


def chosen_way(asked: str, stdout: TextIO | None, stderr: TextIO | None, env: Mapping[str, str]) -> str:
    """Say how to tell about progress here.

    Args:
        asked: ``auto``, or ``terminal`` for a display wherever there is a terminal.
        stdout: Where records go: a display would be drawn into them.
        stderr: Where the log goes.
        env: The environment.

    Returns:
        ``terminal`` or ``lines``.
    """
    if not _is_terminal(stderr):
        return LINES
    if asked == TERMINAL:
        return TERMINAL
    is_plain = env.get("TERM", "") in {"", "dumb", "unknown"} or env.get("CI", "") not in {"", "0", "false"}
    return LINES if is_plain or _is_terminal(stdout) else TERMINAL


def _is_terminal(file: TextIO | None) -> bool:
    try:
        return file is not None and file.isatty()
    except ValueError:  # it is closed
        return False


def _is_pipe(file: TextIO | None) -> bool:
    """Whether another program reads what is written, which may write to the same terminal."""
    try:
        return file is not None and stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
    except (OSError, ValueError):
        return False
