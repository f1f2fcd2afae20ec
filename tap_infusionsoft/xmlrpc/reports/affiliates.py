"""Reports about affiliates (also called referral partners).

Commissions, clawbacks and payouts are asked for by affiliate and month, both ends inclusive: from the first
second of a month in US Eastern time to its last one. Their rows do not say whose they are; the tap adds it.

Sources: the vendor's documentation of 2013 and Novak's SDK. All members of payouts but PayAmt, and all of
redirect links, are guessed from REST.
"""

from __future__ import annotations

from tap_infusionsoft.streams.collection import PerBatch, PerParent
from tap_infusionsoft.streams.columns import amount, integer, moment, text, whole_key
from tap_infusionsoft.xmlrpc.reports.report import Dates, Report

_EACH = PerParent(stream="legacy_affiliate", columns={"AffiliateId": "Id"}, setting="affiliate_ids", id="Id")
_BATCH = PerBatch(
    stream="legacy_affiliate", column="Id", filter="AffiliateId", setting="affiliate_ids", size=100
)
_AFFILIATE = integer("Id of the affiliate that it was read for (legacy_affiliate.Id).")
_SALE = {
    "DateEarned": moment("When the commission was earned, which is the time of the sale. The bookmark."),
    "InvoiceId": integer("Id of the invoice (legacy_invoice.Id)."),
    "ContactId": integer("Id of the contact who bought (legacy_contact.Id)."),
    "ProductName": text("Name of the product or line item."),
    "Description": text("Description of the product or line item."),
    "SaleAffId": integer("Id of the affiliate who made the sale (legacy_affiliate.Id)."),
    "SoldByFirstName": text("First name of that affiliate."),
    "SoldByLastName": text("Last name of that affiliate."),
}
_OF_SALES = ("AffiliateId", "InvoiceId", "DateEarned", "ContactId", "SaleAffId", "ProductName", "Description")

REPORTS = (
    Report(
        title="Affiliate - Clawbacks",
        method="APIAffiliateService.affClawbacks",
        about="Commissions that were taken back from affiliates.",
        slices=_EACH,
        dates=Dates.MONTHS,
        time="DateEarned",
        row_key=(*_OF_SALES, "Amount"),
        columns={
            "AffiliateId": _AFFILIATE,
            "Amount": amount("What was taken back."),
            **_SALE,
            "FirstName": text("First name of the contact."),
            "LastName": text("Last name of the contact."),
            "SubscriptionPlanName": text("Name of the subscription plan, if the answer has it."),
        },
    ),
    Report(
        title="Affiliate - Commissions",
        method="APIAffiliateService.affCommissions",
        about="Commissions that affiliates earned.",
        slices=_EACH,
        dates=Dates.MONTHS,
        time="DateEarned",
        row_key=(*_OF_SALES, "AmtEarned"),
        columns={
            "AffiliateId": _AFFILIATE,
            "AmtEarned": amount("The commission."),
            **_SALE,
            "ContactFirstName": text("First name of the contact."),
            "ContactLastName": text("Last name of the contact."),
        },
    ),
    Report(
        title="Affiliate - Payments",
        method="APIAffiliateService.affPayouts",
        about="What affiliates were paid.",
        slices=_EACH,
        dates=Dates.MONTHS,
        time="PayDate",
        row_key=("AffiliateId", "Id", "Period", "PayDate", "PayAmt", "PayType", "PayNote"),
        columns={
            "AffiliateId": _AFFILIATE,
            "Id": integer("Id of the payment."),
            "PayAmt": amount("What was paid."),
            "PayDate": moment(
                "When it was paid; a day is its midnight in US Eastern time. In UTC. The bookmark."
            ),
            "PayType": text("How it was paid."),
            "PayNote": text("Note on the payment."),
        },
    ),
    Report(
        title="Affiliate - Redirect Links",
        method="AffiliateService.getRedirectLinksForAffiliate",
        about="Redirect links of affiliates.",
        slices=_EACH,
        row_key=("AffiliateId", "Id", "Name", "LocalUrlCode", "RedirectUrl", "Other"),
        columns={
            "AffiliateId": _AFFILIATE,
            "Id": integer("Id of the link."),
            "Name": text("Name of the link."),
            "LocalUrlCode": text("Code in the address of the link."),
            "RedirectUrl": text("Address that it leads to."),
            "ProgramIds": text("Ids of the commission programs, separated by commas."),
        },
    ),
    Report(
        title="Affiliate Summary",
        method="APIAffiliateService.affSummary",
        about="What each affiliate earned and lost from start_date to end_date, and the balance.",
        slices=_BATCH,
        dates=Dates.PERIOD,
        key=("AffiliateId",),
        columns={
            "AffiliateId": whole_key("Id of the affiliate (legacy_affiliate.Id)."),
            "AmountEarned": amount("Commissions in that time."),
            "Clawbacks": amount("Commissions that were taken back in that time."),
            "Balance": amount("The balance of that time."),
        },
    ),
    Report(
        title="Affiliate - Running Totals",
        method="APIAffiliateService.affRunningTotals",
        about="What each affiliate earned, lost and was paid so far, and the balance.",
        slices=_BATCH,
        key=("AffiliateId",),
        columns={
            "AffiliateId": whole_key("Id of the affiliate (legacy_affiliate.Id)."),
            "AmountEarned": amount("All commissions."),
            "Payments": amount("All payments."),
            "Clawbacks": amount("All commissions that were taken back."),
            "RunningBalance": amount("The balance."),
        },
    ),
)
