"""Births: when rows of a list were created, as far as the state keeps that of the last complete read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from tap_infusionsoft.records.coerce import parse_time

LATE = timedelta(days=1)
"""How much earlier a row may seem to be born than it came into the list: because it became visible late, its
time is that of another zone, or only a day."""
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC) + LATE


class KnownBirths(Struct, frozen=True):
    """What the last complete read of a list leaves about the births of its rows. All of them had one.

    Attributes:
        newest: The latest birth.
        certain: Rows that are born before this and came into the list after that read do not exist.
    """

    newest: datetime
    certain: datetime

    def as_state(self) -> dict[str, str]:
        """These births as the state keeps them."""
        return {"newest": self.newest.isoformat(), "certain": self.certain.isoformat()}

    @classmethod
    def of_read(cls, newest: str, started: datetime) -> KnownBirths | None:
        """The births that a complete read leaves.

        Args:
            newest: The latest birth, as text; empty if some rows had none.
            started: When the pass began.
        """
        if not newest:
            return None
        moment = parse_time(newest)
        return cls(moment, max(min(moment, started), _EARLIEST) - LATE)
