"""How a stream is cut into pieces, and how a piece becomes calls. Pure functions of their arguments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from tap_infusionsoft.client.call import Behind, Call, path_of
from tap_infusionsoft.streams.replication import NewestFirst, Updated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.client.call import Shape
    from tap_infusionsoft.streams.collection import Choice, Collection


@dataclass(frozen=True, slots=True)
class Window:
    """The times to read, both ends inclusive; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it holds all times."""
        return self.since is None and self.until is None


@dataclass(frozen=True, slots=True)
class Slice:
    """One piece of a stream: one run of pages.

    Attributes:
        path: Path with the parent's id filled in.
        params: Query parameters besides page size, page token and filter.
        filters: Parts of the filter expression, joined by AND.
        crawl: Whether to walk by id instead of by page token.
        newest_first: Whether to walk from the newest row on, and stop at ``window``.
        by_time: Whether to walk by time, from the start of ``window`` on, instead of by page token.
        window: The times of the rows, where the walk goes by them.
        values: Columns that are the same for every row of the slice, such as the parent's id.
        place: Where it stands among the slices of the collection: its parents' ids, or the last id of its batch.
            Slices come in the order of `place_order`.
        single: Whether the answer is one row, asked for by its id.
    """

    path: str
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    crawl: bool = False
    newest_first: bool = False
    by_time: bool = False
    window: Window = field(default_factory=Window)
    values: Mapping[str, str] = field(default_factory=dict)
    place: tuple[str, ...] = ()
    single: bool = False


def place_order(place: Sequence[str]) -> tuple[tuple[int, int, str], ...]:
    """What places are ordered by: numbers by their value, then texts."""
    return tuple((0, int(one), "") if one.isascii() and one.isdigit() else (1, 0, one) for one in place)


def wire_time(moment: datetime) -> str:
    """A time as Keap's filters take it everywhere: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def condition(name: str, value: str) -> str:
    """A part of a filter: ``name==value``, or with the operator that ends the name."""
    return f"{name}{value}" if name.endswith(("=", ">", "<")) else f"{name}=={value}"


def plan(
    collection: Collection,
    window: Window,
    fields: Sequence[str] = (),
    over: Sequence[Mapping[str, str]] = ({},),
    ids: Sequence[str] = (),
    period: Window = Window(),  # it cannot change
    chosen: Mapping[Choice, Sequence[str]] = MappingProxyType({}),
    after: Sequence[str] | None = None,
) -> Iterator[Slice]:
    """Cut one pass over a collection into slices, in the order of their places.

    Args:
        collection: What to read.
        window: The times to read, for collections that have a time.
        fields: Value of the ``fields`` parameter; empty to leave it out.
        over: Columns to read the collection for, one set after another: those of its parents.
        ids: Ids to ask for in batches.
        period: The time that sums are for.
        chosen: Values of the settings that name the rows to read; empty for all.
        after: Place of the last slice that was read already; None for none.
    """
    params = dict(collection.endpoint.params)
    if fields:
        params["fields"] = tuple(fields) if collection.endpoint.fields.apart else ",".join(fields)
    filters = [*collection.endpoint.filters]
    if collection.endpoint.period is not None:
        filters += [
            condition(name, wire_time(moment))
            for name, moment in zip(collection.endpoint.period, (period.since, period.until), strict=True)
            if moment is not None
        ]
    changes = collection.changes
    by_parents = collection.parents is not None and collection.parents.in_window
    if isinstance(changes, Updated) and not by_parents:
        for name, moment in ((changes.since, window.since), (changes.until, window.until)):
            if moment is None:
                continue
            if collection.endpoint.paging == "offset":
                params[name] = wire_time(moment)  # v1 takes plain parameters
            else:
                filters.append(condition(name, wire_time(moment)))
    newest_first = isinstance(changes, NewestFirst) and not window.is_open and not by_parents
    crawl = collection.endpoint.by_id is not None and not newest_first and collection.batches is None
    if chosen:
        yield from _chosen(collection, params, filters, chosen)
        return
    by_time = (
        isinstance(changes, Updated) and bool(changes.order_by and window.since) and not (by_parents or crawl)
    )
    times = window if newest_first or by_time else Window()
    for place, values, part in _places(collection, over, ids, after):
        path = path_of(collection.endpoint.path, **values)
        yield Slice(path, params, (*part, *filters), crawl, newest_first, by_time, times, values, place)


