"""The setting `queries`: its JSON schema, and its entries as far as they can be checked by themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_infusionsoft.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TEXTS = ("name", "stream", "filter", "table", "query", "order_by")

QUERIES: th.Property[Any] = th.Property(
    "queries",
    th.ArrayType(
        th.ObjectType(
            th.Property(
                "name", th.StringType, required=True, description="Name of the stream that it becomes."
            ),
            th.Property(
                "stream", th.StringType, description="Stream whose rows are asked for, such as contacts."
            ),
            th.Property(
                "filter",
                th.StringType,
                description="Which rows, in Keap's syntax: given_name==Ann*;company_id==5. All conditions must hold.",
            ),
            th.Property(
                "table",
                th.StringType,
                description="Instead of stream: table of the classic connector, such as Contact.",
            ),
            th.Property(
                "query",
                th.StringType,
                description="Instead of filter, with table: {'City':'Ogden', 'LastUpdated':'~>=~LastSuccessfulRun'}.",
            ),
            th.Property(
                "fields",
                th.ArrayType(th.StringType),
                description="Columns, or fields of the table; the key comes always. Without it: all.",
            ),
            th.Property(
                "ids",
                th.ArrayType(th.CustomType({"type": ["string", "integer"]})),
                description="Ids of the rows.",
            ),
            th.Property("order_by", th.StringType, description="Order of the rows: create_time desc."),
            th.Property(
                "bookmark",
                th.BooleanType,
                description="Whether to read only what changed since the last run, as the stream itself does. "
                "Without it: all rows of the query, every run.",
            ),
            additional_properties=False,
        )
    ),
    title="Queries",
    description="Streams of your own, a list of objects: the rows of a stream that pass a filter. "
    "Keys: name; stream and filter, in Keap's syntax, or table and query, as in the classic connector; and, if wanted, "
    "fields, ids, order_by and bookmark. QUERIES.md says what can be asked for.",
)


@dataclass(frozen=True, slots=True)
class Query:
    """One entry of the setting. Texts are empty, and lists too, where it says nothing.

    Attributes:
        name: Name of its stream.
        stream: Stream whose rows are asked for.
        filter: Which rows, in Keap's syntax.
        table: Table of the classic connector.
        query: Which rows, in its syntax.
        fields: Columns, or fields of the table.
        ids: Ids of the rows.
        order_by: Order of the rows.
        bookmark: Whether to read only what changed since the last run.
    """

    name: str
    stream: str = ""
    filter: str = ""
    table: str = ""
    query: str = ""
    fields: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    order_by: str = ""
    bookmark: bool = False

    @property
    def setting(self) -> str:
        """What messages, and the state, call it."""
        return f"queries.{self.name}"


def read_queries(config: Mapping[str, Any]) -> tuple[Query, ...]:
    """The entries of the setting.

    Raises:
        ConfigError: One contradicts itself, or another; names it.
    """
    found: dict[str, Query] = {}
    for place, entry in enumerate(config.get("queries") or (), 1):
        query = _read(place, entry)
        if query.name in found:
            raise ConfigError(f"{query.setting}: two queries have this name. Rename one of them.")
        found[query.name] = query
    return tuple(found.values())


def _read(place: int, entry: Mapping[str, Any]) -> Query:
    texts = {key: str(entry.get(key) or "").strip() for key in _TEXTS}
    name = texts["name"]
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"queries: the name of query {place} is {name[:60]!r}. A name begins with a letter and has only lower-case "
            "letters, digits and underscores, 60 at most: it becomes the name of a stream."
        )
    query = Query(
        **texts,
        fields=_list(name, "fields", entry.get("fields")),
        ids=_list(name, "ids", entry.get("ids")),
        bookmark=bool(entry.get("bookmark")),
    )
    _check(query)
    return query


def _check(query: Query) -> None:
    if not query.stream and not query.table:
        raise ConfigError(
            f"{query.setting}: say what to read: stream, such as contacts, or table, such as Contact."
        )
    if query.filter and query.table:
        raise ConfigError(
            f"{query.setting}: filter goes with stream, and query with table. Use query, or leave table out."
        )
    if query.query and not query.table:
        raise ConfigError(
            f"{query.setting}: query goes with table, and filter with stream. Use filter, or name the table."
        )
    wrong = [one for one in query.ids if not (one.isascii() and one.isdigit())]
    if wrong:
        raise ConfigError(
            f"{query.setting}: ids: {wrong[0]!r} is not an id. Keap's ids are whole numbers, such as 91."
        )


def _list(name: str, key: str, values: Sequence[Any] | None) -> tuple[str, ...]:
    if values is None:
        return ()
    listed = tuple(dict.fromkeys(str(one).strip() for one in values))
    if not listed or "" in listed:
        raise ConfigError(
            f"queries.{name}: {key} is empty, or has an empty value. Fill it in, or leave it out."
        )
    return listed
