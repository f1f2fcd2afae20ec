"""Compile an entry of the setting `queries` into the declaration of its stream.

The stream of a query is the stream that it reads, narrowed by filters, ids and columns. Everything that can
be checked without the account is checked before the first call; only custom fields need a model from Keap.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tap_infusionsoft.errors import ConfigError, did_you_mean
from tap_infusionsoft.queries.classic.compile import read_table_query
from tap_infusionsoft.queries.endpoint_filters import choice_by_ids
from tap_infusionsoft.queries.filter_rules import custom_field_filter, filter_name
from tap_infusionsoft.queries.request import ALTERNATIVES, query_error, read_stream_query
from tap_infusionsoft.records.custom_fields import PREFIX, with_given_columns
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS, Choice, Query
from tap_infusionsoft.streams.flat_columns import flat_columns
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.replication import NewestFirst, Snapshot
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from tap_infusionsoft.config.user_queries import QueryEntry
    from tap_infusionsoft.queries.filter_rules import Condition
    from tap_infusionsoft.queries.request import Lookup, QueryRequest
    from tap_infusionsoft.reading.account import Account
    from tap_infusionsoft.records.custom_fields import CustomField
    from tap_infusionsoft.streams.collection import Collection, Endpoint, Wire


class CompiledQuery(Struct, frozen=True):
    """A query that is correct, as far as that can be checked without the account.

    Attributes:
        request: What it requests of its stream.
        collection: Its stream, without anything that depends on the account's custom fields.
        values: Ids, or values of another filter, that the stream looks up; empty to read all rows that pass.
        model: Path of the model of the custom fields that it names; None if it names none.
    """

    request: QueryRequest
    collection: Collection
    values: tuple[str, ...]
    model: str | None

    def in_account(self, account: Account, given: Mapping[str, str]) -> Collection:
        """The stream of this query in an account. Takes a call only if the query names custom fields.

        Args:
            account: The account.
            given: Columns of custom fields that were named before, by id.

        Raises:
            ConfigError: The query names a custom field that the account does not have, or a filter on it that
                Keap would reject.
            KeapError: The model of the custom fields cannot be read.
        """
        if self.model is None:
            return self.collection
        models, model = account.models, self.model
        try:
            return with_custom_fields(self, with_given_columns(models.custom_fields(model), given))
        except ConfigError:
            # What the query names may be newer than what the state remembers.
            if not models.ask_again(model):
                raise
        return with_custom_fields(self, with_given_columns(models.custom_fields(model), given))


def compile_query(query: QueryEntry, custom_fields: str) -> CompiledQuery:
    """Check a query, and compile it as far as that is possible without the account.

    Args:
        query: The entry of the setting `queries`.
        custom_fields: The setting `custom_fields`: ``columns``, ``raw`` or ``both``.

    Raises:
        ConfigError: The query cannot be answered; the message lists what can be.
    """
    _check_name(query)
    request = read_table_query(query) if query.table else read_stream_query(query)
    _check_conditions(request)
    if request.bookmark:
        _check_bookmark(request)
    collection = replace(
        request.base,
        name=query.name,
        about=f"Query of {request.base.name}.",
        fallback=None,  # its endpoint has other filters
        selected_by_default=True,
        chosen=_choices(request),
        changes=request.base.changes if request.bookmark else Snapshot(),
        query=Query(query.setting),
    )
    collection = _with_order(request, collection)
    collection = _with_conditions(request, collection)
    _check_columns(request, custom_fields)
    if request.columns:
        collection = _with_columns(request, collection)
    values = request.lookup.values if request.lookup is not None else request.ids
    return CompiledQuery(request, collection, values, _model(request))


def with_custom_fields(compiled: CompiledQuery, fields: Sequence[CustomField]) -> Collection:
    """The stream of a query that names custom fields.

    Args:
        compiled: The query.
        fields: The custom fields of these records in the account.

    Raises:
        ConfigError: The query names a custom field that the account does not have, or a filter on it that
            Keap would reject.
    """
    request, collection = compiled.request, compiled.collection
    conditions: list[Condition] = []
    for wanted in request.custom_conditions:
        custom_field = _custom_field(request, wanted.name, fields)
        known = custom_field_filter(custom_field)
        try:
            conditions += wanted.conditions(known)
        except ValueError as error:
            raise query_error(
                request.query,
                f"the custom field {wanted.name} ({custom_field.kind.lower()}): {error}. It takes: {known}. "
                f"{ALTERNATIVES}",
            ) from None
    if conditions:
        _refuse_repeated(request, conditions)
        request = replace(request, conditions=(*request.conditions, *conditions))
        collection = _with_conditions(request, collection)
    query = collection.query
    if query.custom_columns is None:
        return collection
    columns = (_custom_field(request, name, fields).column for name in query.custom_columns)
    return replace(collection, query=replace(query, custom_columns=frozenset(columns)))


def _custom_field(request: QueryRequest, name: str, fields: Sequence[CustomField]) -> CustomField:
    """The custom field with a name or column. The classic connector puts an underscore before names."""
    names = {name.casefold()}
    if request.query.table:
        names.add(name[1:].casefold())
    for field in fields:
        if field.column == name or field.name.casefold() in names:
            return field
    filters = request.capabilities.filters
    known = [*filters, *(field.name for field in fields), *(field.column for field in fields)]
    custom = ", ".join(f"{field.name} (column {field.column})" for field in fields) or "none"
    raise query_error(
        request.query,
        f"the stream {request.base.name} has no filter or custom field {name!r}.{did_you_mean(name, known)} "
        f"Filters: {', '.join(filters)}. Custom fields: {custom}.",
    )


def _model(request: QueryRequest) -> str | None:
    """Path of the model of the custom fields that a query names; None if it names none."""
    if request.custom_conditions:
        return request.capabilities.custom_fields
    return request.base.custom_fields if _custom_columns(request) else None


# Checks


def _check_name(query: QueryEntry) -> None:
    if query.name in COLLECTIONS:
        raise query_error(query, "this name is taken by another stream. Give the query a different name.")
    if query.name.startswith(SAVED_SEARCH):
        raise query_error(
            query,
            f"names that begin with {SAVED_SEARCH} are reserved for saved searches. Give the query a "
            "different name.",
        )


def _check_conditions(request: QueryRequest) -> None:
    """Refuse conditions that Keap does not take together."""
    _refuse_repeated(request, request.conditions)
    query, capabilities = request.query, request.capabilities
    names = [condition.name for condition in request.conditions]
    for name in names:
        needs = capabilities.filters[name].needs
        if needs and needs not in names:
            takes = f"The stream {request.base.name} takes: {capabilities.listed()}."
            raise query_error(query, f"the filter {name} needs the filter {needs} as well. {takes}")
    by_id = ["ids"] if request.ids else []
    by_id += [f"the filter {name}" for name in capabilities.id_filters if name in names]
    if len(by_id) > 1:
        raise query_error(query, f"{' and '.join(by_id)} select rows by their ids. Use only one of them.")


def _refuse_repeated(request: QueryRequest, conditions: Sequence[Condition]) -> None:
    """Refuse two conditions with the same filter and operator. Users who write that mean one or the other."""
    seen: set[str] = set()
    for condition in conditions:
        comparison = f"{condition.name}{condition.op}"
        if comparison in seen:
            raise query_error(
                request.query,
                f"{comparison} is used twice, but all conditions must hold. For rows that meet one or the "
                "other, write two queries.",
            )
        seen.add(comparison)


def _check_bookmark(request: QueryRequest) -> None:
    """Refuse a bookmark that the stream does not have, and conditions that only the bookmark may set."""
    base, query = request.base, request.query
    if not base.changes.is_timed:
        timed = ", ".join(name for name, known in COLLECTIONS.items() if known.changes.is_timed)
        raise query_error(
            query,
            f"the stream {base.name} is read in full on every run, so a query of it cannot use a bookmark. "
            f"Remove bookmark. Streams that have one: {timed}.",
        )
    bounds = set(map(filter_name, base.changes.filter_names))
    for condition in request.conditions:
        if condition.name in bounds:
            raise query_error(
                query,
                f"the bookmark sets the filter {condition.name} itself. Remove it and use start_date and "
                "end_date, or remove bookmark.",
            )


def _check_columns(request: QueryRequest, custom_fields: str) -> None:
    """Refuse columns that the stream does not have."""
    query, base = request.query, request.base
    custom = _custom_columns(request)
    unknown = sorted({*request.columns} - custom - base.properties.keys() - {*base.keys})
    if custom and base.custom_fields is None:
        unknown.append(min(custom))
    if unknown:
        columns = ", ".join(base.properties)
        if base.custom_fields:
            columns += f", and columns of custom fields ({PREFIX}...)"
        raise query_error(
            query,
            f"fields: the stream {base.name} has no column {unknown[0]!r}."
            f"{did_you_mean(unknown[0], base.properties)} It has: {columns}.",
        )
    if custom and custom_fields == "raw":
        raise query_error(
            query,
            f"fields: with custom_fields=raw, custom fields have no columns. Use {CUSTOM_FIELDS} instead of "
            f"{min(custom)}.",
        )


# Parts of the stream


def _choices(request: QueryRequest) -> tuple[Choice, ...]:
    """How rows are looked up by the query's ids or values."""
    if request.lookup is not None:
        return (_choice_by_values(request, request.lookup),)
    return (_choice_by_ids(request),) if request.ids else ()


