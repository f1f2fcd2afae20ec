"""Keys for rows that Keap gives no id."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def digest(values: Sequence[Any]) -> int:
    """Return a 64-bit digest of JSON values."""
    return int.from_bytes(hashlib.blake2b(msgspec.json.encode(values), digest_size=8).digest(), "big")


class RowKeys:
    """Makes a key from the columns of a record, with a running number for records that are equal in them."""

    def __init__(self, columns: Sequence[str]) -> None:
        """Start numbering.

        Args:
            columns: The columns to make keys from.
        """
        self._columns = tuple(columns)
        self._equal: Counter[bytes] = Counter()

    def __call__(self, record: Mapping[str, Any]) -> str:
        """Return the key of the next record: 32 hexadecimal digits, a hyphen and its number among equals."""
        values = [record.get(name) for name in self._columns]
        key = hashlib.blake2b(msgspec.json.encode(values), digest_size=16).digest()
        self._equal[key] += 1
        return f"{key.hex()}-{self._equal[key]}"
