"""Companies."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, Fields, PerParent, Wire
from tap_infusionsoft.streams.columns import (
    ADDRESS,
    CUSTOM_FIELD_VALUES,
    EMAIL,
    FAX,
    PHONE,
    day,
    key,
    moment,
    nested,
    text,
)
from tap_infusionsoft.streams.replication import Happened, Updated
from tap_infusionsoft.streams.row_transforms import with_columns

_PROPERTIES = {
    "id": key("Id of the company."),
    "company_name": text(),
    "address": nested(ADDRESS),
    "email_address": nested(EMAIL),
    "phone_number": nested(PHONE),
    "fax_number": nested(FAX),
    "website": text(),
    "notes": text(),
    "groups": text("Ids of the applied tags, as a comma-separated string."),
    "title": text(),
    "first_name": text(),
    "middle_name": text(),
    "last_name": text(),
    "suffix": text(),
    "preferred_name": text(),
    "job_title": text(),
    "spouse_name": text(),
    "birth_date": day(),
    "anniversary_date": day(),
    "assistant_name": text(),
    "assistant_phone": text(),
    "billing_information": text(),
    "account_id": text(),
    "contact_type": text(),
    "owner_id": text("Id of the user who owns the company."),
    "referral_code": text(),
    "custom_fields": CUSTOM_FIELD_VALUES,
    "create_time": moment(),
    "update_time": moment("Time of the last change. This is the bookmark."),
    "created_by": text("Id of the user who created the company."),
    "last_updated_by": text("Id of the user who last changed the company."),
}

COMPANIES = Collection(
    name="companies",
    about="Companies with their address, email address, phone number and custom fields.",
    endpoint=Endpoint(
        "/v2/companies",
        items="companies",
        by_id=ById(filter="company_id"),
        fields=Fields(
            names=frozenset(_PROPERTIES),
            # It is unknown whether `fields` adds to the default columns or replaces them, so all are named.
            # Only the ones in `sure` are documented, and one unknown name fails the whole call.
            sure=frozenset(
                {
                    "company_name",
                    "website",
                    "notes",
                    "address",
                    "email_address",
                    "fax_number",
                    "phone_number",
                    "create_time",
                    "update_time",
                    "custom_fields",
                }
            ),
        ),
    ),
    changes=Updated(key="update_time", since="since_time", until="until_time"),
    custom_fields="/v2/companies/model",
    properties=_PROPERTIES,
)

COMPANY_TAGS = Collection(
    name="company_tags",
    about="Tags of companies (one call per company).",
    endpoint=Endpoint("/v2/companies/{company_id}/tags", items="tags"),
    changes=Happened(key="applied_time", since="since_applied_time", until="until_applied_time"),
    key=("company_id", "tag_id"),
    slices=PerParent(stream="companies", columns={"company_id": "id"}),
    wire=Wire(unpack=with_columns(tag_id="tag.id")),
    selected_by_default=False,
    properties={
        "tag": nested(
            {
                "id": text(),
                "name": text(),
                "description": text(),
                "category": nested({"id": text()}),
                "create_time": moment(),
                "update_time": moment(),
            }
        ),
        "applied_time": moment(),
        "company_id": key(),
        "tag_id": key(),
    },
)

COLLECTIONS = (COMPANIES, COMPANY_TAGS)
