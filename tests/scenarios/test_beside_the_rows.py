"""Keap's lists carry more than rows: a default merchant account, totals, and one day something new.

What stood beside the rows was lost without a word. Now it has a column or a documented reason to be left
out, or the log names it as it names properties of rows that have no column.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.records.fast.raw_rows import PageSplitter, RawRow
from tap_infusionsoft.records.record_builder import SMALL_PAGE
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tests.sockets import raw_server, saying
from tests.target import Target

DROPPED = "dropped values that Keap sent beside the rows: "


def answered(run: Run, stream: str, **document: Any) -> Target:
    """Load a stream from a server that answers everything with this document."""
    body = json.dumps(document).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    catalog = run.catalog(stream, custom_fields="raw")
    with raw_server(saying(head + body)) as server:
        run.url = server.url
        return run(catalog=catalog, custom_fields="raw")


def warnings(run: Run) -> list[str]:
    assert run.caplog is not None
    texts = [one.getMessage() for one in run.caplog.records if one.levelno == logging.WARNING]
    return [text.partition(": ")[2] for text in texts if DROPPED in text]


@pytest.mark.parametrize("rows", [1, 60], ids=["by row", "by page"])
def test_the_log_names_unknown_members_beside_the_rows_once(run: Run, rows: int) -> None:
    contacts = [{"id": str(ident), "given_name": "x" * 100} for ident in range(1, rows + 1)]
    assert (len(json.dumps(contacts)) > SMALL_PAGE) == (rows > 1)
    target = answered(
        run,
        "contacts",
        contacts=contacts,
        next_page_token="",
        count=rows,
        total_owed=12.5,
        region="eu",
        x=None,
    )
    assert len(target.rows("contacts")) == rows
    assert warnings(run) == [f"{DROPPED}region, total_owed."]


def test_a_page_with_more_beside_its_rows_is_still_read_by_the_page() -> None:
    body = b'{"contacts":[{"id":"1"},{"id":"2"}],"next_page_token":"t","owed":{"x":[1.50]},"y":"\xff"}'
    page = PageSplitter("contacts", "next_page_token")(body)
    assert page is not None
    assert [type(row) for row in page.pop("contacts")] == [RawRow, RawRow]
    assert json.dumps(page, default=str) == json.dumps(
        {"next_page_token": "t", "owed": {"x": ["1.50"]}, "y": "\ufffd"}
    )


def test_each_merchant_account_knows_the_default_one(run: Run, box: Sandbox) -> None:
    rows = run("merchant_accounts").rows("merchant_accounts")
    default = box.records("application_settings")[0]["ecommerce"]["default_merchant"]
    assert len(rows) == len(box.records("merchant_accounts")) > 1
    assert {row["default_merchant_account_id"] for row in rows} == {default}
    assert default in {row["id"] for row in rows}
    assert warnings(run) == []


@pytest.mark.parametrize(("sent", "arrives"), [(31, "31"), ("31", "31"), (None, None), ({"id": 31}, None)])
def test_a_default_of_the_wrong_type_is_named(run: Run, sent: Any, arrives: str | None) -> None:
    target = answered(
        run, "merchant_accounts", merchant_accounts=[{"id": "5"}], default_merchant_account_id=sent
    )
    assert [row["default_merchant_account_id"] for row in target.rows("merchant_accounts")] == [arrives]
    assert warnings(run) == ([f"{DROPPED}default_merchant_account_id."] if isinstance(sent, dict) else [])


def test_totals_that_other_streams_have_are_left_out_in_silence(run: Run) -> None:
    names = ("affiliate_commissions", "automations", "campaign_goals", "campaign_sequences", "custom_fields")
    target = run(*names)
    assert all(target.rows(name) for name in names)
    assert warnings(run) == []
    assert {*COLLECTIONS["affiliate_commissions"].wire.left_out} == {
        "amount_earned",
        "clawbacks",
        "commission_total",
    }


def test_members_beside_the_columns_of_a_saved_search_are_named(run: Run) -> None:
    """Rows of saved searches are lists of names and values, so there is a second level to lose things on."""
    names = ["All contacts"]
    catalog = run.catalog("saved_search_all_contacts", saved_searches=names)
    columns = [{"field_name": "Id", "value": "7", "unit": "kg"}, {"field_name": "Email", "value": "a@b.c"}]
    body = {"results": [{"columns": columns, "row_number": 1, "shown": None}], "page_token": "", "took": 5}
    run.box.fault({"path": "/v2/reporting/reports/3:run", "always": True, "status": 200, "body": body})
    (row,) = run(catalog=catalog, saved_searches=names).rows("saved_search_all_contacts")
    assert (row["id"], row["email"]) == ("7", "a@b.c")
    assert warnings(run) == [f"{DROPPED}took."]
    assert run.says("dropped properties that have no column: columns[].unit, row_number.")
