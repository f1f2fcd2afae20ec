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
def test_a_page_full_of_rows_of_one_second_is_read_by_pages(run: Run, count: int) -> None:
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
    run(catalog=catalog)
    assert run.says("reading by pages instead")
    sent = {(row["contact_id"], row["tag_id"]) for row in run.target.sent("contact_tags")}
    assert {(str(one["contact_id"]), str(one["tag_id"])) for one in at_once} <= sent


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
