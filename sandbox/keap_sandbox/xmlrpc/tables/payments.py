"""Payments of invoices, charges of cards, and the cards themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.tables import Row, dig
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
    words,
)
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.people import CONTACT_NEEDS, of_contact
from keap_sandbox.xmlrpc.tables.records import each, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.account import Account

__all__ = ["TABLES", "card_of"]


def card_of(path: str) -> Read:
    """Read the id of a card from the id of its payment method; null if the card has none."""

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


def _charges(key: int, transaction: Row) -> Iterator[tuple[int, Row]]:
    """Return a transaction if it is a charge. REST shows no ids of transactions."""
    if _is_charge(transaction):
        yield key, {**transaction, "id": key}


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
    text("PayStatus", words("pay_status")),
    whole("SkipCommission", "skip_commission"),
)


_CHARGE = table(
    "CCharge",
    parts("transactions", _charges),
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


def _full_name(account: Account, row: Row) -> object:
    names = [of_contact(name)(account, row) for name in ("FirstName", "LastName")]
    return " ".join(str(one) for one in names if one) or None


def _cards(_: int, method: Row) -> Iterator[tuple[int, Row]]:
    """Return a payment method if it is a card with its own id."""
    card = str(method.get("credit_card_id"))
    if card.isdigit():
        yield int(card), method


def _brand(_: Account, row: Row) -> object:
    brand = dig(row, "card_info.brand")
    names = {"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express"}
    return names.get(str(brand), brand)


def _card_status(_: Account, row: Row) -> int:
    """Return the state of a card: 2 deleted, 3 good, 4 inactive. A good one has none at REST."""
    return {"EXPIRED": 4, "INACTIVE": 4, "DELETED": 2}.get(str(row.get("status")), 3)


_CARD = table(
    "CreditCard",
    parts("payment_methods", _cards),
    ident("Id", "credit_card_id", "R"),
    text("BillAddress1", of_contact("StreetAddress1")),
    text("BillAddress2", of_contact("StreetAddress2")),
    text("BillCity", of_contact("City")),
    text("BillCountry", of_contact("Country")),
    text("BillName", _full_name),
    text("BillState", of_contact("State")),
    text("BillZip", of_contact("PostalCode")),
    text("CardNumber", access="A"),
    text("CardType", _brand),
    ident("ContactId", "contact_id", "AR"),
    text("CVV2", access="EA"),
    text("Email", of_contact("Email")),
    text("ExpirationMonth", "card_info.expiration_month"),
    text("ExpirationYear", "card_info.expiration_year"),
    text("FirstName", of_contact("FirstName")),
    text("Last4", "card_info.last_four", "R"),
    text("LastName", of_contact("LastName")),
    text("MaestroIssueNumber"),
    text("NameOnCard", _full_name),
    text("PhoneNumber", of_contact("Phone1")),
    text("ShipAddress1", of_contact("Address2Street1")),
    text("ShipAddress2", of_contact("Address2Street2")),
    text("ShipCity", of_contact("City2")),
    text("ShipCompanyName", of_contact("Company")),
    text("ShipCountry", of_contact("Country2")),
    text("ShipFirstName", of_contact("FirstName")),
    text("ShipLastName", of_contact("LastName")),
    text("ShipMiddleName", of_contact("MiddleName")),
    text("ShipName", _full_name),
    text("ShipPhoneNumber", of_contact("Phone2")),
    text("ShipState", of_contact("State2")),
    text("ShipZip", of_contact("PostalCode2")),
    text("StartDateMonth"),
    text("StartDateYear"),
    whole("Status", _card_status, "R"),
    access=ADD_EDIT,
    needs=CONTACT_NEEDS,
)

TABLES = (_PAYMENT, _INVOICE_PAYMENT, _CHARGE, _CARD)
