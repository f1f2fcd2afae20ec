"""Models of custom fields and saved searches: asked for twice a day, or when rows show something else."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
import requests

from tap_infusionsoft.state.kept_models import MODELS
from tests.fixtures import Run
from tests.target import Target

HOUR = 3_600
STREAMS = (
    "contacts",
    "companies",
    "notes",
    "tasks",
    "opportunities",
    "orders",
    "subscriptions",
    "affiliates",
)
"""Streams with custom fields; a model each."""
SEARCH = "saved_search_all_contacts"
NAMED = ["All contacts"]


def models(run: Run) -> list[str]:
    """The models that Keap was asked for since the last look."""
    paths = [one["path"] for one in run.box.requests() if one["path"].endswith("/model")]
    run.box.clear_requests()
    return sorted(path.removeprefix("/crm/rest/v2/").removesuffix("/model") for path in paths)


def new_field(run: Run, kind: str = "TEXT", name: str = "shoe_size") -> str:
    """Create a custom field of contacts, and return its id."""
    response = requests.post(
        f"{run.box.url}/crm/rest/v2/contacts/model/customFields",
        json={"label": "Shoe size", "field_type": kind},
        headers={"Authorization": f"Bearer {run.box.api_key}"},
        timeout=10,
    )
    assert response.ok, response.text
    ident = str(response.json()["id"])
    run.box.plant("contact_custom_fields", upsert=[{"id": ident, "field_name": name}])
    return ident


def fill(run: Run, ident: str, contents: Iterable[Any]) -> dict[str, Any]:
    """Put values of a custom field into the first contacts, and return them by the id of the contact."""
    filled = {}
    for row, content in zip(run.box.records("contacts"), contents, strict=False):
        kept = [one for one in row["custom_fields"] or () if one["id"] != ident]
        fields = [*kept, {"id": ident, "content": content}]
        run.box.plant("contacts", upsert=[{"id": row["id"], "custom_fields": fields}], touch=True)
        filled[str(row["id"])] = content
    return filled


def values(target: Target, column: str = "cf_shoe_size", stream: str = "contacts") -> dict[str, Any]:
    return {row["id"]: row[column] for row in target.rows(stream) if row.get(column) is not None}


@pytest.fixture(params=["by page", "row by row"])
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings with which records leave by the page, or one by one."""
    return {} if request.param == "by page" else {"stream_maps": {"contacts": {"given_name": "given_name"}}}


@pytest.mark.parametrize("has_catalog", [True, False])
def test_models_are_asked_for_twice_a_day(run: Run, has_catalog: bool) -> None:  # noqa: FBT001
    catalog = run.catalog(*STREAMS) if has_catalog else None
    run.box.clear_requests()
    run(catalog=catalog, discovers=STREAMS)
    assert models(run) == sorted(STREAMS)
    for hours, is_asked in ((1, False), (10, False), (1, True), (11, False)):
        run.clock.pass_time(hours * HOUR)
        run(catalog=catalog, discovers=STREAMS)
        assert models(run) == (sorted(STREAMS) if is_asked else [])


def test_a_run_a_night_always_asks(run: Run) -> None:
    run(discovers=["contacts"])
    for hours in (20, 28, 22, 26):  # as runs take longer, or begin later
        run.clock.pass_time(hours * HOUR)
        models(run)
        run(discovers=["contacts"])
        assert models(run) == ["contacts"]


def test_columns_from_the_state_are_those_that_keap_named(run: Run) -> None:
    catalog = run.catalog(*STREAMS)
    first = copy.deepcopy(run(discovers=STREAMS).schemas)
    for given in (None, catalog):
        run.clock.pass_time(HOUR)
        run(catalog=given, discovers=STREAMS)
        assert run.target.schemas.keys() == first.keys()
        for stream, schema in first.items():
            columns = run.target.schemas[stream]["properties"]
            assert {name: one["type"] for name, one in columns.items()} == {
                name: one["type"] for name, one in schema["properties"].items()
            }
    assert not run.says("")


def test_discovery_and_trials_always_ask(run: Run) -> None:
    run(discovers=["contacts"])
    models(run)
    assert run.tap(discovers=["contacts"]).catalog_dict
    assert models(run) == ["contacts"]
    run.tap(discovers=["contacts"]).test("calls")
    assert models(run) == ["contacts"]


