"""Classic queries bring exactly the rows that they describe, however many pages those take."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_infusionsoft.xmlrpc import table_streams
from tap_infusionsoft.xmlrpc.table_streams import column_name
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.tests.plain_queries import criteria, matching, query_text
from tests.fixtures import Run, before_each_answer

ASKED = (
    *("Contact", "ContactGroupAssign", "Job", "Lead", "Product", "ContactAction"),
    "RecurringOrderWithContact",
)
COUNT = 8


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_streams, "MOST_ROWS", 20)


def read(run: Run, *entries: dict[str, Any], catalog: Any = None) -> dict[str, list[dict[str, Any]]]:
    """The rows of queries, by name, in the order in which they came."""
    names = [entry["name"] for entry in entries]
    catalog = catalog or run.catalog(*names, legacy_queries=[*entries])
    target = run(catalog=catalog, legacy_queries=[*entries])
    return {name: target.sent(name) for name in names}


def keys(table: str, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[column_name(key)] for key in TABLES[table].keys) for row in rows]


def truth_keys(table: str, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in TABLES[table].keys) for row in rows]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("table", ASKED)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_queries_bring_exactly_the_rows_that_meet_them(
    run: Run, table: str, data: st.DataObject
) -> None:
    rows = run.box.records(f"xmlrpc:{table}")
    asked = [data.draw(criteria(table, rows)) for _ in range(COUNT)]
    order = st.sampled_from([None, None, *TABLES[table].fields])
    orders = data.draw(st.lists(order, min_size=COUNT, max_size=COUNT))
    hidden = TABLES[table].unreadable.split()
    entries = [
        {
            "name": f"query_{place}",
            "table": table,
            "query": query_text(one),
            "fields": [*TABLES[table].keys],
            "order_by": order if order is None or place % 2 else f"{order} desc",
        }
        for place, (one, order) in enumerate(zip(asked, orders, strict=True))
        if order not in hidden
    ]
    run.target.state = {}
    found = read(run, *entries)
    for place, one in enumerate(asked):
        if f"query_{place}" in found:
            came = keys(table, found[f"query_{place}"])
            assert len({*came}) == len(came)
            assert sorted(came) == sorted(truth_keys(table, matching(rows, one))), query_text(one)


def test_the_order_of_a_query_holds_on_one_page_and_no_row_is_missing_on_several(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many rows share a value of the order, and rows go away between the pages."""
    query = {"name": "a", "table": "Contact", "fields": ["FirstName", "State"], "order_by": "State desc"}
    rows = read(run, query)["a"]
    states = [row["State"] or "" for row in rows]
    assert states == sorted(states, key=str.casefold, reverse=True)
    monkeypatch.setattr(table_streams, "MOST_ROWS", 20)
    run.target.state = {}
    catalog = run.catalog("a", legacy_queries=[query])
    tap = run.tap(catalog=catalog, legacy_queries=[query])
    everyone, gone = {*run.box.records("contacts", ids_only=True)}, set[str]()

    def delete(answers: int) -> None:
        if answers in {2, 4, 9}:
            first = run.box.records("contacts", ids_only=True)[0]
            gone.add(first)
            run.box.plant("contacts", delete=[first])

    stdout = io.StringIO()
    with before_each_answer(tap, delete), contextlib.redirect_stdout(stdout):
        tap.sync_all()
    run.target.take(stdout.getvalue())
    came = [str(row["Id"]) for row in run.target.sent("a")]
    assert len(gone) == 3
    assert len({*came}) == len(came)
    assert everyone - gone <= {*came} <= everyone


@pytest.mark.parametrize(
    ("table", "field"), [("Contact", "Id"), ("Contact", "OwnerID"), ("ContactGroupAssign", "ContactId")]
)
@pytest.mark.parametrize("form", ["text", "list"])
def test_a_list_of_more_than_a_thousand_ids_takes_several_calls(
    run: Run, table: str, field: str, form: str
) -> None:
    rows = run.box.records(f"xmlrpc:{table}")
    known = sorted({row[field] for row in rows if row.get(field)})[::2]
    ids = [*map(str, range(10_000, 11_500)), *map(str, known)]
    written = f"'{','.join(ids)}'" if form == "text" else str(ids)
    entry = {"name": "a", "table": table, "query": f"{{'{field}': {written}}}", "fields": [field]}
    found = keys(table, read(run, entry)["a"])
    assert sorted(found) == sorted(truth_keys(table, [row for row in rows if row.get(field) in known]))
    conditions = [one["rpc"]["params"][3][field] for one in run.box.requests() if "rpc" in one]
    assert [len(one) for one in conditions] == [1000, 500 + len(known)]


def test_the_last_run_is_where_the_next_one_begins(run: Run) -> None:
    query = {"name": "a", "table": "Contact", "query": "{'LastUpdated':'~>=~LastSuccessfulRun', 'State':'%'}"}
    catalog = run.catalog("a", legacy_queries=[query])
    assert len(read(run, query, catalog=catalog)["a"]) > 10
    run.clock.pass_time(7_200)
    ident = run.target.rows("a")[0]["Id"]
    run.box.plant("contacts", upsert=[{"id": str(ident), "given_name": "New"}], touch=True)
    later = {row["Id"]: row["FirstName"] for row in read(run, query, catalog=catalog)["a"]}
    assert later[ident] == "New"
    assert len(later) < 5


