"""Where a later run can resume a walk over the pages of a slice."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from tap_infusionsoft.records.coerce import CoercionError, parse_time

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

KEY_BYTES = 6
"""Bytes of a key's digest."""
MOST_KEYS = 2000
"""Keys in a mark at most, so that a state stays small: 16 kB."""


class BadMarkError(ValueError):
    """A mark cannot be used; the message says what is wrong with it."""


class Mark(Struct, frozen=True):
    """How far a walk is.

    Attributes:
        id: Id of the last row, in a walk by id; otherwise 0.
        since: The time that a walk by time goes on from, as ISO text; otherwise empty.
        keys: Digests of the rows before that may come again, as base64.
    """

    id: int = 0
    since: str = ""
    keys: str = ""

    def __bool__(self) -> bool:
        """Whether it is past the beginning."""
        return self.id > 0 or bool(self.since)

    @classmethod
    def by_time(cls, since: datetime, keys: Collection[int]) -> Self:
        """The mark of a walk by time; an empty one if it would be too large.

        Args:
            since: The time that it goes on from.
            keys: The keys that may come again, each of `KEY_BYTES`.
        """
        if len(keys) > MOST_KEYS:
            return cls()
        packed = b"".join(key.to_bytes(KEY_BYTES, "big") for key in sorted(keys))
        return cls(since=since.isoformat(), keys=base64.b64encode(packed).decode())

    @property
    def moment(self) -> datetime | None:
        """The time that a walk by time goes on from; None at the beginning."""
        return parse_time(self.since) if self.since else None

    @property
    def known(self) -> set[int]:
        """The keys that may come again."""
        packed = base64.b64decode(self.keys, validate=True)
        return {
            int.from_bytes(packed[start : start + KEY_BYTES], "big")
            for start in range(0, len(packed), KEY_BYTES)
        }

    def check(self) -> None:
        """Make sure that it can be used.

        Raises:
            BadMarkError: It comes from a state that something else wrote.
        """
        try:
            is_good = not self.since or self.moment is not None
        except CoercionError:
            is_good = False
        if not is_good:
            raise BadMarkError(f"since is {self.since[:40]!r}, which is not a time")
        try:
            is_good = len(base64.b64decode(self.keys, validate=True)) % KEY_BYTES == 0
        except (binascii.Error, ValueError):
            is_good = False
        if not is_good:
            raise BadMarkError(f"again is {self.keys[:40]!r}, which are no keys")
