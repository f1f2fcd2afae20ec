"""Tags, their categories, and who has which tag."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerBatch, PerParent, ShownIn, Wire
from tap_infusionsoft.streams.columns import integer, key, midnight, moment, nested, text
from tap_infusionsoft.streams.companies import COMPANIES
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, key_of
from tap_infusionsoft.streams.replication import Happened, Updated
from tap_infusionsoft.streams.row_transforms import with_columns

_UPDATED = Updated(key="update_time", since="since_update_time", until="until_update_time")
_APPLIED = Happened(
    key="applied_at", since="since_applied_time", until="until_applied_time", order_by="applied_time"
)

TAGS = Collection(
    name="tags",
    about="Tags.",
    endpoint=Endpoint("/v2/tags", items="tags"),
    changes=_UPDATED,
    properties={
        "id": key("Id of the tag. contact_tags and company_tags say who has it."),
        "name": text("Name of the tag."),
        "description": text("Description of the tag."),
        "category": nested(
            {"id": id_of("tag_categories", "Id of the category.")},
            "Category of the tag; null if it has none.",
        ),
        "category_id": flat(
            "category.id", id_of("tag_categories", "Id of the tag's category; null without one.")
        ),
        "create_time": midnight("When the tag was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
    },
)

TAG_CATEGORIES = Collection(
    name="tag_categories",
    about="Categories of tags.",
    endpoint=Endpoint("/v2/tags/categories", items="tag_categories"),
    changes=_UPDATED,
    properties={
        "id": key("Id of the category."),
        "name": text("Name of the category."),
        "description": text("Description of the category."),
        "create_time": moment("When the category was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
    },
)

_APPLICATION = {
    "contact_id": key_of("contacts", "Id of the contact."),
    "tag_id": key_of("tags", "Id of the tag."),
    "applied_at": moment("When the tag was last applied. This is the bookmark."),
}

# Keap once withdrew the endpoint of contact_tags for a month. This older endpoint has the same rows, but must
# be read once per tag.
_TAG_CONTACTS = Collection(
    name="contact_tags",
    endpoint=Endpoint("/v2/tags/{tag_id}/contacts", items="contacts"),
    changes=_APPLIED,
    key=("contact_id", "tag_id"),
    slices=PerParent(stream="tags", columns={"tag_id": "id"}, setting="tag_ids"),
    wire=Wire(
        renamed={"contact_id": "id", "applied_at": "applied_time"},
        ignored=frozenset({"email", "given_name", "family_name"}),
    ),
    properties=_APPLICATION,
)

CONTACT_TAGS = Collection(
    name="contact_tags",
    about="Which contact has which tag, and since when. A removed tag is marked as deleted by the next "
    "sweep.",
    endpoint=Endpoint("/v2/tags/-/contacts", items="contacts"),
    changes=_APPLIED,
    key=("contact_id", "tag_id"),
    slices=PerBatch(stream="tags", column="id", filter="tag_ids", setting="tag_ids"),
    shown_in=ShownIn("contacts", column="tag_ids"),
    fallback=_TAG_CONTACTS,
    properties=_APPLICATION,
)

TAG_COMPANIES = Collection(
    name="tag_companies",
    about="Companies that have a tag (one call per tag).",
    endpoint=Endpoint("/v2/tags/{tag_id}/companies", items="tagged_companies"),
    changes=Happened(key="applied_time", since="since_applied_time", until="until_applied_time"),
    key=("tag_id", "company_id"),
    slices=PerParent(stream="tags", columns={"tag_id": "id"}, setting="tag_ids"),
    wire=Wire(unpack=with_columns(company_id="company.id"), renamed={"company.group_list": "groups"}),
    selected_by_default=False,
    properties={
        "company": nested(
            {
                **COMPANIES.properties,
                "id": key_of("companies", "Id of the company."),
                "update_time": moment("When the company was last changed."),
            },
            "The company, with the columns of the stream companies.",
        ),
        "applied_time": moment("When the tag was last applied to the company. This is the bookmark."),
        "tag_id": key_of("tags", "Id of the tag."),
        "company_id": key_of("companies", "Id of the company."),
    },
)

TAG_CONTACT_COUNTS = Collection(
    name="tag_contact_counts",
    about="Number of contacts that have a tag (one call per tag).",
    endpoint=Endpoint("/v2/tags/{tag_id}/contacts/count", items=None, paging="none"),
    key=("tag_id",),
    slices=PerParent(stream="tags", columns={"tag_id": "id"}, setting="tag_ids"),
    selected_by_default=False,
    properties={
        "count": integer("How many contacts have the tag."),
        "tag_id": key_of("tags", "Id of the tag."),
    },
)

COLLECTIONS = (TAGS, TAG_CATEGORIES, CONTACT_TAGS, TAG_COMPANIES, TAG_CONTACT_COUNTS)
