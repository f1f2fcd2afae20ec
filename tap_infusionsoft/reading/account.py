"""What the streams of a run share: the client, the settings, and responses that several of them need."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.client.prefetch import Prefetcher
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.reading.models import Models, model_of
from tap_infusionsoft.reading.parent_rows import changed_since, compact, leading, mark
from tap_infusionsoft.reading.reader import (
    Reader,
    RowsRead,
)
from tap_infusionsoft.reading.refused import OF_ONE_SLICE
from tap_infusionsoft.reading.requests import ReadPlan
from tap_infusionsoft.reading.saved_searches import SavedSearches
from tap_infusionsoft.reading.shared_responses import SharedFetcher, SharedResponses, alike
from tap_infusionsoft.reading.walks.walk import UnsentRow
from tap_infusionsoft.state.checkpoint import Checkpoint
from tap_infusionsoft.state.scope import Scope
from tap_infusionsoft.state.shown_rows import MODULUS
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import ROW_KEY, PerParent
from tap_infusionsoft.streams.custom_field_models import CUSTOM_FIELDS
from tap_infusionsoft.streams.registry import COLLECTIONS, TAKEN, columns_taken
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from tap_infusionsoft.client.client import KeapClient
    from tap_infusionsoft.config.settings import Settings
    from tap_infusionsoft.state.given_names import NamedSearch
    from tap_infusionsoft.state.kept_models import KeptModels
    from tap_infusionsoft.state.shown_rows import Shown
    from tap_infusionsoft.streams.collection import Collection, PerBatch, ShownIn, Sums


logger = logging.getLogger("tap-infusionsoft")

_MOST_NAMED = 10
"""Ids that a message names."""


class Account:
    """One Keap account, as far as this run knows it. What several streams need is asked for once.

    Attributes:
        client: Its client.
        prefetcher: Sends calls of its client ahead of time.
        settings: The settings.
        started: When the run started.
        collections: The collections that streams may be read for, by name.
        saved_searches: Its saved searches.
        models: Its custom fields, and the columns of its saved searches.
        shown: Name of a stream that was read in full -> the rows of another stream that it shows.
    """

    def __init__(
        self,
        client: KeapClient,
        settings: Settings,
        started: datetime,
        kept: KeptModels,
        given: Mapping[str, NamedSearch] | None = None,
        further: Mapping[str, Collection] | None = None,
    ) -> None:
        """An account that has not been asked for anything.

        Args:
            client: Its client.
            settings: The settings.
            started: When the run started.
            kept: The models that the state has.
            given: Saved searches that were given a stream before, by id.
            further: Collections besides those of every account, by name.
        """
        self.client = client
        self.prefetcher = Prefetcher(client, settings.concurrency)
        self.settings = settings
        self.started = started
        self.shown: dict[str, Shown] = {}
        self._chosen: Sequence[Collection] = ()
        self.collections: Mapping[str, Collection] = {**COLLECTIONS, **(further or {})}
        self._taken: Mapping[str, set[str]] = columns_taken(self.collections.values()) if further else TAKEN
        self._whole: dict[tuple[str, frozenset[str]], list[Mapping[str, Any]]] = {}
        self._shared: dict[str, SharedResponses] = {}
        self.models = Models(self.prefetcher, kept)
        self._rows: dict[tuple[str, Window, bool, int], list[Mapping[str, Any]]] = {}
        self._underway: set[tuple[str, Window, bool, int]] = set()  # what was begun to be read for `_rows`
        self._doubtful: set[str] = set()
        self._not_found: dict[str, tuple[int, int]] = {}
        self._fell_back: set[str] = set()
        self._refused: dict[str, str] = {}
        self._missing: set[tuple[str, str]] = set()
        self.saved_searches = SavedSearches(settings.saved_searches, given or {}, self._reports)

    def begin(self, chosen: Sequence[Collection]) -> None:
        """Note which collections this run reads, so that responses which several of them need are shared."""
        self._chosen = chosen
        readers = [(one.name, one) for one in chosen]
        readers += [(_ids(name), self.collections[name]) for one in chosen for name in self._read_for(one)]
        for names in alike(readers):
            fetcher = self.models if CUSTOM_FIELDS.name in names else self.prefetcher
            self._shared |= dict.fromkeys(names, SharedResponses(fetcher, names))

    def shows(self, collection: Collection) -> ShownIn | None:
        """What a collection shows of another one that this run reads; None for nothing."""
        shown = [one.shown_in for one in self._chosen if one.shown_in is not None]
        return next((one for one in shown if one.stream == collection.name), None)

    def _read_for(self, collection: Collection) -> set[str]:
        """The collections that others are read of to read one: its sources, and what shows its changes."""
        sums = collection.parents.sums if collection.parents is not None else None
        shown = [sums.stream] if sums is not None and self.settings.rolls(collection.name) else []
        return self._sources(collection).union(
            shown, *(self._sources(self.collections[one]) for one in shown)
        )

    def fetcher(self, reader: str) -> SharedFetcher:
        """What a reader asks instead of the client."""
        return SharedFetcher(self._shared.get(reader) or SharedResponses(self.prefetcher), reader)

    def plan(
        self,
        collection: Collection,
        window: Window,
        fields: Sequence[str] = (),
    ) -> ReadPlan:
        """What the settings let this run read of a collection.

        Args:
            collection: The collection.
            window: The times to read.
            fields: Value of the ``fields`` parameter; empty to leave it out.
        """
        settings = self.settings
        period = Window(*(one.value if one else None for one in (settings.start, settings.end)))
        return ReadPlan(collection, window, tuple(fields), period, settings.lists)

    def parents(self, source: PerParent, window: Window, after: int = 0) -> list[Mapping[str, str]]:
        """What a per-parent stream is read for: the parents in its setting, or all of them.

        Args:
            source: Which parents.
            window: The times of the pass; they apply to parents that are read by time.
            after: Parents with ids up to this one are no longer needed, and may be left out to save calls.

        Raises:
            ConfigError: The setting names ids that the account does not have.
            KeapError: The parents cannot be read.
        """
        rows, wanted = self._parent_rows(source, window, after)
        if any(row.get(source.ordered_by) is None for row in rows):
            what = f"a row of {source.stream} without {source.ordered_by}"
            raise self.client.error(
                Fault(Kind.BLANK, what), Call(self.collections[source.stream].endpoint.path)
            )
        return [
            {
                column: str(row[theirs])
                for column, theirs in source.columns.items()
                if row.get(theirs) is not None
            }
            for row in leading(source, rows)
            if not wanted or str(row[source.id]) in wanted
        ]

    def marks(self, source: PerParent, window: Window) -> dict[str, str]:
        """Ids of the parents -> a mark of what shows something of what is below them; empty if nothing does.

        Args:
            source: Which parents.
            window: The times of the pass; they apply to parents that are read by time.

        Raises:
            KeapError: The parents, or the sums, cannot be read.
        """
        sums = self._sums(source.sums) if source.sums is not None else {}
        if not source.shown and not sums:
            return {}
        rows, _ = self._parent_rows(source, window, 0)
        idents = [str(row[source.ordered_by]) for row in rows]
        return {
            ident: mark([[row.get(one) for one in source.shown], sums.get(ident)])
            for ident, row in zip(idents, rows, strict=True)
        }

    def _sums(self, sums: Sums) -> dict[str, list[Any]]:
        """Ids of parents -> the sums of what is below them; empty if Keap does not give any."""
        collection = self.collections[sums.stream]
        try:
            rows = self.rows(collection, frozenset(collection.properties))  # once for all who want some
        except KeapError as error:
            if error.fault.kind not in OF_ONE_SLICE:
                raise
            logger.warning("%s What it would have shown is found later.", error)
            return {}
        return {str(row[sums.column]): [row.get(one) for one in sums.amounts] for row in rows}

    def _parent_rows(
        self, source: PerParent, window: Window, after: int
    ) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
        """The parents, and the ids of the wanted ones; no ids if all are wanted."""
        if source.setting == saved_searches.SETTING:
            return self._wanted_searches(), ()
        rows = self._columns(source.stream, window if source.in_window else Window(), source.setting, after)
        return rows, self._wanted(source.setting, source.stream, rows, source.id)

    def ids(self, source: PerBatch, after: int = 0) -> list[str]:
        """The ids that a per-batch stream asks for: those in its setting, or all of them.

        Args:
            source: Which ids.
            after: Rows with ids up to this one are no longer needed, and may be left out to save calls.

        Raises:
            ConfigError: The setting names ids that the account does not have.
            KeapError: The ids cannot be read.
        """
        rows = self._columns(source.stream, Window(), source.setting, after)
        wanted = self._wanted(source.setting, source.stream, rows, source.column)
        found = dict.fromkeys(str(row[source.column]) for row in rows)
        return [one for one in wanted if one in found] if wanted else [*found]

    def changed(self, source: PerParent, since: datetime) -> frozenset[str]:
        """Ids of the parents that changed since a time, as far as they show it.

        Args:
            source: Which parents.
            since: The time.

        Raises:
            KeapError: The parents cannot be read.
        """
        if source.changed is None:
            return frozenset()
        rows, _ = self._parent_rows(source, Window(), 0)
        return changed_since(source, rows, since)

    def fell_back(self, stream: str) -> bool:
        """Whether a stream that others are read for was read from its fallback."""
        return stream in self._fell_back

    def is_doubtful(self, collection: Collection) -> bool:
        """Whether some of the rows that a collection is read for may be missing."""
        return any(one in self._doubtful for one in self._sources(collection))

    def not_found(self, collection: Collection) -> tuple[int, int]:
        """How many parents of a collection's parents were listed and not found, and a digest of them."""
        found = [self._not_found[one] for one in self._sources(collection) if one in self._not_found]
        return sum(count for count, _ in found), sum(place for _, place in found) % MODULUS

    def unlisted(self, collection: Collection) -> str:
        """Names what Keap refused when a collection's parents were listed; empty for nothing."""
        return ", ".join(
            self._refused[one] for one in sorted(self._sources(collection)) if one in self._refused
        )

    def _wanted(
        self, setting: str | None, stream: str, rows: list[Mapping[str, Any]], column: str
    ) -> tuple[str, ...]:
        wanted = self.settings.ids(setting) if setting else ()
        if setting and wanted:
            missing = set(wanted) - {str(row[column]) for row in rows}
            self.note_missing(setting, stream, missing, wanted)
        return wanted

    def note_missing(self, setting: str, stream: str, missing: set[str], named: Sequence[str]) -> None:
        """Say once a run which ids in a setting the account does not have.

        Args:
            setting: Name of the setting.
            stream: The stream whose rows they should be.
            missing: The ids that are not there.
            named: All ids in the setting.

        Raises:
            ConfigError: The account has none of them.
        """
        ids = sorted(missing, key=int)
        more = f" and {len(ids) - _MOST_NAMED} others" if len(ids) > _MOST_NAMED else ""
        listed = ", ".join(ids[:_MOST_NAMED]) + more
        if missing.issuperset(named):
            raise ConfigError(
                f"{setting}: the account has no {stream} with the id {listed}. "
                f"The stream {stream} lists those that there are."
            )
        if missing and (setting, listed) not in self._missing:
            logger.warning(
                "%s: the account has no %s with the id %s (any more); the others are read. It can stay.",
                setting,
                stream,
                listed,
            )
            self._missing.add((setting, listed))

    def _columns(
        self, stream: str, window: Window, setting: str | None, after: int = 0
    ) -> list[Mapping[str, Any]]:
        """Read the columns of a collection that other streams take from it, in Keap's order, once per run.

        Args:
            stream: Name of the collection.
            window: The times to read.
            setting: Setting that names the rows that are needed, if there is one.
            after: Rows with ids up to this one may be left out.
        """
        key, plan = self._listing(stream, window, setting, after)
        if key not in self._rows:
            columns = self._taken[stream]
            self._underway.add(key)
            self._rows[key] = self._read(plan, partial(_compact_columns, columns=columns), key[3])
        return self._rows[key]

    def _listing(
        self, stream: str, window: Window, setting: str | None, after: int
    ) -> tuple[tuple[str, Window, bool, int], ReadPlan]:
        """Where `_columns` keeps the rows of a collection, and how it reads them."""
        collection = self.collections[stream]
        ids = self.settings.ids(setting) if setting else ()
        # If rows can be asked for by the setting, the others need not be read.
        named = {setting: ids} if setting and ids else {}
        is_narrowed = any(choice.setting in named for choice in collection.chosen)
        everything = (stream, window, is_narrowed, 0)
        alone = sum(stream in self._sources(one) for one in self._chosen) == 1
        key = everything if ids or everything in self._rows or not alone else (*everything[:3], after)
        return key, ReadPlan(collection, window, _fields(collection, self._taken[stream]), named=named)

    def is_listed(self, source: PerParent | PerBatch, window: Window, after: int) -> bool:
        """Whether `parents` or `ids` make no call, as their rows were read before.

        Args:
            source: Which parents or ids.
            window: The times of the pass.
            after: As for `parents`.
        """
        return self._listing_of(source, window, after)[0] in self._rows

    def listing_call(self, source: PerParent | PerBatch, window: Window, after: int) -> Call | None:
        """The first call of `parents` or `ids`; None if it is unknown, or was made.

        Args:
            source: Which parents or ids.
            window: The times of the pass.
            after: As for `parents`.
        """
        key, plan = self._listing_of(source, window, after)
        name = _ids(source.stream)
        is_first = key not in self._underway and self.fetcher(name).asks_first
        if source.setting == saved_searches.SETTING or not is_first:
            return None
        checkpoint = Checkpoint(plan.collection.endpoint.path, at=key[3])
        return Reader(self, plan, checkpoint, name=name, can_step_aside=False).opening_call()

    def _listing_of(
        self, source: PerParent | PerBatch, window: Window, after: int
    ) -> tuple[tuple[str, Window, bool, int], ReadPlan]:
        is_in_window = isinstance(source, PerParent) and source.in_window
        return self._listing(source.stream, window if is_in_window else Window(), source.setting, after)

    def rows(self, collection: Collection, columns: frozenset[str]) -> list[Mapping[str, Any]]:
        """Read columns of all rows of a collection, once per run.

        Args:
            collection: The collection.
            columns: The columns.

        Raises:
            KeapError: It cannot be read, or not without gaps.
        """
        key = (collection.name, columns)
        if key not in self._whole:
            plan = ReadPlan(collection, fields=_fields(collection, columns))
            self._whole[key] = self._read(plan, partial(_columns_of, columns=columns))
        return self._whole[key]

    def _sources(self, collection: Collection) -> set[str]:
        return sources(collection, self.collections)

    def _read(
        self, plan: ReadPlan, rows_of: Callable[[RowsRead], Iterable[Mapping[str, Any]]], after: int = 0
    ) -> list[Mapping[str, Any]]:
        """Read rows that other streams need, and keep each of them once.

        Args:
            plan: What to read.
            rows_of: Returns what to keep of the rows of a page.
            after: Rows with ids up to this one may be left out.

        Raises:
            KeapError: They cannot be read, or not without gaps.
        """
        path, name = plan.collection.endpoint.path, plan.collection.name
        reader = Reader(self, plan, Checkpoint(path, at=after), name=_ids(name), can_step_aside=False)
        found: list[Mapping[str, Any]] = []
        starts = 0
        for item in reader:
            if reader.starts != starts:  # rows of an earlier start come again
                found.clear()
                starts = reader.starts
            if isinstance(item, RowsRead):
                if item.rows and isinstance(item.rows[0], UnsentRow):
                    raise self.client.error(Fault(Kind.BLANK, item.rows[0].reason), Call(path))
                found += rows_of(item)
        if reader.checkpoint.unsteady:
            raise self.client.error(Fault(Kind.PAGING, "rows went away during every read"), Call(path))
        self._note_missing_rows(name, reader)
        self.fetcher(_ids(name)).leave()
        if reader.path != path:
            self._fell_back.add(name)
        if plan.collection.parents is not None and plan.collection.parents.rows_move:
            return list({row["id"]: row for row in found}.values())
        return found

    def _note_missing_rows(self, name: str, reader: Reader) -> None:
        """Note what a read of rows for other streams may lack."""
        if reader.checkpoint.empty_pages:
            self._doubtful.add(name)
        if reader.checkpoint.gone:
            self._not_found[name] = reader.checkpoint.gone, reader.checkpoint.gone_digest
        if reader.refused:
            self._refused[name] = reader.refused

    def scope(self, collection: Collection) -> Scope:
        """Which rows of a collection the settings let through."""
        limited = {name: self.settings.limit(name) for name in limits(collection, self.collections)}
        named = {name: chosen for name, chosen in limited.items() if chosen is not None}
        named |= collection.query.conditions
        key = ROW_KEY if collection.row_key else ""
        if not collection.changes.is_timed:
            return Scope(ids=named, key=key)
        return Scope(self.settings.start, self.settings.end, named, key)

    def _reports(self) -> list[dict[str, Any]]:
        """Read the list of saved searches.

        Raises:
            KeapError: It cannot be read.
        """
        rows = self._read(ReadPlan(saved_searches.REPORTS), lambda read: read.rows)
        return [dict(row) for row in rows]

    def _wanted_searches(self) -> list[Mapping[str, Any]]:
        """The saved searches that the settings name.

        Raises:
            ConfigError: None of them is there.
            KeapError: The list cannot be read.
        """
        self.check_searches()
        return list(self.saved_searches.wanted.values())

    def check_searches(self) -> None:
        """Find out whether any of the saved searches is there that the settings name.

        Raises:
            ConfigError: None of them is there.
            KeapError: The list cannot be read.
        """
        missing = self.saved_searches.missing
        if missing and not self.saved_searches.wanted:
            raise ConfigError(missing[0].message)

    def saved_search(
        self,
        name: str,
        report: Mapping[str, Any],
        given: Mapping[str, str] | None = None,
        wanted: AbstractSet[str] = frozenset(),
    ) -> Collection:
        """The stream of a saved search, with the columns of its model.

        Args:
            name: Name of the stream.
            report: Its row in the list of saved searches.
            given: Columns that were named before, by Keap's name for them.
            wanted: Columns that a catalog selects. If the state's model does not have them, Keap is asked.

        Raises:
            KeapError: The model cannot be read.
        """
        found = saved_searches.saved_search(name, report, self.models.report_fields(report), given)
        if wanted <= found.schema["properties"].keys() or not self.models.ask_again(str(model_of(found))):
            return found
        return saved_searches.saved_search(name, report, self.models.report_fields(report), given)


