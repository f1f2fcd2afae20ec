"""Made-up payments in their three lists, payment methods and subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from keap_sandbox.custom_fields import seed_values
from keap_sandbox.sample_data.account_view import AccountView
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, PerContact
from keap_sandbox.sample_data.orders import MERCHANTS, PAID, VARIANTS, Piece
from keap_sandbox.sample_data.shop import CYCLES, PLANS
from keap_sandbox.tables import mix
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.sample_data.orders import Orders
    from keap_sandbox.tables import Row

__all__ = ["OrderPayments", "PaymentMethods", "Payments", "SalesView", "Subscriptions", "Transactions"]


class SalesView(AccountView, Protocol):
    """What payments read of the account: everything that other sample data reads, and the orders."""

    @property
    def orders(self) -> Orders:
        """The generator of the sample orders."""


class _Money(PerContact):
    """What the three lists of money have in common: their rows follow from the orders."""

    salt, percent = 32, 0
    shift: ClassVar[int] = 0

    def __init__(self, account: SalesView) -> None:
        self.orders = account.orders
        super().__init__(account, PAID.count(self.orders.count))

    def key(self, index: int) -> int:
        """Ids that those of the other lists never equal."""
        return super().key(index) + self.shift

    def index(self, key: int) -> int | None:
        """The inverse of `key`."""
        return super().index(key - self.shift)

    def piece(self, index: int) -> Piece:
        """The payment."""
        order, part = PAID.find(index)
        return self.orders.pieces(order)[part]

    def created(self, index: int) -> int:
        """When it was made."""
        return self.piece(index).moment

    def updated(self, index: int) -> int:
        """Nobody changes it later."""
        return self.created(index)

    def owner(self, index: int, path: str) -> str | None:
        """Order, contact or invoice."""
        order, _ = PAID.find(index)
        if path in {"order_id", "order_ids"}:
            return str(self.orders.key(order))
        return self.orders.owner(order, path)

    def before(self, index: int) -> str | None:
        """The id of the payment that a refund gives back."""
        return str(self.key(index - 1)) if self.piece(index).refund else None


class OrderPayments(_Money):
    """Payments as the orders list them."""

    created_name, updated_name = "pay_time", "last_updated_time"
    shift = 3

    def row(self, index: int) -> Row:
        """The whole row; the order's id is not shown."""
        piece = self.piece(index)
        return {
            "id": str(self.key(index)),
            "amount": self.account.plain(piece.amount),
            "note": "Refund" if piece.refund else (None, "", "Thank you ☺")[index % 3],
            "invoice_id": self.owner(index, "invoice_id"),
            "payment_id": str(self.key(index) - self.shift),
            "pay_time": iso(piece.moment),
            "pay_status": "REFUNDED"
            if piece.refund
            else ("APPROVED", "MANUAL_PAID", "PAYPAL_PAID")[index % 3],
            "last_updated_time": iso(piece.moment),
            "skip_commission": index % 9 == 0,
            "refund_invoice_payment_id": self.before(index),
            "order_id": self.owner(index, "order_id"),
        }


class Payments(_Money):
    """Payments of the whole account."""

    created_name = "payment_time"

    def row(self, index: int) -> Row:
        """The whole row."""
        piece = self.piece(index)
        account, kind = MERCHANTS[index % 3]
        return {
            "id": str(self.key(index)),
            "type": "Refund" if piece.refund else ("Credit Card", "Check", "PayPal")[index % 3],
            "amount": piece.amount / 100,
            "note": None if index % 4 else "Paid in full",
            "status": ("APPROVED", "COMPLETED")[index % 2],
            "commissioned": index % 9 != 0,
            "synced": False,
            "payment_time": iso(piece.moment),
            "refund_payment_id": self.before(index),
            "contact_id": self.owner(index, "contact_id"),
            "order_ids": [self.owner(index, "order_id")],
            "update_time": iso(piece.moment),
            "external_transaction_id": f"ch_{mix(index):016x}" if index % 3 != 1 else None,
            "merchant_account_id": account,
            "merchant_account_type": kind,
            "payment_method": None,
        }


