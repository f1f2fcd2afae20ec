"""Write calls for orders, their items and payments. Totals are computed from items and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.sales import ORDERS, find_item, find_order
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response
from keap_sandbox.sample_data.generators import DAY
from keap_sandbox.sample_data.money import cents, money
from keap_sandbox.sample_data.orders import invoice_id, plan_items
from keap_sandbox.tables import dig
from keap_sandbox.timestamps import parse_moment
from keap_sandbox.writes.shapes import (
    BOOL,
    CUSTOM_FIELDS,
    INT,
    NUMBER,
    TEXT,
    date,
    date_time,
    integer,
    list_of,
    object_of,
    one_of,
    properties,
    required,
    texts,
    validated,
)
from keap_sandbox.writes.writable import Writable, apply_update_mask, check_ids

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_ITEM = {
    **texts(
        "name", "description", "notes", "product_id", "subscription_plan_id", "subscription_plan_description",
    ),
    "item_type": one_of(
        "PRODUCT", "SHIPPING", "TAX", "FINANCE_CHARGE", "SUBSCRIPTION", "DISCOUNT", "DISCOUNT_FREE_TRIAL",
        "DISCOUNT_ORDER_TOTAL", "DISCOUNT_PRODUCT", "DISCOUNT_PRODUCT_CATEGORY", "DISCOUNT_SHIPPING", "OTHER",
        "FEE",
    ),
    "quantity": integer(1),
    **properties(NUMBER, "price_per_unit", "cost_per_unit"),
}  # fmt: skip
_NEW_ITEM = _ITEM | {"quantity": required(integer(1))}
_ORDER = {
    **texts(
        "notes", "terms", "title", "contact_id", "order_title", "lead_affiliate_id", "sales_affiliate_id",
        "invoice_number", "external_create_user",
    ),
    **properties(
        date_time(), "order_time", "sent_time", "due_time", "external_create_time", "external_update_time"
    ),
    "order_type": one_of("ONLINE", "OFFLINE"),
    "order_items": list_of(object_of(_NEW_ITEM)),
    "promo_codes": list_of(TEXT),
    "custom_fields": CUSTOM_FIELDS,
    "shipping_address": object_of(
        {
            **texts(
                "line1", "line2", "locality", "region", "company", "phone", "zip_code", "zip_four",
                "country_code", "first_name", "middle_name", "last_name",
            ),
            "is_invoice_to_company": BOOL,
        }
    ),
    "payment_plan": object_of(
        {
            "auto_charge": BOOL,
            **properties(
                INT,
                "max_charge_attempts", "days_between_retries", "number_of_payments", "days_between_payments",
            ),
            "payment_method_id": TEXT,
            "initial_payment_amount": NUMBER,
            **properties(date(), "initial_payment_date", "plan_start_date"),
        }
    ),
}  # fmt: skip
_PAYMENT = {
    **texts(
        "notes", "payment_method_id", "payment_method_type", "external_source", "external_source_value",
        "external_status_value", "external_create_user",
    ),
    **properties(date_time(), "payment_time", "external_create_time", "external_update_time"),
    "payment_amount": required(NUMBER),
    "apply_to_commissions": required(BOOL),
}  # fmt: skip


def _check_order(account: Account, body: Row, _: int | None) -> None:
    check_ids(
        account, body, contact_id="contacts", lead_affiliate_id="affiliates", sales_affiliate_id="affiliates"
    )
    for item in body.get("order_items") or []:
        _check_item(account, item)


def _check_item(account: Account, item: Row) -> Row:
    check_ids(account, item, product_id="products", subscription_plan_id="subscription_plans")
    return item


def _item(account: Account, row: Row, body: Row) -> Row:
    """Apply a body to an order item. The product or the plan supplies what the body leaves out."""
    item = dict(row)
    product_id = body.get("product_id")
    if body.get("subscription_plan_id"):
        plan = dict(account.tables["subscription_plans"].row(parse_id(body["subscription_plan_id"])))
        product_id = product_id or plan["product_id"]
        item["subscription_plan"] = {name: value for name, value in plan.items() if name != "product_id"}
    product = account.tables["products"].row(parse_id(product_id)) if product_id else None
    if product:
        item["product"] = {
            name: product[name] for name in ("id", "name", "sku", "description", "shippable", "taxable")
        }
        item |= {"name": product["name"], "price_per_unit": product["price"]}
    if body.get("subscription_plan_id"):
        item["price_per_unit"] = plan["plan_price"]
    item |= {
        name: body[name]
        for name in ("name", "description", "notes", "quantity", "item_type")
        if body.get(name) is not None
    }
    for name in ("price_per_unit", "cost_per_unit"):
        if body.get(name) is not None:
            item[name] = money(cents(body[name]))
    return item


def _new_item(account: Account, key: int, items: list[Row], body: Row) -> Row:
    blank: Row = dict.fromkeys(
        (
            "id", "name", "description", "notes", "quantity", "discount", "special", "product",
            "subscription_id", "item_type", "cost_per_unit", "price_per_unit", "subscription_plan",
        )
    )  # fmt: skip
    item_id = max((int(item["id"]) for item in items), default=key * 10) + 1
    kind = "SUBSCRIPTION" if body.get("subscription_plan_id") else "PRODUCT"
    defaults = {"id": str(item_id), "item_type": kind, "quantity": 1, "price_per_unit": money(0)}
    return _item(account, blank | defaults | {"cost_per_unit": money(0)}, body)


def _order(account: Account, row: Row, body: Row) -> Row:
    """Convert a body into the fields of an order, totals included."""
    converted = (
        "contact_id",
        "order_title",
        "order_items",
        "promo_codes",
        "shipping_address",
        "payment_plan",
    )
    fields = {name: value for name, value in body.items() if name not in converted}
    if body.get("contact_id"):
        fields["contact"] = account.person(parse_id(body["contact_id"]))
    if body.get("order_title") and not body.get("title"):
        fields["title"] = body["order_title"]
    if body.get("promo_codes"):
        fields["promo_code"] = ",".join(map(str, body["promo_codes"]))
    if body.get("shipping_address"):
        fields["shipping_information"] = _shipping_information(int(row["id"]), body["shipping_address"])
    items: list[Row] = list(row.get("order_items") or [])
    for item in body.get("order_items") or []:
        items.append(_new_item(account, int(row["id"]), items, item))
    fields["order_items"] = items
    is_new = row.get("invoice_id") is None
    if is_new:
        fields |= {"invoice_id": invoice_id(int(row["id"])), "source_type": "API", "status": "DRAFT"}
        fields |= {"refund_total": money(0), "allow_payment": True, "files": []}
    totals = _totals(account, row | fields)
    if body.get("payment_plan"):
        totals["payment_plan"] = _payment_plan(account, body["payment_plan"], totals["total"]["amount"])
    return fields | totals


def _shipping_information(key: int, sent: Row) -> Row:
    names = ("line1", "line2", "locality", "region", "country_code", "zip_code", "zip_four")
    blank: Row = dict.fromkeys(("country", "postal_code", "region_code"))
    return {
        "id": str(key * 3 + 2),
        "address": {name: sent.get(name) for name in names} | blank | {"field": "SHIPPING"},
        "company": sent.get("company"),
        "given_name": sent.get("first_name"),
        "family_name": sent.get("last_name"),
        "phone_number": sent.get("phone"),
        "invoice_to_company": bool(sent.get("is_invoice_to_company")),
    }


def _payment_plan(account: Account, sent: Row, total: int) -> Row:
    """Split a total in cents into equal installments; the last one also takes the remainder."""
    count = max(1, int(sent.get("number_of_payments") or 1))
    days_between = int(sent.get("days_between_payments") or 30)
    now = account.clock.millis()
    start = parse_moment(str(sent.get("plan_start_date") or ""), bare_date=True) or now
    share = total // count
    installments = [
        (start + number * days_between * DAY, share if number < count - 1 else total - share * number)
        for number in range(count)
    ]
    first = sent.get("initial_payment_amount")
    return {
        "auto_charge": bool(sent.get("auto_charge")),
        "max_charge_attempts": sent.get("max_charge_attempts"),
        "days_between_retries": sent.get("days_between_retries"),
        "payment_method_id": sent.get("payment_method_id"),
        "initial_payment_amount": money(cents(first) if first is not None else installments[0][1]),
        "initial_payment_percent": None,
        "initial_payment_date": sent.get("initial_payment_date"),
        "plan_start_date": sent.get("plan_start_date"),
        "number_of_payments": count,
        "days_between_payments": days_between,
        "payment_plan_items": plan_items(installments, 0),
    }


def _totals(account: Account, row: Row) -> Row:
    """Compute what an order costs from its items, and what was paid from its payments."""
    total = sum(
        (item["quantity"] or 0) * (dig(item, "price_per_unit.amount") or 0) for item in row["order_items"]
    )
    payments = account.tables["payments"]
    rows = map(payments.row, payments.children("order_ids", row["id"]))
    amounts = [cents(payment["amount"]) for payment in rows]
    paid = sum(amount for amount in amounts if amount > 0)
    refunded = -sum(amount for amount in amounts if amount < 0)
    status = "PAID" if amounts and paid >= total else row.get("status")
    return {
        "total": money(total),
        "total_due": money(total),
        "total_paid": money(paid),
        "refund_total": money(refunded),
        "status": status if status != "PAID" or paid >= total else "SENT",
    }


def _put_items(world: World, key: int, row: Row, items: list[Row]) -> None:
    account = world.account
    changed = {**row, "order_items": items, "modification_time": account.now()}
    account.tables["orders"].put(key, changed | _totals(account, changed))


def add_item(world: World, request: Request) -> Response:
    """Add an item to an order."""
    key, row = find_order(world, request)
    body = _check_item(world.account, validated(request.json_object(), _NEW_ITEM))
    item = _new_item(world.account, key, row["order_items"], body)
    _put_items(world, key, row, [*row["order_items"], item])
    return json_response(item, 201)


def update_item(world: World, request: Request) -> Response:
    """Update an item of an order."""
    key, row = find_order(world, request)
    position = find_item(row, request)
    body = _check_item(world.account, validated(request.json_object(), _ITEM))
    body = apply_update_mask(request, body, _ITEM)
    item = _item(world.account, row["order_items"][position], body)
    items = [*row["order_items"][:position], item, *row["order_items"][position + 1 :]]
    _put_items(world, key, row, items)
    return json_response(item)


def remove_item(world: World, request: Request) -> Response:
    """Delete an item of an order."""
    key, row = find_order(world, request)
    position = find_item(row, request)
    _put_items(world, key, row, [*row["order_items"][:position], *row["order_items"][position + 1 :]])
    return Response(204, b"", None)


def pay(world: World, request: Request) -> Response:
    """Pay for an order. The payment appears in all three lists of payments."""
    account = world.account
    key, row = find_order(world, request)
    body = validated(request.json_object(), _PAYMENT)
    amount, paid_at = body["payment_amount"], body.get("payment_time") or account.now()
    due = dig(row, "total.amount") - dig(row, "total_paid.amount")
    if cents(amount) > due:
        raise bad_request("payment_amount must not exceed the balance of the order", "payment_amount")
    if body.get("payment_method_id") and amount <= 0:
        raise bad_request("payment_amount must be greater than 0", "payment_amount")
    contact = dig(row, "contact.id")
    tables = {name: account.tables[name] for name in ("payments", "order_payments", "transactions")}
    keys = {name: table.new_key() for name, table in tables.items()}
    rows: dict[str, Row] = {
        "payments": {
            "id": str(keys["payments"]),
            "type": body.get("payment_method_type") or "API",
            "amount": float(amount),
            "note": body.get("notes"),
            "status": "APPROVED",
            "commissioned": body["apply_to_commissions"],
            "contact_id": contact,
            "order_ids": [str(key)],
            "payment_time": paid_at,
            "update_time": account.now(),
        },
        "order_payments": {
            "id": str(keys["order_payments"]),
            "amount": account.plain(cents(amount)),
            "note": body.get("notes"),
            "invoice_id": row["invoice_id"],
            "payment_id": str(keys["payments"]),
            "pay_time": paid_at,
            "pay_status": "APPROVED" if amount >= 0 else "REFUNDED",
            "last_updated_time": account.now(),
            "skip_commission": not body["apply_to_commissions"],
            "order_id": str(key),
        },
        "transactions": {
            "amount": float(amount),
            "status": "APPROVED",
            "contact": account.person(parse_id(str(contact))),
            "order_ids": [str(key)],
            "contact_id": contact,
            "transaction_method": "MANUAL",
            "transaction_time": paid_at,
            "payment_id": str(keys["payments"]),
            "is_successful": True,
        },
    }
    for name, fields in rows.items():
        tables[name].put(keys[name], account.blank(name) | fields)
    _put_items(world, key, row, row["order_items"])
    return json_response(
        {
            "id": str(keys["payments"]),
            "invoice_id": row["invoice_id"],
            "payment_amount": float(amount),
            "payment_status_message": "Approved",
            "transaction_id": None,
        },
        201,
    )


WRITABLE = (
    Writable(
        collection="orders",
        listing=ORDERS,
        id_name="order_id",
        properties=_ORDER,
        required=("contact_id", "order_title", "order_time", "order_type"),
        validate=_check_order,
        to_fields=_order,
    ),
)


def routes() -> list[Route]:
    """Return the write calls for orders."""
    items = "/v2/orders/{order_id}/items"
    return [
        ("POST", items, add_item),
        ("PATCH", f"{items}/{{order_item_id}}", update_item),
        ("DELETE", f"{items}/{{order_item_id}}", remove_item),
        ("POST", "/v2/orders/{order_id}/payments", pay),
        *(route for writable in WRITABLE for route in writable.routes()),
    ]
