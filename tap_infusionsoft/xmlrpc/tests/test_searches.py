"""Saved searches bring all their rows, page after page until an empty one, and lose no column."""

from __future__ import annotations

import contextlib
import io
import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.searches import FIELDS_STREAM, column_names
from tap_infusionsoft.xmlrpc.wing import streams
from tests.fixtures import Run, before_each_answer
from tests.virtual import VirtualClock

NOW = VirtualClock().now()
METHOD = "SearchService.getSavedSearchResultsAllFields"
ALL = f"xmlrpc:{METHOD}"
SECRETS = {"SSN", "LastSSN", "Username", "Password"}

Row = dict[str, Any]


def as_text(value: Any) -> str | None:
    """A value as a record has it: a time in UTC, a day as it is, anything else as text."""
    if value is None:
        return None
    text = str(value)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
        return re.sub("\r\n?", "\n", text)
    if text.endswith("T00:00:00"):
        return text[:10]
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def truth(run: Run, search: int) -> list[Row]:
    """The rows of a search, as records have them, without credentials."""
    rows = [row for row in run.box.records(ALL) if row["savedSearchId"] == search]
    names = column_names([name for name in rows[0] if name != "savedSearchId"])
    return [
        {names[name]: as_text(value) for name, value in row.items() if name in names and name not in SECRETS}
        for row in rows
    ]


