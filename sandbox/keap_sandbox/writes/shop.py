"""Writing products and what belongs to them, discounts, lead sources and their costs, e-mails and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.marketing import (
    EMAILS,
    EXPENSES,
    FILES,
    LEAD_SOURCE_CATEGORIES,
    LEAD_SOURCES,
    RECURRING,
)
from keap_sandbox.endpoints.shop import CATEGORIES, DISCOUNTS, PLANS, PRODUCTS
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, bad_request, json_response, not_found
from keap_sandbox.sample_data.money import money
from keap_sandbox.writes.machine import Writable, known
from keap_sandbox.writes.shapes import (
    BOOL,
    INT,
    NUMBER,
    TEXT,
    integer,
    list_of,
    moment,
    needed,
    number,
    object_of,
    one_of,
    properties,
    texts,
    typed,
)

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.writes.shapes import Shape

__all__ = ["routes"]

CENTS = integer(0, 2**63 - 1)
_STOCK = ("inventory_limit", "out_of_stock_enabled", "email_for_inventory_notifications")
_PRODUCT = {
    **texts(
        "name", "sku", "description", "short_description", "top_html", "bottom_html", "delivery_description",
        "email_for_inventory_notifications",
    ),
    **properties(
        BOOL,
        "active", "shippable", "taxable", "subscription_only", "storefront_hidden", "country_taxable",
        "state_taxable", "city_taxable", "is_package", "needs_digital_delivery", "out_of_stock_enabled",
    ),
    "price": CENTS,
    "inventory_limit": integer(0),
    "weight": number(0),
    "inventory": object_of(
        {
            **properties(integer(0), "inventory_limit", "inventory_count"),
            "out_of_stock_enabled": BOOL,
            "email_for_inventory_notifications": TEXT,
        }
    ),
}  # fmt: skip


def _product(_: Account, row: Row, body: Row) -> Row:
    """Prices are sent in the smallest unit; the limits of the stock stand inside `inventory`."""
    made = {name: value for name, value in body.items() if name not in {"price", "inventory", *_STOCK}}
    if body.get("price") is not None:
        made["price"] = money(body["price"])
    stock: Row = {"inventory_limit": 0, "inventory_count": 0, "out_of_stock_enabled": False}
    stock |= {"email_for_inventory_notifications": None, **(row.get("inventory") or {})}
    stock |= body.get("inventory") or {}
    made["inventory"] = stock | {name: body[name] for name in _STOCK if name in body}
    return made


def _adjust(world: World, request: Request) -> Response:
    """More or less in stock."""
    account, key = world.account, parse_id(request.params["product_id"])
    table = account.tables["products"]
    if key not in table:
        raise not_found("Product", request.params["product_id"])
    change = {"type": needed(one_of("INCREASE", "DECREASE")), "quantity": needed(integer(0))}
    body = typed(request.json_object(), change)
    row = table.row(key)
    more = body["quantity"] if body["type"] == "INCREASE" else -body["quantity"]
    stock = {**row["inventory"], "inventory_count": (row["inventory"]["inventory_count"] or 0) + more}
    table.put(key, {**row, "inventory": stock, "update_time": account.now()})
    return json_response(PRODUCTS.show(world, key, account.product(key)))


def _plan(_: Account, row: Row, body: Row) -> Row:
    made = {name: value for name, value in body.items() if name not in {"plan_price", "allow_prorating"}}
    if body.get("plan_price") is not None:
        made["plan_price"] = money(round(body["plan_price"]))  # sent in the smallest unit
    if row.get("frequency") is None and "frequency" not in body:
        made["frequency"] = 1
    return made


def _assign(world: World, request: Request) -> Response:
    """Put products into a category."""
    account, text = world.account, request.params["category_id"]
    if parse_id(text) not in account.tables["product_categories"]:
        raise not_found("Product category", text)
    ids = typed(request.json_object(), {"product_ids": needed(list_of(TEXT))})["product_ids"]
    table = account.tables["products"]
    for one in ids:
        known(account, {"product_ids": one}, product_ids="products")
        row = table.row(parse_id(str(one)))
        if text not in row["categories"]:
            both = [*row["categories"], text]
            table.put(parse_id(str(one)), {**row, "categories": both, "update_time": account.now()})
    return Response(204, b"", None)


_CRITERION = {
    "code": TEXT,
    **properties(moment(), "range_start_time", "range_end_time"),
}
_DATED = _CRITERION | {"type": one_of("DATE_RANGE", "PROMO_CODE")}
_GOODS = _CRITERION | {
    "type": one_of("DATE_RANGE", "PROMO_CODE", "PRODUCT", "SUBSCRIPTION_PLAN", "ORDER_TOTAL"),
    **texts("product_id", "plan_id"),
    **properties(INT, "product_quantity_min", "product_quantity_max", "subscription_quantity"),
    "total_amount": NUMBER,
    "operator": one_of("LESS_THAN", "GREATER_THAN"),
}


def _discount(account: Account, row: Row, body: Row) -> Row:
    """Conditions get ids; those sent with the id of an old one change it."""
    made = {name: value for name, value in body.items() if name not in {"criteria", "product_category_ids"}}
    if "product_category_ids" in body:
        for one in body["product_category_ids"] or []:
            known(account, {"product_category_ids": one}, product_category_ids="product_categories")
        made["product_categories"] = [str(one) for one in body["product_category_ids"] or []]
    if "criteria" in body:
        made["criteria"] = _criteria(row, body["criteria"] or [])
    return made


def _criteria(row: Row, sent: list[Any]) -> list[Row]:
    names = _DATED if "discount_percent" in row else _GOODS
    rows: list[Row] = list(row.get("criteria") or [])
    following = max((int(one["criteria_id"]) for one in rows), default=int(row["id"]) * 10) + 1
    for one in sent:
        old = next((old for old in rows if old["criteria_id"] == one.get("criteria_id")), None)
        if old is not None:
            rows[rows.index(old)] = {**old, **one}
            continue
        if one.get("criteria_id") is not None:
            raise bad_request(f"criteria_id {one['criteria_id']} does not exist", "criteria_id")
        rows.append({"criteria_id": str(following)} | {name: one.get(name) for name in names})
        following += 1
    return rows


def _check_discount(account: Account, body: Row, _: int | None) -> None:
    known(account, body, product_id="products", subscription_plan_id="subscription_plans")


_BASE = {**texts("name", "description"), "criteria": list_of(object_of(_GOODS))}
_CHANGED = {"criteria": list_of(object_of(_GOODS | {"criteria_id": needed(TEXT)}))}
_VALUE = {"discount_type": one_of("AMOUNT", "PERCENT"), "discount_value": NUMBER}
_KINDS: dict[str, tuple[dict[str, Shape], tuple[str, ...]]] = {
    "free_trial_discounts": (
        {"hide_price": BOOL, "free_trial_days": INT, "subscription_plan_id": TEXT},
        ("subscription_plan_id",),
    ),
    "order_total_discounts": (
        {**_VALUE, "apply_to_commissions": BOOL, "discount_strategy": one_of("GROSS", "NET")},
        tuple(_VALUE),
    ),
    "product_discounts": (
        {**_VALUE, "apply_to_commissions": BOOL, "product_id": TEXT},
        (*_VALUE, "product_id"),
    ),
    "shipping_discounts": (_VALUE, tuple(_VALUE)),
    "category_discounts": (
        {
            "discount_percent": number(0),
            "apply_to_commissions": BOOL,
            "product_category_ids": list_of(TEXT),
            "criteria": list_of(object_of(_DATED)),
        },
        ("discount_percent", "apply_to_commissions", "product_category_ids"),
    ),
}


def _cost(_: Account, __: Row, body: Row) -> Row:
    """Costs are sent in the smallest unit."""
    return {**body, "amount": money(body["amount"])} if body.get("amount") is not None else body


def _source(account: Account, body: Row, _: int | None) -> None:
    known(account, body, lead_source_category_id="lead_source_categories")


_OF_SOURCE = {"lead_source_id": "lead_source_id"}
WRITABLE = (
    Writable(
        collection="products",
        listing=PRODUCTS,
        id_name="product_id",
        properties=_PRODUCT,
        required=("name", "price", "short_description"),
        form=_product,
    ),
    Writable(
        collection="subscription_plans",
        listing=PLANS,
        id_name="subscription_plan_id",
        properties={
            "cycle_type": needed(one_of("DAILY", "WEEKLY", "MONTHLY", "YEARLY")),
            "frequency": integer(1),
            **properties(INT, "display_order_index", "total_cycles"),
            **properties(BOOL, "active", "allow_prorating"),
            "plan_price": needed(number(0)),
        },
        form=_plan,
        given={"product_id": "product_id"},
    ),
    Writable(
        collection="product_categories",
        listing=CATEGORIES,
        id_name="category_id",
        properties={**texts("name", "parent_category_id"), "display_order_index": INT},
        required=("name",),
        validate=lambda account, body, _: known(account, body, parent_category_id="product_categories"),
    ),
    *(
        Writable(
            collection=listing.collection,
            listing=listing,
            id_name="discount_id",
            properties=_BASE | _KINDS[listing.collection][0],
            changes=_BASE | _CHANGED | _KINDS[listing.collection][0],
            required=("name", *_KINDS[listing.collection][1]),
            validate=_check_discount,
            form=_discount,
        )
        for listing in DISCOUNTS
    ),
    Writable(
        collection="lead_source_categories",
        listing=LEAD_SOURCE_CATEGORIES,
        id_name="lead_source_category_id",
        properties=texts("name", "description"),
        required=("name",),
    ),
    Writable(
        collection="lead_sources",
        listing=LEAD_SOURCES,
        id_name="lead_source_id",
        properties={
            **texts("name", "description", "vendor", "medium", "message", "lead_source_category_id"),
            "status": one_of("ACTIVE", "INACTIVE"),
            **properties(moment(), "start_time", "end_time"),
        },
        required=("name",),
        validate=_source,
    ),
    Writable(
        collection="lead_source_expenses",
        listing=EXPENSES,
        id_name="lead_source_expense_id",
        properties={**texts("title", "notes"), "incurred_time": moment(), "amount": CENTS},
        required=("amount",),
        form=_cost,
        given=_OF_SOURCE,
    ),
    Writable(
        collection="lead_source_recurring_expenses",
        listing=RECURRING,
        id_name="lead_source_recurring_expense_id",
        properties={
            **texts("title", "notes"),
            **properties(moment(), "start_time", "end_time"),
            "amount": CENTS,
        },
        required=("amount",),
        form=_cost,
        given=_OF_SOURCE,
    ),
    Writable(collection="emails", listing=EMAILS, id_name="id", properties={}, methods=("DELETE",)),
    Writable(collection="files", listing=FILES, id_name="file_id", properties={}, methods=("DELETE",)),
)  # fmt: skip


def routes() -> list[Route]:
    """The write calls for the shop and for marketing."""
    return [
        ("POST", "/v2/products/{product_id}:adjustInventory", _adjust),
        ("POST", "/v2/productCategories/{category_id}:assignProducts", _assign),
        *(route for one in WRITABLE for route in one.routes()),
    ]
