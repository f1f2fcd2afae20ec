"""Sample payments in their three lists, and payment methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data.generators import DAY, EPOCH_END, PerContact
from keap_sandbox.sample_data.orders import PAYMENTS_PER_ORDER, Payment
from keap_sandbox.sample_data.shop import PAYPAL, SAMPLE_MERCHANTS, Merchant
from keap_sandbox.tables import mix
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.sample_data.sales_view import SalesView
    from keap_sandbox.tables import Row

__all__ = ["OrderPayments", "PaymentMethods", "Payments", "Transactions"]


class _PaymentList(PerContact):
    """One of the three lists of payments. Their rows are derived from the orders."""

    salt, percent = 32, 0

    def __init__(self, account: SalesView) -> None:
        self.orders = account.orders
        super().__init__(account, PAYMENTS_PER_ORDER.count(self.orders.count))

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
        """Return the id of the order, the contact, the invoice or, in the other lists, the payment."""
        if path == "payment_id" and self.id_offset:
            return str(self.key(index) - self.id_offset)
        order, _ = PAYMENTS_PER_ORDER.find(index)
        if path in {"order_id", "order_ids"}:
            return str(self.orders.key(order))
        return self.orders.owner(order, path)

    def by_hand(self, index: int) -> bool:
        """Return True for a payment by check. Some cards are declined first."""
        return index % 3 == 1 or self.declined(index)

    def declined(self, index: int) -> bool:
        """Return True if a card was declined before the customer paid by check."""
        return index % 17 == 0 and not self.payment(index).refund

    def merchant(self, index: int) -> Merchant | None:
        """Return the merchant account that took the money; None for a check."""
        card = self.card(index)
        if card is not None:
            return next(one for one in SAMPLE_MERCHANTS if one.id == card["merchant_account_id"])
        if self.by_hand(index) and not self.declined(index):
            return None
        return PAYPAL if index % 3 == 2 else SAMPLE_MERCHANTS[0]  # noqa: PLR2004 - every third is from PayPal

    def card(self, index: int) -> Row | None:
        """Return the card on file that was charged; None if none was."""
        if index % 3 or self.by_hand(index):
            return None
        order, _ = PAYMENTS_PER_ORDER.find(index)
        cards = self.account.cards(self.orders.contact(order), self.created(index))
        return cards[0] if cards else None

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
            else "MANUAL_PAID"
            if self.by_hand(index)
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
        payment, merchant, by_hand = self.payment(index), self.merchant(index), self.by_hand(index)
        if by_hand:
            merchant = None
        kind = "Check" if by_hand else ("Credit Card", "Check", "PayPal")[index % 3]
        return {
            "id": str(self.key(index)),
            "type": "Refund" if payment.refund else kind,
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
            "external_transaction_id": None if by_hand else f"ch_{mix(index):016x}",
            "merchant_account_id": merchant and merchant.id,
            "merchant_account_type": merchant and merchant.type,
            "payment_method": self.card(index),
        }


class Transactions(_PaymentList):
    """Payments in the list of transactions, which have no id."""

    created_name = "transaction_time"
    id_offset = 5

    def row(self, index: int) -> Row:
        """Return the complete row."""
        payment, merchant, failed = self.payment(index), self.merchant(index), self.declined(index)
        contact, by_hand = self.owner(index, "contact_id"), self.by_hand(index) and not failed
        return {
            "amount": payment.amount / 100,
            "status": "FAILED" if failed else "APPROVED",
            "description": None if index % 5 else "Card ending in 4242",
            "contact": self.account.person(int(contact or 0)),
            "order_ids": [self.owner(index, "order_id")],
            "contact_id": contact,
            "transaction_method": "REFUND" if payment.refund else ("CAPTURE", "MANUAL")[by_hand],
            "transaction_time": iso(payment.moment),
            "external_reference_id": None if by_hand else f"ch_{mix(index):016x}",
            "external_response_code": "declined" if failed else None,
            "error_details": "The card was declined; the customer paid by check." if failed else None,
            "payment_id": str(self.key(index) - self.id_offset),
            "is_successful": not failed,
            "merchant_account_id": merchant and merchant.id,
            "merchant_account_type": merchant and merchant.type,
            "payment_method": self.card(index),
        }


class PaymentMethods(PerContact):
    """Credit cards on file."""

    created_name = "created_time"
    salt, percent = 33, 20

    def row(self, index: int) -> Row:
        """Return the complete row."""
        chance = self.chance(index)
        merchant = SAMPLE_MERCHANTS[chance % 3]
        created = self.created(index)
        # A card is still good for years, or it expired between its creation and the end of the sample
        expires = created + (EPOCH_END - created) * (chance >> 40 & 3) // 4
        expired = chance % 4 == 1 and expires < EPOCH_END - 31 * DAY
        year, month = (int(part) for part in iso(expires)[:7].split("-"))
        if not expired:
            year, month = 2036 + chance % 6, 1 + (chance >> 32) % 12
        return {
            "contact_id": str(self.contact(index)),
            "payment_method_id": str(self.key(index)),
            "credit_card_id": str(self.key(index) + 2) if chance % 4 else None,
            "merchant_account_type": merchant.type,
            "merchant_account_id": merchant.id,
            "payment_method_type": "CARD",
            "created_time": iso(created),
            "card_info": {
                "brand": ("visa", "mastercard", "amex")[chance % 3],
                "fingerprint": f"{mix(chance):016x}",
                "card_type": ("CREDIT", "DEBIT", "PREPAID")[(chance >> 8) % 3],
                "last_four": f"{(chance >> 16) % 10_000:04d}",
                "expiration_year": str(year),
                "expiration_month": f"{month:02d}",
            },
            "status": "EXPIRED" if expired else None,
        }
