"""Runs a program to its end and says what that took, as the system has counted it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import NotMeasuredError

BIN = Path(sys.executable).parent
MARK = b'\n{"type":"RECORD"'
_CHUNK = 1 << 20
_TAIL = 2000
_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts sizes."""


@dataclass(frozen=True)
class Usage:
    """What one run took.

    Attributes:
        wall: Seconds from start to end.
        cpu: Seconds of processor, its own and the system's for it.
        peak: Largest resident size, bytes.
        records: RECORD lines on stdout.
        size: Bytes on stdout.
    """

    wall: float
    cpu: float
    peak: int
    records: int
    size: int


def environment() -> dict[str, str]:
    """The environment of all programs: compiled files are kept, as they are where a user has installed something."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH")
    ours = ("TAP_INFUSIONSOFT_", "TARGET_")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in left_out and not name.startswith(ours)
    }


_LAUNCH = """
import json, os, subprocess, sys, time
began = time.monotonic()
_, status, usage = os.wait4(subprocess.Popen(sys.argv[2:]).pid, 0)
took = [time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]
with open(sys.argv[1], "w") as file:
    json.dump(took, file)
os._exit(os.waitstatus_to_exitcode(status) & 255)
"""
"""Starts the program: no process is ever seen smaller than the one that started it, and the benchmarks are large."""


def measure(command: Sequence[str | Path], log: Path, more: Mapping[str, str] | None = None) -> Usage:
    """Run a program, count what it writes and throw it away.

    Raises:
        NotMeasuredError: It failed.
    """
    took = log.with_suffix(".took")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-ISc", _LAUNCH, took, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment() | dict(more or {}),
        )
    assert process.stdout is not None
    records, size, tail = 0, 0, b"\n"
    with process.stdout as out:
        while chunk := os.read(out.fileno(), _CHUNK):
            size += len(chunk)
            seen = tail + chunk
            records += seen.count(MARK)
            tail = seen[1 - len(MARK) :]
    if process.wait():
        raise _failed(command, process.returncode, log)
    wall, cpu, peak = json.loads(took.read_text())
    return Usage(wall, cpu, peak * _UNIT, records, size)


def reap(process: subprocess.Popen[bytes], command: Sequence[str | Path], log: Path) -> float:
    """Wait for the end of a program; its seconds of processor.

    Raises:
        NotMeasuredError: It failed.
    """
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise _failed(command, process.returncode, log)
    return usage.ru_utime + usage.ru_stime


def _failed(command: Sequence[str | Path], code: int, log: Path) -> NotMeasuredError:
    end = log.read_text(errors="replace")[-_TAIL:]
    return NotMeasuredError(f"{Path(command[0]).name} ended with {code}:\n{end}")


def check(found: int, wanted: int, what: str) -> None:
    """See to it that a program did what it was measured for.

    Raises:
        NotMeasuredError: It did not.
    """
    if found != wanted:
        raise NotMeasuredError(f"{what}: {found:,} records, and there are {wanted:,}")
