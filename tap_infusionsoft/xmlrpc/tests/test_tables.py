"""Every table agrees with the account, cell by cell: after a load, an increment and a sweep."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.xmlrpc import table_streams
from tap_infusionsoft.xmlrpc.table_streams import stream_name, table_stream
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.tests.truth import truth, without_nulls
from tests.fixtures import Run, before_each_answer
from tests.target import Target

HOUR, WEEK = 3_600, 7 * 86_400


def loaded(run: Run, name: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The records of a table in the warehouse, by key, without nulls."""
    keys = table_stream(TABLES[name]).key
    rows = run.target.rows(stream_name(name))
    return {tuple(row[key] for key in keys): without_nulls(row) for row in rows}


def change(box: Sandbox) -> None:
    """Delete, edit and create records of all kinds, behind the API and through it."""
    for collection, fields in EDITS.items():
        ids = box.records(collection, ids_only=True)
        box.plant(collection, delete=ids[3:5])
        box.plant(collection, upsert=[{"id": ids[1], **fields}], touch=True)
        box.plant(collection, upsert=[fields], touch=True)


EDITS: dict[str, dict[str, Any]] = {
    "contacts": {"given_name": "Zoë", "family_name": "O'Neill & <Søn>"},
    "companies": {"company_name": "Ünï & Co"},
    "opportunities": {"opportunity_title": "Big"},
    "orders": {"title": "An order"},
    "products": {"product_name": "Thing"},
    "tags": {"name": "Fresh"},
    "tasks": {"title": "Call"},
    "notes": {"title": "Note"},
    "tag_categories": {"name": "Kind"},
    "users": {"given_name": "Una"},
}


LEAST_CHANGES = {
    **dict.fromkeys(("Contact", "Company", "Lead", "Job", "Product"), 2),
    **dict.fromkeys(("ContactAction",), 4),
    **dict.fromkeys(("Invoice", "InvoiceItem", "InvoicePayment", "Ticket", "SocialAccount"), 0),
}
"""Table with a bookmark -> rows that `change` edits or creates there."""


@pytest.mark.parametrize("name", TABLES)
def test_a_table_agrees_with_the_account_after_a_load_an_increment_and_a_sweep(run: Run, name: str) -> None:
    stream, table = stream_name(name), TABLES[name]
    catalog = run.catalog(stream, legacy_tables=[name])
    run(catalog=catalog)
    expected = truth(run.box, name)
    assert expected, "the account has no row"
    assert loaded(run, name) == expected
    run.clock.pass_time(2 * HOUR)
    change(run.box)
    run(catalog=catalog)
    expected = truth(run.box, name)
    if table.updated:
        found = loaded(run, name)
        since = f"{run.clock.now():%Y-%m-%dT%H:%M}"
        changed = {key for key, row in expected.items() if row[table.updated] >= since}
        assert len(changed) >= LEAST_CHANGES[name]
        assert {key: found[key] for key in changed} == {key: expected[key] for key in changed}
        assert found.keys() >= expected.keys()
        assert len(run.target.sent(stream)) < len(expected)
    else:
        assert loaded(run, name) == expected
    run.clock.pass_time(WEEK)
    run(catalog=catalog)
    assert loaded(run, name) == truth(run.box, name)


def run_while(run: Run, catalog: Any, happens: Callable[[int], None], **settings: Any) -> None:
    """Run the tap; something happens before each answer, with the number of answers before it."""
    tap, stdout = run.tap(catalog=catalog, **settings), io.StringIO()
    with before_each_answer(tap, happens), contextlib.redirect_stdout(stdout):
        tap.sync_all()
    run.target.take(stdout.getvalue())


@pytest.mark.parametrize("rows_of_a_page", [2, 7, 20])
def test_tags_that_are_taken_away_between_pages_hide_no_others(
    run: Run, monkeypatch: pytest.MonkeyPatch, rows_of_a_page: int
) -> None:
    monkeypatch.setattr(table_streams, "MOST_ROWS", rows_of_a_page)
    run.box.reset(contacts=30)
    stream, tables = "legacy_contact_group_assign", ["ContactGroupAssign"]
    catalog = run.catalog(stream, legacy_tables=tables)
    pairs = sorted((row["ContactId"], row["GroupId"]) for row in run.box.records("xmlrpc:ContactGroupAssign"))
    gone: set[tuple[int, int]] = set()

    def take_away(answers: int) -> None:
        if answers in {1, 2, 3, 5}:  # those that came first
            pair = pairs[len(gone)]
            gone.add(pair)
            run.box.plant("contact_tags", delete=[{"contact_id": pair[0], "tag_id": pair[1]}])

    run_while(run, catalog, take_away, legacy_tables=tables)
    came = [(row["ContactId"], row["GroupId"]) for row in run.target.sent(stream)]
    assert gone
    assert len({*came}) == len(came)
    assert {*pairs} - gone <= {*came} <= {*pairs}


