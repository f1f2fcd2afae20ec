"""Lines that wait to be written, and the chunks in which they are: whole lines, and a STATE after records.

Some targets forget a STATE as soon as a record follows it. If the tap or its machine dies then, the next run starts
from nothing. So the last STATE is repeated after records that are written before the next one. It says less than what
the target has, never more.
"""

from __future__ import annotations

_LARGE = 1 << 16
"""Bytes of records that are worth a chunk of their own ..."""
_SHARE = 16
"""... if they are at least this many times as large as the STATE after them."""


class LineBuffer:
    """Collects lines, and cuts them into chunks."""

    def __init__(self) -> None:
        self._lines = bytearray()
        self._records_end = 0
        """Where the last record in the lines ends; 0 if there is none."""
        self._new_state = b""
        """The STATE to write after all lines; empty if there is none."""
        self._last_state = b""
        """The STATE that was written last."""
        self._chunk = bytearray()
        """The rest of a chunk of which something has been written. It is written before anything else."""

    def __len__(self) -> int:
        return len(self._chunk) + len(self._lines) + len(self._final_state)

    def add(self, lines: bytes, *, are_records: bool) -> None:
        """Add whole lines, none of them a STATE.

        Args:
            lines: The lines, each with its line break.
            are_records: Whether they are RECORD messages.
        """
        if are_records:
            # This comes first as a signal can come in between: better a STATE too many than one too few.
            self._records_end = len(self._lines) + len(lines)
        self._lines += lines

    def add_state(self, line: bytes) -> None:
        """Add a STATE. It replaces one that has not been written yet."""
        self._new_state = line

    def clear(self) -> None:
        """Drop everything."""
        self._lines, self._chunk, self._records_end, self._new_state = bytearray(), bytearray(), 0, b""

    @property
    def is_due(self) -> bool:
        """Whether it should be written now. Records wait for more of them, or for a STATE."""
        has_enough = len(self._lines) >= max(_LARGE, self.worthwhile)
        return bool(self._new_state) or not self._records_end or has_enough

    @property
    def smallest(self) -> int:
        """Bytes of the smallest chunk that can be written next."""
        if self._chunk or not self._lines:
            return len(self._chunk or self._new_state)
        return self._lines.find(b"\n") + 1 + len(self._repeated_state)

    @property
    def worthwhile(self) -> int:
        """Bytes from which on a chunk is worth the STATE that is repeated after it."""
        return _SHARE * len(self._repeated_state)

    def next(self, largest: int, step: int) -> bytearray:
        """Return what to write next. Call `drop` with the number of bytes that were written.

        Args:
            largest: Most bytes of a chunk. It is larger only if its first line is.
            step: Most bytes of it to write at once.
        """
        if not self._chunk:
            self._chunk = self._cut(largest)
        if len(self._chunk) <= step:
            return self._chunk
        return self._chunk[: self._chunk.rfind(b"\n", 0, step) + 1 or step]

    def drop(self, count: int) -> None:
        """Drop the first bytes of the current chunk: they have been written.

        Args:
            count: How many bytes.
        """
        del self._chunk[:count]

    @property
    def _repeated_state(self) -> bytes:
        """The STATE to repeat after records."""
        return self._last_state if self._records_end else b""

    @property
    def _final_state(self) -> bytes:
        """The STATE to write after all lines."""
        return self._new_state or self._repeated_state

    def _cut(self, largest: int) -> bytearray:
        """Take the next chunk out of the lines."""
        if not self._lines or len(self) <= largest:
            chunk, state = self._lines, self._final_state
            self._lines, self._records_end, self._new_state = bytearray(), 0, b""
            self._last_state = state or self._last_state
            chunk += state
            return chunk
        state = self._repeated_state
        end = self._lines.rfind(b"\n", 0, max(largest - len(state), 0)) + 1 or self._lines.find(b"\n") + 1
        chunk = self._lines[:end]
        del self._lines[:end]
        self._records_end = max(self._records_end - end, 0)
        chunk += state
        return chunk
