"""The user's own queries: an entry of the setting `queries` -> the declaration of its stream.

A query is the stream that it asks, narrowed: by filters, ids and columns. What can be said without Keap is checked
before Keap is asked for anything; only custom fields need its model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tap_infusionsoft.queries.classic.compile import from_table
from tap_infusionsoft.queries.endpoint_filters import LISTS
from tap_infusionsoft.queries.filter_rules import Askable, of_custom_field
from tap_infusionsoft.queries.request import OTHERWISE, from_stream, near, refusal
from tap_infusionsoft.records.custom_fields import PREFIX, RAW
from tap_infusionsoft.streams.collection import Choice
from tap_infusionsoft.streams.collection import Query as StreamQuery
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import NewestFirst, Snapshot
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_infusionsoft.config.user_queries import Query
    from tap_infusionsoft.queries.filter_rules import Condition
    from tap_infusionsoft.queries.request import Asked
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.records.custom_fields import CustomField
    from tap_infusionsoft.streams.collection import Collection


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query that is right as far as that can be said without Keap.

    Attributes:
        asked: What it asks for.
        collection: Its stream, without what only Keap knows.
        listed: The ids that it names, or other values that are asked for one at a time.
        model: The model of the custom fields that it names, if it names any.
    """

    asked: Asked
    collection: Collection
    listed: tuple[str, ...]
    model: str | None

    def in_account(self, account: Account) -> Collection:
        """The stream of this query in an account, whose custom fields it may name.

        Raises:
            ConfigError: The query names a custom field that the account does not have.
            KeapError: The model of the custom fields cannot be read.
        """
        if self.model is None:
            return self.collection
        return complete(self, account.custom_fields(self.model))


def prepare(query: Query, custom_fields: str) -> Prepared:
    """Check a query and make its stream, as far as that needs no call.

    Args:
        query: The entry of the setting.
        custom_fields: The setting custom_fields.

    Raises:
        ConfigError: The query cannot be answered; the message lists what can.
    """
    if query.name in COLLECTIONS or query.name.startswith(SAVED_SEARCH):
        text = f"names beginning with {SAVED_SEARCH} are" if query.name not in COLLECTIONS else "this name is"
        raise refusal(query, f"{text} taken by another stream. Give the query a name of its own.")
    asked = from_table(query) if query.table else from_stream(query)
    _check_conditions(asked)
    collection = replace(
        asked.base,
        name=query.name,
        about=f"Query of {asked.base.name}.",
        fallback=None,  # it knows other filters
        selected_by_default=True,
        chosen=(),
        query=StreamQuery(query.setting),
    )
    collection = replace(collection, chosen=_choices(asked))
    collection = _timed(asked, collection)
    collection = _ordered(asked, collection)
    collection = _filtered(asked, collection)
    collection, needs_model = _cut(asked, collection, custom_fields)
    values = asked.ids or (asked.one_of[1] if asked.one_of else ())
    model = (asked.askable.custom if asked.custom else None) or (
        asked.base.custom_fields if needs_model else None
    )
    return Prepared(asked, collection, values, model)


def complete(prepared: Prepared, fields: Sequence[CustomField]) -> Collection:
    """The stream of a query that names custom fields.

    Args:
        prepared: The query.
        fields: The account's custom fields of these records.

    Raises:
        ConfigError: It names one that the account does not have, or asks for one as Keap does not.
    """
    asked, collection = prepared.asked, prepared.collection
    conditions: list[Condition] = []
    for one in asked.custom:
        found = _custom_field(asked, one.name, fields)
        known = of_custom_field(found)
        try:
            conditions += one.make(known)
        except ValueError as error:
            raise refusal(
                asked.query,
                f"the custom field {one.name} ({found.kind.lower()}): {error}. It takes: {known}. {OTHERWISE}",
            ) from None
    if conditions:
        _refuse_twice(asked, conditions)
        collection = _filtered(replace(asked, conditions=(*asked.conditions, *conditions)), collection)
    query = collection.query
    if query.custom_columns is not None:
        columns = {_custom_field(asked, name, fields).column for name in query.custom_columns}
        collection = replace(collection, query=replace(query, custom_columns=frozenset(columns)))
    return collection


