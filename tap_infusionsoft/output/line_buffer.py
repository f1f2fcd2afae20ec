"""Buffers lines and hands them out in chunks: whole lines, with a STATE after any records.

Some targets drop a STATE as soon as another record follows it. If the tap or its machine dies at that moment,
the next run starts from scratch. So when records go out before the next STATE exists, the last STATE is
repeated after them. A repeated STATE may lag behind the records; it is never ahead of them.
"""

from __future__ import annotations

_FLUSH_BYTES = 1 << 16
"""Flush once this many bytes of records are buffered ..."""
_STATE_OVERHEAD = 16
"""... if they are at least this many times larger than the STATE that is repeated after them."""


class LineBuffer:
    """Lines that have not been written yet.

    `len()` is their size in bytes, including the STATE that will follow them.
    """

    def __init__(self) -> None:
        self._lines = bytearray()
        self._records_end = 0
        """Offset in `_lines` after which there are no more records."""
        self._new_state = b""
        """The STATE to write after `_lines`; empty if there is none."""
        self._written_state = b""
        """The last STATE that was handed out."""
        self._chunk = bytearray()
        """The unwritten rest of a chunk. It has to go out before anything else."""

    def __len__(self) -> int:
        return len(self._chunk) + len(self._lines) + len(self._closing_state)

    def add(self, lines: bytes, *, are_records: bool) -> None:
        """Append whole lines.

        Args:
            lines: One or more lines with their line breaks; none of them is a STATE.
            are_records: Whether they are RECORD messages, which must be followed by a STATE.
        """
        if are_records:
            # Set this first: if a signal arrives in between, one STATE too many is better than one too few.
            self._records_end = len(self._lines) + len(lines)
        self._lines += lines

    def add_state(self, line: bytes) -> None:
        """Append a STATE. It replaces one that has not been written yet."""
        self._new_state = line

    def clear(self) -> None:
        """Discard everything."""
        self._lines, self._chunk, self._records_end, self._new_state = bytearray(), bytearray(), 0, b""

    @property
    def should_flush(self) -> bool:
        """False while records should wait for more records or for a STATE."""
        if self._new_state or not self._records_end:
            return True
        return len(self._lines) >= max(_FLUSH_BYTES, self.efficient_chunk)

    @property
    def smallest_chunk(self) -> int:
        """Size in bytes of the smallest chunk that could be written next."""
        if self._chunk or not self._lines:
            return len(self._chunk or self._new_state)
        return self._lines.find(b"\n") + 1 + len(self._repeated_state)

    @property
    def efficient_chunk(self) -> int:
        """Size in bytes from which a chunk is large enough to repeat a STATE after it."""
        return _STATE_OVERHEAD * len(self._repeated_state)

    def next_write(self, max_chunk: int, max_write: int) -> bytearray:
        """Return what to write next. Call `consume` when it has been written.

        Args:
            max_chunk: Most bytes of a new chunk. It holds at least one line, even if that is longer.
            max_write: Most bytes to return. A longer chunk is cut at the end of a line if possible.
        """
        if not self._chunk:
            self._chunk = self._cut_chunk(max_chunk)
        if len(self._chunk) <= max_write:
            return self._chunk
        return self._chunk[: self._chunk.rfind(b"\n", 0, max_write) + 1 or max_write]

    def consume(self, count: int) -> None:
        """Drop the first `count` bytes of the current chunk; they have been written."""
        del self._chunk[:count]

    @property
    def _repeated_state(self) -> bytes:
        """The STATE to repeat after buffered records; empty if there are none."""
        return self._written_state if self._records_end else b""

    @property
    def _closing_state(self) -> bytes:
        """The STATE to write after all buffered lines."""
        return self._new_state or self._repeated_state

    def _cut_chunk(self, max_chunk: int) -> bytearray:
        """Remove the next chunk from the buffer: all lines, or as many as fit with the repeated STATE."""
        if not self._lines or len(self) <= max_chunk:
            chunk, state = self._lines, self._closing_state
            self._lines, self._records_end, self._new_state = bytearray(), 0, b""
            self._written_state = state or self._written_state
            chunk += state
            return chunk
        state = self._repeated_state
        cut = self._lines.rfind(b"\n", 0, max(max_chunk - len(state), 0)) + 1 or self._lines.find(b"\n") + 1
        chunk = self._lines[:cut]
        del self._lines[:cut]
        self._records_end = max(self._records_end - cut, 0)
        chunk += state
        return chunk
