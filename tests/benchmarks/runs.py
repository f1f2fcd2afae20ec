"""Runs a program to its end and says what that took, as the system has counted it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import NotMeasuredError

BIN = Path(sys.executable).parent
MARK = b'\n{"type":"RECORD"'
_CHUNK = 1 << 20
_TAIL = 2000


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


def measure(command: Sequence[str | Path], log: Path, more: Mapping[str, str] | None = None) -> Usage:
    """Run a program, count what it writes and throw it away.

    Raises:
        NotMeasuredError: It failed.
    """
    began = time.monotonic()
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment() | dict(more or {}),
        )
    assert process.stdout is not None
    records, size, tail = 0, 0, b"\n"
    descriptor = process.stdout.fileno()
    while chunk := os.read(descriptor, _CHUNK):
        size += len(chunk)
        chunk = tail + chunk
        records += chunk.count(MARK)
        tail = chunk[1 - len(MARK) :]
    usage = reap(process, log)
    process.stdout.close()
    return Usage(time.monotonic() - began, usage[0], usage[1], records, size)


def reap(process: subprocess.Popen[bytes], log: Path) -> tuple[float, int]:
    """Wait for the end of a program; its seconds of processor, and its largest size in bytes.

    Raises:
        NotMeasuredError: It failed.
    """
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(errors="replace")[-_TAIL:]
        raise NotMeasuredError(f"{Path(str(process.args[0])).name} ended with {process.returncode}:\n{end}")  # type: ignore[index]
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


def check(found: int, wanted: int, what: str) -> None:
    """See to it that a program did what it was measured for.

    Raises:
        NotMeasuredError: It did not.
    """
    if found != wanted:
        raise NotMeasuredError(f"{what}: {found:,} records, and there are {wanted:,}")
