"""What a read found, in a few numbers: enough to tell two reads apart, and to count which rows are gone."""

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

    def __init__(
        self,
        collection: Collection,
        piece: Slice,
        *,
        known: int,
        digest_before: int,
        known_digest_before: int = 0,
    ) -> None:
        """Nothing has been read.

        Args:
            collection: The declaration.
            piece: The slice.
            known: The largest id that was known before.
            digest_before: The digest of what was read before this slice, or before this part of it.
            known_digest_before: The digest of those rows among them whose ids were known before.
        """
        self.up_to_known = 0
        self.largest = 0
        self._known = known
        self._before = digest_before
        self._known_before = known_digest_before
        self._total = 0
        self._known_total = 0
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
        return self._with_total(self._before, self._total)

    @property
    def known_digest(self) -> int:
        """The same of the rows whose ids are not above the largest one that was known before."""
        return self._with_total(self._known_before, self._known_total)

    def _with_total(self, before: int, total: int) -> int:
        if self._is_in_order or not total:
            return before
        return (before + (digest([*self._values, total]) if self._values else total)) % MODULUS

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
        known = ids if ids[-1] <= self._known else [one for one in ids if one <= self._known]
        self._before = _extended(self._before, ids)
        self._known_before = _extended(self._known_before, known)
        self.largest = max(self.largest, ids[-1])
        self.up_to_known += len(known)

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
            if number <= self._known:
                self.up_to_known += 1
                self._known_total = (self._known_total + key) % MODULUS


def _extended(before: int, ids: list[int]) -> int:
    """The digest of ids that come in order, with more of them."""
    # Pages may be cut in other places the next time, so nothing may tell where one begins.
    return zlib.crc32(msgspec.json.encode(ids)[1:-1] + b",", before) if ids else before
