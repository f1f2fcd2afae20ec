"""What a query requests of its stream, and how it is read from an entry in Keap's filter syntax."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from tap_infusionsoft.errors import ConfigError, did_you_mean
from tap_infusionsoft.queries.endpoint_filters import capabilities_of
from tap_infusionsoft.queries.filter_rules import Condition
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_infusionsoft.config.user_queries import QueryEntry
    from tap_infusionsoft.queries.filter_rules import Capabilities, Filter
    from tap_infusionsoft.streams.collection import Collection

ALTERNATIVES = (
    "Otherwise, load the whole stream and filter in the warehouse, or save the search in Keap and name it in "
    "saved_searches."
)
"""What always works, for messages about queries that can't be answered."""

_CONDITION = re.compile(r"\s*(\w+)\s*(==|!=|>=|<=|>|<)(?!=)\s*(.*?)\s*", re.DOTALL)


class CustomFieldCondition(Struct, frozen=True):
    """A condition on a custom field. Only the account's model has the field's type.

    Attributes:
        name: Name of the field, as the query has it.
        conditions: Makes the conditions from the field's filter; raises ValueError if the filter can't
            express them.
    """

    name: str
    conditions: Callable[[Filter], list[Condition]]


class Lookup(Struct, frozen=True):
    """Values of a filter that takes one at a time: one call for each.

    Attributes:
        filter: Name of the filter.
        values: The values.
    """

    filter: str
    values: tuple[str, ...]


class QueryRequest(Struct, frozen=True):
    """What a query requests of its stream.

    Attributes:
        query: The entry of the setting.
        base: The stream whose rows it reads.
        capabilities: What that stream's endpoint can be asked for.
        conditions: Conditions on rows; all must hold.
        custom_conditions: Conditions on custom fields; they must hold as well.
        columns: The columns to load, custom fields by column or name; empty for all.
        ids: Ids of the rows to load; empty for all.
        lookup: A filter with several values to look up, if there is one.
        bookmark: Whether to read only rows that changed since the last run.
    """

    query: QueryEntry
    base: Collection
    capabilities: Capabilities
    conditions: tuple[Condition, ...] = ()
    custom_conditions: tuple[CustomFieldCondition, ...] = ()
    columns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    lookup: Lookup | None = None
    bookmark: bool = False


def query_error(query: QueryEntry, text: str) -> ConfigError:
    """The error for a query that can't be answered.

    Args:
        query: The entry of the setting; the message begins with its name.
        text: What is wrong, and what to do about it.
    """
    return ConfigError(f"{query.setting}: {text}")


def base_stream(query: QueryEntry, stream: str) -> Collection:
    """The stream whose rows a query reads.

    Args:
        query: The entry of the setting.
        stream: Name of the stream.

    Raises:
        ConfigError: There is no such stream.
    """
    if stream in COLLECTIONS:
        return COLLECTIONS[stream]
    if stream.startswith(SAVED_SEARCH):
        raise query_error(
            query, f"{stream} is a saved search, which is filtered in Keap. Name it in saved_searches."
        )
    hint = did_you_mean(stream, COLLECTIONS) or " Correct the name."
    raise query_error(query, f"there is no stream {stream!r}.{hint}")


def read_stream_query(query: QueryEntry) -> QueryRequest:
    """Read an entry with `stream` and `filter`.

    Raises:
        ConfigError: Keap would reject the filter; the message lists what it takes.
    """
    base = base_stream(query, query.stream)
    capabilities = capabilities_of(base.name)
    takes = f"The stream {base.name} takes: {capabilities.listed()}."
    conditions: list[Condition] = []
    custom_conditions: list[CustomFieldCondition] = []
    for part in filter(None, map(str.strip, query.filter.split(";"))):
        parsed = _CONDITION.fullmatch(part)
        if parsed is None:
            raise query_error(
                query,
                f"the condition {part[:60]!r} cannot be read. Write name==value, and separate conditions by "
                f"semicolons. {takes}",
            )
        name, op, value = parsed.groups()
        if name in capabilities.filters:
            try:
                conditions.append(_condition(op, value, capabilities.filters[name]))
            except ValueError as error:
                raise query_error(query, f"{error}. {takes}") from None
        elif capabilities.custom_fields:
            on_custom_field = partial(_custom_field_condition, op, value)
            custom_conditions.append(CustomFieldCondition(name, on_custom_field))
        else:
            text = f"the stream {base.name} has no filter {name!r}.{did_you_mean(name, capabilities.filters)}"
            raise query_error(query, f"{text} It takes: {capabilities.listed()}. {ALTERNATIVES}")
    return QueryRequest(
        query,
        base,
        capabilities,
        tuple(conditions),
        tuple(custom_conditions),
        query.fields,
        query.ids,
        bookmark=query.bookmark,
    )


def _condition(op: str, value: str, known: Filter) -> Condition:
    return Condition(known.name, op, known.checked(op, value))


def _custom_field_condition(op: str, value: str, known: Filter) -> list[Condition]:
    return [_condition(op, value, known)]
