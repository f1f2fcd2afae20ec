"""Maps of the SDK's grammar that ended the run.

A map of a stream that was not selected ended it with "not detected in schema", and `"*"` and names of new
streams with "there is no stream". What an expression computes was sent as it came, whatever the SCHEMA said.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from tests.fixtures import Run
from tests.strict_target import StrictTarget


@pytest.fixture
def target(run: Run) -> StrictTarget:
    run.target = StrictTarget()
    return run.target


@pytest.mark.parametrize("others", [True, False], ids=["deselected", "not in the catalog"])
def test_a_map_of_a_stream_that_is_not_selected_changes_nothing(
    run: Run, target: StrictTarget, *, others: bool
) -> None:
    maps = {
        "contacts": {"given_name": None, "x": "id"},
        "saved_search_all_contacts": {"x": "'1'"},
        "copy": {"__source__": "companies", "x": "id"},
    }
    catalog = run.catalog("tags", others=others, saved_searches=["All contacts"])
    run(catalog=catalog, stream_maps=maps, saved_searches=["All contacts"])
    assert len(target.rows("tags")) == len(run.box.records("tags"))
    assert set(target.schemas) == {"tags"}


def test_a_map_of_every_stream(run: Run, target: StrictTarget) -> None:
    run("tags", "users", stream_maps={"*": {"source": "'keap'", "stream": "__stream_name__"}})
    for stream in ("tags", "users"):
        assert {(row["source"], row["stream"]) for row in target.rows(stream)} == {("keap", stream)}
        assert len(target.rows(stream)) == len(run.box.records(stream))


@pytest.mark.parametrize("pattern", ["ta*", "tag?", "[t]ags"])
def test_patterns_are_the_sdks(run: Run, target: StrictTarget, pattern: str) -> None:
    run("tags", "users", stream_maps={pattern: {"x": "'1'"}})
    assert all("x" in row for row in target.rows("tags"))
    assert all("x" not in row for row in target.rows("users"))


def test_new_streams_come_from_others(run: Run, target: StrictTarget) -> None:
    maps = {
        "labels": {"__source__": "tags", "id": "id", "label": "name", "__else__": None},
        "tags": {"__alias__": "keap_tags"},
    }
    run("tags", stream_maps=maps)
    assert set(target.schemas) == {"labels", "keap_tags"}
    names = {row["id"]: row["name"] for row in target.rows("keap_tags")}
    assert {row["id"]: row["label"] for row in target.rows("labels")} == names
    assert len(names) == len(run.box.records("tags"))
    assert target.count("ACTIVATE_VERSION", "labels") == target.count("ACTIVATE_VERSION", "keap_tags") == 1


def test_a_stream_that_maps_remove_is_not_read(run: Run, target: StrictTarget) -> None:
    """Otherwise its bookmark would move past rows that never arrived."""
    catalog = run.catalog("tags", "users")
    run.box.clear_requests()
    run(catalog=catalog, stream_maps={"tags": {}, "__else__": None})
    assert run.box.requests("/v2/users") == []
    assert "users" not in target.state["bookmarks"]
    run(catalog=catalog)
    assert len(target.rows("users")) == len(run.box.records("users"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2 * int(id)", "text of a number"),
        ("int(id)", "integer"),
        ("float(id)", "number"),
        ("float('nan')", None),
        ("bool(id)", True),
        ("[id, name]", "text of a list"),
        ("record", "object"),
        ("datetime.datetime.fromisoformat('2026-01-02T03:04:05')", "2026-01-02T03:04:05.000Z"),
        ("datetime.date.fromisoformat('2026-01-02')", "2026-01-02"),
        ("None", None),
    ],
)
def test_what_an_expression_computes_conforms_to_its_schema(
    run: Run, target: StrictTarget, expression: str, expected: Any
) -> None:
    run("tags", stream_maps={"tags": {"x": expression}})
    for row in target.rows("tags"):
        match expected:
            case "text of a number":
                assert row["x"] == str(int(row["id"]) * 2)
            case "integer":
                assert row["x"] == int(row["id"])
            case "number":
                assert row["x"] == float(row["id"])
            case "text of a list":
                assert row["x"].startswith(f'["{row["id"]}"')
            case "object":
                assert row["x"]["id"] == row["id"]
            case _:
                assert row["x"] == expected
    assert len(target.rows("tags")) == len(run.box.records("tags"))


def test_a_renamed_column_keeps_its_type(run: Run, target: StrictTarget) -> None:
    """The SDK forgets the type of a column that is removed before it is copied."""
    run(
        "contacts",
        stream_maps={"contacts": {"score_value": None, "create_time": None, "made": "create_time"}},
    )
    assert target.schemas["contacts"]["properties"]["made"]["format"] == "date-time"


def test_two_streams_under_one_name_are_refused(run: Run) -> None:
    """Their rows would overwrite each other, and each version would delete the other's rows."""
    run(catalog=run.catalog("tags", "users"), stream_maps={"*": {"__alias__": "all"}}, fails=True)
    assert "tags and users would both be written as 'all'" in str(run.error)
    assert run.error is not None
    assert run.error.exit_code == 2


