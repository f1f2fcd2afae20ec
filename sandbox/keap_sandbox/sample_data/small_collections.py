"""The small collections of the made-up account: the same for the same seed, on every machine."""

from __future__ import annotations

from collections.abc import Callable

from keap_sandbox.custom_fields import CustomFields, seed_values
from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import EPOCH_END, EPOCH_START
from keap_sandbox.tables import Row, mix
from keap_sandbox.timestamps import iso, iso_millis, iso_offset

__all__ = [
    "affiliates",
    "categories",
    "clawbacks",
    "commissions",
    "payments",
    "programs",
    "shipping",
    "tags",
    "users",
]

Chance = Callable[[int], int]
_DAY = 86_400_000


def dice(seed: int, salt: int) -> Chance:
    """Random bits by number."""
    start = mix(mix(seed) ^ mix(salt))
    return lambda number: mix(start + number)


def _moment(chance: int) -> int:
    """A moment of the three years; mostly whole seconds."""
    moment = EPOCH_START + chance % (EPOCH_END - EPOCH_START)
    return moment if chance >> 50 & 3 == 0 else moment - moment % 1000


def categories(seed: int) -> dict[int, Row]:
    """Tag categories."""
    roll = dice(seed, 11)
    rows = {}
    for number, name in enumerate(words.CATEGORIES):
        key, created = 10 + 2 * number, _moment(roll(number)) // 2 + EPOCH_START // 2
        rows[key] = {
            "id": str(key),
            "name": name,
            "description": (None, "", f"All about {name.lower()}")[number % 3],
            "create_time": iso(created),
            "update_time": iso(created + roll(number + 50) % (EPOCH_END - created)),
        }
    return rows


def tags(seed: int) -> dict[int, Row]:
    """Tags, in and out of categories."""
    roll = dice(seed, 12)
    rows = {}
    for number, name in enumerate(words.TAGS):
        # Two of five run backwards, as ids of contacts do
        key = 91 + 14 * (number if number % 5 not in {1, 2} else number + (1 if number % 5 == 1 else -1))
        created = EPOCH_START - 30 * _DAY + number * 9 * _DAY
        category = None if number % 7 == 0 else {"id": str(10 + 2 * (number % len(words.CATEGORIES)))}
        rows[key] = {
            "id": str(key),
            "name": name,
            "description": (None, "", "Set by automation; do not remove", "Emoji ✨ and\nnewline")[
                number % 4
            ],
            "category": category,
            "create_time": iso(created),
            "update_time": iso(created + (0 if number % 3 else roll(number) % (EPOCH_END - created))),
        }
    return rows


def affiliates(seed: int, contacts: list[int], fields: CustomFields) -> dict[int, Row]:
    """Referral partners."""
    roll = dice(seed, 13)
    rows: dict[int, Row] = {}
    for number in range(min(25, max(len(contacts), 1))):
        key = 2 + 3 * (number ^ 1)
        chance = roll(number)
        rows[key] = {
            "id": str(key),
            "code": f"partner{number:02d}",
            "name": f"{words.GIVEN[chance % len(words.GIVEN)]} {words.FAMILY[(chance >> 8) % len(words.FAMILY)]}",
            "status": "INACTIVE" if number % 6 == 5 else "ACTIVE",  # noqa: PLR2004
            "contact_id": str(contacts[chance % len(contacts)]) if contacts else "1",
            "unique_site_id": None if number % 4 else "2",
            "date_created": iso(EPOCH_START + number * 40 * _DAY + chance % _DAY),
            "parent_affiliate_id": "5" if number % 5 == 4 else ("0" if number % 2 else None),  # noqa: PLR2004
            "notify_on_sale": bool(chance & 1),
            "notify_on_lead": bool(chance & 2),
            "track_leads_days": (0, 30, 365)[chance % 3],
            "custom_fields": fields.contents(seed_values(fields, number % 5)),
        }
    return rows


