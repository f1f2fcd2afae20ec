"""The data service in a few lines, for tests of walks: it holds rows, and fails as it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.reading.pages import Pages
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.walks.walk import Row
from tap_infusionsoft.state.mark import Mark
from tap_infusionsoft.streams.replication import Window
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.decode import FaultError
from tap_infusionsoft.xmlrpc.faults import fault_of
from tap_infusionsoft.xmlrpc.table_streams import table_stream
from tap_infusionsoft.xmlrpc.tables import Table
from tap_infusionsoft.xmlrpc.tests.test_id_conditions import meets
from tests.virtual import VirtualClock

NOW = VirtualClock().now()
BLANK = Fault(Kind.BLANK, "blank body", 200)
_NONE: frozenset[str] = frozenset()


@dataclass
class Service:
    """Answers `DataService.query`.

    Attributes:
        rows: The rows of the table.
        refused: Fields that it does not take.
        wording: Makes the text of a fault of the field that it came to first.
        code: Code of that fault.
        unsent: Ids of rows that it cannot write -> the fields that are the reason.
        silence: What becomes of a page with such a row.
        slow: Rows; a query for more takes too long.
        calls: What it was asked.
        before: Called before each answer. It may raise an error.
    """

    rows: list[Row]
    refused: set[str] = field(default_factory=set)
    wording: Callable[[str], str] = "[NoFieldFound]No field found: {}".format
    code: int = 10
    unsent: dict[int, set[str] | frozenset[str]] = field(default_factory=dict)
    silence: Fault = BLANK
    slow: int = 1_000_000
    calls: list[XmlRpcCall] = field(default_factory=list)
    before: Callable[[XmlRpcCall], None] = lambda _: None

    def fetch(self, call: Call) -> Reply:
        """Answer a call, with retries where the client has them."""
        assert isinstance(call, XmlRpcCall)
        if call.rows > self.slow:
            return self.fetch(call.smaller())
        tries = 1 if call.is_probe else 5
        fault: Fault | None = None
        for _ in range(tries):
            self.calls.append(call)
            self.before(call)
            rows, fault = self._answer(call)
            if fault is None:
                return Reply({ROWS: rows}, call)
            if fault is not self.silence:
                break
        assert fault is not None
        raise self.error(fault, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, f"{call} failed: {fault.text}.")

    def _answer(self, call: XmlRpcCall) -> tuple[list[Row], Fault | None]:
        _, limit, page, conditions, fields, order, _ = call.arguments
        for name in (*conditions, *fields):
            if name in self.refused:
                return [], fault_of(FaultError(self.code, self.wording(name)), NOW)
        found = [row for row in self.rows if all(_holds(row[name], one) for name, one in conditions.items())]
        found = sorted(found, key=lambda row: row[order])[page * limit : (page + 1) * limit]
        if any(not self.unsent.get(row["Id"], _NONE).isdisjoint(fields) for row in found):
            return [], self.silence
        return [{name: row[name] for name in fields if row.get(name) is not None} for row in found], None


def _holds(value: Any, condition: Any) -> bool:
    if isinstance(value, int):
        return meets(value, condition)
    return bool(str(value or "") >= condition.removeprefix("~>=~ "))


def table(**changes: Any) -> Table:
    """A table with an id, a time and some other fields."""
    names = " ".join(f"F{number}" for number in range(20))
    plain = Table("Thing", "Things", updated="LastUpdated", ids="Id", times="LastUpdated", texts=names)
    return replace(plain, **changes)


def id_at(place: int) -> int:
    """Id of the row at a place."""
    return place * 7 + 1


def rows_of(found: Table, count: int) -> list[Row]:
    """Rows of a table, with all texts filled."""
    return [
        {
            name: id_at(number) if name in found.keys else f"{name} {number}" if kind == "texts" else None
            for name, kind in found.fields.items()
        }
        for number in range(count)
    ]


def plan_of(found: Table, *, by_page: bool = False, window: Window | None = None) -> ReadPlan:
    """What a run reads of a table."""
    collection = table_stream(found)
    if by_page:
        collection = collection.unordered
    fields = tuple(sorted(collection.endpoint.fields.names))
    return ReadPlan(collection, window or Window(), fields)


def pages(service: Service, found: Table, *, after: int = 0, window: Window | None = None) -> Pages:
    """The pages of a table, as a run reads them."""
    plan = plan_of(found, window=window)
    (piece,) = slices(plan)
    return Pages(service, plan, piece, Mark(after))
