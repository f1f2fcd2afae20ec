"""Orders with their items, installments, balances and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tap_infusionsoft.streams.collection import ById, Choice, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import (
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
    whole_key,
)
from tap_infusionsoft.streams.currencies import whole_units
from tap_infusionsoft.streams.flat_columns import FlatColumn, flat, with_amounts
from tap_infusionsoft.streams.relations import id_of, key_of, other_id, own_id
from tap_infusionsoft.streams.replication import NewestFirst, Updated
from tap_infusionsoft.streams.row_transforms import Computed, inside, view
from tap_infusionsoft.streams.shared_columns import ADDRESS, CUSTOM_FIELD_VALUES

if TYPE_CHECKING:
    from decimal import Decimal

    from tap_infusionsoft.streams.collection import Row

BASIC_CONTACT = {
    "id": id_of("contacts", "Id of the contact."),
    "email": text("First email address of the contact."),
    "given_name": text("First name of the contact."),
    "family_name": text("Last name of the contact."),
}
_ORDER_CHANGED = moment("Time of the order's last change. This is the bookmark.")
_PRODUCT = {
    "id": id_of("products", "Id of the product.", may_dangle=True),
    "name": text("Name of the product."),
    "sku": text("Stock keeping unit of the product."),
    "description": text("Description of the product."),
    "shippable": flag("Whether the product is shipped."),
    "taxable": flag("Whether the product is taxed."),
}
_PLAN = {
    "id": id_of("subscription_plans", "Id of the subscription plan.", may_dangle=True),
    "frequency": integer("Number of cycles from one bill to the next, such as 3 for every 3 months."),
    "active": flag("Whether the plan can be bought."),
    "subscription_plan_name": text("Name of the plan."),
    "cycle_type": text("Unit of frequency: YEAR, MONTH, WEEK or DAY."),
    "total_cycles": integer("Number of cycles before the plan ends; 0 means that it never does."),
    "plan_price": money("What one bill of the plan comes to."),
    "display_order_index": integer("Position among the plans of the product; smaller comes first."),
}
_ITEM = {
    "id": id_of("order_items", "Id of the item."),
    "name": text("Name of the item."),
    "description": text("Description of the item."),
    "notes": text("Notes on the item."),
    "quantity": integer("How many were ordered."),
    "discount": money("If the item is a discount: what it takes off, as a positive amount."),
    "special": nested(
        {
            "amount": number(
                "The discount: percent, or whole units of the currency, such as dollars; see discount_method."
            ),
            "special_item_id": other_id("Id of the discount.", "No stream lists such items."),
            "discount_method": text("What amount is: AMOUNT or PERCENT."),
        },
        "If the item is a discount: how it is worked out.",
    ),
    "product": nested(_PRODUCT, "The product; null for items that are none, such as tax."),
    "product_id": flat(
        "product.id", id_of("products", "Id of the product; null for items such as tax.", may_dangle=True)
    ),
    "subscription_id": id_of(
        "subscriptions", "Id of the subscription that ordered the item, if one did.", may_dangle=True
    ),
    "item_type": text(
        "What the item is. Products, subscriptions, SHIPPING, TAX, FEE, TIP and DISCOUNT kinds are all items "
        "of an order, so filter by this when you add up sales."
    ),
    "cost_per_unit": money("What one piece costs the seller."),
    "price_per_unit": money("What the customer pays for one piece; negative for discounts."),
    "subscription_plan": nested(_PLAN, "If the item is a subscription: its plan."),
    "subscription_plan_id": flat(
        "subscription_plan.id",
        id_of("subscription_plans", "Id of the plan; null if the item is no subscription.", may_dangle=True),
    ),
}
"""Columns of order_items. Orders have the same in a list, but for the flat ones."""
_INSTALLMENT = {
    "status": text("PAID, UNPAID_MANUAL or UNPAID_AUTOCHARGE: unpaid until amount_due is paid completely."),
    "due_date": day("Day when the installment is due, in the time zone of the account."),
    "amount_due": money("What the installment comes to, paid or not."),
    "amount_paid": money("What was paid of it."),
}
_PAYMENT_PLAN = {
    "auto_charge": flag("Whether installments are charged automatically."),
    "max_charge_attempts": integer("Most attempts to charge an installment."),
    "days_between_retries": integer("Days from one attempt to the next."),
    "payment_method_id": id_of(
        "payment_methods", "Id of the card that is charged.", column="payment_method_id"
    ),
    "initial_payment_amount": money("The first payment."),
    "initial_payment_percent": number("The first payment in percent of the total, 0 to 100."),
    "initial_payment_date": day("Day of the first payment, in the time zone of the account."),
    "plan_start_date": day("Day when the plan starts, in the time zone of the account."),
    "number_of_payments": integer("Number of installments."),
    "days_between_payments": integer("Days from one installment to the next."),
    "payment_plan_items": array(
        nested(_INSTALLMENT),
        "The installments. The stream order_payment_plan_items has one row per installment.",
    ),
}
_SHIPPING = {
    "id": other_id("Id of this shipping information.", "No stream lists these."),
    "address": nested(ADDRESS, "Where the order goes."),
    "company": text("Company in the address."),
    "given_name": text("First name in the address."),
    "family_name": text("Last name in the address."),
    "phone_number": text("Phone number for the delivery."),
    "invoice_to_company": flag("Whether the invoice goes to the company."),
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
            "id": key("Id of the order."),
            "title": text("Title of the order."),
            "status": text("Status of the invoice: DRAFT, SENT, VIEWED or PAID."),
            "total": money("What the order comes to, with tax, shipping and discounts, paid or not."),
            "contact": nested(BASIC_CONTACT, "The contact who ordered."),
            "contact_id": flat("contact.id", id_of("contacts", "Id of the contact who ordered.")),
            "notes": text("Internal notes on the order."),
            "terms": text("Terms and conditions of the order."),
            "order_type": text("ONLINE or OFFLINE."),
            "source_type": text("What the order was created with, such as CHECKOUT_FORM or API."),
            "creation_time": moment("Time when the order was created."),
            "modification_time": moment("Time of the last change, payments included. This is the bookmark."),
            "order_time": moment("Time of the order, which users can set; for whole days it is noon UTC."),
            "lead_affiliate_id": id_of("affiliates", "Id of the affiliate who brought the contact."),
            "sales_affiliate_id": id_of("affiliates", "Id of the affiliate who made the sale."),
            "total_paid": money("What was paid, before refunds."),
            "total_due": money(
                "What was due at first: the same as total, even if it is paid. What is due now is in "
                "invoice_balances.amount_due."
            ),
            "shipping_information": nested(_SHIPPING, "Where and to whom the order goes."),
            "refund_total": money("What was refunded, as a positive amount; total_paid still includes it."),
            "allow_payment": flag("Whether the order can be paid by card. In Keap Pro and Max only."),
            "allow_paypal": flag("Whether the order can be paid with PayPal. In Keap Pro and Max only."),
            "order_items": array(
                nested({name: one for name, one in _ITEM.items() if not isinstance(one, FlatColumn)}),
                "Its items. The stream order_items has one row per item.",
            ),
            "payment_plan": nested(_PAYMENT_PLAN, "Installments of the order; null if it is paid at once."),
            "payment_method_id": flat(
                "payment_plan.payment_method_id",
                id_of("payment_methods", "Id of the card that the plan charges.", column="payment_method_id"),
            ),
            "invoice_number": text("Number on the invoice. In Keap Pro and Max only."),
            "files": array(
                nested({"file_id": id_of("files", "Id of the file.")}),
                "Files that are attached to the order. In Keap Pro and Max only.",
            ),
            "credit_status": text("Credit status of the order."),
            "promo_code": text("Promotional code that was used."),
            "refund_status": text("Whether the order was refunded."),
            "synced": flag("Whether the order is in an external system too."),
            "invoice_id": own_id("Id of the invoice, which commissions and payments of orders name."),
            "custom_fields": CUSTOM_FIELD_VALUES,
            "sent_time": moment("Time when the invoice was sent."),
            "due_time": moment("Time when the invoice is due."),
            "external_create_user": text("User of an external system who created the order."),
            "external_create_time": moment("Time when the order was created in an external system."),
            "external_update_time": moment("Time of the last change in an external system."),
        }
    ),
)


def _line_amount(quantity: Any, cents: Any, currency: Any) -> Decimal | None:
    """Return what an item comes to; None if Keap leaves out what it takes to know."""
    if type(quantity) is not int or type(cents) is not int:
        return None
    return whole_units(quantity * cents, currency if isinstance(currency, str) else None)


# These streams are built from the rows of orders, and share its calls and its bookmark.
_CARRIED: dict[str, Any] = {
    "contact_id": id_of("contacts", "Id of the contact who ordered."),
    "order_time": moment("Time of the order, which users can set; for whole days it is noon UTC."),
}
ORDER_ITEMS = replace(
    ORDERS,
    custom_fields=None,
    name="order_items",
    about="Items of orders (one row per item).",
    key=("order_id", "id"),
    wire=Wire(
        unpack=inside(
            "order_items",
            computed={
                "line_amount": Computed(
                    ("quantity", "price_per_unit.amount", "price_per_unit.currency_code"), _line_amount
                )
            },
            order_id="id",
            contact_id="contact.id",
            order_time="order_time",
            modification_time="modification_time",
        )
    ),
    properties=with_amounts(
        {
            "order_id": key_of("orders", "Id of the order."),
            "id": key("Id of the item."),
            **_CARRIED,
            **{name: schema for name, schema in _ITEM.items() if name != "id"},
            "line_amount": number(
                "What the item comes to: quantity times price_per_unit, in whole units of the currency, such "
                "as dollars; computed by the tap. Negative for discounts."
            ),
            "modification_time": _ORDER_CHANGED,
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
            contact_id="contact.id",
            order_time="order_time",
            modification_time="modification_time",
        )
    ),
    properties=with_amounts(
        {
            "order_id": key_of("orders", "Id of the order."),
            "item_number": whole_key("Position in the plan, starting at 1. Keap has no id for it."),
            **_CARRIED,
            **_INSTALLMENT,
            "modification_time": _ORDER_CHANGED,
        }
    ),
)


def _due(total: Any, paid: Any, currency: Any) -> Row | None:
    """Return what is due on an order now. The order's own total_due is what was originally due."""
    if not isinstance(total, int) or not isinstance(paid, int | None):
        return None
    return {"amount": total - (paid or 0), "currency_code": currency}