def plain(rows: list[Row]) -> list[Row]:
    """Records in their own order, without key and what has no column."""
    found = [{name: one for name, one in row.items() if name not in {"row_key", "Other"}} for row in rows]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def read(run: Run, *entries: Row, catalog: Any = None, **settings: Any) -> Any:
    settings["legacy_searches"] = [*entries]
    names = [f"legacy_saved_search_{one.get('name') or one['id']}" for one in entries]
    return run(catalog=catalog or run.catalog(*names, **settings), **settings)


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("search", [3, 5, 21])
def test_all_rows_come_whatever_the_size_of_a_page(run: Run, search: int, size: int) -> None:
    if size == 1:
        run.box.reset(contacts=20)
    run.box.switch(legacy_search_page_size=size)
    expected = truth(run, search)
    target = read(run, {"id": search, "user_id": 1})
    rows = target.rows(f"legacy_saved_search_{search}")
    assert plain(rows) == plain(expected)
    assert {row["Other"] for row in rows} == {None}
    rpc = [one["rpc"] for one in run.box.requests() if "rpc" in one]
    calls = [one["params"] for one in rpc if one["method"].endswith("AllFields")]
    pages = [params[2] for params in calls if params[0] == search and params[1] == 1]
    assert pages[0] == 0
    assert max(pages) == -(-len(expected) // size), "the last page is empty"


def test_chosen_columns_are_asked_for_by_name(run: Run) -> None:
    columns = ["Id", "ContactName.firstName", "DateCreated"]
    target = read(run, {"id": "3", "user_id": "1", "fields": columns, "name": "brief"})
    rows = target.rows("legacy_saved_search_brief")
    assert {*rows[0]} == {"row_key", "Id", "ContactName_firstName", "DateCreated", "Other"}
    expected = [{name: row[name] for name in column_names(columns).values()} for row in truth(run, 3)]
    assert plain(rows) == plain(expected)
    methods = {one["rpc"]["method"] for one in run.box.requests() if "rpc" in one}
    assert "SearchService.getSavedSearchResults" in methods
    assert "SearchService.getSavedSearchResultsAllFields" not in methods


def test_credentials_are_left_out_unless_they_are_named(run: Run) -> None:
    target = read(run, {"id": 3, "user_id": 1})
    assert not SECRETS & {*target.schemas["legacy_saved_search_3"]["properties"]}
    target = read(run, {"id": 3, "user_id": 1}, legacy_secrets=["SavedSearch.Username"])
    assert SECRETS & {*target.schemas["legacy_saved_search_3"]["properties"]} == {"Username"}


def test_a_column_that_nothing_announces_is_kept(run: Run) -> None:
    catalog = run.catalog("legacy_saved_search_3", legacy_searches=[{"id": 3, "user_id": 1}])
    run.box.fault("xmlrpc_value", rpc="SearchService.getSavedSearchResultsAllFields", row=0, field="Id",
                  xml="<i4>7</i4></value></member><member><name>Brand New</name><value>Hi")  # fmt: skip
    rows = read(run, {"id": 3, "user_id": 1}, catalog=catalog).rows("legacy_saved_search_3")
    assert {row["Other"] for row in rows} == {None, '{"Brand New": "Hi"}'}


def test_a_column_that_is_new_since_the_catalog_is_told_and_kept(run: Run) -> None:
    catalog = run.catalog("legacy_saved_search_3", legacy_searches=[{"id": 3, "user_id": 1}])
    (entry,) = catalog["streams"]
    del entry["schema"]["properties"]["City"]
    entry["metadata"] = [one for one in entry["metadata"] if one["breadcrumb"][-1:] != ["City"]]
    run(catalog=catalog, legacy_searches=[{"id": 3, "user_id": 1}])
    assert run.says("legacy_saved_search_3: columns that the catalog does not have are not loaded: City")


def test_an_unknown_search_is_told_with_those_that_there_are(run: Run) -> None:
    run.catalog("legacy_saved_search_99", "contacts", legacy_searches=[{"id": 99, "user_id": 1}])
    assert run.says("99: there is no saved search with the id 99. There are: 3 'All contacts' (users 1,3")
    assert run.says("8 'Lapsed: who & why? (50%)' (users 1), ")
    catalog = run.catalog("legacy_saved_search_3", legacy_searches=[{"id": 3, "user_id": 1}])
    (entry,) = catalog["streams"]
    entry["tap_stream_id"] = entry["stream"] = "legacy_saved_search_99"
    run(catalog=catalog, legacy_searches=[{"id": 99, "user_id": 1}], fails=True)


def test_a_user_that_the_search_is_not_listed_for_is_told(run: Run) -> None:
    run.catalog("legacy_saved_search_8", legacy_searches=[{"id": 8, "user_id": 3}])
    assert run.says("legacy_searches.8: the search is listed for the users 1, not for 3.")
    run.catalog("legacy_saved_search_3", legacy_searches=[{"id": 3, "user_id": 4711}])
    assert run.says("legacy_searches.3: there is no saved search with the id 3 for the user 4711.")


def test_the_columns_of_the_searches_are_a_stream(run: Run) -> None:
    entries = [{"id": 3, "user_id": 1}, {"id": 5, "user_id": 3}, {"id": 3, "user_id": 1, "name": "again"}]
    rows = run(FIELDS_STREAM, legacy_searches=entries).rows(FIELDS_STREAM)
    expected = {
        (row["savedSearchId"], row["key"], row["value"])
        for row in run.box.records("xmlrpc:SearchService.getAllReportColumns")
        if row["savedSearchId"] in {3, 5}
    }
    assert {(row["SearchId"], row["Name"], row["Label"]) for row in rows} == expected
    assert {(row["SearchId"], row["UserId"]) for row in rows} == {(3, 1), (5, 3)}


def test_what_slipped_between_pages_is_found_by_reading_again(run: Run) -> None:
    run.box.switch(legacy_search_page_size=40)
    entries = [{"id": 3, "user_id": 1}]
    catalog = run.catalog("legacy_saved_search_3", legacy_searches=entries)
    everyone, gone = run.box.records("contacts", ids_only=True), list[str]()

    def delete(taken: int) -> None:
        if taken in {3, 4, 9}:  # rows that were read already
            gone.append(everyone[taken])
            run.box.plant("contacts", delete=gone[-1:])

    tap = run.tap(catalog=catalog, legacy_searches=entries)
    stdout = io.StringIO()
    with before_each_answer(tap, delete), contextlib.redirect_stdout(stdout):
        tap.sync_all()
    run.target.take(stdout.getvalue())
    came = [row["Id"] for row in run.target.sent("legacy_saved_search_3")]
    assert len(gone) == 3
    assert len({*came}) == len(came)
    assert {*everyone} - {*gone} <= {*came} <= {*everyone}


def test_a_blank_answer_is_no_last_page(run: Run) -> None:
    run.box.switch(legacy_search_page_size=40)
    run.box.fault("xmlrpc_blank", rpc="SearchService.getSavedSearchResultsAllFields", nth=2)
    target = read(run, {"id": 3, "user_id": 1})
    assert len(target.rows("legacy_saved_search_3")) == 150


def test_rows_that_a_search_does_not_find_any_more_are_gone_after_the_next_run(run: Run) -> None:
    catalog = run.catalog("legacy_saved_search_3", legacy_searches=[{"id": 3, "user_id": 1}])
    read(run, {"id": 3, "user_id": 1}, catalog=catalog)
    ids = run.box.records("contacts", ids_only=True)
    run.box.plant("contacts", delete=ids[:3])
    target = read(run, {"id": 3, "user_id": 1}, catalog=catalog)
    assert {row["Id"] for row in target.rows("legacy_saved_search_3")} == {*ids[3:]}


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"id": None, "user_id": "1"}], "legacy_searches: search 1 has no id. Add it"),
        ([{"id": "3", "user_id": None}], "legacy_searches: search 1 has no user_id. Add it"),
        (
            [{"id": "Hot", "user_id": "1"}],
            "id of search 1 is 'Hot'; it must be an id, which is a whole",
        ),
        (
            [{"id": 3, "user_id": 2**31}],
            "user_id of search 1 is 2147483648, and XML-RPC has no id",
        ),
        ([{"id": "3", "user_id": "1", "name": "Hot one"}], "the name of search 1 is 'Hot one'."),
        ([{"id": "3", "user_id": "1", "fields": []}], "legacy_searches.3: fields is empty or has an empty"),
        (
            [{"id": "3", "user_id": "1", "fields": ["Password"]}],
            "3: fields: Password may hold a credential. To read it, name SavedSearch.Password",
        ),
        (
            [{"id": "3", "user_id": "1"}, {"id": "3", "user_id": "5"}],
            "legacy_searches.3: two searches have the stream legacy_saved_search_3. Give each its own name",
        ),
    ],
)
def test_a_wrong_entry_is_told_before_any_call(entries: list[Row], says: str) -> None:
    with pytest.raises(ConfigError) as error:
        streams({"legacy_searches": entries}, None, NOW)
    assert says in str(error.value)


