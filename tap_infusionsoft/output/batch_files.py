"""Writes records into files for BATCH messages, a record a line, compressed."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.output.writer import encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    # The SDK passes it to `Stream.get_batches`, but has no public name for it (read in 0.54.9).
    from singer_sdk.helpers._batch import BatchConfig

_LEVEL = 1
"""Of compression: the next levels take twice the time for files that are a tenth smaller."""


class BatchFiles:
    """Writes records into files of at most ``batch_size`` records each."""

    def __init__(self, config: BatchConfig, name: str) -> None:
        """Prepare the files of one sync; none is opened yet.

        Args:
            config: Where they go, and how large they are.
            name: What their names begin with, after the prefix of the settings.

        Raises:
            ConfigError: No file could hold a record.
        """
        if config.batch_size < 1:
            raise ConfigError(
                f"batch_config: batch_size is {config.batch_size}; it must be at least 1. "
                "Correct it, or leave it out."
            )
        self._storage = config.storage
        self._size = config.batch_size
        self._name = f"{self._storage.prefix or ''}{name}-{uuid4()}"
        self._files = 0

    def write(self, records: Iterable[Sequence[Any]]) -> Iterator[tuple[int, str]]:
        """Write all records.

        Args:
            records: The records, some at a time.

        Yields:
            For each complete file, its number of records and its URL.

        Raises:
            OSError: A file can't be written.
        """
        waiting: list[Any] = []
        for some in records:
            waiting += some
            while len(waiting) >= self._size:
                yield self._write(waiting[: self._size])
                del waiting[: self._size]
        if waiting:
            yield self._write(waiting)

    def _write(self, records: Sequence[Any]) -> tuple[int, str]:
        self._files += 1
        name = f"{self._name}-{self._files}.json.gz"
        file: IO[bytes]
        with (
            self._storage.open(name, "wb") as file,
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL) as packed,
        ):
            packed.write(encoder.encode_lines(records))
        return len(records), self._storage.get_url(name)
