"""Read an entry of the setting `queries` in the classic connector's syntax: a table and a query string."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tap_infusionsoft.errors import did_you_mean
from tap_infusionsoft.queries.classic.parser import Criterion, parse
from tap_infusionsoft.queries.classic.tables import INSTEAD, NOT_EXACT, NOT_IN_REST, TABLES, VALUES
from tap_infusionsoft.queries.classic.translate import InexactError, translate
from tap_infusionsoft.queries.endpoint_filters import capabilities_of
from tap_infusionsoft.queries.request import (
    ALTERNATIVES,
    CustomFieldCondition,
    Lookup,
    QueryRequest,
    base_stream,
    query_error,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_infusionsoft.config.user_queries import QueryEntry
    from tap_infusionsoft.errors import ConfigError
    from tap_infusionsoft.queries.classic.tables import Field
    from tap_infusionsoft.queries.filter_rules import Condition, Filter
    from tap_infusionsoft.streams.collection import Collection

_CUSTOM = "_"
"""The first character of custom field names in the classic connector."""


def read_table_query(query: QueryEntry) -> QueryRequest:
    """Read an entry with `table` and `query`.

    Raises:
        ConfigError: Keap's REST API cannot answer exactly this query; the message says what to use instead.
    """
    stream, fields = _stream_and_fields(query)
    request = QueryRequest(
        query,
        base_stream(query, stream),
        capabilities_of(stream),
        columns=tuple(_column(query, fields, name) for name in query.fields),
        bookmark=query.bookmark,
    )
    try:
        criteria = parse(query.query)
    except ValueError as error:
        raise query_error(query, f"query: {error}.") from None
    for criterion in criteria:
        request = _with_criterion(request, fields, criterion)
    return _with_ids(request, fields) if query.ids else request


def _stream_and_fields(query: QueryEntry) -> tuple[str, Mapping[str, Field]]:
    """The stream that has the rows of a query's table, and the fields of the table."""
    table = query.table
    if table in NOT_IN_REST:
        raise query_error(
            query,
            f"Keap's REST API does not have the table {table}. A saved search may have its rows: see "
            "saved_searches.",
        )
    if table in NOT_EXACT:
        raise query_error(query, f"no stream has the rows of the table {table}: {NOT_EXACT[table]}.")
    if table not in TABLES:
        raise query_error(
            query,
            f"there is no table {table!r}.{did_you_mean(table, TABLES)} There are: {', '.join(TABLES)}.",
        )
    streams = TABLES[table]
    where = f"the rows of the table {table} are in {' and '.join(streams)}"
    if query.stream and query.stream not in streams:
        raise query_error(query, f"{where}, not in {query.stream}.")
    if not query.stream and len(streams) > 1:
        raise query_error(query, f"{where}: set stream to one of them.")
    stream = query.stream or next(iter(streams))
    return stream, streams[stream]


def _column(query: QueryEntry, fields: Mapping[str, Field], name: str) -> str:
    if name.startswith(_CUSTOM):
        return name
    if name not in fields:
        raise query_error(
            query,
            f"fields: the table {query.table} has no field {name!r} in REST.{did_you_mean(name, fields)} "
            f"It has: {', '.join(fields)}.",
        )
    return fields[name].column


def _with_criterion(request: QueryRequest, fields: Mapping[str, Field], criterion: Criterion) -> QueryRequest:
    """A request with one more criterion."""
    if criterion.field.startswith(_CUSTOM) and request.capabilities.custom_fields:
        conditions = partial(_custom_field_conditions, criterion)
        custom_field = CustomFieldCondition(criterion.field, conditions)
        return replace(request, custom_conditions=(*request.custom_conditions, custom_field))
    field = fields.get(criterion.field)
    if field is None:
        raise query_error(
            request.query,
            f"the table {request.query.table} has no field {criterion.field!r} in REST."
            f"{did_you_mean(criterion.field, fields)} {_supported(request, fields)} {ALTERNATIVES}",
        )
    if _is_id(request.base, field):
        if criterion.kind == "anything":
            return request  # the classic connector's way to ask for all rows
        ids = _ids_to_look_up(request, criterion)
        if ids:
            return replace(request, ids=ids)
    if _is_bookmark(request.base, field, criterion):
        return replace(request, bookmark=True)
    return _with_translated(request, fields, criterion)


def _custom_field_conditions(criterion: Criterion, known: Filter) -> list[Condition]:
    return translate([known], criterion)


def _is_id(base: Collection, field: Field) -> bool:
    return (field.column,) == base.keys


