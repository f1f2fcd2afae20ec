"""The tap as a process."""

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
    """Run the tap and look for the canary everywhere it may have left something."""
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
    assert all(is_listed(line) for line in errors(done)), "the README does not list it"
    return done


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a pipeline, and look for the canary in what it says."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert_clean(done.stdout, done.stderr)
    return done


def errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.split(" | ")[-1].strip() for line in done.stderr.splitlines() if "| ERROR " in line]


HALF_FULL = 32_768
MANY = 200_000


def wait_until_full(pipe: int) -> None:
    """Return when a pipe that nobody reads holds as much as it can, so that the writer stands still."""
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 131_072)  # the tap keeps to a size that somebody has chosen
    waiting = array.array("i", [0])
    last, same = 0, 0
    # A part is lost to pages that are not filled: it is full when there is much in it, and nothing more comes.
    while last < HALF_FULL or same < MANY:
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
        same = same + 1 if waiting[0] == last else 0
        last = waiting[0]


def wait_for(process: subprocess.Popen[str], *texts: str) -> None:
    """Return when one of the texts has been logged."""
    assert process.stderr is not None
    for line in process.stderr:
        if any(text in line for text in texts):
            return
