"""Reports about contacts. They take the fields to answer with, so their rows are those of the table Contact.

Sources: the vendor's documentation of 2013, recorded answers of 2015. The classic connector reads contacts by
tags from the table ContactGroupAssign, as there is no method for it.
"""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Choice, PerParent
from tap_infusionsoft.xmlrpc.reports.report import Report

REPORTS = (
    Report(
        title="Contacts - By Email Address",
        method="ContactService.findByEmail",
        about="The contacts that contact_emails names, by any of their three addresses, in a call for each.",
        chosen=Choice("contact_emails", filter="Email", each=True),
        tables=("Contact",),
        takes_fields=True,
        key=("Id",),
    ),
    Report(
        title="Contacts - By ID",
        method="ContactService.load",
        about="The contacts that contact_ids names, in a call for each.",
        chosen=Choice("contact_ids", filter="Id", each=True),
        tables=("Contact",),
        takes_fields=True,
        key=("Id",),
    ),
    Report(
        title="Contacts - By Tags",
        method="DataService.query",
        about="Which contacts have each tag, with columns of the contacts.",
        slices=PerParent(
            stream="legacy_contact_group", columns={"GroupId": "Id"}, setting="tag_ids", id="Id"
        ),
        tables=("ContactGroupAssign",),
        takes_fields=True,
        key=("ContactId", "GroupId"),
    ),
)
