"""`KeapStream`: joins a declaration, the client and the SDK. The only file that knows the SDK's stream hooks.

It builds on the SDK's `Stream`, not on its `RESTStream`: there, a blank or broken answer is parsed outside the
retries and passes for "no rows", and every request follows redirects.

State is the tap's own affair: it moves when a pass is complete, never with single records.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib.messages import StateMessage

from tap_infusionsoft.emit import LineWriter
from tap_infusionsoft.errors import ConfigError, TapError
from tap_infusionsoft.quarantine import Quarantine, check_few
from tap_infusionsoft.streams import passes
from tap_infusionsoft.streams.collection import ROW_KEY
from tap_infusionsoft.streams.conclusions import conclude
from tap_infusionsoft.streams.custom_fields import PREFIX, RAW, Spread
from tap_infusionsoft.streams.field_changes import column_changes, matched
from tap_infusionsoft.streams.reading import Pause, Portion, Reached, Reading
from tap_infusionsoft.streams.records import Conformer, Drift, RowKeys, Unfit, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context, Record

    from tap_infusionsoft.streams.account import Account
    from tap_infusionsoft.streams.collection import Collection, Row
    from tap_infusionsoft.streams.field_changes import Matched
    from tap_infusionsoft.streams.progress import Progress
    from tap_infusionsoft.streams.shelf import Shelf

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
        pause: Set while the stream has stepped aside; sync it again later, and it goes on where it was.
        has_more: Whether another pass follows the one that was closed; sync it again at once.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # records conform already
    emit_activate_version_messages = False  # the SDK sends it before the records; see close()

    def __init__(
        self, tap: Tap, collection: Collection, account: Account, *, selected: bool | None = None
    ) -> None:
        self.collection = collection
        self.pause: Pause | None = None
        self.has_more = False
        self._account = account
        self._rows: Iterator[Record | Pause] | None = None
        self._pass: passes.Pass | None = None
        self._is_read = False
        self._rows_before = 0
        self._told = (0, 0, float("-inf"))
        self._schema_is_written = False
        self._drift = Drift()
        self._conformers: dict[str, Conformer] = {}
        self.selected_by_default = collection.default if selected is None else selected
        super().__init__(tap, name=collection.name)
        self.primary_keys = collection.keys
        self.replication_key = collection.changes.key

    # What the SDK asks of a stream.

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the records, custom fields included; that of the catalogue, if there is one."""
        if self._input_schema is not None:
            return self._input_schema
        schema = self.collection.schema
        # Under a catalogue without this stream nobody wants its custom fields: that is no reason for a call.
        if self.collection.custom_fields is not None and self._tap_input_catalog is None:
            properties = schema["properties"]
            mode = self._account.settings.custom_fields
            if mode == "columns":
                properties.pop(RAW, None)
            if mode != "raw":
                wanted = self.collection.custom_columns
                properties |= {
                    field.column: field.schema
                    for field in self._account.custom_fields(self.collection.custom_fields)
                    if wanted is None or field.column in wanted
                }
        return schema

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Read the stream, or go on reading it after it has stepped aside.

        Raises:
            KeapError: Something cannot be read.
            TapError: State, catalogue or data are wrong.
        """
        self.pause = None
        if self._rows is None:
            self._rows = self._read()
        for item in self._rows:
            if isinstance(item, Pause):
                self.pause = item
                return
            yield item
        self._is_read = True

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
        self._tell_drift()
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
            self._account.reader(self.name).leave()
        self._rows = None
        self._is_read = False
        return conclusion.refusal

    @property
    def read_at(self) -> str:
        """When the stream was last read to its end, as text that can be ordered; empty if never."""
        return str(self.stream_state.get(passes.READ, ""))

    @property
    def shelf(self) -> Shelf:
        """Where it shares answers with others."""
        return self._account.reader(self.name).shelf

    @property
    def came_to(self) -> int:
        """How far an earlier run came in it, to compare it with those that read the same."""
        return passes.came_to(self.stream_state)

    @property
    def summary(self) -> str:
        """What the pass read, in a few words."""
        if self._pass is None:
            return "not begun"
        rows = self._pass.progress.rows
        earlier = f", {self._rows_before} of them in an earlier run" if self._pass.is_taken_up else ""
        bad = self._pass.progress.quarantined
        aside = f", {bad} in {self._account.settings.quarantine_file}" if bad else ""
        return f"{rows} rows, {self._pass.kind}{earlier}{aside}"

    # Reading.

    def _read(self) -> Iterator[Record | Pause]:
        settings = self._account.settings
        self._check_catalogue()
        fields = self._fields()
        try:
            self._pass = passes.begin(
                self.collection.changes,
                self.stream_state,
                started=self._account.started,
                scope=self._account.scope(self.collection),
                sweep_days=settings.sweep_days(self.name),
                lookback=settings.of(self.name).lookback,
                whole=self.forced_replication_method == "FULL_TABLE",
                versioned=not self._is_batched,
                columns=f"{digest(sorted(name for name in self.schema['properties'] if self._is_selected(name))):016x}",
            )
        except passes.BadStateError as error:
            raise ConfigError(
                f"The state of the stream {self.name} cannot be used: {error}. Correct the state file, "
                "or remove the stream's entry to load it anew."
            ) from None
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
        progress = self._pass.progress
        self._rows_before = progress.rows
        known = self.stream_state.get(passes.KEYS) if self._pass.complete else None
        reading = Reading(self._account, self.collection, self._pass.window, fields, progress, known or "")
        keys = RowKeys(())
        for item in reading:
            match item:
                case Pause():
                    yield item
                case Reached():
                    self._keep(progress)
                case Portion():
                    if item.begins:
                        # Equal rows are of one slice, as the parent's id is part of them: numbers begin anew.
                        keys = RowKeys(item.collection.row_key)
                    yield from self._records(item, keys, progress)
                    if not item.piece.crawl:  # those reach a point to go on from with every page
                        self._repeat_state()
        self._check_quarantine(progress, progress.rows)

    def _keep(self, progress: Progress) -> None:
        """Keep in the state how far the pass has come. All of it has been written out."""
        if self._is_batched:
            return  # it waits in a file that no message has named yet
        assert self._pass is not None  # noqa: S101  # there is one while it is read
        self.stream_state[passes.UNDERWAY] = [self._pass.as_state()]
        client = self._account.client
        now = (progress.rows, client.sent, client.clock.monotonic())
        enough = (STATE_ROWS, STATE_CALLS, STATE_SECONDS)
        due = any(new - old >= most for new, old, most in zip(now, self._told, enough, strict=True))
        if due or self._is_ahead:
            self._tap.state_writer.write_state(self.tap_state)
            self._told = now

    def _repeat_state(self) -> None:
        """Write the last STATE again behind records that have gone out; they are read again if the run ends here."""
        if self._is_ahead and self.tap_state and not self._is_batched:
            # Not by the SDK's state_writer, which keeps a state to itself that has not changed.
            self._tap.write_message(StateMessage(value=self.tap_state))

    @property
    def _is_ahead(self) -> bool:
        """Whether records have gone out since the last STATE, which some targets forget then."""
        writer = self._tap.message_writer
        return isinstance(writer, LineWriter) and writer.is_ahead

    @property
    def _is_batched(self) -> bool:
        """Whether records go into files. BATCH messages carry no version, and come after their last record."""
        return "batch_config" in self.config

    def _check_catalogue(self) -> None:
        """Refuse a catalogue that would make columns empty, and tell what changed since it was made.

        Raises:
            ConfigError: It was made with another setting custom_fields.
            KeapError: The model of the custom fields cannot be read.
        """
        if self._input_schema is None:
            return
        if self.collection.all_fields:  # columns that are the account's own
            selected = [name for name in self.schema["properties"] if self._is_selected(name)]
            self._warn(
                column_changes(self.collection.schema["properties"], self.schema["properties"], selected)
            )
        if self.collection.custom_fields is None:
            return
        mode, columns = self._account.settings.custom_fields, self._custom_columns
        if (mode == "raw" and any(self._is_selected(name) for name in columns)) or (
            mode == "columns" and RAW in self.schema["properties"] and not columns
        ):
            raise ConfigError(
                f"The catalogue has other columns for custom fields than {self.name} has with the setting "
                f"custom_fields={mode}. Discover again, or set custom_fields as it was."
            )
        if mode == "both" and RAW not in self.schema["properties"]:
            self._warn([f"the catalogue has no column {RAW}. Discover again to load it"])
        self._warn(self._matched.messages if self._matched is not None else ())

    def _fields(self) -> list[str]:
        """The value of the fields parameter: what is selected, of what the parameter takes."""
        collection = self.collection
        wire = collection.renamed
        chosen = {wire.get(name, name) for name in self.schema["properties"] if self._is_selected(name)}
        chosen |= {wire.get(name, name) for name in (*collection.keys, collection.changes.key) if name}
        if any(self._is_selected(name) for name in self._custom_columns):
            chosen.add(RAW)
        # Settings are asked for in capitals, and sent without.
        asked = {name for name in collection.fields if name in chosen or name.lower() in chosen}
        # The parameter is a list with commas: a name that has one cannot be asked for.
        all_of_them = asked == collection.fields or any("," in name for name in asked)
        return [] if collection.all_fields and all_of_them else sorted(asked)

    def _is_selected(self, name: str) -> bool:
        return bool(self.mask["properties", name])

    # Custom fields.

    @cached_property
    def _custom_columns(self) -> list[str]:
        """The columns that custom fields are spread over."""
        if self.collection.custom_fields is None:
            return []
        return [name for name in self.schema["properties"] if name.startswith(PREFIX)]

    @cached_property
    def _matched(self) -> Matched | None:
        """The custom fields under their columns; None where no columns are wanted, which costs no call."""
        path = self.collection.custom_fields
        selected = {name for name in self._custom_columns if self._is_selected(name)}
        declined = bool(self._custom_columns) and not selected
        if path is None or self._account.settings.custom_fields == "raw" or declined:
            return None
        properties = self.schema["properties"]
        columns = {name: properties[name] for name in self._custom_columns}
        live, wanted = self._account.custom_fields(path), self.collection.custom_columns
        unwanted = frozenset(field.id for field in live if wanted is not None and field.column not in wanted)
        found = matched(
            [field for field in live if field.id not in unwanted], columns, selected, raw=RAW in properties
        )
        return replace(found, without=found.without | unwanted)

    # Rows to records.

    def _conformer(self, collection: Collection) -> Conformer:
        """What makes rows of a collection fit: of this stream's own, or of its fallback."""
        if collection.path not in self._conformers:
            self._conformers[collection.path] = Conformer(
                self.schema, collection.required, self._ignored, collection.renamed, self._drift
            )
        return self._conformers[collection.path]

    @cached_property
    def _ignored(self) -> frozenset[str]:
        ignored = self.collection.ignored
        if self.collection.parents is not None:
            ignored |= self.collection.parents.columns.keys()  # some serve the path only
        if self.collection.fallback is not None:
            ignored |= self.collection.fallback.ignored
        # What the catalogue leaves out of the declared columns is left out on purpose.
        own = self.collection.properties.keys() - self.schema["properties"].keys()
        return ignored | {self.collection.renamed.get(name, name) for name in own}

    @cached_property
    def _spread(self) -> Spread | None:
        if self._matched is None:
            return None
        return Spread(self._matched.fields, self._drift, self._matched.without)

    def _records(self, found: Portion, keys: RowKeys, progress: Progress) -> Iterator[Record]:
        """The records of a page."""
        collection = found.collection
        values = {collection.renamed.get(name, name): value for name, value in found.piece.values.items()}
        time = self.collection.changes.key
        for wire in found.rows:
            row = {**wire, **values}
            if self._spread is not None:
                self._spread(row)
            try:
                record = self._conformer(collection)(row)
            except Unfit as error:
                self._set_aside(error, wire, progress)
                continue
            if collection.row_key:
                record[ROW_KEY] = keys(record)
            if time is not None:
                progress.newest = max(progress.newest, record.get(time) or "")  # texts of one width
            yield record

    def _set_aside(self, reason: Unfit, row: Row, progress: Progress) -> None:
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

    def _check_quarantine(self, progress: Progress, rows: int | None = None) -> None:
        try:
            check_few(progress.quarantined, rows)
        except TapError:
            self.stream_state[passes.UNDERWAY] = []  # the next run begins anew
            raise

    def _tell_drift(self) -> None:
        self._warn(self._drift.messages())

    def _warn(self, messages: Iterable[str]) -> None:
        for message in messages:
            self.log("%s: %s.", self.name, message, level=logging.WARNING)
