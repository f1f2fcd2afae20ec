"""Walks over the answers of a report."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_infusionsoft.reading.walks.walk import Walk
from tap_infusionsoft.streams.collection import PerBatch
from tap_infusionsoft.streams.list_settings import LIST_SETTINGS
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.reports.report import Dates
from tap_infusionsoft.xmlrpc.times import earliest_reading, eastern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_infusionsoft.client.call import Call
    from tap_infusionsoft.client.client import Reply
    from tap_infusionsoft.reading.requests import ReadPlan, Slice
    from tap_infusionsoft.reading.walks.walk import Asks, Page
    from tap_infusionsoft.xmlrpc.refused_fields import RefusedFields
    from tap_infusionsoft.xmlrpc.reports.report import Report

PERIOD = "Period"
"""Member beside the rows of an answer that says which dates were asked for."""
FIRST_YEAR = 2001
"""Nothing is older: the year in which Infusionsoft was founded."""
FIRST_MONTH = 2020
"""Without start_date, the years before this one take a call each, and its months and those after it."""
LOOKBACK = timedelta(days=92)
"""Increments read the months of this time before the bookmark again: commissions are dated by their sale, but
appear when it is paid."""
_SECOND = timedelta(seconds=1)


class Span(NamedTuple):
    """A month, or a year.

    Attributes:
        name: Such as ``2026-03`` or ``2009``.
        first: Its first second, in US Eastern time.
        last: Its last second.
    """

    name: str
    first: datetime
    last: datetime


def spans(since: datetime | None, until: datetime) -> list[Span]:
    """The months from one time to another; without the first, the years up to `FIRST_MONTH` and the months.

    Args:
        since: The first time.
        until: The last time. At least the month of the first time is there.
    """
    last = eastern(until)
    if since is None:
        years = [(f"{year}", datetime(year, 1, 1)) for year in range(FIRST_YEAR, FIRST_MONTH)]  # noqa: DTZ001
        first = datetime(FIRST_MONTH, 1, 1)  # noqa: DTZ001
    else:
        years, first = [], eastern(since).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts = [*years, *((f"{month:%Y-%m}", month) for month in _months(first, max(first, last)))]
    after = [*(start for _, start in starts[1:]), _next(starts[-1][1])]
    return [Span(name, start, end - _SECOND) for (name, start), end in zip(starts, after, strict=True)]


def _months(first: datetime, last: datetime) -> Iterator[datetime]:
    while first <= last:
        yield first
        first = _next(first)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


class WalkReport(Walk):
    """One answer."""

    def __init__(
        self, plan: ReadPlan, piece: Slice, report: Report, now: datetime, refused: RefusedFields
    ) -> None:
        """A walk that has not begun.

        Args:
            plan: What to read.
            piece: Which part of it.
            report: The report.
            now: When the run started.
            refused: The fields that the service refuses.
        """
        super().__init__(plan, piece)
        self._report = report
        self._now = now
        self._refused = refused

    def ask(self, call: Call, whom: Asks) -> Reply:
        """Read the answer of a call, without the fields that the service refuses.

        Raises:
            KeapError: It cannot be read.
        """
        assert isinstance(call, XmlRpcCall)  # noqa: S101  # `_call` made it
        return self._refused.ask(call, whom)

    def first_call(self) -> Call:
        """The only call."""
        if self._report.dates is Dates.NONE:
            return self._call()
        period = self.plan.period
        first = eastern(period.since) if period.since else datetime(FIRST_YEAR, 1, 1)  # noqa: DTZ001
        return self._call(first, max(first, eastern(period.until or self._now)))

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """None: there is one answer."""
        del reply, page
        return None

    def _call(self, *dates: datetime, what: str = "", beside: str = "") -> XmlRpcCall:
        """The call of the method.

        Args:
            dates: The dates that it takes.
            what: What it is for, for messages.
            beside: What is said beside its rows.
        """
        report, columns = self._report, self.plan.collection.properties
        fields = (self._fields,) if report.takes_fields else ()
        formats = {name: schema.get("format") for name, schema in columns.items()}
        return XmlRpcCall(
            report.method,
            ROWS,
            is_raw=report.is_file,
            arguments=(*self._subject, *dates, *fields),
            times=frozenset(name for name, kind in formats.items() if kind == "date-time"),
            days=frozenset(name for name, kind in formats.items() if kind == "date"),
            fields=len(self._subject) + len(dates) if fields else None,
            keys=frozenset(report.key),
            what=what or self._named,
            beside={PERIOD: beside} if beside else {},
            reader=self.plan.collection.name,
        )

    @property
    def _subject(self) -> tuple[Any, ...]:
        """What the report is read for: an id, a batch of ids, or an address."""
        if isinstance(self._report.slices, PerBatch):
            return ([int(one) for one in self.piece.batch],)
        if self._report.chosen is not None:
            value = self.piece.filters[0].partition("==")[2]
            is_id = LIST_SETTINGS[self._report.chosen.setting].kind == "ids"
            return (int(value) if is_id else value,)
        return tuple(int(one) for one in (*self.piece.values.values(),)[:1])

    @property
    def _named(self) -> str:
        """What messages say of it; an address is personal."""
        if not self.piece.place:
            return ""
        ids = self.piece.batch or self.piece.place[:1]
        return f"for {ids[0]}" if len(ids) == 1 else f"for {len(ids)} ids"

    @property
    def _fields(self) -> list[str]:
        return list(self.plan.fields or sorted(self.plan.collection.endpoint.fields.names))


class WalkMonths(WalkReport):
    """Month after month. A row has one date, so none can slip between them."""

    is_gapless = True
    has_gaps = True

    def __init__(
        self, plan: ReadPlan, piece: Slice, report: Report, now: datetime, refused: RefusedFields
    ) -> None:
        super().__init__(plan, piece, report, now, refused)
        self._left = deque(spans(plan.window.since, plan.window.until or now))
        self._earliest = earliest_reading(plan.window.since)

    def first_call(self) -> Call:
        """The call for the first month."""
        return self._of(self._left.popleft())

    def advance(self, reply: Reply, page: Page) -> Call | None:
        """The call for the next month."""
        del reply, page
        return self._of(self._left.popleft()) if self._left else None

    @property
    def upcoming(self) -> Iterator[Call]:
        """The calls of the months that are left."""
        return (self._of(span) for span in [*self._left])

    def keep(self, page: Page) -> Page:
        """The rows whose times are in the window, and those whose times are unknown."""
        since, until = self._earliest, self.plan.window.until
        if since is None and until is None:
            return page
        return [
            row
            for row in page
            if (moment := self.time_of(row)) is None
            or ((since is None or since <= moment) and (until is None or moment <= until))
        ]

    def _of(self, span: Span) -> XmlRpcCall:
        return self._call(span.first, span.last, what=f"{self._named} in {span.name}", beside=span.name)
