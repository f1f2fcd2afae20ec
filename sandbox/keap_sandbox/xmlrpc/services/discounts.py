"""DiscountService. Every value is a text, as in the samples of the vendor's documentation of 2013."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.xmlrpc.methods import Handler, Method
from keap_sandbox.xmlrpc.services.declaring import by_id, present, service, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["METHODS"]


def _discount(collection: str, more: Callable[[Row], Mapping[str, object]]) -> Handler:
    """Return the handler of a method that shows a discount.

    Args:
        collection: The collection of discounts of that kind.
        more: Returns the members that only this kind has.
    """

    def handler(world: World, params: list[Any]) -> dict[str, str]:
        row = by_id(world, collection, params[0])
        members = {
            "name": row["name"],
            "description": row["description"],
            # REST shows no such field for free trials and shipping
            "applyDiscountToCommission": bool(row.get("apply_to_commissions")),
            **more(row),
        }
        return present({name: text(value) for name, value in members.items()})

    return handler


def _value(row: Row) -> dict[str, object]:
    """Return the members for how much a discount is: a share if `pctOrAmt` is 1, an amount if it is 0."""
    return {"pctOrAmt": row["discount_type"] == "PERCENT", "amount": row["discount_value"]}


def _order_total(row: Row) -> dict[str, object]:
    return {**_value(row), "payType": str(row["discount_strategy"] or "").capitalize()}


def _free_trial(row: Row) -> dict[str, object]:
    return {
        "freeTrialDays": row["free_trial_days"],
        "hidePrice": row["hide_price"],
        "subscriptionPlanId": row["subscription_plan_id"],
    }


def _categories(world: World, params: list[Any]) -> list[dict[str, str]]:
    """Return the categories of a discount. REST shows no id of an assignment: it is made of the two ids."""
    row = by_id(world, "category_discounts", params[0])
    return [
        {"id": f"{row['id']}{int(one):05d}", "specialItemId": row["id"], "productCategoryId": str(one)}
        for one in row["product_categories"] or []
    ]


_ID = ((int,),)
METHODS: Mapping[str, Method] = service(
    "DiscountService",
    {
        "getFreeTrial": Method(_discount("free_trial_discounts", _free_trial), _ID),
        "getOrderTotalDiscount": Method(_discount("order_total_discounts", _order_total), _ID),
        "getCategoryDiscount": Method(_discount("category_discounts", lambda _: {}), _ID),
        "getCategoryAssignmentsForCategoryDiscount": Method(_categories, _ID),
        "getProductTotalDiscount": Method(
            _discount("product_discounts", lambda row: {"productId": row["product_id"]}), ((int,), (str,))
        ),
        "getShippingTotalDiscount": Method(_discount("shipping_discounts", _value), _ID),
    },
)
