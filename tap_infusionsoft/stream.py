"""`KeapStream`: joins a declaration, a reader and the SDK. The only file that knows the SDK's stream hooks.

It builds on the SDK's `Stream`, not on its `RESTStream`: there, a blank or broken response is parsed outside
the retries and passes for "no rows", and every request follows redirects.

The tap keeps its own state: it moves when a pass is complete, never with single records.
"""

from __future__ import annotations

import logging
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib import SelectionMask

from tap_infusionsoft.client.faults import KeapError, Kind
from tap_infusionsoft.discovery.catalog_columns import CatalogColumns, catalog_columns
from tap_infusionsoft.discovery.discover import schema_of, static_schema
from tap_infusionsoft.discovery.remembered import Remembered
from tap_infusionsoft.discovery.selection import Selection
from tap_infusionsoft.errors import TapError
from tap_infusionsoft.outgoing import Outgoing
from tap_infusionsoft.output.quarantine import Quarantine, check_few
from tap_infusionsoft.output.writer import LineWriter
from tap_infusionsoft.passes import Passes
from tap_infusionsoft.reading.reader import (
    CheckpointReached,
    LetOthersCatchUp,
    RowsRead,
    StepAside,
    WaitUntil,
)
from tap_infusionsoft.reading.walks.walk import UnsentRow
from tap_infusionsoft.records.custom_fields import PREFIX
from tap_infusionsoft.records.projection import Projection
from tap_infusionsoft.records.record_builder import RecordBuilder, RecordPage
from tap_infusionsoft.report.run_log import PassRecord
from tap_infusionsoft.report.watch import StreamProgress
from tap_infusionsoft.state.entry import ROWS, UNDERWAY, crawled_to, read_at
from tap_infusionsoft.state.given_names import keep_names
from tap_infusionsoft.streams.collection import ROW_KEY

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers._batch import BatchConfig
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.mapper import StreamMap
    from singer_sdk.metrics import Counter
    from singer_sdk.singerlib import Catalog
    from singer_sdk.singerlib.messages import RecordMessage, SchemaMessage

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.discovery.catalog import Given
    from tap_infusionsoft.mapping import Outlets
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.reading.reader import Reader
    from tap_infusionsoft.reading.shared_responses import SharedResponses
    from tap_infusionsoft.state.checkpoint import Checkpoint
    from tap_infusionsoft.state.finish_pass import Conclusion
    from tap_infusionsoft.state.plan_pass import Pass
    from tap_infusionsoft.streams.collection import Collection, Row

STATE_ROWS = 500
"""A STATE message follows a checkpoint if this many rows came since the last STATE, ..."""
STATE_CALLS = 10
"""... or this many calls, ..."""
STATE_SECONDS = 0.2
"""... or this many seconds. A killed run repeats no more than that: at the default pace, only its slice."""


