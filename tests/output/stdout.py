"""Pipes and sockets in place of stdout, and a run's messages to write to them."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import msgspec
import pytest
from singer_sdk.singerlib.messages import ActivateVersionMessage, RecordMessage, SchemaMessage, StateMessage

from tap_infusionsoft.output.writer import LineWriter

if sys.platform == "linux":
    import fcntl

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports how full a pipe is")

PAGE = os.sysconf("SC_PAGE_SIZE")
SMALL_PIPE, DEFAULT_PIPE = 4 * PAGE, 16 * PAGE
"""Bytes that a pipe holds: one whose size somebody has set, and one with Linux's default."""


class Row(msgspec.Struct):
    id: int
    text: str


def rows(first: int, end: int, size: int = 500) -> list[Row]:
    """Rows with the ids from `first` to `end`, exclusive, and `size` bytes of text each."""
    return [Row(number, "x" * size) for number in range(first, end)]


def write_run(writer: LineWriter) -> None:
    """Write pages that are larger than the pipes, some of them with a STATE after them."""
    writer.write_message(SchemaMessage("rows", {"properties": {}}, ["id"]))
    writer.write_rows("rows", rows(0, 300), 1)
    writer.write_message(StateMessage({"read": 300}))
    writer.write_rows("rows", rows(300, 3000), 1)
    writer.write_message(RecordMessage("rows", {"id": 3000, "text": "y"}))
    writer.write_message(StateMessage({"read": 3001}))
    writer.write_rows("rows", rows(3001, 3100, size=5 * PAGE // 2), 1)
    writer.write_message(ActivateVersionMessage("rows", 1))
    writer.write_message(StateMessage({"read": 3100}))
    writer.write_message(SchemaMessage("others", {"properties": {}}, ["id"]))


RUN = [
    "SCHEMA",
    *[(row.id, row.text) for row in rows(0, 300)],
    {"read": 300},
    *[(row.id, row.text) for row in rows(300, 3000)],
    (3000, "y"),
    {"read": 3001},
    *[(row.id, row.text) for row in rows(3001, 3100, size=5 * PAGE // 2)],
    "ACTIVATE_VERSION",
    {"read": 3100},
    "SCHEMA",
]
"""What `parse` returns for the output of `write_run`, without repeated STATEs."""


def parse(lines: bytes | bytearray) -> list[Any]:
    """The messages: a record as a tuple, a state as a dict, any other as its type."""
    assert lines.endswith(b"\n")
    return [_content(json.loads(line)) for line in lines.splitlines()]


def _content(message: dict[str, Any]) -> Any:
    if "record" in message:
        return (message["record"]["id"], message["record"]["text"])
    return message.get("value") or message["type"]


def without_repeated_states(messages: list[Any]) -> list[Any]:
    states: list[Any] = [{}]
    kept = []
    for message in messages:
        if message != states[-1]:
            kept.append(message)
        if isinstance(message, dict):
            states.append(message)
    return kept


def has_state_after_records(write: bytes) -> bool:
    """True if the last message is a STATE, or there is no record."""
    kinds = [type(message) for message in parse(write)]
    return tuple not in kinds or kinds[-1] is dict


class Stdout:
    """Replaces stdout, and reads it in a thread.

    Attributes:
        sink: Descriptor that is written to.
        writes: What each call of `os.write` wrote to it.
        arrived: Everything that has been read from it.
    """

    def __init__(self, sink: int, source: int, read: Callable[[int], bytes] | None = None) -> None:
        self.sink, self.source = sink, source
        self.writes: list[bytes] = []
        self.arrived = bytearray()
        self._read = read or (lambda descriptor: os.read(descriptor, 1 << 20))
        self._reader = threading.Thread(target=self._read_all)

    @contextlib.contextmanager
    def replaced(self, *, is_read: bool = True) -> Iterator[None]:
        """Replace stdout; read it at once if `is_read`, otherwise from the call of `start_reading`."""
        write = os.write

        def recorded(descriptor: int, data: bytes) -> int:
            count = write(descriptor, data)
            if descriptor == self.sink:
                self.writes.append(bytes(data[:count]))
            return count

        with (
            mock.patch.object(os, "write", recorded),
            os.fdopen(self.sink, "w") as stdout,
            contextlib.redirect_stdout(stdout),
        ):
            if is_read:
                self.start_reading()
            yield
        self._reader.join()
        os.close(self.source)

    def start_reading(self) -> None:
        self._reader.start()

    def _read_all(self) -> None:
        while data := self._read(self.source):
            self.arrived += data


def pipe_of(size: int) -> tuple[int, int]:
    """The writing and the reading end of a pipe that holds `size` bytes."""
    source, sink = os.pipe()
    if sys.platform == "linux":
        fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, size)
    return sink, source


def socket_pair() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def read_odd_amount(source: int) -> bytes:
    """Read a number of bytes that fits neither lines nor pages."""
    return os.read(source, random.choice((1, 100, PAGE - 1, PAGE + 1, 3 * PAGE)))
