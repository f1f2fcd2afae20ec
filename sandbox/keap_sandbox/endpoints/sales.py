"""Read calls for orders, payments, payment methods, merchant accounts and subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.filtering.filters import (
    ANY_OPS,
    RANGE_OPS,
    Choice,
    Filter,
    Flag,
    Key,
    Keys,
    Link,
    Number,
    Since,
    Text,
    Until,
)  # fmt: skip
from keap_sandbox.lists.v2 import Listing, children
from keap_sandbox.responses import Response, json_response, not_found
from keap_sandbox.sample_data.shop import DEFAULT_MERCHANT

if TYPE_CHECKING:
    from keap_sandbox.request import Request, Route, World
    from keap_sandbox.tables import Row

__all__ = ["ORDERS", "ORDER_PAYMENTS", "SUBSCRIPTIONS", "find_item", "find_order", "routes"]


class _Paid(Flag):
    """`paid`: true if the payments cover the total."""

    def values(self, row: Row) -> list[object]:
        """Compare the two amounts."""
        total, paid = row.get("total") or {}, row.get("total_paid") or {}
        return [(paid.get("amount") or 0) >= (total.get("amount") or 0)]


class _Status(Text):
    """`status` of subscriptions, whose rows only have `active`."""

    def values(self, row: Row) -> list[object]:
        """Translate `active`."""
        return ["ACTIVE" if row.get("active") else "INACTIVE"]


_MERCHANT_FILTERS: dict[str, Filter] = {
    "merchant_account_id": Text("merchant_account_id"),
    "merchant_account_type": Text("merchant_account_type"),
}

ORDERS = Listing(
    path="/v2/orders",
    items="orders",
    collection="orders",
    filters={
        "id": Key(ops=ANY_OPS),
        "ids": Keys(),
        "product_id": Text("order_items[].product.id"),
        "contact_id": Link("contact.id"),
        "invoice_id": Text("invoice_id"),
        "invoice_xid": Text("invoice_number"),
        "paid": _Paid(),
        "created_since_time": Since("creation_time"),
        "created_until_time": Until("creation_time"),
        "modified_since_time": Since("modification_time"),
        "modified_until_time": Until("modification_time"),
        "title": Text("title", prefix=True),
        "order_type": Text("order_type", among=("ONLINE", "OFFLINE")),
        **{
            f"shipping_{part}": Text(f"shipping_information.address.{part}")
            for part in ("locality", "region_code", "postal_code", "country_code")
        },
    },
    order_by={"id": "", "order_time": "order_time", "modification_time": "modification_time"},
    by_id="order_id",
    singular="Order",
)

ORDER_PAYMENTS = Listing(
    path="/v2/orders/{order_id}/payments",
    items="invoice_order_payments",
    collection="order_payments",
    source=children("order_payments", "order_id", "orders", "order_id"),
    filters={
        "invoice_id": Text("invoice_id"),
        "payment_id": Text("payment_id"),
        "amount": Number("amount"),
        "pay_status": Text("pay_status"),
        "skip_commission": Flag("skip_commission"),
    },
    order_by={
        name: name
        for name in (
            "invoice_id", "payment_id", "amount", "pay_time", "pay_status", "skip_commission",
            "last_updated_time",
        )
    },
    hidden=("order_id",),
)  # fmt: skip

PAYMENTS = Listing(
    path="/v2/sales/payments",
    items="payments",
    collection="payments",
    filters={
        "id": Key(ops=RANGE_OPS),
        "ids": Keys(),
        "amount": Number("amount", ANY_OPS),
        "order_id": Link("order_ids"),
        "order_ids": Choice("order_ids"),
        "contact_id": Link("contact_id"),
        "since_time": Since("payment_time"),
        "until_time": Until("payment_time"),
        **_MERCHANT_FILTERS,
    },
    order_by={"id": "", "amount": "amount", "payment_time": "payment_time", "contact_id": "contact_id"},
)

TRANSACTIONS = Listing(
    path="/v2/sales/transactions",
    items="transactions",
    collection="transactions",
    filters={
        "amount": Number("amount", ANY_OPS),
        "order_id": Link("order_ids"),
        "contact_id": Link("contact_id"),
        "since_time": Since("transaction_time"),
        "until_time": Until("transaction_time"),
        **_MERCHANT_FILTERS,
        "status": Text("status"),
        "transaction_method": Text("transaction_method"),
        "is_successful": Flag("is_successful"),
    },
    order_by={name: name for name in ("amount", "transaction_time", "contact_id")},
)

PAYMENT_METHODS = Listing(
    path="/v2/paymentMethods",
    items="payment_methods",
    collection="payment_methods",
    filters={
        "payment_method_id": Key(),
        "credit_card_id": Text("credit_card_id"),
        "contact_id": Link("contact_id"),
        "merchant_account_id": Text("merchant_account_id"),
        "since_time": Since("created_time"),
        "until_time": Until("created_time"),
    },
    order_by={
        "payment_method_id": "",
        **{name: name for name in ("created_time", "contact_id", "merchant_account_id")},
    },
)

CONTACT_PAYMENT_METHODS = Listing(
    path="/v2/contacts/{contact_id}/paymentMethods",
    items="records",
    collection="payment_methods",
    source=children("payment_methods", "contact_id", "contacts", "contact_id"),
    filters={"merchant_account_id": Text("merchant_account_id")},
    order_by={"created_time": "created_time"},
)

MERCHANTS = Listing(
    path="/v2/merchants",
    items="merchant_accounts",
    collection="merchant_accounts",
    filters={"id": Key(), "name": Text("name"), "type": Text("type")},
    order_by={"id": "", "name": "name"},
    totals=lambda _, __, ___: {"default_merchant_account_id": DEFAULT_MERCHANT},
)

SUBSCRIPTIONS = Listing(
    path="/v2/subscriptions",
    items="subscriptions",
    collection="subscriptions",
    filters={
        "contact_id": Link("contact_id"),
        "subscription_plan_id": Text("subscription_plan_id"),
        "status": _Status(among=("ACTIVE", "INACTIVE")),
        "id": Key(ops=ANY_OPS),
        "billing_amount": Number("billing_amount", ANY_OPS),
        "ids": Keys(),
        "subscription_plan_ids": Choice("subscription_plan_id"),
    },
    order_by={
        "id": "",
        **{name: name for name in ("contact_id", "subscription_plan_id", "modification_time")},
    },
    by_id="subscription_id",
    singular="Subscription",
)


def find_order(world: World, request: Request) -> tuple[int, Row]:
    """Return the key and the row of the order that the path names."""
    key = find_key(world.account, "orders", request.params["order_id"], "Order")
    return key, world.account.tables["orders"].row(key)


def find_item(order: Row, request: Request) -> int:
    """Return the position in the order of the item that the path names.

    Args:
        order: Row of the order.
        request: Its path has the id of the item.
    """
    for position, item in enumerate(order["order_items"]):
        if item["id"] == request.params["order_item_id"]:
            return position
    raise not_found("Order item", request.params["order_item_id"])


def order_item(world: World, request: Request) -> Response:
    """Return one item of an order."""
    _, order = find_order(world, request)
    item = order["order_items"][find_item(order, request)]
    return json_response(ORDERS.render(world, [item], None)[0])


def routes() -> list[Route]:
    """Return the read calls for sales."""
    lists = (
        ORDERS, ORDER_PAYMENTS, PAYMENTS, TRANSACTIONS, PAYMENT_METHODS, CONTACT_PAYMENT_METHODS, MERCHANTS,
        SUBSCRIPTIONS,
    )  # fmt: skip
    return [
        *(route for listing in lists for route in listing.routes()),
        ("GET", "/v2/orders/{order_id}/items/{order_item_id}", order_item),
    ]