def test_a_record_that_is_not_there_is_told_and_the_others_are_loaded(run: Run) -> None:
    known = run.box.records("contacts", ids_only=True)[:3]
    ids = [known[0], "99999", *known[1:]]
    query = {"name": "a", "table": "Contact", "ids": ids, "fields": ["FirstName"]}
    found = read(run, query)["a"]
    assert [str(row["Id"]) for row in found] == known
    assert run.says("legacy_queries.a: the account has no a with the id 99999")
    methods = {one["rpc"]["method"] for one in run.box.requests() if "rpc" in one}
    assert methods == {"DataService.load"}


def test_if_no_record_is_there_the_query_fails(run: Run) -> None:
    query = {"name": "a", "table": "Contact", "ids": ["99999"], "fields": ["FirstName"]}
    catalog = run.catalog("a", legacy_queries=[query])
    run(catalog=catalog, legacy_queries=[query], fails=True)
    assert run.says("legacy_queries.a: the account has no a with the id 99999")


def test_custom_fields_can_be_read_and_asked_for(run: Run) -> None:
    rows = run.box.records("xmlrpc:Contact")
    name = next(field for row in rows for field in row if field.startswith("_"))
    value = next(row[name] for row in rows if row.get(name))
    query = {"name": "a", "table": "Contact", "query": f"{{'{name}': '{value}'}}", "fields": [name]}
    found = read(run, query)["a"]
    assert {row["Id"] for row in found} == {row["Id"] for row in rows if row.get(name) == value}
    assert {row[name] for row in found} == {value}


def test_a_custom_field_that_the_account_does_not_have_is_told_and_other_streams_go_on(run: Run) -> None:
    query = {"name": "a", "table": "Contact", "query": "'_Nope':'1'"}
    good = {"name": "b", "table": "Contact", "fields": ["City"]}
    run.catalog("a", "b", legacy_queries=[query, good])
    assert run.says("a: legacy_queries.a: query: Contact has no field '_Nope'. Names are case")
    assert len(read(run, good)["b"]) == 150


@pytest.mark.parametrize("fields", [None, ["City", "LastUpdated"]])
def test_a_query_with_a_bookmark_reads_changes_and_a_sweep_finds_what_is_gone(
    run: Run, fields: list[str] | None
) -> None:
    query = {"name": "a", "table": "Contact", "query": "{'City':'Leeds'}", "bookmark": True, "fields": fields}
    catalog = run.catalog("a", legacy_queries=[query])
    rows = read(run, query, catalog=catalog)["a"]
    ids = [str(row["Id"]) for row in rows]
    assert len(ids) > 5
    run.clock.pass_time(7_200)
    run.box.plant("contacts", delete=ids[:1])
    run.box.plant("contacts", upsert=[{"id": ids[1], "given_name": "New"}], touch=True)
    later = [str(row["Id"]) for row in read(run, query, catalog=catalog)["a"]]
    assert ids[1] in later
    assert len(later) < 5
    assert ids[0] in {str(row["Id"]) for row in run.target.rows("a")}
    run.clock.pass_time(8 * 86_400)
    read(run, query, catalog=catalog)
    assert {str(row["Id"]) for row in run.target.rows("a")} == {*ids[1:]}


SEARCHES = {"legacy_searches": [{"id": 3, "user_id": 1}]}


@pytest.mark.parametrize(
    ("settings", "stream", "says"),
    [
        ({"legacy_queries": [{"name": "a", "table": "Contact"}]}, "a", "REST has contacts instead"),
        ({"legacy_queries": [{"name": "a", "table": "Status"}]}, "a", "REST has nothing in its place"),
        (SEARCHES, "legacy_saved_search_3", "REST has saved_search_* instead"),
        (SEARCHES, "legacy_search_fields", "REST has report_fields instead"),
    ],
)
def test_after_the_end_nothing_is_asked(run: Run, settings: dict[str, Any], stream: str, says: str) -> None:
    run.clock.pass_time(60 * 86_400)
    run.catalog(stream, **settings)
    assert run.says(f"{stream}: XML-RPC ended on 2026-12-31, so this stream cannot be read any more; {says}")
    assert not [one for one in run.box.requests() if "xmlrpc" in one["path"]]


def test_a_condition_that_the_service_refuses_ends_the_stream(run: Run) -> None:
    """A field that only later clients know may be missing; without its condition, other rows would come."""
    query = {"name": "a", "table": "Contact", "query": "{'Language':'en'}", "fields": ["City"]}
    catalog = run.catalog("a", legacy_queries=[query])
    run.box.switch(legacy_fields="documented")
    run(catalog=catalog, legacy_queries=[query], fails=True)
    assert run.says("No field found: Contact.Language")
    assert not run.target.rows("a")
