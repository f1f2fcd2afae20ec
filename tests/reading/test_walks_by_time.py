"""Walks by a time that rows do not show: no row is lost, whatever times they show and whatever is deleted."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError
from tap_infusionsoft.reading.requests import ReadPlan, slices, wire_time
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.walk import OutOfOrderError
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Updated, Window

EMAILS = COLLECTIONS["emails"]
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = 20
"""Rows of a page, one of which was on the page before."""


@dataclass
class Mails:
    """Stands in for Keap's list of emails, whose page tokens are offsets.

    Attributes:
        rows: Id -> seconds after `SINCE` when the email was created, and when it was sent according to its
            row; None if the row has no time.
        gone: Number of a call, and the id of a row that is deleted after it.
        knows_order: Whether `order_by` has an effect.
    """

    rows: dict[int, tuple[float, float | None]]
    gone: list[tuple[int, int]] = field(default_factory=list)
    knows_order: bool = True
    calls: list[Call] = field(default_factory=list)

    def fetch(self, call: Call) -> Reply:
        is_proof = call.params.get("order_by") == "created_time desc"
        if not is_proof:
            self.calls.append(call)
        found = re.search(r"start_created_time==([^;]+)", str(call.params["filter"]))
        assert found is not None
        left = [one for one in self.rows if _at(self.rows[one][0]) >= found[1]]
        end = re.search(r"end_created_time==([^;]+)", str(call.params["filter"]))
        left = [one for one in left if end is None or _at(self.rows[one][0]) <= end[1]]
        if "order_by" in call.params and self.knows_order:
            assert is_proof or call.params["order_by"] == "created_time asc"
            left.sort(key=lambda one: self.rows[one][0], reverse=is_proof)
        start = int(str(call.params.get("page_token", "0")))
        items = [{"id": str(one), "sent_time": _at(self.rows[one][1])} for one in left[start : start + ROWS]]
        token = str(start + ROWS) if len(left) > start + ROWS else ""
        for after, one in self.gone:
            if after == len(self.calls):
                self.rows.pop(one, None)
        return Reply({"emails": items, "next_page_token": token}, call)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)


def _at(seconds: float | None) -> str:
    return "" if seconds is None else wire_time(SINCE + timedelta(seconds=seconds))


def read(mails: Mails) -> tuple[list[int], bool, bool]:
    """Read an increment.

    Returns:
        The ids, whether rows were deleted during every read, and whether it was read without an order.
    """
    found: list[int] = []
    for collection in (EMAILS, EMAILS.unordered):
        plan = ReadPlan(collection, Window(SINCE))
        (piece,) = slices(plan)
        slice_ = StableRead(mails, plan, piece)
        try:
            for page in slice_:
                found += [int(row["id"]) for row in page]
        except OutOfOrderError:
            continue
        return found, slice_.is_unsteady, collection is not EMAILS
    raise AssertionError("without an order there is none to be out of")


def mails(count: int, every: float, late: Any = lambda _: 0.0) -> Mails:
    """Create emails at equal intervals in seconds, each sent `late` seconds after it was created."""
    return Mails({one: (one * every, one * every + late(one)) for one in range(1, count + 1)})


def tokens(asked: Mails) -> int:
    return sum("page_token" in call.params for call in asked.calls)


def test_a_single_page_is_one_call_in_any_order() -> None:
    asked = mails(ROWS - 1, 3600, lambda one: 90_000 * (one % 3))
    assert read(asked) == ([*range(1, ROWS)], False, False)
    assert len(asked.calls) == 1


def test_pages_that_overlap_are_requested_once() -> None:
    asked = mails(3 * ROWS - 5, 3600, lambda one: one % 2 / 2)
    found, _, _ = read(asked)
    assert found == [*range(1, 3 * ROWS - 4)], "each of them once"
    assert (len(asked.calls), tokens(asked)) == (3, 0)


def test_a_walk_whose_pages_do_not_overlap_goes_on_by_token() -> None:
    asked = mails(3 * ROWS, 60, lambda _: 7200)
    found, _, is_anew = read(asked)
    assert not is_anew
    assert {*found} == {*asked.rows}


def test_rows_that_show_other_times_are_read_by_pages_at_little_extra_cost() -> None:
    for late in (lambda one: -7200 * (one % 2), lambda one: -60 * one, lambda one: -60 * (one % 30)):
        asked = mails(2 * ROWS + 5, 60, late)
        found, _, is_anew = read(asked)
        assert {*found} == {*asked.rows}
        assert not is_anew
        assert len(asked.calls) <= 2 * (3 + 1)


def test_a_row_without_a_time_does_not_restart_the_walk() -> None:
    asked = mails(2 * ROWS, 60)
    asked.rows[3] = (180, None)
    found, _, is_anew = read(asked)
    assert (sorted(found), is_anew, len(asked.calls)) == (sorted(asked.rows), False, 4)


def test_the_last_page_also_reveals_a_broken_order() -> None:
    """The first page may be in order by chance, and then a row between the pages would be on neither."""
    made = [*range(1, ROWS + 1), 5, ROWS + 10, ROWS + 5]
    asked = Mails({one: (3600 * hour, 3600 * hour) for one, hour in enumerate(made)}, knows_order=False)
    assert isinstance(EMAILS.changes, Updated)
    shown = replace(EMAILS, changes=replace(EMAILS.changes, is_shown=True))
    plan = ReadPlan(shown, Window(SINCE))
    (piece,) = slices(plan)
    with pytest.raises(OutOfOrderError):
        list(StableRead(asked, plan, piece))


def test_a_walk_that_continues_by_pages_hands_out_every_row() -> None:
    """A row of the previous page that was read by time may have been deleted since."""
    asked = mails(2 * ROWS, 0.4, lambda one: 90 * (one == ROWS + 5))
    found, _, is_anew = read(asked)
    assert not is_anew
    assert {one for one in asked.rows if found.count(one) > 1} >= {ROWS - 1, ROWS}


def test_deleted_rows_do_not_make_the_walk_skip_others() -> None:
    asked = mails(3 * ROWS - 5, 3600)
    asked.gone = [(1, 2), (1, 3), (2, 30)]
    stay = {*asked.rows} - {2, 3, 30}
    found, _, _ = read(asked)
    assert stay <= {*found}
    assert (len(asked.calls), tokens(asked)) == (3, 0)


def shown(times: list[int]) -> set[int]:
    """Read an increment by a time that rows show, from a server that keeps to its own order."""
    assert isinstance(EMAILS.changes, Updated)
    collection = replace(EMAILS, changes=replace(EMAILS.changes, is_shown=True))
    asked = Mails({one: (made * 60, made * 60) for one, made in enumerate(times)}, knows_order=False)
    found: set[int] = set()
    for one in (collection, collection.unordered):
        plan = ReadPlan(one, Window(SINCE))
        (piece,) = slices(plan)
        with contextlib.suppress(OutOfOrderError):
            found |= {int(row["id"]) for page in StableRead(asked, plan, piece) for row in page}
            return found
    raise AssertionError("without an order there is none to be out of")


@settings(deadline=None)
@given(
    count=st.integers(2, 4 * ROWS),
    places=st.tuples(st.integers(0, 4 * ROWS - 1), st.integers(0, 4 * ROWS - 1)),
)
def test_two_rows_that_changed_places_hide_nothing(count: int, places: tuple[int, int]) -> None:
    """A late row at the end of a page looks as if nothing came before it."""
    times = [*range(count)]
    one, other = (place % count for place in places)
    times[one], times[other] = times[other], times[one]
    assert shown(times) == {*range(count)}


def test_a_late_row_at_the_end_of_a_page_hides_nothing() -> None:
    times = [*range(ROWS - 1), 3 * ROWS, *range(ROWS, 3 * ROWS), ROWS - 1]
    assert shown(times) == {*range(3 * ROWS + 1)}


@st.composite
def lists(draw: st.DrawFn) -> dict[int, tuple[float, float | None]]:
    """Some pages of rows: most with the same lag, a few with another."""
    count, every = draw(st.integers(0, 5 * ROWS)), draw(st.sampled_from([0, 0.1, 0.4, 60]))
    lag = draw(st.sampled_from([-90, 0, 0, 0.4, 2, 90]))
    odd = draw(
        st.dictionaries(
            st.integers(0, 5 * ROWS), st.one_of(st.none(), st.sampled_from([-3000, -2, 2, 3000])), max_size=3
        )
    )
    found: dict[int, tuple[float, float | None]] = {}
    for one in range(count):
        made = 4000 + one * every
        late = odd.get(one, 0)
        found[one] = made, None if late is None else made + lag + late
    return found


@settings(max_examples=500, deadline=None)
@given(rows=lists(), gone=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5 * ROWS)), max_size=5))
def test_no_remaining_row_is_lost(
    rows: dict[int, tuple[float, float | None]], gone: list[tuple[int, int]]
) -> None:
    asked = Mails(rows, gone)
    stay = {*asked.rows} - {one for _, one in gone}
    found, is_unsteady, _ = read(asked)
    assert is_unsteady or stay <= {*found}


@settings(max_examples=200, deadline=None)
@given(data=st.data(), count=st.integers(0, 5 * ROWS))
def test_a_broken_order_loses_no_row(data: st.DataObject, count: int) -> None:
    times = data.draw(st.permutations(range(count)))
    asked = Mails({one: (made * 60, made * 60) for one, made in enumerate(times)}, knows_order=False)
    found, _, _ = read(asked)
    assert {*found} == {*asked.rows}