def _custom_field(asked: Asked, name: str, fields: Sequence[CustomField]) -> CustomField:
    """A custom field by its name or column; the classic connector writes an underscore before names."""
    names = {name.casefold()} | ({name[1:].casefold()} if asked.query.table else set())
    for field in fields:
        if field.column == name or field.name.casefold() in names:
            return field
    known = [*asked.askable.filters, *(field.name for field in fields), *(field.column for field in fields)]
    custom = ", ".join(f"{field.name} (column {field.column})" for field in fields) or "none"
    raise refusal(
        asked.query,
        f"the stream {asked.base.name} has no filter, and no custom field, {name!r}.{near(name, known)} Filters: "
        f"{', '.join(asked.askable.filters)}. Custom fields: {custom}.",
    )


# What can be asked together.


def _check_conditions(asked: Asked) -> None:
    names = [one.name for one in asked.conditions]
    takes = f"The stream {asked.base.name} takes: {asked.askable.listed()}."
    _refuse_twice(asked, asked.conditions)
    for name in names:
        needs = asked.askable.filters[name].needs
        if needs and needs not in names:
            raise refusal(asked.query, f"{name} stands only together with {needs}. {takes}")
    own = [name for name in asked.askable.own if name in names]
    if len(own) > 1 or (own and asked.ids):
        pair = " and ".join(own if len(own) > 1 else ["ids", *own])
        raise refusal(asked.query, f"{pair} both say which ids. Leave one of them out.")
    if asked.bookmark:
        _check_bookmark(asked, names)


def _refuse_twice(asked: Asked, conditions: Sequence[Condition]) -> None:
    said = [f"{one.name}{one.op}" for one in conditions]
    twice = next((one for one in said if said.count(one) > 1), None)
    if twice is not None:
        text = f"two conditions say {twice}, and all must hold. For the one or the other, make two queries."
        raise refusal(asked.query, text)


def _check_bookmark(asked: Asked, names: list[str]) -> None:
    base, query = asked.base, asked.query
    if not base.changes.is_timed:
        timed = ", ".join(name for name, one in COLLECTIONS.items() if one.changes.is_timed)
        raise refusal(
            query,
            f"the stream {base.name} is read whole in every run, so a query of it cannot have a bookmark. Leave bookmark "
            f"out. Streams that can: {timed}.",
        )
    bounds = [re.split(r"[=<>]", bound)[0] for bound in base.changes.filter_names]
    same = [name for name in names if name in bounds]
    if same:
        raise refusal(
            query,
            f"{same[0]} is what the bookmark asks with. Leave it out and use start_date and end_date, or leave "
            "bookmark out.",
        )


# The parts of the stream.


def _choices(asked: Asked) -> tuple[Choice, ...]:
    """How the rows with the query's ids are asked for."""
    query, base, askable = asked.query, asked.base, asked.askable
    if asked.one_of is not None:
        if asked.ids:
            raise refusal(query, f"ids and several values of {asked.one_of[0]} cannot be asked together.")
        _refuse_alone(asked, f"several values of {asked.one_of[0]}", can_filter=True)
        return (Choice(query.setting, filter=asked.one_of[0], each=True),)
    if not asked.ids:
        return ()
    choice = by_ids(base)
    if choice is not None:
        _refuse_alone(asked, "ids", can_filter=bool(choice.filter))
        return (replace(choice, setting=query.setting),)
    settings = {choice.setting for choice in base.chosen}
    settings |= {one.setting for one in (base.parents, base.batches) if one is not None and one.setting}
    instead = f"Use the setting {' or '.join(sorted(settings))}, or a filter. " if settings else ""
    raise refusal(
        query,
        f"Keap cannot be asked for rows of {base.name} by their ids. {instead}Filters: {askable.listed()}. {OTHERWISE}",
    )


def by_ids(base: Collection) -> Choice | None:
    """How rows of a stream are asked for by their ids; None if they cannot be."""
    askable = LISTS.get(base.name, Askable())
    if len(base.keys) != 1 or base.batches is not None:
        return None
    if askable.own:
        known = askable.filters[askable.own[0]]
        return Choice("", filter=known.name, each=not known.several, by_id=True, size=known.most or 100)
    if askable.single:
        return Choice("", path=askable.single, by_id=True)
    return next((choice for choice in base.chosen if choice.is_pick and choice.by_id), None)


def _refuse_alone(asked: Asked, what: str, *, can_filter: bool) -> None:
    """Refuse ids of streams that are asked one after another, or one row at a time with more than the ids."""
    if asked.base.parents is not None and asked.one_of is not None:
        raise refusal(
            asked.query, f"{what} cannot be asked of {asked.base.name}, which takes many calls as it is."
        )
    more = asked.conditions or asked.custom or asked.bookmark or asked.query.order_by
    if more and not can_filter:
        text = f"rows of {asked.base.name} are asked for one by one, so {what} stands alone"
        raise refusal(asked.query, f"{text}: leave out filter, query, order_by and bookmark.")


