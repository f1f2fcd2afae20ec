"""Proof that no row of a stream is gone, from the rows of another stream that show it.

Contacts carry the ids of their tags. So a complete read of contacts shows all tag applications, though not
since when they are. If they are the ones of the last complete read and those that were applied since, none
was removed, and the applications need not be read again for that. Of those that were applied since, the ones
that were loaded and then removed are no longer there to be read, so their sum is kept as well.

This rests on sums of 64-bit digests: two sets of applications with one sum are not found by chance. A removal
and an application during one of the two reads could make them equal only by chance, too. An application whose
time is so close to a read that the read may or may not have seen it spoils the proof, and so does one of an
old application that was renewed: then the stream is read in full, as without a proof.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

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
        since: The sum of the digests of the keys of the rows that came since and were loaded.
        newest: The time of the newest of these; None if there are none.
    """

    total: int
    began: datetime
    ended: datetime
    since: int = 0
    newest: datetime | None = None

    def as_state(self) -> dict[str, Any]:
        """The rows as a state keeps them."""
        return {
            "total": self.total,
            "began": to_moment(self.began.isoformat()),
            "ended": to_moment(self.ended.isoformat()),
            "since": self.since,
            "newest": None if self.newest is None else self.newest.isoformat(),
        }

    @classmethod
    def from_state(cls, kept: Any) -> Shown | None:
        """The rows that a state keeps; None if it keeps none that can be used."""
        match kept:
            case [
                {
                    "total": int(total),
                    "began": str(began),
                    "ended": str(ended),
                    "since": int(since),
                    "newest": str() | None as newest,
                }
            ]:
                try:
                    last = None if newest is None else parse_time(newest)
                    return cls(total, parse_time(began), parse_time(ended), since, last)
                except CoercionError:
                    return None
        return None


class Proof:
    """Compares the rows that were there before and those that came since with the rows that are shown now.

    Attributes:
        now: What the other stream shows; None if it was not read. Then nothing is proved, but the rows that
            come are noted.
        start: All rows from this time on are added.
    """

    start: datetime | None = None

    def __init__(self, before: Shown, now: Shown | None) -> None:
        """A proof that has seen no row.

        Args:
            before: What the last complete read found, and what came since.
            now: What the other stream shows.
        """
        self.now = now
        self._before = before
        self._total = before.total
        self._not_seen = self._loaded = before.since
        self._newest = before.newest
        self._is_unclear = False
        self._is_spoiled = now is not None and now.began <= before.ended

    @property
    def since(self) -> datetime:
        """Rows from this time on must be added, if `now` is known."""
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
                self._is_unclear = True
                return
            if moment < self.since:
                continue
            if self.now is not None:
                is_sure = self._before.ended + MARGIN < moment < self.now.began - MARGIN
                self._is_spoiled |= not is_sure
            self._total = (self._total + key) % MODULUS
            if self._before.newest is not None and moment <= self._before.newest:
                self._not_seen = (self._not_seen - key) % MODULUS
            else:
                self._loaded = (self._loaded + key) % MODULUS
                self._newest = moment if self._newest is None else max(moment, self._newest)

    @property
    def holds(self) -> bool:
        """Whether no row is gone."""
        is_spoiled = self._is_spoiled or self._is_unclear or self._not_seen != 0
        return self.now is not None and not is_spoiled and self._total == self.now.total

    @property
    def noted(self) -> Shown | None:
        """What was there before, with all that has come since; None if that is not clear.

        It is not if a time could not be understood, or if the rows that were noted before are not the ones
        that have come again: one is gone, or one has come with an earlier time than others.
        """
        comes_again = self.start is not None and self.start <= self.since
        if self._is_unclear or (comes_again and self._not_seen != 0):
            return None
        return replace(self._before, since=self._loaded, newest=self._newest)
