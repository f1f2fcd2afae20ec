"""Runs programs, and measures their time and memory as counted by the operating system."""

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
RECORD_START = b'\n{"type":"RECORD"'
READ_BYTES = 1 << 20
_LOG_TAIL = 2000
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes per unit in which the operating system reports memory."""


@dataclass(frozen=True)
class Usage:
    """Resources that one run used.

    Attributes:
        wall: Seconds from start to end.
        cpu: Seconds of CPU, user and system.
        peak: Largest resident set size, in bytes.
        records: Number of RECORD lines on stdout.
        size: Bytes written to stdout.
    """

    wall: float
    cpu: float
    peak: int
    records: int
    size: int


def environment() -> dict[str, str]:
    """Return the environment for all programs, without variables that configure the tap or a target.

    Python may cache bytecode in it, as it does in a user's installation.
    """
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH")
    prefixes = ("TAP_INFUSIONSOFT_", "TARGET_")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in left_out and not name.startswith(prefixes)
    }


_LAUNCH = """
import json, os, subprocess, sys, time
start = time.monotonic()
_, status, counts = os.wait4(subprocess.Popen(sys.argv[2:]).pid, 0)
usage = [time.monotonic() - start, counts.ru_utime + counts.ru_stime, counts.ru_maxrss]
with open(sys.argv[1], "w") as file:
    json.dump(usage, file)
os._exit(os.waitstatus_to_exitcode(status) & 255)
"""
"""Starts the program from a small process.

A process's peak memory is never reported as smaller than that of its parent, and the benchmarks are large.
"""


def measure(command: Sequence[str | Path], log: Path, extra_env: Mapping[str, str] | None = None) -> Usage:
    """Run a program, counting and discarding its output.

    Args:
        command: Its command line.
        log: File for its stderr.
        extra_env: Variables to add to the environment.

    Raises:
        NotMeasuredError: It failed.
    """
    usage = log.with_suffix(".usage")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-ISc", _LAUNCH, usage, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment() | dict(extra_env or {}),
        )
    assert process.stdout is not None
    records, size, tail = 0, 0, b"\n"
    with process.stdout as out:
        while chunk := os.read(out.fileno(), READ_BYTES):
            size += len(chunk)
            seen = tail + chunk
            records += seen.count(RECORD_START)
            tail = seen[1 - len(RECORD_START) :]
    if process.wait():
        raise _failed(command, process.returncode, log)
    wall, cpu, peak = json.loads(usage.read_text())
    return Usage(wall, cpu, peak * _PEAK_UNIT, records, size)


def reap(process: subprocess.Popen[bytes], command: Sequence[str | Path], log: Path) -> float:
    """Wait for a program to end.

    Args:
        process: The program.
        command: Its command line, for the message if it fails.
        log: File with its stderr, for the same message.

    Returns:
        Its seconds of CPU, user and system.

    Raises:
        NotMeasuredError: It failed.
    """
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise _failed(command, process.returncode, log)
    return usage.ru_utime + usage.ru_stime


def _failed(command: Sequence[str | Path], code: int, log: Path) -> NotMeasuredError:
    end = log.read_text(errors="replace")[-_LOG_TAIL:]
    return NotMeasuredError(f"{Path(command[0]).name} exited with {code}:\n{end}")


def check(found: int, expected: int, program: str) -> None:
    """Check that a program read all records.

    Args:
        found: Number of records that it read.
        expected: Number of records that there are.
        program: Its name.

    Raises:
        NotMeasuredError: The numbers differ.
    """
    if found != expected:
        raise NotMeasuredError(f"{program}: read {found:,} records, but there are {expected:,}")
