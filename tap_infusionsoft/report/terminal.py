"""A display of progress on a terminal. Only `progress` imports it, and only for a terminal."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group
from rich.control import Control
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import ControlType
from rich.table import Table
from rich.text import Text

from tap_infusionsoft.report.progress_text import aside_text, run_facts, stream_facts, waiting_text
from tap_infusionsoft.report.summary import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tap_infusionsoft.report.watch import Snapshot, Watch

_BAR = 40
"""Columns of the bar at most."""


class _Console(Console):
    """A console that never hides the cursor, so that a program that is killed leaves a good terminal."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: FBT001, FBT002  # rich's own
        """Leave the cursor as it is."""
        del show
        return False


class TerminalDisplay:
    """Some lines at the bottom of a terminal; the log goes on above them."""

    def __init__(self, watch: Watch, stderr: TextIO, *, is_small: bool) -> None:
        """Show nothing yet, but let the log pass.

        Args:
            watch: Looks at the run.
            stderr: The terminal.
            is_small: Whether to take one line only. Another program may write to the same terminal then, and
                what it writes must not be drawn over.
        """
        self._watch = watch
        self._is_small = is_small
        self._is_open = True
        self._lock = threading.RLock()
        self._console = _Console(file=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False)
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._handlers = [
            handler
            for name in (None, "tap-infusionsoft", "singer_sdk")
            for handler in logging.getLogger(name).handlers
            if isinstance(handler, logging.StreamHandler) and handler.stream is stderr
        ]
        self._stderr = stderr
        self._live.start()
        for handler in self._handlers:
            handler.setStream(_Above(self._console))

    def show(self) -> None:
        """Draw the run as it is at this moment."""
        picture = draw_line(self._watch.look()) if self._is_small else draw(self._watch.look())
        with self._lock:
            if self._is_open:
                self._live.update(picture, refresh=True)
                if self._is_small:
                    self._console.control(Control(ControlType.CARRIAGE_RETURN))

    def close(self) -> None:
        """Take the lines away. Does nothing the second time."""
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
            for handler in self._handlers:
                handler.setStream(self._stderr)
            self._live.stop()


class _Above:
    """A file whose lines appear above the display."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = ""

    def write(self, text: str) -> None:
        """Print the lines that are complete."""
        *lines, self._begun = (self._begun + text).split("\n")
        if lines:
            self._console.print(Text("\n".join(lines)), soft_wrap=True)

    def flush(self) -> None:
        """Do nothing: lines are printed at once."""


def draw(seen: Snapshot) -> RenderableType:
    """Draw a run in a few lines, each cut at the width of the terminal."""
    lines: list[RenderableType] = []
    if seen.stream:
        lines.append(_line((f"{seen.stream}  ", "bold"), (", ".join(stream_facts(seen)), "")))
        part = seen.part_done
        if part is not None:
            bar = Table.grid(padding=(0, 1))
            bar.add_row(ProgressBar(total=1.0, completed=part, width=_BAR), f"{int(part * 100)} %")
            lines.append(bar)
    elif seen.waiting is None:
        lines.append(_line(("Preparing", "bold")))
    of = [f"{seen.streams_done} of {plural(seen.streams, 'stream')} done"] if seen.streams else []
    lines.append(_line((", ".join([*of, *run_facts(seen)]), "dim")))
    if seen.waiting is not None:
        lines.append(_line((_sentence(waiting_text(seen.waiting)), "yellow")))
    if seen.aside:
        lines.append(_line((f"Aside: {aside_text(seen)}", "yellow")))
    return Group(*lines)


def draw_line(seen: Snapshot) -> RenderableType:
    """Draw a run in one line, what matters most first, and cut at the width of the terminal."""
    parts = [f"{seen.streams_done}/{seen.streams} streams" if seen.streams else ""]
    if seen.stream:
        part = seen.part_done
        parts.append(seen.stream if part is None else f"{seen.stream} {int(part * 100)} %")
    if seen.waiting is not None:
        parts.append(waiting_text(seen.waiting))
    elif not seen.stream:
        parts.append("Preparing")
    return _line((_sentence(" · ".join(filter(None, [*parts, *run_facts(seen)]))), ""))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _line(*parts: tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
