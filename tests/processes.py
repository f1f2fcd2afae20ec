"""What tests of real processes need: to know that a call has been made, and to find the process that made it."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

from keap_sandbox import Sandbox

PATIENCE = 90
"""Seconds after which a process that has not done what it should counts as stuck."""


@contextlib.contextmanager
def stalled(box: Sandbox, **when: Any) -> Iterator[threading.Event]:
    """Give no answer to the calls that a rule matches; the event is set as soon as one has come in."""
    came = threading.Event()
    fault_of = box.engine.faults.fault_of

    def fault_of_and_tell(*args: Any) -> Any:
        hit = fault_of(*args)
        if hit is not None:
            came.set()
        return hit

    with mock.patch.object(box.engine.faults, "fault_of", fault_of_and_tell):
        box.fault("stall", **when)
        try:
            yield came
        finally:
            box.clear_faults()


def descendant(process: int, words: str) -> int:
    """The one process that was started by ``process``, or by those that it started, with ``words`` in its command."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    family = {process}
    while True:
        more = {int(row[0]) for row in rows if int(row[1]) in family} - family
        if not more:
            break
        family |= more
    found = {int(row[0]): row[2] for row in rows if int(row[0]) in family and len(row) > 2}
    (pid,) = [pid for pid, command in found.items() if words in command]
    return pid
