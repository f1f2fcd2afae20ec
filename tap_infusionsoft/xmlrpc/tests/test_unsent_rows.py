"""A row that the service cannot write hides no other: its page is halved until it is alone."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.reading.requests import slices
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.walk import Row, UnsentRow
from tap_infusionsoft.streams.replication import Window
from tap_infusionsoft.xmlrpc.calls import XmlRpcCall
from tap_infusionsoft.xmlrpc.decode import FaultError
from tap_infusionsoft.xmlrpc.faults import fault_of
from tap_infusionsoft.xmlrpc.tables import Table
from tap_infusionsoft.xmlrpc.tests.service import BLANK, NOW, Service, id_at, pages, plan_of, rows_of, table

LOG = math.ceil(math.log2(1000))
FIELDS = math.ceil(math.log2(22))
USUAL_TRIES = 5
SILENCES = [
    BLANK,
    Fault(Kind.UNAVAILABLE, "closed connection"),
    fault_of(FaultError(6, "[Loading]Error loading a record"), NOW),
]
FIRST = USUAL_TRIES + LOG + 1 + USUAL_TRIES + 1 + (1 + FIELDS + 1) + 1
"""Calls that find the first row: tries of the page, halvings, the row alone, its key, its field, the rest."""
BY_ID = table()
PAIRS = table(name="Pair", key="Id GroupId", ids="Id GroupId")
HOW = {"by id": (BY_ID, False), "by contact and tag": (PAIRS, False), "by page": (PAIRS, True)}


def read(service: Service, found: Table, *, by_page: bool = False) -> tuple[list[Row], list[UnsentRow]]:
    """Read a table: the rows, and those that cannot be sent."""
    plan = plan_of(found, by_page=by_page)
    (piece,) = slices(plan)
    rows = [row for page in StableRead(service, plan, piece) for row in page]
    return (
        [row for row in rows if not isinstance(row, UnsentRow)],
        [row for row in rows if isinstance(row, UnsentRow)],
    )


def ids(rows: Any) -> list[int]:
    return sorted(row["Id"] for row in rows)


@pytest.mark.parametrize("place", [0, 1, 499, 500, 998, 999])
@pytest.mark.parametrize("how", HOW)
def test_the_row_is_found_with_few_calls_and_all_others_are_read(how: str, place: int) -> None:
    found, by_page = HOW[how]
    service = Service(rows_of(found, 1_000), unsent={id_at(place): {"F3"}})
    rows, (bad,) = read(service, found, by_page=by_page)
    assert ids(rows) == [row["Id"] for number, row in enumerate(service.rows) if number != place]
    assert bad == {name: one for name, one in service.rows[place].items() if one is not None and name != "F3"}
    key = " and ".join(f"{name} {bad[name]}" for name in sorted(found.keys))
    assert bad.reason == f"Keap cannot send F3 of the row of {found.name} with {key} (blank body)"
    # By page, a second read confirms the first; by contact and tag, the contact is walked by itself.
    times = {"by id": 1, "by page": 2, "by contact and tag": 3}[how]
    assert len(service.calls) <= times * (FIRST + LOG + 2)


def test_the_field_costs_no_more_calls_than_its_row(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(rows_of(BY_ID, 1_000), unsent={id_at(700): {"F3", "F19"}})
    _, (bad,) = read(service, BY_ID)
    assert "Keap cannot send F19, F3 of the row of Thing" in bad.reason
    assert {"F3", "F19"}.isdisjoint(bad)
    assert not caplog.records


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 1_400),
    st.dictionaries(st.integers(0, 1_400), st.sets(st.sampled_from(["F1", "F18"]), min_size=1), max_size=6),
    st.sampled_from(sorted(HOW)),
    st.sampled_from([1_000_000, 999, 130, 40]),
    st.sampled_from(SILENCES),
)
def test_no_row_is_lost_wherever_they_are(
    count: int, unsent: dict[int, set[str]], how: str, slow: int, silence: Fault
) -> None:
    found, by_page = HOW[how]
    service = Service(rows_of(found, count), silence=silence, slow=slow)
    service.unsent = {id_at(place): one for place, one in unsent.items()}
    rows, bad = read(service, found, by_page=by_page)
    places = [place for place in unsent if place < count]
    assert ids(bad) == sorted(service.rows[place]["Id"] for place in places)
    assert ids([*rows, *bad]) == ids(service.rows)


def test_each_further_row_costs_fewer_calls() -> None:
    first = Service(rows_of(BY_ID, 2_000), unsent={id_at(1_321): {"F3"}})
    read(first, BY_ID)
    more = Service(rows_of(BY_ID, 2_000), unsent={id_at(place): {"F3"} for place in range(21, 2_000, 500)})
    _, bad = read(more, BY_ID)
    assert len(bad) == 4
    assert len(more.calls) <= len(first.calls) + 3 * (FIRST - USUAL_TRIES + LOG)


def test_an_outage_with_blank_answers_is_no_bad_row() -> None:
    service = Service(rows_of(BY_ID, 10), unsent={id_at(place): {"Id"} for place in range(10)})
    with pytest.raises(KeapError, match="blank body"):
        read(service, BY_ID)
    assert len(service.calls) <= USUAL_TRIES * 3 + LOG + 1


def test_an_outage_without_answers_is_waited_for_once() -> None:
    service = Service(rows_of(BY_ID, 10), silence=SILENCES[1])

    def hang_up(call: XmlRpcCall) -> None:
        raise service.error(SILENCES[1], call)

    service.before = hang_up
    with pytest.raises(KeapError, match="closed connection"):
        read(service, BY_ID)
    assert [call.is_probe for call in service.calls] == [False, True]


def test_a_single_blank_answer_sets_no_row_aside() -> None:
    service = Service(rows_of(BY_ID, 3_000))
    blank = iter([True] * USUAL_TRIES)

    def fail(call: XmlRpcCall) -> None:
        if call.rows > 1 and next(blank, False):
            raise service.error(Fault(Kind.BLANK, "blank body", 200), call)

    service.before = fail
    assert read(service, BY_ID)[1] == []


def test_a_row_that_goes_away_meanwhile_is_not_set_aside_and_its_neighbor_is_read() -> None:
    service = Service(rows_of(BY_ID, 50), unsent={id_at(7): {"F3"}})

    def delete(call: XmlRpcCall) -> None:
        if call.arguments[4] == ["Id"] and service.unsent:
            del service.rows[7]
            service.unsent.clear()

    service.before = delete
    rows, bad = read(service, BY_ID)
    assert (ids(rows), bad) == (ids(service.rows), [])


def test_an_increment_finds_it_too() -> None:
    service = Service(rows_of(BY_ID, 50), unsent={id_at(7): {"F3"}})
    for number, row in enumerate(service.rows):
        row["LastUpdated"] = f"2026-11-20 {number % 8:02}:00:00"
    service.rows[7]["LastUpdated"] = "2026-11-20 01:00:00"
    window = Window(NOW - timedelta(hours=2))
    found = [row for page in pages(service, BY_ID, window=window) for row in page]
    assert not any(isinstance(row, UnsentRow) for row in found), "it has not changed since"
    service.rows[7]["LastUpdated"] = "2026-11-20 23:00:00"
    found = [row for page in pages(service, BY_ID, window=window) for row in page]
    assert [row["Id"] for row in found if isinstance(row, UnsentRow)] == [service.rows[7]["Id"]]


def test_a_walk_that_resumes_goes_on_after_it() -> None:
    service = Service(rows_of(BY_ID, 50), unsent={id_at(7): {"F3"}})
    walk = pages(service, BY_ID)
    for page in walk:
        if isinstance(page[0], UnsentRow):
            break
    after = walk.mark.id
    assert after == service.rows[7]["Id"]
    service.calls.clear()
    found = [row for page in pages(service, BY_ID, after=after) for row in page]
    assert ids(found) == ids(service.rows[8:])
    assert len(service.calls) == 1
