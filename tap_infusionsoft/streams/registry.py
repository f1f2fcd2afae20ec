"""All streams that every account has. Saved searches are missing: each account has different ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

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
    orders,
    pipelines,
    products,
    relations,
    sales,
    saved_searches,
    shipping,
    tags,
    users,
)
from tap_infusionsoft.streams.collection import Collection, DeclarationError, PerBatch, PerParent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Group(Struct, frozen=True):
    """Streams that belong together, as the documentation shows them.

    Attributes:
        name: Name in addresses.
        title: Title.
        about: What the streams hold, a sentence.
        collections: The streams.
    """

    name: str
    title: str
    about: str
    collections: tuple[Collection, ...]


GROUPS = (
    Group(
        "contacts",
        "Contacts, companies and tags",
        "The people and companies of the account, their tags, and what users do with them.",
        (*contacts.COLLECTIONS, *companies.COLLECTIONS, *tags.COLLECTIONS, *activity.COLLECTIONS),
    ),
    Group(
        "opportunities",
        "Opportunities and deals",
        "What may be sold, and the stages that it goes through.",
        (*opportunities.COLLECTIONS, *pipelines.COLLECTIONS),
    ),
    Group(
        "orders",
        "Orders, payments and subscriptions",
        "What was sold, what is still due, and how it is paid.",
        (*orders.COLLECTIONS, *sales.COLLECTIONS),
    ),
    Group(
        "products",
        "Products, discounts and shipping",
        "What can be sold, at which price, and how it is shipped.",
        (*products.COLLECTIONS, *discounts.COLLECTIONS, *shipping.COLLECTIONS),
    ),
    Group(
        "affiliates",
        "Affiliates and commissions",
        "Who brings customers, and what they earn.",
        (*affiliates.COLLECTIONS, *commissions.COLLECTIONS),
    ),
    Group(
        "marketing",
        "Campaigns, emails and lead sources",
        "How people are reached, and where they come from.",
        (*campaigns.COLLECTIONS, *emails.COLLECTIONS, *lead_sources.COLLECTIONS),
    ),
    Group(
        "account",
        "Files, users and settings",
        "Files, saved searches, the account's users, its custom fields and its settings.",
        (
            *files.COLLECTIONS,
            *saved_searches.COLLECTIONS,
            *users.COLLECTIONS,
            *custom_field_models.COLLECTIONS,
            *account_settings.COLLECTIONS,
        ),
    ),
)
"""All streams, in the order of the catalog."""


_ID_AND_ELEMENT = 2
"""Columns of the key of a row that another stream shows in a list."""


def registered(collections: Iterable[Collection]) -> dict[str, Collection]:
    """Put declarations together, by name.

    Raises:
        DeclarationError: One contradicts another; the message names the stream and the field.
    """
    found: dict[str, Collection] = {}
    for one in collections:
        if one.name in found:
            raise DeclarationError(f"{one.name}: name is taken by another stream.")
        found[one.name] = one
    for one in found.values():
        for mistake in _mistakes(one, found):
            raise DeclarationError(f"{one.name}: {mistake}.")
    return found


def _mistakes(one: Collection, others: Mapping[str, Collection]) -> Iterator[str]:
    """What is wrong between a declaration and the others, a clause each that names the field."""
    yield from _wrong_relations(one, others)
    yield from _wrong_shown_in(one, others)
    if not isinstance(one.slices, PerParent | PerBatch):
        return
    source = others.get(one.slices.stream)
    if source is None:
        yield f"slices names the stream {one.slices.stream!r}, which does not exist"
        return
    for column in _taken(one.slices):
        if column not in source.properties:
            yield f"slices takes the column {column!r} of {source.name}, which does not have it"
        elif column in source.flat:
            yield f"slices takes the column {column!r} of {source.name}, which is taken from another column"
    sums = one.slices.sums if isinstance(one.slices, PerParent) else None
    if sums is None:
        return
    if sums.stream not in others:
        yield f"slices.sums names the stream {sums.stream!r}, which does not exist"
    elif missing := {sums.column, *sums.amounts} - others[sums.stream].properties.keys():
        yield f"slices.sums names {min(missing)!r}, which is not a column of {sums.stream}"


def _wrong_relations(one: Collection, others: Mapping[str, Collection]) -> Iterator[str]:
    yield from relations.mistakes(one.properties, one.keys)
    for path, relation in one.relations.items():
        if not relation.stream:
            continue
        target = others.get(relation.stream)
        if target is None:
            yield f"{path} points to the stream {relation.stream!r}, which does not exist"
        elif relation.column not in target.properties:
            yield f"{path} points to {relation.target}, which is not a column"
    if isinstance(one.slices, PerParent) and one.slices.stream in others:
        source = others[one.slices.stream]
        for column, taken in one.slices.columns.items():
            own, above = one.relations.get(column), source.relations.get(taken)
            targets = {f"{source.name}.{taken}", above.target if above else ""}
            if own is not None and own.target not in targets:
                yield f"slices takes {column} from {source.name}.{taken}, but it points to {own.target}"


def _wrong_shown_in(one: Collection, others: Mapping[str, Collection]) -> Iterator[str]:
    shown_in = one.shown_in
    if shown_in is None:
        return
    source = others.get(shown_in.stream)
    if source is None:
        yield f"shown_in names the stream {shown_in.stream!r}, which does not exist"
    elif shown_in.column not in source.properties or shown_in.column in source.flat:
        yield f"shown_in names {shown_in.column!r}, which is not a column that Keap sends of {source.name}"
    if len(one.keys) != _ID_AND_ELEMENT:
        yield "shown_in needs a key of two columns: the id of the other row, and an element of its list"


def _taken(slices: PerParent | PerBatch) -> set[str]:
    """The columns that a stream takes from the one that it is read for."""
    if isinstance(slices, PerBatch):
        return {slices.column}
    return {*slices.columns.values(), *slices.shown, *filter(None, [slices.only_if, slices.changed])}


def columns_taken(collections: Iterable[Collection]) -> dict[str, set[str]]:
    """Name of each collection that others are read for -> the columns that they take from it, and its id."""
    found: dict[str, set[str]] = {}
    for one in collections:
        if isinstance(one.slices, PerParent | PerBatch):
            ident = one.slices.id if isinstance(one.slices, PerParent) else one.slices.column
            found.setdefault(one.slices.stream, {ident}).update(_taken(one.slices))
    return found


COLLECTIONS: dict[str, Collection] = registered(one for group in GROUPS for one in group.collections)
"""Name -> declaration."""

TAKEN = columns_taken(COLLECTIONS.values())
"""Name -> the columns that other streams take from it, and the id."""
