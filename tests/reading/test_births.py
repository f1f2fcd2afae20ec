"""What births prove is complete, whatever comes and goes between the pages, and saves second reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.requests import ReadPlan, slices
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.state.births import KnownBirths
from tap_infusionsoft.streams.emails import EMAIL_ADDRESS_STATUSES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 5
OLD = timedelta(days=100)

Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What happens after a call.

    Attributes:
        call: Number of the call.
        place: Place of the row, in Keap's own order, that is deleted; None for none.
        hours: How long before `NOW` a row is born that is added; None for none, "" for a row without a birth.
    """

    call: int
    place: int | None = None
    hours: float | str | None = None


@dataclass
class Addresses:
    """Stands in for a list whose page tokens are offsets.

    Attributes:
        rows: Its rows, in Keap's own order.
        changes: What happens after which calls.
        honors_order: Whether it sorts as it is asked to.
        nulls_first: Where rows without a birth come then.
        calls: The calls so far, each with whether it named an order.
    """

    rows: list[Row]
    changes: list[Change] = field(default_factory=list)
    honors_order: bool = True
    nulls_first: bool = True
    calls: list[bool] = field(default_factory=list)
    added: int = 0

    def fetch(self, call: Call) -> Reply:
        is_ordered = call.params.get("order_by") == "create_time desc"
        self.calls.append(is_ordered)
        rows = self.rows
        if is_ordered and self.honors_order:
            last = "9" if self.nulls_first else ""
            rows = sorted(rows, key=lambda row: row["create_time"] or last, reverse=True)
        start = int(str(call.params.get("page_token", "0")))
        token = str(start + PAGE) if len(rows) > start + PAGE else ""
        found = [dict(row) for row in rows[start:][:PAGE]]
        for change in self.changes:
            if change.call == len(self.calls):
                self.change(change)
        return Reply({"email_addresses": found, "next_page_token": token}, call)

    def change(self, change: Change) -> None:
        if change.place is not None and self.rows:
            del self.rows[change.place % len(self.rows)]
        if change.hours is not None:
            self.added += 1
            self.rows.append(row(f"added{self.added}", change.hours))

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)


def row(name: str, hours: float | str) -> Row:
    born = (NOW - timedelta(hours=hours)).isoformat() if isinstance(hours, int | float) else None
    return {"email": name, "create_time": born, "opted_in": True}


def rows(count: int, *, each: float = 25) -> list[Row]:
    """So many rows, born one after another long ago, so many hours apart."""
    oldest = OLD / timedelta(hours=1) + count * each
    return [row(f"row{number}", oldest - number * each) for number in range(count)]


def read(
    listed: Addresses, last: StableRead | None = None, *, once: bool = False
) -> tuple[list[str], StableRead]:
    births = None if last is None else KnownBirths.of_read(last.newest_birth, NOW - timedelta(days=7))
    plan = ReadPlan(EMAIL_ADDRESS_STATUSES, newest_first=births is not None)
    (piece,) = slices(plan)
    listed.calls.clear()
    found = StableRead(
        listed, plan, piece, known="" if last is None else last.keys, births=births, is_once=once
    )
    return [str(one["email"]) for page in found for one in page], found


CHANGES = st.lists(
    st.builds(
        Change,
        call=st.integers(1, 12),
        place=st.none() | st.integers(0, 60),
        hours=st.none() | st.integers(-48, 24 * 20) | st.just(""),
    ),
    max_size=5,
)
ROWS = st.lists(st.integers(0, 24 * 30), min_size=1, max_size=30)
"""How long before `NOW` rows are born, in hours. Several may be born in the same one."""


@settings(deadline=None, max_examples=400)
@given(
    ages=ROWS,
    during_first=CHANGES,
    between=CHANGES,
    during=CHANGES,
    once=st.booleans(),
    honors_order=st.booleans(),
    nulls_first=st.booleans(),
)
def test_rows_that_stay_are_found(
    *,
    ages: list[int],
    during_first: list[Change],
    between: list[Change],
    during: list[Change],
    once: bool,
    honors_order: bool,
    nulls_first: bool,
) -> None:
    """In the read after the first one, which may have been left unproved."""
    # Rows are born before the first read, those that come later after it, give or take a day.
    first = [row(f"row{number}", 24 * 7 + hours) for number, hours in enumerate(ages)]
    listed = Addresses(first, during_first, honors_order=honors_order, nulls_first=nulls_first)
    _, last = read(listed, once=once)
    listed.changes = during
    for change in between:
        late = change.hours if isinstance(change.hours, str) or change.hours is None else change.hours % 168
        listed.change(Change(0, change.place, late))
    before = {one["email"] for one in listed.rows}
    during[:] = [
        Change(one.call, one.place, None if one.hours is None else one.hours and float(one.hours) % 168)
        for one in during
    ]
    found, this = read(listed, last)
    stayed = before & {one["email"] for one in listed.rows}
    assert this.is_unsteady or stayed <= {*found}