def test_rows_that_are_deleted_between_pages_hide_no_others(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_streams, "MOST_ROWS", 20)
    catalog = run.catalog("legacy_contact", legacy_tables=["Contact"])
    ids = run.box.records("contacts", ids_only=True)
    gone: list[str] = []

    def delete(answers: int) -> None:
        if answers > 2:
            gone.append(ids[len(gone)])
            run.box.plant("contacts", delete=gone[-1:])

    run_while(run, catalog, delete, legacy_tables=["Contact"])
    came = [str(row["Id"]) for row in run.target.sent("legacy_contact")]
    assert len(gone) > 3
    assert {*ids} - {*gone} <= {*came} <= {*ids}
    calls = [one["rpc"]["params"] for one in run.box.requests() if one.get("rpc")]
    pages = [params for params in calls if params[0] == "Contact"]
    assert {(params[2], params[5], params[6]) for params in pages} == {(0, "Id", True)}


def test_new_rows_with_old_low_ids_are_found(run: Run) -> None:
    """Ids run backwards: servers give 7n+1 and 7n+2, and a new row may get an id that is lower than all."""
    catalog = run.catalog("legacy_contact", "legacy_user", legacy_tables=["Contact", "User"])
    run(catalog=catalog)
    known = {int(one) for one in run.box.records("contacts", ids_only=True)}
    low = next(number for number in range(2, 10_000) if number not in known)
    run.clock.pass_time(2 * HOUR)
    run.box.plant("contacts", upsert=[{"id": str(low), "given_name": "Late"}], touch=True)
    target = run(catalog=catalog)
    assert low < max(known)
    assert [row["FirstName"] for row in target.rows("legacy_contact") if row["Id"] == low] == ["Late"]


def test_a_table_without_its_id_is_read_in_full(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `Campaignee` in accounts until about 2018."""
    monkeypatch.setattr(table_streams, "MOST_ROWS", 7)
    run.box.switch(legacy_fields="documented")
    rows = run("legacy_campaignee", legacy_tables=["Campaignee"]).rows("legacy_campaignee")
    truths = [without_nulls(row) for row in truth(run.box, "Campaignee").values()]
    found = [{name: value for name, value in without_nulls(row).items() if name != "row_key"} for row in rows]
    expected = [{name: value for name, value in row.items() if name != "Id"} for row in truths]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert len(found) > 7


def test_the_trial_makes_a_small_call_for_each_stream(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    settings: dict[str, Any] = {
        "legacy_tables": ["Contact", "ContactGroupAssign"],
        "legacy_queries": [
            {"name": "a", "table": "Contact", "query": "'City':'Leeds'", "order_by": "LastName"},
            {"name": "b", "table": "Job", "ids": ["8"]},
        ],
        "legacy_searches": [{"id": 3, "user_id": 1}],
    }
    names = ["legacy_contact", "legacy_contact_group_assign", "a", "b", "legacy_saved_search_3"]
    catalog = run.catalog(*names, "legacy_search_fields", **settings)
    run.box.clear_requests()
    run.tap({}, catalog=catalog, **settings).test("all")
    for name in names:
        assert f"{name}: works" in caplog.text
    calls = [one["rpc"] for one in run.box.requests() if "rpc" in one]
    tables = ("Contact", "ContactGroupAssign")
    sizes = [one["params"][1] for one in calls if one["params"][0] in tables]
    assert len(sizes) == 3
    assert max(sizes) <= 20


@pytest.mark.parametrize("flushes", [False, True])
@pytest.mark.parametrize("what", ["table", "query in order", "query of a long list"])
def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    *,
    flushes: bool,
) -> None:
    monkeypatch.setattr(table_streams, "MOST_ROWS", 13)
    run.box.reset(contacts=30)
    rows = run.box.records("xmlrpc:ContactGroupAssign")
    tags = [*{str(row["GroupId"]) for row in rows}, *map(str, range(5000, 6001))]
    query: dict[str, Any] = {"name": "a", "table": "ContactGroupAssign", "fields": ["DateCreated"]}
    choices: dict[str, dict[str, Any]] = {
        "table": {"legacy_tables": ["ContactGroupAssign"]},
        "query in order": {"legacy_queries": [query | {"order_by": "DateCreated desc"}]},
        "query of a long list": {"legacy_queries": [query | {"query": f"{{'GroupId': {tags}}}"}]},
    }
    settings = choices[what]
    stream = "legacy_contact_group_assign" if what == "table" else "a"
    catalog = run.catalog(stream, **settings)
    expected = sorted((row["ContactId"], row["GroupId"]) for row in rows)
    answers = 0
    while run.cut_off(answers, catalog, flushes=flushes, **settings):
        run(catalog=catalog, **settings)
        found = [(row["ContactId"], row["GroupId"]) for row in run.target.rows(stream)]
        assert sorted(found) == expected
        run.target = Target()
        answers += 1
    assert answers > 5
