"""What is not selected is not requested: neither streams, nor their models, nor columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tap_infusionsoft.streams.collection import Collection
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run, Some

ALL = sorted(COLLECTIONS)
SPARSE = sorted(name for name, collection in COLLECTIONS.items() if collection.endpoint.fields.names)
PARENT_COLUMNS = {
    "contacts": {"id", "links"},
    "files": {"id", "file_name", "updated_time"},
    "products": {"id", "has_legacy_image"},
    "webforms": {"id", "update_time"},
}
"""Parent -> columns that its children use, if it is not the id alone."""
Call = dict[str, Any]


def _pattern(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(f"/crm/rest{path}"))


def _sources(collection: Collection) -> Iterator[Collection]:
    """Yield the parents of a collection, and their parents."""
    for source in (collection.parents, collection.batches):
        if source is not None:
            yield COLLECTIONS[source.stream]
            yield from _sources(COLLECTIONS[source.stream])


def _asked(call: Call) -> set[str]:
    return set(re.findall(r"[^&=,]+", re.sub(r"(^|&)fields=", ",", _fields_of(call))))


def _fields_of(call: Call) -> str:
    return "&".join(
        part.replace("%2C", ",") for part in call["raw_query"].split("&") if part.startswith("fields=")
    )


def _single(catalog: dict[str, Any], stream: str) -> dict[str, Any]:
    """Return a catalog with a single stream, as written by hand."""
    return {"streams": [entry for entry in catalog["streams"] if entry["tap_stream_id"] == stream]}


def test_a_stream_costs_only_its_own_calls_its_parents_and_its_model(run: Run, some: Some) -> None:
    catalog = run.catalog()
    with_others = some(ALL, 12)
    for stream in ALL:
        for entry in catalog["streams"]:
            (root,) = (meta["metadata"] for meta in entry["metadata"] if not meta["breadcrumb"])
            root["selected"] = entry["tap_stream_id"] == stream
        # The other streams are deselected, or not in the catalog at all.
        for given in [_single(catalog, stream)] + [catalog] * (stream in with_others):
            run.box.clear_requests()
            run.target.state = {}
            run(catalog=given, saved_searches=None)
            _check_calls(COLLECTIONS[stream], run.box.requests())


def _check_calls(collection: Collection, calls: list[Call]) -> None:
    sources = {source.endpoint.path for source in _sources(collection)}
    model = {collection.custom_fields} if collection.custom_fields else set()
    allowed = [re.compile(_pattern(path)) for path in {collection.endpoint.path, *sources, *model}]
    assert [call["path"] for call in calls if not any(one.fullmatch(call["path"]) for one in allowed)] == []
    assert any(re.fullmatch(_pattern(collection.endpoint.path), call["path"]) for call in calls)
    for path in model:
        assert sum(call["path"] == f"/crm/rest{path}" for call in calls) == 1
    for source in {source.name: source for source in _sources(collection)}.values():
        if source.endpoint.path == collection.endpoint.path or not source.endpoint.fields.names:
            continue
        taken = PARENT_COLUMNS.get(source.name, {"id"})
        asked = [_asked(call) for call in calls if re.fullmatch(_pattern(source.endpoint.path), call["path"])]
        assert asked
        assert all(fields == taken & source.endpoint.fields.names for fields in asked)


@pytest.mark.parametrize("stream", SPARSE)
def test_deselected_fields_are_not_requested(run: Run, stream: str) -> None:
    collection = COLLECTIONS[stream]
    always = {*collection.keys, collection.changes.key}
    columns = run.tap({}, discovers=[stream]).streams[stream].schema["properties"]
    drop = [name for name in columns if name not in always]
    catalog = run.catalog(stream, without={stream: drop})
    run.box.clear_requests()
    target = run(catalog=catalog)
    asked = [
        _asked(call) for call in run.box.requests(collection.endpoint.path) if "/model" not in call["path"]
    ]
    wire = {collection.wire.name(name) for name in always if name}
    assert asked
    assert all(fields == wire & collection.endpoint.fields.names for fields in asked)
    assert all(row.keys() == always - {None} for row in target.rows(stream))


@pytest.mark.parametrize("stream", SPARSE)
def test_a_single_deselected_field_is_not_requested(run: Run, stream: str) -> None:
    collection = COLLECTIONS[stream]
    properties = {name.lower(): name for name in sorted(collection.endpoint.fields.names)}
    always = {*collection.keys, collection.changes.key}
    for column, field in properties.items():
        if column in always or column not in collection.properties or column == "custom_fields":
            continue
        catalog = run.catalog(stream, without={stream: [column]})
        run.box.clear_requests()
        run.target.state = {}
        run(catalog=catalog)
        asked = [
            _asked(call)
            for call in run.box.requests(collection.endpoint.path)
            if "/model" not in call["path"]
        ]
        # Custom fields stay selected: they have other columns.
        assert asked == [collection.endpoint.fields.names - {field}] * len(asked)
        break
    else:
        assert collection.endpoint.fields.names == {"custom_fields"}


@pytest.mark.parametrize("stream", ["notes", "tasks", "contacts", "companies", "opportunities"])
def test_custom_fields_are_requested_if_one_is_selected(run: Run, stream: str) -> None:
    path = COLLECTIONS[stream].endpoint.path
    columns = [
        name
        for name in run.tap({}, discovers=[stream]).streams[stream].schema["properties"]
        if name.startswith("cf_")
    ]
    for without, asks in ((columns[1:], True), (columns, False)):
        catalog = run.catalog(stream, without={stream: without})
        run.box.clear_requests()
        run.target.state = {}
        target = run(catalog=catalog)
        (call, *_) = [call for call in run.box.requests(path) if call["path"].endswith(path)]
        assert ("custom_fields" in _asked(call)) is asks
        assert (columns[0] in target.rows(stream)[0]) is asks


@pytest.mark.parametrize("saved_searches", [None, ["All contacts"], []])
def test_deselected_saved_searches_cost_no_call(run: Run, saved_searches: list[str] | None) -> None:
    catalog = run.catalog("users", others=True, saved_searches=saved_searches)
    run.box.clear_requests()
    run(catalog=catalog, saved_searches=saved_searches)
    assert [call["path"] for call in run.box.requests()] == ["/crm/rest/v2/users"]


def test_a_saved_search_costs_the_list_its_model_and_its_rows(run: Run) -> None:
    catalog = run.catalog("saved_search_all_contacts", others=True, saved_searches=None)
    run.box.clear_requests()
    run(catalog=catalog, saved_searches=None)
    paths = [call["path"].removeprefix("/crm/rest/v2/reporting/reports") for call in run.box.requests()]
    assert paths == ["", "/3/model", "/3:run"]


def test_columns_missing_from_the_catalog_are_neither_requested_nor_reported(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """As in a catalog written by hand. Keap sends all columns of tags, and the requested ones of contacts."""
    catalog = run.catalog("tags", "contacts", custom_fields="raw")
    for entry in catalog["streams"]:
        keep = {"id", "update_time"}
        entry["schema"]["properties"] = {
            name: schema for name, schema in entry["schema"]["properties"].items() if name in keep
        }
        entry["metadata"] = [
            meta for meta in entry["metadata"] if not meta["breadcrumb"] or meta["breadcrumb"][1] in keep
        ]
    run.box.clear_requests()
    target = run(catalog=catalog, custom_fields="raw")
    for stream in ("tags", "contacts"):
        assert all(row.keys() == {"id", "update_time"} for row in target.rows(stream))
    assert {_fields_of(call) for call in run.box.requests("/v2/contacts")} == {"fields=id,update_time"}
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == []
