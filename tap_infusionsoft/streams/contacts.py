"""Contacts: the people in a Keap account."""

from __future__ import annotations

from msgspec.structs import replace

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
from tap_infusionsoft.streams.columns import array, day, flag, integer, key, midnight, moment, nested, text
from tap_infusionsoft.streams.flat_columns import flat, flat_columns
from tap_infusionsoft.streams.relations import id_of, ids_of, key_of, other_id
from tap_infusionsoft.streams.replication import Snapshot, Updated
from tap_infusionsoft.streams.shared_columns import (
    ADDRESS,
    CUSTOM_FIELD_VALUES,
    EMAIL,
    FAX,
    PHONE,
    SOCIAL_ACCOUNT,
)

UTM = nested(
    {
        "id": other_id("Id of this set of parameters.", "They are in this list only."),
        "keap_source_id": other_id("Keap's own id of the source.", "No stream lists sources."),
        "utm_source": text("Parameter utm_source: where the visit came from, such as a search engine."),
        "utm_medium": text("Parameter utm_medium: the kind of marketing, such as cpc."),
        "utm_term": text("Parameter utm_term: the keyword."),
        "utm_campaign": text("Parameter utm_campaign: the name of the campaign."),
        "utm_content": text("Parameter utm_content: which advertisement or link was clicked."),
        "first_touch": flag("Whether these are the parameters of the first touch."),
        "last_touch": flag("Whether these are the parameters of the last touch."),
        "date_created": moment("When these parameters were recorded."),
    }
)

