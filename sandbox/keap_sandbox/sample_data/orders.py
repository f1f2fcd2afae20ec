"""Sample orders with their items, payments and payment plans.

Every tenth order begins a subscription, and some were made by way of affiliates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, Numbering, Slots
from keap_sandbox.sample_data.money import money
from keap_sandbox.sample_data.shop import (
    SAMPLE_PLANS,
    SAMPLE_PRODUCTS,
    plan_row,
    product_key,
    product_number,
)
from keap_sandbox.sample_data.with_custom_fields import WithCustomFields
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.tables import Row

__all__ = [
    "FILES_PERCENT", "FILES_WITHOUT_CONTACT", "PAYMENTS_PER_ORDER", "SUBSCRIPTIONS_PERCENT", "Line", "Orders",
    "Payment", "invoice_id", "plan_items", "subscription_order",
]  # fmt: skip

# What happened to an order depends on its number modulo 10
PAYMENTS_PER_ORDER = Slots(0, 1, 1, 2, 1, 1, 0, 3, 1, 2)
_INSTALLMENTS = {6: 3, 7: 3, 9: 3}
_REFUNDED = 3
_SUBSCRIBED = 4
SUBSCRIPTIONS_PERCENT = 10
"""Subscriptions per hundred contacts."""
FILES_PERCENT = 5
"""Files per hundred contacts."""
FILES_WITHOUT_CONTACT = 3
"""One in this many files belongs to no contact."""
_MOST_SALES_OF_PARTNERS = 500
_REFUNDED_BY = 3
"""The affiliates whose customers want their money back."""


class Line(NamedTuple):
    """An order item.

    Attributes:
        kind: Its item type.
        product: Number of the product in `SAMPLE_PRODUCTS`; -1 if it is not a product.
        quantity: How many.
        price: Price of one, in cents.
        plan: Number of the plan in `SAMPLE_PLANS`; -1 if it is not a subscription.
    """

    kind: str
    product: int
    quantity: int
    price: int
    plan: int = -1


class Payment(NamedTuple):
    """A payment or refund of an order.

    Attributes:
        order: Number of the order.
        part: Which of the order's payments it is, from 0.
        amount: In cents, negative for a refund.
        moment: When it was made, in milliseconds since the epoch.
        refund: True for a refund.
    """

    order: int
    part: int
    amount: int
    moment: int
    refund: bool


def invoice_id(key: int) -> str:
    """Return the id of the invoice of an order."""
    return str(2 * key + 1001)


def subscription_order(subscription: int) -> int:
    """Return the number of the order that begins a subscription, by the number of the subscription."""
    return 10 * subscription + _SUBSCRIBED


def plan_items(installments: list[tuple[int, int]], paid: int) -> list[Row]:
    """Return the installments of a payment plan as Keap shows them.

    Args:
        installments: For each one, when it is due in milliseconds since the epoch, and the amount in cents.
        paid: How many of them are paid.
    """
    return [
        {
            "status": "PAID" if number < paid else ("UNPAID_AUTOCHARGE", "UNPAID_MANUAL")[number % 2],
            "due_date": iso(due)[:10],
            "amount_due": money(amount),
            "amount_paid": money(amount if number < paid else 0),
        }
        for number, (due, amount) in enumerate(installments)
    ]


class Orders(WithCustomFields):
    """Orders. Most are paid at once; some are unpaid, paid in installments or refunded."""

    record = "orders"
    created_name, updated_name = "creation_time", "modification_time"
    salt, percent = 31, 60

    def plan(self, index: int) -> int:
        """Return the number of the plan that the order subscribes to; -1 if it is for products only."""
        return self.chance(index) % len(SAMPLE_PLANS) if index % 10 == _SUBSCRIBED else -1

    def partners(self, index: int) -> tuple[str | None, str | None]:
        """Return the ids of the affiliates who get the lead and the sale; None if there is none.

        Three of four orders have one, but a large account has about as many such orders as a small one.
        """
        every = max(1, self.count // _MOST_SALES_OF_PARTNERS) | 1
        every += 2 * (every % 5 == 0)  # so that orders of each kind are among them
        refunded = index % 10 == _REFUNDED and index < 2 * _MOST_SALES_OF_PARTNERS
        if (index % every or index % 4 == 2) and not refunded:  # noqa: PLR2004 - the fourth has none
            return None, None
        chance, created = self.chance(index) >> 44, self.created(index)
        if refunded:
            chance %= _REFUNDED_BY
        lead = self.account.partner(chance >> 8, created) if chance % 3 == 0 else None
        return lead, self.account.partner(chance, created)

    def lines(self, index: int) -> list[Line]:
        """Return the items: products or a subscription, and in some orders shipping, tax and a discount."""
        chance, plan = self.chance(index), self.plan(index)
        lines = [
            Line("PRODUCT", number, 1 + (chance >> 5 * position) % 3, SAMPLE_PRODUCTS[number][2])
            for position in range(1 + chance % 3)
            for number in ((chance >> 7 * position + 9) % len(SAMPLE_PRODUCTS),)
        ]
        if plan >= 0:
            _, product, _, _, price, _ = SAMPLE_PLANS[plan]
            lines = [Line("SUBSCRIPTION", product_number(product), 1, price, plan)]
        elif index % 8 == 1:
            lines.insert(0, lines[0])  # somebody put it into the cart twice
        subtotal = sum(line.quantity * line.price for line in lines)
        if chance >> 40 & 1:
            lines.append(Line("SHIPPING", -1, 1, 750))
        if chance >> 41 & 3 == 0:
            lines.append(Line("TAX", -1, 1, subtotal * 7 // 100))
        if chance >> 43 & 3 == 0:
            lines.append(Line("DISCOUNT", -1, 1, -(subtotal // 10)))
        return lines

    def total(self, index: int) -> int:
        """Return what the order costs, in cents."""
        return sum(line.quantity * line.price for line in self.lines(index))

    def payments(self, index: int) -> list[Payment]:
        """Return the payments of an order, oldest first. The last one can be a refund."""
        kind, total, created = index % 10, self.total(index), self.created(index)
        count = PAYMENTS_PER_ORDER.of(index)
        if kind == _REFUNDED:
            refunded_at = min(created + 12 * DAY + self.chance(index) % DAY, EPOCH_END - 1)
            return [
                Payment(index, 0, total, created, False),
                Payment(index, 1, -total, refunded_at, True),
            ]
        amounts = [amount for _, amount in self.installments(index)] or [total]
        return [
            Payment(
                index,
                part,
                amounts[part],
                min(created + part * 30 * DAY, EPOCH_END - 1 - (count - part)),
                False,
            )
            for part in range(count)
        ]

    def installments(self, index: int) -> list[tuple[int, int]]:
        """Return the installments of the order's payment plan; an empty list if it has no plan.

        Returns:
            For each one, when it is due in milliseconds since the epoch, and the amount in cents.
        """
        count = _INSTALLMENTS.get(index % 10, 0)
        share = self.total(index) // count if count else 0
        return [
            (
                self.created(index) + part * 30 * DAY,
                share if part < count - 1 else self.total(index) - share * part,
            )
            for part in range(count)
        ]

    def updated(self, index: int) -> int:
        """Return when it was last changed. A payment is a change."""
        last = self.payments(index)[-1].moment if PAYMENTS_PER_ORDER.of(index) > 1 else 0
        return max(super().updated(index), last)

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the contact, the invoice or the subscription."""
        if path == "order_items.subscription_id":
            return self._subscription(index) if self.plan(index) >= 0 else None
        return invoice_id(self.key(index)) if path == "invoice_id" else super().owner(index, path)

    def _item(self, order: int, number: int, line: Line) -> Row:
        key, chance = self.key(order), self.chance(order)
        product = None
        name = {"SHIPPING": "Flat rate", "TAX": "Sales tax", "DISCOUNT": "Loyal customer"}.get(line.kind, "")
        if line.product >= 0:
            name, sku, _, weight, _ = SAMPLE_PRODUCTS[line.product]
            product = {
                "id": str(product_key(line.product)),
                "name": name,
                "sku": sku,
                "description": None,
                "shippable": weight > 0,
                "taxable": line.product % 2 == 0,
            }
        is_discount = line.kind == "DISCOUNT"
        return {
            "id": str(key * 10 + number),
            "name": name,
            "description": None if chance % 3 else f"{name}\n- as ordered",
            "notes": None,
            "quantity": line.quantity,
            "discount": money(-line.price) if is_discount else None,
            "special": {"amount": 10.0, "special_item_id": "4", "discount_method": "PERCENT"}
            if is_discount
            else None,
            "product": product,
            "subscription_id": self._subscription(order) if line.plan >= 0 else None,
            "item_type": line.kind,
            "cost_per_unit": money(line.price // 2 if product else 0),
            "price_per_unit": money(line.price),
            "subscription_plan": plan_row(line.plan) if line.plan >= 0 else None,
        }

    def _files(self, index: int) -> list[Row]:
        """Return an older file that belongs to no contact, if there is one."""
        files = Numbering(self.account.people.count * FILES_PERCENT // 100)
        older = -(-(index * files.count // self.count) // FILES_WITHOUT_CONTACT)
        if not older:
            return []
        return [{"file_id": str(files.key(self.chance(index) % older * FILES_WITHOUT_CONTACT))}]

    def _subscription(self, index: int) -> str:
        """Return the id of the subscription that an order begins."""
        subscriptions = Numbering(self.account.people.count * SUBSCRIPTIONS_PERCENT // 100)
        return str(subscriptions.key(index // 10))

    def row(self, index: int) -> Row:
        """Return the complete row."""
        key, chance, kind = self.key(index), self.chance(index), index % 10
        contact, created, total = self.contact(index), self.created(index), self.total(index)
        lines, payments = self.lines(index), self.payments(index)
        installments = self.installments(index)
        spare = chance >> 44
        paid = sum(payment.amount for payment in payments if not payment.refund)
        refunded = -sum(payment.amount for payment in payments if payment.refund)
        person = self.account.person(contact)
        status = "PAID" if paid == total else ("SENT", "DRAFT", "VIEWED")[spare % 3]
        sent = None if status == "DRAFT" else iso(created + 60_000)
        lead, sale = self.partners(index)
        cards = self.account.cards(contact, created) if installments else []
        plan = None
        if installments:
            plan = {
                "auto_charge": kind != 6,  # noqa: PLR2004 - those without a payment
                "max_charge_attempts": 3,
                "days_between_retries": 5,
                "payment_method_id": cards[0]["payment_method_id"] if cards else None,
                "initial_payment_amount": money(installments[0][1]),
                "initial_payment_percent": round(100 * installments[0][1] / total, 2) if total else 0.0,
                "initial_payment_date": iso(created)[:10],
                "plan_start_date": iso(created)[:10],
                "number_of_payments": len(installments),
                "days_between_payments": 30,
                "payment_plan_items": plan_items(installments, len(payments)),
            }
        return {
            "id": str(key),
            "title": f"{SAMPLE_PRODUCTS[lines[0].product][0]} for {person['given_name'] or 'friends'}",
            "status": status,
            "total": money(total),
            "contact": person,
            "notes": (None, "", "Leave at the door.\nThank you ☺")[spare % 3],
            "terms": None if spare % 4 else "Net 30",
            "order_type": ("ONLINE", "OFFLINE")[spare % 2],
            "source_type": ("CHECKOUT_FORM", "API", "INVOICE", "MANUAL_PAYMENT", "UNKNOWN")[spare % 5],
            "creation_time": iso(created),
            "modification_time": iso(self.updated(index)),
            "order_time": iso(created - created % DAY + 12 * 3_600_000),
            "lead_affiliate_id": lead,
            "sales_affiliate_id": sale,
            "total_paid": money(paid),
            "total_due": money(total),
            "shipping_information": _shipping_information(key, chance, person),
            "refund_total": money(refunded),
            "allow_payment": True,
            "allow_paypal": spare % 2 == 0,
            "order_items": [self._item(index, number, line) for number, line in enumerate(lines, 1)],
            "payment_plan": plan,
            "invoice_number": str(key + 100_000) if spare % 6 else None,
            "files": self._files(index) if spare % 20 == 0 else [],
            "credit_status": "NONE" if not refunded else "REFUNDED",
            "promo_code": "SUMMER20" if lines[-1].kind == "DISCOUNT" else None,
            "refund_status": "FULL" if refunded else "NONE",
            "synced": spare % 7 == 0,
            "invoice_id": invoice_id(key),
            "custom_fields": self.custom_fields(spare),
            "sent_time": sent,
            "due_time": iso(created + 30 * DAY),
            "external_create_user": None,
            "external_create_time": None,
            "external_update_time": None,
        }


def _shipping_information(key: int, chance: int, person: Row) -> Row | None:
    if not chance >> 40 & 1:
        return None
    city, region, region_code, postal, country_code, country = words.PLACES[chance % len(words.PLACES)]
    return {
        "id": str(key * 3 + 2),
        "address": {
            "country": country,
            "line1": f"{chance % 899 + 1} {words.STREETS[chance % len(words.STREETS)]}",
            "line2": None,
            "locality": city,
            "region": region,
            "field": "SHIPPING",
            "country_code": country_code,
            "postal_code": postal,
            "region_code": region_code,
            "zip_code": postal,
            "zip_four": None,
        },
        "company": None,
        "given_name": person["given_name"],
        "family_name": person["family_name"],
        "phone_number": None if chance % 3 else "(480) 555-0142",
        "invoice_to_company": False,
    }