def _ids_to_look_up(request: QueryRequest, criterion: Criterion) -> tuple[str, ...]:
    """The ids of a criterion on ids, if the endpoint serves single rows by path; empty otherwise."""
    if not request.capabilities.row_path or request.ids:
        return ()
    values = criterion.listed or (criterion.values if criterion.kind == "equals" else ())
    return values if all(value.isascii() and value.isdigit() for value in values) else ()


def _is_bookmark(base: Collection, field: Field, criterion: Criterion) -> bool:
    """Whether a criterion asks for what changed since the last run, by the time of the stream's bookmark."""
    is_after = criterion.kind == "since last run" and criterion.op in {">", ">="}
    return is_after and field.column == base.changes.key


def _with_translated(
    request: QueryRequest, fields: Mapping[str, Field], criterion: Criterion
) -> QueryRequest:
    """A request with the conditions that say the same as a criterion."""
    field = fields[criterion.field]
    names = VALUES.get((request.query.table, criterion.field), {})
    criterion = replace(criterion, values=tuple(names.get(value, value) for value in criterion.values))
    filters = [request.capabilities.filters[name] for name in field.filters]
    try:
        conditions = translate(filters, criterion)
    except InexactError as error:
        lookup = _lookup(filters, criterion)
        if lookup is None or request.lookup is not None:
            raise _inexact(request, fields, criterion.field, str(error)) from None
        return replace(request, lookup=lookup)
    return replace(request, conditions=(*request.conditions, *conditions))


def _lookup(filters: Sequence[Filter], criterion: Criterion) -> Lookup | None:
    """How to look up a list of ids with a filter that takes one at a time; None if there is none."""
    values = criterion.listed
    if not values or not all(value.isdigit() for value in values):
        return None
    return next(
        (Lookup(known.name, values) for known in filters if known.integer and not known.several), None
    )


def _with_ids(request: QueryRequest, fields: Mapping[str, Field]) -> QueryRequest:
    """A request with the ids of its entry."""
    name = "Id" if "Id" in fields else next(iter(fields))
    if _is_id(request.base, fields[name]):
        return replace(request, ids=request.query.ids)
    if name in {"Id", "RecurringOrderId"} and fields[name].filters:
        return _with_criterion(request, fields, Criterion(name, "one of", request.query.ids))
    raise _inexact(request, fields, "Id", "Keap has no ids for these rows")


def _inexact(request: QueryRequest, fields: Mapping[str, Field], name: str, reason: str) -> ConfigError:
    """The error for a criterion that Keap cannot answer exactly.

    Args:
        request: The request so far.
        fields: The fields of its table.
        name: Name of the field of the criterion.
        reason: Why Keap cannot answer it, as the end of a sentence.
    """
    table = request.query.table
    instead = INSTEAD.get((table, name))
    text = f"Keap's REST API cannot search {table}.{name} for exactly this: {reason}. "
    if instead:
        text += f"{instead}. "
    return query_error(request.query, f"{text}{_supported(request, fields)} {ALTERNATIVES}")


def _supported(request: QueryRequest, fields: Mapping[str, Field]) -> str:
    """A sentence that lists the fields that can be queried, and how."""
    forms = {name: value_forms(request.base, field) for name, field in fields.items()}
    listed = [f"{name} ({' or '.join(found)})" for name, found in forms.items() if found]
    if request.capabilities.custom_fields:
        listed.append("and custom fields, as in '_Color':'red'")
    if not listed:
        return f"The rows of this table, the stream {request.base.name}, can only be read in full."
    return f"Fields that can be queried: {', '.join(listed)}."


def value_forms(collection: Collection, field: Field) -> list[str]:
    """The forms that the value of a field can have in a query, such as ``Ab%``; none if it can't be queried.

    Args:
        collection: The stream that has the rows of the field's table.
        field: The field.
    """
    capabilities = capabilities_of(collection.name)
    forms = [form for name in field.filters for form in _forms(collection, capabilities.filters[name])]
    if capabilities.row_path and _is_id(collection, field):
        forms += ["a value", "1,2,3"]
    if field.column == collection.changes.key:
        forms.append("~>=~LastSuccessfulRun")
    return list(dict.fromkeys(forms))


def _forms(collection: Collection, known: Filter) -> Iterator[str]:
    if known.time:
        yield "~>=~ and ~<=~ with a time"
        return
    if not known.anywhere:
        yield "a value"
    if known.integer and (known.several or collection.parents is None):
        yield "1,2,3"
    if known.prefix:
        yield "Ab%"
    if known.anywhere:
        yield "%ab%"
    if known.empty:
        yield "~null~"
    if len(known.ops) > 1:
        yield "~>~ and other comparisons"
