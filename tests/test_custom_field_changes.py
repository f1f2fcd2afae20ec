"""Custom fields change after discovery: nothing breaks or is silently lost, each change is reported once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.fixtures import Run
from tests.target import Target

RECORDS = {
    "contacts": "contact",
    "companies": "company",
    "orders": "order",
    "tasks": "task",
}
"""Stream -> what the sandbox calls its custom fields."""
MODES = ["columns", "raw", "both"]
Row = dict[str, Any]
Load = Callable[[], Target]


@pytest.fixture(params=RECORDS)
def stream(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def fields(run: Run, stream: str) -> list[Row]:
    rows: list[Row] = run.box.records(f"{RECORDS[stream]}_custom_fields")
    return rows


def text_field(run: Run, stream: str) -> Row:
    return next(field for field in fields(run, stream) if field["field_type"] == "TEXT")


def column(field: Row) -> str:
    name = field["field_name"].lstrip("_")
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name[1:])
    return f"cf_{name[0].lower()}{words}"


def keap(run: Run, method: str, stream: str, field: str = "", **body: Any) -> Row:
    """Change a model of custom fields."""
    url = f"{run.box.url}/crm/rest/v2/{stream}/model/customFields" + (f"/{field}" if field else "")
    headers = {"Authorization": f"Bearer {run.box.api_key}"}
    response = requests.request(method, url, json=body or None, headers=headers, timeout=10)
    assert response.ok, response.text
    made: Row = response.json() if response.content else {}
    return made


def fill(run: Run, stream: str, field: str, contents: list[Any]) -> dict[str, Any]:
    """Put values of a field into the first rows, and return id -> value."""
    rows = run.box.records(stream)[: len(contents)]
    planted = []
    for row, content in zip(rows, contents, strict=True):
        kept = [one for one in row["custom_fields"] or () if one["id"] != field]
        planted.append({"id": row["id"], "custom_fields": [*kept, {"id": field, "content": content}]})
    run.box.plant(stream, upsert=planted, touch=True)
    return {str(row["id"]): content for row, content in zip(rows, contents, strict=True)}


def raw_values(target: Target, stream: str, field: str) -> dict[str, Any]:
    return {
        row["id"]: one["content"]
        for row in target.rows(stream)
        for one in row["custom_fields"] or ()
        if one["id"] == field
    }


def warnings(caplog: pytest.LogCaptureFixture, stream: str) -> list[str]:
    """Return the warnings of the last run about a stream."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname == "WARNING" and record.getMessage().startswith(f"{stream}: ")
    ]


@pytest.fixture
def again(run: Run, stream: str, mode: str, caplog: pytest.LogCaptureFixture) -> Load:
    """Discover and load, and return what loads the changes of a day with the same catalog."""
    catalog = run.catalog(stream, custom_fields=mode)
    run(catalog=catalog, custom_fields=mode)
    assert warnings(caplog, stream) == []
    run.clock.pass_time(86_400)

    def load() -> Target:
        caplog.clear()
        return run(catalog=catalog, custom_fields=mode)

    return load


