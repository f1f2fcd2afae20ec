"""From a declaration to slices, and from a slice to its calls. Pure functions of their arguments."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from tap_infusionsoft.client.call import Call, path_of
from tap_infusionsoft.streams.replication import Moved, Moves, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_infusionsoft.client.call import BodyDecoder
    from tap_infusionsoft.streams.collection import Choice, Collection

Params = dict[str, str | tuple[str, ...]]


class Order(Enum):
    """The order in which the rows of a slice are asked for, which decides how its pages are walked."""

    BY_ID = auto()
    BY_TIME = auto()
    NEWEST_FIRST = auto()
    MOVED = auto()
    """Newest first, by a time that moves when something happens to a row."""
    AS_PAGED = auto()
    """In Keap's own order, by page token, offset, or on one page."""
    SINGLE = auto()
    """The answer is one row, asked for by its id."""


class ReadPlan(Struct, frozen=True):
    """What one run reads of a collection: the declaration, and what is only known in a run.

    Attributes:
        collection: The declaration.
        window: The times to read, if the collection has a time.
        fields: Value of the ``fields`` parameter; empty to leave it out.
        period: The time that sums are for.
        named: Settings that name rows to read -> their values.
        newest_first: Whether rows are asked for in the order of their births, where they can be.
        moves: The orders by time that show what changed, to read instead of everything; None for everything.
        decode: Decodes whole pages; None for plain documents.
    """

    collection: Collection
    window: Window = field(default_factory=Window)
    fields: tuple[str, ...] = ()
    period: Window = field(default_factory=Window)
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    newest_first: bool = False
    moves: Moves | None = None
    decode: BodyDecoder | None = None

    @property
    def chosen(self) -> dict[Choice, Sequence[str]]:
        """How the rows that settings name are found -> the values of the setting; empty for all rows."""
        return {
            choice: values for choice in self.collection.chosen if (values := self.named.get(choice.setting))
        }

    @property
    def asked_for(self) -> dict[Choice, Sequence[str]]:
        """The values that calls ask for; rows of the other settings are picked after reading."""
        return {choice: values for choice, values in self.chosen.items() if not choice.is_pick}


class Slice(Struct, frozen=True):
    """One piece of a stream: one walk over pages.

    Attributes:
        path: Path with the parent's id filled in.
        params: Query parameters besides page size, page token and filter.
        filters: Parts of the filter expression; all of them must hold.
        order: How its pages are walked.
        window: The times of the rows, if the walk goes by them.
        values: Columns that are the same for every row of the slice, such as the parent's id.
        place: Where it comes among the slices of the collection: its parents' ids, or the last id of its
            batch. Slices come in the order of `place_order`.
        batch: The ids that it asks for, if it is a batch of ids, or of one that a setting names.
        moved: The order that it is read in, if that shows what changed.
        most: Pages that may be read of it then.
    """

    path: str
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    order: Order = Order.AS_PAGED
    window: Window = field(default_factory=Window)
    values: Mapping[str, str] = field(default_factory=dict)
    place: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    moved: Moved | None = None
    most: int = 0


def place_order(place: Sequence[str]) -> tuple[tuple[int, int, str], ...]:
    """Sort key for places: numbers by their value, then texts."""
    return tuple((0, int(one), "") if re.fullmatch("-?[0-9]+", one) else (1, 0, one) for one in place)


