"""Write calls for subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.endpoints.sales import SUBSCRIPTIONS
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response
from keap_sandbox.sample_data.shop import CYCLES
from keap_sandbox.writes.shapes import (
    ADDRESS,
    BOOL,
    CUSTOM_FIELDS,
    NUMBER,
    date,
    integer,
    one_of,
    properties,
    texts,
    validated,
)
from keap_sandbox.writes.writable import Writable, check_ids

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row

__all__ = ["routes"]

_SUBSCRIPTION = {
    **texts(
        "contact_id", "subscription_plan_id", "payment_method_id", "lead_affiliate_id", "sale_affiliate_id",
        "promo_code", "shipping_option_id", "reason_stopped",
    ),
    **properties(date(), "start_date", "next_bill_date", "end_date"),
    "billing_cycle": one_of("YEAR", "MONTH", "WEEK", "DAY"),
    **properties(integer(1), "quantity", "max_charge_attempts", "days_between_retries", "billing_frequency"),
    **properties(BOOL, "active", "auto_charge", "allow_tax", "allow_duplicate"),
    "billing_amount": NUMBER,
    "shipping_address": ADDRESS,
    "custom_fields": CUSTOM_FIELDS,
}  # fmt: skip


def _check_subscription(account: Account, body: Row, _: int | None) -> None:
    check_ids(
        account,
        body,
        contact_id="contacts",
        subscription_plan_id="subscription_plans",
        payment_method_id="payment_methods",
        lead_affiliate_id="affiliates",
        sale_affiliate_id="affiliates",
    )


def _subscription(account: Account, row: Row, body: Row) -> Row:
    fields = {name: value for name, value in body.items() if name != "allow_duplicate"}
    if body.get("subscription_plan_id"):
        plan = account.tables["subscription_plans"].row(parse_id(body["subscription_plan_id"]))
        is_new = row.get("subscription_plan_id") is None
        defaults: Row = {
            "product_id": plan["product_id"],
            "billing_amount": account.plain(plan["plan_price"]["amount"]),
            "billing_cycle": CYCLES[plan["cycle_type"]][0],
            "billing_frequency": plan["frequency"],
        }
        if is_new:
            today = account.now()[:10]
            defaults |= {"quantity": 1, "active": True, "start_date": today, "next_bill_date": today}
        fields = defaults | fields
    return fields


def _deactivate(world: World, request: Request) -> Response:
    account, table = world.account, world.account.tables["subscriptions"]
    key = find_key(account, "subscriptions", request.params["subscription_id"], "Subscription")
    reason = validated(request.json_object(), texts("reason")).get("reason") if request.body else None
    stopped = {"active": False, "reason_stopped": reason, "end_date": account.now()[:10]}
    table.put(key, {**table.row(key), **stopped, "next_bill_date": None, "modification_time": account.now()})
    return Response(200, b"", None)


WRITABLE = (
    Writable(
        collection="subscriptions",
        listing=SUBSCRIPTIONS,
        id_name="subscription_id",
        properties=_SUBSCRIPTION,
        required=("contact_id", "subscription_plan_id"),
        validate=_check_subscription,
        to_fields=_subscription,
        methods=("POST", "PATCH"),
    ),
)


def routes() -> list[Route]:
    """Return the write calls for subscriptions."""
    return [
        ("POST", "/v2/subscriptions/{subscription_id}:deactivate", _deactivate),
        *(route for writable in WRITABLE for route in writable.routes()),
    ]
