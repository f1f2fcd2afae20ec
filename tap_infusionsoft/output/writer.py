"""Writes Singer messages to stdout, in whole lines.

The SDK's own writer silently turns NaN into null, and a signal can cut it off in the middle of a line. This
one always knows how many bytes have gone out, so it can write the rest of the line later.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

# A private module, but `Tap.state_writer` returns this class, and nothing public exports it (read in 0.54.9).
from singer_sdk.helpers._state import StateWriter
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.messages import Message, RecordMessage, SchemaMessage, StateMessage

from tap_infusionsoft.errors import OutputLostError, RecordTooLargeError
from tap_infusionsoft.output.line_buffer import LineBuffer
from tap_infusionsoft.output.pipe_capacity import wait_until_writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.helpers.types import TapState


def _encode_other(value: Any) -> str:
    """Return a value that JSON has no type for as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


encoder = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")


class _RecordLine(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    """A RECORD message of a stream with a version."""

    stream: str
    record: msgspec.Struct
    version: int
    time_extracted: str


class _UnversionedRecordLine(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    """A RECORD message of a stream without a version."""

    stream: str
    record: msgspec.Struct
    time_extracted: str


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _as_dict(message: Message) -> dict[str, Any]:
    """Return the fields of a message that have a value.

    The SDK's `to_dict` deep-copies schemas and states, which takes half the time of a run without changes.
    """
    if not isinstance(message, SchemaMessage | StateMessage):
        return message.to_dict()
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    return {name: value for name, value in values.items() if value is not None}


def _largest_column(record: Mapping[str, Any]) -> str:
    return max(record, key=lambda name: len(encoder.encode(record[name])))


def check_sizes(lines: bytes, rows: Sequence[Any], largest: int) -> None:
    """Refuse a record whose line is too long.

    Args:
        lines: The lines of the records.
        rows: The records.
        largest: Most bytes of a line.

    Raises:
        RecordTooLargeError: A line is longer.
    """
    if len(lines) <= largest:
        return
    for line, row in zip(lines.splitlines(keepends=True), rows, strict=True):
        if len(line) > largest:
            raise RecordTooLargeError(len(line), largest, _largest_column(msgspec.to_builtins(row)))


class LineWriter(GenericSingerWriter[bytes, Message]):
    """Writes messages to stdout.

    Attributes:
        max_record_bytes: Longest line that a record may take, in bytes.
        is_waiting: Whether it waits at this moment until the reader of stdout takes more.
    """

    def __init__(self) -> None:
        super().__init__()
        self.max_record_bytes = sys.maxsize
        self._buffer = LineBuffer()
        self._is_writing = False
        self._output_lost = False
        self.is_waiting = False
        self._deferred: BaseException | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Encode one message, without a line break."""
        document = _as_dict(message)
        extracted = document.get("time_extracted")
        if isinstance(extracted, datetime):
            document["time_extracted"] = _format_time(extracted)
        return encoder.encode(document)

    def write_message(self, message: Message) -> None:
        """Write one message. Records may be buffered, and then so is everything that comes after them.

        Raises:
            RecordTooLargeError: A record's line is longer than `max_record_bytes`.
            OutputLostError: Nobody reads stdout.
        """
        line = self.format_message(message) + b"\n"
        is_record = isinstance(message, RecordMessage)
        if len(line) > self.max_record_bytes and isinstance(message, RecordMessage):
            raise RecordTooLargeError(len(line), self.max_record_bytes, _largest_column(message.record))
        if isinstance(message, StateMessage):
            self._buffer.add_state(line)
        else:
            self._buffer.add(line, are_records=is_record)
        if self._buffer.should_flush:
            self.flush()

    def write_rows(self, stream: str, rows: Sequence[msgspec.Struct], version: int | None) -> None:
        """Write the records of a page.

        Args:
            stream: Name of the stream.
            rows: Its records.
            version: Version of the stream; None for a stream without one.

        Raises:
            RecordTooLargeError: A record's line is longer than `max_record_bytes`.
            OutputLostError: Nobody reads stdout.
        """
        extracted = _format_time(datetime.now(UTC))
        messages = (
            [_UnversionedRecordLine(stream, row, extracted) for row in rows]
            if version is None
            else [_RecordLine(stream, row, version, extracted) for row in rows]
        )
        lines = encoder.encode_lines(messages)
        check_sizes(lines, rows, self.max_record_bytes)
        self._buffer.add(lines, are_records=True)
        if self._buffer.should_flush:
            self.flush()

    def flush(self) -> None:
        """Write out the buffer.

        Raises:
            OutputLostError: Nobody reads stdout. Raised once; from then on, all output is discarded.
        """
        if self._output_lost:
            self._buffer.clear()
            return
        try:
            self._write()
        except OSError as error:
            self._output_lost, self._is_writing = True, False
            raise OutputLostError(error) from None

    def _write(self) -> None:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        try:
            sys.stdout.flush()
            descriptor = sys.stdout.fileno()
        except io.UnsupportedOperation:
            # Not a real file, but an in-memory one, as in the SDK's tests.
            while self._buffer:
                sys.stdout.write(self._buffer.next_write(sys.maxsize, sys.maxsize).decode())
                self._buffer.consume(sys.maxsize)
            return
        while self._buffer:
            self._write_once(descriptor)

    def interrupt(self, error: BaseException) -> None:
        """Raise `error` from a signal handler: immediately, or after the current write.

        A write that is interrupted would leave it unknown how many bytes have gone out.
        """
        if not self._is_writing:
            raise error
        self._deferred = error

    def _write_once(self, descriptor: int) -> None:
        """Write as much as fits without blocking.

        All waiting happens before the write, where a signal or the end of the process loses nothing.
        """
        buffer = self._buffer
        self.is_waiting = True
        max_chunk, max_write = wait_until_writable(
            descriptor,
            smallest_chunk=buffer.smallest_chunk,
            efficient_chunk=buffer.efficient_chunk,
            pending=len(buffer),
        )
        self.is_waiting = False
        self._is_writing = True
        buffer.consume(os.write(descriptor, buffer.next_write(max_chunk, max_write)))
        self._is_writing = False
        if self._deferred is not None:
            error, self._deferred = self._deferred, None
            raise error


class StateLineWriter(StateWriter):
    """Writes the state of the tap, unless it equals the last one.

    The SDK keeps a deep copy of each state that it writes and compares the next one with it. Comparing the
    encoded lines is cheaper.
    """

    def __init__(self, writer: LineWriter) -> None:
        super().__init__(writer)
        self._writer = writer
        self._last_line = b""

    def write_state(self, state: TapState) -> None:
        """Write a state if it has changed.

        Raises:
            OutputLostError: Nobody reads stdout.
        """
        message = StateMessage(value=state)
        line = self._writer.serialize_message(message)
        if line != self._last_line:
            self._writer.write_message(message)
            self._last_line = line