def test_odd_names_become_columns_of_their_own() -> None:
    names = ["Id", "ContactName.firstName", "Follow-UpSequence", "a.b", "a-b", "Other", "id"]
    assert column_names(names) == {
        "Id": "Id",
        "ContactName.firstName": "ContactName_firstName",
        "Follow-UpSequence": "Follow_UpSequence",
        "a.b": "a_b",
        "a-b": "a_b_2",
        "Other": "Other_2",
        "id": "id_2",
    }


def test_a_search_is_read_although_the_list_of_searches_cannot_be(run: Run) -> None:
    run.box.switch(legacy_hidden_tables="SavedFilter")
    target = read(run, {"id": 3, "user_id": 1})
    assert len(target.rows("legacy_saved_search_3")) == 150


@pytest.mark.parametrize("unknown", ["fault", "ignored"])
def test_a_chosen_column_that_the_search_does_not_have_is_empty(run: Run, unknown: str) -> None:
    run.box.switch(legacy_search_unknown=unknown)
    target = read(run, {"id": 3, "user_id": 1, "fields": ["Id", "Nonsense"]})
    rows = target.rows("legacy_saved_search_3")
    assert len(rows) == 150
    assert {row["Nonsense"] for row in rows} == {None}
    assert run.says("legacy_searches.3: the list of columns of the search does not have Nonsense.")


def test_columns_that_are_only_displayed_come_and_the_others_are_empty(run: Run) -> None:
    run.box.switch(legacy_search_columns="display")
    target = read(run, {"id": 3, "user_id": 1})
    rows = target.rows("legacy_saved_search_3")
    assert all(row["ContactName_firstName"] is not None for row in rows)
    assert {row["SpouseName"] for row in rows} == {None}


def test_a_search_that_takes_too_long_and_is_then_blocked_keeps_its_pages_and_waits(run: Run) -> None:
    """On its fourth page; other streams go on meanwhile, and nothing is read again in the same pass."""
    run.box.switch(legacy_search_page_size=40)
    entries = [{"id": 3, "user_id": 1}]
    catalog = run.catalog("legacy_saved_search_3", "users", legacy_searches=entries)
    run.box.clear_requests()
    run.box.fault("xmlrpc_search_fails", rpc=METHOD, params="[3,1,3]", times=8, failures=5)
    target = run(catalog=catalog, legacy_searches=entries)
    assert run.waits == [5, 10, 30, 60, 300, 1_200, 1_200, 1_200]
    assert len(target.rows("legacy_saved_search_3")) == 150
    order = [message["stream"] for message in target.messages if message["type"] == "RECORD"]
    assert order[:120] == ["legacy_saved_search_3"] * 120
    assert "users" in order[120:132]
    calls = [one["rpc"] for one in run.box.requests() if "rpc" in one]
    pages = [one["params"][2] for one in calls if one["method"] == METHOD]
    assert pages == [0, 1, 2, *[3] * 9, 4, 0, 1, 2, 3, 4], "the second read proves the first"


def test_a_search_that_stays_blocked_fails_and_leaves_the_state(run: Run) -> None:
    entries = [{"id": 3, "user_id": 1}, {"id": 5, "user_id": 1}]
    names = ["legacy_saved_search_3", "legacy_saved_search_5"]
    catalog = run.catalog(*names, legacy_searches=entries)
    run.box.fault("xmlrpc_blocked", rpc=METHOD, params="[3,1,", always=True)
    target = run(catalog=catalog, legacy_searches=entries, fails=True)
    assert run.waits == [1_200] * 10
    assert not target.rows("legacy_saved_search_3")
    assert target.rows("legacy_saved_search_5")
    run.box.clear_faults()
    assert len(run(catalog=catalog, legacy_searches=entries).rows("legacy_saved_search_3")) == 150
