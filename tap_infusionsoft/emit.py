"""Singer messages -> stdout, whole lines only.

The SDK's own writer turns NaN into null in silence, and a signal can cut it in the middle of a line. This one always
knows how much of its bytes has gone out, so that the rest of a line follows.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage, SchemaMessage, StateMessage

if sys.platform == "linux":
    import fcntl
    import termios

from tap_infusionsoft.errors import OutputLostError, RecordTooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FLUSH_AT = 1 << 16
"""Bytes of records that may wait; any other message goes out at once."""
_STEP = 4096
"""Bytes; a pipe that is ready takes this many without waiting, everywhere. An empty one on Linux takes all it can hold."""


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


def _room(descriptor: int) -> int:
    """Bytes that a file takes without waiting, when it is ready."""
    if sys.platform == "linux":
        try:
            size = fcntl.fcntl(descriptor, fcntl.F_GETPIPE_SZ)
            if not any(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))):
                return max(size, _STEP)
        except OSError:
            return _STEP  # no pipe
    return _STEP


class LineWriter(GenericSingerWriter[bytes, Message]):
    """Writes messages to stdout.

    Attributes:
        largest: Most bytes of a record's line.
        is_ahead: Whether records have gone out since the last STATE. Some targets forget a STATE when a record follows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.largest = sys.maxsize
        self.is_ahead = False
        self._waiting = bytearray()
        self._has_records = False
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
        """Write one message; records may wait for others.

        Raises:
            RecordTooLargeError: A record takes a longer line than targets can be expected to read.
            OutputLostError: Nobody reads stdout.
        """
        line = self.format_message(message) + b"\n"
        is_record = isinstance(message, RecordMessage)
        if len(line) > self.largest and isinstance(message, RecordMessage):
            raise RecordTooLargeError(len(line), self.largest, _largest_column(message.record))
        self._waiting += line
        self._has_records |= is_record
        if len(self._waiting) >= _FLUSH_AT or not is_record:
            self.is_ahead = (self.is_ahead or self._has_records) and not isinstance(message, StateMessage)
            self._has_records = False
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
        self._waiting += lines
        self._has_records = True
        if len(self._waiting) >= _FLUSH_AT:
            self.is_ahead = True
            self._has_records = False
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
            sys.stdout.write(self._waiting.decode())
            self._waiting.clear()
            return
        while self._waiting:
            self._write_some(descriptor)

    def interrupt(self, error: BaseException) -> None:
        """Raise ``error``, for a signal handler: at once, or when it is known again how much has gone out."""
        if not self._is_writing:
            raise error
        self._deferred = error

    def _write_some(self, descriptor: int) -> None:
        """Write as much as a pipe takes without waiting.

        All waiting is done in `select`, where a signal loses nothing. A signal in the middle of a longer write
        would leave it unknown how much of it has gone out.
        """
        if os.name == "posix":
            select.select((), (descriptor,), ())
        step = _room(descriptor)
        # Whole lines, if they fit: what fits goes out in one piece, even if the process is killed meanwhile.
        lines = self._waiting.rfind(b"\n", 0, step) + 1
        self._is_writing = True
        written = os.write(descriptor, self._waiting[: lines or step])
        del self._waiting[:written]
        self._is_writing = False
        if self._deferred is not None:
            error, self._deferred = self._deferred, None
            raise error
