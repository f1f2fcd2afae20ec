"""Property: rows without ids that stay are found, whatever comes and goes between the pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.stable_read import MOST_READS, StableRead
from tap_infusionsoft.streams.saved_searches import saved_search

SEARCH = saved_search("search", {"id": "3", "name": "Search"}, [("Name", "")])
Churn = tuple[int, int, str]
"""Number of a call, and a place in the list where the row is deleted and another one is put at the end of the
list, or at its beginning if the text begins with a capital letter; an empty text only deletes."""


@dataclass
class Search:
    """Stands in for a saved search, whose page tokens are offsets.

    Attributes:
        rows: The names in it. Several may be equal.
        page: Rows on a page.
        churn: What happens after which calls.
    """

    rows: list[str]
    page: int = 5
    churn: list[Churn] = field(default_factory=list)
    calls: int = 0

    def fetch(self, call: Call) -> Reply:
        start = int(str(call.params.get("page_token", "0")))
        rows = [{"columns": [{"field_name": "Name", "value": one}]} for one in self.rows[start:][: self.page]]
        token = str(start + self.page) if len(self.rows) > start + self.page else ""
        self.calls += 1
        for number, place, name in self.churn:
            if number == self.calls:
                self.change(place, name)
        return Reply({"results": rows, "page_token": token}, call)

    def change(self, place: int, name: str) -> None:
        if self.rows:
            del self.rows[place % len(self.rows)]
        if name:
            self.rows.insert(0 if name[0].isupper() else len(self.rows), name)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)


def read(search: Search, known: str = "") -> tuple[list[str], StableRead]:
    plan = ReadPlan(SEARCH)
    (piece,) = slices(plan)
    found = StableRead(search, plan, piece, known=known)
    return [str(row["Name"]) for page in found for row in page], found


NAMES = st.sampled_from([f"{letter}{number}" for letter in "abc" for number in range(20)])
CHURN = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 60), st.sampled_from(["", "new", "other", "New", "Other"])),
    max_size=6,
)


@settings(deadline=None)
@given(rows=st.lists(NAMES, max_size=30, unique=True), churn=CHURN)
def test_rows_that_stay_are_found(rows: list[str], churn: list[Churn]) -> None:
    """After a night without changes, so that the keys of the last read are known."""
    _, last = read(Search([*rows]))
    search = Search([*rows], churn=churn)
    found, this = read(search, last.keys)
    stayed = {*rows} & {*search.rows}
    assert this.is_unsteady or stayed <= {*found}


@settings(deadline=None)
@given(rows=st.lists(NAMES, max_size=30), churn=CHURN)
def test_equal_rows_that_stay_are_found_as_often_as_there_are(rows: list[str], churn: list[Churn]) -> None:
    _, last = read(Search([*rows]))
    search = Search([*rows], churn=churn)
    found, this = read(search, last.keys)
    for name in {*search.rows} - {"new", "other", "New", "Other"}:
        assert this.is_unsteady or found.count(name) >= search.rows.count(name)


def test_the_same_rows_in_any_order_are_confirmed_at_once() -> None:
    rows = [f"a{number}" for number in range(12)]
    _, last = read(Search(rows))
    search = Search(rows[::-1])
    read(search, last.keys)
    assert search.calls == 3


def test_as_many_other_rows_are_not_confirmed() -> None:
    rows = [f"a{number}" for number in range(12)]
    _, last = read(Search(rows))
    search = Search([*rows], churn=[(1, 0, "new"), (1, 0, "other")])
    found, _ = read(search, last.keys)
    assert {*rows[2:], "new", "other"} <= {*found}


def test_rows_that_change_all_the_time_are_never_confirmed() -> None:
    churn = [(call, 0, f"new{call}") for call in range(1, 99)]
    search = Search([f"a{number}" for number in range(12)], churn=churn)
    _, this = read(search)
    assert this.is_unsteady
    assert search.calls == 3 * MOST_READS
