"""No walk over a table loses a row, whatever goes away while its pages are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.walk import OutOfOrderError
from tap_infusionsoft.state.mark import Mark
from tap_infusionsoft.streams.collection import ById, Collection
from tap_infusionsoft.xmlrpc.calls import ROWS, XmlRpcCall
from tap_infusionsoft.xmlrpc.table_streams import table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.tests.test_id_conditions import meets
from tap_infusionsoft.xmlrpc.walks import TableQuery

PAGE = 3
JOB, TAGGED = TABLES["Job"], TABLES["ContactGroupAssign"]

Rows = list[dict[str, Any]]


@dataclass
class Service:
    """Answers `DataService.query` from rows that can change before each answer."""

    rows: Rows
    before: Callable[[int, Rows], None] = lambda _, __: None
    takes_order: bool = True
    asked: list[XmlRpcCall] = field(default_factory=list)

    def fetch(self, call: Call) -> Reply:
        assert isinstance(call, XmlRpcCall)
        self.before(len(self.asked), self.rows)
        self.asked.append(call)
        _, limit, page, conditions, _, order, ascending = call.arguments
        found = [
            row
            for row in self.rows
            if all(meets(row[name], condition) for name, condition in conditions.items())
        ]
        if self.takes_order:
            found.sort(key=lambda row: row[order], reverse=not ascending)
        return Reply({ROWS: found[page * limit : (page + 1) * limit]}, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        raise AssertionError(f"{fault} of {call}")


def read(service: Service, collection: Collection, after: int = 0) -> Rows:
    plan = ReadPlan(replace(collection, endpoint=replace(collection.endpoint, page_size=PAGE)))
    (piece,) = slices(plan)
    return [row for page in StableRead(service, plan, piece, mark=Mark(after)) for row in page]


def keys(rows: Rows) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def jobs(*numbers: int) -> Rows:
    return [{"Id": number} for number in numbers]


def tagged(*pairs: tuple[int, int]) -> Rows:
    return [{"ContactId": contact, "GroupId": tag} for contact, tag in pairs]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
def test_each_row_comes_once(count: int) -> None:
    rows = jobs(*range(1, count + 1))
    assert read(Service([*rows]), table_stream(JOB)) == rows


PAIRS = st.sets(st.tuples(st.integers(1, 5), st.integers(1, 9)))


@given(PAIRS, st.lists(st.tuples(st.integers(0, 8), st.integers(0, 40)), max_size=6))
def test_rows_without_an_id_that_stay_are_all_read(
    pairs: set[tuple[int, int]], deletions: Sequence[tuple[int, int]]
) -> None:
    """Tags are taken from contacts between the pages; some contacts have more tags than a page has rows."""
    gone: set[tuple[int, int]] = set()

    def delete(answers: int, rows: Rows) -> None:
        for when, place in deletions:
            if when == answers and rows:
                gone.add(tuple(rows.pop(place % len(rows)).values()))

    found = keys(read(Service(tagged(*sorted(pairs)), delete), table_stream(TAGGED)))
    assert len({*found}) == len(found)
    assert pairs - gone <= {*found} <= pairs


@given(st.sets(st.integers(1, 40)), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 40)), max_size=6))
def test_rows_that_stay_are_all_read(ids: set[int], deletions: Sequence[tuple[int, int]]) -> None:
    gone: set[int] = set()

    def delete(answers: int, rows: Rows) -> None:
        for when, place in deletions:
            if when == answers and rows:
                gone.add(rows.pop(place % len(rows))["Id"])

    found = [row["Id"] for row in read(Service(jobs(*sorted(ids)), delete), table_stream(JOB))]
    assert ids - gone <= {*found}


def test_two_long_lists_are_asked_for_in_all_pairs_of_their_parts() -> None:
    ids = [str(number) for number in range(1, 1_502)]
    query = TableQuery(JOB, {"ContactId": ids, "ProductId": ids, "JobNotes": "a"})
    parts = query.parts()
    assert [(len(one["ContactId"]), len(one["ProductId"]), one["JobNotes"]) for one in parts] == [
        *[(1000, 1000, "a"), (1000, 501, "a")],
        *[(501, 1000, "a"), (501, 501, "a")],
    ]
    assert query.parts(whole="ContactId") == [
        {"ProductId": some, "JobNotes": "a"} for some in (ids[:1000], ids[1000:])
    ]


def test_ids_run_backwards_and_a_new_row_with_an_old_low_id_comes_with_the_next_read() -> None:
    service = Service(jobs(8, 1, 15, 2, 9, 16))
    first = read(service, table_stream(JOB))
    service.rows += jobs(3)
    assert keys(first) == [(1,), (2,), (8,), (9,), (15,), (16,)]
    assert {(3,)} == {*keys(read(service, table_stream(JOB)))} - {*keys(first)}


def test_a_walk_goes_on_after_the_id_that_an_earlier_run_came_to() -> None:
    assert keys(read(Service(jobs(1, 2, 8, 9)), table_stream(JOB), after=2)) == [(8,), (9,)]
    rows = tagged((1, 1), (2, 1), (2, 2))
    assert read(Service(rows), table_stream(TAGGED), after=1) == rows[1:]


def test_ids_below_one_are_read() -> None:
    assert keys(read(Service(jobs(-5, 0, 7)), table_stream(JOB))) == [(-5,), (0,), (7,)]


@pytest.mark.parametrize("table", ["Job", "ContactGroupAssign"])
def test_every_call_names_its_order(table: str) -> None:
    service = Service(jobs(1, 2, 3, 4) if table == "Job" else tagged(*[(1, tag) for tag in range(5)], (2, 1)))
    read(service, table_stream(TABLES[table]))
    assert len(service.asked) > 1
    for call in service.asked:
        *_, order, ascending = call.arguments
        assert order in TABLES[table].keys
        assert ascending is True


def test_a_table_whose_key_is_missing_is_walked_by_contact() -> None:
    table = TABLES["Campaignee"].without_key
    collection = table_stream(table)
    assert collection.row_key
    assert "Id" not in collection.properties
    assert collection.endpoint.by_id == ById("ContactId")
    rows = [{"ContactId": 1 + place // 2, "CampaignId": place} for place in range(7)]
    assert read(Service([*rows]), collection) == rows


def test_rows_that_come_in_another_order_are_read_by_page_until_none_is_missing() -> None:
    """The reader goes on with the unordered collection once a walk by id finds ids that do not ascend."""
    rows = jobs(5, 2, 9, 1, 7)
    with pytest.raises(OutOfOrderError):
        read(Service([*rows], takes_order=False), table_stream(JOB))

    def delete(answers: int, left: Rows) -> None:
        if answers == 1:
            left.pop(0)  # the fourth row slips into the page that was read

    found = read(Service([*rows], delete, takes_order=False), table_stream(JOB).unordered)
    assert sorted(keys(found)) == sorted(keys(rows))
