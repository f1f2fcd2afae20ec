"""What a run tells while it runs: a display on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest

from tap_infusionsoft.report.log_fields import KEY
from tap_infusionsoft.report.progress import LINES, TERMINAL, chosen_way
from tap_infusionsoft.report.progress_text import about, progress_line
from tap_infusionsoft.report.watch import Snapshot, StreamProgress
from tests.fixtures import Run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("asked", "stdout", "stderr", "env", "way"),
    [
        ("auto", io.StringIO(), Terminal(), {"TERM": "xterm"}, TERMINAL),
        ("auto", None, Terminal(), {"TERM": "xterm", "CI": "false", "NO_COLOR": "1"}, TERMINAL),
        ("auto", io.StringIO(), io.StringIO(), {"TERM": "xterm"}, LINES),
        ("auto", io.StringIO(), None, {"TERM": "xterm"}, LINES),
        ("auto", Terminal(), Terminal(), {"TERM": "xterm"}, LINES),
        ("auto", io.StringIO(), Terminal(), {"TERM": "dumb"}, LINES),
        ("auto", io.StringIO(), Terminal(), {}, LINES),
        ("auto", io.StringIO(), Terminal(), {"TERM": "xterm", "CI": "true"}, LINES),
        ("terminal", Terminal(), Terminal(), {"TERM": "xterm", "CI": "true"}, TERMINAL),
        ("terminal", io.StringIO(), io.StringIO(), {"TERM": "xterm"}, LINES),
    ],
)
def test_a_display_needs_a_terminal_that_is_not_full_of_records(
    asked: str, stdout: Any, stderr: Any, env: dict[str, str], way: str
) -> None:
    assert chosen_way(asked, stdout, stderr, env) == way


def test_a_line_says_what_is_read_how_far_it_is_and_what_it_cost() -> None:
    seen = Snapshot(
        stream="contact_links",
        progress=StreamProgress(kind="snapshot", rows=1234, parents=340, planned=2000),
        streams_done=11,
        streams=77,
        rows=45_000,
        rows_per_second=44.6,
        seconds_left=245,
        calls=2004,
        seconds=185,
    )
    assert progress_line(seen) == (
        "Reading contact_links (340 of 2,000 parents, 1,234 rows, about 4 min to go); "
        "so far 11 of 77 streams done, 45,000 rows, 45 rows/s, 2,004 calls in 3 min 5 s."
    )


def test_nobody_is_told_seconds_that_nobody_knows() -> None:
    assert [*map(about, (3, 44, 56, 130, 7300))] == ["10 s", "40 s", "1 min", "2 min", "2 h 2 min"]


def blocked(run: Run, caplog: pytest.LogCaptureFixture, **settings: Any) -> list[logging.LogRecord]:
    """Run two streams, one of which has to wait for three minutes in the end."""
    run.box.fault("search_blocked", shape="v2", method="POST", times=1)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        run(
            "contacts",
            "saved_search_all_contacts",
            saved_searches=["All contacts"],
            blocked_wait=180,
            **settings,
        )
    return caplog.records


def test_a_silent_minute_ends_with_a_line(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    told = [one for one in blocked(run, caplog) if getattr(one, KEY, {}).get("event") == "progress"]
    assert len(told) == 3
    text, numbers = told[0].getMessage(), getattr(told[0], KEY)
    assert text.startswith(
        "Waiting for saved_search_all_contacts (search blocked) until 12:03:00 UTC; "
        "so far 1 of 2 streams done, 150 rows, "
    )
    assert numbers["streams_done"] == 1
    assert numbers["streams"] == 2
    assert numbers["rows"] == 150
    assert numbers["waiting_until"] == "2026-11-20T12:03:00+00:00"
    assert numbers["aside"] == ["saved_search_all_contacts"]


def test_off_leaves_warnings_and_the_summary(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    level = logging.getLogger("tap-infusionsoft").level
    records = [one for one in blocked(run, caplog, progress="off") if one.levelno >= logging.INFO]
    lines = [one.getMessage() for one in records]
    assert any("steps aside" in line for line in lines)
    assert any("API calls in" in line for line in lines)
    assert not any(line.startswith(("contacts: ", "Reading ", "Waiting ")) for line in lines)
    assert logging.getLogger("tap-infusionsoft").level == level