def _earnings(
    seed: int, salt: int, partners: dict[int, Row], contacts: list[int], most: int
) -> list[tuple[int, int, int, int, bool]]:
    """(affiliate, chance, moment, contact, repeat) for money rows; one in nine repeats the row before it."""
    roll = dice(seed, salt)
    made: list[tuple[int, int, int, int, bool]] = []
    for affiliate in partners:
        for number in range(roll(affiliate) % most):
            chance = roll(affiliate * 1000 + number)
            if number and chance % 9 == 0:
                made.append((*made[-1][:4], True))
                continue
            contact = contacts[(chance >> 8) % len(contacts)] if contacts else 1
            made.append((affiliate, chance, _moment(chance), contact, False))
    return made


def commissions(
    seed: int, partners: dict[int, Row], contacts: list[int], name: Callable[[int], Row]
) -> dict[int, Row]:
    """Commission rows; some are exactly equal, for the API gives them no id."""
    rows = {}
    for key, (affiliate, chance, moment, contact, _) in enumerate(
        _earnings(seed, 14, partners, contacts, 30), 1
    ):
        who = name(contact)
        rows[key] = {
            "affiliate_id": str(affiliate),
            "description": (None, "Sale", "Rebill - month 2", "Ünïcode sale 💸")[chance % 4],
            "amount_earned": round(chance % 50_000 / 100, 2) if chance % 7 else float(chance % 500),
            "contact_first_name": who["given_name"],
            "contact_last_name": who["family_name"],
            "invoice_id": str(1001 + chance % 400 * 2),
            "time_earned": iso(moment),
            "contact_id": str(contact),
            "sales_affiliate_id": str(affiliate if chance % 4 else 5),
            "sales_affiliate_name": partners[affiliate]["name"],
            "product_name": words.PRODUCTS[chance % len(words.PRODUCTS)] if chance % 5 else None,
        }
    return rows


def clawbacks(
    seed: int, partners: dict[int, Row], contacts: list[int], name: Callable[[int], Row]
) -> dict[int, Row]:
    """Clawback rows, in REST v1's form."""
    rows = {}
    for key, (affiliate, chance, moment, contact, _) in enumerate(
        _earnings(seed, 15, partners, contacts, 7), 1
    ):
        who = name(contact)
        rows[key] = {
            "affiliate_id": affiliate,
            "amount": -round(chance % 20_000 / 100, 2),
            "contact_id": contact,
            "date_earned": iso_offset(moment),
            "description": ("Refund", None, "Chargeback")[chance % 3],
            "family_name": who["family_name"],
            "given_name": who["given_name"],
            "invoice_id": 1001 + chance % 400 * 2,
            "product_name": words.PRODUCTS[chance % len(words.PRODUCTS)],
            "sale_affiliate_id": affiliate,
            "sold_by_family_name": words.FAMILY[chance % 9],
            "sold_by_given_name": words.GIVEN[chance % 9],
            "subscription_plan_name": "Monthly" if chance % 2 else None,
        }
    return rows


def payments(seed: int, partners: dict[int, Row]) -> dict[int, Row]:
    """Payments to affiliates."""
    rows = {}
    for key, (affiliate, chance, moment, _, _) in enumerate(_earnings(seed, 16, partners, [], 5), 1):
        rows[key] = {
            "affiliate_id": str(affiliate),
            "id": str(key),
            "pay_date": iso(moment - moment % _DAY),
            "pay_notes": (None, "", "Paid by transfer")[chance % 3],
            "pay_amount": round(chance % 90_000 / 100, 2),
            "pay_type": ("CASH", "CHECK", "CREDIT", "ADJUSTMENT")[chance % 4],
            "create_time": iso(moment),
        }
    return rows


def programs(partners: dict[int, Row]) -> dict[int, Row]:
    """Commission programs."""
    keys = list(partners)
    return {
        key: {
            "id": str(key),
            "name": name,
            "priority": str(key),
            "notes": None if key % 2 else "Standard terms",
            "create_time": iso(EPOCH_START + key * 50 * _DAY),
            "affiliate_ids": [str(one) for one in keys[key :: key + 1]],
        }
        for key, name in ((1, "Default program"), (2, "Summer 2025"), (4, "Friends → Family"))
    }


