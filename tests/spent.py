"""Which calls of a run were for a stream's own rows, by the sandbox's log."""

from __future__ import annotations

import re
from dataclasses import dataclass

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS

_REPORT = "/v2/reporting/reports/{id}:run"


@dataclass(frozen=True)
class Spent:
    """Calls since the log was cleared.

    Attributes:
        own: Stream -> calls for its rows.
        fixed: The others: for models of custom fields, for ids of parents.
    """

    own: dict[str, int]
    fixed: int

    @classmethod
    def on(cls, box: Sandbox, *streams: str) -> Spent:
        """What a run of these streams has spent, none of which shares its address; the log is cleared."""
        paths = [call["path"].removeprefix("/crm/rest") for call in box.requests()]
        box.clear_requests()
        own = {name: sum(address(name).fullmatch(path) is not None for path in paths) for name in streams}
        return cls(own, len(paths) - sum(own.values()))

    @property
    def total(self) -> int:
        return sum(self.own.values()) + self.fixed


def address(stream: str) -> re.Pattern[str]:
    """The addresses of a stream's own rows."""
    path = COLLECTIONS[stream].endpoint.path if stream in COLLECTIONS else _REPORT
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(path)))


def increment(stream: str, quiet: Spent) -> int:
    """Calls of the increment that follows a pass which was taken up, by a night without changes; some have none."""
    return quiet.own[stream] if stream in COLLECTIONS and COLLECTIONS[stream].changes.key else 0
