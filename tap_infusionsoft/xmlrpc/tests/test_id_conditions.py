"""A condition on ids still holds where a walk goes on after an id."""

from __future__ import annotations

import operator
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.xmlrpc.id_conditions import MOST_IDS, Ids, ids_of

ID = st.integers(-3, 60)


def meets(number: int, condition: Any) -> bool:
    """Whether an id meets a condition, as the service has it."""
    if isinstance(condition, list):
        return str(number) in condition
    if condition is None or condition == "%":
        return True
    found = re.fullmatch(r"~(.+)~ (-?\d+)", condition)
    if found is None:
        return f"{number}" == f"{condition}"
    compare = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "<>": operator.ne}
    return bool(compare[found[1]](number, int(found[2])))


def walk(ids: Ids, live: list[int], rows: int) -> list[int]:
    """The ids that a walk finds: pages of some rows, in ascending order."""
    found: list[int] = []
    last: int | None = None
    for _ in range(200):
        page = [number for number in live if meets(number, ids.after(last))][:rows]
        found += [number for number in page if ids.allows(number)]
        last = ids.up_to(last, is_full=len(page) == rows, found=page[-1] if page else None)
        if last is None:
            return found
    raise AssertionError("it does not end")


CONDITIONS = st.one_of(
    st.none(),
    st.just("%"),
    ID.map(str),
    st.lists(ID.map(str), min_size=1, max_size=40),
    st.tuples(st.sampled_from(["~>~ ", "~>=~ ", "~<~ ", "~<=~ ", "~<>~ "]), ID.map(str)).map("".join),
)


@given(CONDITIONS, st.sets(ID), st.integers(1, 9))
def test_a_walk_finds_exactly_the_ids_that_meet_the_condition(
    condition: Any, live: set[int], rows: int
) -> None:
    ids = ids_of(condition)
    assert ids is not None
    assert walk(ids, sorted(live), rows) == [number for number in sorted(live) if meets(number, condition)]


def test_a_long_list_is_asked_for_in_several_calls() -> None:
    ids = ids_of([str(number) for number in range(2 * MOST_IDS + 1, 0, -1)])
    assert ids is not None
    first = ids.after(None)
    assert isinstance(first, list)
    assert first == [str(number) for number in range(1, MOST_IDS + 1)]
    assert ids.after(2 * MOST_IDS) == str(2 * MOST_IDS + 1)
    assert walk(ids, [1, 999, 1000, 1001, 2001, 2002], 1000) == [1, 999, 1000, 1001, 2001]


@pytest.mark.parametrize("condition", ["12%", "%1%", "~null~", "", "~>~ abc", {"since": "2026-01-01"}, ["a"]])
def test_other_conditions_rule_out_a_walk_by_id(condition: Any) -> None:
    assert ids_of(condition) is None
