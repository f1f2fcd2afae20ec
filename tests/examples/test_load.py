"""`examples/load.sh`, which most examples start."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.hosts import BEFORE, Outcome, until, walk
from tests.examples.installed import EXAMPLES, Installed
from tests.processes import PATIENCE, stalled


class Shell:
    """Starts the script as any program would, and stops its whole process group."""

    def __init__(self, keap: Installed) -> None:
        self._keap = keap
        self._process: subprocess.Popen[bytes] | None = None
        self._log = keap.folder / f"{os.urandom(4).hex()}.log"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self, log: int | None = None, **env: str) -> None:
        """Start a run.

        Args:
            log: Where its log goes; None for a file.
            **env: Environment variables besides PATH.
        """
        words = self._keap.put_in(
            "/opt/keap/bin/load.sh /var/lib/keap target-jsonl --config /var/lib/keap/target.json"
        ).split()
        with self._log.open("w") as file:
            self._process = subprocess.Popen(
                words,
                stderr=file if log is None else log,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], **env},
            )

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)

    def code(self) -> int:
        return self.process.wait(PATIENCE)

    def says(self) -> str:
        return f"exit code {self.code()}"

    def outcome(self) -> Outcome:
        return {0: Outcome.DONE, 75: Outcome.LATER, 143: Outcome.STOPPED}[self.code()]


@pytest.fixture
def shell(keap: Installed) -> Iterator[Shell]:
    found = Shell(keap)
    yield found
    if found.process.poll() is None:
        found.stop()
        found.code()


def test_it_survives_a_signal_to_its_group_and_goes_on(keap: Installed, shell: Shell) -> None:
    walk(shell, keap)


def test_a_second_run_ends_at_once_while_one_is_at_work(keap: Installed, shell: Shell) -> None:
    with stalled(keap.box, path_regex="/v2/orders$") as in_the_middle:
        shell.start()
        assert in_the_middle.wait(PATIENCE)
        second = Shell(keap)
        second.start()
        assert second.code() == 75
        assert second.log == f"Another run is at work in {keap.folder}.\n"
        shell.stop()
        assert shell.code() == 143


def test_it_ends_well_when_nobody_reads_its_log_any_more(keap: Installed, shell: Shell) -> None:
    """As in Airflow, which kills the process that reads the log five seconds after the signal."""
    with stalled(keap.box, path_regex="/v2/orders$") as in_the_middle:
        reader, writer = os.pipe()
        shell.start(log=writer)
        os.close(writer)
        assert in_the_middle.wait(PATIENCE)
        until(lambda: BEFORE in keap.records(), "the rows before that")
        os.close(reader)
        shell.stop()
        shell.code()
    assert "contacts" in keap.complete
    assert keap.lost(keap.complete) == []


def test_the_lock_outlives_a_script_that_is_killed(keap: Installed, shell: Shell) -> None:
    """SIGKILL cannot be caught: the tap and the target go on, and nobody may run beside them."""
    keap.box.fault({"path": "/v2/orders", "always": True, "delay": 10})
    shell.start()
    until(lambda: bool(keap.box.requests("/v2/orders")), "a call that takes long")
    shell.process.kill()
    shell.process.wait()
    second = Shell(keap)
    second.start()
    assert second.code() == 75
    keap.box.clear_faults()
    until(lambda: not keap.is_at_work, "the end of the tap and the target")
    assert keap.lost() == []
    assert {"contacts", "orders"} <= keap.complete


def test_a_signal_while_the_target_still_loads_does_not_hurry_it(keap: Installed, shell: Shell) -> None:
    gate, target = keap.folder / "gate", keap.programs / "target-jsonl"
    os.mkfifo(gate)
    real = target.readlink()
    target.unlink()
    target.write_text(
        f'#!/bin/sh\ncat > "$0.all"; touch "$0.waits"; read -r line < {gate}; {real} "$@" < "$0.all"\n'
    )
    target.chmod(0o755)
    shell.start()
    until((keap.programs / "target-jsonl.waits").exists, "the end of the tap")
    shell.stop()
    gate.write_text("go on\n")
    assert shell.code() == 0
    assert keap.lost() == []
    assert "orders" in keap.complete


def test_a_target_that_fails_is_no_success(keap: Installed, shell: Shell) -> None:
    target = keap.programs / "target-jsonl"
    target.unlink()
    target.write_text("#!/bin/sh\nread -r line; exit 75\n")
    target.chmod(0o755)
    shell.start()
    assert shell.code() == 1
    assert "The target failed with exit code 75." in shell.log
    assert keap.state == {}


def test_a_program_that_is_missing_is_named(keap: Installed, shell: Shell) -> None:
    (keap.programs / "tap-infusionsoft").unlink()
    shell.start(PATH="/usr/bin:/bin")
    assert shell.code() == 127
    assert "tap-infusionsoft: command not found" in shell.log


@pytest.mark.parametrize("words", [[], ["folder"]])
def test_it_says_how_it_is_used(words: list[str]) -> None:
    done = subprocess.run([EXAMPLES / "load.sh", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Usage: load.sh FOLDER TARGET [ARGUMENT...]\n")


def test_a_folder_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    done = subprocess.run([EXAMPLES / "load.sh", folder, "cat"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        f"{folder}/lock cannot be written. Make the folder {folder}, writable for the user "
    )


def test_half_a_state_is_not_kept(keap: Installed, shell: Shell) -> None:
    (keap.folder / "state.json").write_text('{"bookmarks": {}}\n')
    target = keap.programs / "target-jsonl"
    target.unlink()
    target.write_text('#!/bin/sh\nprintf \'{"bookmarks": {"conta\'; cat > /dev/null\n')
    target.chmod(0o755)
    shell.start()
    assert shell.code() == 0
    assert keap.state == {"bookmarks": {}}


def test_the_script_leaves_nothing_behind(keap: Installed, shell: Shell, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    shell.start(TMPDIR=str(scratch))
    assert shell.code() == 0
    assert [*scratch.iterdir()] == []
    assert keap.lost() == []
