"""Contacts: the people in a Keap account."""

from __future__ import annotations

from dataclasses import replace

from tap_infusionsoft.streams.collection import Batches, Choice, Collection, Crawl, Parents
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

CONTACTS = Collection(
    name="contacts",
    about="Contacts, with addresses, e-mail addresses, phone numbers, tags and custom fields.",
    path="/v2/contacts",
    items="contacts",
    changes=Updated(key="update_time", since="start_update_time", until="end_update_time"),
    crawl=Crawl(filter="contact_id"),
    custom_fields="/v2/contacts/model",
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
    },
    chosen=(Choice("contact_ids", filter="ids", by_id=True), Choice("contact_emails", filter="email", each=True)),
    properties={
        "id": key("Id of the contact."),
        "given_name": text("First name."),
        "middle_name": text(),
        "family_name": text("Last name."),
        "preferred_name": text(),
        "prefix": text("Title before the name."),
        "suffix": text("Title behind the name."),
        "job_title": text(),
        "company": nested({"id": text(), "company_name": text()}, "The contact's company."),
        "email_addresses": array(nested(EMAIL), "Up to three e-mail addresses, with their opt-in state."),
        "phone_numbers": array(nested(PHONE), "Up to five phone numbers."),
        "fax_numbers": array(nested(FAX)),
        "addresses": array(nested(ADDRESS), "Billing, shipping and other address."),
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
        "source_type": text("How the contact came to be. Keap's list of values grows."),
        "origin": nested({"date": moment(), "ip_address": text()}, "When and from which address it was made."),
        "utm_parameters": array(UTM, "Marketing parameters of the visits that led here."),
        "score_value": text("Lead score."),
        "tag_ids": array(text(), "Ids of the applied tags; contact_tags has the times."),
        "groups": text("The same ids as one text with commas."),
        "links": array(
            nested({"id": text(), "linked_contact_id": text(), "link_type_id": text(), "link_type_name": text()}),
            "Links to other contacts.",
        ),
        "notes": text("Notes about the person; the stream notes has the dated ones."),
        "preferred_locale": text(),
        "time_zone": text(),
        "custom_fields": CUSTOM_FIELD_VALUES,
        "create_time": moment(),
        "update_time": moment("Time of the last change; the bookmark."),
        "created_by": text("Id of the user who made the contact."),
        "last_updated_by": text("Id of the user who changed it last."),
    },
    # Without fields the list is nearly empty. Source: the parameter's description in Keap's SDK 2.0.26.
    fields=frozenset(
        {
            "id", "given_name", "middle_name", "family_name", "preferred_name", "prefix", "suffix", "job_title",
            "company", "email_addresses", "phone_numbers", "fax_numbers", "addresses", "website",
            "social_accounts", "birth_date", "anniversary_date", "spouse_name", "assistant_name",
            "assistant_phone", "billing_information", "account_id", "contact_type", "owner_id", "leadsource_id",
            "referral_code", "source_type", "origin", "utm_parameters", "score_value", "tag_ids", "groups",
            "links", "notes", "preferred_locale", "time_zone", "custom_fields", "create_time", "update_time",
            "created_by", "last_updated_by",
        }
    ),
)  # fmt: skip

CONTACTS_BY_TAG = replace(
    CONTACTS,
    name="contacts_by_tag",
    about="Full contacts that have any of the tags in tag_ids (all tagged contacts without it).",
    # Applying a tag need not touch update_time, so an increment could miss contacts.
    changes=Snapshot(),
    crawl=None,
    chosen=(),
    batches=Batches(stream="contact_tags", column="contact_id", filter="ids"),
    default=False,
)

CONTACT_LEAD_SCORES = Collection(
    name="contact_lead_scores",
    about="Lead score of each contact: a call each.",
    path="/v2/contacts/{contact_id}/leadScore",
    items=None,
    key=("contact_id",),
    paging="none",
    parents=Parents(stream="contacts", columns={"contact_id": "id"}, setting="contact_ids"),
    default=False,
    properties={
        "score": text(),
        "last_updated": moment(),
        "contact_id": key(),
    },
)

CONTACT_LINKS = Collection(
    name="contact_links",
    about="Links between contacts: a call for each contact.",
    path="/v2/contacts/{contact_id}/links",
    items="links",
    key=("contact1_id", "contact2_id", "link_type_id"),
    paging="none",
    parents=Parents(stream="contacts", columns={"contact_id": "id"}, setting="contact_ids"),
    default=False,
    ignored=frozenset({"contact_id"}),  # a link stands under both its contacts
    properties={
        "contact1_id": key(),
        "contact2_id": key(),
        "link_type_id": key(),
        "link_type_name": text(),
    },
)

CONTACT_LINK_TYPES = Collection(
    name="contact_link_types",
    about="Kinds of links between contacts.",
    path="/v2/contacts/links/types",
    items="contact_link_types",
    properties={
        "id": key(),
        "name": text(),
        "max_links": integer(),
        "create_time": moment(),
    },
)

COLLECTIONS = (CONTACTS, CONTACTS_BY_TAG, CONTACT_LEAD_SCORES, CONTACT_LINKS, CONTACT_LINK_TYPES)
