"""From the tap's output to load packages."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, Struct

from tap_infusionsoft.dlt.problems import BridgeError
from tap_infusionsoft.dlt.tables import Rows, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROWS, BYTES = 10_000, 32_000_000
"""Where a package ends, to take little memory. dlt needs half a second for each."""


class _Message(Struct):
    type: str
    stream: str = ""
    record: Raw = Raw()
    version: int | None = None
    time_extracted: str | None = None
    schema: Raw = Raw()
    key_properties: list[str] = []
    value: Raw = Raw()


class Package(Struct):
    """What is loaded together: rows, versions to activate, and the last state that follows no later row.

    `sequence` is the number of the last record. `deletions` says from which version on rows stay.
    """

    sequence: int
    rows: dict[str, Rows]
    deletions: dict[str, int] = {}
    state: dict[str, Any] | None = None
    count: int = 0
    size: int = 0


def packages(lines: Iterable[bytes], sequence: int, most: int) -> Iterator[Package]:
    """Yield load packages of at most `most` rows. They may end anywhere: repeated rows are merged."""
    decode = msgspec.json.Decoder(_Message).decode
    streams: dict[str, Stream] = {}
    package = Package(max(sequence, time_ns() // 1000), {})
    for line in lines:
        if not line.endswith(b"\n"):
            break  # the tap was killed
        try:
            message = decode(line)
        except msgspec.DecodeError:
            raise BridgeError("The tap wrote a line that is no Singer message.") from None
        name = message.stream
        match message.type:
            case "RECORD":
                _take(message, len(line), package)
            case "SCHEMA":
                if name in package.rows and package.rows[name].count:
                    yield package
                    package = _next(package, streams)
                streams[name] = Stream(name, msgspec.json.decode(message.schema), message.key_properties)
                package.rows[name] = Rows(streams[name])
            case "ACTIVATE_VERSION" if message.version is not None:
                package.deletions[name] = message.version
            case "STATE":
                package.state = msgspec.json.decode(message.value)
            case kind:
                raise BridgeError(f"{name}: a {kind} message can't be loaded. Remove batch_config.")
        if package.count >= most or package.size >= BYTES:
            yield package
            package = _next(package, streams)
    yield package


def _take(message: _Message, size: int, package: Package) -> None:
    """Put a record of `size` bytes into a package."""
    if (rows := package.rows.get(message.stream)) is None:
        raise BridgeError(f"{message.stream}: the tap wrote a record before the stream's SCHEMA.")
    package.sequence += 1
    package.count += 1
    package.size += size
    rows.add(message.record, message.time_extracted, package.sequence, message.version)


def _next(package: Package, streams: Mapping[str, Stream]) -> Package:
    return Package(package.sequence, {name: Rows(stream) for name, stream in streams.items()})