def test_a_stream_of_models_asks_when_it_is_due_and_renews_what_the_state_has(run: Run) -> None:
    streams = ("contacts", "custom_fields")
    run(discovers=streams)
    for _ in range(3):
        run.clock.pass_time(HOUR)
        models(run)
        run(discovers=streams, refresh="full")  # read in full each time, so all models come anyway
        assert models(run) == sorted(STREAMS)
    filled = fill(run, new_field(run), ["44"])
    for hours, asked in ((1, ["contacts"]), (11, sorted(STREAMS)), (11, [])):
        run.clock.pass_time(hours * HOUR)
        models(run)
        assert values(run(discovers=streams, refresh="rolling")) == filled
        assert models(run) == asked


# Rows that show more than the state has.


@pytest.mark.parametrize("first", ["the row", "the run"])
def test_a_new_custom_field_is_loaded_in_the_run_whose_rows_show_it(
    run: Run, way: dict[str, Any], first: str
) -> None:
    run(discovers=["contacts", "notes"], **way)
    run.clock.pass_time(HOUR)
    run(discovers=["contacts", "notes"], **way)
    if first == "the run":
        run.clock.pass_time(HOUR)
    ident = new_field(run)
    filled = fill(run, ident, ["44", "39", "41"])
    run.clock.pass_time(HOUR)
    models(run)
    target = run(discovers=["contacts", "notes"], **way)
    assert models(run) == ["contacts"]
    assert values(target) == filled
    assert target.count("SCHEMA", "contacts") == 2
    assert "cf_shoe_size" in target.schemas["contacts"]["properties"]
    assert not run.says("")
    filled |= fill(run, ident, ["45"])
    run.clock.pass_time(HOUR)
    target = run(discovers=["contacts", "notes"], **way)
    assert models(run) == []
    assert values(target) == filled
    assert target.count("SCHEMA", "contacts") == 1


def test_a_new_type_is_loaded_in_the_run_whose_rows_show_it(run: Run, way: dict[str, Any]) -> None:
    ident = new_field(run, kind="WHOLE_NUMBER")
    filled = fill(run, ident, [44, 39])
    assert values(run(discovers=["contacts"], **way)) == filled
    run.box.plant("contact_custom_fields", upsert=[{"id": ident, "field_type": "TEXT"}])
    fill(run, ident, ["a dozen"])
    run.clock.pass_time(HOUR)
    target = run(discovers=["contacts"], **way)
    assert values(target)["1"] == "a dozen"
    assert target.schemas["contacts"]["properties"]["cf_shoe_size"]["type"] == ["string", "null"]
    assert not run.says("")


def test_a_run_may_be_killed_wherever_it_starts_over(run: Run) -> None:
    for answers in range(6):
        run.target = Target()
        run(discovers=["contacts"])
        run.clock.pass_time(HOUR)
        ident = new_field(run, name=f"size_{answers}")
        filled = fill(run, ident, ["44", "39", "41"])
        killed = run.cut_off(answers, None, flushes=bool(answers % 2), discovers=["contacts"])
        assert killed or answers > 2
        run.clock.pass_time(HOUR)
        target = run(discovers=["contacts"])
        assert values(target, f"cf_size_{answers}") == filled


@pytest.mark.parametrize("answers", range(1, 9))
def test_a_load_of_many_pages_that_starts_over_is_complete(run: Run, answers: int) -> None:
    """A field is on the later pages only."""
    settings: dict[str, Any] = {"discovers": ["contacts"], "sweep": "now"}
    run.box.switch(page_rows_max=20)
    run(discovers=["contacts"])
    ident = new_field(run)
    contents: list[Any] = [None] * 70 + ["44"] * 50
    for row, content in zip(run.box.records("contacts"), contents, strict=False):
        if content is not None:
            kept = [*(row["custom_fields"] or ()), {"id": ident, "content": content}]
            run.box.plant("contacts", upsert=[{"id": row["id"], "custom_fields": kept}])
    run.box.plant("contacts", delete=[run.box.records("contacts")[place]["id"] for place in (5, 140)])
    run.clock.pass_time(HOUR)
    run.cut_off(answers, None, flushes=bool(answers % 2), **settings)
    run.clock.pass_time(HOUR)
    target = run(**settings)
    assert {row["id"] for row in target.rows("contacts")} == {
        str(row["id"]) for row in run.box.records("contacts")
    }
    assert len(values(target)) == 50


