"""Walks by time request each page once, and lose or repeat no row; so do walks that have to fall back."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tap_infusionsoft.client.call import Answer, Call
from tests.fixtures import Around, Run
from tests.spent import address

STREAMS = ("appointments", "contact_tags", "emails", "payment_methods", "transactions")
PAGE = 10
TIMES = {
    "appointments": "update_time",
    "contact_tags": "applied_at",
    "emails": "sent_time",
    "payment_methods": "created_time",
    "transactions": "transaction_time",
}


def walk(run: Run, stream: str, **switches: Any) -> list[dict[str, Any]]:
    """Load a stream, then an increment of a year in small pages, and return the calls of the increment."""
    run.box.reset(contacts=150 if stream in {"contact_tags", "transactions"} else 600)
    catalog = run.catalog(stream)
    run(catalog=catalog)
    run.box.switch(page_rows_max=PAGE, **switches)
    run.box.clear_requests()
    run(catalog=catalog, stream_settings={stream: {"lookback_hours": 24 * 366}})
    return [
        one for one in run.box.requests() if address(stream).fullmatch(one["path"].removeprefix("/crm/rest"))
    ]


def keys(run: Run, stream: str) -> list[str]:
    """Return the keys of the rows that the last run sent."""
    columns = run.target.keys(stream)
    return [str([row[name] for name in columns]) for row in run.target.sent(stream)]


@pytest.mark.parametrize("ties", ["stable", "moving"])
@pytest.mark.parametrize("precision", ["milliseconds", "seconds"])
@pytest.mark.parametrize("stream", STREAMS)
def test_every_page_is_requested_once(run: Run, stream: str, precision: str, ties: str) -> None:
    calls = walk(run, stream, date_precision=precision, order_ties=ties)
    sent = keys(run, stream)
    assert len(sent) == len(set(sent)) > 2 * PAGE, "several pages, and no row twice"
    newest = sorted(str(row[TIMES[stream]]) for row in run.target.rows(stream))
    within = [time for time in newest if time >= min(row[TIMES[stream]] for row in run.target.sent(stream))]
    assert len(sent) == len(within)
    # A page repeats the rows of the last second of the page before.
    assert len(calls) <= math.ceil(len(sent) / (PAGE - 3)) + 1
    assert not any("page_token" in call["query"] for call in calls)
    assert not run.says("reading by pages")


@pytest.mark.parametrize("count", [PAGE + 1, 3 * PAGE])
def test_more_rows_of_one_second_than_a_page_has_room_for(run: Run, count: int) -> None:
    catalog = run.catalog("contact_tags")
    run(catalog=catalog)
    run.clock.pass_time(3600)
    at_once = [
        {"contact_id": row["contact_id"], "tag_id": row["tag_id"]}
        for row in run.box.records("contact_tags")[:count]
    ]
    run.box.plant("contact_tags", delete=at_once)
    run.box.plant(
        "contact_tags", upsert=[{**one, "applied_at": "2026-11-20T12:30:00.000Z"} for one in at_once]
    )
    run.clock.pass_time(3600)
    run.box.switch(page_rows_max=PAGE)
    run.box.clear_requests()
    run(catalog=catalog)
    assert not run.says("reading by pages instead")
    pages = math.ceil(count / PAGE) + 1
    path = "/crm/rest/v2/tags/-/contacts"
    asked = [call["query"] for call in run.box.requests() if call["path"] == path]
    by_token = [query for query in asked if "page_token" in query]
    assert len(by_token) <= 2 * pages, "only these rows are read twice"
    sent = {(row["contact_id"], row["tag_id"]) for row in run.target.sent("contact_tags")}
    assert {(str(one["contact_id"]), str(one["tag_id"])) for one in at_once} <= sent


def first_load(run: Run, stream: str, **switches: Any) -> list[dict[str, Any]]:
    """Load a stream in small pages, and return the queries of its calls."""
    catalog = run.catalog(stream)
    run.box.switch(page_rows_max=PAGE, **switches)
    run.box.clear_requests()
    run(catalog=catalog)
    path = address(stream)
    calls = [call for call in run.box.requests() if path.fullmatch(call["path"].removeprefix("/crm/rest"))]
    return [call["query"] for call in calls]


@pytest.mark.parametrize("ties", ["stable", "moving"])
@pytest.mark.parametrize("stream", STREAMS)
def test_a_first_load_requests_every_page_once_and_the_newest_row(run: Run, stream: str, ties: str) -> None:
    run.box.reset(contacts=600 if stream in {"appointments", "payment_methods"} else 60)
    asked = first_load(run, stream, order_ties=ties)
    sent = keys(run, stream)
    assert len(sent) == len(set(sent)) == len(run.box.records(stream)) > 2 * PAGE
    assert len(asked) <= math.ceil(len(sent) / (PAGE - 3)) + 2
    assert [query["order_by"].split()[1] for query in asked].count("desc") == 1
    assert not any("page_token" in query for query in asked)


@pytest.mark.parametrize("nulls", ["lowest", "highest"])
@pytest.mark.parametrize("count", [1, PAGE, 2 * PAGE])
@pytest.mark.parametrize("stream", ["appointments", "payment_methods", "emails"])
def test_a_first_load_loses_no_row_without_a_time(run: Run, stream: str, count: int, nulls: str) -> None:
    run.box.reset(contacts=150 if stream == "emails" else 600)
    key = "payment_method_id" if stream == "payment_methods" else "id"
    column = {"emails": "received_time"}.get(stream, TIMES[stream])
    rows = run.box.records(stream)
    run.box.plant(
        stream, upsert=[{key: row[key], column: None} for row in rows[:: len(rows) // count][:count]]
    )
    assert sum(row[column] is None for row in run.box.records(stream)) == count
    first_load(run, stream, order_nulls=nulls)
    assert len(run.target.rows(stream)) == len(rows)
    assert not run.says("cannot be walked in order")


def test_bulk_tagging_is_all_that_a_first_load_reads_twice(run: Run) -> None:
    run.box.reset(contacts=60)
    rows = run.box.records("contact_tags")
    at_once = [{"contact_id": row["contact_id"], "tag_id": row["tag_id"]} for row in rows[: 5 * PAGE]]
    run.box.plant("contact_tags", delete=at_once)
    when = "2025-11-20T12:30:00.000Z"
    run.box.plant("contact_tags", upsert=[{**one, "applied_at": when} for one in at_once])
    asked = first_load(run, "contact_tags")
    assert len(run.target.rows("contact_tags")) == len(keys(run, "contact_tags")) == len(rows)
    by_token = [query for query in asked if "page_token" in query]
    assert 0 < len(by_token) <= 2 * 5
    assert all("until_applied_time" in query["filter"] for query in by_token)


@pytest.mark.parametrize("late", [3600, -3600])
def test_emails_whose_sent_time_differs_from_the_filtered_time_are_not_lost(run: Run, late: int) -> None:
    catalog = run.catalog("emails")
    run(catalog=catalog)
    run.clock.pass_time(86_400)
    made = datetime.fromtimestamp(run.clock.epoch() - 7200, UTC)
    new = [
        {
            "id": str(10**6 + one),
            "received_time": _iso(made, 60 * one),
            "sent_time": _iso(made, 60 * one + late * (one % 2)),
        }
        for one in range(3 * PAGE)
    ]
    run.box.plant("emails", upsert=new)
    run.box.switch(page_rows_max=PAGE)
    run(catalog=catalog)
    assert {row["id"] for row in new} <= {row["id"] for row in run.target.sent("emails")}
    assert not run.says("reading by pages")


def _iso(moment: datetime, seconds: int) -> str:
    return (moment + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_an_order_keap_refuses_is_not_requested_again(run: Run) -> None:
    catalog = run.catalog("contact_tags")
    run(catalog=catalog)
    run.box.fault("bad_request", path="/v2/tags/-/contacts", query="order_by", always=True)
    run.clock.pass_time(3600)
    run.box.clear_requests()
    run(catalog=catalog)
    assert run.says("Asking without an order instead")
    assert run.target.sent("contact_tags")
    assert {one["path"] for one in run.box.requests()} == {
        "/crm/rest/v2/tags",
        "/crm/rest/v2/tags/-/contacts",
    }


def test_parents_that_arrive_out_of_id_order_are_read_by_pages(run: Run) -> None:
    catalog = run.catalog("contact_lead_scores")
    tap, stdout = run.tap(catalog=catalog), io.StringIO()
    client = tap.account.client

    def backwards(call: Call, send: Callable[[Call], Answer]) -> Answer:
        answer = send(call)
        if "order_by" not in call.params:
            return answer
        document = json.loads(answer.body)
        document["contacts"].reverse()
        return Answer(answer.status, answer.headers, json.dumps(document).encode())

    client.transport = Around(client.transport, backwards)
    with contextlib.redirect_stdout(stdout):
        tap.sync_all()
    run.target.take(stdout.getvalue())
    assert len(run.target.rows("contact_lead_scores")) == 150


@pytest.mark.parametrize("order", ["ignored", "ids", "oldest_change_first"])
def test_pages_of_one_row_prove_no_order(run: Run, order: str) -> None:
    run.box.switch(order_by=order, page_rows_max=1)
    for stream in ("appointments", "contact_tags", "payments", "tasks"):
        for row in run.box.records(stream)[6:]:
            ident = row.get("id") or {name: row[name] for name in ("contact_id", "tag_id")}
            run.box.plant(stream, delete=[ident])
        target = run(stream)
        assert len(target.rows(stream)) == len(run.box.records(stream)) > 3, stream
