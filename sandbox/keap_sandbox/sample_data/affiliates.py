"""Affiliates (referral partners), what they earn, and the commission programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.custom_fields import CustomFields, sample_values
from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_START, dice, random_moment
from keap_sandbox.timestamps import iso, iso_offset

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.tables import Row

__all__ = ["affiliates", "clawbacks", "commissions", "payments", "programs"]


def affiliates(seed: int, contacts: list[int], fields: CustomFields) -> dict[int, Row]:
    """Return the affiliates, which Keap also calls referral partners.

    Args:
        seed: Selects the sample account.
        contacts: The ids of the contacts that affiliates may be.
        fields: The custom fields of affiliates.
    """
    roll = dice(seed, 13)
    rows: dict[int, Row] = {}
    for number in range(min(25, max(len(contacts), 1))):
        key = 2 + 3 * (number ^ 1)
        chance = roll(number)
        given = words.GIVEN[chance % len(words.GIVEN)]
        family = words.FAMILY[(chance >> 8) % len(words.FAMILY)]
        rows[key] = {
            "id": str(key),
            "code": f"partner{number:02d}",
            "name": f"{given} {family}",
            "status": "INACTIVE" if number % 6 == 5 else "ACTIVE",  # noqa: PLR2004
            "contact_id": str(contacts[chance % len(contacts)]) if contacts else "1",
            "unique_site_id": None if number % 4 else "2",
            "date_created": iso(EPOCH_START + number * 40 * DAY + chance % DAY),
            "parent_affiliate_id": "5" if number % 5 == 4 else ("0" if number % 2 else None),  # noqa: PLR2004
            "notify_on_sale": bool(chance & 1),
            "notify_on_lead": bool(chance & 2),
            "track_leads_days": (0, 30, 365)[chance % 3],
            "custom_fields": fields.contents(sample_values(fields, number % 5)),
        }
    return rows


def _earnings(
    seed: int, salt: int, partners: dict[int, Row], contacts: list[int], most: int
) -> list[tuple[int, int, int, int]]:
    """Return what the rows about an affiliate's money are made of.

    One row in nine repeats the row before it: the API shows no id, so clients must cope with equal rows.

    Returns:
        For each row: affiliate, random bits, moment, contact.
    """
    roll = dice(seed, salt)
    rows: list[tuple[int, int, int, int]] = []
    for affiliate in partners:
        for number in range(roll(affiliate) % most):
            chance = roll(affiliate * 1000 + number)
            if number and chance % 9 == 0:
                rows.append(rows[-1])
                continue
            contact = contacts[(chance >> 8) % len(contacts)] if contacts else 1
            rows.append((affiliate, chance, random_moment(chance), contact))
    return rows


def commissions(
    seed: int, partners: dict[int, Row], contacts: list[int], name: Callable[[int], Row]
) -> dict[int, Row]:
    """Return the commissions. Some rows are exactly equal, because the API shows no id.

    Args:
        seed: Selects the sample account.
        partners: The affiliates by id.
        contacts: The ids of the contacts that bought something.
        name: Returns the given and family name of a contact.
    """
    rows = {}
    for key, (affiliate, chance, moment, contact) in enumerate(
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
    """Return the clawbacks in the form of REST v1.

    Args:
        seed: Selects the sample account.
        partners: The affiliates by id.
        contacts: The ids of the contacts that bought something.
        name: Returns the given and family name of a contact.
    """
    rows = {}
    for key, (affiliate, chance, moment, contact) in enumerate(_earnings(seed, 15, partners, contacts, 7), 1):
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
    """Return the payments to affiliates."""
    rows = {}
    for key, (affiliate, chance, moment, _) in enumerate(_earnings(seed, 16, partners, [], 5), 1):
        rows[key] = {
            "affiliate_id": str(affiliate),
            "id": str(key),
            "pay_date": iso(moment - moment % DAY),
            "pay_notes": (None, "", "Paid by transfer")[chance % 3],
            "pay_amount": round(chance % 90_000 / 100, 2),
            "pay_type": ("CASH", "CHECK", "CREDIT", "ADJUSTMENT")[chance % 4],
            "create_time": iso(moment),
        }
    return rows


def programs(partners: dict[int, Row]) -> dict[int, Row]:
    """Return the commission programs."""
    keys = list(partners)
    return {
        key: {
            "id": str(key),
            "name": name,
            "priority": str(key),
            "notes": None if key % 2 else "Standard terms",
            "create_time": iso(EPOCH_START + key * 50 * DAY),
            "affiliate_ids": [str(one) for one in keys[key :: key + 1]],
        }
        for key, name in ((1, "Default program"), (2, "Summer 2025"), (4, "Friends → Family"))
    }
