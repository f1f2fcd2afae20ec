"""Singer messages -> stdout, whole lines only.

The SDK's own writer turns NaN into null in silence, and a signal can cut it in the middle of a line. This one always
knows how much of its bytes has gone out, so that the rest of a line follows.
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
from singer_sdk.helpers._state import StateWriter
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage, SchemaMessage, StateMessage

from tap_infusionsoft.errors import OutputLostError, RecordTooLargeError
from tap_infusionsoft.output.line_buffer import Pieces
from tap_infusionsoft.output.pipe_capacity import room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.helpers.types import TapState


def _unusual(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


encoder = msgspec.json.Encoder(enc_hook=_unusual, decimal_format="number")


class _Record(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    stream: str
    record: msgspec.Struct
    version: int
    time_extracted: str


class _RecordWithout(msgspec.Struct, tag_field="type", tag="RECORD", gc=False):
    """The same for a stream that has no version."""

    stream: str
    record: msgspec.Struct
    time_extracted: str


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _document(message: Message) -> dict[str, Any]:
    """What a message says.

    The SDK copies schemas and states to their last leaf for it: half the time of a run in which nothing changed.
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
        self._waiting = Pieces()
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
        """Write one message; records may wait for others, and what comes behind them with them.

        Raises:
            RecordTooLargeError: A record takes a longer line than targets can be expected to read.
            OutputLostError: Nobody reads stdout.
        """
        line = self.format_message(message) + b"\n"
        is_record = isinstance(message, RecordMessage)
        if len(line) > self.largest and isinstance(message, RecordMessage):
            raise RecordTooLargeError(len(line), self.largest, _largest_column(message.record))
        if isinstance(message, StateMessage):
            self._waiting.add_state(line)
        else:
            self._waiting.add(line, are_records=is_record)
        if self._waiting.is_due:
            self.flush()

    def write_rows(self, stream: str, rows: Sequence[msgspec.Struct], version: int | None) -> None:
        """Write the records of a page.

        Raises:
            RecordTooLargeError: A record takes a longer line than targets can be expected to read.
            OutputLostError: Nobody reads stdout.
        """
        extracted = _time(datetime.now(UTC))
        messages = (
            [_RecordWithout(stream, row, extracted) for row in rows]
            if version is None
            else [_Record(stream, row, version, extracted) for row in rows]
        )
        lines = encoder.encode_lines(messages)
        if len(lines) > self.largest:
            self._check_lines(lines, rows)
        self._waiting.add(lines, are_records=True)
        if self._waiting.is_due:
            self.flush()

    def _check_lines(self, lines: bytes, rows: Sequence[msgspec.Struct]) -> None:
        for line, row in zip(lines.splitlines(keepends=True), rows, strict=True):
            if len(line) > self.largest:
                raise RecordTooLargeError(len(line), self.largest, _largest_column(msgspec.to_builtins(row)))

    def flush(self) -> None:
        """Write out everything that waits.

        Raises:
            OutputLostError: Nobody reads stdout; told once, and then everything is let go.
        """
        if self._is_lost:
            self._waiting.clear()
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
            # A stand-in for stdout, as the SDK's tests use.
            while self._waiting:
                sys.stdout.write(self._waiting.next(sys.maxsize, sys.maxsize).decode())
                self._waiting.went(sys.maxsize)
            return
        while self._waiting:
            self._write_some(descriptor)

    def interrupt(self, error: BaseException) -> None:
        """Raise ``error``, for a signal handler: at once, or when it is known again how much has gone out."""
        if not self._is_writing:
            raise error
        self._deferred = error

    def _write_some(self, descriptor: int) -> None:
        """Write as much as goes out without waiting.

        All waiting is done before, where a signal or the end of the process loses nothing.
        """
        waiting = self._waiting
        largest, step = room(descriptor, waiting.least, waiting.worth, len(waiting))
        self._is_writing = True
        waiting.went(os.write(descriptor, waiting.next(largest, step)))
        self._is_writing = False
        if self._deferred is not None:
            error, self._deferred = self._deferred, None
            raise error


class StateLines(StateWriter):
    """Writes the state of the tap, unless it is the one that was written last.

    The SDK decides that with a deep copy of every state it writes and a comparison leaf by leaf. Comparing the encoded
    lines is cheaper.
    """

    def __init__(self, writer: LineWriter) -> None:
        super().__init__(writer)
        self._writer = writer
        self._last = b""

    def write_state(self, state: TapState) -> None:
        """Write a state if it has changed.

        Raises:
            OutputLostError: Nobody reads stdout.
        """
        message = StateMessage(value=state)
        line = self._writer.serialize_message(message)
        if line != self._last:
            self._writer.write_message(message)
            self._last = line
