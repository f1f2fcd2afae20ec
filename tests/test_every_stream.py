"""Every stream brings every row of the account, with every value."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tap_infusionsoft.streams.catalogue import COLLECTIONS
from tap_infusionsoft.streams.models import RECORDS
from tests.conftest import Run
from tests.truth import agrees, plain

NOT_LISTED = {"contacts_by_tag": "its truth is that of contacts, see test_loads"}
SINGULAR = ("affiliate", "company", "contact", "note", "opportunity", "order", "subscription", "task")
ALL = sorted(COLLECTIONS.keys() - NOT_LISTED.keys())


@pytest.mark.parametrize("stream", ALL)
def test_rows_and_values(run: Run, stream: str) -> None:
    collection = COLLECTIONS[stream]
    target = run(stream, saved_searches=None)
    truth = _truth(run, stream)
    assert truth, "the sandbox has rows for every stream"
    rows = target.rows(stream)
    columns = collection.row_key or collection.keys
    assert Counter(_key(row, columns) for row in rows) == Counter(_key(row, columns) for row in truth)
    if not collection.row_key:
        by_key = {_key(row, columns): row for row in truth}
        for row in rows:
            assert agrees(row, by_key[_key(row, columns)], target.schemas[stream]) == []


def _truth(run: Run, stream: str) -> list[dict[str, Any]]:
    """The rows of the sandbox under the names of the tap."""
    if stream.startswith("custom_field"):
        return [
            {"record": path, **row}
            for path, record in zip(RECORDS, SINGULAR, strict=True)
            for row in run.box.records(f"{record}_{stream}")
        ]
    rows = [plain(row) for row in run.box.records(stream)]
    if "record" in COLLECTIONS[stream].properties:
        return [{"record": "account", **row} for row in rows]
    if stream == "contact_links":  # a link stands under both its contacts
        return list({_key(row, COLLECTIONS[stream].keys): row for row in rows}.values())
    if stream == "invoice_balances":  # the tap keeps Keap's form of amounts
        return [{name: value for name, value in row.items() if name != "amount_due"} for row in rows]
    return rows


def _key(row: dict[str, Any], columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_text(row.get(name)) for name in columns)


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    # Times and amounts have several spellings; what stands before them is enough to tell rows apart.
    return (
        text[:19].replace("+0000", "").rstrip("Z") if "T" in text and ":" in text else text.removesuffix(".0")
    )


@pytest.mark.parametrize("stream", [name for name in ALL if COLLECTIONS[name].changes.key is not None])
def test_the_second_run_starts_at_the_bookmark(run: Run, stream: str) -> None:
    catalog = run.catalog(stream)
    first = run(catalog=catalog)
    before = first.rows(stream)
    run.clock.pass_time(3_600)
    again = run(catalog=catalog)
    assert again.rows(stream) == before
    assert again.count("ACTIVATE_VERSION") == 0
    assert len(again.sent(stream)) <= len(before)


def test_what_is_due_is_worked_out_from_the_order(run: Run) -> None:
    due = {str(row["order_id"]): row["amount_due"] for row in run.box.records("invoice_balances")}
    for row in run("invoice_balances").rows("invoice_balances"):
        amount = row["amount_due"]
        assert (amount and amount["amount"]) == due[row["order_id"]]
        if amount is not None:
            assert round(amount["decimal"] * 100) == amount["amount"]
