"""Contacts: the people in a Keap account."""

from __future__ import annotations

from dataclasses import replace

from tap_infusionsoft.streams.collection import (
    ById,
    Choice,
    Collection,
    Endpoint,
    Fields,
    PerBatch,
    PerParent,
    Wire,
)
from tap_infusionsoft.streams.columns import (
    ADDRESS,
    CUSTOM_FIELD_VALUES,
    EMAIL,
    FAX,
    PHONE,
    SOCIAL_ACCOUNT,
    array,
    day,
    flag,
    integer,
    key,
    moment,
    nested,
    text,
)
from tap_infusionsoft.streams.flat_columns import flat, flat_columns
from tap_infusionsoft.streams.replication import Snapshot, Updated

UTM = nested(
    {
        "id": text(),
        "keap_source_id": text(),
        "utm_source": text(),
        "utm_medium": text(),
        "utm_term": text(),
        "utm_campaign": text(),
        "utm_content": text(),
        "first_touch": flag(),
        "last_touch": flag(),
        "date_created": moment(),
    }
)

_PROPERTIES = {
    "id": key("Id of the contact."),
    "given_name": text("First name."),
    "middle_name": text(),
    "family_name": text("Last name."),
    "preferred_name": text(),
    "prefix": text("Title before the name, such as Dr."),
    "suffix": text("Suffix after the name, such as Jr."),
    "job_title": text(),
    "company": nested({"id": text(), "company_name": text()}, "The contact's company."),
    "company_id": flat("company.id", text("Id of the contact's company (companies.id); null without one.")),
    "email_addresses": array(nested(EMAIL), "Up to three email addresses, with their opt-in status."),
    "phone_numbers": array(nested(PHONE), "Up to five phone numbers."),
    "fax_numbers": array(nested(FAX)),
    "addresses": array(nested(ADDRESS), "Billing, shipping and other addresses."),
    "website": text(),
    "social_accounts": array(nested(SOCIAL_ACCOUNT)),
    "birth_date": day(),
    "anniversary_date": day(),
    "spouse_name": text(),
    "assistant_name": text(),
    "assistant_phone": text(),
    "billing_information": text(),
    "account_id": text(),
    "contact_type": text("Type of contact, such as Customer or Lead."),
    "owner_id": text("Id of the user who owns the contact."),
    "leadsource_id": text("Id of the lead source."),
    "referral_code": text("Code of the affiliate who referred the contact."),
    "source_type": text("How the contact was created. Keap adds values to this list."),
    "origin": nested(
        {"date": moment(), "ip_address": text()}, "When and from which IP address the contact was created."
    ),
    "utm_parameters": array(UTM, "Marketing parameters of the visits that led to this contact."),
    "score_value": text("Lead score."),
    "tag_ids": array(text(), "Ids of the applied tags. The stream contact_tags has the times."),
    "groups": text("The same ids as a comma-separated string."),
    "links": array(
        nested({"id": text(), "linked_contact_id": text(), "link_type_id": text(), "link_type_name": text()}),
        "Links to other contacts.",
    ),
    "notes": text("Notes on the contact itself. The stream notes has the dated notes."),
    "preferred_locale": text(),
    "time_zone": text(),
    "custom_fields": CUSTOM_FIELD_VALUES,
    "create_time": moment(),
    "update_time": moment("Time of the last change. This is the bookmark."),
    "created_by": text("Id of the user who created the contact."),
    "last_updated_by": text("Id of the user who last changed the contact."),
}

CONTACTS = Collection(
    name="contacts",
    about="Contacts with their addresses, email addresses, phone numbers, tags and custom fields.",
    endpoint=Endpoint(
        "/v2/contacts",
        items="contacts",
        by_id=ById(filter="contact_id"),
        # Without `fields`, Keap returns almost no columns. Source: the parameter's description in Keap's
        # SDK 2.0.26.
        fields=Fields(names=frozenset(_PROPERTIES) - flat_columns(_PROPERTIES).keys()),
    ),
    changes=Updated(key="update_time", since="start_update_time", until="end_update_time"),
    chosen=(
        Choice("contact_ids", filter="ids", by_id=True),
        Choice("contact_emails", filter="email", each=True),
    ),
    wire=Wire(
        renamed={
            f"utm_parameters[].{column}": wire
            for column, wire in {
                "keap_source_id": "keapSourceId",
                "utm_source": "utmSource",
                "utm_medium": "utmMedium",
                "utm_term": "utmTerm",
                "utm_campaign": "utmCampaign",
                "utm_content": "utmContent",
                "first_touch": "firstTouch",
                "last_touch": "lastTouch",
                "date_created": "dateCreated",
            }.items()
        }
    ),
    custom_fields="/v2/contacts/model",
    properties=_PROPERTIES,
)

CONTACTS_BY_TAG = replace(
    CONTACTS,
    name="contacts_by_tag",
    about="Complete contacts that have any of the tags in tag_ids; all tagged contacts if it is not set.",
    endpoint=replace(CONTACTS.endpoint, by_id=None),
    # Applying a tag doesn't always change update_time, so an increment could miss contacts.
    changes=Snapshot(),
    slices=PerBatch(stream="contact_tags", column="contact_id", filter="ids"),
    chosen=(),
    selected_by_default=False,
)

CONTACT_LEAD_SCORES = Collection(
    name="contact_lead_scores",
    about="Lead scores of contacts (one call per contact).",
    endpoint=Endpoint("/v2/contacts/{contact_id}/leadScore", items=None, paging="none"),
    key=("contact_id",),
    slices=PerParent(stream="contacts", columns={"contact_id": "id"}, setting="contact_ids"),
    selected_by_default=False,
    properties={
        "score": text(),
        "last_updated": moment(),
        "contact_id": key(),
    },
)

CONTACT_LINKS = Collection(
    name="contact_links",
    about="Links between contacts (one call per contact).",
    endpoint=Endpoint("/v2/contacts/{contact_id}/links", items="links", paging="none"),
    key=("contact1_id", "contact2_id", "link_type_id"),
    slices=PerParent(stream="contacts", columns={"contact_id": "id"}, setting="contact_ids"),
    wire=Wire(
        ignored=frozenset({"contact_id"}),  # Keap lists a link under both of its contacts
    ),
    selected_by_default=False,
    properties={
        "contact1_id": key(),
        "contact2_id": key(),
        "link_type_id": key(),
        "link_type_name": text(),
    },
)

CONTACT_LINK_TYPES = Collection(
    name="contact_link_types",
    about="Types of links between contacts.",
    endpoint=Endpoint("/v2/contacts/links/types", items="contact_link_types"),
    properties={
        "id": key(),
        "name": text(),
        "max_links": integer(),
        "create_time": moment(),
    },
)

COLLECTIONS = (CONTACTS, CONTACTS_BY_TAG, CONTACT_LEAD_SCORES, CONTACT_LINKS, CONTACT_LINK_TYPES)
