"""Calls of methods are told apart by their arguments, as all of them go to one path."""

from __future__ import annotations

import pendulum

from tap_infusionsoft.client.call import Call
from tap_infusionsoft.xmlrpc.calls import XmlRpc, XmlRpcCall
from tap_infusionsoft.xmlrpc.times import eastern


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


def test_calls_are_posts() -> None:
    assert XmlRpcCall("WebFormService.getMap").method == "POST"


def test_dates_can_be_sent_whatever_they_come_from() -> None:
    moment = pendulum.datetime(2026, 3, 14, 16, 30, 5, 999)
    call = XmlRpcCall("APIAffiliateService.affPayouts", arguments=(7, eastern(moment)))
    body = XmlRpc().request(call).body or b""
    assert b"<dateTime.iso8601>20260314T12:30:05</dateTime.iso8601>" in body
