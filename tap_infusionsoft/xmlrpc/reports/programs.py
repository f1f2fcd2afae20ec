"""Reports about commission programs (also called affiliate programs).

Sources: the vendor's documentation of 2013. It does not show the answers of the last two: affiliates are
taken as structs of their own fields and their contact's, side by side or nested, and resources as rows of the
table AffResource.
"""

from __future__ import annotations

from tap_infusionsoft.streams.collection import PerParent
from tap_infusionsoft.streams.columns import integer, text, whole_key
from tap_infusionsoft.xmlrpc.reports.answers import flat
from tap_infusionsoft.xmlrpc.reports.report import Report

_PROGRAM = {
    "Id": whole_key("Id of the commission program."),
    "Name": text("Name of the program."),
    "Priority": integer("Priority of the program."),
    "Notes": text("Notes on the program."),
    "AffiliateId": integer(
        "Id of the affiliate whose own version of a program it is (legacy_affiliate.Id); 0 if it is for all."
    ),
}
_EACH_PROGRAM = PerParent(
    stream="legacy_affiliate_program_all_programs",
    columns={"ProgramId": "Id"},
    setting="commission_program_ids",
    id="Id",
)
_PROGRAM_ID = integer("Id of the program that it was read for (legacy_affiliate_program_all_programs.Id).")

REPORTS = (
    Report(
        title="Affiliate Program - All Programs",
        method="AffiliateProgramService.getAffiliatePrograms",
        about="Commission programs.",
        key=("Id",),
        columns=_PROGRAM,
    ),
    Report(
        title="Affiliate Program - Affiliate's Programs",
        method="AffiliateProgramService.getProgramsForAffiliate",
        about="Commission programs of each affiliate.",
        slices=PerParent(
            stream="legacy_affiliate", columns={"ForAffiliateId": "Id"}, setting="affiliate_ids", id="Id"
        ),
        key=("ForAffiliateId", "Id"),
        columns={
            "ForAffiliateId": whole_key("Id of the affiliate that it was read for (legacy_affiliate.Id)."),
            **_PROGRAM,
        },
    ),
    Report(
        title="Affiliate Program - Program's Affiliates",
        method="AffiliateProgramService.getAffiliatesByProgram",
        about="Affiliates of each commission program, with the columns of their contacts.",
        slices=_EACH_PROGRAM,
        tables=("Affiliate", "Contact"),
        row_key=("ProgramId", "Id", "ContactId", "AffCode"),
        rows=flat("aff"),
        columns={
            "ProgramId": _PROGRAM_ID,
            "AccountId": integer("Contact.AccountId, which cannot be read from the table."),
        },
    ),
    Report(
        title="Affiliate Program - Resources",
        method="AffiliateProgramService.getResourcesForAffiliateProgram",
        about="Resources of each commission program, such as banners.",
        slices=_EACH_PROGRAM,
        tables=("AffResource",),
        row_key=("ProgramId", "Id", "Title", "ResourceType", "Other"),
        columns={"ProgramId": _PROGRAM_ID},
    ),
)
