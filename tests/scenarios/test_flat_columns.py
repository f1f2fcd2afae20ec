"""Who asked in SQL whose an order is, or what orders came to, needed JSON, and was off by 100.

The ids were inside objects, and amounts were in cents in one stream and in dollars in the next, and no column
said which.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.fixtures import Run
from tests.sandbox import reference
from tests.target import Record, Target

STREAMS = (
    *("contacts", "orders", "order_items", "products", "opportunities", "payments", "transactions"),
    *("tags", "company_tags", "notes", "automations", "application_settings"),
)
ELSEWHERE = {
    "payments.payment_method.contact_id": "contact_id is a column",
    "payments.payment_method.merchant_account_id": "merchant_account_id is a column",
    "transactions.contact.id": "contact_id is a column",
    "transactions.payment_method.contact_id": "contact_id is a column",
    "transactions.payment_method.merchant_account_id": "merchant_account_id is a column",
    "company_tags.tag.id": "tag_id is a key",
    "tag_companies.company.id": "company_id is a key",
    "tag_companies.company.owner_id": "a join on company_id finds it in companies",
    "tag_companies.company.created_by": "a join on company_id finds it in companies",
    "tag_companies.company.last_updated_by": "a join on company_id finds it in companies",
}
"""Ids inside objects without a flat column, and why."""


@pytest.fixture
def exact(run: Run) -> Run:
    run.box.reset(contacts=40)
    run.target.fraction = Decimal
    return run


def at(record: Record, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = None if value is None else value[name]
    return value


def test_flat_columns_hold_what_is_in_the_objects_beside_them(exact: Run) -> None:
    target = exact(*STREAMS)
    for stream in STREAMS:
        rows, flat = target.rows(stream), COLLECTIONS[stream].flat
        assert flat
        for name, column in flat.items():
            assert [row[name] for row in rows] == [at(row, column.path) for row in rows], (stream, name)
            assert target.schemas[stream]["properties"][name]["type"] == column["type"]
    assert all(row["contact_id"] for row in target.rows("orders"))


def test_amounts_add_up_without_json(exact: Run) -> None:
    truth = sum(row["total"]["amount"] for row in exact.box.records("orders"))
    total = sum(row["total_decimal"] for row in exact("orders").rows("orders"))
    assert total == Decimal(truth) / 100


@pytest.mark.parametrize(
    "maps", [{}, {"stream_maps": {name: {"note": "'x'"} for name in ("contacts", "orders")}}]
)
def test_flat_columns_do_not_need_the_objects_to_be_selected(exact: Run, maps: dict[str, Any]) -> None:
    """Neither page by page nor, as maps need it, record by record. Keap is asked for the object then."""
    whole = exact("contacts", "orders", **maps)
    expected = {stream: whole.rows(stream) for stream in ("contacts", "orders")}
    assert any(row["company_id"] for row in expected["contacts"])
    objects = {"contacts": ["company"], "orders": ["contact", "total", "refund_total"]}
    catalog = exact.catalog("contacts", "orders", without=objects)
    exact.box.clear_requests()
    exact.target = Target()
    exact.target.fraction = Decimal
    only = exact(catalog=catalog, **maps)
    for stream, columns in objects.items():
        left = [
            {name: value for name, value in row.items() if name not in columns} for row in expected[stream]
        ]
        assert only.sent(stream) == left
    asked = [
        request["query"].get("fields", "").split(",")
        for request in exact.box.requests()
        if request["path"].endswith("/v2/contacts")
    ]
    assert asked
    assert all("company" in fields and "company_id" not in fields for fields in asked)


def test_objects_do_not_need_the_flat_columns_to_be_selected(exact: Run) -> None:
    catalog = exact.catalog(
        "contacts", "orders", without={"contacts": ["company_id"], "orders": ["contact_id"]}
    )
    target = exact(catalog=catalog)
    assert any(row["company"] for row in target.rows("contacts"))
    assert not any("company_id" in row for row in target.rows("contacts"))
    assert all(row["contact"]["id"] and "contact_id" not in row for row in target.rows("orders"))


def test_a_catalog_whose_schema_lost_the_object_fills_the_flat_column(exact: Run) -> None:
    catalog = exact.catalog("orders")
    (entry,) = catalog["streams"]
    for name in ("contact", "total"):
        del entry["schema"]["properties"][name]
    entry["metadata"] = [
        one for one in entry["metadata"] if one["breadcrumb"][1:2] not in (["contact"], ["total"])
    ]
    truth = {row["id"]: row for row in exact.box.records("orders")}
    for row in exact(catalog=catalog).rows("orders"):
        assert row["contact_id"] == truth[row["id"]]["contact"]["id"]
        assert row["total_decimal"] * 100 == truth[row["id"]]["total"]["amount"]


@pytest.mark.parametrize(
    ("total", "plain"),
    [
        (None, None),
        ({}, None),
        ({"amount": None, "currency_code": "USD"}, None),
        ({"amount": 0, "currency_code": "USD"}, Decimal(0)),
        ({"amount": -1, "currency_code": "USD"}, Decimal("-0.01")),
        ({"amount": "10", "currency_code": None}, Decimal("0.1")),
        ({"amount": 1234567890123456789, "currency_code": "EUR"}, Decimal("12345678901234567.89")),
        ({"amount": 500, "currency_code": "JPY"}, Decimal(500)),
        ({"amount": 1500, "currency_code": "KWD"}, Decimal("1.5")),
        ({"amount": "much", "currency_code": "USD"}, None),
        ("much", None),
        (700, None),
    ],
)
@pytest.mark.parametrize("without", [{}, {"orders": ["total"]}], ids=["selected", "deselected"])
def test_amounts_are_exact_whatever_the_currency(
    exact: Run, total: Any, plain: Decimal | None, without: dict[str, list[str]]
) -> None:
    ident = exact.box.records("orders")[3]["id"]
    exact.box.plant("orders", upsert=[{"id": ident, "total": total}])
    catalog = exact.catalog("orders", without=without)
    by_page = {row["id"]: row for row in exact(catalog=catalog).rows("orders")}
    assert by_page[ident]["total_decimal"] == plain
    maps = {"orders": {"note": "'x'"}}
    by_row = {row["id"]: row for row in exact(catalog=catalog, stream_maps=maps).rows("orders")}
    assert by_row[ident]["total_decimal"] == plain


def test_a_property_that_keap_sends_under_the_name_of_a_flat_column_is_told(
    exact: Run, caplog: pytest.LogCaptureFixture
) -> None:
    ident = exact.box.records("orders")[3]["id"]
    exact.box.plant("orders", upsert=[{"id": ident, "contact_id": "77"}])
    rows = {row["id"]: row for row in exact("orders").rows("orders")}
    assert rows[ident]["contact_id"] == rows[ident]["contact"]["id"] != "77"
    assert "dropped properties that have no column: contact_id" in caplog.text


def test_a_query_may_ask_for_flat_columns_only(exact: Run) -> None:
    query = {"name": "who_ordered", "stream": "orders", "fields": ["contact_id", "total_decimal"]}
    rows = exact("who_ordered", queries=[query]).rows("who_ordered")
    truth = {row["id"]: row for row in exact.box.records("orders")}
    assert len(rows) == len(truth)
    for row in rows:
        assert "contact" not in row
        assert row["contact_id"] == truth[row["id"]]["contact"]["id"]
        assert row["total_decimal"] * 100 == truth[row["id"]]["total"]["amount"]


@reference.present
def test_every_known_relation_from_inside_an_object_has_a_flat_column() -> None:
    relations = json.loads((reference.FOLDER / "relations.json").read_text())
    for one in relations:
        name, _, path = one["column"].partition(".")
        is_inside = "." in path and "[]" not in path and one["target_stream"] in COLLECTIONS
        if name not in COLLECTIONS or not is_inside:
            continue
        flat = [column for column in COLLECTIONS[name].flat.values() if column.path == path]
        assert len(flat) == (one["column"] not in ELSEWHERE), one["column"]


def test_order_items_join_and_add_up_by_themselves(exact: Run) -> None:
    """Sales by contact, product and day come from one table, and the items add up to their order."""
    target = exact("orders", "order_items", "order_payment_plan_items")
    orders = {row["id"]: row for row in target.rows("orders")}
    sums: dict[str, Decimal] = dict.fromkeys(orders, Decimal(0))
    for row in target.rows("order_items"):
        assert row["contact_id"] == orders[row["order_id"]]["contact_id"]
        assert row["order_time"] == orders[row["order_id"]]["order_time"]
        assert row["line_amount"] == row["quantity"] * row["price_per_unit_decimal"]
        sums[row["order_id"]] += row["line_amount"]
    assert sums == {ident: row["total_decimal"] for ident, row in orders.items()}
    assert any(row["line_amount"] < 0 for row in target.rows("order_items")), "discounts are negative"
    assert target.rows("order_payment_plan_items")
    for row in target.rows("order_payment_plan_items"):
        assert row["contact_id"] == orders[row["order_id"]]["contact_id"]


@pytest.mark.parametrize("missing", ["quantity", "price_per_unit"])
def test_an_item_without_price_or_quantity_has_no_amount(exact: Run, missing: str) -> None:
    order = next(row for row in exact.box.records("orders") if row["order_items"])
    items = [{**order["order_items"][0], missing: None}]
    exact.box.plant("orders", upsert=[{"id": order["id"], "order_items": items}])
    rows = [row for row in exact("order_items").rows("order_items") if row["order_id"] == order["id"]]
    assert [row["line_amount"] for row in rows] == [None]
