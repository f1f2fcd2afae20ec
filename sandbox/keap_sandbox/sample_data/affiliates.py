"""Affiliates (referral partners), what they earn from orders, and the commission programs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from keap_sandbox.custom_fields import CustomFields, sample_values
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, dice
from keap_sandbox.sample_data.orders import PAYMENTS_PER_ORDER
from keap_sandbox.sample_data.shop import SAMPLE_PLANS, SAMPLE_PRODUCTS
from keap_sandbox.timestamps import iso, iso_offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.sample_data.account_view import PeopleView
    from keap_sandbox.sample_data.orders import Line, Payment
    from keap_sandbox.sample_data.partners import Partners
    from keap_sandbox.sample_data.sales_view import SalesView
    from keap_sandbox.tables import Row

__all__ = [
    "PLAN_PERCENT", "PRODUCT_PERCENT", "affiliates", "clawbacks", "commissions",
    "default_percent", "payments", "programs",
]  # fmt: skip

_LEVEL_2 = 5
"""The parent of an affiliate earns a fifth of what the affiliate earns."""
PRODUCT_PERCENT, PLAN_PERCENT = 5.0, 7.5


def default_percent(program: int) -> float:
    """Return the share of a sale that a commission program pays, unless it names the product or the plan."""
    return 10.0 + program


def affiliates(partners: Partners, people: PeopleView, fields: CustomFields) -> dict[int, Row]:
    """Return the affiliates, which Keap also calls referral partners.

    Args:
        partners: Who they are.
        people: The generator of the sample contacts.
        fields: The custom fields of affiliates.
    """
    rows: dict[int, Row] = {}
    for number in range(partners.count):
        key, chance, contact = partners.key(number), partners.chances[number], partners.contacts[number]
        rows[key] = {
            "id": str(key),
            "code": partners.code(number),
            "name": " ".join(filter(None, people.name(contact))),
            "status": "INACTIVE" if number % 6 == 5 else "ACTIVE",  # noqa: PLR2004
            "contact_id": str(people.key(contact)),
            "unique_site_id": None if number % 4 else "2",
            "date_created": iso(partners.created[number]),
            "parent_affiliate_id": str(partners.key(0))
            if number % 5 == 4  # noqa: PLR2004 - every fifth
            else ("0" if number % 2 else None),
            "notify_on_sale": bool(chance & 1),
            "notify_on_lead": bool(chance & 2),
            "track_leads_days": (0, 30, 365)[chance % 3],
            "custom_fields": fields.contents(sample_values(fields, number % 5)),
        }
    return rows


class _Earning(NamedTuple):
    """What an affiliate earned from one item of an order when a payment came.

    Attributes:
        affiliate: Id of who earned it.
        seller: Id of who made the sale.
        order: Number of the order.
        payment: The payment.
        line: The item; None for a lead.
        amount: In cents.
    """

    affiliate: str
    seller: str
    order: int
    payment: Payment
    line: Line | None
    amount: int


def _percent(program: int, line: Line) -> float:
    if line.plan >= 0 and program % 2 and line.plan == program % len(SAMPLE_PLANS):
        return PLAN_PERCENT
    if line.product == program % len(SAMPLE_PRODUCTS):
        return PRODUCT_PERCENT
    return default_percent(program)


def _earnings(account: SalesView) -> Iterator[_Earning]:
    """Return what affiliates earned, in the order of the orders.

    Commissions are paid on what was paid, unless the payment is excluded. Equal items of an order make equal
    earnings: the API shows no id, so clients must cope with equal rows.
    """
    orders, rows = account.orders, {str(key): row for key, row in account.first_affiliates.items()}
    program_of = {one: int(row["id"]) for row in programs(account).values() for one in row["affiliate_ids"]}
    for order in range(orders.count):
        lead, sale = orders.partners(order)
        total = orders.total(order)
        if sale is None or total <= 0:
            continue
        first, program = PAYMENTS_PER_ORDER.count(order), program_of.get(sale, 1)
        lines = [line for line in orders.lines(order) if line.product >= 0]
        for payment in orders.payments(order):
            if payment.refund or (first + payment.part) % 9 == 0:
                continue
            for line in lines:
                share = line.quantity * line.price * _percent(program, line) / 100 * payment.amount / total
                yield _Earning(sale, sale, order, payment, line, round(share))
                parent = rows[sale]["parent_affiliate_id"]
                if parent in rows:
                    yield _Earning(parent, sale, order, payment, line, round(share / _LEVEL_2))
            if lead is not None and payment.part == 0:
                amount = round(100 * default_percent(program_of.get(lead, 1)) / 2)
                yield _Earning(lead, sale, order, payment, None, amount)


def _by_affiliate(account: SalesView) -> list[_Earning]:
    order = {str(key): place for place, key in enumerate(account.first_affiliates)}
    return sorted(_earnings(account), key=lambda one: order[one.affiliate])


def commissions(account: SalesView) -> dict[int, Row]:
    """Return the commissions. Some rows are exactly equal, because the API shows no id."""
    rows: dict[int, Row] = {}
    names = {str(key): row["name"] for key, row in account.first_affiliates.items()}
    for key, one in enumerate(_by_affiliate(account), 1):
        contact = account.orders.contact(one.order)
        given, family = account.people.name(account.people.index(contact) or 0)
        month = one.payment.part + 1
        said = (None, "Sale", "Ünïcode sale 💸")[one.order % 3] if month == 1 else f"Rebill - month {month}"
        rows[key] = {
            "affiliate_id": one.affiliate,
            "description": said if one.line is not None else "Lead",
            "amount_earned": one.amount / 100,
            "contact_first_name": given,
            "contact_last_name": family,
            "invoice_id": account.orders.owner(one.order, "invoice_id"),
            "time_earned": iso(one.payment.moment),
            "contact_id": str(contact),
            "sales_affiliate_id": one.seller,
            "sales_affiliate_name": names[one.seller],
            "product_name": SAMPLE_PRODUCTS[one.line.product][0] if one.line is not None else None,
        }
    return rows


def clawbacks(account: SalesView) -> dict[int, Row]:
    """Return the clawbacks, the commissions on orders that were paid back, in the form of REST v1."""
    rows: dict[int, Row] = {}
    partners = account.partners
    number_of = {str(partners.key(number)): number for number in range(partners.count)}
    for one in _by_affiliate(account):
        refunds = [payment for payment in account.orders.payments(one.order) if payment.refund]
        if not refunds:
            continue
        contact, moment = account.orders.contact(one.order), refunds[0].moment
        given, family = account.people.name(account.people.index(contact) or 0)
        sold_by = account.people.name(partners.contacts[number_of[one.seller]])
        plan = one.line.plan if one.line is not None else -1
        rows[len(rows) + 1] = {
            "affiliate_id": int(one.affiliate),
            "amount": -one.amount / 100,
            "contact_id": contact,
            "date_earned": iso_offset(moment),
            "description": ("Refund", None, "Chargeback")[one.order % 3],
            "family_name": family,
            "given_name": given,
            "invoice_id": int(account.orders.owner(one.order, "invoice_id") or 0),
            "product_name": SAMPLE_PRODUCTS[one.line.product][0] if one.line is not None else None,
            "sale_affiliate_id": int(one.seller),
            "sold_by_family_name": sold_by[1],
            "sold_by_given_name": sold_by[0],
            "subscription_plan_name": SAMPLE_PLANS[plan][2] if plan >= 0 else None,
        }
    return rows


_QUARTER = 91 * DAY


def payments(account: SalesView) -> dict[int, Row]:
    """Return the payments to affiliates: for each quarter, two weeks after its end, what they had earned."""
    due: dict[tuple[int, int], int] = defaultdict(int)
    for one in _earnings(account):
        due[(one.payment.moment - EPOCH_START) // _QUARTER, int(one.affiliate)] += one.amount
        for payment in account.orders.payments(one.order):
            if payment.refund:
                due[(payment.moment - EPOCH_START) // _QUARTER, int(one.affiliate)] -= one.amount
    roll = dice(account.seed, 16)
    rows: dict[int, Row] = {}
    for (quarter, affiliate), amount in sorted(due.items()):
        paid = EPOCH_START + (quarter + 1) * _QUARTER + 14 * DAY
        if amount <= 0 or paid >= EPOCH_END:
            continue
        key = len(rows) + 1
        chance = roll(key)
        rows[key] = {
            "affiliate_id": str(affiliate),
            "id": str(key),
            "pay_date": iso(paid),
            "pay_notes": (None, "", "Paid by transfer")[chance % 3],
            "pay_amount": amount / 100,
            "pay_type": ("CASH", "CHECK", "CREDIT", "ADJUSTMENT")[chance % 4],
            "create_time": iso(min(paid + chance % DAY, EPOCH_END - 1)),
        }
    return rows


def programs(account: SalesView) -> dict[int, Row]:
    """Return the commission programs."""
    keys = list(account.first_affiliates)
    return {
        key: {
            "id": str(key),
            "name": name,
            "priority": str(key),
            "notes": None if key % 2 else "Standard terms",
            "create_time": iso(EPOCH_START - (5 - key) * 50 * DAY),
            "affiliate_ids": [str(one) for one in keys[key :: key + 1]],
        }
        for key, name in ((1, "Default program"), (2, "Summer 2025"), (4, "Friends → Family"))
    }
