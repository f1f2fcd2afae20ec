"""Run the tap as a process."""

from __future__ import annotations

import array
import fcntl
import json
import os
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

from tests.canary import assert_clean
from tools.messages import is_listed

TAP = str(Path(sys.executable).parent / "tap-infusionsoft")


def tap(
    folder: Path, config: dict[str, Any] | None, *options: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the tap, and check that its output has no secret and its errors are in the README.

    Args:
        folder: Working directory; the config is written there.
        config: The settings, or None to run without a config file.
        *options: More command-line options.
        env: Environment variables besides PATH.
    """
    files = []
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
        files = ["--config", str(folder / "config.json")]
    done = subprocess.run(
        [TAP, *files, *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"], **(env or {})},
    )
    assert_clean(done.stdout, done.stderr)
    assert all(is_listed(line) for line in errors(done)), "the README does not list this error"
    return done


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a pipeline in bash, and check that its output has no secret.

    Args:
        folder: Working directory.
        command: The pipeline.
    """
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert_clean(done.stdout, done.stderr)
    return done


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the messages that a process logged at ERROR."""
    return [line.split(" | ")[-1].strip() for line in done.stderr.splitlines() if "| ERROR " in line]


_HALF_FULL = 32_768
_MANY_CHECKS = 200_000


def wait_until_full(pipe: int) -> None:
    """Wait until a pipe that nobody reads is full, so that its writer blocks."""
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 131_072)  # the tap does not change a size that was set
    waiting = array.array("i", [0])
    last, same = 0, 0
    # Partly filled memory pages reduce the capacity, so it is full if it holds a lot and nothing more arrives
    while last < _HALF_FULL or same < _MANY_CHECKS:
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
        same = same + 1 if waiting[0] == last else 0
        last = waiting[0]


def wait_for(process: subprocess.Popen[str], *texts: str) -> None:
    """Wait until one of the texts has been logged.

    Args:
        process: A process whose stderr is a pipe.
        *texts: The texts. Returns early if the process closes stderr.
    """
    assert process.stderr is not None
    for line in process.stderr:
        if any(text in line for text in texts):
            return
