"""Walks from the newest row back find every row of their window, in whatever order rows come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.requests import ReadPlan, slices, wire_time
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.newest_first import PROOF
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Window

PRODUCTS = COLLECTIONS["products"]
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
Times = list[int | None]
"""Hours from `SINCE` to the change of each row, in the order in which rows come; None without a time."""


@dataclass
class Products:
    """Stands in for Keap's list of products, in its own order.

    Attributes:
        times: The times of the rows, as they come.
        page: Rows of a page.
        are_edited: Whether rows were edited, so that the order of their times is not that of their ids.
        takes_orders: Whether it would send the oldest row first if it is asked to.
        calls: The calls so far.
    """

    times: Sequence[int | None]
    page: int
    are_edited: bool = True
    takes_orders: bool = False
    calls: list[Call] = field(default_factory=list)

    def fetch(self, call: Call) -> Reply:
        self.calls.append(call)
        if self.takes_orders and str(call.params["order_by"]).endswith(" asc"):
            return Reply({"products": [{"id": "1", "update_time": _at(self.times[-1])}]}, call)
        start = int(str(call.params.get("page_token", "0")))
        end = start + self.page
        rows = [
            {"id": str(self.id_at(start + place)), "update_time": _at(one)}
            for place, one in enumerate(self.times[start:end])
        ]
        return Reply({"products": rows, "next_page_token": str(end) if end < len(self.times) else ""}, call)

    def id_at(self, place: int) -> int:
        """The id of the row at a place."""
        return place ^ self.are_edited

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)


def _at(hours: int | None) -> str | None:
    return None if hours is None else wire_time(SINCE + timedelta(hours=hours))


def read(asked: Products) -> set[int]:
    """Read an increment from `SINCE` on, and return the places of the rows that came."""
    plan = ReadPlan(PRODUCTS, Window(SINCE))
    (piece,) = slices(plan)
    ids = {int(row["id"]) for page in StableRead(asked, plan, piece) for row in page}
    return {place for place in range(len(asked.times)) if asked.id_at(place) in ids}


def wanted(times: Sequence[int | None]) -> set[int]:
    return {place for place, one in enumerate(times) if one is None or one >= 0}


def looks_ordered(times: Sequence[int | None]) -> bool:
    """Whether the first rows are a perfect beginning of a list in order, so that nobody could tell."""
    timed = [one for one in times if one is not None]
    newer = next((place for place, one in enumerate(timed) if one < 0), len(timed))
    shown = timed[: newer + PROOF]
    return newer > 0 and shown == sorted(shown, reverse=True)


HOURS = st.one_of(st.integers(-40, 8), st.sampled_from([-3, -2, 0, 5]))  # many of them equal
NULLS = st.one_of(HOURS, HOURS, HOURS, st.none())


def newest_first(times: Sequence[int]) -> list[int]:
    return sorted(times, reverse=True)


@settings(deadline=None)
@given(data=st.data(), times=st.lists(HOURS, min_size=2, max_size=60), page=st.integers(1, 25))
def test_two_rows_that_changed_places_hide_nothing(data: st.DataObject, times: list[int], page: int) -> None:
    """Within a page or between pages, whatever their times and those of the others."""
    sent = newest_first(times)
    one, other = (data.draw(st.integers(0, len(sent) - 1)) for _ in range(2))
    sent[one], sent[other] = sent[other], sent[one]
    assert wanted(sent) <= read(Products(sent, page))


@settings(deadline=None)
@given(data=st.data(), times=st.lists(NULLS, max_size=40), page=st.integers(1, 25))
def test_no_permutation_hides_a_change(data: st.DataObject, times: Times, page: int) -> None:
    """Rows without a time are always read; a beginning in perfect order is all the proof there can be."""
    sent = data.draw(st.permutations(times))
    assume(not looks_ordered(sent))
    timed = [place for place, one in enumerate(sent) if one is not None and one >= 0]
    assert {*timed} <= read(Products(sent, page))


@settings(deadline=None)
@given(data=st.data(), times=st.lists(HOURS, min_size=1, max_size=60, unique=True), page=st.integers(1, 25))
def test_pages_in_any_order_hide_nothing(data: st.DataObject, times: list[int], page: int) -> None:
    rows = newest_first(times)
    pages = [rows[start : start + page] for start in range(0, len(rows), page)]
    sent = [one for piece in data.draw(st.permutations(pages)) for one in piece]
    assume(not looks_ordered(sent) or sent == rows)
    assert wanted(sent) <= read(Products(sent, page))


@settings(deadline=None)
@given(times=st.lists(HOURS, max_size=60), page=st.integers(1, 25))
def test_oldest_first_hides_nothing(times: list[int], page: int) -> None:
    sent = sorted(times)
    assert wanted(sent) <= read(Products(sent, page))


@settings(deadline=None)
@given(old=st.integers(-1000, -1), times=st.lists(HOURS, max_size=60), page=st.integers(1, 25))
def test_an_old_row_in_front_hides_nothing(old: int, times: list[int], page: int) -> None:
    sent = [old, *newest_first(times)]
    assert wanted(sent) <= read(Products(sent, page))


def calls(times: Sequence[int | None], page: int = 20) -> int:
    asked = Products(times, page)
    assert wanted(times) <= read(asked)
    return len(asked.calls)


def test_rows_in_order_are_one_call() -> None:
    assert calls([5, 3, 0, *range(-1, -500, -1)]) == 1
    assert calls([0, *range(-1, -500, -1)]) == 1, "a quiet night brings the row of the bookmark"


def test_rows_in_the_order_of_their_ids_take_a_call_for_the_oldest() -> None:
    times = [5, 3, 0, *range(-1, -500, -1)]
    asked = Products(times, 20, are_edited=False, takes_orders=True)
    assert wanted(times) <= read(asked)
    assert [call.params["order_by"] for call in asked.calls] == [
        "last_updated_time desc",
        "last_updated_time asc",
    ]


@settings(deadline=None)
@given(data=st.data(), times=st.lists(HOURS, max_size=60, unique=True), page=st.integers(1, 25))
def test_a_server_that_orders_by_id_hides_no_edited_row(
    data: st.DataObject, times: list[int], page: int
) -> None:
    """Whatever the beginning looks like."""
    sent = newest_first(times)
    edited = data.draw(st.integers(0, 8))
    sent.insert(data.draw(st.integers(0, len(sent))), edited)
    assert wanted(sent) <= read(Products(sent, page, are_edited=False))


def test_a_page_that_proves_nothing_takes_another_one() -> None:
    read_twice = 2  # two pages are read again, to be sure that none went away in between
    few: list[Any] = [*range(20, 1, -1), -1, *range(-2, -500, -1)]
    assert calls(few) == 2 * read_twice, "one old row at the end of the page"
    equal: list[Any] = [0, *[-9] * 19, *range(-10, -500, -1)]
    assert calls(equal) == 2 * read_twice, "old rows of a single time"


def test_a_walk_that_begins_before_its_window_reads_everything() -> None:
    asked = Products([*range(-1, -50, -1), 7], 20)
    assert 49 in read(asked)
