"""The messages that leave for one stream: its schemas, records, files and versions, on each of its ways."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.messages import ActivateVersionMessage, RecordMessage, SchemaMessage

from tap_infusionsoft.output.batch_files import BatchFiles
from tap_infusionsoft.records.record_builder import RecordPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    # Private to the SDK (read in 0.54.9), which exports the message nowhere else.
    from singer_sdk.helpers._batch import SDKBatchMessage

    from tap_infusionsoft.config.batches import Batches
    from tap_infusionsoft.mapping import Outlet, Record
    from tap_infusionsoft.records.projection import Projection


class Outgoing:
    """What leaves for one stream.

    Attributes:
        outlets: The ways on which records leave; none if stream maps remove the stream.
    """

    def __init__(self, outlets: Sequence[Outlet], projection: Projection) -> None:
        """Nothing has left yet.

        Args:
            outlets: The ways on which records leave.
            projection: What removes from records what is not selected.
        """
        self.outlets = outlets
        self._projection = projection

    @property
    def plain_name(self) -> str | None:
        """The name under which records leave just as they are selected; None if more happens to them."""
        is_plain = len(self.outlets) == 1 and self.outlets[0].is_plain
        return self.outlets[0].name if is_plain else None

    def schemas(self, bookmark: str | None) -> Iterator[SchemaMessage]:
        """The SCHEMA messages.

        Args:
            bookmark: The column that the stream goes by. Where it does not leave, no message names it.
        """
        for outlet in self.outlets:
            leaves = bookmark is not None and bookmark in outlet.schema["properties"]
            bookmarks = [bookmark] if bookmark is not None and leaves else None
            yield SchemaMessage(outlet.name, outlet.schema, outlet.keys, bookmarks)

    def records(self, record: Record, version: int | None) -> Iterator[RecordMessage]:
        """The RECORD messages of a record, which is changed.

        Raises:
            ConfigError: A stream map fails.
        """
        self._projection(record)
        for outlet in self.outlets:
            found = outlet(record)
            if found is not None:
                yield RecordMessage(outlet.name, found, version, datetime.now(UTC))

    def activations(self, version: int) -> Iterator[ActivateVersionMessage]:
        """The ACTIVATE_VERSION messages."""
        for outlet in self.outlets:
            yield ActivateVersionMessage(outlet.name, version)

    def batches(
        self, items: Iterable[Record | RecordPage], batches: Batches, tap: str, max_record_bytes: int
    ) -> Iterator[SDKBatchMessage]:
        """Write records to files.

        Args:
            items: The records; in whole pages only if there is a `plain_name`.
            batches: Where the files go.
            tap: Name of the tap, for the names of files.
            max_record_bytes: Longest line that a record may take, in bytes.

        Yields:
            The BATCH message of each file, once it is complete.

        Raises:
            ConfigError: A stream map fails.
            OSError: A file cannot be written.
            RecordTooLargeError: A record's line is too long.
        """
        files = [BatchFiles(batches, tap, one.name, max_record_bytes) for one in self.outlets]
        for item in items:
            if not isinstance(item, RecordPage):
                self._projection(item)
            for outlet, own in zip(self.outlets, files, strict=True):
                yield from own.add(_leaving(outlet, item))
        for own in files:
            yield from own.finish()

    def warnings(self) -> Iterator[str]:
        """Which values were changed on their way since the last time; sentences without full stops."""
        for outlet in self.outlets:
            yield from outlet.messages()


def _leaving(outlet: Outlet, item: Record | RecordPage) -> Sequence[Any]:
    if isinstance(item, RecordPage):
        return item.rows
    found = outlet(item)
    return () if found is None else (found,)
