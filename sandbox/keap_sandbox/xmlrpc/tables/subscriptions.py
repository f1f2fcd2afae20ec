"""Subscriptions, which are recurring orders here, alone and with their contacts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.tables.cells import ADD_EDIT, cell, codes, day, ident, number, plain, text, whole
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.payments import card_of
from keap_sandbox.xmlrpc.tables.people import CONTACT_CELLS, CONTACT_NEEDS, of_contact
from keap_sandbox.xmlrpc.tables.records import each
from keap_sandbox.xmlrpc.tables.shop import CYCLES

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row

__all__ = ["TABLES"]


def _first_order(account: Account, row: Row) -> object:
    orders = account.tables["orders"].children("order_items.subscription_id", str(row.get("id")))
    return orders[0] if orders else None


def _paid_thru(_: Account, row: Row) -> object:
    return row.get("next_bill_date") or row.get("end_date")


_CELLS = (
    ident("AffiliateId", "sale_affiliate_id"),
    whole("AutoCharge", "auto_charge"),
    number("BillingAmt", plain("billing_amount")),
    text("BillingCycle", codes("billing_cycle", **CYCLES)),
    ident("CC1", card_of("payment_method_id")),
    ident("CC2"),
    ident("ContactId", "contact_id"),
    day("EndDate", "end_date"),
    whole("Frequency", "billing_frequency"),
    day("LastBillDate", "last_bill_date"),
    ident("LeadAffiliateId", "lead_affiliate_id"),
    whole("MaxRetry", "max_charge_attempts"),
    ident("MerchantAccountId", "merchant_account_id"),
    day("NextBillDate", "next_bill_date", "R"),
    whole("NumDaysBetweenRetry", "days_between_retries"),
    ident("OriginatingOrderId", _first_order, "R"),
    day("PaidThruDate", _paid_thru),
    ident("PaymentGatewayId", "merchant_account_id", "R", inferred=True),
    ident("ProductId", "product_id"),
    ident("ProgramId", "subscription_plan_id"),
    text("PromoCode", "promo_code"),
    whole("Qty", "quantity"),
    text("ReasonStopped", "reason_stopped"),
    ident("ShippingOptionId", "shipping_option_id"),
    day("StartDate", "start_date"),
    text("Status", lambda _, row: "Active" if row.get("active") else "Inactive"),
    ident("SubscriptionPlanId", "subscription_plan_id"),
)

_SUBSCRIPTION = table(
    "RecurringOrder",
    each("subscriptions"),
    ident("Id", "id", "R"),
    *_CELLS,
    access=ADD_EDIT,
    record="subscriptions",
    needs=("orders", "payment_methods"),
)

_OF_CONTACT = {
    "City", "Country", "Email", "EmailAddress2", "EmailAddress3", "FirstName", "LastName", "MiddleName",
    "Nickname", "Phone1", "Phone1Ext", "Phone1Type", "Phone2", "Phone2Ext", "Phone2Type", "PostalCode",
    "SpouseName", "State", "StreetAddress1", "StreetAddress2", "Suffix", "Title", "ZipFour1",
}  # fmt: skip
_LATER = {"OriginatingOrderId"}
"""Columns that only later programs know of this table."""

_WITH_CONTACT = table(
    "RecurringOrderWithContact",
    each("subscriptions"),
    ident("RecurringOrderId", "id"),
    ident("Id", "id", inferred=True),
    *(
        replace(one, access="", inferred=one.inferred or one.name in _LATER)
        for one in _CELLS
        if one.name != "ShippingOptionId"
    ),
    whole("ShippingOptionId", "shipping_option_id"),
    *(cell(one.type, one.name, of_contact(one.name)) for one in CONTACT_CELLS if one.name in _OF_CONTACT),
    text("HTMLSignature"),
    text("Signature"),
    id_column="RecurringOrderId",
    needs=("orders", "payment_methods", *CONTACT_NEEDS),
)

TABLES = (_SUBSCRIPTION, _WITH_CONTACT)
