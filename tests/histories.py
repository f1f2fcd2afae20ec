"""What was true when: every version of the rows of a stream, and what a copy may lag behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from tap_infusionsoft.streams.collection import Collection
from tests.target import Record
from tests.truth import agrees, key_of

Key = tuple[str, ...]


@dataclass
class Version:
    """What a row was for a while.

    Attributes:
        row: The row.
        since: When it came to be like that.
        until: When it ceased to; None if it is so now.
    """

    row: Record
    since: datetime
    until: datetime | None = None

    def held(self, moment: datetime) -> bool:
        """Whether it was so at some time since then."""
        return self.until is None or self.until >= moment


@dataclass
class History:
    """What the rows of a stream were.

    Attributes:
        collection: The declaration of the stream.
    """

    collection: Collection
    _versions: dict[Key, list[Version]] = field(default_factory=dict)
    _known: dict[Key, tuple[Record, int]] = field(default_factory=dict)

    def keyed(self, rows: Iterable[Record]) -> dict[Key, Record]:
        """Rows by their keys; equal rows without a key get a number each."""
        row_key, equal = self.collection.row_key, Counter[Key]()
        found = {}
        for row in rows:
            key = key_of(row, row_key or self.collection.keys)
            equal[key] += 1
            found[(*key, str(equal[key])) if row_key else key] = row
        return found

    def observe(self, now: datetime, rows: Iterable[Record]) -> None:
        """Note what is true now."""
        live = self.keyed(rows)
        for key, row in live.items():
            versions = self._versions.setdefault(key, [])
            if versions and versions[-1].until is None:
                if versions[-1].row == row:
                    continue
                versions[-1].until = now
            versions.append(Version(row, now))
        for key in self._versions.keys() - live.keys():
            last = self._versions[key][-1]
            last.until = last.until or now

    def rows(self) -> dict[Key, Record]:
        """What is true now."""
        return {key: one[-1].row for key, one in self._versions.items() if one[-1].until is None}

    def has_lasted(self, key: Key, moment: datetime) -> bool:
        """Whether a row is there now, and was there all the time since a moment."""
        since = self._there_since(key)
        return since is not None and since <= moment

    def is_new(self, key: Key, moment: datetime) -> bool:
        """Whether a row that is there now came after a time."""
        since = self._there_since(key)
        return since is not None and since > moment

    def came_back(self, key: Key, moment: datetime) -> bool:
        """Whether a row that is there now came after a time, and had been there before."""
        return self.is_new(key, moment) and self._versions[key][0].since != self._there_since(key)

    def has_lost_rows(self, moment: datetime) -> bool:
        """Whether a row went away at a moment or later."""
        ends = (versions[-1].until for versions in self._versions.values())
        return any(end is not None and end >= moment for end in ends)

    def has_changed(self, key: Key, first: datetime, last: datetime, columns: Sequence[str]) -> bool:
        """Whether one of some columns of a row changed between two moments."""
        versions = [one for one in self._versions[key] if one.held(first) and one.since <= last]
        return any(
            one.row.get(column) != other.row.get(column)
            for one, other in pairwise(versions)
            for column in columns
        )

    def _there_since(self, key: Key) -> datetime | None:
        """Since when there has been such a row without a break; None if there is none now."""
        versions = self._versions.get(key, [])
        if not versions or versions[-1].until is not None:
            return None
        first = len(versions) - 1
        while first and versions[first - 1].until == versions[first].since:
            first -= 1
        return versions[first].since

    def wrong(
        self,
        records: Iterable[Record],
        schema: dict[str, Any],
        moment: datetime,
        *,
        only: Iterable[Key] | None = None,
    ) -> list[str]:
        """Tell what is wrong with a copy that may be as old as a time.

        Args:
            records: The copy.
            schema: The schema of its rows.
            moment: What ceased to be true before this time must not be in it, and what has been true since
                then must be.
            only: Keys of the rows to look at; None for all that there are, and all that are in the copy.

        Returns:
            A sentence for each row.
        """
        held = self.keyed(records)
        looked_at = held.keys() | self.rows().keys() if only is None else {*only}
        found = []
        for key in sorted(looked_at):
            record, versions = held.get(key), self._versions.get(key, [])
            if record is None:
                if self.has_lasted(key, moment):
                    found.append(f"{key} is missing, and was there since {self._there_since(key):%d %H:%M}")
            elif not versions:
                found.append(f"{key} was never there")
            elif not versions[-1].held(moment):
                found.append(f"{key} went away at {versions[-1].until:%d %H:%M}")
            elif not self.collection.row_key:
                found += self._outdated(key, record, schema, moment)
        return found

    def _outdated(self, key: Key, record: Record, schema: dict[str, Any], moment: datetime) -> list[str]:
        """A sentence if a record is none of the latest versions of its row."""
        versions = self._versions[key]
        before, place = self._known.get(key, (None, -1))
        least = place if before == record else -1
        for number in range(len(versions) - 1, least, -1):
            if not agrees(record, versions[number].row, schema):
                place = number
                break
        else:
            place = least
        self._known[key] = record, place
        if place >= 0 and versions[place].held(moment):
            return []
        differences = "; ".join(agrees(record, versions[-1].row, schema))[:200]
        was = "was never so" if place < 0 else f"is as it was until {versions[place].until:%d %H:%M}"
        return [f"{key} {was}: {differences}"]
