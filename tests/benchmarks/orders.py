"""What the static server serves: orders as Keap sends them, with every field filled, three items and a plan.

The rows are rendered once, except for their ids, which count up from 1.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import orjson

from tests.benchmarks.contacts import address, moment

ITEMS = 3
INSTALLMENTS = 3
VARIANTS = 500
"""Number of different rows. After that many, they repeat with other ids."""
_ID = "@@id@@"
_FIELDS = (("Campaign code", "TEXT"), ("Boxes", "WHOLE_NUMBER"), ("Deliver on", "DATE"))


def model() -> dict[str, Any]:
    """Return the response of `/v2/orders/model`."""
    return {
        "custom_fields": [
            {
                "id": str(2 * number + 40),
                "label": label,
                "options": [],
                "record_type": "ORDER",
                "field_type": kind,
                "default_value": None,
                "group_id": "3",
                "group_name": "Custom fields",
                "field_name": "_" + label.replace(" ", ""),
            }
            for number, (label, kind) in enumerate(_FIELDS)
        ],
        "optional_properties": [],
    }


def _money(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency_code": "USD", "formatted_amount": f"${cents / 100:,.2f}"}


def _item(order: int, number: int, rng: random.Random) -> dict[str, Any]:
    cents, kind = rng.randint(100, 90_000), rng.choice(("PRODUCT", "SUBSCRIPTION"))
    return {
        "id": str(order * 10 + number),
        "name": rng.choice(("Coaching", "Gutter guard", "Ünïcode box ✨")),
        "description": 'Per piece; see "terms" of the order.',
        "notes": "Leave at the back door.",
        "quantity": rng.randint(1, 9),
        "discount": _money(cents // 10),
        "special": {"amount": 10, "special_item_id": "3", "discount_method": "PERCENT"},
        "product": {
            "id": str(rng.randint(1, 200)),
            "name": "Gutter guard",
            "sku": f"GG-{rng.randint(100, 999)}",
            "description": "Keeps leaves out.",
            "shippable": True,
            "taxable": True,
        },
        "subscription_id": str(rng.randint(1, 400)),
        "item_type": kind,
        "cost_per_unit": _money(cents // 2),
        "price_per_unit": _money(cents),
        "subscription_plan": {
            "id": str(rng.randint(1, 40)),
            "frequency": 1,
            "active": True,
            "subscription_plan_name": "Monthly",
            "cycle_type": "MONTH",
            "total_cycles": 12,
            "plan_price": _money(cents),
            "display_order_index": number,
        },
    }


def row(variant: int) -> dict[str, Any]:
    """Return one order with a placeholder for its id."""
    rng = random.Random(variant)
    cents = rng.randint(1_000, 500_000)
    return {
        "id": _ID,
        "title": "Spring offer",
        "status": rng.choice(("PAID", "SENT")),
        "total": _money(cents),
        "contact": {
            "id": str(rng.randint(1, 50_000)),
            "email": f"person{variant}@example.org",
            "given_name": "Zoë",
            "family_name": "O'Neill",
        },
        "notes": "Called on Monday; wants it before the holidays.",
        "terms": "Net 30",
        "order_type": "ONLINE",
        "source_type": "CHECKOUT_FORM",
        "creation_time": moment(rng),
        "modification_time": "2025-04-16T20:33:02.321Z",
        "order_time": moment(rng),
        "lead_affiliate_id": str(rng.randint(1, 20)),
        "sales_affiliate_id": str(rng.randint(1, 20)),
        "total_paid": _money(cents // 2),
        "total_due": _money(cents),
        "shipping_information": {
            "id": str(rng.randint(1, 50_000)),
            "address": address("SHIPPING", rng),
            "company": "O'Neill Roofing GmbH",
            "given_name": "Zoë",
            "family_name": "O'Neill",
            "phone_number": "(555) 319-1111",
            "invoice_to_company": False,
        },
        "refund_total": _money(0),
        "allow_payment": True,
        "allow_paypal": False,
        "order_items": [_item(variant, number, rng) for number in range(1, ITEMS + 1)],
        "payment_plan": {
            "auto_charge": True,
            "max_charge_attempts": 3,
            "days_between_retries": 2,
            "payment_method_id": str(rng.randint(1, 900)),
            "initial_payment_amount": _money(cents // 3),
            "initial_payment_percent": 33.5,
            "initial_payment_date": "2025-02-03",
            "plan_start_date": "2025-02-03",
            "number_of_payments": INSTALLMENTS,
            "days_between_payments": 30,
            "payment_plan_items": [
                {
                    "status": "PAID",
                    "due_date": f"2025-{month:02d}-03",
                    "amount_due": _money(cents // 3),
                    "amount_paid": _money(cents // 3),
                }
                for month in range(2, 2 + INSTALLMENTS)
            ],
        },
        "invoice_number": str(10_000 + variant),
        "files": [{"file_id": str(rng.randint(1, 900))}],
        "credit_status": "GOOD",
        "promo_code": "SPRING",
        "refund_status": "NONE",
        "synced": True,
        "invoice_id": str(rng.randint(1, 90_000)),
        "custom_fields": [
            {"id": one["id"], "content": content}
            for one, content in zip(model()["custom_fields"], ("A-17", 4, "2025-05-17"), strict=True)
        ],
        "sent_time": moment(rng),
        "due_time": moment(rng),
        "external_create_user": "shop",
        "external_create_time": moment(rng),
        "external_update_time": moment(rng),
    }


@cache
def rendered() -> list[tuple[bytes, bytes]]:
    """Return the JSON before and after the id of each row."""
    halves = (orjson.dumps(row(variant)).partition(_ID.encode()) for variant in range(VARIANTS))
    return [(before, after) for before, _, after in halves]
