"""Reports about invoices.

Sources: the vendor's documentation of 2013. It says that shipping options come as an array, and shows a truth
value; a struct of names by id, as for web forms, is read too.
"""

from __future__ import annotations

from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.columns import amount, day, flag, integer, text, whole_key
from tap_infusionsoft.xmlrpc.reports.answers import options, pairs, single
from tap_infusionsoft.xmlrpc.reports.report import Report
from tap_infusionsoft.xmlrpc.reports.shipping import OPTION

_EACH = PerParent(stream="legacy_invoice", columns={"InvoiceId": "Id"}, setting="invoice_ids", id="Id")
_INVOICE = "Id of the invoice (legacy_invoice.Id)."

REPORTS = (
    Report(
        title="Invoice - Amount Due",
        method="InvoiceService.calculateAmountOwed",
        about="What is still to be paid for each invoice.",
        slices=_EACH,
        key=("InvoiceId",),
        rows=single("AmountOwed"),
        is_plain=True,
        columns={
            "InvoiceId": whole_key(_INVOICE),
            "AmountOwed": amount("What is still to be paid."),
        },
    ),
    Report(
        title="Invoice - Available Payment Options",
        method="InvoiceService.getAllPaymentOptions",
        about="Ways to pay an invoice.",
        key=("Option",),
        rows=pairs("Option", "Name"),
        is_plain=True,
        columns={
            "Option": {"type": "string", "description": "The way to pay."},
            "Name": text("Its name, which is the same."),
        },
    ),
    Report(
        title="Invoice - Payments",
        method="InvoiceService.getPayments",
        about="Payments on each invoice.",
        slices=_EACH,
        key=("Id",),
        columns={
            "Id": whole_key("Id of the payment on the invoice (legacy_invoice_payment.Id)."),
            "InvoiceId": integer(_INVOICE),
            "PayDate": day("When it was paid."),
            "PayAmt": amount("What was paid."),
            "PayType": text("How it was paid."),
            "PayNote": text("Note on the payment."),
            "UserId": integer("Id of the user who entered it (legacy_user.Id)."),
            "ContactId": integer("Id of the contact (legacy_contact.Id)."),
            "RefundId": integer("Id of the refund; 0 if it is none."),
            "ChargeId": integer("Id of the charge of a card (legacy_c_charge.Id)."),
            "Synced": integer("Whether it was handed on to another program."),
        },
    ),
    Report(
        title="Invoice - Available Shipping Options",
        method="InvoiceService.getAllShippingOptions",
        about="Shipping options of invoices. If there is only a truth value, it is the only row.",
        row_key=("id", "name", "Available", "Other"),
        rows=options("id", "name", "Available"),
        columns={**OPTION, "Available": flag("The truth value, if there is nothing else.")},
    ),
)
