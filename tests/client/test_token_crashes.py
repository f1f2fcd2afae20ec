"""Many processes, one token file, refresh tokens that are good for one use, and crashes everywhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from keap_sandbox import Sandbox
from tests.client.refresher import grant_of
from tests.consent import code

PROCESSES = 8
EXPIRIES = 50
SYSTEM_CALLS = 40
"""More than a refresh needs for the token file; a test makes sure of that."""


class Process:
    """A process that uses the token file."""

    def __init__(self, box: Sandbox, path: Path, stack: ExitStack) -> None:
        self._process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "tests.client.refresher", box.url, str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
        )
        stack.callback(self._process.kill)

    def begin(self, crash: int | str = 0, code: str = "") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{crash} {code}\n")
        self._process.stdin.flush()

    def end(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def turn(self, crash: int | str = 0, code: str = "") -> str:
        self.begin(crash, code)
        return self.end()


@pytest.fixture
def keap() -> Iterator[Sandbox]:
    with Sandbox(contacts=0, switches={"limits": "off", "oauth_reuse": "revokes"}) as box:
        yield box


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_eight_processes_survive_expiries_and_crashes_while_saving(
    keap: Sandbox,
    tmp_path: Path,
    stack: ExitStack,
    nightly: bool,  # noqa: FBT001
) -> None:
    processes = [Process(keap, tmp_path / "tokens.json", stack) for _ in range(PROCESSES)]
    crashes, expiries = 0, EXPIRIES if nightly else EXPIRIES // 3
    for expiry in range(expiries):
        keap.expire_tokens()
        for place, process in enumerate(processes):
            # Every other process is sound: it meets what a crash leaves while the crashed one starts again.
            process.begin((expiry * 3 + place * 5) % SYSTEM_CALLS + 1 if place % 2 else 0)
        answers = [process.end() for process in processes]
        assert {answer.removeprefix("crashed ") for answer in answers} == {"done"}
        crashes += sum(answer.startswith("crashed") for answer in answers)
    assert crashes >= expiries
    assert (keap.oauth()["refreshes"], keap.oauth()["replays"]) == (expiries, 0)


def test_a_crash_after_any_system_call_of_a_save_loses_nothing(
    keap: Sandbox, tmp_path: Path, stack: ExitStack
) -> None:
    process = Process(keap, tmp_path / "tokens.json", stack)
    assert process.turn() == "done"
    point = 0
    answer = "crashed done"
    while answer == "crashed done":
        point += 1
        keap.expire_tokens()
        answer = process.turn(point)
        assert (keap.oauth()["refreshes"], keap.oauth()["replays"]) == (point + 1, 0)
    assert answer == "done"
    assert 20 < point <= SYSTEM_CALLS


def test_the_run_after_a_crash_before_the_first_write_says_what_happened(
    keap: Sandbox, tmp_path: Path, stack: ExitStack
) -> None:
    """Nobody can save what was never written, so the next run says what happened and what to do."""
    process = Process(keap, tmp_path / "tokens.json", stack)
    message = process.turn("answer")
    assert "Invalid Refresh Token" in message
    assert "UTC got no answer, and has most likely spent it" in message
    assert "Run tap-infusionsoft-login to authorize the application again" in message
    assert process.end() == "crashed failed"


def test_a_crash_after_any_system_call_of_a_login_loses_nothing(
    keap: Sandbox, tmp_path: Path, stack: ExitStack
) -> None:
    """A crash before Keap is asked leaves the old tokens, a later one the new ones: the next run goes on."""
    process = Process(keap, tmp_path / "tokens.json", stack)
    grant = grant_of(str(tmp_path / "tokens.json"))
    assert process.turn() == "done"
    point, exchanges = 0, []
    answer = "crashed done"
    while answer == "crashed done":
        point += 1
        answer = process.turn(point, code(keap, grant))
        assert (keap.oauth()["refreshes"], keap.oauth()["replays"]) == (1, 0)
        exchanges.append(keap.oauth()["exchanges"])
    assert answer == "done"
    assert 15 < point <= SYSTEM_CALLS
    assert exchanges[0] == 0
    assert exchanges[-1] > 5


def test_the_run_after_a_login_that_crashed_before_the_first_write_says_to_log_in(
    keap: Sandbox, tmp_path: Path, stack: ExitStack
) -> None:
    process = Process(keap, tmp_path / "tokens.json", stack)
    assert process.turn() == "done"
    message = process.turn("answer", code(keap, grant_of(str(tmp_path / "tokens.json"))))
    assert "Invalid Refresh Token" in message
    assert "Run tap-infusionsoft-login to authorize the application again" in message
    assert process.end() == "crashed failed"
