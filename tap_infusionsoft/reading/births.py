"""Proves a read of several pages by the births of its rows, so that it needs no second one.

What can go wrong: a row that was read is deleted, the rows after it move up by one place, and the one that
moves to a page that was read already is missed. (What comes in front moves them down, and rows come twice.)
A second read shows this: it misses the deleted row. So does the state, for rows that are older than it. It
keeps the sum of the keys of the last complete read, and the latest birth among its rows. The list is asked
for newest first by birth, the time of creation, which does not change. Then a read is complete, so that each
row that is in the list from its first answer to its last one was seen, if

- the rows born up to that latest birth have the same sum of keys: all rows of the last read are still there,
  and none of them was missed. So none of them was deleted before that either: had the last read been waiting
  for its proof, this would be it.
- all rows that may be newer came on the first page, followed by an older one. One answer shows the list
  at one moment, so nothing slips inside it. A row counts as one that may be newer from a day before the
  latest birth on: it may have become visible late (`state.births.LATE`).
- no row came before a newer one. A server that does not honor the order shows it there.
- every row has a birth. Rows without one come first or last. If first, they are on the first page, as an
  older row is behind them. If last, they are on the last page, so that one must not be empty.

What the proof cannot see leads to a second read in Keap's own order, as without a proof:

- a row of the last read is gone, or its birth or its key changed;
- a row was born at the same time as the latest one of the last read, or came into the list with an old
  birth;
- births lie in the future: then newer rows count as older ones, and the sum differs;
- more new rows than a page holds.

Rows of one birth may be cut by the end of a page, and a server may sort them differently for each page. Then
some are missed again and again; so the first read, whose sum nothing was compared with, goes in Keap's own
order, and the sum shows what a later one missed.

It rests on this: no row comes into the list with a birth of long ago and is missed by the same read, because
another one was deleted in the same seconds. And on sums: two sets of 64-bit digests with one sum are not
found by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.records.coerce import CoercionError, parse_time

if TYPE_CHECKING:
    from datetime import datetime

    from tap_infusionsoft.reading.walks.walk import Row
    from tap_infusionsoft.state.births import KnownBirths

MODULUS = 2**64
"""Sums of keys are below this."""


class Births:
    """The births of the rows of one read, page by page."""

    def __init__(self, column: str, known: KnownBirths | None = None) -> None:
        """No rows yet.

        Args:
            column: The name of the time of birth on the wire.
            known: What the last complete read found; None if nothing is to be proved.
        """
        self._column = column
        self._known = known
        self._newest: datetime | None = None
        self._lacks_some = False
        self._is_in_order = True
        self._page = 0
        self._older_came_at_once = False
        self._newer_came_late = False
        self._last: datetime | None = None
        self._sum = 0

    def begin_page(self) -> None:
        """The rows of the next page follow."""
        self._page += 1

    def add(self, row: Row, key: int) -> None:
        """Take a row that this read did not see before.

        Args:
            row: The row.
            key: The digest of its key.
        """
        try:
            birth = parse_time(row.get(self._column))
        except CoercionError:
            self._lacks_some = True
            return
        if self._newest is None or birth > self._newest:
            self._newest = birth
        known = self._known
        if known is None:
            return
        self._is_in_order &= self._last is None or birth <= self._last
        self._last = birth
        if birth <= known.newest:
            self._sum = (self._sum + key) % MODULUS
        if birth < known.certain:
            self._older_came_at_once |= self._page == 1
        else:
            self._newer_came_late |= self._page > 1

    @property
    def newest(self) -> str:
        """The latest birth, as text; empty if there is none, or some rows have none."""
        return "" if self._newest is None or self._lacks_some else self._newest.isoformat()

    def prove(self, keys: str) -> bool:
        """Whether the read that ended is complete, if its last page had rows.

        Args:
            keys: The sum of the keys of the last complete read.
        """
        return (
            self._known is not None
            and self._is_in_order
            and not self._lacks_some
            and not self._newer_came_late
            and self._older_came_at_once
            and keys == f"{self._sum:016x}"
        )
