"""Made-up orders with their items and payment plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from keap_sandbox.custom_fields import seed_values
from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, PerContact, Slots
from keap_sandbox.sample_data.money import money
from keap_sandbox.sample_data.shop import GOODS
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = ["MERCHANTS", "PAID", "VARIANTS", "Orders", "Piece", "plan_items"]

VARIANTS = 32
# How often an order was paid, by its number modulo 10: nothing, all at once, or two or three rates
PAID = Slots(0, 1, 1, 2, 1, 1, 0, 3, 1, 2)
_RATES = {3: 3, 6: 3, 7: 3}
_REFUNDED = 9
MERCHANTS = (("31", "STRIPE"), ("33", "PAYPAL"), ("35", "AUTHORIZE"))


class Line(NamedTuple):
    """An item of an order before it becomes a row."""

    kind: str
    product: int
    quantity: int
    price: int


class Piece(NamedTuple):
    """One payment of an order."""

    order: int
    part: int
    amount: int
    moment: int
    refund: bool


def plan_items(rates: list[tuple[int, int]], paid: int) -> list[Row]:
    """The rates of a payment plan: (day in milliseconds, amount), the first ones paid."""
    return [
        {
            "status": "PAID" if number < paid else ("UNPAID_AUTOCHARGE", "UNPAID_MANUAL")[number % 2],
            "due_date": iso(day)[:10],
            "amount_due": money(amount),
            "amount_paid": money(amount if number < paid else 0),
        }
        for number, (day, amount) in enumerate(rates)
    ]


class Orders(PerContact):
    """Orders: one in ten each unpaid, half paid, refunded; most are paid at once."""

    created_name, updated_name = "creation_time", "modification_time"
    salt, percent = 31, 60

    def __init__(self, account: AccountView) -> None:
        super().__init__(account)
        self._fields = account.custom_fields["orders"]
        self._values = [seed_values(self._fields, variant) for variant in range(VARIANTS)]

    def lines(self, index: int) -> list[Line]:
        """What was bought: products, and by chance shipping, tax and a discount."""
        chance = self.chance(index)
        lines = [
            Line("PRODUCT", number, 1 + (chance >> 5 * spot) % 3, GOODS[number][2])
            for spot in range(1 + chance % 3)
            for number in ((chance >> 7 * spot + 9) % len(GOODS),)
        ]
        goods = sum(line.quantity * line.price for line in lines)
        if chance >> 40 & 1:
            lines.append(Line("SHIPPING", -1, 1, 750))
        if chance >> 41 & 3 == 0:
            lines.append(Line("TAX", -1, 1, goods * 7 // 100))
        if chance >> 43 & 3 == 0:
            lines.append(Line("DISCOUNT", -1, 1, -(goods // 10)))
        return lines

    def total(self, index: int) -> int:
        """What it costs, in cents."""
        return sum(line.quantity * line.price for line in self.lines(index))

    def pieces(self, index: int) -> list[Piece]:
        """The payments made for an order, in the order of time; the last may be a refund."""
        kind, total, created = index % 10, self.total(index), self.created(index)
        paid = PAID.of(index)
        if kind == _REFUNDED:
            back = min(created + 12 * DAY + self.chance(index) % DAY, EPOCH_END - 1)
            return [Piece(index, 0, total, created, False), Piece(index, 1, -total, back, True)]
        rates = [amount for _, amount in self.rates(index)] or [total]
        return [
            Piece(
                index, part, rates[part], min(created + part * 30 * DAY, EPOCH_END - 1 - (paid - part)), False
            )
            for part in range(paid)
        ]

    def rates(self, index: int) -> list[tuple[int, int]]:
        """The rates of its payment plan; none if all is due at once."""
        count = _RATES.get(index % 10, 0)
        share = self.total(index) // count if count else 0
        return [
            (
                self.created(index) + part * 30 * DAY,
                share if part < count - 1 else self.total(index) - share * part,
            )
            for part in range(count)
        ]

    def updated(self, index: int) -> int:
        """When it was last changed: each payment changes it."""
        paid = PAID.of(index)
        last = self.pieces(index)[-1].moment if paid > 1 else 0
        return max(super().updated(index), last)

    def owner(self, index: int, path: str) -> str | None:
        """The contact, or the invoice."""
        return str(2 * self.key(index) + 1001) if path == "invoice_id" else super().owner(index, path)

    def _item(self, key: int, number: int, line: Line, chance: int) -> Row:
        product = None
        name = {"SHIPPING": "Flat rate", "TAX": "Sales tax", "DISCOUNT": "Loyal customer"}.get(line.kind, "")
        if line.kind == "PRODUCT":
            name, sku, _, weight, _ = GOODS[line.product]
            product = {
                "id": str(3 * line.product + 3),
                "name": name,
                "sku": sku,
                "description": None,
                "shippable": weight > 0,
                "taxable": line.product % 2 == 0,
            }
        less = line.kind == "DISCOUNT"
        return {
            "id": str(key * 10 + number),
            "name": name,
            "description": None if chance % 3 else f"{name}\n- as ordered",
            "notes": None,
            "quantity": line.quantity,
            "discount": money(-line.price) if less else None,
            "special": {"amount": 10.0, "special_item_id": "4", "discount_method": "PERCENT"}
            if less
            else None,
            "product": product,
            "subscription_id": None,
            "item_type": line.kind,
            "cost_per_unit": money(line.price // 2 if product else 0),
            "price_per_unit": money(line.price),
            "subscription_plan": None,
        }

    def row(self, index: int) -> Row:
        """The whole row."""
        key, chance, kind = self.key(index), self.chance(index), index % 10
        contact, created, total = self.contact(index), self.created(index), self.total(index)
        lines, pieces, rates = self.lines(index), self.pieces(index), self.rates(index)
        spare = chance >> 44
        paid = sum(piece.amount for piece in pieces if not piece.refund)
        back = -sum(piece.amount for piece in pieces if piece.refund)
        person = self.account.person(contact)
        status = "PAID" if paid == total else ("SENT", "DRAFT", "VIEWED")[spare % 3]
        sent = None if status == "DRAFT" else iso(created + 60_000)
        partner = self.account.partner(spare)
        plan = None
        if rates:
            plan = {
                "auto_charge": kind != 6,  # noqa: PLR2004 - the unpaid ones
                "max_charge_attempts": 3,
                "days_between_retries": 5,
                "payment_method_id": None,
                "initial_payment_amount": money(rates[0][1]),
                "initial_payment_percent": round(100 * rates[0][1] / total, 2) if total else 0.0,
                "initial_payment_date": iso(created)[:10],
                "plan_start_date": iso(created)[:10],
                "number_of_payments": len(rates),
                "days_between_payments": 30,
                "payment_plan_items": plan_items(rates, len(pieces)),
            }
        return {
            "id": str(key),
            "title": f"{GOODS[lines[0].product][0]} for {person['given_name'] or 'friends'}",
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
            "lead_affiliate_id": partner if spare % 5 == 0 else None,
            "sales_affiliate_id": partner if spare % 3 == 0 else None,
            "total_paid": money(paid),
            "total_due": money(total),
            "shipping_information": _shipping(key, chance, person),
            "refund_total": money(back),
            "allow_payment": True,
            "allow_paypal": spare % 2 == 0,
            "order_items": [self._item(key, number, line, chance) for number, line in enumerate(lines, 1)],
            "payment_plan": plan,
            "invoice_number": str(key + 100_000) if spare % 6 else None,
            "files": [{"file_id": "8"}] if spare % 40 == 0 else [],
            "credit_status": "NONE" if not back else "REFUNDED",
            "promo_code": "SUMMER20" if lines[-1].kind == "DISCOUNT" else None,
            "refund_status": "FULL" if back else "NONE",
            "synced": spare % 7 == 0,
            "invoice_id": str(2 * key + 1001),
            "custom_fields": self._fields.contents(self._values[spare % VARIANTS]),
            "sent_time": sent,
            "due_time": iso(created + 30 * DAY),
            "external_create_user": None,
            "external_create_time": None,
            "external_update_time": None,
        }


def _shipping(key: int, chance: int, person: Row) -> Row | None:
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
