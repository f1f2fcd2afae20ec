"""Walks over the rows of a table.

Pages by number are cut out of live rows: a row that goes away pulls the first one of the next page into one
that was read already. So wherever rows have an id, each page asks for those after the last one instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.client.page_tokens import id_number
from tap_infusionsoft.reading.requests import Order
from tap_infusionsoft.reading.walks.walk import OutOfOrderError, Repeats, Walk
from tap_infusionsoft.records.row_keys import digest
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall, largest_page
from tap_infusionsoft.xmlrpc.faults import is_about_fields
from tap_infusionsoft.xmlrpc.id_conditions import MOST_IDS, Ids, ids_of
from tap_infusionsoft.xmlrpc.rescue import Finds, PageRescue
from tap_infusionsoft.xmlrpc.times import condition_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Asks, Page
    from tap_infusionsoft.xmlrpc.id_conditions import Value
    from tap_infusionsoft.xmlrpc.tables import Table


@dataclass(frozen=True)
class TableQuery:
    """What to read of a table.

    Attributes:
        table: The table.
        conditions: Field -> what its value must be. A list may be longer than one call takes.
        order: The field that the user wants rows ordered by; empty for none.
        ascending: Whether the lowest comes first there.
        finds: What reads of it have found out in this run.
    """

    table: Table
    conditions: Mapping[str, Value] = field(default_factory=dict)
    order: str = ""
    ascending: bool = True
    finds: Finds = field(default_factory=Finds, compare=False)

    @property
    def ids(self) -> Ids | None:
        """The ids that a walk by the field to order by is to find; None if there can be no such walk."""
        return ids_of(self.conditions.get(self.table.order)) if self.table.is_numbered else None

    def parts(self, *, whole: str = "") -> list[dict[str, Value]]:
        """The conditions, cut into several sets if a list has more ids than one call takes.

        Each row meets one of the sets, as it has one value in each field.

        Args:
            whole: The field whose condition is left out.
        """
        fixed = {name: value for name, value in self.conditions.items() if name != whole}
        long = {
            name: [value[start : start + MOST_IDS] for start in range(0, len(value), MOST_IDS)]
            for name, value in fixed.items()
            if isinstance(value, list) and len(value) > MOST_IDS
        }
        return [fixed | dict(zip(long, some, strict=True)) for some in product(*long.values())]


def walk_table(query: TableQuery, plan: ReadPlan, piece: Slice, after: int) -> Walk:
    """The walk over a slice of a table.

    Args:
        query: What to read of the table.
        plan: What to read.
        piece: Which part of it.
        after: Id of the last row that was read already; 0 for none.
    """
    if piece.order is Order.SINGLE:
        return WalkRecord(plan, piece, query)
    by_id = query.ids is not None and plan.collection.endpoint.by_id is not None
    walk = WalkTableById(plan, piece, query, after) if by_id else WalkTableByPage(plan, piece, query)
    return WalkTableInOrder(plan, piece, query, walk) if query.order else walk


class _WalkTable(Walk):
    """Asks `DataService.query` for the rows of a table, always in an order that the call names."""

    def __init__(self, plan: ReadPlan, piece: Slice, query: TableQuery) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            query: What to read of the table.
        """
        super().__init__(plan, piece)
        self._query = query
        self._table = query.table
        self._rescue = PageRescue(query.finds)

    @property
    def _fields(self) -> Sequence[str]:
        known = self.plan.collection.endpoint.fields.names
        return self.plan.fields or tuple(name for name in self._table.fields if name in known)

    def _call(
        self,
        conditions: Mapping[str, Value],
        page: int = 0,
        rows: int = 0,
        order: str = "",
        *,
        ascending: bool = True,
    ) -> XmlRpcCall:
        """The call for one page.

        Args:
            conditions: Field -> what its value must be, besides what the plan says.
            page: Number of the page, from 0.
            rows: Most rows of a page; 0 for as many as a call may bring.
            order: The field to order rows by; empty for the table's own.
            ascending: Whether the lowest comes first.
        """
        order, most = order or self._table.order, self.plan.collection.endpoint.page_size
        asked = (
            self._table.name,
            rows or most,
            page,
            {**self._window(), **conditions},
            list(self._fields),
        )
        call = self._ask("DataService.query", asked, (order, ascending))
        return replace(call, limit=1, page=2, conditions=3)

    def _ask(self, method: str, arguments: tuple[Any, ...], more: tuple[Any, ...] = ()) -> XmlRpcCall:
        """The call of a method.

        Args:
            method: The method.
            arguments: Its arguments, up to the fields that it asks for.
            more: Those after them.
        """
        kinds = self._table.fields
        return XmlRpcCall(
            method,
            ROWS,
            arguments=(*arguments, *more),
            fields=len(arguments) - 1,
            keys=frozenset({self._table.order, *self._table.keys}),
            times=frozenset(name for name in self._fields if kinds.get(name) == "times"),
            days=frozenset(name for name in self._fields if kinds.get(name) == "days"),
            what=f"of {self._table.name}",
            reader=self.plan.collection.name,
        )

    def _window(self) -> dict[str, Value]:
        """The condition that limits rows to the window. A field takes only one, so it has the lower bound."""
        since, updated = self.plan.window.since, self.plan.collection.changes.key
        if updated is None or since is None:
            return {}
        return {self.plan.collection.wire.name(updated): f"~>=~ {condition_time(since)}"}

    def keep(self, page: Page) -> Page:
        """The rows that changed before the end of the window, and those whose time is unknown."""
        until = self.plan.window.until
        if until is None or self.plan.collection.changes.key is None:
            return page
        return [row for row in page if (moment := self.time_of(row)) is None or moment <= until]

    def ask(self, call: Call, whom: Asks) -> Reply:
        """Read the page of a call, or as much of its beginning as the service can send.

        Raises:
            KeapError: It cannot be read.
        """
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # `_ask` made it
        refused, bounds = self._query.finds.refused, self._window()
        open_call = call.without_conditions(bounds)
        if refused.names.isdisjoint(bounds):
            try:
                return self._rescue.ask(call, whom)
            except KeapError as error:
                if open_call == call or not is_about_fields(error.fault):
                    raise
            refused.leave_out([name for name in bounds if name not in refused.names], call)
        return self._rescue.ask(open_call, whom)

    def has_more(self, reply: Reply) -> bool:
        """Whether the page is full."""
        return len(reply.document[ROWS]) >= reply.call.rows

    def _numbers(self, page: Page, name: str, reply: Reply) -> list[int]:
        """The ids of the rows in one field.

        Raises:
            OutOfOrderError: A row has none.
        """
        found = [id_number(row.get(name)) for row in page]
        if None in found:
            raise OutOfOrderError(str(reply.call))
        return [number for number in found if number is not None]