def _timed(asked: Asked, collection: Collection) -> Collection:
    return collection if asked.bookmark else replace(collection, changes=Snapshot())


def _ordered(asked: Asked, collection: Collection) -> Collection:
    """In the order that the query wants, which is not that of a walk by id."""
    query, orders = asked.query, asked.askable.orders
    if not query.order_by:
        return collection
    name, _, direction = query.order_by.partition(" ")
    direction = direction.strip().lower() or "asc"
    if name not in orders or direction not in {"asc", "desc"}:
        listed = ", ".join(orders) or "nothing"
        raise refusal(
            query,
            f"order_by: the stream {asked.base.name} cannot be ordered by {query.order_by!r}.{near(name, orders)} It can "
            f"by: {listed}; asc or desc behind it.",
        )
    if isinstance(collection.changes, NewestFirst):
        raise refusal(query, "with bookmark, rows come newest first. Leave order_by out.")
    if collection.endpoint.paging == "offset":
        words = {"asc": "ASCENDING", "desc": "DESCENDING"}
        order = {"order": name, "order_direction": words[direction]}
    else:
        order = {"order_by": f"{name} {direction}"}
    endpoint = collection.endpoint
    return replace(collection, endpoint=replace(endpoint, params={**endpoint.params, **order}, by_id=None))


def _filtered(asked: Asked, collection: Collection) -> Collection:
    """With the query's conditions, in place of what the stream asks with by itself."""
    base, conditions = asked.base, asked.conditions
    names = {one.name for one in conditions}
    setting = asked.query.setting
    said = {f"{setting}.stream": (base.name,)}
    endpoint, slices = collection.endpoint, collection.slices
    if conditions:
        # One text, as a condition more or less is no wider or narrower list.
        said[f"{setting}.filter"] = (";".join(sorted(map(str, conditions))),)
    if endpoint.paging == "offset":
        endpoint = replace(
            endpoint, params={**endpoint.params, **{one.name: one.value for one in conditions}}
        )
    else:
        kept = tuple(one for one in base.endpoint.filters if re.split(r"[=<>]", one)[0] not in names)
        endpoint = replace(endpoint, filters=(*kept, *map(str, conditions)))
    if names.intersection(asked.askable.own):
        endpoint = replace(endpoint, by_id=None)  # it asks with an id itself
    if base.batches is not None and base.batches.filter in names:
        slices = None
    if base.endpoint.period is not None and names.intersection(base.endpoint.period):
        endpoint = replace(endpoint, period=None)
    return replace(
        collection, endpoint=endpoint, slices=slices, query=replace(collection.query, conditions=said)
    )


def _cut(asked: Asked, collection: Collection, mode: str) -> tuple[Collection, bool]:
    """With the columns that the query wants, and whether custom fields are among them by name."""
    query, base = asked.query, asked.base
    if not asked.columns:
        return collection, False
    custom = {name for name in asked.columns if name.startswith((PREFIX, "_"))} - {*base.keys}
    named = {*asked.columns} - custom
    unknown = sorted(named - base.properties.keys() - {*base.keys})
    if unknown or (custom and base.custom_fields is None):
        name = unknown[0] if unknown else min(custom)
        cf = f", and columns of custom fields ({PREFIX}...)" if base.custom_fields else ""
        raise refusal(
            query,
            f"fields: the stream {base.name} has no column {name!r}.{near(name, base.properties)} It has: "
            f"{', '.join(base.properties)}{cf}.",
        )
    if custom and mode == "raw":
        raise refusal(
            query,
            f"fields: with custom_fields=raw there are no columns of custom fields. Name {RAW} instead of {min(custom)}.",
        )
    kept = {*named, *collection.keys, *collection.row_key}
    if collection.changes.key is not None:
        kept.add(collection.changes.key)
    left_out = base.properties.keys() - kept
    wants_custom = bool(custom) or RAW in named
    wire = replace(
        base.wire,
        renamed={
            path: name
            for path, name in base.wire.renamed.items()
            if re.split(r"[.\[]", path)[0] not in left_out
        },
        ignored=base.wire.ignored | {base.wire.name(name) for name in left_out},
    )
    return (
        replace(
            collection,
            properties={name: schema for name, schema in base.properties.items() if name in kept},
            wire=wire,
            custom_fields=base.custom_fields if wants_custom else None,
            query=replace(
                collection.query, custom_columns=frozenset(custom) if custom and RAW not in named else None
            ),
        ),
        bool(custom),
    )
