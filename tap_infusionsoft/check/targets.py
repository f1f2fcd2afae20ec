"""The calls that a check may make before a first load: for lists, and for what other streams are read for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.check.tried import OWN, newest_first
from tap_infusionsoft.check.usual_sizes import growing_rank
from tap_infusionsoft.config.schema import END_DATE, START_DATE
from tap_infusionsoft.reading.account import sources
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks import walk_of
from tap_infusionsoft.state.entry import CALLS, KNOWN, SCOPE, UNDERWAY, boxed, rows_before
from tap_infusionsoft.state.rounds import unpacked
from tap_infusionsoft.streams import saved_searches
from tap_infusionsoft.streams.collection import PerBatch, PerParent
from tap_infusionsoft.streams.replication import Window

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from tap_infusionsoft.check.tried import Tried
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.stream import KeapStream
    from tap_infusionsoft.streams.collection import Collection, ShownIn


def all_of(name: str) -> str:
    """Name of the rows of all times of a collection, where a stream reads those of some time, or none."""
    return f"(all {name})"


ALL_CONTACTS = all_of("contacts")
_DATES = (START_DATE.name, END_DATE.name)
_MANY = 3
"""Lists that grow with the contacts and can be tried before these."""


class Target(Struct, frozen=True):
    """A call that a check may make.

    Attributes:
        name: Name of the collection.
        call: The call.
        opening: The call that a run makes instead, in another order.
        plan: What a run reads of the collection.
        streams: The streams that find out whether they can be read.
        makers: The streams whose rows are made of the answer.
        done: How many of its rows earlier runs have read.
        weight: Calls that a run makes for each row.
        children: The streams that cannot be read if the collection cannot, which is no stream itself.
    """

    name: str
    call: Call
    opening: Call
    plan: ReadPlan
    streams: Sequence[KeapStream]
    makers: Sequence[KeapStream]
    done: int
    weight: float
    children: Sequence[KeapStream] = ()


def known_rows(stream: KeapStream) -> int | None:
    """How many rows the last complete read of a stream found; None if there was none with these settings."""
    return rows_before(stream.stream_state) if _has_same_scope(stream) else None


def parents_before(stream: KeapStream) -> int | None:
    """About how many rows the last complete read of a stream was read for; None if nothing tells."""
    state, source = stream.stream_state, stream.collection.source
    if not _has_same_scope(stream, but=_DATES):  # which say nothing about parents
        return None
    if known := len(unpacked(state.get(KNOWN) or "")):
        return known
    calls = state.get(CALLS)
    return (
        calls if isinstance(calls, int) and isinstance(source, PerParent) and not source.in_window else None
    )


def is_first_load(stream: KeapStream) -> bool:
    """Whether the next run reads a stream for the first time, or with other limits, or goes on with that."""
    begun = stream.next_pass
    is_new = not stream.read_at or not _has_same_scope(stream)
    return bool(begun.share) and begun.complete and is_new and known_rows(stream) is None


def _has_same_scope(stream: KeapStream, but: Container[str] = ()) -> bool:
    """Whether the settings let the same rows through as in the last run.

    Args:
        stream: The stream.
        but: Settings that do not matter.
    """
    state, now = stream.stream_state, stream.next_pass.scope.as_state()
    kept = boxed(state, SCOPE)
    kept = boxed(boxed(state, UNDERWAY) or {}, SCOPE) if kept is None else kept
    names = {name for name in {*(kept or ()), *now} if name not in but}
    return kept is None or all(kept.get(name) == now.get(name) for name in names)


class Targets:
    """The calls that a check may make."""

    def __init__(self, account: Account, streams: Sequence[KeapStream]) -> None:
        """The calls for some streams.

        Args:
            account: The account.
            streams: The streams that the run will read.
        """
        self._first = [one for one in streams if is_first_load(one)]
        self._reading = [*self._first, *(one for one in streams if _lists_others(one, streams))]
        self._account = account

    def every(self) -> Iterator[Target]:
        """The lists that the run reads for the first time, and what streams are read for."""
        named: set[str] = set()
        for stream in self._first:
            collection = stream.collection
            if stream.name in named or collection.source is not None or len(collection.values) > 1:
                continue
            target = self._of_list(stream)
            if target is not None:
                named |= {target.name, *(one.name for one in target.makers)}
                yield target
        shown_in = self._shown_in()
        for source, window in self._sources().values():
            name = source.stream
            if name in named and self._is_of_some_time(name) and window.is_open:
                name = all_of(name)
            target = None if name in named else self._of_source(source, window, name)
            if target is not None:
                named.add(name)
                yield target
        for name, shown in shown_in.items():
            if name not in named:
                yield self._of_rows(self._account.collections[name], (shown.column,), name)
        if ALL_CONTACTS not in named and self._needs_all_contacts(named):
            yield self._of_rows(self._account.collections["contacts"], (), ALL_CONTACTS)

    def _is_of_some_time(self, name: str) -> bool:
        """Whether only the rows of some time are read of a collection, as a stream."""
        return self._account.settings.limits_times and self._account.collections[name].changes.is_timed

    def _needs_all_contacts(self, named: Container[str]) -> bool:
        """Whether contacts of all times tell more than the lists of the run.

        Args:
            named: The collections that are tried anyway.
        """
        if self._account.settings.limits_times:
            return any(map(_depends_on_contacts, self._first))
        growing = {one.responses for one in self._first if growing_rank(one.collection) is not None}
        return "contacts" not in named and len(growing) > _MANY

    def is_uneven(self, target: Target) -> bool:
        """Whether the newest rows of a list do not suffice.

        They do not where much depends on how many there are, as of contacts, nor where only those rows cost
        calls that show that something is below them.
        """
        if growing_rank(target.plan.collection) == 0:
            return target.name != ALL_CONTACTS
        read_for = (one.collection.source for one in self._first)
        mine = (one for one in read_for if isinstance(one, PerParent) and one.stream == target.name)
        return any(one.only_if or one.lists for one in mine)

    def _with_fields(self, call: Call, collection: Collection) -> Call:
        """The call for rows of a collection, with the fields that show something of other streams."""
        first, shown = {one.name for one in self._first}, self._shown_in().get(collection.name)
        mine = [(path, other) for (name, path), other in OWN.items() if name == collection.name]
        own = [path.split("[")[0] for path, other in mine if other in first]
        columns = {*own, *(() if shown is None else (shown.column,))}
        more = collection.endpoint.fields.names & {collection.wire.name(one) for one in columns}
        fields = str(call.params.get("fields", ""))
        if not fields or not more:
            return call
        return call.with_params(fields=",".join(sorted({*fields.split(","), *more})))

    def _shown_in(self) -> dict[str, ShownIn]:
        """What shows the rows of streams, and of what they are read for, by the name of the collection."""
        own = [one.collection for one in self._reading]
        names = set[str]().union(*(sources(one, self._account.collections) for one in own))
        found = (one.shown_in for one in (*own, *(self._account.collections[name] for name in names)))
        return {shown.stream: shown for shown in found if shown is not None}

    def _of_list(self, stream: KeapStream) -> Target | None:
        call = stream.opening_call
        if call is None or call.method != "GET":
            return None
        call = self._with_fields(call, stream.collection)
        begun = stream.next_pass
        plan = self._account.plan(stream.collection, begun.window)
        makers = [one for one in self._first if one.responses is stream.responses]
        return Target(
            stream.name,
            newest_first(call, plan),
            call,
            plan,
            makers,
            makers,
            begun.checkpoint.rows,
            max(self._weight(one.collection) for one in makers),
        )

    def _of_source(self, source: PerParent | PerBatch, window: Window, name: str) -> Target | None:
        """The call for a collection that is no stream of the run itself, or not with these rows.

        Args:
            source: What it is listed for.
            window: The times of its rows.
            name: Name of the target.
        """
        collection = self._account.collections[source.stream]
        if collection.source is not None:
            return None
        call = self._account.listing_call(source, window, 0)
        if call is None or call.method != "GET":
            return None
        call = self._with_fields(call, collection)
        plan = ReadPlan(collection, window)
        return Target(
            name,
            newest_first(call, plan),
            call,
            plan,
            [],
            [],
            0,
            self._weight(collection),
            self._children(collection),
        )

    def _children(self, collection: Collection) -> list[KeapStream]:
        """The streams that are read for a collection, directly or through others."""
        collections = self._account.collections
        return [one for one in self._first if collection.name in sources(one.collection, collections)]

    def _of_rows(self, collection: Collection, columns: Sequence[str], name: str) -> Target:
        """The call for rows of all times that tell about others.

        Args:
            collection: The collection.
            columns: Columns that show something of other streams.
            name: Name of the target.
        """
        names = {collection.wire.name(one) for one in (*collection.key, *columns)}
        plan = self._account.plan(collection, Window(), [*(collection.endpoint.fields.names & names)])
        call = self._with_fields(walk_of(plan, next(slices(plan, [], []))).first_call(), collection)
        weight = self._weight(collection)
        return Target(name, newest_first(call, plan), call, plan, (), (), 0, weight)

    def _weight(self, collection: Collection) -> float:
        """Calls that a row of a collection costs, for itself and for those that are read for it."""
        found = 1 / collection.endpoint.page_size
        for other in self._first:
            source = other.collection.source
            if source is None or source.stream != collection.name or self._is_limited(source):
                continue
            found += 1 if isinstance(source, PerParent) else 1 / source.size
        return found

    def _sources(self) -> dict[str, tuple[PerParent | PerBatch, Window]]:
        """What streams are read for that the run reads for the first time, and times of these rows."""
        found: dict[str, tuple[PerParent | PerBatch, Window]] = {}
        for stream in self._reading:
            source = stream.collection.source
            while source is not None and source.setting != saved_searches.SETTING:
                is_in_window = isinstance(source, PerParent) and source.in_window
                window = stream.next_pass.window if is_in_window else Window()
                found.setdefault(source.stream, (source, window))
                source = self._account.collections[source.stream].source
        return found

    def _is_limited(self, source: PerParent | PerBatch) -> bool:
        """Whether settings say what a stream is read for, or the list of saved searches, which was read."""
        limit = self._account.settings.limit(source.setting) if source.setting else None
        return bool(limit) or source.setting == saved_searches.SETTING


def _lists_others(stream: KeapStream, streams: Sequence[KeapStream]) -> bool:
    """Whether a stream is read in full again by ids of rows that are listed by many calls just for that."""
    batches, names = stream.collection.batches, {one.name for one in streams}
    is_nested = batches is not None and batches.stream not in names and stream.collection.shown_in is None
    return is_nested and stream.next_pass.complete and bool(stream.next_pass.share)


def _depends_on_contacts(stream: KeapStream) -> bool:
    """Whether it matters how many contacts there are in all, if those of some time are read."""
    collection = stream.collection
    if collection.changes.is_timed:
        return isinstance(collection.source, PerParent)
    return growing_rank(collection) is not None


def page_for(source: PerParent | PerBatch, tried: Mapping[str, Tried]) -> Tried | None:
    """The page of rows that was tried of what a stream is read for; None if none was.

    Args:
        source: What the stream is read for.
        tried: What was tried, by name.
    """
    is_in_window = isinstance(source, PerParent) and source.in_window
    every = None if is_in_window else tried.get(all_of(source.stream))
    return tried.get(source.stream) if every is None else every
