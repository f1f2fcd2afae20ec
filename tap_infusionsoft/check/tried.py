"""What an answer shows of a collection: how many rows it has, what is in them, and which others they name."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import Struct, json, structs

from tap_infusionsoft.client.page_tokens import id_number, next_token
from tap_infusionsoft.reading.pages import unpacked
from tap_infusionsoft.reading.requests import Order, order_of
from tap_infusionsoft.records.coerce import CoercionError, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.reading.requests import ReadPlan
    from tap_infusionsoft.streams.collection import Collection, PerParent

Row = dict[str, Any]

OWN = {("contacts", "email_addresses[].email"): "email_address_statuses"}
"""Stream and path of values that are keys of another stream, though they are no ids.

They are a contact's own: those who share one came together as a rule, so that of twice the contacts there
are twice as many.
"""
_BY_TIME = frozenset({Order.BY_TIME, Order.NEWEST_FIRST})
_ENOUGH = 0.8
"""Share of rows that must have their own number to tell how many rows there are."""


class Size(Struct, frozen=True):
    """How many rows there are.

    Attributes:
        rows: About how many.
        least: How many there are at least.
        basis: What it rests on.
        is_known: Whether there is any ground for `rows`; if not, they are the least.
    """

    rows: float
    least: int
    basis: str
    is_known: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether it is no estimate."""
        return self.is_known and self.rows == self.least


class Tried(Struct, frozen=True):
    """One page of a collection.

    Attributes:
        collection: The collection.
        rows: Its rows, as Keap sent them.
        size: How many rows the collection has, as Keap sends them.
        is_part: Whether settings limit which rows these are, so that nothing follows for other collections.
        most: Rows of its page, if Keap sent fewer than were asked for although there are more.
        kept: Rows of the page that the run keeps, if Keap sends those of other times as well.
    """

    collection: Collection
    rows: Sequence[Row]
    size: Size
    is_part: bool = False
    most: float = math.inf
    kept: int | None = None

    @property
    def times(self) -> float:
        """How many times the rows of the page the collection has."""
        return self.size.rows / len(self.rows) if self.rows else 0.0

    @property
    def made(self) -> Size:
        """How many rows the stream has that are made of these."""
        if self.kept is not None:
            return Size(self.kept, self.kept, self.size.basis)
        if self.collection.wire.unpack is None:
            return self.size
        here, size = len(unpacked(self.collection, [*self.rows]).rows), self.size
        return Size(round(here * self.times), here, size.basis, size.is_known)

    def leading(self, source: PerParent) -> Iterator[Row]:
        """The rows of the page that have something below them, as far as they show it."""
        name, rows = self.collection.wire.name, unpacked(self.collection, [*self.rows]).rows
        lists = source.lists and name(source.lists)
        shown = [one for one in (source.only_if, source.lists) if one]
        if lists and not any(row.get(lists) for row in rows):
            shown.remove(source.lists or "")  # a run does not believe lists that are empty in all rows
        for row in rows:
            if source.leads_on({one: row.get(name(one)) for one in shown}):
                yield row

    def named(self, path: str) -> list[Any]:
        """The values at a path of columns, such as ``order_items[].product.id``; empty ones are left out."""
        first, dot, rest = path.partition(".")
        column = first.removesuffix("[]")
        wire = first.replace(column, self.collection.wire.name(column), 1) + dot + rest
        return [one for row in self.rows for one in _at(row, wire.split(".")) if one]


def newest_first(call: Call, plan: ReadPlan) -> Call:
    """The call for the last page of a collection, where Keap can order it; otherwise the call as it is.

    Args:
        call: The call that a run begins with.
        plan: What it reads.
    """
    endpoint, order = plan.collection.endpoint, order_of(plan)
    name = ""
    if order is Order.BY_ID and endpoint.by_id is not None:
        name = endpoint.by_id.order_by
    elif order is Order.BY_TIME:
        name = plan.collection.changes.order.removesuffix(" asc")
    elif order is Order.AS_PAGED and endpoint.born is not None:
        name = endpoint.born.order_by
    return replace(call, cursor=None).with_params(order_by=f"{name} desc") if name else call


