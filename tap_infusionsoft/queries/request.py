"""What an entry of the setting `queries` asks for, in Keap's words; and how entries in Keap's syntax are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.queries.endpoint_filters import LISTS
from tap_infusionsoft.queries.filter_rules import Askable, Condition
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_infusionsoft.config.user_queries import Query
    from tap_infusionsoft.queries.filter_rules import Filter
    from tap_infusionsoft.streams.collection import Collection

OTHERWISE = (
    "Otherwise load the stream whole and choose in the warehouse, or save the search in Keap and name it in "
    "saved_searches."
)
"""The way out that is always there."""

_CONDITION = re.compile(r"\s*(\w+)\s*(==|!=|>=|<=|>|<)(?!=)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CustomCondition:
    """A condition on a custom field, whose type only Keap knows.

    Attributes:
        name: The name of the field.
        make: The conditions, once it is known how the field can be asked for; raises ValueError.
    """

    name: str
    make: Callable[[Filter], list[Condition]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for.

    Attributes:
        query: The entry.
        base: The stream that it asks.
        askable: What that can be asked for.
        conditions: The filters, all of which hold.
        custom: Those on custom fields.
        columns: The columns that are wanted, custom fields by column or name; none for all.
        ids: Ids of the rows.
        one_of: A filter and its values, which it takes one at a time.
        bookmark: Whether only what changed is read.
    """

    query: Query
    base: Collection
    askable: Askable
    conditions: tuple[Condition, ...] = ()
    custom: tuple[CustomCondition, ...] = ()
    columns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    one_of: tuple[str, tuple[str, ...]] | None = None
    bookmark: bool = False


def near(name: str, known: Iterable[str]) -> str:
    """A sentence that offers a name that is nearly the same, if there is one."""
    by_name = {one.casefold(): one for one in known}
    found = get_close_matches(name.casefold(), by_name, n=1)
    return f" Did you mean {by_name[found[0]]}?" if found else ""


def refusal(query: Query, text: str) -> ConfigError:
    """The error that names the query."""
    return ConfigError(f"{query.setting}: {text}")


def base_of(query: Query, stream: str) -> Collection:
    """The stream that a query asks.

    Raises:
        ConfigError: There is no such stream.
    """
    if stream in COLLECTIONS:
        return COLLECTIONS[stream]
    text = f"there is no stream {stream!r}." + near(stream, COLLECTIONS)
    if stream.startswith(SAVED_SEARCH):
        text = f"{stream} is a saved search, which is narrowed in Keap. Name it in saved_searches."
    raise refusal(query, text)


def from_stream(query: Query) -> Asked:
    """What an entry in Keap's syntax asks for.

    Raises:
        ConfigError: Keap would not take it; the message lists what it takes.
    """
    base = base_of(query, query.stream)
    askable = LISTS.get(base.name, Askable())
    conditions: list[Condition] = []
    custom: list[CustomCondition] = []
    for part in query.filter.split(";"):
        if not part.strip():
            continue
        found = _CONDITION.fullmatch(part)
        if found is None:
            raise refusal(
                query,
                f"the condition {part.strip()[:60]!r} cannot be read. Write name==value, with semicolons between "
                f"conditions. The stream {base.name} takes: {askable.listed()}.",
            )
        name, op, value = found.groups()
        one = askable.filters.get(name)
        if one is not None:
            try:
                conditions.append(Condition(name, op, one.checked(op, value)))
            except ValueError as error:
                raise refusal(query, f"{error}. The stream {base.name} takes: {askable.listed()}.") from None
        elif askable.custom:
            custom.append(CustomCondition(name, lambda one, op=op, value=value: [_custom(one, op, value)]))  # type: ignore[misc]
        else:
            text = f"the stream {base.name} has no filter {name!r}." + near(name, askable.filters)
            raise refusal(query, f"{text} It takes: {askable.listed()}. {OTHERWISE}")
    return Asked(
        query,
        base,
        askable,
        tuple(conditions),
        tuple(custom),
        query.fields,
        query.ids,
        bookmark=query.bookmark,
    )


def _custom(one: Filter, op: str, value: str) -> Condition:
    return Condition(one.name, op, one.checked(op, value))