def _choice_by_values(request: QueryRequest, lookup: Lookup) -> Choice:
    query, base = request.query, request.base
    if request.ids:
        raise query_error(
            query, f"ids cannot be combined with several values of {lookup.filter}. Use one of them."
        )
    if base.parents is not None:
        raise query_error(
            query,
            f"the stream {base.name} takes many calls as it is, so it cannot be asked for several values of "
            f"{lookup.filter}. Use one value.",
        )
    return Choice(query.setting, filter=lookup.filter, each=True)


def _choice_by_ids(request: QueryRequest) -> Choice:
    query, base = request.query, request.base
    choice = choice_by_ids(base)
    if choice is None:
        settings = {known.setting for known in base.chosen}
        settings |= {source.setting for source in (base.parents, base.batches) if source and source.setting}
        setting = f"Use the setting {' or '.join(sorted(settings))}, or a filter. " if settings else ""
        raise query_error(
            query,
            f"Keap cannot look up rows of {base.name} by their ids. {setting}"
            f"Filters: {request.capabilities.listed()}. {ALTERNATIVES}",
        )
    narrowed = request.conditions or request.custom_conditions or request.bookmark or query.order_by
    if narrowed and not choice.filter:
        raise query_error(
            query,
            f"rows of {base.name} are looked up by their ids one at a time, so ids cannot be combined with "
            "filter, query, order_by or bookmark. Remove them.",
        )
    return replace(choice, setting=query.setting)


