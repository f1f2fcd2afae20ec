"""Reports about discounts. XML-RPC cannot list discounts, so their ids are those of REST.

Every value comes as a text. Sources: the samples in the vendor's documentation of 2013.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.columns import flag, integer, number, text, whole_key
from tap_infusionsoft.xmlrpc.reports.report import Report

if TYPE_CHECKING:
    from tap_infusionsoft.streams.columns import Schema

_PERCENT_OR_AMOUNT = {
    "pctOrAmt": text("Whether amount is a percentage or money, as a number that no source explains."),
    "amount": number("The discount."),
}


def _discount(
    title: str, method: str, about: str, stream: str, setting: str, columns: dict[str, Schema]
) -> Report:
    """Declare the report about one kind of discount.

    Args:
        title: What the classic connector calls it.
        method: Its method.
        about: What its rows are.
        stream: The stream of REST that lists these discounts.
        setting: The setting with their ids.
        columns: The columns that only this kind has.
    """
    return Report(
        title=title,
        method=f"DiscountService.{method}",
        about=about,
        slices=_each(stream, setting),
        key=("DiscountId",),
        columns={
            "DiscountId": whole_key(f"Id of the discount ({stream}.id)."),
            "name": text("Name of the discount."),
            "description": text("Description of the discount."),
            "applyDiscountToCommission": flag("Whether commissions are reduced too."),
            **columns,
        },
    )


def _each(stream: str, setting: str) -> PerParent:
    return PerParent(stream=stream, columns={"DiscountId": "id"}, setting=setting)


REPORTS = (
    _discount(
        "Discount - Category",
        "getCategoryDiscount",
        "Discounts on categories of products.",
        "category_discounts",
        "category_discount_ids",
        {},
    ),
    Report(
        title="Discount - Category Assignments",
        method="DiscountService.getCategoryAssignmentsForCategoryDiscount",
        about="Which categories of products the discounts on categories are for.",
        slices=_each("category_discounts", "category_discount_ids"),
        key=("DiscountId", "id"),
        columns={
            "DiscountId": whole_key("Id of the discount (category_discounts.id)."),
            "id": whole_key("Id of the assignment."),
            "specialItemId": integer("Id of the discount again."),
            "productCategoryId": integer("Id of the category (legacy_product_category.Id)."),
        },
    ),
    _discount(
        "Discount - Order's Discount",
        "getOrderTotalDiscount",
        "Discounts on the total of an order.",
        "order_total_discounts",
        "order_total_discount_ids",
        {**_PERCENT_OR_AMOUNT, "payType": text("Gross or Net.")},
    ),
    _discount(
        "Discount - Product Total",
        "getProductTotalDiscount",
        "Discounts on a product.",
        "product_discounts",
        "product_discount_ids",
        {"productId": integer("Id of the product (legacy_product.Id)."), **_PERCENT_OR_AMOUNT},
    ),
    _discount(
        "Discount - Shipping",
        "getShippingTotalDiscount",
        "Discounts on shipping.",
        "shipping_discounts",
        "shipping_discount_ids",
        _PERCENT_OR_AMOUNT,
    ),
    _discount(
        "Discount - Subscription's Free Trial",
        "getFreeTrial",
        "Free trials of subscriptions.",
        "free_trial_discounts",
        "free_trial_discount_ids",
        {
            "freeTrialDays": integer("Number of free days."),
            "hidePrice": flag("Whether the price is hidden."),
            "subscriptionPlanId": integer("Id of the subscription plan (legacy_subscription_plan.Id)."),
        },
    ),
)
