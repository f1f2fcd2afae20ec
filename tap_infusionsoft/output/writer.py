"""Writes Singer messages to stdout, whole lines only.

The SDK's own writer silently turns NaN into null, and a signal can cut it off in the middle of a line. This one always
knows how many of its bytes have been written, so the rest of a line follows.
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

# The type of the SDK's public property `Tap.state_writer` has no public name (read in 0.54.9).
from singer_sdk.helpers._state import StateWriter
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage, SchemaMessage, StateMessage

from tap_infusionsoft.errors import OutputLostError, RecordTooLargeError
from tap_infusionsoft.output.line_buffer import LineBuffer
from tap_infusionsoft.output.pipe_capacity import wait_for_room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.helpers.types import TapState


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


encoder = msgspec.json.Encoder(enc_hook=_as_text, decimal_format="number")


class _Record(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    stream: str
    record: msgspec.Struct
    version: int
    time_extracted: str


class _RecordWithoutVersion(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    stream: str
    record: msgspec.Struct
    time_extracted: str


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _document(message: Message) -> dict[str, Any]:
    """Return a message as an object.

    The SDK makes a deep copy of schemas and states for this. That takes half the time of a run that finds nothing new.
    """
    if not isinstance(message, SchemaMessage | StateMessage):
        return message.to_dict()
    named = {one.name: getattr(message, one.name) for one in fields(message)}
    return {name: value for name, value in named.items() if value is not None}


def _largest_column(record: Mapping[str, Any]) -> str:
    return max(record, key=lambda name: len(encoder.encode(record[name])))


class LineWriter(GenericSingerWriter[bytes, Message]):
    """Writes messages to stdout.

    Attributes:
        largest: Most bytes of a record's line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.largest = sys.maxsize
        self._buffer = LineBuffer()
        self._is_writing = False
        self._is_lost = False
        self._deferred: BaseException | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Encode one message, without a line break."""
        document = _document(message)
        extracted = document.get("time_extracted")
        if isinstance(extracted, datetime):
            document["time_extracted"] = _time(extracted)
        return encoder.encode(document)

    def write_message(self, message: Message) -> None:
        """Write one message. Records may wait for others, and so do messages that follow them.

        Args:
            message: The message.

        Raises:
            RecordTooLargeError: The line of a record is longer than targets can be expected to read.
            OutputLostError: Nobody reads stdout.
        """
        line = self.format_message(message) + b"\n"
        is_record = isinstance(message, RecordMessage)
        if len(line) > self.largest and isinstance(message, RecordMessage):
            raise RecordTooLargeError(len(line), self.largest, _largest_column(message.record))
        if isinstance(message, StateMessage):
            self._buffer.add_state(line)
        else:
            self._buffer.add(line, are_records=is_record)
        if self._buffer.is_due:
            self.flush()

    def write_rows(self, stream: str, rows: Sequence[msgspec.Struct], version: int | None) -> None:
        """Write the records of a page.

        Args:
            stream: Name of their stream.
            rows: The records.
            version: Version of the stream; None if it has none.

        Raises:
            RecordTooLargeError: The line of a record is longer than targets can be expected to read.
            OutputLostError: Nobody reads stdout.
        """
        extracted = _time(datetime.now(UTC))
        messages = (
            [_RecordWithoutVersion(stream, row, extracted) for row in rows]
            if version is None
            else [_Record(stream, row, version, extracted) for row in rows]
        )
        lines = encoder.encode_lines(messages)
        if len(lines) > self.largest:
            self._check_lines(lines, rows)
        self._buffer.add(lines, are_records=True)
        if self._buffer.is_due:
            self.flush()

    def _check_lines(self, lines: bytes, rows: Sequence[msgspec.Struct]) -> None:
        for line, row in zip(lines.splitlines(keepends=True), rows, strict=True):
            if len(line) > self.largest:
                raise RecordTooLargeError(len(line), self.largest, _largest_column(msgspec.to_builtins(row)))

    def flush(self) -> None:
        """Write everything that waits.

        Raises:
            OutputLostError: Nobody reads stdout. This is raised once; from then on everything is dropped.
        """
        if self._is_lost:
            self._buffer.clear()
            return
        try:
            self._write()
        except OSError as error:
            self._is_lost, self._is_writing = True, False
            raise OutputLostError(error) from None

    def _write(self) -> None:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        try:
            sys.stdout.flush()
            descriptor = sys.stdout.fileno()
        except io.UnsupportedOperation:
            # A replacement for stdout, as the SDK's tests use.
            while self._buffer:
                sys.stdout.write(self._buffer.next(sys.maxsize, sys.maxsize).decode())
                self._buffer.drop(sys.maxsize)
            return
        while self._buffer:
            self._write_some(descriptor)

    def interrupt(self, error: BaseException) -> None:
        """Raise an exception from a signal handler: at once, or as soon as it is known how much has been written.

        Args:
            error: The exception.
        """
        if not self._is_writing:
            raise error
        self._deferred = error

    def _write_some(self, descriptor: int) -> None:
        """Write as much as goes out without waiting.

        All waiting happens before that, when a signal or the end of the process loses nothing.
        """
        buffer = self._buffer
        largest, step = wait_for_room(descriptor, buffer.smallest, buffer.worthwhile, len(buffer))
        self._is_writing = True
        buffer.drop(os.write(descriptor, buffer.next(largest, step)))
        self._is_writing = False
        if self._deferred is not None:
            error, self._deferred = self._deferred, None
            raise error


class StateLines(StateWriter):
    """Writes the state of the tap unless it is the one that was written last.

    The SDK finds that out with a deep copy of every state that it writes, and a comparison leaf by leaf. Comparing
    the encoded lines is cheaper.
    """

    def __init__(self, writer: LineWriter) -> None:
        """No state has been written yet.

        Args:
            writer: What writes it.
        """
        super().__init__(writer)
        self._writer = writer
        self._last = b""

    def write_state(self, state: TapState) -> None:
        """Write a state if it has changed.

        Args:
            state: The state.

        Raises:
            OutputLostError: Nobody reads stdout.
        """
        message = StateMessage(value=state)
        line = self._writer.serialize_message(message)
        if line != self._last:
            self._writer.write_message(message)
            self._last = line
