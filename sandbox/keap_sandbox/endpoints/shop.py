"""Read calls for products with their plans, options and images, categories, bundles and discounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.contents import content
from keap_sandbox.endpoints.lookup import computed_table, find_key
from keap_sandbox.filtering.filters import ANY_OPS, RANGE_OPS, Choice, Flag, Key, Keys, Number, Text
from keap_sandbox.lists.v2 import Listing, View, children
from keap_sandbox.responses import Response, not_found
from keap_sandbox.sample_data.activity import file_content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.request import Request, Route, World
    from keap_sandbox.tables import Row, Source

__all__ = ["ASSIGNED", "CATEGORIES", "DISCOUNTS", "PLANS", "PRODUCTS", "assigned", "image", "routes"]

_TEXT_FILTERS = {
    name: Text(name, prefix=True) for name in ("name", "sku", "description", "short_description")
}


def _products(account: Account, _: Mapping[str, str]) -> Source:
    parts = (*account.tables["product_options"].stamp(), *account.tables["subscription_plans"].stamp())
    return View(account.tables["products"], account.product, parts)


PRODUCTS = Listing(
    path="/v2/products",
    items="products",
    collection="products",
    source=_products,
    filters={**_TEXT_FILTERS, "product_id": Key(ops=RANGE_OPS), "product_ids": Keys()},
    order_by={"name": "name", "sku": "sku", "last_updated_time": "update_time"},
    by_id="product_id",
    singular="Product",
)

PLANS = Listing(
    path="/v2/products/{product_id}/subscriptions",
    items="subscriptions",
    collection="subscription_plans",
    source=children("subscription_plans", "product_id", "products", "product_id"),
    filters={
        "active": Flag("active"),
        "cycle_type": Text("cycle_type", among=("DAILY", "WEEKLY", "MONTHLY", "YEARLY")),
    },
    order_by={"id": "", "product_id": "product_id"},
    hidden=("product_id",),
    by_id="subscription_plan_id",
    singular="Subscription plan",
)

OPTIONS = Listing(
    path="/v2/products/{product_id}/options",
    items="product_options",
    collection="product_options",
    source=children("product_options", "product_id", "products", "product_id"),
    paged=False,
    by_id="product_option_id",
    singular="Product option",
)


def _categories(account: Account, _: Mapping[str, str]) -> Source:
    """Return the categories with their products, which can be filtered by."""
    table = account.tables["product_categories"]

    def show(key: int) -> Row:
        return {**table.row(key), "products": assigned(account, key)["product_ids"]}

    return View(table, show, account.tables["products"].stamp())


CATEGORIES = Listing(
    path="/v2/productCategories",
    items="product_categories",
    collection="product_categories",
    source=_categories,
    filters={
        "product_id": Text("products"),
        "name": Text("name", prefix=True),
        "product_category_id": Key(ops=ANY_OPS),
    },
    order_by={"id": ""},
    hidden=("products",),
    by_id="category_id",
    singular="Product category",
)


def assigned(account: Account, category: int) -> Row:
    """Return the products of a category.

    Args:
        account: The account.
        category: Id of the category.
    """
    ids = [row["id"] for row in account.tables["products"].rows() if str(category) in row["categories"]]
    return {"product_category_id": str(category), "product_ids": ids}


def _assignments(account: Account, _: Mapping[str, str]) -> Source:
    products, categories = account.tables["products"], account.tables["product_categories"]
    rows = {key: assigned(account, key) for key in categories}
    return computed_table(
        "product_category_assignments",
        {key: row for key, row in rows.items() if row["product_ids"]},
        products.version,
        categories.version,
    )


ASSIGNED = Listing(
    path="/v2/productCategories/assignedProducts",
    items="assigned_product_categories",
    source=_assignments,
    filters={"product_ids": Choice("product_ids"), "product_category_ids": Keys()},
    order_by={"product_category_id": ""},
)

BUNDLES = Listing(
    path="/v2/productInterestBundles",
    items="product_interest_bundles",
    collection="product_interest_bundles",
    filters={"name": Text("name")},
    order_by={"name": "name"},
    by_id="id",
    singular="Product interest bundle",
)

_VALUE_FILTERS = {
    "discount_type": Text("discount_type", among=("AMOUNT", "PERCENT")),
    "discount_value": Number("discount_value"),
}
_COMMISSION_FILTERS = {"apply_to_commissions": Flag("apply_to_commissions")}
_DISCOUNTS = {
    "freeTrials": (
        "free_trial_discounts",
        {
            "free_trial_days": Number("free_trial_days"),
            "hide_price": Flag("hide_price"),
            "subscription_plan_id": Text("subscription_plan_id"),
        },
    ),
    "orderTotals": (
        "order_total_discounts",
        {
            **_COMMISSION_FILTERS,
            "discount_strategy": Text("discount_strategy", among=("GROSS", "NET")),
            **_VALUE_FILTERS,
        },
    ),
    "products": (
        "product_discounts",
        {**_COMMISSION_FILTERS, **_VALUE_FILTERS, "product_id": Text("product_id")},
    ),
    "shipping": ("shipping_discounts", _VALUE_FILTERS),
}
DISCOUNTS = [
    Listing(
        path=f"/v2/discounts/{kind}",
        items="discounts",
        collection=collection,
        filters=filters,
        order_by={"id": "", "name": "name", **{name: name for name in filters}},
        by_id="discount_id",
        singular="Discount",
    )
    for kind, (collection, filters) in _DISCOUNTS.items()
] + [
    Listing(
        path="/v2/discounts/productCategories",
        items="discounts",
        collection="category_discounts",
        filters={
            "id": Key(ops=ANY_OPS),
            "ids": Keys(),
            "name": Text("name", prefix=True),
            "description": Text("description", prefix=True),
            "product_category_id": Text("product_categories"),
        },
        order_by={"id": "", "name": "name"},
        by_id="discount_id",
        singular="Discount",
    )
]


def image(account: Account, key: int) -> bytes | None:
    """Return the legacy image of a product, if it has one.

    Args:
        account: The account.
        key: Id of the product, which must exist.
    """
    row = account.tables["products"].row(key)
    return file_content(key) if row["has_legacy_image"] else None


def _image(world: World, request: Request) -> Response:
    key = find_key(world.account, "products", request.params["product_id"], "Product")
    data = image(world.account, key)
    if data is None:
        raise not_found("Image of product", request.params["product_id"])
    return content(world, data)


def routes() -> list[Route]:
    """Return the read calls for the shop."""
    lists = (PRODUCTS, PLANS, OPTIONS, CATEGORIES, ASSIGNED, BUNDLES, *DISCOUNTS)
    return [
        *(route for listing in lists for route in listing.routes()),
        ("GET", "/v2/products/{product_id}/images/legacyImageData", _image),
    ]