def _with_order(request: QueryRequest, collection: Collection) -> Collection:
    """A stream in the order of the query, which rules out a walk in the order of ids."""
    query, orders = request.query, request.capabilities.orders
    if not query.order_by:
        return collection
    if not orders:
        raise query_error(
            query, f"order_by: Keap cannot sort the stream {request.base.name}. Remove order_by."
        )
    name, _, direction = query.order_by.partition(" ")
    direction = direction.strip().lower() or "asc"
    if name not in orders or direction not in {"asc", "desc"}:
        raise query_error(
            query,
            f"order_by: Keap cannot sort the stream {request.base.name} by {query.order_by!r}."
            f"{did_you_mean(name, orders)} It can sort by {', '.join(orders)}, followed by asc or desc.",
        )
    if isinstance(collection.changes, NewestFirst):
        raise query_error(query, "with bookmark, rows are read newest first. Remove order_by.")
    endpoint = collection.endpoint
    if endpoint.paging == "offset":
        words = {"asc": "ASCENDING", "desc": "DESCENDING"}
        order = {"order": name, "order_direction": words[direction]}
    else:
        order = {"order_by": f"{name} {direction}"}
    params = {**endpoint.params, **order}
    return replace(collection, endpoint=replace(endpoint, params=params, by_id=None, born=None))


