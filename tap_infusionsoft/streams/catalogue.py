"""All streams but the saved searches, which each account has its own of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.streams import affiliates, companies, contacts, reporting, shipping, tags, users

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection

AREAS = (contacts, companies, tags, affiliates, users, shipping, reporting)

COLLECTIONS: dict[str, Collection] = {
    collection.name: collection for area in AREAS for collection in area.COLLECTIONS
}
"""Name -> declaration."""