def wire_time(moment: datetime) -> str:
    """A time in the one form that Keap's filters accept everywhere: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def condition(name: str, value: str) -> str:
    """A part of a filter: ``name==value``, or with the operator that the name ends with."""
    return f"{name}{value}" if name.endswith(("=", ">", "<")) else f"{name}=={value}"


# From a plan to slices.


def slices(
    plan: ReadPlan,
    parents: Sequence[Mapping[str, str]] = (),
    ids: Sequence[str] = (),
    after: Sequence[str] | None = None,
    skipped: Sequence[tuple[str, ...]] = (),
) -> Iterator[Slice]:
    """Cut a plan into slices: those that were skipped before, then the others in the order of their places.

    Args:
        plan: What to read.
        parents: Columns to read the collection for, one set after another, if it is read per parent.
        ids: Ids to ask for, if it is read per batch.
        after: Place of the last slice that was read already, or skipped; None for none.
        skipped: Places of slices that were skipped before. Each comes by itself, if it is still there.
    """
    params, filters = _params(plan), _filters(plan)
    if plan.asked_for:
        yield from _chosen(plan, params, filters)
        return
    if plan.moves is not None:
        yield from _moves(plan, plan.moves, params, filters, after)
        return
    order = order_of(plan)
    if order is Order.AS_PAGED and goes_by_birth(plan):
        params = params | _birth_order(plan)
    window = plan.window if order in {Order.NEWEST_FIRST, Order.BY_TIME} else Window()
    done = None if after is None else place_order(after)
    wanted, batches = {*skipped}, plan.collection.batches
    size = 1 if batches is None else batches.size
    again = _places(plan.collection, parents, ids, wanted.__contains__, 1) if wanted else ()
    left = _places(
        plan.collection, parents, ids, lambda place: done is None or place_order(place) > done, size
    )
    for place, values, batch in chain(again, left):
        path = path_of(plan.collection.endpoint.path, **values)
        own = () if batches is None else (condition(batches.filter, ",".join(batch)),)
        yield Slice(path, params, (*own, *filters), order, window, values, place, batch)


def goes_by_birth(plan: ReadPlan) -> bool:
    """Whether the rows of a plan come by page token, newest first, by the time of their creation."""
    return plan.newest_first and plan.collection.endpoint.born is not None and not plan.chosen


def in_own_order(plan: ReadPlan, piece: Slice) -> Slice:
    """A slice whose rows come in Keap's own order."""
    if piece.order is not Order.AS_PAGED or not goes_by_birth(plan):
        return piece
    return replace(piece, params=_params(plan))


def places_of(
    plan: ReadPlan, parents: Sequence[Mapping[str, str]], ids: Sequence[str]
) -> set[tuple[str, ...]]:
    """The places of all slices, each id of a batch by itself. The arguments are those of `slices`."""
    return {place for place, _, _ in _places(plan.collection, parents, ids, lambda _: True, 1)}


def halves(piece: Slice) -> tuple[Slice, Slice]:
    """Cut a batch of several ids into two."""
    own, *filters = piece.filters
    before_ids = own.removesuffix(",".join(piece.batch))
    middle = len(piece.batch) // 2
    first, second = piece.batch[:middle], piece.batch[middle:]
    return (
        replace(piece, place=first[-1:], batch=first, filters=(before_ids + ",".join(first), *filters)),
        replace(piece, batch=second, filters=(before_ids + ",".join(second), *filters)),
    )


def _params(plan: ReadPlan) -> Params:
    """The query parameters of every slice."""
    endpoint = plan.collection.endpoint
    params = dict(endpoint.params)
    if plan.fields:
        params["fields"] = plan.fields if endpoint.fields.apart else ",".join(plan.fields)
    if endpoint.paging == "offset":  # v1 takes times as plain parameters
        params |= {name: wire_time(bound) for name, bound in _bounds(plan)}
    return params


def _birth_order(plan: ReadPlan) -> Params:
    born = plan.collection.endpoint.born
    return {} if born is None else {"order_by": f"{born.order_by} desc"}


def _filters(plan: ReadPlan) -> list[str]:
    """The parts of the filter of every slice."""
    endpoint, period = plan.collection.endpoint, plan.period
    bounds = [
        (name, bound)
        for name, bound in zip(endpoint.period or (), (period.since, period.until), strict=False)
        if bound is not None
    ]
    if endpoint.paging != "offset":
        bounds += _bounds(plan)
    return [*endpoint.filters, *(condition(name, wire_time(bound)) for name, bound in bounds)]


