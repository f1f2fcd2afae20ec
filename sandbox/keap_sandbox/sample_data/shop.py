"""Sample products with their plans, options and categories, bundles, discounts and merchant accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, dice
from keap_sandbox.sample_data.money import money
from keap_sandbox.timestamps import iso, iso_millis

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = [
    "CYCLES", "DEFAULT_MERCHANT", "PAYPAL", "SAMPLE_MERCHANTS", "SAMPLE_PLANS", "SAMPLE_PRODUCTS", "Merchant",
    "bundles", "category_discounts", "free_trial_discounts", "listed_option", "merchants",
    "order_total_discounts", "plan_row", "product_categories", "product_discounts", "product_key",
    "product_number", "product_options", "products", "shipping_discounts", "subscription_plans",
]  # fmt: skip

# (name, SKU, price in cents, weight, categories). `product_key` gives their ids.
SAMPLE_PRODUCTS: tuple[tuple[str, str | None, int, float, tuple[int, ...]], ...] = (
    ("Starter course", "C-100", 4900, 0.0, (2,)),
    ("Pro course", "C-200", 19900, 0.0, (2, 8)),
    ("Coaching hour", None, 12000, 0.0, (4,)),
    ("Membership (monthly)", "M-1", 2900, 0.0, (4, 6)),
    ("Workbook, 2nd ed.", "B-10/2", 1999, 0.45, (8,)),
    ("Retreat", "R-2026", 149900, 0.0, (6,)),
    ("Mug ☕ “Keep going”", "MUG-ÜN", 1450, 0.38, (10,)),
    ("Gift card", "GC", 5000, 0.0, ()),
    ("Poster set", "P-3", 2495, 0.2, (10,)),
    ("Audio book", "A-7", 1599, 0.0, (8,)),
    ("Membership (yearly)", "M-12", 29000, 0.0, (4, 6)),
    ("Old DVD", "D-0", 999, 0.1, ()),
)
# Cycle of a plan -> (cycle of a subscription, days)
CYCLES = {"MONTHLY": ("MONTH", 30), "YEARLY": ("YEAR", 365), "WEEKLY": ("WEEK", 7), "DAILY": ("DAY", 1)}
# (id, product id, name, cycle, price in cents, number of cycles; 0 for no end)
SAMPLE_PLANS = (
    (5, 12, "Monthly", "MONTHLY", 2900, 0),
    (9, 12, "Weekly trial", "WEEKLY", 500, 4),
    (14, 33, "Yearly", "YEARLY", 29000, 0),
    (16, 33, "Two payments", "MONTHLY", 15500, 2),
    (23, 6, "Six instalments", "MONTHLY", 3500, 6),
)
_PROMO_CODES = ("SUMMER20", "WELCOME", "Ünïcode-5")


class Merchant(NamedTuple):
    """A merchant account."""

    id: str
    name: str
    type: str


SAMPLE_MERCHANTS = (
    Merchant("31", "Stripe", "STRIPE"),
    Merchant("33", "PayPal", "PAYPAL"),
    Merchant("35", "Test gateway", "AUTHORIZE"),
)
DEFAULT_MERCHANT = SAMPLE_MERCHANTS[0].id
PAYPAL = SAMPLE_MERCHANTS[1]


def product_number(key: int) -> int:
    """Return the number of a product in `SAMPLE_PRODUCTS` from its id."""
    return key // 3 - 1


def product_key(number: int) -> int:
    """Return the id of a product from its number in `SAMPLE_PRODUCTS`: 3, 6, 9 ..."""
    return 3 * number + 3


def products(account: AccountView) -> dict[int, Row]:
    """Return the products. Their options and plans are added when they are read."""
    roll = dice(account.seed, 21)
    rows: dict[int, Row] = {}
    for number, (name, sku, price, weight, categories) in enumerate(SAMPLE_PRODUCTS):
        key, chance = product_key(number), roll(number)
        # Orders name all products, so all are older than the first order
        created = EPOCH_START + (number - len(SAMPLE_PRODUCTS)) * 60 * DAY + chance % DAY
        rows[key] = {
            "id": str(key),
            "name": name,
            "price": money(price),
            "active": number != len(SAMPLE_PRODUCTS) - 1,
            "description": (None, "", f"<p>{name} - everything in it.</p>")[number % 3],
            "sku": sku,
            "shippable": weight > 0,
            "weight": weight,
            "taxable": number % 2 == 0,
            "categories": [str(category) for category in categories],
            "inventory": {
                "inventory_limit": 5 if weight else 0,
                "inventory_count": chance % 500 if weight else 0,
                "out_of_stock_enabled": weight > 0,
                "email_for_inventory_notifications": "stock@sandbox.example" if weight else None,
            },
            "short_description": name if number % 4 else None,
            "subscription_only": number in {3, 10},
            "storefront_hidden": number == 7,  # noqa: PLR2004 - the gift card
            "country_taxable": False,
            "state_taxable": number % 2 == 0,
            "city_taxable": False,
            "top_html": None,
            "bottom_html": None,
            "is_package": False,
            "needs_digital_delivery": number in {0, 1, 9},
            "has_legacy_image": number % 4 == 1,
            "delivery_description": None,
            "create_time": iso_millis(created),
            "update_time": iso_millis(created + chance % (EPOCH_END - created)),
        }
    return rows


def plan_row(number: int) -> Row:
    """Return a subscription plan as orders show it, by its number in `SAMPLE_PLANS`."""
    key, _, name, cycle, price, cycles = SAMPLE_PLANS[number]
    return {
        "id": str(key),
        "frequency": 1,
        "active": key != 9,  # noqa: PLR2004 - one is inactive
        "subscription_plan_name": name,
        "cycle_type": cycle,
        "total_cycles": cycles,
        "plan_price": money(price),
        "display_order_index": number,
    }


def subscription_plans(_: AccountView) -> dict[int, Row]:
    """Return the subscription plans of products."""
    return {
        plan[0]: {**plan_row(number), "product_id": str(plan[1])} for number, plan in enumerate(SAMPLE_PLANS)
    }


def product_options(account: AccountView) -> dict[int, Row]:
    """Return the options of products: a list to choose from, or a text to enter."""
    rows: dict[int, Row] = {}
    for product in account.tables["products"]:
        number = product_number(product)
        if number % 3:
            continue
        items: list[Row] = [
            {
                "item_id": str(product * 10 + position),
                "item_label": label,
                "item_code": label[0],
                "item_display_order": position,
                "price_adjustment": extra,
            }
            for position, (label, extra) in enumerate((("Small", 0.0), ("Large", 2.5)))
        ]
        rules = {
            "minimum_characters": 1,
            "maximum_characters": 40,
            "allow_spaces": True,
            "only_starts_with": "NONE",
            "only_ends_with": "NONE",
            "only_contains": "NONE",
            "error_message": None,
        }
        for position, kind in enumerate(("LIST", "TEXT")):
            key = product * 4 + position
            rows[key] = {
                "id": str(key),
                "required": position == 0,
                "option_label": ("Size", "Engraving")[position],
                "product_id": str(product),
                "option_type": kind,
                "display_order": position,
                "list_items": items if kind == "LIST" else [],
                "text_rules": rules if kind == "TEXT" else None,
            }
    return rows


_LISTED_KINDS = {"LETTER": "LETTER", "DIGIT": "NUMBER", "BOTH": "BOTH"}
"""What a text may be made of -> what lists of products call it; for NONE they have no word."""


def listed_option(option: Row) -> Row:
    """Return an option as lists of products show it: other names, and no ids."""
    rules = option.get("text_rules")
    return {
        "name": option.get("option_label"),
        "type": "FIXED" if option.get("option_type") == "LIST" else "VARIABLE",
        "required": option.get("required"),
        "fixed_options": [
            {
                "value": item["item_label"],
                "code": item["item_code"],
                "price_adjustment": item["price_adjustment"],
            }
            for item in option.get("list_items") or ()
        ],
        "variable_setting": rules
        and {
            "contains": _LISTED_KINDS.get(rules["only_contains"]),
            "min_chars": rules["minimum_characters"],
            "max_chars": rules["maximum_characters"],
            "contain_spaces": rules["allow_spaces"],
            "start_with": _LISTED_KINDS.get(rules["only_starts_with"]),
            "end_with": _LISTED_KINDS.get(rules["only_ends_with"]),
            "validation_msg": rules["error_message"],
        },
    }


def product_categories(_: AccountView) -> dict[int, Row]:
    """Return the product categories. Two have a parent category."""
    names = ("Courses", "Coaching", "Community", "Books & audio", "Merchandise 🎁")
    return {
        2 * number + 2: {
            "id": str(2 * number + 2),
            "name": name,
            "display_order_index": number,
            "parent_category_id": "2" if number in {3, 4} else None,
        }
        for number, name in enumerate(names)
    }


def bundles(_: AccountView) -> dict[int, Row]:
    """Return the bundles of products and plans."""
    rows: dict[int, Row] = {}
    for number, name in enumerate(("Beginners", "Bookworms", "Members' choice")):
        key = 11 + 4 * number
        product, plan = product_key(number * 2), SAMPLE_PLANS[number]
        rows[key] = {
            "id": str(key),
            "name": name,
            "description": None if number else "For a good start",
            "product_interests": [
                {
                    "id": str(key * 10),
                    "type": "PRODUCT",
                    "quantity": number + 1,
                    "price": money(SAMPLE_PRODUCTS[number * 2][2]),
                    "interest_id": str(product),
                    "discount_percent": 10 * number,
                }
            ],
            "subscription_plan_interests": [
                {
                    "id": str(key * 10 + 1),
                    "type": "SUBSCRIPTION_PLAN",
                    "quantity": 1,
                    "price": money(plan[4]),
                    "interest_id": str(plan[0]),
                    "discount_percent": 0,
                }
            ]
            if number
            else [],
        }
    return rows


def _criteria(key: int, *, for_category: bool = False) -> list[Row]:
    """Return the criteria of a discount: a period, a promo code, a product, a plan.

    Args:
        key: Id of the discount.
        for_category: Leave out what the criteria of category discounts do not have.
    """
    blank: Row = dict.fromkeys(
        (
            "type", "code", "criteria_id", "range_start_time", "range_end_time", "product_id",
            "product_quantity_min", "product_quantity_max", "plan_id", "subscription_quantity",
            "total_amount", "operator",
        )
    )  # fmt: skip
    if for_category:
        blank = dict.fromkeys(list(blank)[:5])
    start = EPOCH_START + key * 30 * DAY
    rows = [
        blank
        | {
            "type": "DATE_RANGE",
            "criteria_id": str(key * 10),
            "range_start_time": iso(start),
            "range_end_time": iso(start + 90 * DAY - 1_000),
        },
        blank | {"type": "PROMO_CODE", "criteria_id": str(key * 10 + 1), "code": _PROMO_CODES[key % 3]},
    ]
    if not for_category:
        product = {"product_id": "3", "product_quantity_min": 1, "product_quantity_max": 5}
        plan = {"plan_id": str(SAMPLE_PLANS[0][0]), "subscription_quantity": 1}
        more = [
            blank | {"type": "PRODUCT", "criteria_id": str(key * 10 + 2), **product},
            blank | {"type": "SUBSCRIPTION_PLAN", "criteria_id": str(key * 10 + 3), **plan},
        ]
        return rows[: 1 + key % 3] + more[: key // 3 % 3]
    return rows[: 1 + key % 3]


def _discounts(first: int, names: tuple[str, ...], fields: Callable[[int, int], Row]) -> dict[int, Row]:
    """Return discounts of one kind.

    Args:
        first: The lowest id that a discount can get.
        names: Their names.
        fields: Called as (number, key). Returns the fields that only this kind of discount has.
    """
    rows: dict[int, Row] = {}
    for number, name in enumerate(names):
        key = first + 3 * (number ^ 1)
        base = {
            "id": str(key),
            "name": name,
            "description": None if number % 2 else f"{name}, while it lasts",
        }
        rows[key] = base | fields(number, key)
    return rows


_DISCOUNT_NAMES = ("Summer sale", "Thank you", "Black Friday - 24 h", "Ünïcode week")


def order_total_discounts(_: AccountView) -> dict[int, Row]:
    """Return the discounts on whole orders."""
    return _discounts(
        4,
        _DISCOUNT_NAMES,
        lambda number, key: {
            "criteria": _criteria(key),
            "apply_to_commissions": number % 2 == 0,
            "discount_type": ("PERCENT", "AMOUNT")[number % 2],
            "discount_value": (10.0, 25.5)[number % 2],
            "discount_strategy": ("GROSS", "NET")[number % 2],
        },
    )


def category_discounts(_: AccountView) -> dict[int, Row]:
    """Return the discounts on product categories."""
    return _discounts(
        5,
        _DISCOUNT_NAMES[:3],
        lambda number, key: {
            "criteria": _criteria(key, for_category=True),
            "discount_percent": 5.0 * (number + 1),
            "apply_to_commissions": number == 0,
            "product_categories": [str(2 * category + 2) for category in range(number + 1)],
        },
    )


def product_discounts(_: AccountView) -> dict[int, Row]:
    """Return the discounts on single products."""
    return _discounts(
        6,
        _DISCOUNT_NAMES,
        lambda number, key: {
            "criteria": _criteria(key),
            "apply_to_commissions": number % 2 == 1,
            "product_id": str(product_key(number)),
            "discount_type": ("AMOUNT", "PERCENT")[number % 2],
            "discount_value": (5.0, 15.0)[number % 2],
        },
    )


def shipping_discounts(_: AccountView) -> dict[int, Row]:
    """Return the discounts on shipping."""
    return _discounts(
        7,
        _DISCOUNT_NAMES[:3],
        lambda number, key: {
            "criteria": _criteria(key),
            "discount_type": ("PERCENT", "AMOUNT")[number % 2],
            "discount_value": (100.0, 4.99)[number % 2],
        },
    )


def free_trial_discounts(_: AccountView) -> dict[int, Row]:
    """Return the free trials of subscription plans."""
    return _discounts(
        8,
        _DISCOUNT_NAMES[:3],
        lambda number, key: {
            "criteria": _criteria(key),
            "hide_price": number == 1,
            "subscription_plan_id": str(SAMPLE_PLANS[number][0]),
            "free_trial_days": (7, 14, 30)[number],
        },
    )


def merchants(_: AccountView) -> dict[int, Row]:
    """Return the merchant accounts."""
    return {
        int(merchant.id): {**merchant._asdict(), "is_test": merchant == SAMPLE_MERCHANTS[-1]}
        for merchant in SAMPLE_MERCHANTS
    }
