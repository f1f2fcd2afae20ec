"""Payments of invoices, charges of cards, and the cards themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.tables import Row, Table, dig
from keap_sandbox.xmlrpc.tables.cells import (
    ADD_EDIT,
    Read,
    day,
    ident,
    number,
    plain,
    text,
    time,
    whole,
)
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.people import CONTACT_CELLS, CONTACT_NEEDS, contact_of
from keap_sandbox.xmlrpc.tables.records import Each, Records, each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keap_sandbox.account import Account

__all__ = ["TABLES", "card_of"]


def card_of(path: str) -> Read:
    """Read the id of a card from the id of its payment method; null if the card has none of its own."""

    def read(account: Account, row: Row) -> object:
        key, methods = str(dig(row, path)), account.tables["payment_methods"]
        if not key.isdigit() or int(key) not in methods:
            return None
        return methods.row(int(key)).get("credit_card_id")

    return read


def _order_of(account: Account, row: Row) -> Row:
    """Return the order that a payment is for; an empty one if there is none."""
    ids, orders = row.get("order_ids"), account.tables["orders"]
    key = str(ids[0]) if isinstance(ids, list) and ids else ""
    return orders.row(int(key)) if key.isdigit() and int(key) in orders else {}


def _invoice(account: Account, row: Row) -> object:
    return _order_of(account, row).get("invoice_id")


def _is_charge(row: Row) -> bool:
    """Return True for a transaction by card or PayPal: money that changed hands otherwise is no charge."""
    return row.get("merchant_account_id") is not None


def _charge_of(account: Account, row: Row) -> object:
    transactions = account.tables["transactions"]
    for key in transactions.children("payment_id", str(row.get("id"))):
        if _is_charge(transactions.row(key)):
            return key
    return None


_PAYMENT = table(
    "Payment",
    each("payments"),
    ident("Id", "id"),
    ident("ChargeId", _charge_of),
    whole("Commission", "commissioned"),
    ident("ContactId", "contact_id"),
    ident("InvoiceId", _invoice),
    number("PayAmt", "amount"),
    day("PayDate", "payment_time"),
    text("PayNote", "note"),
    text("PayType", "type"),
    ident("RefundId", "refund_payment_id"),
    whole("Synced", "synced"),
    ident("UserId", lambda account, _: next(iter(account.users), None)),
    needs=("orders", "transactions", "users"),
)

_INVOICE_PAYMENT = table(
    "InvoicePayment",
    each("order_payments"),
    ident("Id", "id"),
    number("Amt", plain("amount")),
    ident("InvoiceId", "invoice_id"),
    time("LastUpdated", "last_updated_time", inferred=True),
    day("PayDate", "pay_time"),
    ident("PaymentId", "payment_id"),
    text("PayStatus", "pay_status"),
    whole("SkipCommission", "skip_commission"),
)


class _Charges(Records):
    """The transactions by card or PayPal. REST shows no ids of them."""

    def __init__(self, account: Account) -> None:
        self._transactions = Each(account, "transactions", _is_charge)

    def keys(self) -> Sequence[int]:
        return self._transactions.keys()

    def record(self, key: int) -> Row:
        return {**self._transactions.record(key), "id": key}

    def stamp(self) -> tuple[object, ...]:
        return self._transactions.stamp()


_CHARGE = table(
    "CCharge",
    _Charges,
    ident("Id", "id"),
    number("Amt", "amount"),
    text("ApprCode", lambda _, row: f"A{row['id']:06d}" if row.get("is_successful") else None),
    ident("CCId", card_of("payment_method.payment_method_id")),
    ident("MerchantId", "merchant_account_id"),
    text("OrderNum", lambda account, row: _order_of(account, row).get("id")),
    ident("PaymentGatewayId", "merchant_account_id", inferred=True),
    ident("PaymentId", "payment_id"),
    text("RefNum", "external_reference_id"),
    needs=("orders", "payment_methods"),
)


def _of_owner(name: str) -> Read:
    """Read a column of the contact that a card belongs to."""
    cell = next(one for one in CONTACT_CELLS if one.name == name)

    def read(account: Account, row: Row) -> object:
        contact = contact_of(account, row.get("contact_id"))
        return None if contact is None else cell.read(account, contact)

    return read


def _full_name(account: Account, row: Row) -> object:
    names = [_of_owner(name)(account, row) for name in ("FirstName", "LastName")]
    return " ".join(str(one) for one in names if one) or None


class _Cards(Records):
    """The payment methods that are cards with an id of their own."""

    def __init__(self, account: Account) -> None:
        self._methods: Table = account.tables["payment_methods"]
        self._by_card: dict[int, int] = {}
        for key in self._methods:
            card = str(self._methods.row(key).get("credit_card_id"))
            if card.isdigit():
                self._by_card.setdefault(int(card), key)

    def keys(self) -> Sequence[int]:
        return sorted(self._by_card)

    def record(self, key: int) -> Row:
        return self._methods.row(self._by_card[key])

    def stamp(self) -> tuple[object, ...]:
        return self._methods.stamp()


def _brand(_: Account, row: Row) -> object:
    brand = dig(row, "card_info.brand")
    names = {"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express"}
    return names.get(str(brand), brand)


def _card_status(_: Account, row: Row) -> int:
    """Return the state of a card: 2 deleted, 3 good, 4 inactive. A good one has none at REST."""
    return {"EXPIRED": 4, "INACTIVE": 4, "DELETED": 2}.get(str(row.get("status")), 3)


_CARD = table(
    "CreditCard",
    _Cards,
    ident("Id", "credit_card_id", "R"),
    text("BillAddress1", _of_owner("StreetAddress1")),
    text("BillAddress2", _of_owner("StreetAddress2")),
    text("BillCity", _of_owner("City")),
    text("BillCountry", _of_owner("Country")),
    text("BillName", _full_name),
    text("BillState", _of_owner("State")),
    text("BillZip", _of_owner("PostalCode")),
    text("CardNumber", access="A"),
    text("CardType", _brand),
    ident("ContactId", "contact_id", "AR"),
    text("CVV2", access="EA"),
    text("Email", _of_owner("Email")),
    text("ExpirationMonth", "card_info.expiration_month"),
    text("ExpirationYear", "card_info.expiration_year"),
    text("FirstName", _of_owner("FirstName")),
    text("Last4", "card_info.last_four", "R"),
    text("LastName", _of_owner("LastName")),
    text("MaestroIssueNumber"),
    text("NameOnCard", _full_name),
    text("PhoneNumber", _of_owner("Phone1")),
    text("ShipAddress1", _of_owner("Address2Street1")),
    text("ShipAddress2", _of_owner("Address2Street2")),
    text("ShipCity", _of_owner("City2")),
    text("ShipCompanyName", _of_owner("Company")),
    text("ShipCountry", _of_owner("Country2")),
    text("ShipFirstName", _of_owner("FirstName")),
    text("ShipLastName", _of_owner("LastName")),
    text("ShipMiddleName", _of_owner("MiddleName")),
    text("ShipName", _full_name),
    text("ShipPhoneNumber", _of_owner("Phone2")),
    text("ShipState", _of_owner("State2")),
    text("ShipZip", _of_owner("PostalCode2")),
    text("StartDateMonth"),
    text("StartDateYear"),
    whole("Status", _card_status, "R"),
    access=ADD_EDIT,
    needs=CONTACT_NEEDS,
)

TABLES = (_PAYMENT, _INVOICE_PAYMENT, _CHARGE, _CARD)
