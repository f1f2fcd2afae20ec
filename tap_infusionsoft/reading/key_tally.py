"""What a read found, in three numbers: enough to tell two reads apart, and to count which rows are gone."""

from __future__ import annotations

import zlib
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.client.page_tokens import id_number
from tap_infusionsoft.reading.requests import Order
from tap_infusionsoft.records.fast.raw_rows import RawRow
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.state.shown_rows import MODULUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_infusionsoft.reading.requests import Slice
    from tap_infusionsoft.streams.collection import Collection

_id_of = attrgetter("id")


def digest_of_shown(rows: Iterable[Any], column: str) -> int:
    """Return the sum of the digests of the keys that rows show of another stream.

    Args:
        rows: The rows, as Keap sent them.
        column: The name of the list on the wire.
    """
    return sum(digest([row.get("id"), one]) for row in rows for one in row.get(column) or ()) % MODULUS


def digests(collection: Collection, rows: Iterable[Any]) -> dict[int, Any]:
    """Return the digest of the key of each row, and its time.

    Args:
        collection: The declaration.
        rows: The rows, as Keap sent them.
    """
    names = [collection.wire.name(name) for name in collection.key]
    time = collection.wire.name(collection.changes.key or "")
    return {digest([row.get(name) for name in names]): row.get(time) for row in rows}


class KeyTally:
    """Tallies the keys of the rows of one slice.

    In a walk by id, whole pages are taken at once, and the digest goes by their order. Otherwise, the digest
    does not depend on the order of the rows.

    Attributes:
        up_to_known: Rows whose ids are not above the largest one that was known before.
        largest: The largest id; 0 where no single number is the key.
    """

    def __init__(self, collection: Collection, piece: Slice, *, known: int, digest_before: int) -> None:
        """Nothing has been read.

        Args:
            collection: The declaration.
            piece: The slice.
            known: The largest id that was known before.
            digest_before: The digest of what was read before this slice, or before this part of it.
        """
        self.up_to_known = 0
        self.largest = 0
        self._known = known
        self._before = digest_before
        self._total = 0
        self._values = list(piece.values.values())
        own = [name for name in collection.key if name not in collection.given]
        self._names = [collection.wire.name(name) for name in collection.row_key or own]
        self._is_numbered = own == ["id"] and not collection.row_key
        self._is_in_order = (
            piece.order is Order.BY_ID and self._is_numbered and collection.wire.unpack is None
        )

    @property
    def digest(self) -> int:
        """A digest of all keys so far, those of the slices before included."""
        if self._is_in_order or not self._total:
            return self._before
        total = digest([*self._values, self._total]) if self._values else self._total
        return (self._before + total) % MODULUS

    def add_page(self, rows: Sequence[Any]) -> None:
        """Take the rows of a page."""
        if not self._is_in_order or not rows:
            for row in rows:
                self.add(row, digest([row.get(name) for name in self._names]))
            return
        try:
            ids = [
                *map(int, map(_id_of, rows) if isinstance(rows[0], RawRow) else (row["id"] for row in rows))
            ]
        except (AttributeError, KeyError, TypeError, ValueError):
            ids = [id_number(row.get("id")) or 0 for row in rows]
        # Pages may be cut in other places the next time, so nothing may tell where one begins.
        self._before = zlib.crc32(msgspec.json.encode(ids)[1:-1] + b",", self._before)
        self.largest = max(self.largest, ids[-1])
        self.up_to_known += len(ids) if ids[-1] <= self._known else sum(one <= self._known for one in ids)

    def add(self, row: Any, key: int) -> None:
        """Take one row.

        Args:
            row: The row.
            key: The digest of its key.
        """
        self._total = (self._total + key) % MODULUS
        number = id_number(row.get(self._names[0])) if self._is_numbered else None
        if number is not None:
            self.largest = max(self.largest, number)
            self.up_to_known += number <= self._known