_PROPERTIES = {
    "id": key("Id of the contact. Most other streams refer to it as contact_id."),
    "given_name": text("First name."),
    "middle_name": text("Middle name."),
    "family_name": text("Last name."),
    "preferred_name": text("Preferred name or nickname."),
    "prefix": text("Title before the name, such as Dr."),
    "suffix": text("Suffix after the name, such as Jr."),
    "job_title": text("Job title."),
    "company": nested(
        {"id": id_of("companies", "Id of the company."), "company_name": text("Its name.")},
        "The contact's company; null if it has none.",
    ),
    "company_id": flat("company.id", id_of("companies", "Id of the contact's company; null without one.")),
    "email_addresses": array(nested(EMAIL), "Up to three email addresses, with their opt-in status."),
    "phone_numbers": array(nested(PHONE), "Up to five phone numbers."),
    "fax_numbers": array(nested(FAX), "Up to two fax numbers."),
    "addresses": array(nested(ADDRESS), "Billing, shipping and other addresses."),
    "website": text("URL of the contact's website."),
    "social_accounts": array(nested(SOCIAL_ACCOUNT), "Accounts in social networks."),
    "birth_date": day("Date of birth."),
    "anniversary_date": day("Date of the contact's anniversary."),
    "spouse_name": text("Name of the contact's spouse."),
    "assistant_name": text("Name of the contact's assistant."),
    "assistant_phone": text("Phone number of the contact's assistant."),
    "billing_information": text("Free text about billing."),
    "account_id": other_id("Id of an account inside Keap, often '0'.", "No stream lists these."),
    "contact_type": text(
        "Type of contact, such as Customer or Lead. contact_option_types has the account's types."
    ),
    "owner_id": id_of("users", "Id of the user who owns the contact; null if nobody does."),
    "leadsource_id": id_of("lead_sources", "Id of the lead source. '0' and null mean none.", none="0"),
    "referral_code": id_of(
        "affiliates",
        "Code of the affiliate who referred the contact, not an id; null if nobody did.",
        column="code",
        may_dangle=True,
    ),
    "source_type": text("How the contact was created. Keap adds values to this list."),
    "origin": nested(
        {
            "date": moment("When the contact was created."),
            "ip_address": text("IP address that it was created from."),
        },
        "When and from which IP address the contact was created.",
    ),
    "utm_parameters": array(UTM, "Marketing parameters of the visits that led to this contact."),
    "score_value": text("Lead score, a number sent as text; null if the contact has none."),
    "tag_ids": ids_of("tags", "Ids of the applied tags. The stream contact_tags has the times."),
    "group_list": text("The ids of tag_ids (tags.id) as a comma-separated string."),
    "links": array(
        nested(
            {
                "id": other_id("Id of the link.", "The stream contact_links goes by contacts."),
                "linked_contact_id": id_of("contacts", "Id of the other contact."),
                "link_type_id": id_of("contact_link_types", "Id of the type of link."),
                "link_type_name": text("Name of the type of link, such as Spouse."),
            }
        ),
        "Links to other contacts.",
    ),
    "notes": text("Notes on the contact itself. The stream notes has the dated notes."),
    "preferred_locale": text("Preferred locale, such as en_US."),
    "time_zone": text(
        "Time zone of the contact, such as America/New_York. Times of this stream are in UTC all the same."
    ),
    "custom_fields": CUSTOM_FIELD_VALUES,
    "create_time": moment("When the contact was created."),
    "update_time": moment("Time of the last change. This is the bookmark."),
    "created_by": id_of("users", "Id of the user who created the contact."),
    "last_updated_by": id_of("users", "Id of the user who last changed the contact."),
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
        fields=Fields(
            names=frozenset(_PROPERTIES) - flat_columns(_PROPERTIES).keys() - {"group_list"} | {"groups"}
        ),
    ),
    changes=Updated(key="update_time", since="start_update_time", until="end_update_time"),
    chosen=(
        Choice("contact_ids", filter="ids", by_id=True),
        Choice("contact_emails", filter="email", each=True),
    ),
    wire=Wire(
        renamed={"group_list": "groups"}
        | {
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
    properties={
        **_PROPERTIES,
        "id": key_of("contacts", "Id of the contact."),
        "update_time": moment("When the contact was last changed."),
    },
)

CONTACT_LEAD_SCORES = Collection(
    name="contact_lead_scores",
    about="Lead scores of contacts (one call per contact).",
    endpoint=Endpoint("/v2/contacts/{contact_id}/leadScore", items=None, paging="none"),
    key=("contact_id",),
    slices=PerParent(stream="contacts", columns={"contact_id": "id"}, setting="contact_ids"),
    selected_by_default=False,
    properties={
        "score": text("Lead score, a number sent as text. '0' is a score, too."),
        "last_updated": moment("When the score was last updated."),
        "contact_id": key_of("contacts", "Id of the contact."),
    },
)

CONTACT_LINKS = Collection(
    name="contact_links",
    about="Links between contacts (one call per contact that has some).",
    endpoint=Endpoint("/v2/contacts/{contact_id}/links", items="links", paging="none"),
    key=("contact1_id", "contact2_id", "link_type_id"),
    slices=PerParent(stream="contacts", columns={"contact_id": "id"}, setting="contact_ids", lists="links"),
    wire=Wire(
        ignored=frozenset({"contact_id"}),  # Keap lists a link under both of its contacts
    ),
    selected_by_default=False,
    properties={
        "contact1_id": key_of("contacts", "Id of the first of the two contacts."),
        "contact2_id": key_of("contacts", "Id of the second of the two contacts."),
        "link_type_id": key_of("contact_link_types", "Id of the type of link."),
        "link_type_name": text("Name of the type of link, such as Spouse."),
    },
)

CONTACT_LINK_TYPES = Collection(
    name="contact_link_types",
    about="Types of links between contacts.",
    endpoint=Endpoint("/v2/contacts/links/types", items="contact_link_types"),
    properties={
        "id": key("Id of the type of link."),
        "name": text("Name of the type of link, such as Spouse."),
        "max_links": integer("Most links of this type that a contact can have."),
        "create_time": midnight("When the type was created."),
    },
)

COLLECTIONS = (CONTACTS, CONTACTS_BY_TAG, CONTACT_LEAD_SCORES, CONTACT_LINKS, CONTACT_LINK_TYPES)
