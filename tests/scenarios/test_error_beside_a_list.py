"""An error beside an empty list ended a load as if there were no more rows: 20 of 60 contacts, exit code 0.

Keap words its errors in five shapes, and any of them may be in an answer with status 200, beside a list of
rows or instead of one. None of them means "no more rows".
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fixtures import Run

TOO_LONG = "[DatabaseError] Query took too long and was cancelled"
BLOCKED = "[DatabaseError] Too many consecutive failures. This saved search is blocked temporarily"
END = {"contacts": [], "next_page_token": ""}
PAGE = 20


def shapes(text: str) -> dict[str, dict[str, Any]]:
    """The JSON shapes of an error, and other places where its text may be."""
    return {
        "v1": {"message": text},
        "v2": {"code": 500, "message": text, "status": "INTERNAL", "details": []},
        "gateway": {"fault": {"faultstring": text, "detail": {"errorcode": "some.code"}}},
        "fault without details": {"fault": text},
        "error": {"error": text},
        "a list of errors": {"errors": [{"domain": "database", "reason": text}]},
        "nested": {"meta": {"warnings": [{"detail": {"text": text}}]}},
        "html in JSON": {"html": f"<html><body><h1>{text.replace(' ', '&nbsp;')}</h1></body></html>"},
    }


def load(run: Run, body: dict[str, Any] | str, **settings: Any) -> Any:
    """Load 60 contacts, with a second page that is not what it should be."""
    run.box.reset(contacts=60)
    run.box.switch(page_rows_max=PAGE)
    catalog = run.catalog("contacts")
    content = "text/html" if isinstance(body, str) else "application/json"
    run.box.fault({"path": "/v2/contacts", "nth": 2, "status": 200, "body": body, "content_type": content})
    return run(catalog=catalog, concurrency=1, **settings)


@pytest.mark.parametrize("shape", shapes(""))
def test_a_query_that_took_too_long_is_no_end_of_the_list(run: Run, shape: str) -> None:
    target = load(run, END | shapes(TOO_LONG)[shape])
    assert len(target.rows("contacts")) == 60
    assert run.waits == [5], "as after a query that took too long"


@pytest.mark.parametrize("shape", shapes(""))
def test_rows_beside_an_error_are_read_again(run: Run, shape: str) -> None:
    rows = [{"id": str(one)} for one in (9001, 9002, 9003)]
    target = load(run, END | {"contacts": rows} | shapes(TOO_LONG)[shape])
    assert len(target.rows("contacts")) == 60
    assert not {row["id"] for row in rows} & {row["id"] for row in target.rows("contacts")}


@pytest.mark.parametrize(
    "body",
    [
        f"<html><head><style>{'x' * 100_000}</style></head><body>Query took<br>too long</body></html>",
        TOO_LONG,
        json.dumps(TOO_LONG),
        json.dumps([TOO_LONG]),
        json.dumps({"contacts": [{"message": TOO_LONG}], "next_page_token": ""}),
        json.dumps({"contacts": TOO_LONG}),
    ],
    ids=["html", "plain text", "a JSON text", "a JSON list", "a row", "instead of the list"],
)
def test_a_fault_in_any_other_body_is_waited_for(run: Run, body: str) -> None:
    target = load(run, body)
    assert len(target.rows("contacts")) == 60
    assert run.waits == [5]


@pytest.mark.parametrize("shape", ["v1", "v2", "gateway", "error"])
def test_an_error_in_unknown_words_is_no_end_either(run: Run, shape: str) -> None:
    target = load(run, END | shapes("Something went wrong")[shape])
    assert len(target.rows("contacts")) == 60


def test_an_error_that_stays_marks_nothing_as_deleted_and_sets_no_bookmark(run: Run) -> None:
    run.box.switch(page_rows_max=PAGE)
    catalog = run.catalog("contacts")
    body = END | {"message": TOO_LONG}
    run.box.fault({"path": "/v2/contacts", "after": 1, "status": 200, "body": body})
    target = run(catalog=catalog, fails=True, concurrency=1)
    assert run.says("failed with HTTP 200: [DatabaseError] Query took too long")
    assert target.count("ACTIVATE_VERSION") == 0
    assert "replication_key_value" not in target.state["bookmarks"]["contacts"]
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows("contacts")) == 150


@pytest.mark.parametrize(("text", "wait"), [(TOO_LONG, 5), (BLOCKED, 1200)])
@pytest.mark.parametrize("shape", shapes(""))
def test_a_saved_search_waits_after_an_error_beside_an_empty_list(
    run: Run, shape: str, text: str, wait: int
) -> None:
    report = run.box.records("reports")[0]
    settings: dict[str, Any] = {"saved_searches": [str(report["id"])]}
    entries = run.tap({}, discovers=[], **settings).catalog_dict["streams"]
    for entry in entries:
        for meta in entry["metadata"]:
            meta["metadata"] |= {"selected": True} if not meta["breadcrumb"] else {}
    (stream,) = [one["tap_stream_id"] for one in entries]
    body = {"results": [], "page_token": ""} | shapes(text)[shape]
    run.box.fault({"path_regex": ":run$", "nth": 1, "status": 200, "body": body})
    target = run(catalog={"streams": entries}, **settings)
    assert len(target.rows(stream)) == len(run.box.records("report_rows", report_id=report["id"])) > 0
    assert run.waits == [wait]


# What is no error.


def test_rows_may_quote_an_error(run: Run) -> None:
    run.box.reset(contacts=60)
    run.box.switch(page_rows_max=PAGE)
    texts = {"given_name": TOO_LONG, "family_name": BLOCKED, "job_title": "quota exceeded"}
    run.box.plant("contacts", upsert=[{"id": row["id"], **texts} for row in run.box.records("contacts")])
    target = run("contacts")
    assert {row["given_name"] for row in target.rows("contacts")} == {TOO_LONG}
    assert run.waits == []


KNOWN: dict[str, Any] = {
    "count": 40,
    "next": "https://api.keap.com/crm/rest/v1/contacts?offset=40",
    "previous": None,
    "sync_token": "a",
    "message": "",
    "total": 0,
}


def after_the_rows(run: Run) -> dict[str, Any]:
    """The call for the page after the last row."""
    last = max(int(row["id"]) for row in run.box.records("contacts"))
    return {"path": "/v2/contacts", "query": {"filter": f"contact_id>{last}"}}


def test_what_keap_documents_beside_a_list_is_no_doubt(run: Run) -> None:
    run.box.reset(contacts=2 * PAGE)
    run.box.switch(page_rows_max=PAGE, last_page="trailing_empty")
    catalog = run.catalog("contacts")
    run.box.fault(after_the_rows(run) | {"status": 200, "body": END | KNOWN})
    run.box.clear_requests()
    target = run(catalog=catalog, concurrency=1)
    assert len(target.rows("contacts")) == 2 * PAGE
    assert target.count("ACTIVATE_VERSION", "contacts") == 1


def test_an_empty_last_page_with_something_unknown_is_doubtful(run: Run) -> None:
    run.box.reset(contacts=2 * PAGE)
    run.box.switch(page_rows_max=PAGE, last_page="trailing_empty")
    catalog = run.catalog("contacts", "users")
    body = END | {"note": "part of the data"}
    run.box.fault(after_the_rows(run) | {"status": 200, "body": body})
    target = run(catalog=catalog, fails=True, concurrency=1)
    assert target.count("ACTIVATE_VERSION", "contacts") == 0
    assert "replication_key_value" not in target.state["bookmarks"]["contacts"]
    assert run.says("note")
    assert run.error is not None
    assert run.error.exit_code == 3
    run.box.clear_faults()
    assert run(catalog=catalog, concurrency=1).count("ACTIVATE_VERSION", "contacts") == 1


def test_a_doubtful_increment_keeps_its_bookmark(run: Run) -> None:
    catalog = run.catalog("companies", "opportunities")
    before = run(catalog=catalog).state["bookmarks"]["companies"]["replication_key_value"]
    run.clock.pass_time(86_400)
    body = {"companies": [], "next_page_token": "", "note": "part of the data"}
    run.box.fault({"path": "/v2/companies", "always": True, "status": 200, "body": body})
    run.box.plant("companies", upsert=[{"id": "4", "company_name": "New"}], touch=True)
    target = run(catalog=catalog, fails=True)
    assert target.state["bookmarks"]["companies"]["replication_key_value"] == before
    run.box.clear_faults()
    assert "4" in {row["id"] for row in run(catalog=catalog).sent("companies")}


def test_an_empty_list_that_counts_rows_is_doubtful(run: Run) -> None:
    """REST v1 counts the rows of a list."""
    catalog = run.catalog("affiliate_clawbacks", "users")
    before = run(catalog=catalog).rows("affiliate_clawbacks")
    run.clock.pass_time(8 * 86_400)
    body = {"clawbacks": [], "count": 3, "next": "x", "previous": "x"}
    run.box.fault({"path_regex": "clawbacks$", "always": True, "status": 200, "body": body})
    target = run(catalog=catalog, fails=True, sweep_max_drop=1)
    assert target.rows("affiliate_clawbacks") == before
    assert target.count("ACTIVATE_VERSION", "affiliate_clawbacks") == 0
