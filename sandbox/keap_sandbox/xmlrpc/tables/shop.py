"""Products with their plans, options and categories, and bundles of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.shop import image
from keap_sandbox.tables import Row, dig
from keap_sandbox.xmlrpc.tables.cells import (
    ADD_EDIT,
    ALL,
    Read,
    blob,
    codes,
    enum,
    ident,
    number,
    retired,
    text,
    time,
    truth,
    whole,
    words,
)
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.account import Account

__all__ = ["CYCLES", "TABLES"]

CYCLES = {"YEARLY": 1, "YEAR": 1, "MONTHLY": 2, "MONTH": 2, "WEEKLY": 3, "WEEK": 3, "DAILY": 6, "DAY": 6}
"""Billing cycle at REST -> its code."""


def _picture(account: Account, row: Row) -> object:
    key = str(row.get("id"))
    return image(account, int(key)) if key.isdigit() and row.get("has_legacy_image") else None


_PRODUCT = table(
    "Product",
    each("products"),
    ident("Id", "id", "R"),
    text("BottomHTML", "bottom_html"),
    whole("CityTaxable", "city_taxable"),
    whole("CountryTaxable", "country_taxable"),
    time("DateCreated", "create_time", "R", inferred=True),
    text("Description", "description"),
    whole("HideInStore", "storefront_hidden"),
    whole("InventoryLimit", "inventory.inventory_limit"),
    text("InventoryNotifiee", "inventory.email_for_inventory_notifications"),
    whole("IsPackage", "is_package"),
    blob("LargeImage", _picture),
    time("LastUpdated", "update_time", "R", inferred=True),
    whole("NeedsDigitalDelivery", "needs_digital_delivery"),
    text("ProductName", "name"),
    number("ProductPrice", "price"),
    whole("Shippable", "shippable"),
    text("ShippingTime", "delivery_description"),
    text("ShortDescription", "short_description"),
    text("Sku", "sku"),
    whole("StateTaxable", "state_taxable"),
    whole("Status", "active"),
    *retired("Integer", "SubCategory"),
    whole("Taxable", "taxable"),
    text("TopHTML", "top_html"),
    number("Weight", "weight"),
    access=ADD_EDIT,
)

_PLAN = table(
    "SubscriptionPlan",
    each("subscription_plans"),
    ident("Id", "id", "R"),
    truth("Active", "active"),
    text("Cycle", codes("cycle_type", **CYCLES)),
    whole("Frequency", "frequency"),
    whole("NumberOfCycles", "total_cycles", "R", inferred=True),
    number("PlanPrice", "plan_price"),
    number("PreAuthorizeAmount", lambda *_: 0.0),
    ident("ProductId", "product_id"),
    truth("Prorate", lambda _, row: row.get("prorate", False)),
    access=ADD_EDIT,
)


def _of_product(find: Read) -> Read:
    """Read a value of the product that a plan belongs to."""

    def read(account: Account, row: Row) -> object:
        key, products = str(row.get("product_id")), account.tables["products"]
        if not key.isdigit() or int(key) not in products:
            return None
        return find(account, products.row(int(key)))

    return read


def _product(path: str) -> Read:
    return _of_product(lambda _, product: product.get(path))


_PROGRAM = table(
    "CProgram",
    each("subscription_plans"),
    ident("Id", "id", "R"),
    truth("Active", "active"),
    text("BillingType", lambda *_: "Recurring"),
    text("DefaultCycle", codes("cycle_type", **CYCLES)),
    whole("DefaultFrequency", "frequency"),
    number("DefaultPrice", "plan_price"),
    text("Description", _product("description")),
    text("Family", lambda _, row: f"Family {row.get('product_id')}"),
    whole("HideInStore", _product("storefront_hidden")),
    blob("LargeImage", _of_product(_picture)),
    ident("ProductId", "product_id"),
    text("ProgramName", "subscription_plan_name"),
    text("ShortDescription", _product("short_description")),
    text("Sku", _product("sku")),
    whole("Status", "active"),
    *retired("Integer", "SubCategory"),
    whole("Taxable", _product("taxable")),
    access=ADD_EDIT,
    needs=("products",),
)


def _assignments(key: int, product: Row) -> Iterator[tuple[int, Row]]:
    """Return the categories that a product is in. REST shows no ids of these, which are made up here."""
    for category in product.get("categories") or ():
        if str(category).isdigit():
            number = key << 12 | int(category)
            yield number, {"id": number, "product_id": key, "category_id": category}


_ASSIGNED = table(
    "ProductCategoryAssign",
    parts("products", _assignments),
    ident("Id", "id", "R"),
    ident("ProductCategoryId", "category_id"),
    ident("ProductId", "product_id"),
    access=ADD_EDIT,
)

_CATEGORY = table(
    "ProductCategory",
    each("product_categories"),
    ident("Id", "id", "R"),
    text("CategoryDisplayName", "name"),
    blob("CategoryImage"),
    whole("CategoryOrder", "display_order_index"),
    ident("ParentId", "parent_category_id"),
    access=ALL,
)

_OPTION = table(
    "ProductOption",
    each("product_options"),
    ident("Id", "id"),
    whole("AllowSpaces", "text_rules.allow_spaces"),
    text("CanContain", words("text_rules.only_contains")),
    whole("CanEndWith", codes("text_rules.only_ends_with", NONE=0, LETTERS=1, NUMBERS=2)),
    text("CanStartWith", words("text_rules.only_starts_with")),
    whole("IsRequired", "required"),
    text("Label", "option_label"),
    whole("MaxChars", "text_rules.maximum_characters"),
    whole("MinChars", "text_rules.minimum_characters"),
    text("Name", "option_label"),
    enum("OptionType", words("option_type")),
    whole("Order", "display_order"),
    ident("ProductId", "product_id"),
    whole("TextMessage"),
    access=ALL,
)


def _values(_: int, option: Row) -> Iterator[tuple[int, Row]]:
    for item in option.get("list_items") or ():
        if str(item.get("item_id")).isdigit():
            yield int(item["item_id"]), {"item": item, "option": option}


_OPTION_VALUE = table(
    "ProductOptValue",
    parts("product_options", _values),
    ident("Id", "item.item_id"),
    whole("IsDefault", lambda _, row: int(row["item"].get("item_display_order") == 0)),
    text("Label", "item.item_label"),
    text("Name", "item.item_label"),
    whole("OptionIndex", "item.item_display_order"),
    number("PriceAdjustment", "item.price_adjustment"),
    ident("ProductOptionId", "option.id"),
    text("Sku", "item.item_code"),
    access=ALL,
)

_BUNDLE = table(
    "ProductInterestBundle",
    each("product_interest_bundles"),
    ident("Id", "id", "R"),
    text("BundleName", "name"),
    text("Description", "description"),
    access=ADD_EDIT,
)


def _interests(_: int, bundle: Row) -> Iterator[tuple[int, Row]]:
    for kind in ("product", "subscription_plan"):
        for one in bundle.get(f"{kind}_interests") or ():
            if str(one.get("id")).isdigit():
                yield int(one["id"]), {**one, "bundle_id": bundle["id"], f"{kind}_id": one.get("interest_id")}


def _product_of(account: Account, row: Row) -> object:
    if "product_id" in row:
        return row["product_id"]
    key, plans = str(row.get("subscription_plan_id")), account.tables["subscription_plans"]
    return dig(plans.row(int(key)), "product_id") if key.isdigit() and int(key) in plans else None


_INTEREST = table(
    "ProductInterest",
    parts("product_interest_bundles", _interests),
    ident("Id", "id", "R"),
    whole("DiscountPercent", "discount_percent"),
    ident("ObjectId", "bundle_id"),
    text("ObjType", lambda *_: "ProductInterestBundle"),
    ident("ProductId", _product_of),
    text("ProductType", words("type")),
    whole("Qty", "quantity"),
    ident("SubscriptionPlanId", "subscription_plan_id", "R", inferred=True),
    access=ALL,
    needs=("subscription_plans",),
)

TABLES = (
    _PRODUCT, _PLAN, _PROGRAM, _ASSIGNED, _CATEGORY, _OPTION, _OPTION_VALUE, _BUNDLE, _INTEREST,
)  # fmt: skip
