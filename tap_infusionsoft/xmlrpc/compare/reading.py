"""Reads tables and streams with the tap's own machinery, and compares them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from singer_sdk.singerlib.messages import Message, RecordMessage

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.errors import RunFailedError, ends_run, exit_for, explain
from tap_infusionsoft.mapping import Outlets
from tap_infusionsoft.output.writer import LineWriter, encoder
from tap_infusionsoft.runner import Failure, Runner
from tap_infusionsoft.stream import KeapStream
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tap_infusionsoft.wings import WingStreams
from tap_infusionsoft.xmlrpc.compare.custom import custom_counterparts
from tap_infusionsoft.xmlrpc.compare.judging import Comparer, rest_source
from tap_infusionsoft.xmlrpc.compare.rereading import rows_again
from tap_infusionsoft.xmlrpc.compare.results import TableResult
from tap_infusionsoft.xmlrpc.compare.store import Store
from tap_infusionsoft.xmlrpc.custom_fields import with_custom_fields
from tap_infusionsoft.xmlrpc.ending import check_end
from tap_infusionsoft.xmlrpc.table_streams import refused_fields, table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.streams.collection import Collection as Declared
    from tap_infusionsoft.xmlrpc.compare.store import Row
    from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove
    from tap_infusionsoft.xmlrpc.tables import Table


class RowTaker(LineWriter):
    """Takes the records that would go to stdout.

    Attributes:
        take: Called with the stream and each of its records.
    """

    def __init__(self) -> None:
        super().__init__()
        self.take: Callable[[str, Row], None] = lambda stream, record: None  # noqa: ARG005

    def write_message(self, message: Message) -> None:
        """Take a record; drop all other messages."""
        if isinstance(message, RecordMessage):
            self.take(message.stream, message.record)

    def write_rows(self, stream: str, rows: Sequence[msgspec.Struct], version: int | None) -> None:
        """Take the records of a page."""
        del version
        for row in rows:
            self.take(stream, msgspec.json.decode(encoder.encode(row)))

    def flush(self) -> None:
        """Nothing is written."""


class CompareTap(TapInfusionsoft):
    """The tap, for streams that are compared: whole, and as Keap has them."""

    message_writer_class = RowTaker
    message_writer: RowTaker

    @cached_property
    def settings(self) -> Settings:
        """The settings without what would leave out rows or columns of one side."""
        found = super().settings
        return replace(
            found,
            start=None,
            end=None,
            lists=dict.fromkeys(found.lists, ()),
            saved_searches=(),
            queries=(),
            custom_fields="columns",
            streams={},
            refresh="full",
            max_calls_per_run=None,
            quarantine_file=None,
            batches=None,
        )

    @cached_property
    def outlets(self) -> Outlets:
        """Records leave as they are."""
        return Outlets({}, self.logger)

    @cached_property
    def further(self) -> WingStreams:
        """Nothing: the tables are chosen on the command line."""
        return WingStreams()


class Comparison:
    """Compares tables with the streams that have their rows.

    Attributes:
        results: What came of it, in the order of the tables.
        failures: Tables that could not be compared, and why.
    """

    def __init__(self, tap: CompareTap, moves: Iterable[TableMove], *, with_values: bool) -> None:
        """A comparison that has not begun.

        Args:
            tap: The tap.
            moves: The tables, and what REST has for them.
            with_values: Whether examples show values.
        """
        self.results: list[TableResult] = []
        self.failures: dict[str, Failure] = {}
        self._tap = tap
        self._moves = {one.table: one for one in moves}
        self._with_values = with_values
        self._store = Store()
        self._tables: dict[str, Table] = {}
        self._comparers: dict[str, Comparer] = {}

    def run(self) -> None:
        """Read and compare.

        Raises:
            KeapError: Nothing can be read.
            TapError: Likewise.
        """
        try:
            self._describe()
            self._read_tables()
            self._read_streams()
            judged = {name: one.judge(is_read_again=False) for name, one in self._comparers.items()}
            self._read_again({name: suspects for name, (_, suspects) in judged.items() if suspects})
            for name, move in self._moves.items():
                if name in self.failures:
                    self.results.append(TableResult(move, failure=self.failures[name].message))
                else:
                    result, suspects = judged[name]
                    self.results.append(
                        self._comparers[name].judge(is_read_again=True)[0] if suspects else result
                    )
        finally:
            self._store.close()
            self._tap.account.prefetcher.drop_all()

    def _describe(self) -> None:
        """Find the custom fields of the tables.

        Raises:
            ConfigError: The API has ended.
            KeapError: Nothing can be read.
        """
        account = self._tap.account
        for name, move in self._moves.items():
            check_end(account.started, TABLES[name].rest)
            try:
                table = self._tables[name] = with_custom_fields(TABLES[name], account)
                custom = custom_counterparts(account, table, move)
            except KeapError as error:
                if ends_run(error, answered=account.client.answered):
                    raise
                self.failures[name] = Failure(name, explain(error), exit_for(error.fault))
                continue
            self._comparers[name] = Comparer(self._store, move, table, custom, with_values=self._with_values)

    def _read_tables(self) -> None:
        collections = {name: table_stream(self._tables[name]) for name in self._comparers}
        names = {one.name: name for name, one in collections.items()}
        failed = self._read(
            collections.values(), lambda stream, record: self._comparers[names[stream]].keep(record)
        )
        for stream, declared in zip(names, collections.values(), strict=True):
            self._comparers[names[stream]].refused |= refused_fields(declared)
        for stream, failure in failed.items():
            self._give_up(names[stream], failure)

    def _read_streams(self) -> None:
        """Read the streams of REST that have rows of the tables."""
        columns: dict[str, set[str]] = {}
        for one in self._comparers.values():
            for stream, needed in one.columns.items():
                columns.setdefault(stream, {*COLLECTIONS[stream].keys}).update(needed)

        def take(stream: str, record: Row) -> None:
            key = json.dumps([record.get(name) for name in COLLECTIONS[stream].keys])
            kept = {name: record.get(name) for name in columns[stream]}
            self._store.put(rest_source(stream), key, kept)

        failed = self._read([COLLECTIONS[name] for name in columns], take)
        for name, one in [*self._comparers.items()]:
            for stream in one.columns:
                if stream in failed:
                    self._give_up(name, failed[stream])

    def _read_again(self, suspects: Mapping[str, Sequence[str]]) -> None:
        """Read the rows of tables again that differ."""
        collections = {
            name: rows_again(self._tables[name], *self._comparers[name].to_ask_for(matches))
            for name, matches in suspects.items()
        }
        names = {one.name: name for name, one in collections.items()}
        failed = self._read(
            collections.values(),
            lambda stream, record: self._comparers[names[stream]].keep(record, is_again=True),
        )
        for stream, failure in failed.items():
            self._give_up(names[stream], failure)

    def _give_up(self, table: str, failure: Failure) -> None:
        self.failures.setdefault(table, failure)
        self._comparers.pop(table, None)

    def _read(
        self, collections: Collection[Declared], take: Callable[[str, Row], None]
    ) -> dict[str, Failure]:
        """Read streams.

        Args:
            collections: Their declarations.
            take: Called with the name of the stream and each record.

        Returns:
            The streams that failed, and how.

        Raises:
            RunFailedError: One failed as all would.
        """
        account, tap = self._tap.account, self._tap
        account.begin([*collections])
        streams = [KeapStream(tap, one, account, tap.outlets, selected=True) for one in collections]
        runner = Runner(account.client, account.prefetcher)
        tap.message_writer.take = take
        try:
            runner.run(streams)
        except RunFailedError:
            if any(one.ends_run for one in runner.failures):
                raise
        return {one.stream: one for one in runner.failures}
