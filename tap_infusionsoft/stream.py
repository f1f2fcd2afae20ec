"""`KeapStream`: joins a declaration, the client and the SDK. The only file that knows the SDK's stream hooks.

It builds on the SDK's `Stream`, not on its `RESTStream`: there, a blank or broken answer is parsed outside the
retries and passes for "no rows", and every request follows redirects.

State is the tap's own affair: it moves when a pass is complete, never with single records.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers._catalog import pop_deselected_record_properties
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.metrics import DEFAULT_LOG_INTERVAL

from tap_infusionsoft.discovery.discover import schema_of
from tap_infusionsoft.discovery.selection import Wanted
from tap_infusionsoft.errors import ConfigError, TapError
from tap_infusionsoft.output.batch_files import BatchFiles
from tap_infusionsoft.output.quarantine import Quarantine, check_few
from tap_infusionsoft.output.writer import LineWriter
from tap_infusionsoft.reading.reader import (
    CheckpointReached,
    LetOthersCatchUp,
    Reader,
    RowsRead,
    StepAside,
    WaitUntil,
)
from tap_infusionsoft.records.record_builder import Bundle, Rows
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.state.finish_pass import conclude
from tap_infusionsoft.state.plan_pass import (
    KEYS,
    READ,
    UNDERWAY,
    BadStateError,
    PassOptions,
    crawled_to,
    plan_pass,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers._batch import BaseBatchFileEncoding, BatchConfig
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.metrics import Counter

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.records.coerce import Unfit
    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.streams.collection import Collection, Row

STATE_ROWS = 500
"""A STATE message goes out within a pass when there is something to go on from, and at least so many new rows ..."""
STATE_CALLS = 10
"""... or so many calls, ..."""
STATE_SECONDS = 0.2
"""... or so many seconds since the last one. A run that is cut off without warning repeats no more than that: at the
default pace, nothing but the slice that it was in."""


class KeapStream(Stream):
    """The stream of one collection.

    Attributes:
        collection: Its declaration.
        step_aside: Set while the stream has stepped aside; sync it again later, and it goes on where it was.
        has_more: Whether another pass follows the one that was closed; sync it again at once.
        upcoming: Gives the calls that the streams after this one will begin with, as far as they are known.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # records conform already
    emit_activate_version_messages = False  # the SDK sends it before the records; see close()

    def __init__(self, tap: Tap, collection: Collection, account: Account, *, selected: bool) -> None:
        self.collection = collection
        self.step_aside: StepAside | None = None
        self.has_more = False
        self.upcoming: Callable[[], Sequence[Call]] = tuple
        self._account = account
        self._rows: Iterator[Record | Bundle | StepAside] | None = None
        self._pass: Pass | None = None
        self._is_read = False
        self._rows_before = 0
        self._told = (0, 0, float("-inf"))
        self._schema_is_written = False
        self._records: Rows | None = None
        self._reader: Reader | None = None
        self._counter: Counter | None = None
        self.selected_by_default = selected
        super().__init__(tap, name=collection.name)
        self.primary_keys = collection.keys
        self.replication_key = collection.changes.key

    # What the SDK asks of a stream.

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the records, custom fields included; that of the catalogue, if there is one."""
        if self._input_schema is not None:
            return self._input_schema
        if self._tap_input_catalog is not None:
            return self.collection.schema  # the catalog does not have this stream: don't spend a call on it
        return schema_of(self.collection, self._account)

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Read the stream, or go on reading it after it has stepped aside.

        Raises:
            KeapError: Something cannot be read.
            TapError: State, catalogue or data are wrong.
        """
        for item in self._items():
            if isinstance(item, Bundle):
                self._write_bundle(item)
            else:
                yield item

    def _items(self) -> Iterator[Record | Bundle]:
        """What is left to read, up to the next pause."""
        self.step_aside = None
        if self._rows is None:
            self._rows = self._read()
        for item in self._rows:
            if isinstance(item, WaitUntil | LetOthersCatchUp):
                self.step_aside = item
                return
            yield item
        self._is_read = True

    def get_record_counter(
        self, *, endpoint: str | None = None, log_interval: float = DEFAULT_LOG_INTERVAL
    ) -> Counter:
        """The counter of this sync, which records that go by the page are added to."""
        self._counter = super().get_record_counter(endpoint=endpoint, log_interval=log_interval)
        return self._counter

    def _write_bundle(self, bundle: Bundle) -> None:
        self._writer.write_rows(self.name, bundle.rows, self._stream_version)
        if self._counter is not None:
            self._counter.increment(len(bundle.rows))

    def get_batches(
        self, batch_config: BatchConfig, context: Context | None = None
    ) -> Iterator[tuple[BaseBatchFileEncoding, list[str]]]:
        """Read the stream into files, a record a line."""
        if not self._goes_as_it_is or batch_config.encoding.format != "jsonl":
            yield from super().get_batches(batch_config, context)
            return
        with self.get_record_counter() as counter, self.get_sync_timer():
            for count, url in BatchFiles(batch_config, f"{self.tap_name}--{self.name}").write(self._lines()):
                counter.increment(count)
                yield batch_config.encoding, [url]

    def _lines(self) -> Iterator[Sequence[Any]]:
        """The records, some at a time, with the selected columns only."""
        for item in self._items():
            if isinstance(item, Bundle):
                yield item.rows
            else:
                pop_deselected_record_properties(item, self.schema, self.mask)
                yield [item]

    @property
    def _goes_as_it_is(self) -> bool:
        """Whether nothing happens to records on their way out but their selection."""
        return all(
            type(one) is SameRecordTransform and not one.flattening_enabled for one in self.stream_maps
        )

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log a message."""
        # The runner reports the same error in one clear line; and streams that share answers take many turns.
        if message.startswith("An unhandled error") or (
            message.startswith("Beginning") and self._rows is not None
        ):
            level = logging.DEBUG
        super().log(message, *args, level=level, **kwargs)

    def _write_schema_message(self) -> None:
        """Write the SCHEMA message: once, however often the stream steps aside."""
        if not self._schema_is_written:
            super()._write_schema_message()
            self._schema_is_written = True

    def _write_state_message(self) -> None:
        """Write a STATE where the stream steps aside: behind its last row, `close` is about to write a later one."""
        if not self._is_read:
            super()._write_state_message()

    def _increment_stream_state(self, latest_record: Record, *, context: Context | None = None) -> None:
        """Leave the state alone: the SDK would take the time of any record as the bookmark."""

    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Leave the state alone: the SDK would put start_date into it, relative dates included."""

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """None: bookmarks are capped where they are made."""

    # What the runner asks of a stream.

    def close(self) -> str | None:
        """After a pass that read everything: activate its version, move the state, and write it.

        Returns:
            Why deletions were not marked, if they should have been.
        """
        if not self._is_read or self._pass is None:
            return None
        if self._records is not None:
            self._warn(self._records.drift.messages())
        conclusion = conclude(
            self._pass,
            self.collection.changes,
            self.stream_state,
            max_drop=self._account.settings.sweep_max_drop,
        )
        if conclusion.activate is not None:
            self._write_activate_version_message(conclusion.activate)
        self.stream_state.update(conclusion.state)
        self._tap.state_writer.write_state(self.tap_state)
        # What an earlier run has read may have changed since; an increment brings that, if there can be one.
        self.has_more = (
            self._pass.is_taken_up and self.replication_key is not None and conclusion.refusal is None
        )
        if not self.has_more:
            self._account.fetcher(self.name).leave()
        self._rows = self._reader = None
        self._is_read = False
        return conclusion.refusal

    @property
    def read_at(self) -> str:
        """When the stream was last read to its end, as text that can be ordered; empty if never."""
        return str(self.stream_state.get(READ, ""))

    @property
    def responses(self) -> SharedResponses:
        """The responses that it shares with other streams."""
        return self._account.fetcher(self.name).responses

    @property
    def crawled_to(self) -> int:
        """How far an earlier run came in it, to compare it with those that read the same."""
        return crawled_to(self.stream_state)

    @property
    def summary(self) -> str:
        """What the pass read, in a few words."""
        if self._pass is None:
            return "not begun"
        rows = self._pass.checkpoint.rows
        earlier = f", {self._rows_before} of them in an earlier run" if self._pass.is_taken_up else ""
        bad = self._pass.checkpoint.quarantined
        aside = f", {bad} in {self._account.settings.quarantine_file}" if bad else ""
        return f"{rows} rows, {self._pass.kind}{earlier}{aside}"

    # Reading.

    @property
    def opening_call(self) -> Call | None:
        """The call that the stream begins with; None where it is not known yet, others may make it, or it was made."""
        try:
            asks = self._rows is None and self._account.fetcher(self.name).asks_alone
            return self._begin().opening_call() if asks else None
        except Exception:  # noqa: BLE001
            return None  # told when it is this stream's turn

    @cached_property
    def _wanted(self) -> Wanted:
        return Wanted(self._account, self.collection, self.schema, self.mask)

    def _begin(self) -> Reader:
        """The reading of the next pass. Nothing has been asked for or told yet.

        Raises:
            ConfigError: The state cannot be used.
        """
        if self._reader is not None:
            return self._reader
        wanted, settings = self._wanted, self._account.settings
        try:
            self._pass = plan_pass(
                self.collection.changes,
                self.stream_state,
                PassOptions(
                    started=self._account.started,
                    scope=self._account.scope(self.collection),
                    sweep_days=settings.sweep_days(self.name),
                    lookback=settings.of(self.name).lookback,
                    whole=self.forced_replication_method == "FULL_TABLE",
                    versioned=not self._is_batched,
                    columns=f"{digest(sorted(wanted.columns)):016x}",
                ),
            )
        except BadStateError as error:
            raise ConfigError(
                f"The state of the stream {self.name} cannot be used: {error}. Correct the state file, "
                "or remove the stream's entry to load it anew."
            ) from None
        progress = self._pass.checkpoint
        self._records = rows = Rows(
            self.collection,
            wanted,
            lambda reason, row: self._set_aside(reason, row, progress),
            by_page=self._goes_as_it_is and self.ABORT_AT_RECORD_COUNT is None,
        )
        # Other streams that share its responses need them as plain documents.
        decode = None if self._account.fetcher(self.name).is_shared else rows.shape
        self._reader = Reader(
            self._account,
            self._account.plan(self.collection, self._pass.window, wanted.fields, decode),
            progress,
            known=(self.stream_state.get(KEYS) if self._pass.complete else None) or "",
            on_last=lambda: self._account.prefetcher.open(self.upcoming()),
        )
        return self._reader

    def _read(self) -> Iterator[Record | Bundle | StepAside]:
        if self._input_schema is not None:
            self._warn(self._wanted.check_catalogue())
        reading = self._begin()
        assert self._pass is not None  # noqa: S101  # that has set them
        assert self._records is not None  # noqa: S101
        for warning in self._pass.warnings:
            self.log("%s: %s", self.name, warning, level=logging.WARNING)
        if self._pass.is_taken_up:
            self.log(
                "%s: going on with the %s of %s.",
                self.name,
                self._pass.kind,
                f"{self._pass.started:%Y-%m-%d %H:%M} UTC",
            )
        self._stream_version = self._pass.version
        progress = reading.checkpoint
        self._rows_before = progress.rows
        for item in reading:
            match item:
                case WaitUntil() | LetOthersCatchUp():
                    yield item
                case CheckpointReached():
                    self._keep(progress)
                case RowsRead():
                    yield from self._records(item, progress)
        self._check_quarantine(progress, progress.rows)

    def _keep(self, progress: Checkpoint) -> None:
        """Keep in the state how far the pass has come. All of it has been written out."""
        if self._is_batched:
            return  # it waits in a file that no message has named yet
        assert self._pass is not None  # noqa: S101  # there is one while it is read
        self.stream_state[UNDERWAY] = [self._pass.as_state()]
        client = self._account.client
        now = (progress.rows, client.sent, client.clock.monotonic())
        enough = (STATE_ROWS, STATE_CALLS, STATE_SECONDS)
        if any(new - old >= most for new, old, most in zip(now, self._told, enough, strict=True)):
            self._tap.state_writer.write_state(self.tap_state)
            self._told = now

    @property
    def _writer(self) -> LineWriter:
        writer = self._tap.message_writer
        assert isinstance(writer, LineWriter)  # noqa: S101  # the tap says so
        return writer

    @property
    def _is_batched(self) -> bool:
        """Whether records go into files. BATCH messages carry no version, and come after their last record."""
        return "batch_config" in self.config

    def _set_aside(self, reason: Unfit, row: Row, progress: Checkpoint) -> None:
        """Put a row into quarantine.

        Raises:
            TapError: There is none, or it is full.
        """
        path = self._account.settings.quarantine_file
        if path is None:
            raise TapError(
                f"{reason}, so it cannot be told from others. Nothing is skipped in silence: "
                "run again later, and report it if it stays."
            ) from None
        progress.quarantined += 1
        self._check_quarantine(progress)
        Quarantine(path, self._account.client.clock).add(self.name, str(reason), row)

    def _check_quarantine(self, progress: Checkpoint, rows: int | None = None) -> None:
        try:
            check_few(progress.quarantined, rows)
        except TapError:
            self.stream_state[UNDERWAY] = []  # the next run begins anew
            raise

    def _warn(self, messages: Iterable[str]) -> None:
        for message in messages:
            self.log("%s: %s.", self.name, message, level=logging.WARNING)