def test_new_rows_need_no_second_read() -> None:
    listed = Addresses(rows(23))
    _, last = read(listed, once=True)
    assert last.is_unproved
    assert len(listed.calls) == 5
    for hours in range(PAGE - 2):  # on the first page are also the row that was the newest, and an older one
        listed.change(Change(0, hours=hours))
    found, this = read(listed, last)
    assert len(found) == 26
    assert not this.is_unproved
    assert listed.calls == [True] * 6


@pytest.mark.parametrize("once", [True, False])
def test_a_row_that_is_gone_needs_one(*, once: bool) -> None:
    listed = Addresses(rows(23))
    _, last = read(listed, once=once)
    assert len(listed.calls) == (5 if once else 10)
    listed.change(Change(0, place=11, hours=1))
    read(listed, last)
    assert listed.calls == [True] * 5 + [False] * 5


def test_a_row_that_slips_is_found() -> None:
    listed = Addresses(rows(23))
    _, last = read(listed)
    listed.changes = [Change(2, place=22)]  # the newest row: the eleventh one moves to the second page
    found, _ = read(listed, last)
    assert {*found} == {one["email"] for one in rows(23)}
    assert (
        listed.calls == [True] * 5 + [False] * 10
    )  # the third read shows that nothing went during the second


def test_more_new_rows_than_a_page_holds_need_a_second_read() -> None:
    listed = Addresses(rows(23))
    _, last = read(listed)
    for hours in range(PAGE - 1):
        listed.change(Change(0, hours=hours))
    read(listed, last)
    assert listed.calls == [True] * 6 + [False] * 6


@pytest.mark.parametrize("nulls_first", [True, False])
def test_rows_without_a_birth_need_a_second_read(*, nulls_first: bool) -> None:
    listed = Addresses(rows(23), nulls_first=nulls_first)
    _, last = read(listed)
    listed.change(Change(0, hours=""))
    _, this = read(listed, last)
    assert listed.calls == [True] * 5 + [False] * 5
    assert this.newest_birth == ""
    listed.change(Change(0, hours=1))
    read(listed, this)
    assert listed.calls == [False] * 10


def test_a_row_without_a_birth_that_slips_off_an_empty_last_page_is_found() -> None:
    """It comes last by birth, so that it was the only one on the last page."""
    listed = Addresses([*rows(20)], nulls_first=False)
    _, last = read(listed)
    listed.change(Change(0, hours=""))
    listed.changes = [Change(4, place=19), Change(4, hours=0)]
    found, _ = read(listed, last)
    assert "added1" in found


def test_a_server_that_ignores_the_order_is_noticed() -> None:
    listed = Addresses(rows(23), honors_order=False)
    _, last = read(listed)
    listed.change(Change(0, hours=1))
    read(listed, last)
    assert listed.calls == [True] * 5 + [False] * 5


def test_rows_of_one_birth_are_compared_with_the_first_read_which_goes_in_keaps_own_order() -> None:
    """Keap may sort them differently for each page, and then never send some of them."""
    listed = Addresses(rows(23, each=0))
    found, last = read(listed, once=True)
    assert len(found) == 23
    fetch, hidden = listed.fetch, "row7"

    def forgetful(call: Call) -> Reply:
        reply = fetch(call)
        if "order_by" in call.params:
            items = reply.document["email_addresses"]
            items[:] = [items[0] if one["email"] == hidden else one for one in items]
        return reply

    listed.fetch = forgetful  # type: ignore[method-assign]
    found, _ = read(listed, last)
    assert hidden in found


def test_births_in_the_future_prove_nothing() -> None:
    listed = Addresses([*rows(22), row("tomorrow", -1000)])
    _, last = read(listed)
    listed.change(Change(0, hours=1))
    read(listed, last)
    assert listed.calls == [True] * 5 + [False] * 5


def test_a_row_that_became_visible_late_must_be_on_the_first_page() -> None:
    listed = Addresses(rows(23, each=1))  # the newest one is 101 days old, the page before ends hours earlier
    _, last = read(listed)
    late = OLD / timedelta(hours=1) + 8  # born before the newest one
    listed.rows.append(row("late", late))
    found, _ = read(listed, last)
    assert "late" in found
    assert listed.calls == [True] * 5 + [False] * 5


@pytest.mark.parametrize(
    ("newest", "certain"),
    [
        ("2020-01-02T00:00:00+00:00", "2020-01-01T00:00:00+00:00"),
        ("2099-01-02T00:00:00+00:00", "2025-12-31T00:00:00+00:00"),
        ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_what_is_certain_goes_by_the_earlier_of_both_clocks(newest: str, certain: str) -> None:
    births = KnownBirths.of_read(newest, NOW)
    assert births is not None
    assert births.as_state() == {"newest": newest, "certain": certain}


def test_births_that_are_not_known_are_not_kept() -> None:
    assert KnownBirths.of_read("", NOW) is None