def limits(collection: Collection, collections: Mapping[str, Collection] = COLLECTIONS) -> set[str]:
    """The settings whose ids limit a collection or the collections that it is read for."""
    found = {choice.setting for choice in collection.chosen}
    source = collection.source
    if source is not None:
        found |= {source.setting} if source.setting else limits(collections[source.stream], collections)
    return found


def sources(collection: Collection, collections: Mapping[str, Collection] = COLLECTIONS) -> set[str]:
    """The collections that a stream takes ids from, directly or through others."""
    source = collection.source
    return set() if source is None else {source.stream, *sources(collections[source.stream], collections)}


def _fields(collection: Collection, columns: Iterable[str]) -> tuple[str, ...]:
    """Value of the ``fields`` parameter for columns."""
    wire_names = {collection.wire.name(column) for column in columns}
    return tuple(sorted(collection.endpoint.fields.names & wire_names))


def _columns_of(read: RowsRead, columns: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The columns of the rows of a page, with those that are the same for all of them."""
    names = {column: read.collection.wire.name(column) for column in columns}
    for row in read.rows:
        yield {column: row.get(name) for column, name in names.items()} | {**read.values}


def _compact_columns(read: RowsRead, columns: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The columns of the rows of a page, with digests of lists and objects: there may be many parents."""
    for row in _columns_of(read, columns):
        yield {name: compact(value) for name, value in row.items()}


def _ids(stream: str) -> str:
    """Name of the reader that reads the ids of a stream for others."""
    return f"ids of {stream}"
