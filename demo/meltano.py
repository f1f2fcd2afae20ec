"""Meltano, run as a user would run it in this checkout, but with its files in a folder of its own."""

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
STOP_SECONDS = 10
CHATTER = re.compile(r"\[info +\] target-")


class MeltanoError(RuntimeError):
    """Meltano failed; the message has the end of its log."""


class Meltano:
    """The project around this checkout. Its plugins are the checkout's own, so Meltano asks no hub about them."""

    def __init__(self, venv: Path, folder: Path, plugins: Path) -> None:
        """A project whose plugins may still have to be installed.

        Args:
            venv: Virtual environment with Meltano.
            folder: Where its logs and the tap's states go.
            plugins: Where its plugins are installed.
        """
        self._program = venv / "bin" / "meltano"
        self._folder = folder
        self._plugins = plugins

    def run(self, name: str, settings: Mapping[str, str], *arguments: str) -> float:
        """Run a command to its end; returns the seconds it took.

        Args:
            name: Name of its log.
            settings: Environment variables.
            arguments: The command.

        Raises:
            MeltanoError: It failed.
        """
        began = time.monotonic()
        with self.started(name, settings, *arguments) as process:
            code = process.wait()
        if code:
            raise MeltanoError(
                f"meltano {' '.join(arguments)} ended with code {code}. From {self.log(name)}:\n{self.tail(name)}"
            )
        return time.monotonic() - began

    @contextlib.contextmanager
    def started(
        self, name: str, settings: Mapping[str, str], *arguments: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command; at the end of the ``with`` block it is ended if it still runs.

        Settings of a real account must not get in, neither from the environment nor from an ``.env`` file.
        """
        ours = ("TAP_INFUSIONSOFT_", "TARGET_POSTGRES_", "MELTANO_")
        kept = ("MELTANO_VENV_BACKEND",)  # a matter of the machine
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
        """Where the log of a command is."""
        return self._folder / f"{name}.log"

    def tail(self, name: str) -> str:
        """The end of a log, without the chatter of the target, which would hide what the tap said last."""
        lines = self.log(name).read_text(errors="replace").splitlines()
        return "\n".join([text for text in lines if not CHATTER.search(text)][-LOG_LINES:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started, if it still runs."""
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
