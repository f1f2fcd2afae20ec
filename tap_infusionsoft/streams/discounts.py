"""Discounts."""

from __future__ import annotations

from msgspec.structs import replace

from tap_infusionsoft.streams.collection import ById, Choice, Collection, Endpoint, Wire
from tap_infusionsoft.streams.columns import (
    Schema,
    amount,
    array,
    flag,
    integer,
    key,
    midnight,
    moment,
    nested,
    number,
    text,
)
from tap_infusionsoft.streams.relations import id_of, ids_of, key_of, other_id
from tap_infusionsoft.streams.row_transforms import inside

_CATEGORY_CRITERION = {
    "type": text(
        "What the criterion is about, such as DATE_RANGE or PROMO_CODE; its other columns are null."
    ),
    "code": text("For PROMO_CODE: the code."),
    "criteria_id": other_id("Id of the criterion.", "No stream lists criteria."),
    "range_start_time": midnight("For DATE_RANGE: its first day."),
    "range_end_time": moment("For DATE_RANGE: the end, as the last second of a day."),
}
_CRITERION = {
    **_CATEGORY_CRITERION,
    "product_id": id_of("products", "Id of the product, for PRODUCT."),
    "product_quantity_min": integer("For PRODUCT: the least number of it."),
    "product_quantity_max": integer("For PRODUCT: the greatest number of it."),
    "plan_id": id_of("subscription_plans", "Id of the plan, for SUBSCRIPTION_PLAN."),
    "subscription_quantity": integer("For SUBSCRIPTION_PLAN: the number of it."),
    "total_amount": amount("For ORDER_TOTAL: the total to compare with."),
    "operator": text("For ORDER_TOTAL: LESS_THAN or GREATER_THAN."),
}
_CRITERIA = array(nested(_CRITERION), "What must be true for the discount to apply.")
_VALUE = {
    "discount_type": text("What discount_value is: AMOUNT or PERCENT."),
    "discount_value": number(
        "The discount: percent, or whole units of the account's currency, such as dollars; see discount_type."
    ),
}
_APPLY_TO_COMMISSIONS = flag("Whether commissions are reduced too.")


def _named(what: str) -> dict[str, Schema]:
    """The columns that discounts of every kind have."""
    return {
        "id": key(f"Id of the {what}."),
        "name": text("Name of the discount."),
        "description": text("Description of the discount."),
    }


FREE_TRIAL_DISCOUNTS = Collection(
    name="free_trial_discounts",
    about="Free trials of subscription plans.",
    endpoint=Endpoint("/v2/discounts/freeTrials", items="discounts"),
    chosen=(Choice("free_trial_discount_ids", path="/v2/discounts/freeTrials/{id}"),),
    properties={
        **_named("free trial"),
        "criteria": _CRITERIA,
        "hide_price": flag("Whether the price is hidden during the trial."),
        "subscription_plan_id": id_of("subscription_plans", "Id of the plan that can be tried."),
        "free_trial_days": integer("Days that the trial takes."),
    },
)

ORDER_TOTAL_DISCOUNTS = Collection(
    name="order_total_discounts",
    about="Discounts on order totals.",
    endpoint=Endpoint("/v2/discounts/orderTotals", items="discounts"),
    chosen=(Choice("order_total_discount_ids", path="/v2/discounts/orderTotals/{id}"),),
    properties={
        **_named("order total discount"),
        "criteria": _CRITERIA,
        "apply_to_commissions": _APPLY_TO_COMMISSIONS,
        **_VALUE,
        "discount_strategy": text("GROSS takes the discount off before tax, NET after it."),
    },
)

CATEGORY_DISCOUNTS = Collection(
    name="category_discounts",
    about="Discounts on product categories.",
    endpoint=Endpoint("/v2/discounts/productCategories", items="discounts", by_id=ById(filter="id")),
    chosen=(Choice("category_discount_ids", filter="ids", by_id=True),),
    properties={
        **_named("category discount"),
        "criteria": array(nested(_CATEGORY_CRITERION), "What must be true for the discount to apply."),
        "discount_percent": number("The discount in percent, 0 to 100."),
        "apply_to_commissions": _APPLY_TO_COMMISSIONS,
        "product_categories": ids_of(
            "product_categories",
            "Ids of the product categories that it is for. The stream "
            "category_discount_assignments has one row for each.",
        ),
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
        "category_discount_id": key_of("category_discounts", "Id of the discount."),
        "product_category_id": key_of("product_categories", "Id of the product category."),
    },
)

PRODUCT_DISCOUNTS = Collection(
    name="product_discounts",
    about="Discounts on products.",
    endpoint=Endpoint("/v2/discounts/products", items="discounts"),
    chosen=(Choice("product_discount_ids", path="/v2/discounts/products/{id}"),),
    properties={
        **_named("product discount"),
        "criteria": _CRITERIA,
        "apply_to_commissions": _APPLY_TO_COMMISSIONS,
        "product_id": id_of("products", "Id of the product that it is for."),
        **_VALUE,
    },
)

SHIPPING_DISCOUNTS = Collection(
    name="shipping_discounts",
    about="Discounts on shipping.",
    endpoint=Endpoint("/v2/discounts/shipping", items="discounts"),
    chosen=(Choice("shipping_discount_ids", path="/v2/discounts/shipping/{id}"),),
    properties={
        **_named("shipping discount"),
        "criteria": _CRITERIA,
        **_VALUE,
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
