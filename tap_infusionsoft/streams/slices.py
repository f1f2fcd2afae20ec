"""How a stream is cut into pieces, and how a piece becomes calls. Pure functions of their arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tap_infusionsoft.client.calls import Call, path_of
from tap_infusionsoft.streams.changes import Snapshot, Updated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.streams.collection import Collection


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
        values: Columns that are the same for every row of the slice, such as the parent's id.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    crawl: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


def wire_time(moment: datetime) -> str:
    """A time as Keap's filters take it everywhere: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def plan(
    collection: Collection,
    window: Window,
    ids: Sequence[str] = (),
    fields: Sequence[str] = (),
) -> Iterator[Slice]:
    """Cut one pass over a collection into slices.

    Args:
        collection: What to read.
        window: The times to read, for collections that can be filtered by time.
        ids: Ids of the parents, or those to ask for in batches.
        fields: Value of the ``fields`` parameter; empty to leave it out.
    """
    params = dict(collection.params)
    if fields:
        params["fields"] = ",".join(fields)
    filters = list(collection.filters)
    changes = collection.changes
    if isinstance(changes, Updated):
        bounds = ((changes.since, window.since), (changes.until, window.until))
        for name, moment in bounds:
            if moment is None:
                continue
            if collection.paging == "offset":
                params[name] = wire_time(moment)  # v1 takes plain parameters
            else:
                filters.append(f"{name}=={wire_time(moment)}")
    whole = isinstance(changes, Snapshot) or window.is_open
    crawl = collection.crawl is not None and whole and not collection.batches
    if collection.parents is not None:
        for parent in ids:
            values = {collection.parents.column: parent}
            path = path_of(collection.path, **values)
            yield Slice(path, params, tuple(filters), crawl, values)
    elif collection.batches is not None:
        for start in range(0, len(ids), collection.batches.size):
            batch = ids[start : start + collection.batches.size]
            wanted = f"{collection.batches.filter}=={','.join(batch)}"
            yield Slice(collection.path, params, (wanted, *filters))
    else:
        yield Slice(collection.path, params, tuple(filters), crawl)


def first_call(collection: Collection, piece: Slice) -> Call:
    """The call for the first page of a slice."""
    params = dict(piece.params)
    size = {"token": "page_size", "offset": "limit", "none": None}[collection.paging]
    if size is not None:
        params[size] = str(collection.page_size)
    if piece.filters:
        params["filter"] = ";".join(piece.filters)
    if piece.crawl and collection.crawl is not None:
        params["order_by"] = f"{collection.crawl.order_by} asc"
    return Call(piece.path, collection.items, params, collection.method, size)


def after_id(collection: Collection, piece: Slice, call: Call, last: int) -> Call:
    """The call for the rows of a crawl whose ids are above ``last``."""
    assert collection.crawl is not None  # noqa: S101  # a crawl slice has one
    return call.with_params(filter=";".join((f"{collection.crawl.filter}>{last}", *piece.filters)))
