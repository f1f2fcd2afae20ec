"""Sample payments in their three lists, payment methods and subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from keap_sandbox.sample_data.account_view import AccountView
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, PerContact
from keap_sandbox.sample_data.orders import PAYMENTS_PER_ORDER, Payment
from keap_sandbox.sample_data.shop import CYCLES, SAMPLE_MERCHANTS, SAMPLE_PLANS
from keap_sandbox.sample_data.with_custom_fields import WithCustomFields
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


class _PaymentList(PerContact):
    """One of the three lists of payments. Their rows are derived from the orders."""

    salt, percent = 32, 0
    id_offset: ClassVar[int] = 0
    """Keeps the ids of the three lists apart."""

    def __init__(self, account: SalesView) -> None:
        self.orders = account.orders
        super().__init__(account, PAYMENTS_PER_ORDER.count(self.orders.count))

    def key(self, index: int) -> int:
        """Return the id of a payment in this list."""
        return super().key(index) + self.id_offset

    def index(self, key: int) -> int | None:
        """Return the number of a payment; None if the id isn't a sample payment's."""
        return super().index(key - self.id_offset)

    def payment(self, index: int) -> Payment:
        """Return the payment."""
        order, part = PAYMENTS_PER_ORDER.find(index)
        return self.orders.payments(order)[part]

    def created(self, index: int) -> int:
        """Return when it was made."""
        return self.payment(index).moment

    def updated(self, index: int) -> int:
        """Return when it was made: payments never change."""
        return self.created(index)

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the order, the contact or the invoice."""
        order, _ = PAYMENTS_PER_ORDER.find(index)
        if path in {"order_id", "order_ids"}:
            return str(self.orders.key(order))
        return self.orders.owner(order, path)

    def refunded(self, index: int) -> str | None:
        """Return the id of the payment that a refund pays back; None for a payment."""
        return str(self.key(index - 1)) if self.payment(index).refund else None


class OrderPayments(_PaymentList):
    """Payments in the list of their order."""

    created_name, updated_name = "pay_time", "last_updated_time"
    id_offset = 3

    def row(self, index: int) -> Row:
        """Return the complete row. The API does not show the order's id."""
        payment = self.payment(index)
        return {
            "id": str(self.key(index)),
            "amount": self.account.plain(payment.amount),
            "note": "Refund" if payment.refund else (None, "", "Thank you ☺")[index % 3],
            "invoice_id": self.owner(index, "invoice_id"),
            "payment_id": str(self.key(index) - self.id_offset),
            "pay_time": iso(payment.moment),
            "pay_status": "REFUNDED"
            if payment.refund
            else ("APPROVED", "MANUAL_PAID", "PAYPAL_PAID")[index % 3],
            "last_updated_time": iso(payment.moment),
            "skip_commission": index % 9 == 0,
            "refund_invoice_payment_id": self.refunded(index),
            "order_id": self.owner(index, "order_id"),
        }


class Payments(_PaymentList):
    """Payments in the list of the whole account."""

    created_name = "payment_time"

    def row(self, index: int) -> Row:
        """Return the complete row."""
        payment = self.payment(index)
        merchant = SAMPLE_MERCHANTS[index % 3]
        return {
            "id": str(self.key(index)),
            "type": "Refund" if payment.refund else ("Credit Card", "Check", "PayPal")[index % 3],
            "amount": payment.amount / 100,
            "note": None if index % 4 else "Paid in full",
            "status": ("APPROVED", "COMPLETED")[index % 2],
            "commissioned": index % 9 != 0,
            "synced": False,
            "payment_time": iso(payment.moment),
            "refund_payment_id": self.refunded(index),
            "contact_id": self.owner(index, "contact_id"),
            "order_ids": [self.owner(index, "order_id")],
            "update_time": iso(payment.moment),
            "external_transaction_id": f"ch_{mix(index):016x}" if index % 3 != 1 else None,
            "merchant_account_id": merchant.id,
            "merchant_account_type": merchant.type,
            "payment_method": None,
        }


class Transactions(_PaymentList):
    """Payments in the list of transactions, which have no id of their own."""

    created_name = "transaction_time"
    id_offset = 5

    def row(self, index: int) -> Row:
        """Return the complete row."""
        payment = self.payment(index)
        merchant = SAMPLE_MERCHANTS[index % 3]
        contact = self.owner(index, "contact_id")
        failed = index % 17 == 0 and not payment.refund
        return {
            "amount": payment.amount / 100,
            "status": "FAILED" if failed else "APPROVED",
            "description": None if index % 5 else "Card ending in 4242",
            "contact": self.account.person(int(contact or 0)),
            "order_ids": [self.owner(index, "order_id")],
            "contact_id": contact,
            "transaction_method": "REFUND" if payment.refund else ("CAPTURE", "MANUAL")[index % 2],
            "transaction_time": iso(payment.moment),
            "external_reference_id": f"ch_{mix(index):016x}" if index % 3 != 1 else None,
            "external_response_code": "declined" if failed else None,
            "error_details": "The card was declined, then charged by hand." if failed else None,
            "payment_id": str(self.key(index) - self.id_offset),
            "is_successful": not failed,
            "merchant_account_id": merchant.id,
            "merchant_account_type": merchant.type,
            "payment_method": None,
        }


class PaymentMethods(PerContact):
    """Credit cards on file."""

    created_name = "created_time"
    salt, percent = 33, 20

    def row(self, index: int) -> Row:
        """Return the complete row."""
        chance = self.chance(index)
        merchant = SAMPLE_MERCHANTS[chance % 3]
        year = 2024 + chance % 6
        return {
            "contact_id": str(self.contact(index)),
            "payment_method_id": str(self.key(index)),
            "credit_card_id": str(self.key(index) + 2) if chance % 4 else None,
            "merchant_account_type": merchant.type,
            "merchant_account_id": merchant.id,
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
            "status": "EXPIRED" if year < 2026 else None,  # noqa: PLR2004 - the current year
        }


class Subscriptions(WithCustomFields):
    """Subscriptions to the plans of products."""

    record = "subscriptions"
    updated_name = "modification_time"
    salt, percent = 34, 10

    def row(self, index: int) -> Row:
        """Return the complete row."""
        chance, created = self.chance(index), self.created(index)
        plan, product, _, plan_cycle, price, _ = SAMPLE_PLANS[chance % len(SAMPLE_PLANS)]
        cycle, days = CYCLES[plan_cycle]
        active = chance >> 8 & 3 != 0
        cycles = (EPOCH_END - created) // (days * DAY) if active else chance % 5
        billed = created + cycles * days * DAY
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
            "billing_cycle": cycle,
            "start_date": iso(created)[:10],
            "last_bill_date": iso(billed)[:10],
            "next_bill_date": iso(billed + days * DAY)[:10] if active else None,
            "end_date": None if active else iso(billed)[:10],
            "merchant_account_id": SAMPLE_MERCHANTS[spare % 3].id,
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
            "custom_fields": self.custom_fields(spare),
        }