def test_a_new_custom_field_is_reported_once_and_kept_in_the_raw_list(
    run: Run, stream: str, mode: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    made = keap(run, "POST", stream, label="Shoe size", field_type="WHOLE_NUMBER")
    values = fill(run, stream, made["id"], [44, 39, 41])
    target = again()
    assert column(made) not in target.schemas[stream]["properties"]
    if mode == "raw":
        assert warnings(caplog, stream) == []
    else:
        (message,) = warnings(caplog, stream)
        assert f"without a column in the catalog: 'Shoe size' (id {made['id']})" in message
        assert "Run discovery again (in Meltano: --refresh-catalog)" in message
        assert ("are in custom_fields" in message) is (mode == "both")
    if mode != "columns":
        found = raw_values(target, stream, made["id"])
        assert {ident: found[ident] for ident in values} == {
            ident: str(value) for ident, value in values.items()
        }
    # A new discovery adds the column.
    run.target.state = {}
    rows = {row["id"]: row for row in run(stream, custom_fields=mode).rows(stream)}
    if mode != "raw":
        assert {ident: rows[ident][column(made)] for ident in values} == values


def test_a_renamed_custom_field_keeps_its_column(
    run: Run, stream: str, mode: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    field = text_field(run, stream)
    keap(run, "PATCH", stream, field["id"], label="Quite another name", group_id=field["group_id"])
    values = fill(run, stream, field["id"], ["x", "y"])
    target = again()
    if mode != "columns":
        found = raw_values(target, stream, field["id"])
        assert {ident: found[ident] for ident in values} == values
    if mode == "raw":
        assert warnings(caplog, stream) == []
        return
    rows = {row["id"]: row for row in target.rows(stream)}
    assert {ident: rows[ident][column(field)] for ident in values} == values
    (message,) = warnings(caplog, stream)
    assert (
        f"(id {field['id']}) is now called 'Quite another name': its column is still {column(field)}"
        in message
    )


@pytest.mark.parametrize("mode", ["columns", "both"])
def test_a_column_named_after_a_label_survives_another_field_taking_that_label(
    run: Run, stream: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    """If Keap sends no database name, and another field takes over the old label."""
    run.box.switch(custom_field_name="null")
    field = text_field(run, stream)
    catalog = run.catalog(stream, custom_fields=mode)
    name = next(
        name
        for entry in catalog["streams"]
        if entry["tap_stream_id"] == stream
        for name, schema in entry["schema"]["properties"].items()
        if schema.get("description", "").endswith(f", id {field['id']}.")
    )
    keap(run, "PATCH", stream, field["id"], label="Quite another name", group_id=field["group_id"])
    other = keap(run, "POST", stream, label=field["label"], field_type="TEXT")
    values = fill(run, stream, field["id"], ["x", "y"])
    rows = {row["id"]: row for row in run(catalog=catalog, custom_fields=mode).rows(stream)}
    assert {ident: rows[ident][name] for ident in values} == values
    renamed, new = warnings(caplog, stream)
    assert renamed.endswith(f"is now called 'Quite another name': its column is still {name}.")
    assert f"{field['label']!r} (id {other['id']})" in new


def test_values_of_a_retyped_custom_field_are_converted(
    run: Run, stream: str, mode: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    field = text_field(run, stream)
    run.box.plant(
        f"{RECORDS[stream]}_custom_fields", upsert=[{"id": field["id"], "field_type": "WHOLE_NUMBER"}]
    )
    values = fill(run, stream, field["id"], [12, 7])
    target = again()
    if mode != "columns":
        found = raw_values(target, stream, field["id"])
        assert {ident: found[ident] for ident in values} == {
            ident: str(value) for ident, value in values.items()
        }
    if mode == "raw":
        assert warnings(caplog, stream) == []
        return
    rows = {row["id"]: row for row in target.rows(stream)}
    assert {rows[ident][column(field)] for ident in values} == {"12", "7"}
    assert target.schemas[stream]["properties"][column(field)]["type"] == ["string", "null"]
    (message,) = warnings(caplog, stream)
    assert "is now of the type whole_number: values that do not fit" in message


NUMBERS = {"contacts": "Employees", "companies": "Seats", "tasks": "Minutes"}


@pytest.mark.parametrize("mode", ["columns", "both"])
@pytest.mark.parametrize("stream", NUMBERS)
def test_values_that_no_longer_fit_the_column_become_null_and_are_counted(
    run: Run, stream: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    field = next(one for one in fields(run, stream) if one["label"] == NUMBERS[stream])
    run.box.plant(f"{RECORDS[stream]}_custom_fields", upsert=[{"id": field["id"], "field_type": "TEXT"}])
    values = fill(run, stream, field["id"], ["12", "a dozen", "many"])
    target = again()
    rows = {row["id"]: row for row in target.rows(stream)}
    assert [rows[ident][column(field)] for ident in values] == [12, None, None]
    retyped, wrong_type = warnings(caplog, stream)
    assert "is now of the type text" in retyped
    name, (_, second, third) = column(field), values
    told, _, places = wrong_type.removesuffix(").").partition(" (")
    assert told == f"{stream}: set 2 values of the wrong type to null"
    assert {*places.split("; ")} == {f"{name} of id {second}", f"{name} of id {third}"}


def test_a_removed_custom_field_is_reported_once_and_becomes_null(
    run: Run, stream: str, mode: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    field = text_field(run, stream)
    keap(run, "DELETE", stream, field["id"])
    run.box.plant(stream, upsert=[{"id": row["id"]} for row in run.box.records(stream)[:3]], touch=True)
    target = again()
    assert target.sent(stream)
    if mode == "raw":
        assert warnings(caplog, stream) == []
        return
    assert {row[column(field)] for row in target.sent(stream)} == {None}
    (message,) = warnings(caplog, stream)
    assert f"(id {field['id']}) no longer exists in Keap: {column(field)} is null from now on" in message


@pytest.mark.parametrize("mode", ["columns", "both"])
def test_every_removed_custom_field_is_reported(
    run: Run, stream: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    every = fields(run, stream)
    for field in every:
        keap(run, "DELETE", stream, field["id"])
    target = again()
    assert len(target.rows(stream)) == len(run.box.records(stream))
    assert len(warnings(caplog, stream)) == len(every)


@pytest.mark.parametrize("mode", ["columns", "both"])
def test_a_recreated_custom_field_is_another_field_and_does_not_get_the_old_column(
    run: Run, stream: str, again: Load, caplog: pytest.LogCaptureFixture
) -> None:
    field = text_field(run, stream)
    keap(run, "DELETE", stream, field["id"])
    made = keap(run, "POST", stream, label=field["label"], field_type="TEXT")
    values = fill(run, stream, made["id"], ["x", "y"])
    rows = {row["id"]: row for row in again().rows(stream)}
    assert {rows[ident][column(field)] for ident in values} == {None}
    gone, new = warnings(caplog, stream)
    assert f"(id {field['id']}) no longer exists in Keap" in gone
    assert f"{field['label']!r} (id {made['id']})" in new


def test_changes_of_a_deselected_column_are_not_reported(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    field = text_field(run, "contacts")
    catalog = run.catalog("contacts", without={"contacts": [column(field)]})
    keap(run, "DELETE", "contacts", field["id"])
    target = run(catalog=catalog)
    assert column(field) not in target.rows("contacts")[0]
    assert warnings(caplog, "contacts") == []


def test_the_custom_field_model_is_not_read_if_no_custom_field_is_selected(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    every = run.tap({}, discovers=["contacts"]).streams["contacts"].schema["properties"]
    catalog = run.catalog(
        "contacts", without={"contacts": [name for name in every if name.startswith("cf_")]}
    )
    keap(run, "POST", "contacts", label="Shoe size", field_type="WHOLE_NUMBER")
    run.box.clear_requests()
    run(catalog=catalog)
    assert {call["path"] for call in run.box.requests()} == {"/crm/rest/v2/contacts"}
    assert "custom_fields" not in run.box.requests()[0]["query"]["fields"]
    assert warnings(caplog, "contacts") == []


def test_a_custom_field_that_appears_during_the_run_is_reported(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog("contacts")
    (row,) = run.box.records("contacts")[:1]
    values = [*row["custom_fields"], {"id": "9999", "content": "x"}]
    run.box.plant("contacts", upsert=[{"id": row["id"], "custom_fields": values}])
    assert len(run(catalog=catalog).rows("contacts")) == 150
    (message,) = warnings(caplog, "contacts")
    assert "custom_fields[id=9999]" in message
    assert "run discovery again (in Meltano: --refresh-catalog)" in message


def test_a_type_edited_in_the_catalog_is_kept(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = run.catalog("contacts")
    (entry,) = (entry for entry in catalog["streams"] if entry["tap_stream_id"] == "contacts")
    entry["schema"]["properties"]["cf_employees"]["type"] = ["string", "null"]
    rows = run(catalog=catalog).rows("contacts")
    assert {type(row["cf_employees"]) for row in rows} == {str, type(None)}
    assert warnings(caplog, "contacts") == []


def test_a_catalog_with_custom_field_columns_is_rejected_in_raw_mode(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog("contacts", custom_fields="both")
    run(catalog=catalog, custom_fields="raw", fails=True)
    assert (
        "other columns for custom fields than contacts has with the setting custom_fields=raw" in caplog.text
    )