def users(seed: int) -> dict[int, Row]:
    """Users: active, invited, inactive, and partners."""
    roll = dice(seed, 17)
    kinds = ("ACTIVE",) * 7 + ("INVITED", "INACTIVE", "INACTIVE", "ACTIVE", "ACTIVE")
    rows = {}
    for number, status in enumerate(kinds):
        key, chance = 1 + 2 * number, roll(number)
        given, family = words.GIVEN[chance % 40], words.FAMILY[(chance >> 8) % 40]
        created = EPOCH_START - 300 * _DAY + number * 70 * _DAY + chance % _DAY
        rows[key] = {
            "address": {
                "country": "United States",
                "line1": f"{key} Office Park",
                "line2": None,
                "locality": "Chandler",
                "region": "Arizona",
                "field": "BILLING",
                "country_code": "USA",
                "postal_code": "85224",
                "region_code": "US-AZ",
                "zip_code": "85224",
                "zip_four": None,
            },
            "title": None if number % 3 else "Account manager",
            "website": None,
            "partner": number >= 10,  # noqa: PLR2004 - the last two
            "admin": number == 0,
            "status": status,
            "id": str(key),
            "global_user_id": str(90_000 + key),
            "keap_id": f"user{key}@sandbox.example",
            "given_name": given,
            "family_name": family,
            "middle_name": None,
            "nickname": None,
            "spouse_name": None,
            "suffix": None,
            "phone_numbers": [],
            "fax_numbers": [],
            "email_addresses": [
                {
                    "email": f"user{key}@sandbox.example",
                    "field": "EMAIL1",
                    "opt_in_reason": None,
                    "is_opt_in": True,
                    "email_opt_status": "SINGLE_OPT_IN",
                }
            ],
            "social_accounts": [],
            "company_name": "Sandbox Inc.",
            "created_by": 1,
            "create_time": iso_millis(created),
            "updated_by": 1,
            "update_time": iso_millis(created + chance % (EPOCH_END - created)),
        }
    return rows


def shipping() -> dict[int, Row]:
    """One shipping method of each kind, with the members that the classic reports show of it."""
    ranges = [
        {"from": 0, "to": 49.99, "price": 9.5},
        {"from": 50, "to": 99.99, "price": 4.75},
        {"from": 100, "to": None, "price": 0},
    ]
    by_quantity = {"base_shipping_price": 5, "price_per_item": 1.5, "minimum_shipping_price": 6.25}
    carrier = {
        "order_based": True,
        "delivery_type": "01,03,07",
        "pickup_type": "01",
        "packaging_type": "02",
        "destination_type": "1",
        "account_number": "A1B2C3",
        "access_license_number": "0F1E2D3C4B5A6978",
        "access_user_id": "sandbox-ups",
        "access_password": "sandbox-ups-password",
        "origin": {"postal_code": "85224"},
    }
    kinds: tuple[tuple[str, str, Row], ...] = (
        ("FLAT_RATE", "Flat rate", {"price": 7.5, "order_based": True}),
        ("ORDER_QUANTITY", "By number of items", {"order_based": True, **by_quantity}),
        ("ORDER_TOTAL", "By order total", {"order_based": True, "ranges": ranges}),
        ("PRODUCT", "As set on the product", {"order_based": False}),
        ("UPS", "UPS Ground", carrier),
        (
            "WEIGHT",
            "By weight",
            {"order_based": False, "ranges": [{"from": 0, "to": 5, "price": 6.0}], "unit": "lb"},
        ),
        ("FLAT_RATE", "Pick-up ☕ (free)", {}),
    )
    return {
        key: {
            "id": str(key),
            "name": name,
            "description": None if key % 3 else f"{name}, see terms",
            "type": kind,
            "status": "INACTIVE" if key == 4 else "ACTIVE",  # noqa: PLR2004
            "international": key % 2 == 0,
            "settings": settings,
        }
        for key, (kind, name, settings) in enumerate(kinds, 1)
    }
