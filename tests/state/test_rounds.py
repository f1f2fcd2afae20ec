"""What a state keeps of the parents of a round."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.state.rounds import marked, packed, unpacked, with_marks


@given(st.dictionaries(st.text(min_size=1), st.text("abc", min_size=2, max_size=2)))
def test_marks_come_back_with_their_ids(known: dict[str, str]) -> None:
    assert with_marks(known.keys(), marked(known)) == known


@given(st.sets(st.text(min_size=1), min_size=2, max_size=5))
def test_marks_of_other_ids_are_none(ids: set[str]) -> None:
    assert set(with_marks(ids, "x" * (2 * len(ids) - 1)).values()) == {""}


def test_the_parents_of_a_large_account_take_little_room() -> None:
    rng = random.Random(1)
    known = {str(one): f"{rng.randrange(90) + 10}" for one in rng.sample(range(10**7), 50_000)}
    texts = packed(known), marked(known)
    assert sum(map(len, texts)) < 400_000
    assert with_marks(unpacked(texts[0]), texts[1]) == known