def test_what_keap_does_not_describe_is_asked_about_once(run: Run) -> None:
    run(discovers=["contacts"])
    for _ in range(3):
        fill(run, "9999", ["x", "y"])
        run.clock.pass_time(HOUR)
        models(run)
        target = run(discovers=["contacts"])
        asked = models(run)
        assert target.count("SCHEMA", "contacts") == 1
        assert run.says("dropped properties that have no column: custom_fields[id=9999]")
    assert asked == []


def test_streams_that_share_a_model_get_all_of_it(run: Run) -> None:
    queries = [{"name": name, "stream": "contacts"} for name in ("some", "all")]
    settings: dict[str, Any] = {"discovers": ["contacts"], "queries": queries}
    run(**settings)
    ident = new_field(run)
    filled = fill(run, ident, ["44", "39"])
    run.clock.pass_time(HOUR)
    models(run)
    target = run(**settings)
    assert models(run) == ["contacts"]
    for stream in ("contacts", "some", "all"):
        assert values(target, stream=stream) == filled, stream
    assert not run.says("")


def test_records_in_files_get_new_columns_too(run: Run, tmp_path: Path) -> None:
    batches = {
        "encoding": {"format": "jsonl", "compression": "none"},
        "storage": {"root": tmp_path.as_uri()},
    }
    settings: dict[str, Any] = {"discovers": ["contacts"], "batch_config": batches}
    run(**settings)
    filled = fill(run, new_field(run), ["44", "39"])
    run.clock.pass_time(HOUR)
    target = run(**settings)
    names = [one for message in target.messages if message["type"] == "BATCH" for one in message["manifest"]]
    rows = [
        json.loads(line)
        for name in names
        for line in Path(urlparse(name).path).read_text("utf-8").splitlines()
    ]
    assert {row["id"]: row["cf_shoe_size"] for row in rows if row.get("cf_shoe_size")} == filled


def test_a_query_may_name_a_field_that_is_newer_than_the_state(run: Run) -> None:
    run(
        discovers=["contacts"],
        queries=[{"name": "all", "stream": "contacts", "fields": ["id", "cf_employees"]}],
    )
    ident = new_field(run)
    filled = fill(run, ident, ["44", "39"])
    run.clock.pass_time(HOUR)
    columns = ["id", "cf_employees", "cf_shoe_size"]
    target = run(discovers=["contacts"], queries=[{"name": "all", "stream": "contacts", "fields": columns}])
    assert values(target, stream="all") == filled


def test_if_keap_does_not_answer_nothing_is_passed_over(run: Run) -> None:
    run(discovers=["contacts"])
    ident = new_field(run)
    fill(run, ident, ["44"])
    run.clock.pass_time(HOUR)
    run.box.fault({"path": "/v2/contacts/model", "always": True, "status": 403})
    run(discovers=["contacts"], fails=True)
    run.box.clear_faults()
    run.clock.pass_time(HOUR)
    assert values(run(discovers=["contacts"])) == {"1": "44"}


# With a catalog, columns are those of the catalog.


