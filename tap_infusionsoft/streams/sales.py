"""Orders, invoices, payments and subscriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_infusionsoft.streams.collection import ById, Choice, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import (
    ADDRESS,
    CUSTOM_FIELD_VALUES,
    array,
    day,
    flag,
    integer,
    key,
    moment,
    money,
    nested,
    number,
    text,
)
from tap_infusionsoft.streams.flat_columns import flat, with_amounts
from tap_infusionsoft.streams.replication import Happened, NewestFirst, Updated
from tap_infusionsoft.streams.row_transforms import at, inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_infusionsoft.streams.collection import Row


_BASIC_CONTACT = {"id": text(), "email": text(), "given_name": text(), "family_name": text()}
_ITEM = {
    "id": text(),
    "name": text(),
    "description": text(),
    "notes": text(),
    "quantity": integer(),
    "discount": money(),
    "special": nested({"amount": number(), "special_item_id": text(), "discount_method": text()}),
    "product": nested(
        {
            "id": text(),
            "name": text(),
            "sku": text(),
            "description": text(),
            "shippable": flag(),
            "taxable": flag(),
        }
    ),
    "subscription_id": text(),
    "item_type": text(),
    "cost_per_unit": money(),
    "price_per_unit": money(),
    "subscription_plan": nested(
        {
            "id": text(),
            "frequency": integer(),
            "active": flag(),
            "subscription_plan_name": text(),
            "cycle_type": text(),
            "total_cycles": integer(),
            "plan_price": money(),
            "display_order_index": integer(),
        }
    ),
}
_INSTALLMENT = {"status": text(), "due_date": day(), "amount_due": money(), "amount_paid": money()}
_PAYMENT_METHOD = {
    "contact_id": text(),
    "payment_method_id": text(),
    "credit_card_id": text(),
    "merchant_account_type": text(),
    "merchant_account_id": text(),
    "payment_method_type": text(),
    "created_time": moment(),
    "card_info": nested(
        {
            "brand": text(),
            "fingerprint": text(),
            "card_type": text(),
            "last_four": text(),
            "expiration_year": text(),
            "expiration_month": text(),
        }
    ),
    "status": text(),
}

ORDERS = Collection(
    name="orders",
    about="Orders with their items, payment plan, invoice numbers, totals and custom fields.",
    endpoint=Endpoint("/v2/orders", items="orders", by_id=ById(filter="id")),
    changes=Updated(key="modification_time", since="modified_since_time", until="modified_until_time"),
    chosen=(
        Choice("order_ids", filter="ids", by_id=True),
        Choice("invoice_ids", filter="invoice_id", each=True),
    ),
    custom_fields="/v2/orders/model",
    properties=with_amounts(
        {
            "id": key(),
            "title": text(),
            "status": text(),
            "total": money(),
            "contact": nested(_BASIC_CONTACT),
            "contact_id": flat("contact.id", text("Id of the contact who ordered (contacts.id).")),
            "notes": text(),
            "terms": text(),
            "order_type": text(),
            "source_type": text(),
            "creation_time": moment(),
            "modification_time": moment(),
            "order_time": moment(),
            "lead_affiliate_id": text(),
            "sales_affiliate_id": text(),
            "total_paid": money(),
            "total_due": money(),
            "shipping_information": nested(
                {
                    "id": text(),
                    "address": nested(ADDRESS),
                    "company": text(),
                    "given_name": text(),
                    "family_name": text(),
                    "phone_number": text(),
                    "invoice_to_company": flag(),
                }
            ),
            "refund_total": money(),
            "allow_payment": flag(),
            "allow_paypal": flag(),
            "order_items": array(nested(_ITEM), "The stream order_items has one row per item."),
            "payment_plan": nested(
                {
                    "auto_charge": flag(),
                    "max_charge_attempts": integer(),
                    "days_between_retries": integer(),
                    "payment_method_id": text(),
                    "initial_payment_amount": money(),
                    "initial_payment_percent": number(),
                    "initial_payment_date": day(),
                    "plan_start_date": day(),
                    "number_of_payments": integer(),
                    "days_between_payments": integer(),
                    "payment_plan_items": array(nested(_INSTALLMENT)),
                }
            ),
            "invoice_number": text(),
            "files": array(nested({"file_id": text()})),
            "credit_status": text(),
            "promo_code": text(),
            "refund_status": text(),
            "synced": flag(),
            "invoice_id": text(),
            "custom_fields": CUSTOM_FIELD_VALUES,
            "sent_time": moment(),
            "due_time": moment(),
            "external_create_user": text(),
            "external_create_time": moment(),
            "external_update_time": moment(),
        }
    ),
)

# These streams are built from the rows of orders, and share its calls and its bookmark.
ORDER_ITEMS = replace(
    ORDERS,
    custom_fields=None,
    name="order_items",
    about="Items of orders (one row per item).",
    key=("order_id", "id"),
    wire=Wire(unpack=inside("order_items", order_id="id", modification_time="modification_time")),
    properties=with_amounts(
        {
            "order_id": key("Id of the order."),
            "id": key("Id of the item."),
            **{name: schema for name, schema in _ITEM.items() if name != "id"},
            "modification_time": moment("Time of the order's last change. This is the bookmark."),
        }
    ),
)

ORDER_PAYMENT_PLAN_ITEMS = replace(
    ORDERS,
    custom_fields=None,
    name="order_payment_plan_items",
    about="Installments of payment plans of orders (one row per installment).",
    key=("order_id", "item_number"),
    wire=Wire(
        unpack=inside(
            "payment_plan.payment_plan_items",
            "item_number",
            order_id="id",
            modification_time="modification_time",
        )
    ),
    properties=with_amounts(
        {
            "order_id": key("Id of the order."),
            "item_number": {
                "type": "integer",
                "description": "Position in the plan, starting at 1. Keap has no id for it.",
            },
            **_INSTALLMENT,
            "modification_time": moment("Time of the order's last change. This is the bookmark."),
        }
    ),
)


def _balance(order: Row) -> Iterator[Row]:
    """Yield what is due on an order now. The order's own total_due is what was originally due."""
    total, paid = at(order, "total.amount"), at(order, "total_paid.amount")
    due = total - (paid or 0) if isinstance(total, int) and isinstance(paid, int | None) else None
    currency = at(order, "total.currency_code")
    yield {
        "order_id": order.get("id"),
        "invoice_id": order.get("invoice_id"),
        "contact_id": at(order, "contact.id"),
        "total": order.get("total"),
        "total_paid": order.get("total_paid"),
        "refund_total": order.get("refund_total"),
        "amount_due": None if due is None else {"amount": due, "currency_code": currency},
        "due_time": order.get("due_time"),
        "modification_time": order.get("modification_time"),
    }


