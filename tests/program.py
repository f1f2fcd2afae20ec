"""Run the tap as a process."""

from __future__ import annotations

import array
import fcntl
import json
import os
import re
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import warm_tap
from tests.canary import assert_clean
from tools.messages import is_listed

TAP = str(Path(sys.executable).parent / "tap-infusionsoft")


def tap(
    folder: Path,
    config: dict[str, Any] | None,
    *options: str,
    env: dict[str, str] | None = None,
    cold: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the tap, and check that its output has no secret and its errors are in docs/troubleshooting.md.

    Args:
        folder: Working directory; the config is written there.
        config: The settings, or None to run without a config file.
        *options: More command-line options.
        env: Environment variables besides PATH.
        cold: Start a new interpreter, as users do, instead of forking one that has imported the tap already.
    """
    files = []
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
        files = ["--config", str(folder / "config.json")]
    words, environment = [TAP, *files, *options], {"PATH": os.environ["PATH"], **(env or {})}
    if cold:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=120, check=False, cwd=folder, env=environment
        )
    else:
        done = warm_tap.run(words, folder, environment)
    assert_clean(done.stdout, done.stderr)
    assert all(is_listed(line) for line in errors(done)), "docs/troubleshooting.md does not list this error"
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


_PIPE = 131_072
_MANY_POLLS = 100


def wait_until_full(process: subprocess.Popen[str]) -> None:
    """Wait until the stdout of a tap, which nobody reads, is full, and the tap only polls it for room.

    A pipe takes less than its capacity, by how much depends on the sizes of the writes. So it counts as full
    once the tap has slept many times since it last wrote. That does not depend on how fast the machine is.
    """
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)  # the tap does not change a size that was set
    waiting = array.array("i", [0])
    last, since = 0, 0
    while last < _PIPE // 4 or _sleeps(process) - since < _MANY_POLLS:
        assert process.poll() is None, "the tap has ended"
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
        if waiting[0] != last:
            last, since = waiting[0], _sleeps(process)
        select.select([], [], [], 0.005)


def _sleeps(process: subprocess.Popen[str]) -> int:
    """Return how many times the main thread of a process on Linux has gone to sleep."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.MULTILINE)
    assert found is not None
    return int(found[1])


@contextmanager
def started(folder: Path, config: dict[str, Any], log: str) -> Iterator[subprocess.Popen[str]]:
    """Start the tap, and wait until it has logged a text. Its output goes into the file ``out``.

    Args:
        folder: Working directory; the config is written there.
        config: The settings.
        log: The text.
    """
    (folder / "config.json").write_text(json.dumps(config))
    words = [TAP, "--config", "config.json"]
    with (
        (folder / "out").open("w") as out,
        subprocess.Popen(words, cwd=folder, stdout=out, stderr=subprocess.PIPE, text=True) as process,
    ):
        wait_for(process, log)
        assert process.poll() is None, f"it ended before it logged {log!r}"
        yield process


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
