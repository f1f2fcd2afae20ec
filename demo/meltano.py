"""Run Meltano as a user would in this checkout, but keep its files in a separate folder."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
LOG_LINES = 30
"""Lines of a log to show when Meltano fails."""
STOP_SECONDS = 10
"""Seconds that a process gets to stop before it is killed."""
TARGET_INFO = re.compile(r"\[info +\] target-")
"""Matches the target's own info lines in Meltano's log."""


class MeltanoError(RuntimeError):
    """Meltano failed. The message includes the end of its log."""


class Meltano:
    """The Meltano project in this checkout."""

    def __init__(self, venv: Path, folder: Path, plugins: Path) -> None:
        """Describe the project. Its plugins may not be installed yet.

        Args:
            venv: Virtual environment that has Meltano.
            folder: Folder for the logs and the tap's state.
            plugins: Folder to install the plugins into.
        """
        self._program = venv / "bin" / "meltano"
        self._folder = folder
        self._plugins = plugins

    def run(self, name: str, settings: Mapping[str, str], *arguments: str) -> float:
        """Run a command and wait for it.

        Args:
            name: Name for its log.
            settings: Environment variables to set.
            arguments: The command and its options.

        Returns:
            The seconds it took.

        Raises:
            MeltanoError: The command failed.
        """
        began = time.monotonic()
        with self.started(name, settings, *arguments) as process:
            code = process.wait()
        if code:
            raise MeltanoError(
                f"meltano {' '.join(arguments)} failed with exit code {code}. "
                f"From {self.log(name)}:\n{self.tail(name)}"
            )
        return time.monotonic() - began

    @contextlib.contextmanager
    def started(
        self, name: str, settings: Mapping[str, str], *arguments: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command, and stop it at the end of the ``with`` block if it is still running.

        It gets no settings from the environment or an ``.env`` file: they could be those of a real account.

        Args:
            name: Name for its log.
            settings: Environment variables to set.
            arguments: The command and its options.
        """
        ours = ("TAP_INFUSIONSOFT_", "TARGET_POSTGRES_", "MELTANO_")
        kept = ("MELTANO_VENV_BACKEND",)  # depends on the machine, not on the project
        environment = {
            name: value for name, value in os.environ.items() if name in kept or not name.startswith(ours)
        }
        environment |= {
            "MELTANO_PROJECT_ROOT": str(ROOT),
            "MELTANO_SYS_DIR_ROOT": str(self._plugins),
            "MELTANO_DATABASE_URI": f"sqlite:///{self._folder / 'state.db'}",
            "MELTANO_CLI_LOG_FORMAT": "uncolored",
            "NO_COLOR": "1",
            **settings,
        }
        no_env = self._folder / "no.env"
        no_env.touch()
        with self.log(name).open("wb") as output:
            process = subprocess.Popen(  # noqa: S603
                [self._program, "--env-file", no_env, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            _stop(process)

    def log(self, name: str) -> Path:
        """Return the path of a command's log."""
        return self._folder / f"{name}.log"

    def tail(self, name: str) -> str:
        """Return the end of a log, without the target's info lines, which would crowd out the tap's."""
        lines = self.log(name).read_text(errors="replace").splitlines()
        return "\n".join([text for text in lines if not TARGET_INFO.search(text)][-LOG_LINES:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and its children if it is still running."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            pass
        return
