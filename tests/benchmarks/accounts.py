"""Sample accounts for the benchmarks that are unlike the sandbox's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox import Sandbox

AFFILIATES = 500
PRODUCTS = 2000
CAMPAIGNS = 300
"""What an agency's account has in all."""
_FIRST = 100_000
"""The lowest id of a record that is added to the sandbox's own."""
_WITH_OPTIONS = 5
_WITH_PLANS = 7
"""One in this many products has options, or subscription plans."""
EARNING = 10
"""Affiliates that earn a commission in a night."""


def agency(
    box: Sandbox, *, affiliates: int = AFFILIATES, products: int = PRODUCTS, campaigns: int = CAMPAIGNS
) -> None:
    """Turn a sample account into an agency's: many affiliates, products and campaigns.

    Every fifth product has an option, and every seventh a plan. Every campaign has two goals and a sequence,
    and half of the affiliates have earned something, and have been paid.

    Args:
        box: The account.
        affiliates: How many affiliates it has in the end.
        products: How many products.
        campaigns: How many campaigns.
    """
    for collection, rows in (
        ("affiliates", _affiliates(box, affiliates)),
        ("products", _products(box, products)),
        ("campaigns", _campaigns(box, campaigns)),
    ):
        box.plant(collection, upsert=[*rows])


def agency_night(box: Sandbox, night: int) -> None:
    """Let a day pass in an agency's account: some affiliates earn something, and some products change.

    Args:
        box: The account.
        night: The number of the night, from 0.
    """
    ids = [row["id"] for row in box.records("affiliates")]
    earning = [ids[(night * EARNING + number) % len(ids)] for number in range(EARNING)]
    moment = box.clock_text()
    box.plant("affiliate_commissions", upsert=[_commission(one, moment) for one in earning])
    products = [row["id"] for row in box.records("products")]
    edited = [products[(night * EARNING + number) % len(products)] for number in range(EARNING)]
    box.plant("products", upsert=[{"id": one} for one in edited], touch=True)


def _affiliates(box: Sandbox, count: int) -> Iterator[dict[str, Any]]:
    """The affiliates that are missing; plants what half of them have earned, and were paid."""
    missing = count - len(box.records("affiliates", ids_only=True))
    earned = [str(_FIRST + number) for number in range(0, missing, 2)]
    box.plant("affiliate_commissions", upsert=[_commission(one, "2026-10-01T12:00:00Z") for one in earned])
    box.plant(
        "affiliate_payments",
        upsert=[
            {
                "id": one,
                "affiliate_id": one,
                "pay_date": "2026-11-01T00:00:00Z",
                "pay_amount": 20.0,
                "pay_type": "CHECK",
                "create_time": "2026-11-01T12:00:00Z",
            }
            for one in earned
        ],
    )
    for number in range(missing):
        yield {
            "id": str(_FIRST + number),
            "name": f"Partner {number}",
            "code": f"agency{number}",
            "status": "ACTIVE",
            "contact_id": "1",
            "date_created": "2026-01-01T00:00:00Z",
        }


def _commission(affiliate: str, moment: str) -> dict[str, Any]:
    return {
        "affiliate_id": affiliate,
        "invoice_id": "1",
        "time_earned": moment,
        "amount_earned": 20.0,
        "product_name": "Pro course",
        "contact_id": "1",
        "sales_affiliate_id": affiliate,
    }


def _products(box: Sandbox, count: int) -> Iterator[dict[str, Any]]:
    """The products that are missing; plants the options and plans of some."""
    ids = [str(_FIRST + number) for number in range(count - len(box.records("products", ids_only=True)))]
    box.plant(
        "product_options",
        upsert=[
            {
                "id": one,
                "product_id": one,
                "option_label": "Engraving",
                "option_type": "TEXT",
                "required": False,
                "display_order": 0,
                "list_items": [],
            }
            for one in ids[::_WITH_OPTIONS]
        ],
    )
    price = {"amount": 2900, "currency_code": "USD", "formatted_amount": "$29.00"}
    box.plant(
        "subscription_plans",
        upsert=[
            {
                "id": one,
                "product_id": one,
                "subscription_plan_name": "Monthly",
                "cycle_type": "MONTHLY",
                "frequency": 1,
                "active": True,
                "total_cycles": 0,
                "plan_price": price,
                "display_order_index": 0,
            }
            for one in ids[::_WITH_PLANS]
        ],
    )
    for one in ids:
        yield {
            "id": one,
            "name": f"Article {one}",
            "price": price,
            "active": True,
            "has_legacy_image": False,
            "inventory": {"inventory_limit": 0, "inventory_count": 1, "out_of_stock_enabled": False},
            "create_time": "2026-01-01T00:00:00.000Z",
            "update_time": "2026-01-01T00:00:00.000Z",
        }


def _campaigns(box: Sandbox, count: int) -> Iterator[dict[str, Any]]:
    """The campaigns that are missing; plants the goals and the sequence of each."""
    ids = [str(_FIRST + number) for number in range(count - len(box.records("campaigns", ids_only=True)))]
    box.plant(
        "campaign_goals",
        upsert=[
            {"id": f"{one}{number}", "name": f"Goal {number}", "type": "Tag", "campaign_id": one}
            for one in ids
            for number in range(2)
        ],
    )
    box.plant(
        "campaign_sequences",
        upsert=[{"id": one, "name": "Mails", "paths": [], "campaign_id": one} for one in ids],
    )
    for one in ids:
        yield {
            "id": one,
            "name": f"Campaign {one}",
            "locked": False,
            "date_created": "2026-01-01T00:00:00Z",
            "published_status": True,
            "published_date": "2026-01-02T00:00:00Z",
            "active_contact_count": 10,
            "completed_contact_count": 10,
        }
