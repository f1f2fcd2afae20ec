"""Writes records to the JSON Lines files that BATCH messages name."""

from __future__ import annotations

import gzip
import itertools
import sys
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

# A private module, but the SDK's file systems and the encoding in a BATCH message have no other home (read in
# 0.54.9).
from singer_sdk.helpers._batch import BaseBatchFileEncoding, SDKBatchMessage, StorageTarget

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.output.writer import check_sizes, encoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from tap_infusionsoft.config.batches import Batches

_GZIP_LEVEL = 1
"""The next levels take twice the time to save a tenth of the size."""


class BatchFiles:
    """Writes the records of one stream of messages to files, each of them full but the last.

    Attributes:
        records: Records in files so far.
    """

    def __init__(self, batches: Batches, tap: str, stream: str, max_record_bytes: int = sys.maxsize) -> None:
        """Prepare the files of one sync. None is opened yet.

        Args:
            batches: Where the files go, and how many records each may hold.
            tap: Name of the tap, for the names of the files.
            stream: Name of the stream in messages.
            max_record_bytes: Longest line that a record may take, in bytes.

        Raises:
            ConfigError: There are no files at such a URL.
        """
        self.records = 0
        self._batches = batches
        self._stream = stream
        self._max_record_bytes = max_record_bytes
        self._storage = StorageTarget(batches.root, batches.prefix, dict(batches.params))
        self._name = f"{batches.prefix}{tap}--{stream.replace('/', '_')}-{uuid4()}"
        try:
            self._storage.get_url(self._name)
        except ValueError as error:
            raise ConfigError(
                f"batch_config: storage.root cannot be used: {error}. Correct it, or use a folder."
            ) from None
        self._numbers = itertools.count(1)
        self._waiting: list[Any] = []

    def add(self, records: Sequence[Any]) -> Iterator[SDKBatchMessage]:
        """Add records, and write as many files as they fill.

        Yields:
            The BATCH message of each file, once the file is complete.

        Raises:
            OSError: A file cannot be written.
            RecordTooLargeError: A record's line is longer than `max_record_bytes`.
        """
        self._waiting += records
        while len(self._waiting) >= self._batches.size:
            yield self._write(self._waiting[: self._batches.size])
            del self._waiting[: self._batches.size]

    def finish(self) -> Iterator[SDKBatchMessage]:
        """Write what is left, if anything is.

        Yields:
            The BATCH message of the last file.

        Raises:
            OSError: The file cannot be written.
            RecordTooLargeError: A record's line is longer than `max_record_bytes`.
        """
        if self._waiting:
            yield self._write(self._waiting)
            self._waiting = []

    def _write(self, records: Sequence[Any]) -> SDKBatchMessage:
        lines = encoder.encode_lines(records)
        check_sizes(lines, records, self._max_record_bytes)
        is_compressed = self._batches.is_compressed
        name = f"{self._name}-{next(self._numbers)}.json{'.gz' if is_compressed else ''}"
        file: IO[bytes]
        with self._storage.open(name, "wb") as file:
            opened: AbstractContextManager[Any] = nullcontext(file)
            if is_compressed:
                opened = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL)
            with opened as out:
                out.write(lines)
        self.records += len(records)
        # Targets take files for plain text unless the message says otherwise.
        encoding = BaseBatchFileEncoding("jsonl", "gzip" if is_compressed else "none")
        return SDKBatchMessage(self._stream, encoding, [self._storage.get_url(name)])