def _row_after(reply: Reply) -> int:
    """Number of the row after the last one of a page."""
    assert isinstance(reply.call, XmlRpcCall)  # noqa: S101  # `_call` made it
    return reply.call.first_row + reply.call.rows


class WalkTableById(_WalkTable):
    """Each page asks for the rows after the last id, so rows that go away meanwhile hide no others.

    Where several rows share an id, as the tags of a contact do, the last id of a full page may have more
    rows. Those are left out, and the next page begins with them. If they fill a page, they are walked by
    themselves, by the second column of the key.
    """

    is_gapless = True

    def __init__(self, plan: ReadPlan, piece: Slice, query: TableQuery, after: int) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            query: What to read of the table.
            after: Id up to which everything was read already; 0 for nothing.
        """
        super().__init__(plan, piece, query)
        self._ids = query.ids or Ids()
        self._parts = query.parts(whole=self._table.order)
        self._part = 0
        self._done: int | None = after or None  # everything up to this id has come
        self._group: int | None = None  # an id that is walked by itself
        self._done_in_group: int | None = None
        self._complete = 0
        self.last_id = after
        self.has_gaps = len(self._parts) > 1 or len(self._ids.listed) > MOST_IDS

    def first_call(self) -> Call:
        """The call for the rows after those that were read already."""
        return self._next()

    def _next(self) -> Call:
        conditions = self._parts[self._part]
        order = self._table.order
        if self._group is not None:
            own = self._ids_in_group.after(self._done_in_group)
            there = {} if own is None else {self._table.tie: own}
            return self._call({**conditions, order: str(self._group), **there}, order=self._table.tie)
        value = self._ids.after(self._done)
        return self._call(conditions if value is None else {**conditions, order: value})

    @property
    def _ids_in_group(self) -> Ids:
        """The ids of the second column of the key that are wanted.

        Raises:
            OutOfOrderError: The user's condition on them cannot be kept.
        """
        found = ids_of(self._parts[self._part].get(self._table.tie)) if self._table.tie else None
        if found is None:
            raise OutOfOrderError(self._table.name)
        return found

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the rows after the last id; None if there can be no more.

        Raises:
            OutOfOrderError: Ids do not ascend.
        """
        is_full = self.has_more(reply)
        if self._group is not None:
            return self._advance_in_group(reply, page, is_full=is_full)
        numbers = self._numbers(page, self._table.order, reply)
        self._check_order(numbers, self._done, reply, is_key=self._table.has_id)
        self._complete = len(page)
        if is_full and not self._table.has_id:
            self._complete = numbers.index(numbers[-1])
            if not self._complete:
                self._group, self._done_in_group = numbers[-1], None
                return self._next()
        found = numbers[self._complete - 1] if self._complete else None
        return self._after(self._ids.up_to(self._done, is_full=is_full, found=found))

    def _advance_in_group(self, reply: Reply, page: Page, *, is_full: bool) -> Call | None:
        numbers = self._numbers(page, self._table.tie, reply)
        self._check_order(numbers, self._done_in_group, reply, is_key=True)
        self._complete = len(page)
        found = numbers[-1] if numbers else None
        self._done_in_group = self._ids_in_group.up_to(self._done_in_group, is_full=is_full, found=found)
        if self._done_in_group is not None:
            return self._next()
        group, self._group = self._group, None
        return self._after(self._ids.up_to(group, is_full=True, found=group))

    def _check_order(self, numbers: list[int], before: int | None, reply: Reply, *, is_key: bool) -> None:
        """Refuse ids that do not ascend.

        Args:
            numbers: The ids of a page.
            before: The one before them; None for none.
            reply: The answer.
            is_key: Whether each id can come once only.

        Raises:
            OutOfOrderError: They do not ascend.
        """
        is_sorted = numbers == sorted(numbers)
        if is_key:
            is_sorted &= len({*numbers}) == len(numbers)
        if not is_sorted or (numbers and before is not None and numbers[0] <= before):
            raise OutOfOrderError(str(reply.call))

    def _after(self, done: int | None) -> Call | None:
        """The call for the rows after an id; for those of the next part if there are no more in this one."""
        self._done = done
        self.last_id = done or 0 if len(self._parts) == 1 else 0
        if done is None:
            self._part += 1
            if self._part == len(self._parts):
                return None
        return self._next()

    def keep(self, page: Page) -> Page:
        """The rows whose ids are complete, and wanted."""
        kept = super().keep(page[: self._complete])
        if not self._ids.needs_check:
            return kept
        name = self._table.order
        return [row for row in kept if self._ids.allows(id_number(row.get(name)) or 0)]

    @property
    def repeats(self) -> Repeats:
        """The first and the last row: the others are between them. Rows of a group come twice."""
        return Repeats.ENDS if self._table.has_id else Repeats.NONE