INVOICE_BALANCES = replace(
    ORDERS,
    custom_fields=None,
    name="invoice_balances",
    about="Amount due on each order's invoice: its total minus what was paid.",
    key=("order_id",),
    wire=Wire(unpack=_balance),
    properties=with_amounts(
        {
            "order_id": key("Id of the order."),
            "invoice_id": text("Id of the invoice."),
            "contact_id": text("Id of the contact who owes the amount."),
            "total": money(),
            "total_paid": money(),
            "refund_total": money(),
            "amount_due": money("Computed by the tap: total minus total_paid."),
            "due_time": moment(),
            "modification_time": moment("Time of the order's last change. This is the bookmark."),
        }
    ),
)

ORDER_PAYMENTS = Collection(
    name="order_payments",
    about="Payments applied to orders (one call per order).",
    endpoint=Endpoint("/v2/orders/{order_id}/payments", items="invoice_order_payments"),
    changes=NewestFirst(key="last_updated_time", order_by="last_updated_time"),
    slices=PerParent(stream="orders", columns={"order_id": "id"}, setting="order_ids"),
    selected_by_default=False,
    properties={
        "id": key(),
        "amount": number(),
        "note": text(),
        "invoice_id": text(),
        "payment_id": text(),
        "pay_time": moment(),
        "pay_status": text(),
        "last_updated_time": moment(),
        "skip_commission": flag(),
        "refund_invoice_payment_id": text(),
        "order_id": key(),
    },
)

