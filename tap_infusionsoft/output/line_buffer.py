"""Lines that wait to go out, and the pieces in which they do: whole lines, and behind records a STATE.

Some targets forget a STATE as soon as a record follows it. If the tap is killed then, or its machine fails, the next run
begins from nothing. So the last STATE is repeated behind records that go out before the next: it says less than what is
there, never more.
"""

from __future__ import annotations

_MANY = 1 << 16
"""Bytes of records that are worth a piece of their own ..."""
_SHARE = 16
"""... if they are so many times the STATE behind them."""


class Pieces:
    """What waits to go out."""

    def __init__(self) -> None:
        self._lines = bytearray()
        self._records = 0
        """Up to where there are records in the lines."""
        self._newest = b""
        """The STATE to go behind them all; empty if there is none."""
        self._state = b""
        """The STATE that has gone out last."""
        self._piece = bytearray()
        """What is left of a piece that was begun; it goes out before anything else."""

    def __len__(self) -> int:
        return len(self._piece) + len(self._lines) + len(self._end)

    def add(self, lines: bytes, *, are_records: bool) -> None:
        """Add whole lines, none of which is a STATE."""
        if are_records:
            # First, as a signal can come between: rather a STATE too many than one too few.
            self._records = len(self._lines) + len(lines)
        self._lines += lines

    def add_state(self, line: bytes) -> None:
        """Add a STATE, which takes the place of one that has not gone out."""
        self._newest = line

    def clear(self) -> None:
        """Let go of everything."""
        self._lines, self._piece, self._records, self._newest = bytearray(), bytearray(), 0, b""

    @property
    def is_due(self) -> bool:
        """Whether it should go out now: records wait for others, or for a STATE."""
        return bool(self._newest) or not self._records or len(self._lines) >= max(_MANY, self.worth)

    @property
    def least(self) -> int:
        """Bytes of the smallest piece that can go out next."""
        if self._piece or not self._lines:
            return len(self._piece or self._newest)
        return self._lines.find(b"\n") + 1 + len(self._behind)

    @property
    def worth(self) -> int:
        """Bytes from which on a piece is worth the STATE that is repeated behind it."""
        return _SHARE * len(self._behind)

    def next(self, largest: int, step: int) -> bytearray:
        """What to write next; say with `went` how much of it has been written.

        Args:
            largest: Most bytes of a piece, if its first line is not longer.
            step: Most bytes of it to write at once.
        """
        if not self._piece:
            self._piece = self._take(largest)
        if len(self._piece) <= step:
            return self._piece
        return self._piece[: self._piece.rfind(b"\n", 0, step) + 1 or step]

    def went(self, count: int) -> None:
        """So many bytes of what is next have gone out."""
        del self._piece[:count]

    @property
    def _behind(self) -> bytes:
        """The STATE to repeat behind records."""
        return self._state if self._records else b""

    @property
    def _end(self) -> bytes:
        """The STATE behind everything."""
        return self._newest or self._behind

    def _take(self, largest: int) -> bytearray:
        """The next piece."""
        if not self._lines or len(self) <= largest:
            piece, end = self._lines, self._end
            self._lines, self._records, self._newest = bytearray(), 0, b""
            self._state = end or self._state
            piece += end
            return piece
        behind = self._behind
        cut = self._lines.rfind(b"\n", 0, max(largest - len(behind), 0)) + 1 or self._lines.find(b"\n") + 1
        piece = self._lines[:cut]
        del self._lines[:cut]
        self._records = max(self._records - cut, 0)
        piece += behind
        return piece
