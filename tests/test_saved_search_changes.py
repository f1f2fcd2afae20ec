"""A saved search whose columns changed since discovery: the log says what is not loaded; the rest arrives."""

from __future__ import annotations

import pytest

from tests.fixtures import Run

STREAM = "saved_search_all_contacts"
SEARCH = ["All contacts"]


def test_new_and_removed_columns_of_a_saved_search_are_reported_once(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog(STREAM, saved_searches=SEARCH)
    first = {row["id"]: row for row in run(catalog=catalog, saved_searches=SEARCH).rows(STREAM)}
    assert caplog.text.count("WARNING") == 0
    fields = [
        {"name": row["name"], "label": row["label"]}
        for row in run.box.records("report_fields")
        if str(row["report_id"]) == "3"
    ]
    left = [field for field in fields if field["name"] != "Email"]
    model = {"fields": [*left, {"name": "Fresh Column", "label": "Fresh"}]}
    run.box.fault({"path": "/v2/reporting/reports/3/model", "always": True, "status": 200, "body": model})
    run.target.state = {}
    run.target.tables.clear()
    rows = {row["id"]: row for row in run(catalog=catalog, saved_searches=SEARCH).rows(STREAM)}
    assert rows.keys() == first.keys()
    assert {row["email"] for row in rows.values()} == {None}
    same = {name for name in next(iter(first.values())) if name not in {"email", "row_key"}}
    assert {key: {name: row[name] for name in same} for key, row in rows.items()} == {
        key: {name: row[name] for name in same} for key, row in first.items()
    }
    new, gone = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert new.startswith(f"{STREAM}: columns that the catalog does not have are not loaded: fresh_column.")
    assert gone.startswith(f"{STREAM}: columns that no longer exist are null from now on: email.")
    assert all("Run discovery again (in Meltano: --refresh-catalog)" in message for message in (new, gone))