def _bounds(plan: ReadPlan) -> list[tuple[str, datetime]]:
    """The filters for the window, as (name, bound); none if the parents are already read by their time."""
    parents = plan.collection.parents
    if parents is not None and parents.in_window:
        return []
    return plan.collection.changes.bounds(plan.window)


def order_of(plan: ReadPlan) -> Order:
    """The order in which the rows of a slice are asked for."""
    collection = plan.collection
    by_parents = collection.parents is not None and collection.parents.in_window
    if not by_parents and collection.changes.goes_newest_first(plan.window):
        return Order.NEWEST_FIRST
    if collection.endpoint.by_id is not None and collection.batches is None:
        return Order.BY_ID
    if not by_parents and collection.changes.goes_by_time:
        return Order.BY_TIME
    return Order.AS_PAGED


def _chosen(plan: ReadPlan, params: Params, filters: Sequence[str]) -> Iterator[Slice]:
    """The slices of the rows that settings name."""
    for choice, values in plan.asked_for.items():
        if choice.path:
            for value in values:
                path = path_of(choice.path, id=value)
                yield Slice(path, order=Order.SINGLE, place=(value,), batch=(value,))
            continue
        size = 1 if choice.each else choice.size
        for start in range(0, len(values), size):
            some = tuple(values[start : start + size])
            wanted = condition(choice.filter, ",".join(some))
            batch = some if all(map(str.isdigit, some)) else ()  # an email address is personal
            yield Slice(
                plan.collection.endpoint.path, params, (wanted, *filters), place=batch[-1:], batch=batch
            )


def _moves(
    plan: ReadPlan, moves: Moves, params: Params, filters: Sequence[str], after: Sequence[str] | None
) -> Iterator[Slice]:
    """The slices of the orders that show what changed, one after another."""
    for number, (moved, since) in enumerate(moves.walks.items()):
        place = (str(number),)
        if after is None or place_order(place) > place_order(after):
            yield Slice(
                plan.collection.endpoint.path,
                {**params, "order_by": moved.order},
                (*moved.filters, *filters),
                Order.MOVED,
                Window(since),
                place=place,
                moved=moved,
                most=moves.most,
            )


def _places(
    collection: Collection,
    parents: Sequence[Mapping[str, str]],
    ids: Sequence[str],
    is_wanted: Callable[[tuple[str, ...]], bool],
    size: int,
) -> Iterator[tuple[tuple[str, ...], Mapping[str, str], tuple[str, ...]]]:
    """Place, columns and ids of the batch of each slice whose place is wanted.

    Args:
        collection: The declaration.
        parents: Columns to read it for, if it is read per parent.
        ids: Ids to ask for, if it is read per batch.
        is_wanted: Takes the place of a parent, or of a single id.
        size: Most ids in a batch.
    """
    if collection.batches is not None:
        wanted = [one for one in sorted(ids, key=lambda one: place_order((one,))) if is_wanted((one,))]
        for start in range(0, len(wanted), size):
            batch = tuple(wanted[start : start + size])
            yield batch[-1:], {}, batch
        return
    values = parents if collection.parents is not None else collection.values
    places = sorted(((tuple(one.values()), one) for one in values), key=lambda one: place_order(one[0]))
    yield from ((place, one, ()) for place, one in places if is_wanted(place))


# From a slice to its calls.


def base_call(plan: ReadPlan, piece: Slice) -> Call:
    """The call for the first page of a slice, in Keap's own order."""
    endpoint = plan.collection.endpoint
    if piece.order is Order.SINGLE:
        return Call(piece.path, reader=plan.collection.name)
    params = dict(piece.params)
    size = {"token": "page_size", "offset": "limit"}.get(endpoint.paging)
    if size is not None:
        params[size] = str(endpoint.page_size)
    if piece.filters:
        params["filter"] = ";".join(piece.filters)
    return Call(
        piece.path,
        endpoint.items,
        params,
        endpoint.method,
        size,
        is_raw=endpoint.paging == "raw",
        is_bare=plan.collection.wire.bare,
        decode=plan.decode,
        reader=plan.collection.name,
    )