PAYMENTS = Collection(
    name="payments",
    about="Payments.",
    endpoint=Endpoint("/v2/sales/payments", items="payments", by_id=ById(filter="id")),
    changes=Happened(key="payment_time", since="since_time", until="until_time"),
    properties={
        "id": key(),
        "type": text(),
        "amount": number(),
        "note": text(),
        "status": text(),
        "commissioned": flag(),
        "synced": flag(),
        "payment_time": moment(),
        "refund_payment_id": text(),
        "contact_id": text(),
        "order_ids": array(text()),
        "update_time": moment(),
        "external_transaction_id": text(),
        "merchant_account_id": text(),
        "merchant_account_type": text(),
        "payment_method": nested(_PAYMENT_METHOD),
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
        "amount": number(),
        "status": text(),
        "description": text(),
        "contact": nested(_BASIC_CONTACT),
        "order_ids": array(text()),
        "contact_id": text(),
        "transaction_method": text(),
        "transaction_time": moment(),
        "external_reference_id": text(),
        "external_response_code": text(),
        "error_details": text(),
        "payment_id": text(),
        "is_successful": flag(),
        "merchant_account_id": text(),
        "merchant_account_type": text(),
        "payment_method": nested(_PAYMENT_METHOD),
    },
)

PAYMENT_METHODS = Collection(
    name="payment_methods",
    about="Cards on file: brand, last four digits and expiry.",
    endpoint=Endpoint("/v2/paymentMethods", items="payment_methods"),
    changes=Happened(key="created_time", since="since_time", until="until_time", order_by="created_time"),
    key=("payment_method_id",),
    properties={**_PAYMENT_METHOD, "payment_method_id": key()},
)

MERCHANT_ACCOUNTS = Collection(
    name="merchant_accounts",
    about="Merchant accounts.",
    endpoint=Endpoint("/v2/merchants", items="merchant_accounts"),
    wire=Wire(beside={"default_merchant_account_id": "default_merchant_account_id"}),
    properties={
        "id": key(),
        "name": text(),
        "type": text(),
        "is_test": flag(),
        "default_merchant_account_id": text(
            "Id of the account's default merchant account (merchant_accounts.id): the same in every row."
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
        "id": key(),
        "quantity": integer(),
        "active": flag(),
        "contact_id": text(),
        "product_id": text(),
        "subscription_plan_id": text(),
        "billing_amount": number(),
        "auto_charge": flag(),
        "billing_frequency": integer(),
        "billing_cycle": text(),
        "start_date": day(),
        "last_bill_date": day(),
        "next_bill_date": day(),
        "end_date": day(),
        "merchant_account_id": text(),
        "payment_method_id": text(),
        "allow_tax": flag(),
        "max_charge_attempts": integer(),
        "days_between_retries": integer(),
        "lead_affiliate_id": text(),
        "sale_affiliate_id": text(),
        "shipping_address": nested(ADDRESS),
        "promo_code": text(),
        "shipping_option_id": text(),
        "reason_stopped": text(),
        "modification_time": moment(),
        "custom_fields": CUSTOM_FIELD_VALUES,
    },
)

COLLECTIONS = (
    ORDERS,
    ORDER_ITEMS,
    ORDER_PAYMENT_PLAN_ITEMS,
    INVOICE_BALANCES,
    ORDER_PAYMENTS,
    PAYMENTS,
    TRANSACTIONS,
    PAYMENT_METHODS,
    MERCHANT_ACCOUNTS,
    SUBSCRIPTIONS,
)
