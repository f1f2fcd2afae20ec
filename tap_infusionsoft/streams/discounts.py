"""Discounts."""

from __future__ import annotations

from dataclasses import replace

from tap_infusionsoft.streams.collection import ById, Choice, Collection, Endpoint, Wire
from tap_infusionsoft.streams.columns import array, flag, integer, key, moment, nested, number, text
from tap_infusionsoft.streams.row_transforms import inside

_CRITERION = {
    "type": text(),
    "code": text(),
    "criteria_id": text(),
    "range_start_time": moment(),
    "range_end_time": moment(),
    "product_id": text(),
    "product_quantity_min": integer(),
    "product_quantity_max": integer(),
    "plan_id": text(),
    "subscription_quantity": integer(),
    "total_amount": number(),
    "operator": text(),
}

FREE_TRIAL_DISCOUNTS = Collection(
    name="free_trial_discounts",
    about="Free trials of subscription plans.",
    endpoint=Endpoint("/v2/discounts/freeTrials", items="discounts"),
    chosen=(Choice("free_trial_discount_ids", path="/v2/discounts/freeTrials/{id}"),),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "criteria": array(nested(_CRITERION)),
        "hide_price": flag(),
        "subscription_plan_id": text(),
        "free_trial_days": integer(),
    },
)

ORDER_TOTAL_DISCOUNTS = Collection(
    name="order_total_discounts",
    about="Discounts on order totals.",
    endpoint=Endpoint("/v2/discounts/orderTotals", items="discounts"),
    chosen=(Choice("order_total_discount_ids", path="/v2/discounts/orderTotals/{id}"),),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "criteria": array(nested(_CRITERION)),
        "apply_to_commissions": flag(),
        "discount_type": text(),
        "discount_value": number(),
        "discount_strategy": text(),
    },
)

CATEGORY_DISCOUNTS = Collection(
    name="category_discounts",
    about="Discounts on product categories.",
    endpoint=Endpoint("/v2/discounts/productCategories", items="discounts", by_id=ById(filter="id")),
    chosen=(Choice("category_discount_ids", filter="ids", by_id=True),),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "criteria": array(
            nested(
                {
                    "type": text(),
                    "code": text(),
                    "criteria_id": text(),
                    "range_start_time": moment(),
                    "range_end_time": moment(),
                }
            )
        ),
        "discount_percent": number(),
        "apply_to_commissions": flag(),
        "product_categories": array(text()),
    },
)

CATEGORY_DISCOUNT_ASSIGNMENTS = replace(
    CATEGORY_DISCOUNTS,
    name="category_discount_assignments",
    about="Which product categories each category discount applies to.",
    key=("category_discount_id", "product_category_id"),
    wire=Wire(
        unpack=inside("product_categories", category_discount_id="id"),
        renamed={"product_category_id": "value"},
    ),
    properties={
        "category_discount_id": key("Id of the discount."),
        "product_category_id": key("Id of the category."),
    },
)

PRODUCT_DISCOUNTS = Collection(
    name="product_discounts",
    about="Discounts on products.",
    endpoint=Endpoint("/v2/discounts/products", items="discounts"),
    chosen=(Choice("product_discount_ids", path="/v2/discounts/products/{id}"),),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "criteria": array(nested(_CRITERION)),
        "apply_to_commissions": flag(),
        "product_id": text(),
        "discount_type": text(),
        "discount_value": number(),
    },
)

SHIPPING_DISCOUNTS = Collection(
    name="shipping_discounts",
    about="Discounts on shipping.",
    endpoint=Endpoint("/v2/discounts/shipping", items="discounts"),
    chosen=(Choice("shipping_discount_ids", path="/v2/discounts/shipping/{id}"),),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "criteria": array(nested(_CRITERION)),
        "discount_type": text(),
        "discount_value": number(),
    },
)

COLLECTIONS = (
    FREE_TRIAL_DISCOUNTS,
    ORDER_TOTAL_DISCOUNTS,
    CATEGORY_DISCOUNTS,
    CATEGORY_DISCOUNT_ASSIGNMENTS,
    PRODUCT_DISCOUNTS,
    SHIPPING_DISCOUNTS,
)
