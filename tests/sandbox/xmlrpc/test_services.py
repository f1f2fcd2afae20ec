"""Discounts, files, invoices, products, shipping and web forms in the XML-RPC API."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.registry import METHODS

from .calling import Caller, eastern

NOT_FOUND = (5, "[RecordNotFound]Record was not found")


def test_every_service_echoes(call: Caller) -> None:
    services = {name.partition(".")[0] for name in METHODS}
    assert len(services) >= 10
    for service in services:
        assert call(f"{service}.echo", "Grüße & more") == "Grüße & more"
        assert not METHODS[f"{service}.echo"].needs_key


KINDS = {
    "free_trial_discounts": "getFreeTrial",
    "order_total_discounts": "getOrderTotalDiscount",
    "category_discounts": "getCategoryDiscount",
    "product_discounts": "getProductTotalDiscount",
    "shipping_discounts": "getShippingTotalDiscount",
}


@pytest.mark.parametrize("collection", KINDS)
def test_discounts_are_those_of_rest_as_texts(box: Sandbox, call: Caller, collection: str) -> None:
    rows = box.records(collection)
    assert rows
    for row in rows:
        expected = {
            "name": row["name"],
            "description": row["description"],
            "applyDiscountToCommission": "1" if row.get("apply_to_commissions") else "0",
        }
        if "discount_type" in row and collection != "product_discounts":
            expected["pctOrAmt"] = "1" if row["discount_type"] == "PERCENT" else "0"
            expected["amount"] = str(row["discount_value"])
        if "discount_strategy" in row:
            expected["payType"] = {"GROSS": "Gross", "NET": "Net"}[row["discount_strategy"]]
        if collection == "product_discounts":
            expected["productId"] = row["product_id"]
        if collection == "free_trial_discounts":
            expected["freeTrialDays"] = str(row["free_trial_days"])
            expected["hidePrice"] = "1" if row["hide_price"] else "0"
            expected["subscriptionPlanId"] = row["subscription_plan_id"]
        shown = call(f"DiscountService.{KINDS[collection]}", int(row["id"]))
        assert shown == {name: value for name, value in expected.items() if value is not None}


def test_an_id_of_another_kind_of_discount_is_not_found(box: Sandbox, call: Caller) -> None:
    other = int(box.records("order_total_discounts")[0]["id"])
    assert call.fault("DiscountService.getFreeTrial", other) == NOT_FOUND


def test_assignments_of_category_discounts_are_rows(box: Sandbox, call: Caller) -> None:
    seen: list[str] = []
    for row in box.records("category_discounts"):
        shown = call("DiscountService.getCategoryAssignmentsForCategoryDiscount", int(row["id"]))
        assert [one["productCategoryId"] for one in shown] == row["product_categories"]
        assert {one["specialItemId"] for one in shown} == {row["id"]}
        seen += [one["id"] for one in shown]
    assert len(seen) == len(set(seen)) > 3


def test_a_product_discount_takes_its_id_as_text_too(box: Sandbox, call: Caller) -> None:
    row = box.records("product_discounts")[0]
    assert call("DiscountService.getProductTotalDiscount", row["id"])["name"] == row["name"]


def test_files_are_base64_in_a_text(box: Sandbox, call: Caller) -> None:
    contents = {int(row["file_id"]): row["data"] for row in box.records("file_data")}
    assert contents
    for key, data in contents.items():
        shown = call("FileService.getFile", key)
        assert shown == data
        assert base64.b64decode(shown)
        assert call("FileService.getDownloadUrl", key).endswith(f"Id={key}")
    assert call.fault("FileService.getFile", 999_999) == NOT_FOUND


def test_the_amount_owed_is_that_of_the_order_in_dollars(box: Sandbox, call: Caller) -> None:
    owed = {
        int(row["invoice_id"]): row["total"]["amount"] - row["total_paid"]["amount"]
        for row in box.records("orders")
    }
    assert any(owed.values())
    for invoice, cents in owed.items():
        shown = call("InvoiceService.calculateAmountOwed", invoice)
        assert isinstance(shown, float)
        assert shown == pytest.approx(cents / 100)
    assert call.fault("InvoiceService.calculateAmountOwed", 0) == NOT_FOUND


def test_payments_of_an_invoice_are_those_of_the_order(box: Sandbox, call: Caller) -> None:
    payments = {row["id"]: row for row in box.records("payments")}
    seen = 0
    for order in box.records("orders"):
        rows = [row for row in box.records("order_payments") if row["order_id"] == order["id"]][:9]
        shown = call("InvoiceService.getPayments", int(order["invoice_id"]))
        assert [str(one["Id"]) for one in shown] == [row["payment_id"] for row in rows]
        for struct, row in zip(shown, rows, strict=True):
            payment = payments[row["payment_id"]]
            assert struct["PayAmt"] == row["amount"] == payment["amount"]
            assert struct["PayDate"] == eastern(row["pay_time"]).replace(hour=0, minute=0, second=0)
            assert (struct["PayType"], struct.get("PayNote")) == (payment["type"], row["note"])
            assert struct["ContactId"] == int(payment["contact_id"])
            assert struct["InvoiceId"] == int(order["invoice_id"])
            assert struct["RefundId"] == int(payment["refund_payment_id"] or 0)
            assert (type(struct["ChargeId"]), struct["Synced"]) == (int, 0)
            seen += 1
        if seen > 20:
            break
    assert seen > 20
    assert call.fault("InvoiceService.getPayments", 1) == NOT_FOUND


def test_members_of_payments_come_in_their_own_order(box: Sandbox, call: Caller) -> None:
    invoice = next(int(row["invoice_id"]) for row in box.records("order_payments") if row["note"])
    first, _, _ = call.raw("InvoiceService.getPayments", invoice).partition("</struct>")
    assert re.findall("<name>([^<]*)</name>", first) == [
        "Id", "PayDate", "UserId", "PayAmt", "PayType", "ContactId", "PayNote", "InvoiceId", "RefundId",
        "ChargeId", "Synced",
    ]  # fmt: skip


def test_payment_options_come_in_their_own_order(call: Caller) -> None:
    answer = call.raw("InvoiceService.getAllPaymentOptions")
    names = re.findall(r"<name>([^<]*)</name><value>\1</value>", answer)
    assert names == [
        "Credit Card (Manual)", "Check", "Cash", "Money Order", "Adjustment", "Credit Card", "Credit",
        "Refund",
    ]  # fmt: skip


def test_shipping_options_of_invoices_come_in_all_the_documented_forms(box: Sandbox, call: Caller) -> None:
    shown = call("InvoiceService.getAllShippingOptions")
    assert shown == call("ShippingService.getAllShippingOptions")
    box.switch(legacy_invoice_shipping="struct")
    names = {one["id"]: one["name"] for one in shown}
    assert call("InvoiceService.getAllShippingOptions") == names
    box.switch(legacy_invoice_shipping="boolean")
    assert call("InvoiceService.getAllShippingOptions") is True


def test_inventory_is_the_count(box: Sandbox, call: Caller) -> None:
    counts = {int(row["product_id"]): row["inventory_count"] for row in box.records("product_inventory")}
    assert any(counts.values())
    assert {key: call("ProductService.getInventory", key) for key in counts} == counts
    assert call.fault("ProductService.getInventory", 1) == NOT_FOUND


def by_kind(box: Sandbox, kind: str) -> dict[str, Any]:
    return {row["id"]: row for row in box.records("shipping_methods") if row["type"] == kind}


def test_all_shipping_options_are_listed_as_texts(box: Sandbox, call: Caller) -> None:
    rows = box.records("shipping_methods")
    shown = call("ShippingService.getAllShippingOptions")
    assert [(one["id"], one["name"], one["description"]) for one in shown] == [
        (row["id"], row["name"], row["description"] or "") for row in rows
    ]
    assert [one["active"] for one in shown] == [str(row["status"] == "ACTIVE").lower() for row in rows]
    assert {one["type"] for one in shown} == {"Flat", "Quantity", "Total", "Product", "UPS", "Weight"}


def test_shipping_options_show_their_settings_as_texts(box: Sandbox, call: Caller) -> None:
    shown = [call("ShippingService.getFlatRateShippingOption", int(one)) for one in by_kind(box, "FLAT_RATE")]
    assert [one["price"] for one in shown] == ["7.5", "0.0"]
    assert [one["orderBased"] for one in shown] == ["true", "false"]
    (key,) = map(int, by_kind(box, "ORDER_QUANTITY"))
    struct = call("ShippingService.getOrderQuantityShippingOption", key)
    assert (struct["baseShippingPrice"], struct["pricePerItem"]) == ("5.0", "1.5")
    (key,) = map(int, by_kind(box, "UPS"))
    struct = call("ShippingService.getUpsShippingOption", key)
    settings = by_kind(box, "UPS")[str(key)]["settings"]
    assert struct["accessPassword"] == settings["access_password"]
    assert struct["deliveryType"] == "01,03,07"
    assert len(struct) == 15
    (key,) = map(int, by_kind(box, "PRODUCT"))
    assert set(call("ShippingService.getProductBasedShippingOption", key)) <= {"id", "name", "description"}
    (key,) = map(int, by_kind(box, "WEIGHT"))
    assert call("ShippingService.getWeightBasedShippingOption", key)["type"] == "Weight"
    assert call.fault("ShippingService.getUpsShippingOption", key) == NOT_FOUND


def test_ranges_and_the_option_by_order_total_have_both_known_forms(box: Sandbox, call: Caller) -> None:
    (key,) = map(int, by_kind(box, "ORDER_TOTAL"))
    ranges = call("ShippingService.getOrderTotalShippingRanges", key)
    assert [one["price"] for one in ranges] == ["9.5", "4.75", "0"]
    assert "to" not in ranges[-1]
    assert call("ShippingService.getOrderTotalShippingOption", key) == []
    box.switch(legacy_shipping_ranges="empty", legacy_order_total_option="struct")
    assert call("ShippingService.getOrderTotalShippingRanges", key) == []
    assert call("ShippingService.getOrderTotalShippingOption", key)["type"] == "Total"
    (weight,) = map(int, by_kind(box, "WEIGHT"))
    assert call("ShippingService.getWeightBasedShippingRanges", weight) == []
    (product,) = map(int, by_kind(box, "PRODUCT"))
    assert call("ShippingService.getProductShippingPricesForProductShippingOption", product) == []


def test_web_forms_are_the_legacy_ones(box: Sandbox, call: Caller) -> None:
    rows = box.records("webforms")
    legacy = {row["id"]: row["name"] for row in rows if row["webform_type"] == "LEGACY"}
    assert 0 < len(legacy) < len(rows)
    assert call("WebFormService.getMap") == legacy
    html = {row["webform_id"]: row["html"] for row in box.records("webform_html")}
    for row in rows:
        if row["id"] in legacy:
            assert call("WebFormService.getHTML", int(row["id"])) == html[row["id"]]
        else:
            assert call.fault("WebFormService.getHTML", int(row["id"])) == NOT_FOUND


def test_an_id_as_text_matches_no_method(call: Caller) -> None:
    code, text = call.fault("FileService.getFile", "1")
    assert (code, text.partition(":")[0]) == (0, "No method matching arguments")
