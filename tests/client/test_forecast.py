"""Guesses where the pages of a crawl begin: exact where ids are, early where they are not, few where there is little."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.client.next_page_guess import MORE, UNSURE, NextPageGuesser


class Crawl:
    """A crawl over ids, with pages of so many rows, that reads as `Prefetcher` does, and counts its calls."""

    def __init__(self, ids: Sequence[int], rows: int, most: int) -> None:
        self.ids, self.rows = ids, rows
        self.asked: set[int] = set()
        self.taken = self.gaps = 0
        self.seen: list[int] = []
        forecast, last = NextPageGuesser(), 0
        while True:
            guessed = bool(forecast.coming)
            start, useless = forecast.choose(last, most)
            assert start <= last
            assert all(one <= last for one in useless)
            assert all(one >= last for one in forecast.coming)
            assert len(forecast.coming) <= most
            self.gaps += guessed and start == last and start not in self.asked
            self.asked |= {start, *forecast.coming}
            self.taken += 1
            page = self.last_page = self.page(start)
            if page:
                forecast.saw(start or page[0] - 1, page[-1])
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
        """Calls that one page after another does not take."""
        return len(self.asked) - self.needed


@pytest.mark.parametrize("first", [1, 5_000_001])
@pytest.mark.parametrize("most", [0, 3, 15])
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 10, 40])
def test_dense_ids_cost_nothing_but_what_lies_behind_the_end(first: int, most: int, pages: int) -> None:
    crawl = Crawl(range(first, first + pages * 10 + 5), 10, most)
    assert crawl.seen == list(crawl.ids)
    assert crawl.gaps == 0
    assert crawl.taken == crawl.needed
    assert crawl.extra <= min(most, max(MORE * (pages - UNSURE) + 1, 0))
    if pages == 40:
        assert crawl.extra == most


def test_one_page_costs_nothing_and_two_cost_one_call() -> None:
    assert [Crawl(range(1, rows + 1), 10, 15).extra for rows in (0, 5, 9)] == [0, 0, 0]
    assert [Crawl(range(1, rows + 1), 10, 15).extra for rows in (10, 15, 19)] == [1, 1, 1]


def test_the_last_of_many_pages_begins_with_a_row_that_is_known() -> None:
    # Full last pages are among them, behind which an empty one would be asked for.
    for rows in range(29_000, 31_001, 250):
        crawl = Crawl(range(1, rows + 1), 1000, 7)
        assert crawl.seen == list(crawl.ids)
        assert 0 < len(crawl.last_page) < 1000


@pytest.mark.parametrize("gone", [0.02, 0.1, 0.3])
def test_ids_that_are_gone_here_and_there_cost_few_calls(gone: float) -> None:
    rng = random.Random(1)
    ids = [one for one in range(1, 60_000) if rng.random() > gone]
    crawl = Crawl(ids, 500, 7)
    assert crawl.seen == ids
    assert crawl.extra < 0.2 * crawl.needed + 7
    assert crawl.gaps < 0.1 * crawl.needed


def test_a_hole_makes_it_begin_anew_slowly() -> None:
    ids = [*range(1, 1001), *range(50_001, 51_001)]
    crawl = Crawl(ids, 10, 15)
    assert crawl.seen == ids
    assert crawl.extra <= 2 * 15


def test_ids_without_rule_are_not_guessed() -> None:
    rng = random.Random(1)
    ids = sorted(rng.sample(range(10**9), 500))
    crawl = Crawl(ids, 5, 15)
    assert crawl.seen == ids
    assert crawl.extra < 0.3 * crawl.needed


@given(
    gaps=st.lists(st.one_of(st.just(1), st.integers(1, 40), st.integers(1, 10_000)), max_size=200),
    rows=st.integers(1, 12),
    most=st.integers(0, 15),
)
def test_no_row_is_lost_or_comes_twice(gaps: list[int], rows: int, most: int) -> None:
    ids = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    crawl = Crawl(ids, rows, most)
    assert crawl.seen == ids
    assert crawl.extra <= 2 * crawl.needed + most
