"""Payments, card transactions, cards on file, merchant accounts and subscriptions."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, Wire
from tap_infusionsoft.streams.columns import amount, day, flag, integer, key, moment, nested, number, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.orders import BASIC_CONTACT
from tap_infusionsoft.streams.relations import id_of, ids_of, other_id
from tap_infusionsoft.streams.replication import Happened, NewestFirst
from tap_infusionsoft.streams.shared_columns import ADDRESS, CUSTOM_FIELD_VALUES

_PAYMENT_METHOD = {
    "contact_id": id_of("contacts", "Id of the contact whose card it is."),
    "payment_method_id": id_of("payment_methods", "Id of the card on file.", column="payment_method_id"),
    "credit_card_id": other_id(
        "Id of the card in REST v1 and the older API.", "REST v2 lists cards by payment_method_id."
    ),
    "merchant_account_type": text("Type of the merchant account that stored the card."),
    "merchant_account_id": id_of(
        "merchant_accounts", "Id of the merchant account that stored the card.", may_dangle=True
    ),
    "payment_method_type": text("CARD; Keap has no other type so far."),
    "created_time": moment("Time when the card was stored."),
    "card_info": nested(
        {
            "brand": text("Brand of the card."),
            "fingerprint": text("The same for the same card, wherever it is stored."),
            "card_type": text("Type of the card, such as credit or debit."),
            "last_four": text("Last four digits of the number."),
            "expiration_year": text("Year in which the card expires, a number sent as text."),
            "expiration_month": text("Month in which the card expires, a number sent as text."),
        },
        "The card.",
    ),
    "status": text("EXPIRED if the card has expired; null otherwise."),
}
_PAYMENT_METHOD_ID = flat(
    "payment_method.payment_method_id",
    id_of("payment_methods", "Id of the card that was used; null if none was.", column="payment_method_id"),
)

PAYMENTS = Collection(
    name="payments",
    about="Payments.",
    endpoint=Endpoint("/v2/sales/payments", items="payments", by_id=ById(filter="id")),
    changes=Happened(key="payment_time", since="since_time", until="until_time"),
    properties={
        "id": key("Id of the payment."),
        "type": text("What was paid with, such as Credit Card or Cash."),
        "amount": amount("What was paid; negative for refunds."),
        "note": text("Note on the payment."),
        "status": text("APPROVED and COMPLETED both mean that it was paid; the others are PENDING and NONE."),
        "commissioned": flag("Whether the payment brought a commission."),
        "synced": flag("Whether the payment is in an external system too."),
        "payment_time": moment("Time of the payment. This is the bookmark."),
        "refund_payment_id": id_of("payments", "Id of the payment that refunds this one; null if none does."),
        "contact_id": id_of("contacts", "Id of the contact who paid."),
        "order_ids": ids_of("orders", "Ids of the orders that were paid."),
        "update_time": moment("Time of the last change."),
        "external_transaction_id": other_id(
            "Id that the payment processor gave it.", "It is none of Keap's."
        ),
        "merchant_account_id": id_of(
            "merchant_accounts", "Id of the merchant account that was used.", may_dangle=True
        ),
        "merchant_account_type": text("Type of the merchant account that was used."),
        "payment_method": nested(_PAYMENT_METHOD, "The card that was used; null if none was."),
        "payment_method_id": _PAYMENT_METHOD_ID,
    },
)

TRANSACTIONS = Collection(
    name="transactions",
    about="Card transactions, including failed ones.",
    endpoint=Endpoint("/v2/sales/transactions", items="transactions"),
    changes=Happened(
        key="transaction_time", since="since_time", until="until_time", order_by="transaction_time"
    ),
    key=(),
    row_key=(
        "payment_id",
        "external_reference_id",
        "transaction_time",
        "transaction_method",
        "contact_id",
        "merchant_account_id",
        "amount",
        "order_ids",
    ),
    properties={
        "amount": amount("What was charged or refunded, even if the transaction failed."),
        "status": text("APPROVED if it was paid; the others are PENDING, ERROR, FAILED and NONE."),
        "description": text("Description of the transaction."),
        "contact": nested(BASIC_CONTACT, "The contact who pays."),
        "order_ids": ids_of("orders", "Ids of the orders that are paid."),
        "contact_id": id_of("contacts", "Id of the contact who pays."),
        "transaction_method": text("CAPTURE, REFUND, VOID or MANUAL."),
        "transaction_time": moment("Time of the transaction. This is the bookmark."),
        "external_reference_id": other_id("Id that the payment processor gave it.", "It is none of Keap's."),
        "external_response_code": text("Code of the payment processor's response."),
        "error_details": text("Why the transaction failed; null if it did not."),
        "payment_id": id_of("payments", "Id of the payment that came of it; null if none did."),
        "is_successful": flag("Whether it succeeded; false while it is PENDING."),
        "merchant_account_id": id_of(
            "merchant_accounts", "Id of the merchant account that was used.", may_dangle=True
        ),
        "merchant_account_type": text("Type of the merchant account that was used."),
        "payment_method": nested(_PAYMENT_METHOD, "The card that was used; null if none was."),
        "payment_method_id": _PAYMENT_METHOD_ID,
    },
)

PAYMENT_METHODS = Collection(
    name="payment_methods",
    about="Cards on file: brand, last four digits and expiry.",
    endpoint=Endpoint("/v2/paymentMethods", items="payment_methods"),
    changes=Happened(key="created_time", since="since_time", until="until_time", order_by="created_time"),
    key=("payment_method_id",),
    properties={
        **_PAYMENT_METHOD,
        "payment_method_id": key("Id of the card on file."),
        "created_time": moment("Time when the card was stored. This is the bookmark."),
    },
)

MERCHANT_ACCOUNTS = Collection(
    name="merchant_accounts",
    about="Merchant accounts.",
    endpoint=Endpoint("/v2/merchants", items="merchant_accounts"),
    wire=Wire(beside={"default_merchant_account_id": "default_merchant_account_id"}),
    properties={
        "id": key("Id of the merchant account."),
        "name": text("Name of the merchant account."),
        "type": text("Which payment processor it is with."),
        "is_test": flag("Whether it is for tests only."),
        "default_merchant_account_id": id_of(
            "merchant_accounts",
            "Id of the account's default merchant account; the same in every row.",
            may_dangle=True,
        ),
    },
)

SUBSCRIPTIONS = Collection(
    name="subscriptions",
    about="Subscriptions of contacts, with their custom fields.",
    endpoint=Endpoint("/v2/subscriptions", items="subscriptions", by_id=ById(filter="id")),
    changes=NewestFirst(key="modification_time", order_by="modification_time"),
    custom_fields="/v2/subscriptions/model",
    properties={
        "id": key("Id of the subscription."),
        "quantity": integer("How many of the product each bill is for."),
        "active": flag("Whether the subscription is active."),
        "contact_id": id_of("contacts", "Id of the contact who subscribed."),
        "product_id": id_of("products", "Id of the product.", may_dangle=True),
        "subscription_plan_id": id_of("subscription_plans", "Id of the subscription plan.", may_dangle=True),
        "billing_amount": number(
            "What is billed each time for one piece. Keap does not say in which unit: whole units of the "
            "account's currency, such as dollars, as far as is known. Compare it with an order."
        ),
        "auto_charge": flag("Whether the card is charged automatically."),
        "billing_frequency": integer(
            "Number of cycles from one bill to the next: 3 with MONTH is every 3 months. Keap's document "
            "says days."
        ),
        "billing_cycle": text("Unit of billing_frequency: YEAR, MONTH, WEEK or DAY."),
        "start_date": day("Day of the first bill, in the time zone of the account."),
        "last_bill_date": day("Day of the latest bill so far, in the time zone of the account."),
        "next_bill_date": day("Day of the next bill, in the time zone of the account."),
        "end_date": day("Day of the last bill; null if the subscription has no end."),
        "merchant_account_id": id_of(
            "merchant_accounts", "Id of the merchant account that is used.", may_dangle=True
        ),
        "payment_method_id": id_of(
            "payment_methods", "Id of the card that is charged.", column="payment_method_id"
        ),
        "allow_tax": flag("Whether tax is added."),
        "max_charge_attempts": integer("Most attempts to charge a bill."),
        "days_between_retries": integer("Days from one attempt to the next."),
        "lead_affiliate_id": id_of("affiliates", "Id of the affiliate who brought the contact."),
        "sale_affiliate_id": id_of("affiliates", "Id of the affiliate who made the sale."),
        "shipping_address": nested(ADDRESS, "Where the product is sent."),
        "promo_code": text("Promotional code that was used."),
        "shipping_option_id": id_of("shipping_methods", "Id of the shipping method."),
        "reason_stopped": text("Why the subscription was stopped; null or empty if it was not."),
        "modification_time": moment("Time of the last change. This is the bookmark."),
        "custom_fields": CUSTOM_FIELD_VALUES,
    },
)

COLLECTIONS = (
    PAYMENTS,
    TRANSACTIONS,
    PAYMENT_METHODS,
    MERCHANT_ACCOUNTS,
    SUBSCRIPTIONS,
)
