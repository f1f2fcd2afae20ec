"""Companies."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, Fields, PerParent, Wire
from tap_infusionsoft.streams.columns import day, key, midnight, moment, nested, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, key_of, other_id
from tap_infusionsoft.streams.replication import Happened, Updated
from tap_infusionsoft.streams.row_transforms import with_columns
from tap_infusionsoft.streams.shared_columns import ADDRESS, CUSTOM_FIELD_VALUES, EMAIL, FAX, PHONE

_PROPERTIES = {
    "id": key("Id of the company."),
    "company_name": text("Name of the company."),
    "address": nested(ADDRESS, "The address of the company."),
    "email_address": nested(EMAIL, "The email address of the company, with its opt-in status."),
    "phone_number": nested(PHONE, "The phone number of the company."),
    "fax_number": nested(FAX, "The fax number of the company."),
    "website": text("URL of the company's website."),
    "notes": text("Notes on the company itself."),
    "group_list": text(
        "Ids of the applied tags (tags.id), as a comma-separated string. The stream "
        "company_tags has the times."
    ),
    "title": text("Title before the name of the company's contact person, such as Dr."),
    "first_name": text("First name of the company's contact person."),
    "middle_name": text("Middle name of the company's contact person."),
    "last_name": text("Last name of the company's contact person."),
    "suffix": text("Suffix after the name of the company's contact person, such as Jr."),
    "preferred_name": text("Preferred name or nickname of the company's contact person."),
    "job_title": text("Job title of the company's contact person."),
    "spouse_name": text("Name of the spouse of the company's contact person."),
    "birth_date": day("Date of birth of the company's contact person."),
    "anniversary_date": day("Date of an anniversary."),
    "assistant_name": text("Name of the assistant of the company's contact person."),
    "assistant_phone": text("Phone number of that assistant."),
    "billing_information": text("Free text about billing."),
    "account_id": other_id("Id of an account inside Keap, often '0'.", "No stream lists these."),
    "contact_type": text("Type of the company's contact person, such as Vendor."),
    "owner_id": id_of("users", "Id of the user who owns the company; null if nobody does."),
    "referral_code": id_of(
        "affiliates",
        "Code of the affiliate who referred the company, not an id; null if nobody did.",
        column="code",
        may_dangle=True,
    ),
    "custom_fields": CUSTOM_FIELD_VALUES,
    "create_time": moment("When the company was created."),
    "update_time": moment("Time of the last change. This is the bookmark."),
    "created_by": id_of("users", "Id of the user who created the company."),
    "last_updated_by": id_of("users", "Id of the user who last changed the company."),
}

COMPANIES = Collection(
    name="companies",
    about="Companies with their address, email address, phone number and custom fields.",
    endpoint=Endpoint(
        "/v2/companies",
        items="companies",
        by_id=ById(filter="company_id"),
        fields=Fields(
            names=frozenset(_PROPERTIES) - {"group_list"} | {"groups"},
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
    wire=Wire(renamed={"group_list": "groups"}),
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
                "id": id_of("tags", "Id of the tag."),
                "name": text("Name of the tag."),
                "description": text("Description of the tag."),
                "category": nested(
                    {"id": id_of("tag_categories", "Id of the category.")},
                    "Category of the tag; null if it has none.",
                ),
                "create_time": midnight("When the tag was created."),
                "update_time": moment("When the tag was last changed."),
            },
            "The tag, as in the stream tags.",
        ),
        "category_id": flat(
            "tag.category.id", id_of("tag_categories", "Id of the tag's category; null without one.")
        ),
        "applied_time": moment("When the tag was last applied to the company. This is the bookmark."),
        "company_id": key_of("companies", "Id of the company."),
        "tag_id": key_of("tags", "Id of the tag."),
    },
)

COLLECTIONS = (COMPANIES, COMPANY_TAGS)
