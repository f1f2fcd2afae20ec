"""Rows wait on disk, are found by what identifies them, and leave no file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.compare.store import Store, key_of, values_of


@pytest.fixture
def store() -> Iterator[Store]:
    found = Store()
    yield found
    found.close()


def test_a_later_row_takes_the_place_of_an_earlier_one(store: Store) -> None:
    store.put("a", "1", {"name": "old"}, "m")
    store.put("a", "1", {"name": "new"}, "n")
    store.put("b", "1", {"name": "other"}, "n")
    assert store.count("a") == 1
    assert store.row("a", "1") == {"name": "new"}
    assert store.row("a", "2") is None
    assert store.matching("a", "m") == []
    assert store.matching("a", "n") == [("1", {"name": "new"})]


def test_rows_that_the_other_side_has_are_noted(store: Store) -> None:
    for key in "123":
        store.put("a", key, {"key": key}, f"m{key}")
    store.see("a", "2")
    assert [key for key, _, _ in store.unseen("a")] == ["1", "3"]
    store.unsee("a")
    assert [match for _, match, _ in store.unseen("a")] == ["m1", "m2", "m3"]


def test_all_rows_come_once_although_they_are_marked_meanwhile(store: Store) -> None:
    for number in range(1200):
        store.put("a", f"{number:05}", {"number": number})
    found = []
    for row in store.rows("a"):
        found.append(row["number"])
        store.see("a", f"{row['number']:05}")
    assert found == list(range(1200))


def test_finding_a_row_does_not_take_longer_with_more_rows(store: Store) -> None:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    costs = []
    for most in (100, 5000):
        for number in range(store.count("a"), most):
            store.put("a", f"k{number}", {"number": number}, f"m{number}")
        store._db.set_progress_handler(count, 1)
        steps = 0
        assert store.matching("a", "m50")
        costs.append(steps)
        store._db.set_progress_handler(None, 1)
    assert costs[1] <= costs[0] * 2


def test_no_file_is_left_to_be_found(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    for number in range(3000):
        store.put("a", str(number), {"text": "x" * 3000})
    assert store.count("a") == 3000
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ([12], '["12"]'),
        (["12"], '["12"]'),
        (["Ann@Example.com", 7], '["ann@example.com", "7"]'),
        ([None], ""),
        ([0], ""),
        (["12", "0"], ""),
    ],
)
def test_a_key_is_the_same_for_numbers_and_texts_and_none_if_a_part_is_missing(
    values: list[Any], key: str
) -> None:
    assert key_of(values) == key
    assert not key or values_of(key) == [str(one).casefold() for one in values]
