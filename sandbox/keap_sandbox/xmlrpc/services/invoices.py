"""InvoiceService. Source: the vendor's documentation of 2013."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.tables import dig
from keap_sandbox.xmlrpc.faults import not_found
from keap_sandbox.xmlrpc.methods import Method
from keap_sandbox.xmlrpc.services import shipping
from keap_sandbox.xmlrpc.services.declaring import id_of, present, service
from keap_sandbox.xmlrpc.tables.registry import TABLES
from keap_sandbox.xmlrpc.writing import InOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.request import World
    from keap_sandbox.tables import Row

__all__ = ["METHODS"]

_PAYMENT_OPTIONS = (
    "Credit Card (Manual)",
    "Check",
    "Cash",
    "Money Order",
    "Adjustment",
    "Credit Card",
    "Credit",
    "Refund",
)


def _order(world: World, invoice: object) -> Row:
    """Return the order of an invoice.

    Raises:
        FaultError: There is no such invoice.
    """
    table = world.account.tables["orders"]
    keys = table.children("invoice_id", str(invoice))
    if not keys:
        raise not_found()
    return table.row(keys[0])


def _amount_owed(world: World, params: list[Any]) -> float:
    order = _order(world, params[0])
    return float((dig(order, "total.amount") or 0) - (dig(order, "total_paid.amount") or 0)) / 100


_PAYMENT = (
    "Id", "PayDate", "UserId", "PayAmt", "PayType", "ContactId", "PayNote", "InvoiceId", "RefundId",
    "ChargeId", "Synced",
)  # fmt: skip
"""The members of a payment, in the order in which they come."""
_ZERO = ("UserId", "RefundId", "ChargeId", "Synced")
"""Those that are 0 instead of null."""


def _payments(world: World, params: list[Any]) -> list[dict[str, Any]]:
    """Return the payments of an invoice: rows of the data table Payment, with the notes of the invoice."""
    order, account = _order(world, params[0]), world.account
    rows, of_order = TABLES["Payment"].rows(account), account.tables["order_payments"]
    shown = list[dict[str, Any]]()
    for key in of_order.children("order_id", str(order["id"])):
        paid = of_order.row(key)
        try:
            row = rows.row(id_of(paid["payment_id"]) or 0)
        except KeyError:
            continue
        members = dict.fromkeys(_ZERO, 0) | row | {"InvoiceId": params[0], "PayNote": paid["note"]}
        shown.append(InOrder(present({name: members.get(name) for name in _PAYMENT})))
    return shown


def _payment_options(_: World, __: list[Any]) -> dict[str, str]:
    return InOrder({name: name for name in _PAYMENT_OPTIONS})


def _shipping_options(world: World, _: list[Any]) -> Any:
    """Return the shipping options. They are documented as an array, and the sample shows a boolean."""
    options = shipping.options(world)
    match world.switches.legacy_invoice_shipping:
        case "struct":
            return {one["id"]: one["name"] for one in options}
        case "boolean":
            return bool(options)
        case _:
            return options


METHODS: Mapping[str, Method] = service(
    "InvoiceService",
    {
        "calculateAmountOwed": Method(_amount_owed, ((int,),)),
        "getAllPaymentOptions": Method(_payment_options, ((),)),
        "getPayments": Method(_payments, ((int,),)),
        "getAllShippingOptions": Method(_shipping_options, ((),)),
    },
)
