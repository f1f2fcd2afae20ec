"""What comes of a host: the form of the committed results."""

from __future__ import annotations

import msgspec

TAP_TERM, TAP_INT, KILL = "SIGTERM to the tap (143)", "SIGINT to the tap (130)", "SIGKILL to all processes"
"""Ends of a run that nobody asked the host for."""
FIRST, AGAIN, CODE_3, CODE_75, LAST = (
    "the first run",
    "a run after a change",
    "the tap ends with 3",
    "the tap ends with 75",
    "the run after those",
)


class Run(msgspec.Struct, omit_defaults=True):
    """What came of a run.

    Attributes:
        says: What the host says of it: a state or an exit code. Empty if it says nothing.
        hangs: It did not end.
        rereads: It read again what the runs before had loaded.
        differences: Number of differences between the copy and the account after it.
        example: One of them.
        log: Whether the log has what people look for after such a run; None if that was not looked at.
    """

    says: str = ""
    hangs: bool = False
    rereads: bool = False
    differences: int = 0
    example: str = ""
    log: bool | None = None


class Break(msgspec.Struct, omit_defaults=True):
    """What came of a run that was broken off, and of the next one.

    Attributes:
        says: What the host says of the run that was broken off. Empty if it says nothing.
        hangs: It did not end.
        goes_on: The tap was still at work when the host said that the run had ended.
        refused: What the host says of the next run if it is refused at first, and works some minutes later.
        then: The next run that is not refused.
    """

    says: str = ""
    hangs: bool = False
    goes_on: bool = False
    refused: str = ""
    then: Run = msgspec.field(default_factory=Run)


class HostResult(msgspec.Struct, omit_defaults=True):
    """What came of a host.

    Attributes:
        name: The host.
        version: Its version.
        date: Day of the run.
        not_installed: Why it could not be installed.
        runs: What was tried -> the run.
        breaks: How a run was broken off in the middle -> what came of it.
        log: The line of the host's log that names a stream that failed, for people to see what it looks like
            there; the last line if there is no such line.
    """

    name: str
    version: str = ""
    date: str = ""
    not_installed: str = ""
    runs: dict[str, Run] = {}
    breaks: dict[str, Break] = {}
    log: str = ""
