"""Complete reads by a time that rows show: one read is enough, and rows without a time are not lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import Fault, KeapError, Kind
from tap_infusionsoft.reading.requests import ReadPlan, slices, wire_time
from tap_infusionsoft.reading.stable_read import StableRead
from tap_infusionsoft.reading.walks.walk import OutOfOrderError
from tap_infusionsoft.state.mark import Mark
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import Window

CARDS = COLLECTIONS["payment_methods"]
START = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = 20
"""Rows of a page."""


@dataclass
class Cards:
    """Stands in for Keap's list of payment methods, whose page tokens are offsets.

    Attributes:
        rows: Id -> seconds after `START` when it was created; None if it has no time.
        untimed: Where rows without a time come: as the ``lowest`` or the ``highest`` value, or always
            ``first``.
        gone: Number of a call, and the id of a row that is deleted after it.
        new: Number of a call, and seconds after `START` of a row that is created after it.
        ties: Whether rows of equal times come in another order in each call.
        off: Hours by which filters are off.
        order: What `order_by` does: ``applied``, or ``ids`` or ``ignored``.
    """

    rows: dict[int, float | None]
    untimed: str = "lowest"
    gone: list[tuple[int, int]] = field(default_factory=list)
    new: list[tuple[int, float]] = field(default_factory=list)
    ties: bool = False
    off: float = 0
    order: str = "applied"
    refuses: str = ""
    calls: list[Call] = field(default_factory=list)

    def fetch(self, call: Call) -> Reply:
        if self.refuses and self.refuses in str(call.params):
            raise self.error(Fault(Kind.BAD_REQUEST, "no"), call)
        self.calls.append(call)
        since, until = (self._bound(call, name) for name in ("since_time", "until_time"))
        left = [one for one in self.rows if self._passes(one, since, until)]
        left = self._sorted(left, str(call.params.get("order_by", "")))
        start, size = (
            int(str(call.params.get("page_token", "0"))),
            min(int(str(call.params["page_size"])), ROWS),
        )
        items = [self.row(one, call.items) for one in left[start : start + size]]
        token = str(start + size) if len(left) > start + size else ""
        for after, one in self.gone:
            if after == len(self.calls):
                self.rows.pop(one, None)
        for after, moment in self.new:
            if after == len(self.calls):
                self.rows[max(self.rows, default=0) + 10_000] = moment
        return Reply({str(call.items): items, "next_page_token": token}, call)

    def row(self, one: int, items: str | None) -> dict[str, Any]:
        """A row; three transactions in a row are equal if their times are."""
        if items == "transactions":
            return {"payment_id": str(one // 3), "transaction_time": _at(self.rows[one])}
        return {"payment_method_id": str(one), "created_time": _at(self.rows[one])}

    def _bound(self, call: Call, name: str) -> float | None:
        found = re.search(rf"{name}==([^;]+)", str(call.params.get("filter", "")))
        if found is None:
            return None
        return (datetime.fromisoformat(found[1]) - START).total_seconds() + 3600 * self.off

    def _passes(self, one: int, since: float | None, until: float | None) -> bool:
        moment = self.rows[one]
        if moment is None:
            return since is None and until is None
        return (since is None or moment >= since) and (until is None or moment <= until)

    def _sorted(self, left: list[int], order: str) -> list[int]:
        is_backwards = order.endswith(" desc")
        salt = len(self.calls) * 7919 if self.ties else 0
        if not order or self.order == "ignored":
            return sorted(left, key=lambda one: one * 7919 % 10_007)
        if self.order == "ids":
            return sorted(left)
        least = {"lowest": -1e9, "highest": 1e9, "first": 1e9 if is_backwards else -1e9}[self.untimed]

        def key(one: int) -> tuple[float, int]:
            moment = self.rows[one]
            return (least if moment is None else moment), (one * (salt + 1)) % 10_007

        return sorted(left, key=key, reverse=is_backwards)

    def error(self, fault: Fault, call: Call) -> KeapError:
        return KeapError(fault, call, fault.text)


def _at(seconds: float | None) -> str | None:
    return None if seconds is None else wire_time(START + timedelta(seconds=seconds))


@dataclass
class Found:
    """What a read found: ids in order, how many it counted, and whether it had to start again by token."""

    ids: list[int]
    rows: int = 0
    is_unsteady: bool = False
    is_anew: bool = False


def read(cards: Cards, *, killed_after: int = 0, window: Window | None = None) -> Found:
    """Read everything, in two runs if the first one is killed after a number of pages."""
    for collection in (CARDS, CARDS.unordered):
        plan = ReadPlan(collection, window or Window())
        (piece,) = slices(plan)
        found = Found([], is_anew=collection is not CARDS)
        mark, counted = Mark(), 0
        try:
            for is_last in (False, True) if killed_after else (True,):
                one = StableRead(cards, plan, piece, mark=mark or None)
                found.rows = counted
                for number, page in enumerate(one, 1):
                    found.ids += [int(row["payment_method_id"]) for row in page]
                    if one.mark:
                        mark, counted = one.mark, found.rows + one.rows
                    if not is_last and number == killed_after:
                        break
                found.rows += one.rows
                found.is_unsteady = one.is_unsteady
        except OutOfOrderError:
            continue
        return found
    raise AssertionError("without an order there is none to be out of")


def cards(count: int, every: float = 3600, untimed: int = 0, **options: Any) -> Cards:
    """Create rows at equal intervals in seconds, after some without a time."""
    rows: dict[int, float | None] = dict.fromkeys(range(1, untimed + 1))
    return Cards(rows | {untimed + one: one * every for one in range(1, count + 1)}, **options)


def by_token(asked: Cards) -> int:
    return sum("page_token" in call.params for call in asked.calls)


def test_each_page_is_read_once_and_one_call_proves_the_order() -> None:
    asked = cards(3 * ROWS - 5)
    found = read(asked)
    assert (found.ids, found.rows) == ([*range(1, 3 * ROWS - 4)], 3 * ROWS - 5)
    assert (len(asked.calls), by_token(asked)) == (3 + 1, 0)
    assert "filter" not in asked.calls[0].params


@pytest.mark.parametrize("untimed", ["lowest", "highest", "first"])
@pytest.mark.parametrize("without", [0, 3, ROWS - 1])
def test_a_single_page_is_one_call(untimed: str, without: int) -> None:
    asked = cards(ROWS - without, untimed=without)
    asked.untimed = untimed
    assert (sorted(read(asked).ids), len(asked.calls)) == ([*range(1, ROWS + 1)], 1)


@pytest.mark.parametrize("untimed", ["lowest", "first"])
def test_rows_without_a_time_come_on_the_first_page(untimed: str) -> None:
    asked = cards(3 * ROWS - 5, untimed=4)
    asked.untimed = untimed
    found = read(asked)
    assert found.rows == len(asked.rows)
    if untimed == "lowest":
        assert (found.ids, by_token(asked)) == ([*asked.rows], 0)
    assert {*found.ids} == {*asked.rows}


@pytest.mark.parametrize(("untimed", "without"), [("lowest", ROWS), ("lowest", 3 * ROWS), ("highest", 1)])
def test_rows_without_a_time_that_no_page_by_time_brings_are_read_by_token(
    untimed: str, without: int
) -> None:
    asked = cards(3 * ROWS, untimed=without)
    asked.untimed = untimed
    found = read(asked)
    assert {*found.ids} == {*asked.rows}
    assert (found.rows, found.is_anew) == (len(asked.rows), False)


def test_only_rows_that_share_a_time_are_read_twice() -> None:
    asked = cards(20 * ROWS)
    for one in range(5 * ROWS, 9 * ROWS):
        asked.rows[one] = 5 * ROWS * 3600
    found = read(asked)
    assert sorted(found.ids) == [*asked.rows]
    assert (found.rows, len(found.ids)) == (20 * ROWS, 20 * ROWS)
    assert 0 < by_token(asked) <= 2 * 4
    assert len(asked.calls) <= 20 + 2 * 5 + 6


def test_rows_that_share_a_time_and_go_away_meanwhile_hide_no_other() -> None:
    asked = cards(2 * ROWS, 0)
    asked.gone = [(5, 3), (5, 5), (6, 7)]
    assert {*range(1, 2 * ROWS + 1)} - {3, 5, 7} <= {*read(asked).ids}


def test_an_overlap_that_went_away_is_no_gap() -> None:
    asked = cards(4 * ROWS)
    asked.gone = [(2, ROWS), (2, ROWS - 1)]
    found = read(asked)
    assert ({*found.ids} >= {*asked.rows}, found.is_anew) == (True, False)
    assert by_token(asked) <= 3


@pytest.mark.parametrize("hours", [-5, 5, 0.001])
def test_filters_that_are_off_by_some_hours_hide_nothing(hours: float) -> None:
    asked = cards(6 * ROWS, 1800, off=hours)
    assert {*read(asked).ids} == {*asked.rows}


@pytest.mark.parametrize("order", ["ids", "ignored"])
def test_a_server_with_an_order_of_its_own_is_read_by_token(order: str) -> None:
    asked = cards(4 * ROWS, order=order)
    asked.rows[2], asked.rows[70] = asked.rows[70], asked.rows[2]
    found = read(asked)
    assert ({*found.ids}, found.is_anew) == ({*asked.rows}, True)


@pytest.mark.parametrize("refused", ["created_time desc", "since_time"])
def test_what_keap_refuses_on_the_way_leads_to_a_read_by_token(refused: str) -> None:
    asked = cards(3 * ROWS, refuses=refused)
    found = read(asked)
    assert ({*found.ids}, found.rows, found.is_anew) == ({*asked.rows}, 3 * ROWS, False)


def test_a_newest_row_that_never_comes_is_missed() -> None:
    asked = cards(3 * ROWS - 5)
    fetch = asked.fetch

    def hides_the_end(call: Call) -> Reply:
        reply = fetch(call)
        if "since_time" in str(call.params.get("filter")):
            rows = [row for row in reply.document["payment_methods"] if int(row["payment_method_id"]) < 45]
            return Reply({"payment_methods": rows, "next_page_token": ""}, call)
        return reply

    asked.fetch = hides_the_end  # type: ignore[method-assign]
    assert {*read(asked).ids} == {*asked.rows}


def test_a_window_is_filtered_as_before() -> None:
    asked = cards(4 * ROWS)
    window = Window(START + timedelta(hours=10), START + timedelta(hours=60))
    found = read(asked, window=window)
    assert found.ids == [*range(10, 61)]
    assert "since_time==2026-11-01T10:00:00.000Z" in str(asked.calls[0].params["filter"])
    assert all("until_time==" in str(call.params["filter"]) for call in asked.calls)


@st.composite
def lists(draw: st.DrawFn) -> Cards:
    """Some pages of rows, some of which share times, have none, or come and go."""
    every, count = draw(st.sampled_from([0, 0.05, 0.4, 60, 3600])), draw(st.integers(0, 6 * ROWS))
    made = cards(count, every, untimed=draw(st.sampled_from([0, 0, 1, 5, ROWS, 2 * ROWS + 1])))
    start = draw(st.integers(0, count))
    for one in range(start, min(start + draw(st.sampled_from([0, 5, ROWS, 3 * ROWS])), count)):
        if made.rows.get(one) is not None:
            made.rows[one] = start * every
    made.untimed = draw(st.sampled_from(["lowest", "highest", "first"]))
    made.ties = draw(st.booleans())
    made.order = draw(st.sampled_from(["applied"] * 4 + ["ids", "ignored"]))
    made.off = draw(st.sampled_from([0, 0, 0, -7, 7]))
    return made


@settings(max_examples=400, deadline=None)
@given(
    asked=lists(),
    gone=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 6 * ROWS)), max_size=8),
    new=st.lists(st.tuples(st.integers(1, 12), st.integers(10**6, 10**6 + 9)), max_size=3),
    killed_after=st.integers(0, 9),
)
def test_no_remaining_row_is_lost(
    asked: Cards, gone: list[tuple[int, int]], new: list[tuple[int, float]], killed_after: int
) -> None:
    stay = {*asked.rows} - {one for _, one in gone}
    asked.gone, asked.new = gone, new
    found = read(asked, killed_after=killed_after)
    assert found.is_unsteady or stay <= {*found.ids}


@settings(max_examples=200, deadline=None)
@given(asked=lists(), killed_after=st.integers(0, 9))
def test_each_row_is_counted_once(asked: Cards, killed_after: int) -> None:
    found = read(asked, killed_after=killed_after)
    assert found.rows == len(asked.rows) == len({*found.ids})


@settings(max_examples=200, deadline=None)
@given(
    count=st.integers(0, 6 * ROWS),
    step=st.sampled_from([0, 0.3, 3600]),
    share=st.sampled_from([1, 2, 3, 50]),
    ties=st.booleans(),
    off=st.sampled_from([0, 0, 7]),
)
def test_equal_rows_without_a_key_are_all_handed_out(
    count: int, step: float, share: int, off: float, *, ties: bool
) -> None:
    asked = Cards({one: one // share * step for one in range(count)}, ties=ties, off=off)
    plan = ReadPlan(COLLECTIONS["transactions"])
    (piece,) = slices(plan)
    found: list[str] = []
    slice_ = StableRead(asked, plan, piece)
    for page in slice_:
        assert not slice_.mark, "equal rows are numbered from the first page on"
        found = [*([] if slice_.is_first_page else found), *map(str, page)]
    assert sorted(found) == sorted(str(asked.row(one, "transactions")) for one in asked.rows)
    assert slice_.rows == count


@pytest.mark.parametrize("killed_after", range(1, 7))
def test_a_walk_that_resumes_goes_on_where_it_was(killed_after: int) -> None:
    asked = cards(7 * ROWS - 20)
    found = read(asked, killed_after=killed_after)
    assert (found.ids, found.rows) == ([*asked.rows], len(asked.rows))
    assert len(asked.calls) <= 7 + 2 + 1