def look(document: Mapping[str, Any], call: Call, plan: ReadPlan, done: int = 0) -> Tried | None:
    """What an answer shows of a collection, or of what is left of it; None if it has no list of rows.

    Args:
        document: The answer.
        call: The call.
        plan: What a run reads of the collection.
        done: How many of its rows earlier runs have read.
    """
    collection = plan.collection
    rows = document.get(call.items) if call.items is not None else [document]
    if not isinstance(rows, list):
        return None
    count = len(rows)
    total = document.get(collection.wire.total) if collection.wire.total else None
    if isinstance(total, int) and total >= count:
        return Tried(collection, rows, Size(total, total, "counted by Keap"))
    has_more = next_token(document, collection.endpoint.token) is not None
    newer = _in_window(rows, plan)
    if not count or not call.rows or (count < call.rows and not has_more):
        kept = newer if newer < count else None
        return Tried(collection, rows, Size(count, count, "its first page"), kept=kept)
    if newer < count:
        is_sorted = order_of(plan) in _BY_TIME
        return Tried(collection, rows, Size(newer, newer, "its first page", is_known=is_sorted))
    most = count if count < call.rows else math.inf
    is_newest = "desc" in str(call.params.get("order_by", ""))
    about = _all(rows, plan) if is_newest else None
    if about is None:
        return Tried(collection, rows, Size(count, count, "its first page", is_known=False), most=most)
    return Tried(collection, rows, Size(max(round(about[0]) - done, count), count, about[1]), most=most)


def id_name(collection: Collection) -> str:
    """The name of the id in rows as Keap sends them."""
    has_id = collection.wire.unpack is not None or collection.endpoint.by_id is not None
    return "id" if has_id or not collection.key else collection.wire.name(collection.key[0])


def _all(rows: Sequence[Row], plan: ReadPlan) -> tuple[float, str] | None:
    """About how many rows there are, by the newest of them, and what that rests on; None if nothing tells."""
    collection = plan.collection
    if plan.window.since is not None or plan.window.until is not None:
        since = plan.window.since
        found = None if since is None else _since(rows, plan, since)
        return found or _older_ids(rows, plan)
    ids = [row.get(id_name(collection)) for row in rows]
    if order_of(plan) is Order.BY_ID and (id_number(ids[0]) or 0) < (id_number(ids[-1]) or 0):
        return None  # the order that was asked for is ignored
    if (about := _by_ids(ids, len(rows))) is not None:
        return about, "the ids of its newest rows"
    page = Tried(collection, rows, Size(len(rows), len(rows), ""))
    for path, relation in collection.relations.items():
        if relation.stream and (about := _by_ids(page.named(path), len(rows))) is not None:
            return about, f"the ids of {relation.stream} in its newest rows"
    return None


def _by_ids(values: Sequence[Any], rows: int) -> float | None:
    """About how many rows there are, by the ids that the newest of them have, or that each of them names.

    Ids are taken to be as close to each other in older rows as in the half of these where they are closest:
    among the newest rows by time, some have early ids, and most rows with such ids are not among these.

    Args:
        values: The ids.
        rows: How many rows they are from.

    Returns:
        The number of rows; None if most rows have no number.
    """
    ids = sorted({number for one in values if (number := id_number(one)) is not None})
    if len(ids) < max(rows * _ENOUGH, 2):
        return None
    first, density = _closest(ids)
    return (len(ids) - first + ids[first] * density) * rows / len(ids)


def _older_ids(rows: Sequence[Row], plan: ReadPlan) -> tuple[float, str] | None:
    """About how many rows of some time there are, by how close to each other the oldest ids on the page are.

    Those that were made in that time are closer to each other than the older ones that have changed since.
    """
    ids = _numbers(rows, id_name(plan.collection))
    quarter = len(ids) // 4
    if order_of(plan) is not Order.BY_ID or not quarter or len(ids) < len(rows):
        return None
    density = quarter / (ids[quarter] - ids[0])
    return len(rows) + ids[0] * density, "the ids of its newest rows"


