"""The setting ``queries``: its entries, and the checks that need no knowledge of streams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tap_infusionsoft.config.schema import QUERIES
from tap_infusionsoft.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TEXTS = ("stream", "filter", "table", "query", "order_by")


class QueryEntry(Struct, frozen=True):
    """One entry of the setting. What the entry leaves out is empty.

    Attributes:
        name: Name of its stream.
        stream: Stream whose rows to read.
        filter: Which rows, in Keap's syntax.
        table: Table of the classic connector.
        query: Which rows, in the classic connector's syntax.
        fields: Columns, or fields of the table.
        ids: Ids of the rows.
        order_by: Order of the rows.
        bookmark: Read only what changed since the last run.
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
        """What messages and the state call the query."""
        return f"queries.{self.name}"


def read_queries(config: Mapping[str, Any]) -> tuple[QueryEntry, ...]:
    """Check the setting.

    Raises:
        ConfigError: An entry contradicts itself or another one; the message names it.
    """
    found: dict[str, QueryEntry] = {}
    for place, entry in enumerate(QUERIES.read(config) or (), 1):
        query = _read(place, entry)
        if query.name in found:
            raise ConfigError(f"{query.setting}: two queries have this name. Rename one of them.")
        found[query.name] = query
    return tuple(found.values())


def _read(place: int, entry: Mapping[str, Any]) -> QueryEntry:
    """Make a query of an entry whose keys have been checked.

    Args:
        place: Number of the entry, counted from 1.
        entry: The entry; None for keys that it leaves out.
    """
    name = (entry["name"] or "").strip()
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"queries: the name of query {place} is {name[:60]!r}. A name becomes the name of a stream, so "
            "it must begin with a letter and have only lower-case letters, digits and underscores, at most "
            "60 characters."
        )
    texts = {key: (entry[key] or "").strip() for key in _TEXTS}
    query = QueryEntry(
        name,
        **texts,
        fields=tuple(dict.fromkeys(entry["fields"] or ())),
        ids=entry["ids"] or (),
        bookmark=entry["bookmark"],
    )
    for key, listed in (("fields", query.fields), ("ids", query.ids)):
        if entry[key] is not None and (not listed or "" in listed):
            raise ConfigError(
                f"{query.setting}: {key} is empty or has an empty value. Fill it in, or leave it out."
            )
    _check(query)
    return query


def _check(query: QueryEntry) -> None:
    if not query.stream and not query.table:
        raise ConfigError(
            f"{query.setting}: nothing says what to read. Set stream, such as contacts, or table, such as "
            "Contact."
        )
    if query.filter and query.table:
        raise ConfigError(
            f"{query.setting}: filter goes with stream, and query with table. Use query, or leave table out."
        )
    if query.query and not query.table:
        raise ConfigError(
            f"{query.setting}: query goes with table, and filter with stream. Use filter, or name the table."
        )
