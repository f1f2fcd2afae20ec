"""Tags, their categories, and who has which tag."""

from __future__ import annotations

from tap_infusionsoft.streams.changes import Happened, Updated
from tap_infusionsoft.streams.collection import Batches, Collection, Parents
from tap_infusionsoft.streams.schemas import key, moment, nested, text

_UPDATED = Updated(key="update_time", since="since_update_time", until="until_update_time")
_APPLIED = Happened(key="applied_at", since="since_applied_time", until="until_applied_time")

TAGS = Collection(
    name="tags",
    about="Tags.",
    path="/v2/tags",
    items="tags",
    changes=_UPDATED,
    properties={
        "id": key("Id of the tag."),
        "name": text(),
        "description": text(),
        "category": nested({"id": text()}, "Category of the tag; null without one."),
        "create_time": moment(),
        "update_time": moment("Time of the last change; the bookmark."),
    },
)

TAG_CATEGORIES = Collection(
    name="tag_categories",
    about="Categories of tags.",
    path="/v2/tags/categories",
    items="tag_categories",
    changes=_UPDATED,
    properties={
        "id": key("Id of the category."),
        "name": text(),
        "description": text(),
        "create_time": moment(),
        "update_time": moment("Time of the last change; the bookmark."),
    },
)

_APPLICATION = {
    "contact_id": key("Id of the contact."),
    "tag_id": key("Id of the tag."),
    "applied_at": moment("When the tag was applied last; the bookmark."),
}

# Keap withdrew the collection below once for a month; this older one gives the same rows, a walk for each tag.
_TAG_CONTACTS = Collection(
    name="contact_tags",
    path="/v2/tags/{tag_id}/contacts",
    items="contacts",
    key=("contact_id", "tag_id"),
    changes=_APPLIED,
    parents=Parents(stream="tags", column="tag_id", setting="tag_ids"),
    renamed={"contact_id": "id", "applied_at": "applied_time"},
    ignored=frozenset({"email", "given_name", "family_name"}),
    properties=_APPLICATION,
)

CONTACT_TAGS = Collection(
    name="contact_tags",
    about="Tag applications: which contact has which tag, and since when.",
    path="/v2/tags/-/contacts",
    items="contacts",
    key=("contact_id", "tag_id"),
    changes=_APPLIED,
    batches=Batches(stream="tags", column="id", filter="tag_ids", setting="tag_ids"),
    fallback=_TAG_CONTACTS,
    properties=_APPLICATION,
)

COLLECTIONS = (TAGS, TAG_CATEGORIES, CONTACT_TAGS)
