"""Writes records to the compressed JSON Lines files that BATCH messages name."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.output.writer import encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    # A private module, but the type of `Stream.get_batches`'s argument has no other home (read in 0.54.9).
    from singer_sdk.helpers._batch import BatchConfig

_GZIP_LEVEL = 1
"""The next levels take twice the time to save a tenth of the size."""


class BatchFiles:
    """Writes records to files of at most `batch_size` records each."""

    def __init__(self, config: BatchConfig, name: str) -> None:
        """Prepare the files of one sync. None is opened yet.

        Args:
            config: Where the files go, and how many records each may hold.
            name: Beginning of their names, after the configured prefix.

        Raises:
            ConfigError: The batch size is less than one record.
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
            records: The records, in groups of any size.

        Yields:
            Number of records and URL of each file, once the file is complete.

        Raises:
            OSError: A file cannot be written.
        """
        waiting: list[Any] = []
        for group in records:
            waiting += group
            while len(waiting) >= self._size:
                yield self._write_file(waiting[: self._size])
                del waiting[: self._size]
        if waiting:
            yield self._write_file(waiting)

    def _write_file(self, records: Sequence[Any]) -> tuple[int, str]:
        self._files += 1
        name = f"{self._name}-{self._files}.json.gz"
        file: IO[bytes]
        with (
            self._storage.open(name, "wb") as file,
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL) as compressed,
        ):
            compressed.write(encoder.encode_lines(records))
        return len(records), self._storage.get_url(name)
