"""Writing orders with their items and payments. Totals follow from items and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.sales import ORDERS
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.sample_data.generators import DAY
from keap_sandbox.sample_data.money import cents, money
from keap_sandbox.sample_data.orders import plan_items
from keap_sandbox.tables import dig
from keap_sandbox.timestamps import parse_moment
from keap_sandbox.writes.machine import Writable, known, masked
from keap_sandbox.writes.shapes import (
    BOOL,
    CUSTOM_FIELDS,
    INT,
    NUMBER,
    TEXT,
    day,
    integer,
    list_of,
    moment,
    needed,
    object_of,
    one_of,
    properties,
    texts,
    typed,
)

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_ITEM = {
    **texts("name", "description", "notes", "product_id", "subscription_plan_id", "subscription_plan_description"),
    "item_type": one_of(
        "PRODUCT", "SHIPPING", "TAX", "FINANCE_CHARGE", "SUBSCRIPTION", "DISCOUNT", "DISCOUNT_FREE_TRIAL",
        "DISCOUNT_ORDER_TOTAL", "DISCOUNT_PRODUCT", "DISCOUNT_PRODUCT_CATEGORY", "DISCOUNT_SHIPPING", "OTHER",
        "FEE",
    ),
    "quantity": integer(1),
    **properties(NUMBER, "price_per_unit", "cost_per_unit"),
}  # fmt: skip
_NEW_ITEM = _ITEM | {"quantity": needed(integer(1))}
_ORDER = {
    **texts(
        "notes", "terms", "title", "contact_id", "order_title", "lead_affiliate_id", "sales_affiliate_id",
        "invoice_number", "external_create_user",
    ),
    **properties(
        moment(), "order_time", "sent_time", "due_time", "external_create_time", "external_update_time"
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
                INT, "max_charge_attempts", "days_between_retries", "number_of_payments", "days_between_payments"
            ),
            "payment_method_id": TEXT,
            "initial_payment_amount": NUMBER,
            **properties(day(), "initial_payment_date", "plan_start_date"),
        }
    ),
}  # fmt: skip
_PAYMENT = {
    **texts(
        "notes", "payment_method_id", "payment_method_type", "external_source", "external_source_value",
        "external_status_value", "external_create_user",
    ),
    **properties(moment(), "payment_time", "external_create_time", "external_update_time"),
    "payment_amount": needed(NUMBER),
    "apply_to_commissions": needed(BOOL),
}  # fmt: skip


def _check_order(account: Account, body: Row, _: int | None) -> None:
    known(
        account, body, contact_id="contacts", lead_affiliate_id="affiliates", sales_affiliate_id="affiliates"
    )
    for item in body.get("order_items") or []:
        _known_goods(account, item)


def _known_goods(account: Account, item: Row) -> Row:
    known(account, item, product_id="products", subscription_plan_id="subscription_plans")
    return item


def _item(account: Account, row: Row, body: Row) -> Row:
    """An order item from what was sent; what was not sent comes from the item as it was, or from the product."""
    made = dict(row)
    product = account.tables["products"].row(parse_id(body["product_id"])) if body.get("product_id") else None
    if product:
        made["product"] = {
            name: product[name] for name in ("id", "name", "sku", "description", "shippable", "taxable")
        }
        made |= {"name": product["name"], "price_per_unit": product["price"]}
    made |= {
        name: body[name]
        for name in ("name", "description", "notes", "quantity", "item_type")
        if body.get(name) is not None
    }
    for name in ("price_per_unit", "cost_per_unit"):
        if body.get(name) is not None:
            made[name] = money(cents(body[name]))
    return made


def _new_item(account: Account, key: int, items: list[Row], body: Row) -> Row:
    empty: Row = dict.fromkeys(
        (
            "id", "name", "description", "notes", "quantity", "discount", "special", "product", "subscription_id",
            "item_type", "cost_per_unit", "price_per_unit", "subscription_plan",
        )
    )  # fmt: skip
    number = max((int(one["id"]) for one in items), default=key * 10) + 1
    kind = "SUBSCRIPTION" if body.get("subscription_plan_id") else "PRODUCT"
    start = {"id": str(number), "item_type": kind, "quantity": 1, "price_per_unit": money(0)}
    return _item(account, empty | start | {"cost_per_unit": money(0)}, body)


def _order(account: Account, row: Row, body: Row) -> Row:
    """What the body means for the order."""
    own = ("contact_id", "order_title", "order_items", "promo_codes", "shipping_address", "payment_plan")
    made = {name: value for name, value in body.items() if name not in own}
    if body.get("contact_id"):
        made["contact"] = account.person(parse_id(body["contact_id"]))
    if body.get("order_title") and not body.get("title"):
        made["title"] = body["order_title"]
    if body.get("promo_codes"):
        made["promo_code"] = ",".join(map(str, body["promo_codes"]))
    if body.get("shipping_address"):
        made["shipping_information"] = _address(int(row["id"]), body["shipping_address"])
    items: list[Row] = list(row.get("order_items") or [])
    for item in body.get("order_items") or []:
        items.append(_new_item(account, int(row["id"]), items, item))
    made["order_items"] = items
    new = row.get("invoice_id") is None
    if new:
        made |= {"invoice_id": str(2 * int(row["id"]) + 1001), "source_type": "API", "status": "DRAFT"}
        made |= {"refund_total": money(0), "allow_payment": True, "files": []}
    totals = _totals(account, row | made)
    if body.get("payment_plan"):
        totals["payment_plan"] = _plan(account, body["payment_plan"], totals["total"]["amount"])
    return made | totals


def _address(key: int, sent: Row) -> Row:
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


def _plan(account: Account, sent: Row, total: int) -> Row:
    """A payment plan; its rates are even, the last takes the rest."""
    count, gap = (
        max(1, int(sent.get("number_of_payments") or 1)),
        int(sent.get("days_between_payments") or 30),
    )
    now = account.clock.millis()
    start = parse_moment(str(sent.get("plan_start_date") or ""), bare_date=True) or now
    share = total // count
    rates = [
        (start + number * gap * DAY, share if number < count - 1 else total - share * number)
        for number in range(count)
    ]
    first = sent.get("initial_payment_amount")
    return {
        "auto_charge": bool(sent.get("auto_charge")),
        "max_charge_attempts": sent.get("max_charge_attempts"),
        "days_between_retries": sent.get("days_between_retries"),
        "payment_method_id": sent.get("payment_method_id"),
        "initial_payment_amount": money(cents(first) if first is not None else rates[0][1]),
        "initial_payment_percent": None,
        "initial_payment_date": sent.get("initial_payment_date"),
        "plan_start_date": sent.get("plan_start_date"),
        "number_of_payments": count,
        "days_between_payments": gap,
        "payment_plan_items": plan_items(rates, 0),
    }


def _totals(account: Account, row: Row) -> Row:
    """What an order costs and what was paid: the sums of its items and of its payments."""
    total = sum(
        (item["quantity"] or 0) * (dig(item, "price_per_unit.amount") or 0) for item in row["order_items"]
    )
    payments = account.tables["payments"]
    found = map(payments.row, payments.children("order_ids", row["id"]))
    amounts = [cents(one["amount"]) for one in found]
    paid, back = sum(one for one in amounts if one > 0), -sum(one for one in amounts if one < 0)
    status = "PAID" if amounts and paid >= total else row.get("status")
    return {
        "total": money(total),
        "total_due": money(total),
        "total_paid": money(paid),
        "refund_total": money(back),
        "status": status if status != "PAID" or paid >= total else "SENT",
    }


def _find_order(world: World, request: Request) -> tuple[int, Row]:
    table, key = world.account.tables["orders"], parse_id(request.params["order_id"])
    if key not in table:
        raise not_found("Order", request.params["order_id"])
    return key, table.row(key)


def _put_items(world: World, key: int, row: Row, items: list[Row]) -> None:
    account = world.account
    full = {**row, "order_items": items, "modification_time": account.now()}
    account.tables["orders"].put(key, full | _totals(account, full))


def add_item(world: World, request: Request) -> Response:
    """Add an item to an order."""
    key, row = _find_order(world, request)
    body = _known_goods(world.account, typed(request.json_object(), _NEW_ITEM))
    item = _new_item(world.account, key, row["order_items"], body)
    _put_items(world, key, row, [*row["order_items"], item])
    return json_response(item, 201)


def _place(row: Row, request: Request) -> int:
    for number, item in enumerate(row["order_items"]):
        if item["id"] == request.params["order_item_id"]:
            return number
    raise not_found("Order item", request.params["order_item_id"])


def change_item(world: World, request: Request) -> Response:
    """Change an item of an order."""
    key, row = _find_order(world, request)
    spot = _place(row, request)
    body = masked(request, _known_goods(world.account, typed(request.json_object(), _ITEM)), _ITEM)
    item = _item(world.account, row["order_items"][spot], body)
    _put_items(world, key, row, [*row["order_items"][:spot], item, *row["order_items"][spot + 1 :]])
    return json_response(item)


def remove_item(world: World, request: Request) -> Response:
    """Take an item out of an order."""
    key, row = _find_order(world, request)
    spot = _place(row, request)
    _put_items(world, key, row, [*row["order_items"][:spot], *row["order_items"][spot + 1 :]])
    return Response(204, b"", None)


def pay(world: World, request: Request) -> Response:
    """Pay for an order: the payment shows up in three lists."""
    account = world.account
    key, row = _find_order(world, request)
    body = typed(request.json_object(), _PAYMENT)
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
    for name, made in rows.items():
        tables[name].put(keys[name], account.blank(name) | made)
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
        form=_order,
    ),
)


def routes() -> list[Route]:
    """The write calls for orders."""
    items = "/v2/orders/{order_id}/items"
    return [
        ("POST", items, add_item),
        ("PATCH", f"{items}/{{order_item_id}}", change_item),
        ("DELETE", f"{items}/{{order_item_id}}", remove_item),
        ("POST", "/v2/orders/{order_id}/payments", pay),
        *(route for one in WRITABLE for route in one.routes()),
    ]
