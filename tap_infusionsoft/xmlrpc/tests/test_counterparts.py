"""The catalogue of counterparts names every field once, and nothing that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tap_infusionsoft.config.schema import CONFIG_SCHEMA
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.xmlrpc.counterparts.comparisons import COMPARISONS
from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart, counterparts, part
from tap_infusionsoft.xmlrpc.counterparts.places import place
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.counterparts.tables import TABLE_MOVES
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.tables import TABLES

SHARED = Path(__file__).parents[4] / "shared" / "keap"
PARTS = [(name, one) for name, move in TABLE_MOVES.items() for one in move.parts]


def test_every_table_is_there_once() -> None:
    assert set(TABLE_MOVES) == set(TABLES)
    assert len(TABLE_MOVES) == 60


@pytest.mark.parametrize("name", TABLES)
def test_tables_without_a_counterpart_are_those_that_the_wing_archives(name: str) -> None:
    streams = {one.stream for one in TABLE_MOVES[name].parts}
    assert streams <= set(TABLES[name].rest.split())
    assert bool(streams) == bool(TABLES[name].rest)


def test_every_field_of_a_table_is_listed_once() -> None:
    for name, one in PARTS:
        assert set(one.fields) == set(TABLES[name].all_fields), name


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference is not at hand")
def test_every_field_of_the_reference_is_listed() -> None:
    reference = json.loads((SHARED / "xmlrpc_tables.json").read_text(encoding="utf-8"))
    for name, fields in reference.items():
        for one in TABLE_MOVES.get(name, TABLE_MOVES["Ticket"]).parts:
            assert {field for field in fields if not field.startswith("_")} <= set(one.fields), name


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference is not at hand")
def test_every_report_of_the_reference_is_there_with_its_method_and_streams() -> None:
    reports = json.loads((SHARED / "domo_reports.json").read_text(encoding="utf-8"))["reports"]
    assert {one["report"]: one["xmlrpc"]["method"] for one in reports} == {
        name: one.method for name, one in REPORT_MOVES.items()
    }


def test_every_place_is_a_column_of_its_stream() -> None:
    named = [
        (one.stream, each)
        for move in TABLE_MOVES.values()
        for one in move.parts
        for each in one.fields.values()
    ]
    named += [
        (move.streams[0], each)
        for move in REPORT_MOVES.values()
        for each in move.members.values()
        if move.streams
    ]
    assert len(named) > 850
    for stream, each in named:
        columns = COLLECTIONS[each.stream or stream].properties
        assert not each.place or place(each.place).is_in(columns), f"{stream}: {each}"
        assert not each.via or each.via in COLLECTIONS[stream].properties, f"{stream}: {each}"


def test_rows_are_matched_by_fields_that_are_compared() -> None:
    for name, one in PARTS:
        for field, where in one.match.items():
            assert one.fields[field].place == where, name
        assert not one.rows or one.rows in COLLECTIONS[one.stream].properties, name


def test_every_stream_and_setting_of_a_report_is_there() -> None:
    for move in REPORT_MOVES.values():
        assert set(move.streams) <= set(COLLECTIONS), move.report
        assert set(move.parameters.values()) <= set(CONFIG_SCHEMA["properties"]), move.report
        assert bool(move.members) != bool(move.kept), move.report


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_the_method_parameters_and_columns_of_its_stream(name: str) -> None:
    report = REPORTS[name]
    move = REPORT_MOVES[report.title]
    assert move.method == report.method
    assert set(move.parameters.values()) == set(report.settings)
    assert move.kept or set(move.members) == set(report.columns)


def test_every_comparison_is_used() -> None:
    used = {each.comparison for _, one in PARTS for each in one.fields.values()}
    assert used == set(COMPARISONS)


@pytest.mark.parametrize(
    ("line", "means"),
    [
        ("FirstName = given_name", Counterpart("FirstName", "given_name")),
        ("Birthday = birth_date : day", Counterpart("Birthday", "birth_date", "day")),
        (
            "Status ~ status : words | Nobody knows.",
            Counterpart("Status", "status", "words", guessed=True, note="Nobody knows."),
        ),
        (
            "Leadsource > lead_sources.name via leadsource_id",
            Counterpart("Leadsource", "name", stream="lead_sources", via="leadsource_id"),
        ),
        ("Validated - It is gone.", Counterpart("Validated", why="It is gone.")),
    ],
)
def test_a_line_means_what_the_module_says(line: str, means: Counterpart) -> None:
    assert counterparts(line) == {means.field: means}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("FirstName", "a line that means nothing: FirstName"),
        ("FirstName = given_name : letters", "FirstName: there is no comparison 'letters'"),
        ("Leadsource > name", "Leadsource: 'name' is not STREAM.PLACE via COLUMN"),
        ("Id = id\nId = id : id", "Id is there twice"),
    ],
)
def test_a_wrong_line_is_told(lines: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        part("contacts", lines)


ROW = {
    "company": {"id": "7"},
    "addresses": [{"field": "SHIPPING", "region": "Ohio"}, {"field": "BILLING", "region_code": "US-AZ"}],
    "options": [{"label": "S"}, {"label": "L"}],
    "tag_ids": ["3", "4"],
    "id": "9",
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("id", ("9",)),
        ("company.id", ("7",)),
        ("company.company_name", (None,)),
        ("addresses[BILLING].region/region_code", (None, "US-AZ")),
        ("addresses[SHIPPING].region/region_code", ("Ohio", None)),
        ("addresses[OTHER].region", (None,)),
        ("options[].label", (["S", "L"],)),
        ("tag_ids[]", (["3", "4"],)),
        ("nothing[].label", ([],)),
        ("nothing.at.all", (None,)),
    ],
)
def test_a_place_is_read_from_a_row(text: str, values: tuple[object, ...]) -> None:
    assert place(text).read(ROW) == values


@pytest.mark.parametrize(
    "text", ["nothing", "company.name", "addresses[BILLING].town", "id[].label", "tag_ids[X].id"]
)
def test_a_place_that_no_row_can_have_is_told(text: str) -> None:
    assert not place(text).is_in(COLLECTIONS["contacts"].properties)
