"""Write calls for products, discounts, lead sources and their expenses, emails and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.lookup import find_key
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
from keap_sandbox.responses import Response, bad_request, json_response
from keap_sandbox.sample_data.money import money
from keap_sandbox.writes.shapes import (
    BOOL,
    INT,
    NUMBER,
    TEXT,
    date_time,
    integer,
    list_of,
    number,
    object_of,
    one_of,
    properties,
    required,
    texts,
    validated,
)
from keap_sandbox.writes.writable import Writable, check_ids

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.writes.shapes import Shape

__all__ = ["routes"]

_CENTS = integer(0, 2**63 - 1)
_INVENTORY_SETTINGS = ("inventory_limit", "out_of_stock_enabled", "email_for_inventory_notifications")
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
    "price": _CENTS,
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
    """Prices are sent in cents. Inventory settings can be sent inside `inventory` or next to it."""
    converted = {"price", "inventory", *_INVENTORY_SETTINGS}
    fields = {name: value for name, value in body.items() if name not in converted}
    if body.get("price") is not None:
        fields["price"] = money(body["price"])
    inventory: Row = {"inventory_limit": 0, "inventory_count": 0, "out_of_stock_enabled": False}
    inventory |= {"email_for_inventory_notifications": None, **(row.get("inventory") or {})}
    inventory |= body.get("inventory") or {}
    fields["inventory"] = inventory | {name: body[name] for name in _INVENTORY_SETTINGS if name in body}
    return fields


def _adjust_inventory(world: World, request: Request) -> Response:
    """Increase or decrease the stock of a product."""
    account, table = world.account, world.account.tables["products"]
    key = find_key(account, "products", request.params["product_id"], "Product")
    allowed = {"type": required(one_of("INCREASE", "DECREASE")), "quantity": required(integer(0))}
    body = validated(request.json_object(), allowed)
    row = table.row(key)
    change = body["quantity"] if body["type"] == "INCREASE" else -body["quantity"]
    inventory = {**row["inventory"], "inventory_count": (row["inventory"]["inventory_count"] or 0) + change}
    table.put(key, {**row, "inventory": inventory, "update_time": account.now()})
    return json_response(PRODUCTS.show(world, key, account.product(key)))


def _plan(_: Account, row: Row, body: Row) -> Row:
    fields = {name: value for name, value in body.items() if name not in {"plan_price", "allow_prorating"}}
    if body.get("plan_price") is not None:
        fields["plan_price"] = money(round(body["plan_price"]))  # sent in cents
    if row.get("frequency") is None and "frequency" not in body:
        fields["frequency"] = 1
    return fields


def _assign_products(world: World, request: Request) -> Response:
    """Assign products to a category."""
    account, category = world.account, request.params["category_id"]
    find_key(account, "product_categories", category, "Product category")
    ids = validated(request.json_object(), {"product_ids": required(list_of(TEXT))})["product_ids"]
    table = account.tables["products"]
    for product_id in ids:
        check_ids(account, {"product_ids": product_id}, product_ids="products")
        key = parse_id(str(product_id))
        row = table.row(key)
        if category not in row["categories"]:
            categories = [*row["categories"], category]
            table.put(key, {**row, "categories": categories, "update_time": account.now()})
    return Response(204, b"", None)


_CRITERION = {
    "code": TEXT,
    **properties(date_time(), "range_start_time", "range_end_time"),
}
_CATEGORY_CRITERION = _CRITERION | {"type": one_of("DATE_RANGE", "PROMO_CODE")}
_ORDER_CRITERION = _CRITERION | {
    "type": one_of("DATE_RANGE", "PROMO_CODE", "PRODUCT", "SUBSCRIPTION_PLAN", "ORDER_TOTAL"),
    **texts("product_id", "plan_id"),
    **properties(INT, "product_quantity_min", "product_quantity_max", "subscription_quantity"),
    "total_amount": NUMBER,
    "operator": one_of("LESS_THAN", "GREATER_THAN"),
}


def _discount(account: Account, row: Row, body: Row) -> Row:
    fields = {name: value for name, value in body.items() if name not in {"criteria", "product_category_ids"}}
    if "product_category_ids" in body:
        ids = body["product_category_ids"] or []
        for category in ids:
            check_ids(account, {"product_category_ids": category}, product_category_ids="product_categories")
        fields["product_categories"] = [str(category) for category in ids]
    if "criteria" in body:
        fields["criteria"] = _criteria(row, body["criteria"] or [])
    return fields


def _criteria(row: Row, sent: list[Any]) -> list[Row]:
    """Update the criteria that were sent with an id, and append the others with new ids."""
    names = _CATEGORY_CRITERION if "discount_percent" in row else _ORDER_CRITERION
    rows: list[Row] = list(row.get("criteria") or [])
    next_id = max((int(old["criteria_id"]) for old in rows), default=int(row["id"]) * 10) + 1
    for criterion in sent:
        old = next((old for old in rows if old["criteria_id"] == criterion.get("criteria_id")), None)
        if old is not None:
            rows[rows.index(old)] = {**old, **criterion}
            continue
        if criterion.get("criteria_id") is not None:
            raise bad_request(f"criteria_id {criterion['criteria_id']} does not exist", "criteria_id")
        rows.append({"criteria_id": str(next_id)} | {name: criterion.get(name) for name in names})
        next_id += 1
    return rows


def _check_discount(account: Account, body: Row, _: int | None) -> None:
    check_ids(account, body, product_id="products", subscription_plan_id="subscription_plans")


_DISCOUNT = {**texts("name", "description"), "criteria": list_of(object_of(_ORDER_CRITERION))}
_DISCOUNT_UPDATE = _DISCOUNT | {
    "criteria": list_of(object_of(_ORDER_CRITERION | {"criteria_id": required(TEXT)}))
}
_VALUE = {"discount_type": one_of("AMOUNT", "PERCENT"), "discount_value": NUMBER}
# Properties that only this kind of discount has, and which of them are required
_DISCOUNT_KINDS: dict[str, tuple[dict[str, Shape], tuple[str, ...]]] = {
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
            "criteria": list_of(object_of(_CATEGORY_CRITERION)),
        },
        ("discount_percent", "apply_to_commissions", "product_category_ids"),
    ),
}


def _expense(_: Account, __: Row, body: Row) -> Row:
    """Amounts are sent in cents."""
    return {**body, "amount": money(body["amount"])} if body.get("amount") is not None else body


WRITABLE = (
    Writable(
        collection="products",
        listing=PRODUCTS,
        id_name="product_id",
        properties=_PRODUCT,
        required=("name", "price", "short_description"),
        to_fields=_product,
    ),
    Writable(
        collection="subscription_plans",
        listing=PLANS,
        id_name="subscription_plan_id",
        properties={
            "cycle_type": required(one_of("DAILY", "WEEKLY", "MONTHLY", "YEARLY")),
            "frequency": integer(1),
            **properties(INT, "display_order_index", "total_cycles"),
            **properties(BOOL, "active", "allow_prorating"),
            "plan_price": required(number(0)),
        },
        to_fields=_plan,
        from_path={"product_id": "product_id"},
    ),
    Writable(
        collection="product_categories",
        listing=CATEGORIES,
        id_name="category_id",
        properties={**texts("name", "parent_category_id"), "display_order_index": INT},
        required=("name",),
        validate=lambda account, body, _: check_ids(
            account, body, parent_category_id="product_categories"
        ),
    ),
    *(
        Writable(
            collection=listing.collection,
            listing=listing,
            id_name="discount_id",
            properties=_DISCOUNT | _DISCOUNT_KINDS[listing.collection][0],
            update_properties=_DISCOUNT_UPDATE | _DISCOUNT_KINDS[listing.collection][0],
            required=("name", *_DISCOUNT_KINDS[listing.collection][1]),
            validate=_check_discount,
            to_fields=_discount,
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
            **properties(date_time(), "start_time", "end_time"),
        },
        required=("name",),
        validate=lambda account, body, _: check_ids(
            account, body, lead_source_category_id="lead_source_categories"
        ),
    ),
    Writable(
        collection="lead_source_expenses",
        listing=EXPENSES,
        id_name="lead_source_expense_id",
        properties={**texts("title", "notes"), "incurred_time": date_time(), "amount": _CENTS},
        required=("amount",),
        to_fields=_expense,
        from_path={"lead_source_id": "lead_source_id"},
    ),
    Writable(
        collection="lead_source_recurring_expenses",
        listing=RECURRING,
        id_name="lead_source_recurring_expense_id",
        properties={
            **texts("title", "notes"),
            **properties(date_time(), "start_time", "end_time"),
            "amount": _CENTS,
        },
        required=("amount",),
        to_fields=_expense,
        from_path={"lead_source_id": "lead_source_id"},
    ),
    Writable(collection="emails", listing=EMAILS, id_name="id", properties={}, methods=("DELETE",)),
    Writable(collection="files", listing=FILES, id_name="file_id", properties={}, methods=("DELETE",)),
)  # fmt: skip


def routes() -> list[Route]:
    """Return the write calls for the shop and for marketing."""
    return [
        ("POST", "/v2/products/{product_id}:adjustInventory", _adjust_inventory),
        ("POST", "/v2/productCategories/{category_id}:assignProducts", _assign_products),
        *(route for writable in WRITABLE for route in writable.routes()),
    ]
