"""Guesses of where the next pages begin: exact for dense ids, early for sparse ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.client.next_page_guess import MORE, UNSURE, NextPageGuesser


class Walk:
    """A walk over ids that reads like `Prefetcher`, and counts its calls.

    Attributes:
        ids: All ids there are.
        rows: Ids of a page.
        asked: Pages that were requested, by the id after which they begin.
        taken: Pages that were needed.
        gaps: Pages that could not be guessed although others were.
        seen: Ids that were read.
    """

    def __init__(self, ids: Sequence[int], rows: int, most: int) -> None:
        self.ids, self.rows = ids, rows
        self.asked: set[int] = set()
        self.taken = self.gaps = 0
        self.seen: list[int] = []
        guesser, last = NextPageGuesser(), 0
        while True:
            guessed = bool(guesser.coming)
            start, useless = guesser.choose(last, most)
            assert start <= last
            assert all(one <= last for one in useless)
            assert all(one >= last for one in guesser.coming)
            assert len(guesser.coming) <= most
            self.gaps += guessed and start == last and start not in self.asked
            self.asked |= {start, *guesser.coming}
            self.taken += 1
            page = self.last_page = self.page(start)
            if page:
                guesser.saw(start or page[0] - 1, page[-1])
            new = [one for one in page if one > last]
            self.seen += new
            last = max([last, *new])
            if len(page) < rows:
                break

    def page(self, after: int) -> list[int]:
        return [one for one in self.ids if one > after][: self.rows]

    @property
    def needed(self) -> int:
        return len(self.ids) // self.rows + 1

    @property
    def extra(self) -> int:
        """Calls beyond those that reading one page after another takes."""
        return len(self.asked) - self.needed


@pytest.mark.parametrize("first", [1, 5_000_001])
@pytest.mark.parametrize("most", [0, 3, 15])
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 10, 40])
def test_dense_ids_cost_no_calls_except_those_past_the_end(first: int, most: int, pages: int) -> None:
    walk = Walk(range(first, first + pages * 10 + 5), 10, most)
    assert walk.seen == list(walk.ids)
    assert walk.gaps == 0
    assert walk.taken == walk.needed
    assert walk.extra <= min(most, max(MORE * (pages - UNSURE) + 1, 0))
    if pages == 40:
        assert walk.extra == most


def test_one_page_costs_nothing_and_two_cost_one_call() -> None:
    assert [Walk(range(1, rows + 1), 10, 15).extra for rows in (0, 5, 9)] == [0, 0, 0]
    assert [Walk(range(1, rows + 1), 10, 15).extra for rows in (10, 15, 19)] == [1, 1, 1]


def test_the_last_of_many_pages_begins_with_a_row_that_was_read_already() -> None:
    # In some cases the last page is full, so that reading page after page would request an empty one.
    for rows in range(29_000, 31_001, 250):
        walk = Walk(range(1, rows + 1), 1000, 7)
        assert walk.seen == list(walk.ids)
        assert 0 < len(walk.last_page) < 1000


@pytest.mark.parametrize("gone", [0.02, 0.1, 0.3])
def test_scattered_gaps_between_ids_cost_few_calls(gone: float) -> None:
    rng = random.Random(1)
    ids = [one for one in range(1, 60_000) if rng.random() > gone]
    walk = Walk(ids, 500, 7)
    assert walk.seen == ids
    assert walk.extra < 0.2 * walk.needed + 7
    assert walk.gaps < 0.1 * walk.needed


def test_after_a_large_gap_guessing_starts_over_slowly() -> None:
    ids = [*range(1, 1001), *range(50_001, 51_001)]
    walk = Walk(ids, 10, 15)
    assert walk.seen == ids
    assert walk.extra <= 2 * 15


def test_random_ids_are_not_guessed() -> None:
    rng = random.Random(1)
    ids = sorted(rng.sample(range(10**9), 500))
    walk = Walk(ids, 5, 15)
    assert walk.seen == ids
    assert walk.extra < 0.3 * walk.needed


@given(
    gaps=st.lists(st.one_of(st.just(1), st.integers(1, 40), st.integers(1, 10_000)), max_size=200),
    rows=st.integers(1, 12),
    most=st.integers(0, 15),
)
def test_no_row_is_lost_or_read_twice(gaps: list[int], rows: int, most: int) -> None:
    ids = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    walk = Walk(ids, rows, most)
    assert walk.seen == ids
    assert walk.extra <= 2 * walk.needed + most