def _chosen(
    collection: Collection,
    params: Mapping[str, str | tuple[str, ...]],
    filters: Sequence[str],
    chosen: Mapping[Choice, Sequence[str]],
) -> Iterator[Slice]:
    for choice, values in chosen.items():
        if choice.path:
            for value in values:
                yield Slice(path_of(choice.path, id=value), single=True)
            continue
        size = 1 if choice.each else choice.size
        for start in range(0, len(values), size):
            wanted = condition(choice.filter, ",".join(values[start : start + size]))
            yield Slice(collection.endpoint.path, params, (wanted, *filters))


def _places(
    collection: Collection,
    over: Sequence[Mapping[str, str]],
    ids: Sequence[str],
    after: Sequence[str] | None,
) -> Iterator[tuple[tuple[str, ...], Mapping[str, str], tuple[str, ...]]]:
    """Place, columns and filters of each slice that is left. A collection has parents, or batches, or neither."""
    done = None if after is None else place_order(after)
    batches = collection.batches
    if batches is None:
        places = sorted(
            ((tuple(values.values()), values) for values in over), key=lambda one: place_order(one[0])
        )
        yield from (
            (place, values, ()) for place, values in places if done is None or place_order(place) > done
        )
        return
    left = [
        one
        for one in sorted(ids, key=lambda one: place_order((one,)))
        if done is None or place_order((one,)) > done
    ]
    for start in range(0, len(left), batches.size):
        batch = left[start : start + batches.size]
        yield (batch[-1],), {}, (condition(batches.filter, ",".join(batch)),)


def first_call(collection: Collection, piece: Slice, after: int = 0, decode: Shape | None = None) -> Call:
    """The call for the first page of a slice, or of what a crawl has left of it after an id."""
    if piece.single:
        return Call(piece.path)
    params = dict(piece.params)
    size = {"token": "page_size", "offset": "limit"}.get(collection.endpoint.paging)
    if size is not None:
        params[size] = str(collection.endpoint.page_size)
    if piece.filters:
        params["filter"] = ";".join(piece.filters)
    if piece.newest_first and isinstance(collection.changes, NewestFirst):
        params["order_by"] = f"{collection.changes.order_by} desc"
    if piece.by_time and isinstance(collection.changes, Updated):
        params["order_by"] = f"{collection.changes.order_by} asc"
    call = Call(
        piece.path,
        collection.endpoint.items,
        params,
        collection.endpoint.method,
        size,
        is_raw=collection.endpoint.paging == "raw",
        is_bare=collection.wire.bare,
        shape=decode,
    )
    return after_id(collection, piece, call, after) if piece.crawl else call


def after_id(collection: Collection, piece: Slice, call: Call, last: int) -> Call:
    """The call for the rows of a crawl whose ids are above ``last``."""
    assert collection.endpoint.by_id is not None  # noqa: S101  # a crawl slice has one
    above = f"{collection.endpoint.by_id.filter}>{last}"
    found = replace(call, behind=None).with_params(
        order_by=f"{collection.endpoint.by_id.order_by} asc", filter=";".join((above, *piece.filters))
    )
    return replace(
        found, behind=Behind(last, partial(after_id, collection, piece, found), collection.endpoint.token)
    )


def since_time(collection: Collection, piece: Slice, call: Call, moment: datetime) -> Call:
    """The call for the rows of a walk by time from ``moment`` on."""
    changes, since = collection.changes, piece.window.since
    assert isinstance(changes, Updated) and since is not None  # noqa: S101, PT018  # a slice by time has them
    first = condition(changes.since, wire_time(since))
    filters = [
        condition(changes.since, wire_time(moment)) if part == first else part for part in piece.filters
    ]
    return call.with_params(filter=";".join(filters))
