"""Helpers for tests with real processes: wait until a call was made, and find the process that made it."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

from keap_sandbox import Sandbox

PATIENCE = 90
"""Seconds after which a process counts as stuck."""


@contextlib.contextmanager
def stalled(box: Sandbox, **when: Any) -> Iterator[threading.Event]:
    """Leave the calls that match a rule without a response.

    Args:
        box: The sandbox.
        **when: The rule, as for `Sandbox.fault`.

    Yields:
        An event that is set once the first such call has arrived.
    """
    arrived = threading.Event()
    fault_of = box.engine.faults.fault_of

    def fault_of_and_notify(*args: Any) -> Any:
        hit = fault_of(*args)
        if hit is not None:
            arrived.set()
        return hit

    with mock.patch.object(box.engine.faults, "fault_of", fault_of_and_notify):
        box.fault("stall", **when)
        try:
            yield arrived
        finally:
            box.clear_faults()


def descendant(process: int, text: str) -> int:
    """Return the id of the one descendant of a process with a text in its command line.

    Args:
        process: Id of the ancestor.
        text: Text in the command line of the descendant.
    """
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    family = {process}
    while True:
        children = {int(row[0]) for row in rows if int(row[1]) in family} - family
        if not children:
            break
        family |= children
    commands = {int(row[0]): row[2] for row in rows if int(row[0]) in family and len(row) > 2}
    (pid,) = [pid for pid, command in commands.items() if text in command]
    return pid