def test_a_catalog_without_the_new_field_gets_the_usual_warning(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    fill(run, new_field(run), ["44"])
    run.clock.pass_time(HOUR)
    models(run)
    target = run(catalog=catalog)
    assert models(run) == ["contacts"]
    assert target.count("SCHEMA", "contacts") == 1
    assert run.says("dropped properties that have no column: custom_fields[id=")
    assert run.caplog is not None
    run.caplog.clear()
    fill(run, "1", [])
    run.clock.pass_time(HOUR)
    run(catalog=catalog)
    assert models(run) == []
    assert run.says("custom fields without a column in the catalog: 'Shoe size'")


def test_a_catalog_that_is_newer_than_the_state_gets_all_its_columns(run: Run) -> None:
    run(catalog=run.catalog("contacts"))
    ident = new_field(run)
    fill(run, ident, ["44"])
    run.clock.pass_time(HOUR)
    catalog = run.catalog("contacts")
    models(run)
    target = run(catalog=catalog)
    assert models(run) == ["contacts"]
    assert values(target) == {"1": "44"}
    assert not run.says("")


def test_a_field_of_the_catalog_that_is_gone_is_asked_about_once_and_reported_in_every_run(run: Run) -> None:
    ident = new_field(run)
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    run.box.plant("contact_custom_fields", delete=[ident])
    assert run.caplog is not None
    for hours, asked in ((11, []), (1, ["contacts"]), (1, []), (1, [])):
        run.clock.pass_time(hours * HOUR)
        models(run)
        run.caplog.clear()
        run(catalog=catalog)
        assert models(run) == asked
        assert run.says("no longer exists in Keap") is (hours == 1)


# Saved searches.


def edited(run: Run, *, is_told: bool = False, gone: str = "") -> None:
    """Add a column to a saved search, or remove one."""
    fields = [
        {"name": row["name"], "label": row["label"]}
        for row in run.box.records("report_fields")
        if str(row["report_id"]) == "3" and row["name"] != gone
    ]
    fields += [] if gone else [{"name": "Fresh", "label": "Fresh"}]
    rows = [
        {"columns": [{"field_name": one["name"], "value": f"{one['name']} {row}"} for one in fields]}
        for row in range(4)
    ]
    model, answer = ("/v2/reporting/reports/3/model", "/v2/reporting/reports/3:run")
    run.box.fault({"path": model, "always": True, "status": 200, "body": {"fields": fields}})
    run.box.fault({"path": answer, "always": True, "status": 200, "body": {"results": rows}})
    if is_told:
        run.box.plant("reports", upsert=[{"id": "3", "updated_time": "2026-11-28T12:00:00.000Z"}])


@pytest.mark.parametrize("has_catalog", [True, False])
def test_models_of_saved_searches_are_asked_for_twice_a_day(run: Run, has_catalog: bool) -> None:  # noqa: FBT001
    catalog = run.catalog(SEARCH, saved_searches=NAMED) if has_catalog else None
    for hours in (0, 11, 1):
        run.clock.pass_time(hours * HOUR)
        models(run)
        run(catalog=catalog, discovers=[], saved_searches=NAMED)
        assert models(run) == ([] if hours == 11 else ["reporting/reports/3"])


def test_saved_searches_that_are_not_selected_are_not_described_in_a_run(run: Run) -> None:
    run(discovers=["contacts"], saved_searches=None)
    assert models(run) == ["contacts"]
    assert len(run.tap({}, discovers=["contacts"], saved_searches=None).catalog_dict["streams"]) > 3
    assert len(models(run)) > 3


@pytest.mark.parametrize("is_told", [True, False])
def test_a_column_added_to_a_saved_search_is_loaded_in_the_next_run(run: Run, is_told: bool) -> None:  # noqa: FBT001
    settings: dict[str, Any] = {"discovers": ["reports"], "saved_searches": NAMED, "sweep_max_drop": 1}
    run(**settings)
    edited(run, is_told=is_told)
    run.clock.pass_time(HOUR)
    models(run)
    target = run(**settings)
    assert models(run) == ["reporting/reports/3"]
    assert {row["fresh"] for row in target.rows(SEARCH)} == {f"Fresh {row}" for row in range(4)}
    assert target.count("SCHEMA", SEARCH) == (1 if is_told else 2)
    assert not run.says("")


def test_a_column_that_was_removed_from_a_saved_search_is_not_asked_for(run: Run) -> None:
    catalog = run.catalog(SEARCH, saved_searches=NAMED, without={SEARCH: ["last_name"]})
    run(catalog=catalog, saved_searches=NAMED)
    edited(run, gone="Email")
    run.box.clear_faults()
    fields = [
        {"name": row["name"], "label": row["label"]}
        for row in run.box.records("report_fields")
        if str(row["report_id"]) == "3" and row["name"] != "Email"
    ]
    run.box.fault(
        {"path": "/v2/reporting/reports/3/model", "always": True, "status": 200, "body": {"fields": fields}}
    )
    run.box.fault({"path": "/v2/reporting/reports/3:run", "times": 1, "status": 400, "body": {"code": 400}})
    run.clock.pass_time(HOUR)
    models(run)
    rows = run(catalog=catalog, saved_searches=NAMED).rows(SEARCH)
    assert {row["email"] for row in rows} == {None}
    assert run.says("columns that no longer exist are null from now on: email")


# States that cannot be used.


def damaged(saved: list[Any]) -> dict[str, Any]:
    (one,) = saved
    kept = one["kept"]["/v2/contacts/model"]
    entry = {"/v2/contacts/model": kept}
    return {
        "nothing": None,
        "no list": one,
        "two": [one, one],
        "no object": ["x"],
        "no account": [{"kept": entry}],
        "another account": [{"account": "another", "kept": entry}],
        "no account's name": [{"account": "", "kept": entry}],
        "no models": [{"account": one["account"]}],
        "no time": [{**one, "kept": {"/v2/contacts/model": {"rows": kept["rows"]}}}],
        "a time without a zone": [{**one, "kept": {"/v2/contacts/model": {**kept, "read_at": "2026-11-20"}}}],
        "a time to come": [
            {**one, "kept": {"/v2/contacts/model": {**kept, "read_at": "2999-01-01T00:00:00+00:00"}}}
        ],
        "no rows": [{**one, "kept": {"/v2/contacts/model": {"read_at": kept["read_at"]}}}],
        "numbers": [{**one, "kept": {"/v2/contacts/model": {**kept, "rows": [[1, 2, 3, 4]]}}}],
        "other rows": [{**one, "kept": {"/v2/contacts/model": {**kept, "rows": [["1", "2"]]}}}],
        "half a text": [{**one, "kept": {"/v2/contacts/model": {**kept, "rows": "z:eJyF"}}}],
        "another text": [{**one, "kept": {"/v2/contacts/model": {**kept, "rows": "x"}}}],
    }


CASES = [*damaged([{"account": "x", "kept": {"/v2/contacts/model": {"read_at": "", "rows": []}}}])]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("has_catalog", [True, False])
def test_damaged_models_only_cost_the_call(run: Run, case: str, has_catalog: bool) -> None:  # noqa: FBT001
    catalog = run.catalog("contacts") if has_catalog else None
    run(catalog=catalog, discovers=["contacts"])
    run.target.state[MODELS] = damaged(run.target.state[MODELS])[case]
    run.clock.pass_time(HOUR)
    models(run)
    assert run.caplog is not None
    with run.caplog.at_level(logging.DEBUG, logger="tap-infusionsoft"):
        run(catalog=catalog, discovers=["contacts"])
    assert models(run) == ["contacts"]
    assert not run.says("")
    told = [one for one in run.caplog.messages if "so Keap is asked" in one]
    assert bool(told) is (case not in {"nothing", "a time to come"})
    run.clock.pass_time(HOUR)
    run(catalog=catalog, discovers=["contacts"])
    assert models(run) == []


def test_models_of_a_state_without_an_account_are_not_used(run: Run) -> None:
    run(discovers=["contacts"])
    del run.target.state["account"]
    models(run)
    run(discovers=["contacts"])
    assert models(run) == ["contacts"]


def test_a_state_of_another_account_ends_the_run_before_any_row(run: Run) -> None:
    run(discovers=["contacts"])
    run.target.state["account"]["id"] = run.target.state[MODELS][0]["account"] = "yy456.infusionsoft.com"
    run.clock.pass_time(HOUR)
    before = copy.deepcopy(run.target.state["bookmarks"])
    target = run(discovers=["contacts"], fails=True)
    assert target.count("RECORD") == 0
    assert run.error is not None
    assert "the state is of yy456.infusionsoft.com" in str(run.error)
    assert target.state["bookmarks"] == before


def test_a_state_of_the_version_before_is_taken_up(run: Run) -> None:
    run(discovers=["contacts"])
    del run.target.state[MODELS]
    run.clock.pass_time(HOUR)
    models(run)
    assert run(discovers=["contacts"]).state[MODELS]
    assert models(run) == ["contacts"]
