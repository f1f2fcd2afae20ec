"""Walks over the rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.reading.walks.walk import OutOfOrderError, Repeats, Walk, WalkError
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.times import condition_time

if TYPE_CHECKING:
    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Page
    from tap_infusionsoft.xmlrpc.tables import Table

MOST_ROWS = 1000
"""Rows in one call. What the service does with a higher limit is unknown."""


class _WalkTable(Walk):
    """Asks `DataService.query` for the rows of a table, always in an order that the call names."""

    def __init__(self, plan: ReadPlan, piece: Slice, table: Table) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            table: The table.
        """
        super().__init__(plan, piece)
        self._table = table

    def first_call(self) -> Call:
        """The call for the first page."""
        return self._call({})

    def _call(self, conditions: dict[str, Any], page: int = 0, rows: int = MOST_ROWS) -> XmlRpcCall:
        """The call for one page.

        Args:
            conditions: Field -> what its value must be, besides what the plan says.
            page: Number of the page, from 0.
            rows: Most rows of a page.
        """
        kinds = self._table.fields
        known = self.plan.collection.endpoint.fields.names
        fields = self.plan.fields or tuple(name for name in kinds if name in known)
        return XmlRpcCall(
            "DataService.query",
            ROWS,
            arguments=(
                *(self._table.name, rows, page),
                self._window() | conditions,
                *(list(fields), self._table.order, True),
            ),
            limit=1,
            times=frozenset(name for name in fields if kinds.get(name) == "times"),
            days=frozenset(name for name in fields if kinds.get(name) == "days"),
            what=f"of {self._table.name}",
        )

    def _window(self) -> dict[str, Any]:
        """The condition that limits rows to the window. A field takes only one, so it has the lower bound."""
        window, updated = self.plan.window, self._table.updated
        if not updated or window.since is None:
            return {}
        return {updated: f"~>=~ {condition_time(window.since)}"}

    def keep(self, page: Page) -> Page:
        """The rows that changed before the end of the window, and those whose time is unknown."""
        until = self.plan.window.until
        if until is None or not self._table.updated:
            return page
        return [row for row in page if (moment := self.time_of(row)) is None or moment <= until]

    def has_more(self, reply: Reply) -> bool:
        """Whether the page is full."""
        return len(reply.document[ROWS]) >= reply.call.rows


class WalkTableById(_WalkTable):
    """Each page asks for the rows after the last id, so rows that go away meanwhile hide no others."""

    is_gapless = True

    def __init__(self, plan: ReadPlan, piece: Slice, table: Table, after: int) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            table: The table.
            after: Id of the last row that was read already.
        """
        super().__init__(plan, piece, table)
        self.last_id = after

    def first_call(self) -> Call:
        """The call for the rows after the last one that was read already."""
        return self._call(self._after() if self.last_id else {})

    def _after(self) -> dict[str, str]:
        return {self._table.order: f"~>~ {self.last_id}"}

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the rows after the last id; None after a page that is not full.

        Raises:
            OutOfOrderError: Ids do not ascend.
            WalkError: A full page has no rows.
        """
        for row in page:
            number = row.get(self._table.order)
            if not isinstance(number, int) or number <= self.last_id:
                raise OutOfOrderError(str(reply.call))
            self.last_id = number
        if not self.has_more(reply):
            return None
        if not page:
            raise WalkError(Fault(Kind.BLANK, "an empty page where there are more rows"))
        return self._call(self._after())

    @property
    def repeats(self) -> Repeats:
        """The first and the last row: the others are between them."""
        return Repeats.ENDS


class WalkTableByPage(_WalkTable):
    """Page after page until an empty one, for tables without an id. Rows may slip between pages."""

    def __init__(self, plan: ReadPlan, piece: Slice, table: Table) -> None:
        super().__init__(plan, piece, table)
        self._asked = 0

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the next page; None after an empty one.

        After a fault, a page may have been halved. Pages are then counted in halves, and those whose
        borders do not match are read again: rows that come twice are handed out once.
        """
        if not page:
            return None
        rows = reply.call.rows
        self._asked += rows
        return self._call({}, self._asked // rows, rows)
