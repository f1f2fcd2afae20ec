"""Rows without an id get a key, the same in every run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tap_infusionsoft.records.row_keys import RowKeys


def test_equal_rows_get_different_keys_and_the_same_ones_again() -> None:
    keys = RowKeys(["a", "b"])
    rows: list[dict[str, Any]] = [
        {"a": 1, "b": Decimal("1.0"), "c": 1},
        {"a": 1, "b": Decimal("1.0"), "c": 2},
        {"a": 2, "b": None},
    ]
    first = [keys(row) for row in rows]
    assert len(set(first)) == 3
    assert first[0].removesuffix("-1") == first[1].removesuffix("-2")
    again = RowKeys(["a", "b"])
    assert [again(row) for row in rows] == first
