"""A count is not an identity: three rows left, three came between pages, and three live rows were deleted.

Rows of saved searches and of some other collections have no id. "200 rows, as last time" confirmed a read
whose second page had moved up by three rows, which were then marked as deleted.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

from tests.conftest import Run, before_each_answer

STREAM = "saved_search_all_contacts"
SEARCH = ["All contacts"]
PAGE = 40


def run_with_churn(run: Run, catalog: Any, leaves: list[str], comes: list[dict[str, Any]]) -> None:
    """Run the tap; after its first page of the search, some contacts are deleted and some are new."""
    tap, stdout = run.tap(catalog=catalog, saved_searches=SEARCH, concurrency=1), io.StringIO()
    is_over = False

    def churn(_: int) -> None:
        nonlocal is_over
        if not is_over and run.box.requests(":run"):
            run.box.plant("contacts", delete=leaves, upsert=comes)
            is_over = True

    run.box.clear_requests()
    with before_each_answer(tap, churn), contextlib.redirect_stdout(stdout):
        tap.sync_all()
    assert is_over
    run.target.take(stdout.getvalue())


def ids(run: Run) -> set[str]:
    return {str(row["id"]) for row in run.target.rows(STREAM)}


def test_as_many_rows_as_last_time_are_not_the_same_rows(run: Run) -> None:
    run.box.switch(page_rows_max=PAGE)
    catalog = run.catalog(STREAM, saved_searches=SEARCH)
    run(catalog=catalog, saved_searches=SEARCH)
    before = [str(row["Id"]) for row in run.box.records("report_rows", report_id=3)]
    come = [{"id": str(9000 + one), "given_name": "New", "family_name": "Row"} for one in range(3)]
    run.clock.pass_time(86_400)
    run_with_churn(run, catalog, before[:3], come)
    stayed = {*before[3:]}
    assert stayed <= ids(run), "no live row is marked as deleted"
    assert {one["id"] for one in come} <= ids(run)


def test_rows_that_did_not_change_are_read_once(run: Run) -> None:
    run.box.switch(page_rows_max=PAGE)
    catalog = run.catalog(STREAM, saved_searches=SEARCH)
    run(catalog=catalog, saved_searches=SEARCH)
    count = len(run.box.records("report_rows", report_id=3))
    run.clock.pass_time(86_400)
    run.box.clear_requests()
    run(catalog=catalog, saved_searches=SEARCH)
    assert len(run.box.requests(":run")) == -(-count // PAGE)
