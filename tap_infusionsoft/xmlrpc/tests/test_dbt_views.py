"""The views of the dbt package with the names of old have the rows and values that the old API has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
from tap_infusionsoft.xmlrpc.compare.values import compare
from tap_infusionsoft.xmlrpc.counterparts.declarations import Counterpart
from tap_infusionsoft.xmlrpc.counterparts.reports import REPORT_MOVES
from tap_infusionsoft.xmlrpc.counterparts.tables import TABLE_MOVES
from tap_infusionsoft.xmlrpc.tests import dbt_views
from tap_infusionsoft.xmlrpc.tests.dbt_views import view_of_report, view_of_table
from tap_infusionsoft.xmlrpc.times import to_day, to_utc
from tests.dbt.building import built, needs_dbt
from tools.classic_reports import REPORTS

ROOT = Path(__file__).parents[3]
TARGETS = ("postgres", "duckdb")
WITH_MEMBERS = [
    title
    for title, move in REPORT_MOVES.items()
    if move.members and title != "Search - Available Fields"  # the two APIs name columns otherwise
]
WITH_ALL_ROWS = re.compile(r"Shipping - .*|Affiliate - Redirect Links")
"""Reports of one kind of rows whose views have those of all kinds."""
OTHER_WORDS = {"type"}
"""Members with words that nobody has written down: kinds of shipping methods."""
COMPARED = [
    name
    for name, move in TABLE_MOVES.items()
    if len(move.parts) == 1 and not move.parts[0].guessed and not move.only_legacy and not move.only_rest
]
Row = dict[str, Any]


def test_every_report_has_a_view_of_its_old_name() -> None:
    names = {view_of_report(one.name) for one in REPORTS}
    assert len(names) == len(REPORTS) == 39
    folder = ROOT / dbt_views.REPORTS_FOLDER
    assert names == {path.stem for path in folder.glob("*.sql")}


def test_there_are_no_views_that_nothing_asks_for() -> None:
    for folder in (dbt_views.REPORTS_FOLDER, dbt_views.TABLES_FOLDER):
        there = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).iterdir()}
        assert there <= dbt_views.files().keys()


@needs_dbt
@pytest.mark.parametrize("target", TARGETS)
def test_every_report_is_a_view(target: str) -> None:
    assert built().rows[target]["reports"].keys() == {view_of_report(one.name) for one in REPORTS}


@needs_dbt
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("title", WITH_MEMBERS)
def test_a_report_has_the_rows_of_old(title: str, target: str) -> None:
    move = REPORT_MOVES[title]
    rows = built().rows[target]["reports"][view_of_report(title)]
    old = [_named(row, list(move.members)) for row in built().account[f"xmlrpc:{move.method}"]]
    left = [*rows]
    for row in old:
        same = next((one for one in left if not _differences(move.members, row, one)), None)
        assert same is not None, f"{row} is none of {rows[:3]}"
        left.remove(same)
    assert not left or WITH_ALL_ROWS.fullmatch(title), left[:3]
    assert old or WITH_ALL_ROWS.fullmatch(title)


@needs_dbt
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("table", COMPARED)
def test_a_table_has_the_rows_of_old(table: str, target: str) -> None:
    (part,) = TABLE_MOVES[table].parts
    rows = _grouped(built().rows[target]["tables"][view_of_table(table)], part.match)
    old = _grouped(built().account[f"xmlrpc:{table}"], part.match)
    assert old.keys() == rows.keys()
    assert old or not part.match
    wrong = [
        f"{key}: {differences}"
        for key, (row, *_) in old.items()
        if (differences := _differences(part.fields, row, rows[key][0]))
    ]
    assert not wrong, wrong[:5]


@needs_dbt
@pytest.mark.parametrize("target", TARGETS)
def test_the_reports_about_tags_and_searches_have_rows(target: str) -> None:
    reports = built().rows[target]["reports"]
    account = built().account
    assert len(reports["contacts_by_tags"]) == len(account["contact_tags"])
    assert len(reports["contacts_by_id"]) == len(account["contacts"])
    assert len(reports["data_query_a_data_table"]) == len(account["contacts"])
    assert len(reports["affiliate_program_programs_affiliates"]) == len(
        account["commission_program_affiliates"]
    )
    assert {row["id"] for row in reports["search_saved_search"]} == {row["id"] for row in account["contacts"]}


def _named(row: Row, members: list[str]) -> Row:
    """A row of an old answer with its parameter, and with what is only a value, under their members."""
    found = dict(row)
    for name, value in row.items():
        if (capital := name[0].upper() + name[1:]) in members:
            found.setdefault(capital, value)
    if "value" in row:
        found.setdefault(members[-1] if "key" in row else members[1], row["value"])
    if "key" in row:
        found.setdefault(members[0], row["key"])
    return found


def _grouped(rows: Iterable[Row], match: Mapping[str, str]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(str(row.get(field)) for field in match)].append(row)
    return found


def _differences(members: Mapping[str, Counterpart], old: Row, row: Row) -> list[str]:
    """What a view has otherwise, but for what REST does not have."""
    return [
        f"{name}: {row[name]!r} instead of {old[name]!r}"
        for name, one in members.items()
        if name in old
        and row.get(name) is not None
        and one.place
        and not one.guessed
        and name not in OTHER_WORDS
        if _compared(one.comparison, old[name], row[name]).is_difference
    ]


def _compared(comparison: str, old: Any, new: Any) -> Outcome:
    if comparison == "time" and isinstance(old, str):
        old = to_utc(old)
    elif comparison in {"day", "day of time"} and isinstance(old, str):
        old = to_day(old)
    if isinstance(new, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", new):
        new = f"{new.replace(' ', 'T')}Z"
    if comparison == "users":
        new = new.split(",")
    if comparison == "text" and isinstance(new, bool):  # counterparts in other streams do not name theirs
        comparison = "flag"
    return compare(comparison, old, [new])
