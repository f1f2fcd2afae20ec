"""The column `row_key` was called `_row_key` in 0.1: states and catalogs from then are taken up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_infusionsoft.streams.saved_searches import column_names
from tests.fixtures import Run

STREAMS = ("transactions", "affiliate_commissions")
DAY = 86_400


def _as_in_0_1(state: dict[str, Any]) -> dict[str, Any]:
    """The state as 0.1 wrote it: nothing said by which column rows are told apart."""
    earlier: dict[str, Any] = json.loads(json.dumps(state))
    for own in earlier["bookmarks"].values():
        for scope in own.get("scope", []):
            assert scope.pop("key_column") == "row_key"
    return earlier


@pytest.mark.parametrize("mode", ["rolling", "full"])
def test_rows_with_the_earlier_key_are_replaced(run: Run, mode: str) -> None:
    catalog = run.catalog(*STREAMS)
    run(catalog=catalog, refresh=mode)
    run.target.state = _as_in_0_1(run.target.state)
    versions = {stream: {*rows.values()} for stream, rows in run.target._versions.items()}
    run.clock.pass_time(DAY)
    run(catalog=catalog, refresh=mode)
    for stream in STREAMS:
        assert run.target.rows(stream)
        assert {*run.target._versions[stream].values()}.isdisjoint(versions[stream]), stream
    assert not run.says("leave out rows that were loaded before")


def test_a_catalog_with_the_earlier_key_says_what_to_do(run: Run) -> None:
    earlier = json.loads(json.dumps(run.catalog("transactions")).replace('"row_key"', '"_row_key"'))
    run(catalog=earlier)
    rows = run.target.rows("transactions")
    assert rows
    assert all(row["row_key"] and "_row_key" not in row for row in rows)
    assert run.says("transactions: the column _row_key is called row_key since 0.2. Run discovery again")


@pytest.mark.parametrize("given", [None, {"Row Key": "row_key"}])
def test_columns_of_a_saved_search_leave_the_name_to_the_key(given: dict[str, str] | None) -> None:
    assert column_names(["Row Key", "Email"], given) == {"Row Key": "row_key_1", "Email": "email"}
