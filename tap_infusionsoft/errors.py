"""How a run can end, and the errors that end it.

TapError                 one line for the user, and an exit code
├── ConfigError          a setting, catalogue or state is wrong; names it
├── OutputLostError      nobody reads the messages any more
├── RecordTooLargeError  a record takes too long a line
└── RunFailedError       some or all streams failed
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import ENDS_RUN, NO_CONTACT, Kind

if TYPE_CHECKING:
    from tap_infusionsoft.client.faults import Fault, KeapError


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FAILED = 1
    CONFIG = 2
    PARTIAL = 3
    QUOTA = 75


class TapError(Exception):
    """Ends the run with one line for the user.

    Attributes:
        exit_code: What the process ends with.
    """

    exit_code = Exit.FAILED


class ConfigError(TapError):
    """A setting, catalogue or state file is wrong. The message names it and says what to do."""

    exit_code = Exit.CONFIG


class OutputLostError(TapError):
    """Stdout takes no more: most often, the target has ended before the tap."""

    def __init__(self, error: OSError) -> None:
        if isinstance(error, BrokenPipeError):
            text = "The target has stopped reading. Its own messages say why; what it has not confirmed comes again."
        else:
            text = f"stdout cannot be written: {error.strerror}. What did not arrive comes again in the next run."
        super().__init__(text)


class RecordTooLargeError(TapError):
    """A record takes a longer line than the settings allow. Its stream ends there, so that it is not lost."""

    def __init__(self, size: int, largest: int, column: str) -> None:
        super().__init__(
            f"a record takes a line of {size} bytes, and max_record_bytes is {largest}. Raise it, if the target can "
            f"take such lines, or deselect the column {column}, which is the largest."
        )


class RunFailedError(TapError):
    """Streams failed; each was reported when it did."""

    def __init__(self, message: str, exit_code: Exit) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def exit_for(fault: Fault) -> Exit:
    """The exit code of a run that ends with a fault."""
    if fault.kind in {Kind.DAY_QUOTA, Kind.DAY_SHARE, Kind.RUN_OVER}:
        return Exit.QUOTA
    return Exit.CONFIG if fault.kind in ENDS_RUN else Exit.FAILED


def ends_run(error: KeapError, *, answered: bool) -> bool:
    """Whether every other stream would fail alike: also at a host that never answered."""
    kind = error.fault.kind
    return kind in ENDS_RUN or (kind in NO_CONTACT and not answered)