INVOICE_BALANCES = replace(
    ORDERS,
    custom_fields=None,
    name="invoice_balances",
    about="Amount due on each order's invoice: its total minus what was paid.",
    key=("order_id",),
    wire=Wire(
        unpack=view(
            *("invoice_id", "total", "total_paid", "refund_total", "due_time", "modification_time"),
            computed={
                "amount_due": Computed(("total.amount", "total_paid.amount", "total.currency_code"), _due)
            },
            order_id="id",
            contact_id="contact.id",
        )
    ),
    properties=with_amounts(
        {
            "order_id": key_of("orders", "Id of the order."),
            "invoice_id": id_of("orders", "Id of the invoice.", column="invoice_id"),
            "contact_id": id_of("contacts", "Id of the contact who owes the amount."),
            "total": money("What the order comes to."),
            "total_paid": money("What was paid, before refunds."),
            "refund_total": money("What was refunded, as a positive amount."),
            "amount_due": money("What is due now: total minus total_paid."),
            "due_time": moment("Time when the invoice is due."),
            "modification_time": _ORDER_CHANGED,
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
        "id": key("Id of this part of a payment."),
        "amount": number(
            "What was paid; negative for refunds. Keap does not say in which unit: whole units of the "
            "currency, such as dollars, as in payments. Compare it with total_paid of the order."
        ),
        "note": text("Note on the payment."),
        "invoice_id": id_of("orders", "Id of the invoice.", column="invoice_id"),
        "payment_id": id_of("payments", "Id of the whole payment, which may pay several orders."),
        "pay_time": moment("Time of the payment."),
        "pay_status": text(
            "MANUAL_PAID, PAYPAL_PAID and APPROVED mean that it was paid; the others are REFUNDED, VOIDED, "
            "FAILED, ERROR and PENDING."
        ),
        "last_updated_time": moment("Time of the last change. This is the bookmark."),
        "skip_commission": flag("Whether the payment brings no commission."),
        "refund_invoice_payment_id": other_id(
            "If this is a refund: what it refunds.", "What it names is not documented."
        ),
        "order_id": key_of("orders", "Id of the order."),
    },
)

COLLECTIONS = (
    ORDERS,
    ORDER_ITEMS,
    ORDER_PAYMENT_PLAN_ITEMS,
    INVOICE_BALANCES,
    ORDER_PAYMENTS,
)
