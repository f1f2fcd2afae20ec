"""All streams but the saved searches, which each account has its own of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.streams import (
    account_settings,
    activity,
    affiliates,
    campaigns,
    commissions,
    companies,
    contacts,
    custom_field_models,
    discounts,
    emails,
    files,
    lead_sources,
    opportunities,
    products,
    sales,
    saved_searches,
    shipping,
    tags,
    users,
)

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection

AREAS = (
    contacts,
    companies,
    tags,
    activity,
    opportunities,
    sales,
    products,
    discounts,
    shipping,
    affiliates,
    commissions,
    campaigns,
    emails,
    lead_sources,
    files,
    saved_searches,
    users,
    custom_field_models,
    account_settings,
)

COLLECTIONS: dict[str, Collection] = {
    collection.name: collection for area in AREAS for collection in area.COLLECTIONS
}
"""Name -> declaration."""

TAKEN: dict[str, set[str]] = {}
"""Name -> the columns that other streams take from it, and the id."""

for _collection in COLLECTIONS.values():
    if _collection.parents is not None:
        _parents = _collection.parents
        _taken = TAKEN.setdefault(_parents.stream, {"id"})
        _taken.update(_parents.columns.values(), [_parents.only_if] if _parents.only_if else [])
    if _collection.batches is not None:
        TAKEN.setdefault(_collection.batches.stream, {"id"}).add(_collection.batches.column)
