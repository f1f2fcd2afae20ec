"""Orders, which are jobs here: their items, their invoices, and plans to pay these by installments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.tables import Row, dig
from keap_sandbox.xmlrpc.tables.cells import (
    ADD_EDIT,
    Read,
    codes,
    day,
    ident,
    number,
    retired,
    text,
    time,
    whole,
    words,
)
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.account import Account

__all__ = ["TABLES", "invoice_item_id"]

_ITEM_TYPES = {
    "SHIPPING": 1,
    "TAX": 2,
    "FEE": 3,
    "PRODUCT": 4,
    "FINANCE_CHARGE": 6,
    "DISCOUNT": 7,
    "SUBSCRIPTION": 9,
    "DISCOUNT_FREE_TRIAL": 10,
    "DISCOUNT_ORDER_TOTAL": 11,
    "DISCOUNT_PRODUCT": 12,
    "DISCOUNT_PRODUCT_CATEGORY": 13,
    "DISCOUNT_SHIPPING": 14,
}
"""Type of an item at REST -> `OrderItem.ItemType`; 0 for any other."""


def _number_of(value: object) -> int | None:
    return int(str(value)) if str(value).isdigit() else None


def _items(_: int, order: Row) -> Iterator[tuple[int, Row]]:
    for item in order.get("order_items") or ():
        key = _number_of(item.get("id"))
        if key is not None:
            yield key, {"order": order, "item": item}


def invoice_item_id(order_item: int) -> int:
    """Return the id of the item of an invoice for an item of its order. REST shows none: it is made up."""
    return 2 * order_item + 1


def _invoice_items(number: int, order: Row) -> Iterator[tuple[int, Row]]:
    return ((invoice_item_id(key), part) for key, part in _items(number, order))


def _invoices(_: int, order: Row) -> Iterator[tuple[int, Row]]:
    key = _number_of(order.get("invoice_id"))
    if key is not None:
        yield key, order


def _plans(key: int, order: Row) -> Iterator[tuple[int, Row]]:
    """Return the payment plan, if there is one. REST shows no id of it: it has that of the order."""
    if isinstance(order.get("payment_plan"), dict):
        yield key, order


def _installments(number: int, order: Row) -> Iterator[tuple[int, Row]]:
    """Return the installments of the payment plan. REST shows no ids of them, which are made up here."""
    for place, item in enumerate(dig(order, "payment_plan.payment_plan_items") or (), 1):
        key = number * 10 + place
        yield key, {"order": order, "item": item, "key": key}


def _first_product(_: Account, order: Row) -> object:
    return next(iter(_products(order)), None)


def _products(order: Row) -> list[str]:
    found = (dig(item, "product.id") for item in order.get("order_items") or ())
    return [str(one) for one in found if one is not None]


def _products_sold(_: Account, order: Row) -> object:
    return list(dict.fromkeys(_products(order)))


def _subscription(_: Account, order: Row) -> object:
    found = (item.get("subscription_id") for item in order.get("order_items") or ())
    return next((one for one in found if one is not None), None)


def _paid(_: Account, order: Row) -> int:
    return int(order.get("status") == "PAID")


def _ship(part: str) -> Read:
    return lambda _, order: dig(order, f"shipping_information.{part}")


def _ship_zip(_: Account, order: Row) -> object:
    address = dig(order, "shipping_information.address")
    if not isinstance(address, dict):
        return None
    return address.get("zip_code") if address.get("postal_code") is None else address["postal_code"]


_ORDER = table(
    "Job",
    each("orders"),
    ident("Id", "id", "R"),
    ident("ContactId", "contact.id"),
    time("DateCreated", "creation_time", "R"),
    day("DueDate", "due_time"),
    *retired("Integer", "InvoiceId"),
    text("JobNotes", "notes"),
    ident("JobRecurringId", _subscription, "R"),
    text("JobStatus", words("status")),
    text("JobTitle", "title"),
    time("LastUpdated", "modification_time", "R", inferred=True),
    whole("OrderStatus", _paid),
    text("OrderType", words("order_type")),
    ident("ProductId", _first_product),
    text("ShipCity", _ship("address.locality")),
    text("ShipCompany", _ship("company")),
    text("ShipCountry", _ship("address.country")),
    text("ShipFirstName", _ship("given_name")),
    text("ShipLastName", _ship("family_name")),
    text("ShipMiddleName", _ship("middle_name")),
    text("ShipPhone", _ship("phone_number")),
    text("ShipState", _ship("address.region")),
    text("ShipStreet1", _ship("address.line1")),
    text("ShipStreet2", _ship("address.line2")),
    text("ShipZip", _ship_zip),
    day("StartDate", "order_time"),
    access=ADD_EDIT,
    record="orders",
)

_ORDER_ITEM = table(
    "OrderItem",
    parts("orders", _items),
    ident("Id", "item.id", "R"),
    number("CPU", "item.cost_per_unit"),
    *retired("Integer", "InvoiceItemId", access="R"),
    text("ItemDescription", "item.description"),
    text("ItemName", "item.name"),
    whole("ItemType", lambda _, row: _ITEM_TYPES.get(str(row["item"].get("item_type")), 0)),
    text("Notes", "item.notes"),
    ident("OrderId", "order.id"),
    number("PPU", "item.price_per_unit"),
    ident("ProductId", "item.product.id"),
    whole("Qty", "item.quantity"),
    ident("SubscriptionPlanId", "item.subscription_plan.id"),
    access=ADD_EDIT,
)

_INVOICE = table(
    "Invoice",
    parts("orders", _invoices),
    ident("Id", "invoice_id"),
    ident("AffiliateId", "sales_affiliate_id"),
    ident("ContactId", "contact.id"),
    whole("CreditStatus", codes("credit_status", NONE=0, REFUNDED=1)),
    time("DateCreated", "creation_time"),
    text("Description", "title"),
    number("InvoiceTotal", "total"),
    text("InvoiceType", words("source_type")),
    ident("JobId", "id"),
    time("LastUpdated", "modification_time", inferred=True),
    ident("LeadAffiliateId", "lead_affiliate_id"),
    whole("PayPlanStatus", lambda _, order: int(isinstance(order.get("payment_plan"), dict))),
    whole("PayStatus", _paid),
    text("ProductSold", _products_sold),
    text("PromoCode", "promo_code"),
    whole("RefundStatus", codes("refund_status", NONE=0, PARTIAL=1, FULL=2)),
    whole("Synced", "synced"),
    number("TotalDue", "total_due"),
    number("TotalPaid", "total_paid"),
)


def _amount(_: Account, row: Row) -> object:
    quantity, price = row["item"].get("quantity"), dig(row, "item.price_per_unit.amount")
    if not isinstance(quantity, int) or not isinstance(price, int):
        return None
    return quantity * price / 100


_INVOICE_ITEM = table(
    "InvoiceItem",
    parts("orders", _invoice_items),
    ident("Id", lambda _, row: invoice_item_id(int(row["item"]["id"])), "R"),
    whole("CommissionStatus", lambda _, row: int(row["order"].get("sales_affiliate_id") is not None)),
    time("DateCreated", "order.creation_time", "R"),
    text("Description", "item.description"),
    number("Discount", "item.discount"),
    number("InvoiceAmt", _amount),
    ident("InvoiceId", "order.invoice_id"),
    time("LastUpdated", "order.modification_time", "R", inferred=True),
    ident("OrderItemId", "item.id", "R"),
    access=ADD_EDIT,
)

_PLAN = table(
    "PayPlan",
    parts("orders", _plans),
    ident("Id", "id"),
    number("AmtDue", "total"),
    day("DateDue", "due_time"),
    number("FirstPayAmt", "payment_plan.initial_payment_amount"),
    day("InitDate", "payment_plan.initial_payment_date"),
    ident("InvoiceId", "invoice_id"),
    day("StartDate", "payment_plan.plan_start_date"),
    whole("Type", lambda *_: 1),
)

_PLAN_ITEM = table(
    "PayPlanItem",
    parts("orders", _installments),
    ident("Id", "key"),
    number("AmtDue", "item.amount_due"),
    number("AmtPaid", "item.amount_paid"),
    day("DateDue", "item.due_date"),
    ident("PayPlanId", "order.id"),
    whole("Status", codes("item.status", UNPAID_AUTOCHARGE=1, UNPAID_MANUAL=1, PAID=2)),
)

TABLES = (_ORDER, _ORDER_ITEM, _INVOICE, _INVOICE_ITEM, _PLAN, _PLAN_ITEM)
