"""Calls of methods are told apart by their arguments, as all of them go to one path."""

from __future__ import annotations

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.xmlrpc.calls import XmlRpcCall


def test_calls_for_other_rows_are_other_calls() -> None:
    one = XmlRpcCall("InvoiceService.getPayments", arguments=(7,))
    assert one.identity == XmlRpcCall("InvoiceService.getPayments", arguments=(7,)).identity
    others = [
        XmlRpcCall("InvoiceService.getPayments", arguments=(8,)),
        XmlRpcCall("InvoiceService.getPayments", arguments=("7",)),
        XmlRpcCall("InvoiceService.calculateAmountOwed", arguments=(7,)),
        Call("InvoiceService.getPayments"),
    ]
    assert one.identity not in {other.identity for other in others}