class Transactions(_Money):
    """Money movements through a gateway; they have no id of their own."""

    created_name = "transaction_time"
    shift = 5

    def row(self, index: int) -> Row:
        """The whole row."""
        piece = self.piece(index)
        account, kind = MERCHANTS[index % 3]
        contact = self.owner(index, "contact_id")
        failed = index % 17 == 0 and not piece.refund
        return {
            "amount": piece.amount / 100,
            "status": "FAILED" if failed else "APPROVED",
            "description": None if index % 5 else "Card ending in 4242",
            "contact": self.account.person(int(contact or 0)),
            "order_ids": [self.owner(index, "order_id")],
            "contact_id": contact,
            "transaction_method": "REFUND" if piece.refund else ("CAPTURE", "MANUAL")[index % 2],
            "transaction_time": iso(piece.moment),
            "external_reference_id": f"ch_{mix(index):016x}" if index % 3 != 1 else None,
            "external_response_code": "declined" if failed else None,
            "error_details": "The card was declined, then charged by hand." if failed else None,
            "payment_id": str(self.key(index) - self.shift),
            "is_successful": not failed,
            "merchant_account_id": account,
            "merchant_account_type": kind,
            "payment_method": None,
        }


class PaymentMethods(PerContact):
    """Cards on file."""

    created_name = "created_time"
    salt, percent = 33, 20

    def row(self, index: int) -> Row:
        """The whole row."""
        chance = self.chance(index)
        account, kind = MERCHANTS[chance % 3]
        year = 2024 + chance % 6
        return {
            "contact_id": str(self.contact(index)),
            "payment_method_id": str(self.key(index)),
            "credit_card_id": str(self.key(index) + 2) if chance % 4 else None,
            "merchant_account_type": kind,
            "merchant_account_id": account,
            "payment_method_type": "CARD",
            "created_time": iso(self.created(index)),
            "card_info": {
                "brand": ("visa", "mastercard", "amex")[chance % 3],
                "fingerprint": f"{mix(chance):016x}",
                "card_type": ("CREDIT", "DEBIT", "PREPAID")[(chance >> 8) % 3],
                "last_four": f"{(chance >> 16) % 10_000:04d}",
                "expiration_year": str(year),
                "expiration_month": f"{1 + (chance >> 32) % 12:02d}",
            },
            "status": "EXPIRED" if year < 2026 else None,  # noqa: PLR2004 - the year it is
        }


class Subscriptions(PerContact):
    """Subscriptions to the plans of products."""

    updated_name = "modification_time"
    salt, percent = 34, 10

    def __init__(self, account: AccountView) -> None:
        super().__init__(account)
        self._fields = account.custom_fields["subscriptions"]
        self._values = [seed_values(self._fields, variant) for variant in range(VARIANTS)]

    def row(self, index: int) -> Row:
        """The whole row."""
        chance, created = self.chance(index), self.created(index)
        plan, product, _, cycle, price, _ = PLANS[chance % len(PLANS)]
        word, days = CYCLES[cycle]
        active = chance >> 8 & 3 != 0
        gone = (EPOCH_END - created) // (days * DAY) if active else chance % 5
        billed = created + gone * days * DAY
        spare = chance >> 20
        return {
            "id": str(self.key(index)),
            "quantity": 1 + spare % 2,
            "active": active,
            "contact_id": str(self.contact(index)),
            "product_id": str(product),
            "subscription_plan_id": str(plan),
            "billing_amount": self.account.plain(price),
            "auto_charge": spare % 5 != 0,
            "billing_frequency": 1,
            "billing_cycle": word,
            "start_date": iso(created)[:10],
            "last_bill_date": iso(billed)[:10],
            "next_bill_date": iso(billed + days * DAY)[:10] if active else None,
            "end_date": None if active else iso(billed)[:10],
            "merchant_account_id": MERCHANTS[spare % 3][0],
            "payment_method_id": None,
            "allow_tax": spare % 4 == 0,
            "max_charge_attempts": 3,
            "days_between_retries": 5,
            "lead_affiliate_id": None,
            "sale_affiliate_id": self.account.partner(spare) if spare % 6 == 0 else None,
            "shipping_address": None,
            "promo_code": "WELCOME" if spare % 9 == 0 else None,
            "shipping_option_id": None,
            "reason_stopped": None if active else ("Too expensive", "", "Umgezogen")[spare % 3],
            "modification_time": iso(self.updated(index)),
            "custom_fields": self._fields.contents(self._values[spare % VARIANTS]),
        }