def _with_conditions(request: QueryRequest, collection: Collection) -> Collection:
    """A stream with the conditions of the query, which replace the stream's own on the same filters."""
    base, conditions = request.base, request.conditions
    names = {condition.name for condition in conditions}
    endpoint = _with_filters(base.endpoint, collection.endpoint, conditions)
    if names.intersection(request.capabilities.id_filters):
        endpoint = replace(endpoint, by_id=None)  # a walk by id sets a filter on ids itself
    is_batched_by_query = base.batches is not None and base.batches.filter in names
    return replace(
        collection,
        endpoint=endpoint,
        slices=None if is_batched_by_query else collection.slices,
        query=replace(collection.query, conditions=_as_state(request)),
    )


def _with_filters(base: Endpoint, endpoint: Endpoint, conditions: Sequence[Condition]) -> Endpoint:
    """An endpoint that is called with conditions.

    Args:
        base: The endpoint of the stream that the query reads, with the filters that it sets itself.
        endpoint: The endpoint as the query needs it so far.
        conditions: The conditions. They replace the stream's own filters of the same name.
    """
    names = {condition.name for condition in conditions}
    if base.period is not None and names.intersection(base.period):
        endpoint = replace(endpoint, period=None)
    if endpoint.paging == "offset":
        params = {condition.name: condition.value for condition in conditions}
        return replace(endpoint, params={**endpoint.params, **params})
    kept = (known for known in base.filters if filter_name(known) not in names)
    return replace(endpoint, filters=(*kept, *map(str, conditions)))


def _as_state(request: QueryRequest) -> Mapping[str, tuple[str, ...]]:
    """The stream and the conditions of a query, as the state keeps them to notice changes."""
    setting = request.query.setting
    kept = {f"{setting}.stream": (request.base.name,)}
    if request.conditions:
        # One text: the state takes a list for a set of ids, wider if longer; more conditions are narrower.
        kept[f"{setting}.filter"] = (";".join(sorted(map(str, request.conditions))),)
    return kept


def _with_columns(request: QueryRequest, collection: Collection) -> Collection:
    """A stream with the columns of the query only, its keys, and the column of its bookmark."""
    base, custom = request.base, _custom_columns(request)
    kept = ({*request.columns} - custom) | {*collection.keys, *collection.row_key}
    if collection.changes.key is not None:
        kept.add(collection.changes.key)
    has_raw = CUSTOM_FIELDS in request.columns
    custom_columns = frozenset(custom) if custom and not has_raw else None
    properties = {name: schema for name, schema in base.properties.items() if name in kept}
    return replace(
        collection,
        properties=properties,
        wire=_without_columns(
            base.wire,
            base.properties.keys() - kept,
            {column.source for column in flat_columns(properties).values()},
        ),
        custom_fields=base.custom_fields if custom or has_raw else None,
        query=replace(collection.query, custom_columns=custom_columns),
    )


def _without_columns(wire: Wire, left_out: AbstractSet[str], sources: AbstractSet[str]) -> Wire:
    """The wire of a stream without some of its columns, which are ignored instead.

    Args:
        wire: The wire.
        left_out: The columns that are left out.
        sources: The columns that flat ones are taken from: what they are called is still needed.
    """
    unneeded = left_out - sources
    renamed = {path: name for path, name in wire.renamed.items() if _column_of(path) not in unneeded}
    return replace(wire, renamed=renamed, ignored=wire.ignored | {wire.name(name) for name in left_out})


def _column_of(path: str) -> str:
    """The column in a path such as ``utm_parameters[].utm_source``."""
    return re.split(r"[.\[]", path)[0]


def _custom_columns(request: QueryRequest) -> set[str]:
    """The columns of a query that name custom fields."""
    return {name for name in request.columns if name.startswith((PREFIX, "_"))} - {*request.base.keys}
