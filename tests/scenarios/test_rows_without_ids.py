"""A count is not an identity: three rows left, three came between pages, and three live rows were deleted.

Rows of saved searches and of some other collections have no id. "200 rows, as last time" confirmed a read
whose second page had moved up by three rows, which were then marked as deleted.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

from tests.fixtures import Run, before_each_answer

STREAM = "saved_search_all_contacts"
SEARCH = ["All contacts"]
PAGE = 40


def run_with_churn(run: Run, catalog: Any, path: str, change: Callable[[], object], **settings: Any) -> None:
    """Run the tap, and change the account after the first page of a list."""
    tap, stdout = run.tap(catalog=catalog, concurrency=1, **settings), io.StringIO()
    is_over = False

    def churn(_: int) -> None:
        nonlocal is_over
        if not is_over and run.box.requests(path):
            change()
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
    run_with_churn(
        run,
        catalog,
        ":run",
        lambda: run.box.plant("contacts", delete=before[:3], upsert=come),
        saved_searches=SEARCH,
    )
    stayed = {*before[3:]}
    assert stayed <= ids(run), "no live row is marked as deleted"
    assert {one["id"] for one in come} <= ids(run)


def test_as_many_appointments_as_last_time_are_not_the_same_appointments(run: Run) -> None:
    """Those of REST v1 have no id either; what tells them apart is what they say."""
    run.box.switch(v1_limit_max=10)
    catalog = run.catalog("appointments_v1")
    run(catalog=catalog)
    before = run.box.records("appointments")
    assert len(before) > 20
    come = [before[-1] | {"id": str(9000 + one), "title": f"New {one}"} for one in range(3)]
    gone = [row["id"] for row in before[:3]]
    run.clock.pass_time(7 * 86_400)
    run_with_churn(
        run, catalog, "/v1/appointments", lambda: run.box.plant("appointments", delete=gone, upsert=come)
    )
    live = {said(row) for row in run.box.records("appointments_v1")}
    assert live <= {said(row) for row in run.target.rows("appointments_v1")}


def said(row: dict[str, Any]) -> tuple[str, ...]:
    """What tells an appointment from others; both write its time alike up to the second."""
    return str(row["contact_id"]), row["title"], row["start_date"][:19]


def test_rows_that_did_not_change_are_read_once(run: Run) -> None:
    run.box.switch(page_rows_max=PAGE)
    catalog = run.catalog(STREAM, saved_searches=SEARCH)
    run(catalog=catalog, saved_searches=SEARCH)
    count = len(run.box.records("report_rows", report_id=3))
    run.clock.pass_time(86_400)
    run.box.clear_requests()
    run(catalog=catalog, saved_searches=SEARCH)
    assert len(run.box.requests(":run")) == -(-count // PAGE)
