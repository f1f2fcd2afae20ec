"""Count the calls of a run from the sandbox's log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS

_REPORT = "/v2/reporting/reports/{id}:run"


@dataclass(frozen=True)
class Spent:
    """The calls of a run.

    Attributes:
        own: Stream -> calls for its rows.
        fixed: All other calls, such as those for custom field models and ids of parents.
    """

    own: dict[str, int]
    fixed: int

    @classmethod
    def on(cls, box: Sandbox, *streams: str) -> Spent:
        """Count the calls in the log and clear it.

        Args:
            box: The sandbox.
            *streams: The streams of the run. No two of them may have the same path.
        """
        paths = [call["path"].removeprefix("/crm/rest") for call in box.requests()]
        box.clear_requests()
        own = {name: sum(address(name).fullmatch(path) is not None for path in paths) for name in streams}
        return cls(own, len(paths) - sum(own.values()))

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.own.values()) + self.fixed


def address(stream: str) -> re.Pattern[str]:
    """Return a pattern for the paths of a stream's rows."""
    path = COLLECTIONS[stream].endpoint.path if stream in COLLECTIONS else _REPORT
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(path)))


def increment(stream: str, quiet: Spent) -> int:
    """Return how many calls an increment costs that follows a resumed pass, as in a night without changes.

    Args:
        stream: Name of the stream. Some have no such increment.
        quiet: The calls of a night without changes.
    """
    return quiet.own[stream] if stream in COLLECTIONS and COLLECTIONS[stream].changes.key else 0
