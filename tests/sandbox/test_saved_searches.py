"""Saved searches: their columns, and running them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from keap_sandbox import Sandbox

from .conftest import Client


def run_report(api: Client, report: int, **query: Any) -> Any:
    reply = api(f"/v2/reporting/reports/{report}:run", method="POST", **query)
    assert reply.status == 200, reply.raw
    return reply.body


def test_saved_searches_have_different_columns(api: Client) -> None:
    columns = set()
    for row in api("/v2/reporting/reports").body["reports"]:
        fields = api(f"/v2/reporting/reports/{row['id']}/model").body["fields"]
        columns.add(tuple(field["name"] for field in fields))
    assert len(columns) >= 4


def test_a_report_is_read_page_by_page_with_the_fields_asked_for(box: Sandbox, api: Client) -> None:
    seen, token = [], ""
    while True:
        body = run_report(api, 3, page_size=90, fields="Id,Email", page_token=token)
        for row in body["results"]:
            assert [one["field_name"] for one in row["columns"]] == ["Id", "Email"]
            seen.append(row["columns"][0]["value"])
        token = body.get("page_token", "")
        if not token:
            break
    assert sorted(map(int, seen)) == sorted(int(one) for one in box.records("contacts", ids_only=True))


def test_the_parameter_of_keaps_sdk_is_ignored_unless_a_switch_reads_it(box: Sandbox, api: Client) -> None:
    folded = {"runReportRequest": '{"page_size":2,"page_token":"x"}'}
    assert len(run_report(api, 3, **folded)["results"]) == 200
    box.switch(report_json_parameter="honoured")
    assert api("/v2/reporting/reports/3:run", method="POST", **folded).status == 400


def test_rows_of_a_report_can_be_equal_and_a_report_can_be_empty(api: Client) -> None:
    sales = run_report(api, 5)["results"]
    assert len({str(row) for row in sales}) < len(sales)
    assert run_report(api, 13) == {"results": []}


def test_a_report_can_be_ordered_by_a_column(api: Client) -> None:
    rows = run_report(api, 8, order_by="Contact Name desc", page_size=5)["results"]
    names = [row["columns"][1]["value"].casefold() for row in rows]
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"fields": "nope"},
        {"order_by": "nope"},
        {"page_size": "0"},
        {"page_size": "1001"},
        {"page_token": "?"},
    ],
)
def test_a_report_refuses_wrong_parameters(api: Client, query: dict[str, str]) -> None:
    assert api("/v2/reporting/reports/3:run", method="POST", **query).status == 400


def test_values_of_a_report_are_texts_as_in_keaps_screens(api: Client) -> None:
    values = [column["value"] for row in run_report(api, 3)["results"] for column in row["columns"]]
    assert all(isinstance(value, str) for value in values)
    assert any(re.fullmatch(r"\d\d-\d\d-\d{4} \d\d:\d\d [AP]M", value) for value in values)
