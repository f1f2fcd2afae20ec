"""How a run can end, and the errors that end it.

TapError               one line for the user, and an exit code
├── ConfigError        a setting, catalogue or state is wrong; names it
├── OutputLostError    nobody reads the messages any more
└── RunFailedError     some or all streams failed
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from tap_infusionsoft.client.faults import ENDS_RUN, Kind

if TYPE_CHECKING:
    from tap_infusionsoft.client.faults import Fault


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
    """Stdout is closed: the target has ended before the tap."""

    def __init__(self) -> None:
        super().__init__(
            "The target has stopped reading. Its own messages say why; what it has not confirmed comes again "
            "in the next run."
        )


class RunFailedError(TapError):
    """Streams failed; each was reported when it did."""

    def __init__(self, message: str, exit_code: Exit) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def exit_for(fault: Fault) -> Exit:
    """The exit code of a run that ends with a fault."""
    if fault.kind is Kind.DAY_QUOTA:
        return Exit.QUOTA
    return Exit.CONFIG if fault.kind in ENDS_RUN else Exit.FAILED
