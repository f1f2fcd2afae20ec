"""An order that was asked for is not an order that came: changes that hid behind an old row were missed.

Streams that can only be ordered by time are read from the newest row back to the bookmark. A server that sent
its products oldest first, or one old row in front of the new ones, ended that walk at once, and the night's
changes came only with the next sweep.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tap_infusionsoft.client.call import Answer, Call
from tests.fixtures import Around, Run

Rows = list[dict[str, Any]]
PAGE = 30
OLD = "2019-01-01T00:00:00Z"
LISTS = {
    "products": ("/v2/products", "update_time"),
    "opportunities": ("/v2/opportunities", "last_updated_time"),
}


def in_order(rows: Rows) -> Rows:
    return rows


class Shuffled:
    """Puts the rows of a list into its own order, whatever was asked for, and counts the calls.

    Attributes:
        path: Path of the list.
        arrange: Takes all rows, newest first, and returns them as the server sends them; with `in_order` it
            does what it is asked for.
        calls: Calls for the list so far.
    """

    def __init__(self, path: str, arrange: Callable[[Rows], Rows]) -> None:
        self.path = path
        self.arrange = arrange
        self.calls = 0

    def __call__(self, call: Call, send: Callable[[Call], Answer]) -> Answer:
        if call.path != self.path or "order_by" not in call.params:
            return send(call)
        self.calls += 1
        params = {
            name: value for name, value in call.params.items() if name not in {"page_token", "page_size"}
        }
        order = str(call.params["order_by"])
        everything = send(replace(call, params=params | {"order_by": order.replace(" asc", " desc")}))
        document = json.loads(everything.body)
        rows = self.arrange(document[call.items or ""])
        if self.arrange is in_order and order.endswith(" asc"):
            rows = rows[::-1]
        start = int(str(call.params.get("page_token", "0")))
        end = start + min(PAGE, int(str(call.params.get("page_size", PAGE))))
        document |= {call.items: rows[start:end], "next_page_token": str(end) if end < len(rows) else ""}
        return Answer(200, everything.headers, json.dumps(document).encode())


def later_run(run: Run, catalog: Any, around: Shuffled) -> None:
    tap, stdout = run.tap(catalog=catalog), io.StringIO()
    client = tap.account.client
    client.transport = Around(client.transport, around)
    with contextlib.redirect_stdout(stdout):
        tap.sync_all()
    run.target.take(stdout.getvalue())


def loaded(run: Run, stream: str) -> Any:
    """Load some pages of a stream for the first time, and return the catalog."""
    time = LISTS[stream][1]
    rows = [
        {"id": str(9000 + one), time: f"2026-10-{one // 24 + 1:02}T{one % 24:02}:00:00.000Z"}
        for one in range(3 * PAGE)
    ]
    run.box.plant(stream, upsert=rows)
    catalog = run.catalog(stream)
    run(catalog=catalog)
    run.clock.pass_time(86_400)
    return catalog


def change(run: Run, stream: str) -> set[str]:
    """Change a row in the account, and add one; return their ids."""
    time = LISTS[stream][1]
    rows = [
        {"id": "9040", time: "2026-11-21T09:00:00.000Z"},
        {"id": "9999", time: "2026-11-21T10:00:00.000Z"},
    ]
    run.box.plant(stream, upsert=rows)
    return {str(row["id"]) for row in rows}


ARRANGED: dict[str, Callable[[Rows], Rows]] = {
    "oldest first": lambda rows: rows[::-1],
    "by id": lambda rows: sorted(rows, key=lambda row: int(row["id"])),
    "highest id first": lambda rows: sorted(rows, key=lambda row: -int(row["id"])),
    "an old row in front": lambda rows: [rows[-1], *rows[:-1]],
    "an old row in front, alone on its page": lambda rows: [*rows[-PAGE:], *rows[:-PAGE]],
    "an old row between the new ones": lambda rows: [rows[0], rows[-1], *rows[1:-1]],
    "an old row at the end of the first page": lambda rows: [
        *[rows[1]] * (PAGE - 1),
        rows[-1],
        rows[0],
        *rows[2:-1],
    ],
    "the second page first": lambda rows: [*rows[PAGE : 2 * PAGE], *rows[:PAGE], *rows[2 * PAGE :]],
    "the first page last": lambda rows: [*rows[PAGE:], *rows[:PAGE]],
    "each page oldest first": lambda rows: [
        row for start in range(0, len(rows), PAGE) for row in rows[start : start + PAGE][::-1]
    ],
}


@pytest.mark.parametrize("arranged", ARRANGED)
@pytest.mark.parametrize("stream", LISTS)
def test_changes_are_found_in_whatever_order_rows_come(run: Run, stream: str, arranged: str) -> None:
    catalog = loaded(run, stream)
    changed = change(run, stream)
    later_run(run, catalog, Shuffled(LISTS[stream][0], ARRANGED[arranged]))
    assert changed <= {row["id"] for row in run.target.sent(stream)}


def test_rows_out_of_order_are_said_once(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = loaded(run, "products")
    change(run, "products")
    later_run(run, catalog, Shuffled("/v2/products", ARRANGED["by id"]))
    assert caplog.text.count("products: Keap does not send these rows in the order") == 1


def test_a_quiet_night_costs_a_second_call_where_rows_are_in_the_order_of_their_ids_too(run: Run) -> None:
    """No row was ever edited, so a server that orders by id would send the same page."""
    catalog = loaded(run, "products")
    server = Shuffled("/v2/products", in_order)
    later_run(run, catalog, server)
    assert server.calls == 2
    assert not run.says("does not send these rows in the order")


def test_a_night_costs_one_call_where_the_order_of_times_is_another_than_that_of_ids(run: Run) -> None:
    catalog = loaded(run, "products")
    changed = change(run, "products")
    server = Shuffled("/v2/products", in_order)
    later_run(run, catalog, server)
    assert changed <= {row["id"] for row in run.target.sent("products")}
    assert server.calls == 1
    run.clock.pass_time(86_400)
    later_run(run, catalog, server)
    assert server.calls == 2


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("stream", ["contacts", "companies", "notes"])
def test_rows_that_a_server_sends_late_are_loaded_although_ids_ascend(
    run: Run, stream: str, concurrency: int
) -> None:
    """Rows come in the order of their last change: by id, but for a few that were edited yesterday."""
    rows = [row["id"] for row in run.box.records(stream)]
    run.box.plant(stream, delete=rows)
    made = [
        {"id": str(7000 + one), "update_time": f"2026-10-{one // 24 + 1:02}T{one % 24:02}:00:00.000Z"}
        for one in range(60)
    ]
    for late in (5, 17, 40):
        made[late]["update_time"] = f"2026-11-19T{late % 24:02}:00:00.000Z"
    run.box.plant(stream, upsert=made)
    run.box.switch(page_rows_max=20, order_by="oldest_change_first")
    run(catalog=run.catalog(stream), concurrency=concurrency)
    assert {row["id"] for row in run.target.rows(stream)} == {row["id"] for row in made}
    assert run.says(f"{stream}: rows cannot be walked in order; reading by pages instead")


def test_the_order_of_ids_is_proved_with_one_call(run: Run) -> None:
    catalog = run.catalog("contacts")
    run.box.switch(page_rows_max=20)
    run.box.clear_requests()
    run(catalog=catalog, concurrency=1)
    orders = [call["query"].get("order_by") for call in run.box.requests("/v2/contacts")]
    assert orders.count("id desc") == 1
    assert set(orders) <= {"id asc", "id desc", None}


def test_a_collection_of_one_page_needs_no_proof(run: Run) -> None:
    catalog = run.catalog("notes")
    run.box.clear_requests()
    run(catalog=catalog, concurrency=1)
    assert [call["path"] for call in run.box.requests()].count("/crm/rest/v2/notes") == 1


def test_new_rows_that_a_server_sends_late_are_loaded_although_times_ascend(run: Run) -> None:
    """The server sends rows by id, whatever is asked, and the lowest ids are the latest, in order."""
    stream = "payment_methods"
    catalog = run.catalog(stream)
    run(catalog=catalog)
    run.clock.pass_time(86_400)
    first = run.box.records(stream)[0]
    made = [
        {
            **first,
            "payment_method_id": str(9000 + one),
            "created_time": f"2026-11-21T{hour:02}:{one:02}:00.000Z",
        }
        for one, hour in ((one, 10 if one < 25 else 9) for one in range(50))
    ]
    run.box.plant(stream, upsert=made)
    run.box.switch(page_rows_max=20, order_by="ids")
    run(catalog=catalog)
    new = {row["payment_method_id"] for row in made}
    assert new <= {row["payment_method_id"] for row in run.target.sent(stream)}


def test_an_answer_without_the_last_row_proves_nothing(run: Run) -> None:
    catalog = run.catalog("contacts")
    run.box.switch(page_rows_max=40)
    run.box.fault(
        {"name": "empty_page", "path": "/v2/contacts", "query": {"order_by": "desc"}, "always": True}
    )
    run(catalog=catalog, concurrency=1)
    assert run.says("contacts: rows cannot be walked in order; reading by pages instead")
    assert len(run.target.rows("contacts")) == len(run.box.records("contacts"))
