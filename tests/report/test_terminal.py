"""The display on a terminal: what people see, and what is left when it is gone."""

from __future__ import annotations

import io
import logging
from unittest import mock

import pyte
import pytest

from tap_infusionsoft.report.terminal import TerminalDisplay
from tap_infusionsoft.report.watch import Snapshot, StreamProgress, Waiting

SEEN = Snapshot(
    stream="contact_links",
    progress=StreamProgress(kind="snapshot", rows=1234, parents=500, planned=2000),
    streams_done=11,
    streams=77,
    rows=45_000,
    calls=2004,
    waiting=Waiting("the target to read more rows"),
    seconds=185,
)


@pytest.fixture(autouse=True)
def _a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CI", raising=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        screen = pyte.Screen(80, 24)
        pyte.Stream(screen).feed(self.getvalue().replace("\n", "\r\n"))
        assert not screen.cursor.hidden
        return [line.rstrip() for line in screen.display if line.strip()]


def test_lines_of_the_log_appear_above_a_display_that_leaves_nothing() -> None:
    terminal, watch = Terminal(), mock.Mock(look=lambda: SEEN)
    root, handler = logging.getLogger(), logging.StreamHandler(terminal)
    root.addHandler(handler)
    try:
        display = TerminalDisplay(watch, terminal, is_small=False)
        display.show()
        logging.getLogger("tap-infusionsoft").warning("one %s", "x" * 90)
        display.show()
        log = [f"one {'x' * 76}", "x" * 14]
        assert terminal.lines[:3] == [*log, "contact_links  500 of 2,000 parents, 1,234 rows"]
        assert terminal.lines[3].endswith(" 25 %")
        assert terminal.lines[4:] == [
            "11 of 77 streams done, 45,000 rows, 2,004 calls in 3 min 5 s",
            "Waiting for the target to read more rows",
        ]
        display.close()
        display.close()
        display.show()
        logging.getLogger("tap-infusionsoft").warning("two")
        assert terminal.lines == [*log, "two"]
    finally:
        root.removeHandler(handler)


def test_what_another_program_writes_is_not_drawn_over() -> None:
    terminal = Terminal()
    display = TerminalDisplay(mock.Mock(look=lambda: SEEN), terminal, is_small=True)
    display.show()
    terminal.write("a line of the target\n")
    display.show()
    display.close()
    assert len(terminal.lines) == 1
    assert terminal.lines[0].startswith("a line of the target")
