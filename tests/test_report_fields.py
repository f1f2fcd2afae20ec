"""`report_fields` has the columns of the saved searches that the setting names."""

from __future__ import annotations

import pytest

from tests.fixtures import Run


def test_report_fields_covers_only_the_named_saved_searches(run: Run) -> None:
    every = run.box.records("report_fields")
    wanted = {str(row["id"]) for row in run.box.records("reports") if row["name"].startswith("Lapsed")}
    assert wanted
    target = run("report_fields", saved_searches=["lapsed*"])
    assert {(row["report_id"], row["name"]) for row in target.rows("report_fields")} == {
        (str(row["report_id"]), row["name"]) for row in every if str(row["report_id"]) in wanted
    }
    models = {call["path"].split("/")[-2] for call in run.box.requests("/model")}
    assert models == wanted


def test_report_fields_covers_all_saved_searches_by_default(run: Run) -> None:
    target = run("report_fields", saved_searches=None)
    assert len(target.rows("report_fields")) == len(run.box.records("report_fields"))


def test_report_fields_costs_no_call_without_saved_searches(run: Run) -> None:
    run("report_fields", saved_searches=None)
    before = run.target.rows("report_fields")
    target = run("report_fields", saved_searches=[])
    assert target.sent("report_fields") == []
    assert run.box.requests() == []
    assert target.rows("report_fields") == before, "rows loaded before are not deleted"


def test_an_unknown_saved_search_is_named(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = run.catalog("report_fields")
    run(catalog=catalog, saved_searches=["No such"], fails=True)
    assert "saved_searches: no saved search has the id or name 'No such'" in caplog.text
    assert run.error is not None
    assert run.error.exit_code == 2