class WalkTableByPage(_WalkTable):
    """Page after page until an empty one, for tables without an id. Rows may slip between pages."""

    def __init__(self, plan: ReadPlan, piece: Slice, query: TableQuery) -> None:
        super().__init__(plan, piece, query)
        self._parts = query.parts()
        self._part = 0
        self.has_gaps = len(self._parts) > 1

    def first_call(self) -> Call:
        """The call for the first page."""
        return self._call(self._parts[0])

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the next page; None after an empty one.

        Pages begin at multiples of their size. After one that was halved, the next may be smaller, too.
        """
        if page:
            first = _row_after(reply)
            rows = largest_page(first, self.plan.collection.endpoint.page_size)
            return self._call(self._parts[self._part], first // rows, rows)
        self._part += 1
        return self._call(self._parts[self._part]) if self._part < len(self._parts) else None


class WalkTableInOrder(_WalkTable):
    """In the order that the user wants, by page, and then by another walk for what slipped between pages.

    Rows that share a value of the order may come in another order for each page, so that not even two reads
    with the same rows prove that none is missing.
    """

    def __init__(self, plan: ReadPlan, piece: Slice, query: TableQuery, walk: Walk) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            query: What to read of the table.
            walk: The walk that makes sure that no row is missing.
        """
        super().__init__(plan, piece, query)
        self.is_gapless = walk.is_gapless
        self._walk = walk
        self._is_ordered = True
        self._seen: set[int] = set()
        self._new: Page = []

    def first_call(self) -> Call:
        """The call for the first page in the user's order."""
        return self._ordered(0, 0)

    def _ordered(self, page: int, rows: int) -> XmlRpcCall:
        (conditions,) = self._query.parts()
        query = self._query
        return self._call(conditions, page, rows, query.order, ascending=query.ascending)

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the next page in order, or for the first page of the other walk.

        Raises:
            OutOfOrderError: Rows of the other walk do not come in its order.
            WalkError: The other walk cannot go on.
        """
        if not self._is_ordered:
            call = self._walk.advance(reply, page)
            self._new = self._unseen(self._walk.keep(page))
            return call
        self._new = self._unseen(super().keep(page))
        first = _row_after(reply)
        if page and self.has_more(reply) and self._new:
            rows = largest_page(first, self.plan.collection.endpoint.page_size)
            return self._ordered(first // rows, rows)
        if first == reply.call.rows and not self.has_more(reply):
            return None  # one page has all
        self._is_ordered = False
        return self._walk.first_call()

    def _unseen(self, page: Page) -> Page:
        table = self._table
        names = table.keys or tuple(self._fields)
        keys = [digest([row.get(name) for name in names]) for row in page]
        new = [row for row, key in zip(page, keys, strict=True) if key not in self._seen]
        self._seen.update(keys)
        return new

    def keep(self, page: Page) -> Page:
        """The rows that have not come before."""
        del page
        return self._new

    @property
    def repeats(self) -> Repeats:
        """None: the first page of the second walk may well be the last one of the first."""
        return Repeats.NONE


class WalkRecord(_WalkTable):
    """One record, by its id."""

    def first_call(self) -> Call:
        """The call for the record."""
        (ident,) = self.piece.batch
        return self._ask("DataService.load", (self._table.name, int(ident), list(self._fields)))

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """None: there is one answer."""
        del reply, page
        return None