class KeapStream(Stream):
    """The stream of one collection.

    Attributes:
        collection: Its declaration.
        step_aside: Set while the stream has stepped aside. Sync it again later, and it goes on where it was.
        passes: What it reads.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # records conform already
    emit_activate_version_messages = False  # the SDK sends it before the records; see close()

    def __init__(
        self,
        tap: Tap,
        collection: Collection,
        account: Account,
        outlets: Outlets,
        *,
        selected: bool,
        given: Given | None = None,
        named: Mapping[str, str] | None = None,
        is_described: bool = True,
    ) -> None:
        """A stream that has not been read.

        Args:
            tap: The tap.
            collection: What to read.
            account: Where to read it.
            outlets: Finds the ways on which its records leave.
            selected: Whether it is selected unless the catalog says otherwise.
            given: What the catalog says about it; None without a catalog.
            named: Its columns that were named before, by id.
            is_described: Whether Keap says which columns it has.
        """
        self.collection = collection
        self._named = named or {}
        self._is_described = is_described
        self.step_aside: StepAside | None = None
        self.selected_by_default = selected
        self._account = account
        self._outlets = outlets
        self._given = given
        self._builder: RecordBuilder | None = None
        self._records: Iterator[Record | RecordPage | StepAside] | None = None
        self._is_read = False
        self._rows_before = 0
        self._last_state = (0, 0, float("-inf"))  # rows, calls and seconds when the last STATE went out
        self._schema_is_written = False
        self._rows_expected: int | None = None
        self._mended = 0
        self._began = 0.0
        self._remembered = Remembered(account, collection)
        self._starts_over = False
        super().__init__(tap, name=collection.name)
        self.primary_keys = collection.keys
        self.replication_key = collection.changes.key
        is_whole = given is not None and given.is_whole
        if is_whole:
            self.forced_replication_method = "FULL_TABLE"
        self.passes = Passes(account, collection, lambda: self.stream_state, is_whole=is_whole)

    # Records, for the SDK: one by one or, if nothing has to happen to single records, in whole pages.

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Read the stream record by record, or go on after it has stepped aside.

        Raises:
            KeapError: Something cannot be read.
            TapError: State, catalog or data are wrong.
        """
        for item in self._read_on(by_page=False):
            assert not isinstance(item, RecordPage)  # noqa: S101  # nobody asked for pages
            yield item

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write the records: by the page if that changes nothing, otherwise one by one.

        The SDK calls this from `sync`; the name is private there (read in 0.54.9). Its own way evaluates the
        filter of a stream map twice, and takes several times as long as decoding and encoding a record.
        """
        del context
        name = self.outgoing.plain_name if self.ABORT_AT_RECORD_COUNT is None else None
        rows = 0
        with self.get_record_counter() as counter, self.get_sync_timer():
            for item in self._read_on(by_page=write_messages and name is not None):
                if isinstance(item, RecordPage):
                    self._writer.write_rows(name or self.name, item.rows, self._stream_version)
                    counter.increment(len(item.rows))
                    continue
                self._check_max_record_limit(rows)
                rows += 1
                if write_messages:
                    self._write_record_message(item)
                counter.increment()
                yield item
        if write_messages:
            self._write_state_message()

    def _sync_batches(self, batch_config: BatchConfig, context: Context | None = None) -> None:
        """Write the records into files, and name those in messages.

        The SDK calls this from `sync`; the name is private there (read in 0.54.9). Its own way writes files
        of records that no stream map has seen.
        """
        del batch_config, context
        settings = self._account.settings
        assert settings.batches is not None  # noqa: S101  # sync asks first
        by_page = self.outgoing.plain_name is not None
        with self.get_batch_counter() as counter, self.get_record_counter() as records, self.get_sync_timer():
            items = _counted(self._read_on(by_page=by_page), records)
            largest = settings.max_record_bytes
            for message in self.outgoing.batches(items, settings.batches, self.tap_name, largest):
                self._tap.write_message(message)
                counter.increment()
        self._write_state_message()

    @cached_property
    def outgoing(self) -> Outgoing:
        """What leaves for this stream, and on which ways.

        Raises:
            ConfigError: A stream map is wrong.
        """
        alias = self.name if self._given is None else self._given.alias
        projection = Projection(self.schema, self.mask)
        copies = {name: column.path for name, column in self.collection.flat.items()}
        outlets = self._outlets.of(self.name, alias, projection.schema, self.primary_keys, copies)
        return Outgoing(outlets, projection)

    # What else the SDK asks of a stream.

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the records that are built, including custom fields and what is deselected."""
        return self._own_schema if self._columns is None else self._columns.schema

    @cached_property
    def _own_schema(self) -> dict[str, Any]:
        """The schema that discovery finds; without custom fields if the catalog names the columns."""
        found = self._schema_of(self.collection)
        self._remembered.note()
        return found

    def _schema_of(self, collection: Collection) -> dict[str, Any]:
        if self._given is not None and self._given.schema is not None:
            return collection.schema
        if not self._is_described:
            return static_schema(collection, self._account)
        return schema_of(collection, self._account, self._named)

    @cached_property
    def _columns(self) -> CatalogColumns | None:
        """The columns under the catalog; None without a catalog."""
        if self._given is None:
            return None
        return catalog_columns(self._given, self.collection, self._own_schema)

    @property
    def stream_maps(self) -> list[StreamMap]:
        """The SDK's maps of the stream, before flattening."""
        return [outlet.map for outlet in self.outgoing.outlets]

    def apply_catalog(self, catalog: Catalog) -> None:
        """Do nothing: the SDK would take keys and types from the catalog alone. See `CatalogColumns`."""

    @property
    def catalog_entry(self) -> dict[str, Any]:
        """What discovery writes about the stream, as the SDK does."""
        key = self.replication_key
        return {
            "tap_stream_id": self.name,
            "stream": self.name,
            **({"replication_key": key} if key is not None else {}),
            "replication_method": self.replication_method,
            "key_properties": list(self.primary_keys),
            "schema": self.schema,
            "metadata": self.metadata.to_list(),
        }

    @property
    def mask(self) -> SelectionMask:
        """Breadcrumb -> whether it is selected."""
        if self._columns is None:
            return super().mask
        if self._mask is None:
            self._mask = SelectionMask({(): True, **self._columns.mask})
        return self._mask

    @property
    def selected(self) -> bool:
        """Whether the stream is selected."""
        return super().selected if self._given is None else self._given.is_selected

    @selected.setter
    def selected(self, value: bool | None) -> None:
        """Select the stream, or not. With a catalog, that alone decides."""
        if self._given is None:
            self.metadata.root.selected = value
            self._mask = self.metadata.resolve_selection()

    def get_batch_config(self, config: Mapping[str, Any]) -> BatchConfig | None:
        """How to write files, as the SDK asks for it; None to write records to stdout."""
        return super().get_batch_config(config) if self._is_batched else None

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log a message; what the SDK says about a stream that the tap says itself, at DEBUG."""
        if message.startswith(("Beginning", "An unhandled error")):
            level = logging.DEBUG
        super().log(message, *args, level=level, **kwargs)

    def _write_schema_message(self) -> None:
        """Write the SCHEMA message once, however often the stream steps aside; again if it starts over."""
        if not self._schema_is_written:
            if self._remembered.is_outdated:
                self._describe(self._remembered.described(self._named))
            super()._write_schema_message()
            self._schema_is_written = True

    # How the SDK asks for messages; all of these are private there (read in 0.54.9).

    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        yield from self.outgoing.schemas(self.replication_key)

    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        yield from self.outgoing.records(record, self._stream_version)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        for message in self.outgoing.activations(full_table_version):
            self._tap.write_message(message)

    def _write_state_message(self) -> None:
        """Write a STATE message if the stream steps aside. After its last row, `close` writes a later one."""
        if not self._is_read:
            super()._write_state_message()

    def _increment_stream_state(self, latest_record: Record, *, context: Context | None = None) -> None:
        """Leave the state alone: the SDK would take the time of any record as the bookmark."""

    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Leave the state alone: the SDK would put start_date into it, even if it is relative."""

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """None: bookmarks are limited where they are made."""

    @property
    def is_of_one_account(self) -> bool:
        """Whether it has columns or rows that no other account has: a saved search, or custom fields."""
        return bool(self.collection.search.id) or any(
            column.startswith((PREFIX, "_")) and column != ROW_KEY for column in self.schema["properties"]
        )

    # What the runner asks of a stream.

    @property
    def is_increment(self) -> bool:
        """Whether a run asks only for what changed, in few calls."""
        if self.replication_key is None:
            return self.passes.shows_moves and not self.passes.is_turn
        return self.collection.source is None

    @property
    def is_underway(self) -> bool:
        """Whether a pass was begun that has not come to its end."""
        return self._records is not None and self.passes.reader is not None

    @property
    def next_pass(self) -> Pass:
        """The pass that a run would begin with, or go on with. Nothing is asked for.

        Raises:
            ConfigError: The state cannot be used.
        """
        self._begin()
        assert self.passes.current is not None  # noqa: S101  # _begin has set it
        return self.passes.current

    @property
    def progress(self) -> StreamProgress | None:
        """How far the pass has come that is being read; None between two. Other threads may ask."""
        begun, reader = self.passes.current, self.passes.reader
        if begun is None or reader is None or self._records is None:
            return None
        done, parents = reader.checkpoint, len(reader.parents)
        return StreamProgress(
            kind=begun.kind,
            rows=done.rows,
            earlier=self._rows_before,
            expected=self._rows_expected,
            parents=done.slices if parents else 0,
            planned=math.ceil(parents * begun.share) if 0 < begun.share < 1 else parents,
        )

    def close(self) -> Conclusion | None:
        """After a pass that came to its end: activate its version, move the state, and write it.

        Returns:
            What the pass left; None if there was none, or the rest of it is left to later runs.
        """
        passes, conclusion = self.passes, None
        if self._starts_over:
            passes.give_up()
            self._builder = None
        elif not self._is_read:
            return None
        else:
            self.report_repairs()
            conclusion = passes.end(self._write_activate_version_message)
            if not passes.has_more:
                self._account.fetcher(self.name).leave()
        self._tap.state_writer.write_state(self.tap_state)
        self._records = None
        self._is_read = False
        return conclusion

    def report_repairs(self) -> None:
        """Say which values were changed since the last time, and where."""
        if self._builder is not None:
            self._mended += self._builder.repairs.count
            self._warn(self._builder.repairs.messages())
            self._builder.repairs.clear()
            self._warn(self.outgoing.warnings())

    @property
    def read_at(self) -> str:
        """When the stream was last read to its end, as text that can be sorted; empty if never."""
        return read_at(self.stream_state)

    @property
    def progress_mark(self) -> object:
        """What differs if a pass came to its end, or to where a later run can go on."""
        return self.read_at, self.stream_state.get(UNDERWAY)

    @property
    def responses(self) -> SharedResponses:
        """The responses that it shares with other streams."""
        return self._account.fetcher(self.name).responses

    @property
    def crawled_to(self) -> int:
        """Id of the last row that an earlier run came to, for comparison with streams of the same rows."""
        return crawled_to(self.stream_state)

    @property
    def record(self) -> PassRecord:
        """What the last pass did. Its calls are not counted here."""
        if self._starts_over:
            note = "begun again, as Keap has other columns for it than hours ago"
            return PassRecord(stream=self.name, note=note)
        seconds = self._account.client.clock.monotonic() - self._began
        return self.passes.record(earlier=self._rows_before, mended=self._mended, seconds=seconds)

    @property
    def opening_call(self) -> Call | None:
        """The call that the stream begins with; None if it is unknown, was made, or others may make it."""
        try:
            is_known = self.collection.shown_in is None  # otherwise another stream decides how it is read
            asks = is_known and self._records is None and self._account.fetcher(self.name).asks_first
            reader = self._begin() if asks else None
            is_wanted = (begun := self.passes.current) is not None and begun.share > 0
            return reader.opening_call() if reader is not None and is_wanted else None
        except Exception:  # noqa: BLE001  # it is raised again when it is this stream's turn
            self.log("%s: its first call is not known yet.", self.name, level=logging.DEBUG, exc_info=True)
            return None

    @property
    def columns_left_out(self) -> list[str]:
        """The columns that Keap has for all accounts and that the catalog does not have, selected or not."""
        given, collection = self._given, self.collection
        if given is None or given.schema is None or collection.endpoint.fields.vary:
            return []
        declared = static_schema(collection, self._account)["properties"]
        needed = {*collection.keys, *collection.required, collection.changes.key}
        return [one for one in declared if one not in given.schema["properties"] and one not in needed]

    def changes_of_columns(self) -> Sequence[str]:
        """What changed in Keap since the catalog was made, a sentence each without its full stop.

        Raises:
            ConfigError: The catalog does not fit the settings.
            KeapError: The model of the custom fields cannot be read.
        """
        return self._selection.check_catalog() if self._columns is not None else ()

    @property
    def trial_fields(self) -> Sequence[str]:
        """The fields that ``--test`` asks for, which may not know the custom fields."""
        if self._given is None:
            return Selection(self._account, self.collection, self.collection.schema, SelectionMask()).fields
        return self._selection.fields

    # Reading.

    def _read_on(self, *, by_page: bool) -> Iterator[Record | RecordPage]:
        """Read up to where the stream steps aside, or to its end.

        Args:
            by_page: Whether whole pages may be handed out.
        """
        self.step_aside = None
        if self._records is None:
            self._records = self._read(by_page=by_page)
        try:
            for item in self._records:
                if isinstance(item, WaitUntil | LetOthersCatchUp):
                    self.step_aside = item
                    return
                yield item
        except KeapError as error:
            is_refused = self.collection.search.id and error.fault.kind is Kind.BAD_REQUEST
            if not is_refused or not self._remembered.is_used:
                raise
            self._remembered.forget()
            if not self._has_other_columns(is_refused=True):
                raise
        self._is_read = True

    def _has_other_columns(self, *, is_refused: bool = False) -> bool:
        """Whether Keap, when it is asked, describes the stream in another way than the state did.

        Then it starts over. The columns of a catalog stay, but what is asked of Keap for them may change.

        Args:
            is_refused: Whether Keap has refused what the stream asks for.

        Raises:
            KeapError: Keap does not describe it.
        """
        collection = self._remembered.described(self._named)
        if self._given is not None and self._given.schema is not None:
            self._starts_over = is_refused and collection != self.collection
        else:
            self._starts_over = self._schema_of(collection) != self._own_schema
        if self._starts_over:
            self._describe(collection)
        return self._starts_over

    def _describe(self, collection: Collection) -> None:
        """Take another description, as if nothing had been read."""
        is_selected = self.selected
        self.collection = collection
        for name in ("schema", "_own_schema", "_columns", "outgoing", "_selection"):
            self.__dict__.pop(name, None)
        self.passes.collection, self.passes.reader = collection, None
        self._metadata = self._mask = None
        self.selected = is_selected
        self._schema_is_written = False

    @cached_property
    def _selection(self) -> Selection:
        return Selection(self._account, self.collection, self.schema, self.mask, self._named)

    def _begin(self) -> Reader:
        """The reader of the next pass. Nothing has been asked for or logged yet.

        Raises:
            ConfigError: The state cannot be used.
        """
        if self.passes.reader is None:
            self._starts_over = False
        return self.passes.begin(self._selection)

    def _read(self, *, by_page: bool) -> Iterator[Record | RecordPage | StepAside]:
        """Read a pass: rows from the reader, made into records by the builder."""
        if self._columns is not None:
            self._warn((*self._columns.warnings, *self._selection.check_catalog()))
        reader, begun = self._begin(), self.passes.current
        assert begun is not None  # noqa: S101  # _begin has set it
        if begun.share == 0:
            return
        self._announce(begun)
        self._keep_names()
        self._stream_version = begun.version
        checkpoint = reader.checkpoint
        self._rows_before, self._mended = checkpoint.rows, 0
        self._rows_expected = self.stream_state.get(ROWS) if begun.complete else None
        self._began = self._account.client.clock.monotonic()
        self._builder = builder = RecordBuilder(
            self._selection.record_plan(by_page=by_page),
            lambda reason, row: self._set_aside(reason, row, checkpoint),
        )
        self._remembered.note()
        fetcher = self._account.fetcher(self.name)
        if not fetcher.keeps_models:
            # Those that share responses with it may want whole pages even if this stream does not.
            split = builder.split_page if fetcher.is_shared else None
            reader.decode_pages_with(builder.page_decoder or split)
        for item in reader:
            match item:
                case WaitUntil() | LetOthersCatchUp():
                    yield item
                case CheckpointReached():
                    self._keep(checkpoint)
                case RowsRead(rows=[UnsentRow() as row]):
                    self._set_aside_unsent(row, checkpoint)
                case RowsRead():
                    yield from self._built(item, builder)
                    checkpoint.newest = max(checkpoint.newest, builder.newest)
                    if self._remembered.is_contradicted(builder.unexplained) and self._has_other_columns():
                        return
        self._check_quarantine(checkpoint, checkpoint.rows)

    def _built(self, item: RowsRead, builder: RecordBuilder) -> Iterator[Record | RecordPage]:
        """Make the rows of a page into records."""
        self.passes.take(item)
        values = {**item.values, **builder.values_beside(item.beside, item.collection)}
        yield from builder.records(item.rows, values, item.collection, starts_slice=item.starts_slice)

    def _keep_names(self) -> None:
        """Put into the state what stream and columns were named after, by its id in Keap."""
        search = self.collection.search
        known = self._account.saved_searches.given.get(search.id)
        label = known.label if known is not None and known.label else search.label
        named = {"id": search.id, "name": label} if search.id else {}
        keep_names(self.stream_state, named, self._selection.column_names)

    def _announce(self, begun: Pass) -> None:
        for warning in begun.warnings:
            self.log("%s: %s", self.name, warning, level=logging.WARNING)
        if begun.is_taken_up:
            started = f"{begun.started:%Y-%m-%d %H:%M} UTC"
            self.log("%s: resuming the %s of %s.", self.name, begun.kind, started)

    def _keep(self, checkpoint: Checkpoint) -> None:
        """Put into the state how far the pass has come. All of it has been written out."""
        if self._is_batched:
            return  # it waits in a file that no message has named yet
        assert self.passes.current is not None  # noqa: S101  # there is one while it is read
        self.stream_state[UNDERWAY] = [self.passes.current.as_state()]
        client = self._account.client
        now = (checkpoint.rows, client.sent, client.clock.monotonic())
        enough = (STATE_ROWS, STATE_CALLS, STATE_SECONDS)
        if any(new - old >= most for new, old, most in zip(now, self._last_state, enough, strict=True)):
            self._tap.state_writer.write_state(self.tap_state)
            self._last_state = now

    @property
    def _writer(self) -> LineWriter:
        writer = self._tap.message_writer
        assert isinstance(writer, LineWriter)  # noqa: S101  # the tap says so
        return writer

    @property
    def _is_batched(self) -> bool:
        """Whether records go into files. BATCH messages carry no version, and follow their last record."""
        return self._account.settings.batches is not None

    # Rows that no record can be made of.

    def _set_aside(self, reason: str, row: Row, checkpoint: Checkpoint) -> None:
        """Put a row into quarantine.

        Raises:
            TapError: There is none, or it is full.
        """
        path = self._account.settings.quarantine_file
        if path is None:
            raise TapError(
                f"{reason}, so it cannot be told apart from others. Nothing is skipped silently: "
                "run again later, and report it if it happens again."
            ) from None
        self._quarantine(path, reason, row, checkpoint)

    def _set_aside_unsent(self, row: UnsentRow, checkpoint: Checkpoint) -> None:
        """Put into quarantine what is known of a row that Keap cannot send.

        Raises:
            TapError: There is none, or it is full.
        """
        path = self._account.settings.quarantine_file
        if path is None:
            raise TapError(
                f"{row.reason}, and no row is left out silently. Set on_bad_record to quarantine to load the "
                "other rows without it, or correct it in Keap, or deselect the column, and run again."
            )
        self.log("%s: %s; it goes into %s.", self.name, row.reason, path, level=logging.WARNING)
        self._quarantine(path, row.reason, row, checkpoint)

    def _quarantine(self, path: str, reason: str, row: Row, checkpoint: Checkpoint) -> None:
        checkpoint.quarantined += 1
        self._check_quarantine(checkpoint)
        Quarantine(path, self._account.client.clock).add(self.name, reason, row)

    def _check_quarantine(self, checkpoint: Checkpoint, rows: int | None = None) -> None:
        try:
            check_few(checkpoint.quarantined, rows)
        except TapError:
            self.stream_state[UNDERWAY] = []  # the next run starts over
            raise

    def _warn(self, messages: Iterable[str]) -> None:
        for message in messages:
            self.log("%s: %s.", self.name, message, level=logging.WARNING)


def _counted(items: Iterable[Record | RecordPage], counter: Counter) -> Iterator[Record | RecordPage]:
    """Count records as they pass."""
    for item in items:
        counter.increment(len(item.rows) if isinstance(item, RecordPage) else 1)
        yield item