def _closest(ids: Sequence[int]) -> tuple[int, float]:
    """Where the half of some ids begins that are closest to each other, and how many a number there are."""
    half = len(ids) // 2
    first = min(range(len(ids) - half), key=lambda place: ids[place + half] - ids[place])
    return first, half / (ids[first + half] - ids[first])


def joined(newest: Tried, oldest: Sequence[Row]) -> Tried:
    """A collection of which both ends were seen.

    Between them, ids are taken to be as close to each other as at both ends on the average.

    Args:
        newest: The page with the newest rows.
        oldest: The page with the oldest rows.
    """
    known = {_mark(row) for row in newest.rows}
    more = [row for row in oldest if _mark(row) not in known]
    rows, size = [*newest.rows, *more], newest.size
    if not more:  # both are the same page, as the order that was asked for is ignored
        return structs.replace(
            newest, rows=rows, size=Size(len(rows), len(rows), "its first page", is_known=False)
        )
    if len(more) < len(oldest):
        return structs.replace(newest, rows=rows, size=Size(len(rows), len(rows), "all its pages"))
    low, high = (_numbers(page, id_name(newest.collection)) for page in (oldest, newest.rows))
    about = max(size.rows, len(rows))
    if len(low) > 1 and len(high) > 1 and low[-1] < high[0]:
        between = (high[0] - low[-1]) * (_closest(low)[1] + _closest(high)[1]) / 2
        about = len(rows) + round(between)
    return structs.replace(newest, rows=rows, size=Size(about, len(rows), size.basis, size.is_known))


def _numbers(rows: Sequence[Row], name: str) -> list[int]:
    return sorted({number for row in rows if (number := id_number(row.get(name))) is not None})


def _mark(row: Row) -> bytes:
    """What tells a row from others: all of it, as some have no id."""
    return json.encode(row, order="sorted")


def _in_window(rows: Sequence[Row], plan: ReadPlan) -> int:
    """How many rows of a page are not too old, where Keap does not leave the others out."""
    key, since = plan.collection.changes.key, plan.window.since
    if key is None or since is None:
        return len(rows)
    name = plan.collection.wire.name(key)
    try:
        return len([row for row in rows if row.get(name) is None or parse_time(row[name]) >= since])
    except CoercionError:
        return len(rows)


def _since(rows: Sequence[Row], plan: ReadPlan, since: datetime) -> tuple[float, str] | None:
    """About how many rows came since a time, by how fast the newest of them came."""
    key = plan.collection.changes.key
    if key is None or order_of(plan) not in _BY_TIME:
        return None
    name = plan.collection.wire.name(key)
    try:
        newest, oldest = parse_time(rows[0].get(name)), parse_time(rows[-1].get(name))
    except CoercionError:
        return None
    if newest <= oldest:
        return None
    times = (newest - since).total_seconds() / (newest - oldest).total_seconds()
    return len(rows) * times, "the times of its newest rows"


def distinct(here: int, mentions: int, all_mentions: float) -> float:
    """About how many different values there are among all mentions, by those among some.

    Each mention is taken to name any of the values alike, so that the more of them have come twice, the
    fewer are still to come.

    Args:
        here: Different values among the mentions that were seen.
        mentions: Mentions that were seen.
        all_mentions: Mentions in all.
    """
    if all_mentions <= mentions or not here:
        return here
    if here >= mentions:
        return all_mentions  # each names another one
    low, high = float(here), 1e12
    while high - low > low / 1000:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if _seen(middle, mentions) > here else (middle, high)
    return _seen(low, all_mentions)


def _seen(values: float, mentions: float) -> float:
    """How many of some values are among mentions that name any of them alike."""
    return -values * math.expm1(-mentions / values)


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a path, whose parts end with ``[]`` where there is a list."""
    if not path:
        yield value
        return
    inner = value.get(path[0].removesuffix("[]")) if isinstance(value, dict) else None
    for one in (inner or ()) if path[0].endswith("[]") and isinstance(inner, list) else (inner,):
        yield from _at(one, path[1:])
