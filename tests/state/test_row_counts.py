"""How the rows of a pass are spread over its parents, in few numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.state.row_counts import MOST, rows_between, with_slice


def kept(rows: list[int]) -> list[int]:
    """The numbers after slices with these rows."""
    counts: list[int] = []
    for place, count in enumerate(rows):
        counts = with_slice(counts, place, count)
    return counts


def test_of_few_slices_every_number_is_kept() -> None:
    rows = [7 * place % 5 for place in range(MOST)]
    assert kept(rows) == rows
    assert rows_between(rows, MOST, 3, 11) == sum(rows[3:11])


def test_of_more_slices_numbers_are_of_several() -> None:
    counts = kept([10] * MOST + [1])
    assert counts == [20] * (MOST // 2) + [1]
    assert rows_between(counts, MOST + 1, 0, 3) == 30
    assert rows_between(counts, MOST + 1, MOST - 1, MOST + 1) == 11


@given(st.lists(st.integers(0, 9), max_size=5 * MOST))
def test_no_row_is_lost_and_few_numbers_are_kept(rows: list[int]) -> None:
    counts = kept(rows)
    assert len(counts) <= MOST
    assert sum(counts) == sum(rows)
    assert rows_between(counts, len(rows), 0, len(rows)) == pytest.approx(sum(rows))
    middle = len(rows) // 2
    halves = rows_between(counts, len(rows), 0, middle) + rows_between(counts, len(rows), middle, len(rows))
    assert halves == pytest.approx(sum(rows))


def test_what_lies_after_the_last_slice_is_not_known() -> None:
    assert rows_between([1, 2, 3], 3, 2, 9) == 3


def test_nothing_is_known_if_slices_were_not_counted() -> None:
    assert with_slice([], 5, 3) == []
    assert with_slice([1, 2], 5, 3) == []