def test_maps_that_remove_everything_are_told(run: Run) -> None:
    run(catalog=run.catalog("tags"), stream_maps={"tags": None}, fails=True)
    assert "stream_maps removes every selected stream" in str(run.error)


def test_a_misspelled_stream_is_told(run: Run) -> None:
    for maps in ({"tagz": {"x": None}}, {"new": {"__source__": "tagz"}}, {"tagz*": None}):
        run(catalog=run.catalog("tags"), stream_maps=maps, fails=True)
        assert "stream_maps: there is no stream 'tagz" in str(run.error)
    assert "Did you mean 'tags'?" in str(run.error) or run.error is not None


@pytest.mark.parametrize(
    ("maps", "says"),
    [
        ({"tags": {"x": "this is (no expression"}}, "stream_maps"),
        ({"tags": {"__filter__": "(("}}, "stream_maps"),
        ({"tags": {"id": None}}, "stream_maps"),
        ({"tags": {"__key_properties__": ["nothing"]}}, "stream_maps"),
        ({"tags": {"__else__": "x"}}, "stream_maps"),
        ({"__else__": "x"}, "stream_maps"),
        ({"__odd__": None}, "stream_maps"),
        ({"tags": {"__alias__": "a b c"}}, "stream_maps"),
        ({"tags": {"x": "nothing + 1"}}, "stream_maps"),
        ({"tags": {"x": "int(name)"}}, "stream_maps"),
        ({"tags": {"__filter__": "name > 5"}}, "stream_maps"),
        ({"tags": {"x": "_['nothing']"}}, "stream_maps"),
        ({"tags": {"x": ""}}, "stream_maps"),
        ({"tags": {"id": "None"}}, "stream_maps"),
        ({"tags": 5}, "stream_maps"),
        ({"tags": {"x": 5}}, "stream_maps"),
        ({"tags": {"__source__": 5}}, "stream_maps"),
    ],
)
def test_every_mistake_in_a_map_names_the_setting_and_is_one_of_settings(
    run: Run, maps: dict[str, Any], says: str
) -> None:
    run(catalog=run.catalog("tags"), stream_maps=maps, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert says in str(run.error) or run.says(f"tags: {says}")
    assert not run.says("report it")


@pytest.mark.parametrize(
    "definition",
    [
        {"x": "import os"},
        {"x": "y = 1"},
        {"x": "name; id"},
        {"x": "fake.name()"},
        {"__filter__": "del name"},
        {"x": "(" * 300},
        {"__source__": "tags", "__alias__": "labels"},
    ],
    ids=str,
)
@pytest.mark.skipif(importlib.util.find_spec("faker") is not None, reason="fake can be used")
def test_what_cannot_be_an_expression_ends_the_run_before_a_row(run: Run, definition: dict[str, Any]) -> None:
    """It failed with the first record of its stream, and of two statements the second was ignored."""
    catalog = run.catalog("tags", "users")
    run.box.clear_requests()
    run(catalog=catalog, stream_maps={"tags": definition}, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert str(run.error).startswith(f"stream_maps: tags: {'__alias__' if '__alias__' in definition else ''}")
    assert not run.box.requests()


@pytest.mark.parametrize(("expression", "unknown"), [("len(name)", "len"), ("nome + 'x'", "nome")])
def test_what_an_expression_does_not_know_is_named(run: Run, expression: str, unknown: str) -> None:
    run(catalog=run.catalog("tags"), stream_maps={"tags": {"x": expression}}, fails=True)
    assert run.says(f"{expression}, as there is no column or function {unknown}. Correct it")
