"""Proof that no row of a stream is gone, from the rows of another stream that show it.

Contacts carry the ids of their tags. So a complete read of contacts shows all tag applications, though not
since when they are. If they are the ones of the last complete read and those that were applied since, none
was removed, and the applications need not be read again for that.

This rests on sums of 64-bit digests: two sets of applications with one sum are not found by chance. A removal
and an application during one of the two reads could make them equal only by chance, too. An application whose
time is so close to a read that the read may or may not have seen it spoils the proof, and so does one of an
old application that was renewed: then the stream is read in full, as without a proof.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.records.coerce import CoercionError, parse_time, to_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULUS = 2**52
"""Sums are below this, so that every reader of JSON keeps them as they are."""
MARGIN = timedelta(minutes=15)
"""How far Keap's clock and ours may be apart, and how late an application may become visible."""


class Shown(Struct, frozen=True):
    """The rows that were there while they were read.

    Attributes:
        total: The sum of the digests of their keys.
        began: When the read began.
        ended: When it ended.
    """

    total: int
    began: datetime
    ended: datetime

    def as_state(self) -> dict[str, Any]:
        """The rows as a state keeps them."""
        return {
            "total": self.total,
            "began": to_moment(self.began.isoformat()),
            "ended": to_moment(self.ended.isoformat()),
        }

    @classmethod
    def from_state(cls, kept: Any) -> Shown | None:
        """The rows that a state keeps; None if it keeps none that can be used."""
        match kept:
            case [{"total": int(total), "began": str(began), "ended": str(ended)}]:
                try:
                    return cls(total, parse_time(began), parse_time(ended))
                except CoercionError:
                    return None
        return None


class Proof:
    """Compares the rows that were there before and those that came since with the rows that are shown now.

    Attributes:
        now: What the other stream shows.
    """

    def __init__(self, before: Shown, now: Shown) -> None:
        """A proof that has seen no row.

        Args:
            before: What the last complete read found.
            now: What the other stream shows.
        """
        self._before = before
        self.now = now
        self._total = before.total
        self._is_spoiled = now.began <= before.ended

    @property
    def since(self) -> datetime:
        """Rows from this time on must be added."""
        return self._before.began - MARGIN

    def add(self, rows: Mapping[int, Any]) -> None:
        """Take rows that came since.

        Args:
            rows: The digest of the key of each row -> its time, as Keap sends it.
        """
        for key, value in rows.items():
            try:
                moment = parse_time(value)
            except CoercionError:
                self._is_spoiled = True
                return
            if moment < self.since:
                continue
            is_sure = self._before.ended + MARGIN < moment < self.now.began - MARGIN
            self._is_spoiled |= not is_sure
            self._total = (self._total + key) % MODULUS

    @property
    def holds(self) -> bool:
        """Whether no row is gone."""
        return not self._is_spoiled and self._total == self.now.total
