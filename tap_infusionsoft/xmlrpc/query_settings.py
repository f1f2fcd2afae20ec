"""The setting ``legacy_queries``: its entries, checked as far as possible without a call."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.errors import ConfigError, did_you_mean
from tap_infusionsoft.queries.classic.parser import parse
from tap_infusionsoft.streams.saved_searches import PREFIX as SAVED_SEARCH
from tap_infusionsoft.xmlrpc.conditions import Conditions, conditions, no_field
from tap_infusionsoft.xmlrpc.id_conditions import MOST_ID, MOST_IDS
from tap_infusionsoft.xmlrpc.settings import QUERIES, SECRETS
from tap_infusionsoft.xmlrpc.tables import TABLES
from tap_infusionsoft.xmlrpc.wire_text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.queries.classic.parser import Criterion
    from tap_infusionsoft.xmlrpc.tables import Table

logger = logging.getLogger("tap-infusionsoft")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class LegacyQuery:
    """One entry of the setting.

    Attributes:
        name: Name of its stream.
        table: The table.
        query: What its rows must meet, as the user wrote it.
        criteria: The same, read.
        fields: The fields to read; empty for all.
        ids: The ids of the rows to read; empty for all rows.
        order: The field to order by; empty for none.
        ascending: Whether the lowest comes first there.
        bookmark: Whether to read only what changed since the last run.
        secrets: Fields with passwords that may be read.
    """

    name: str
    table: Table
    query: str = ""
    criteria: tuple[Criterion, ...] = ()
    fields: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    order: str = ""
    ascending: bool = True
    bookmark: bool = False
    secrets: frozenset[str] = frozenset()

    @property
    def setting(self) -> str:
        """What messages and the state call the query."""
        return f"{QUERIES.name}.{self.name}"

    def error(self, text: str) -> ConfigError:
        """The error for a query that cannot be answered.

        Args:
            text: What is wrong, and what to do about it.
        """
        return ConfigError(f"{self.setting}: {text}.")

    @property
    def names_custom_fields(self) -> bool:
        """Whether the custom fields of the account are needed, to read them or to ask for them."""
        named = (*self.fields, *(one.field for one in self.criteria), self.order)
        return not self.fields or any(name.startswith("_") for name in named)

    def conditions(self, table: Table, *, knows_custom: bool = True) -> Conditions:
        """What the query asks for.

        Args:
            table: Its table, as the account has it.
            knows_custom: Whether the table has the custom fields of the account.

        Raises:
            ConfigError: The table does not take it.
        """
        try:
            return conditions(table, self.criteria, knows_custom=knows_custom)
        except ValueError as error:
            raise self.error(f"query: {error}") from None

    def check_fields(self, table: Table, *, knows_custom: bool = True) -> None:
        """Make sure that the fields to read and to order by exist.

        Args:
            table: Its table, as the account has it.
            knows_custom: Whether the table has the custom fields of the account.

        Raises:
            ConfigError: One does not.
        """
        places = [("fields", name) for name in self.fields]
        if self.order:
            places.append(("order_by", self.order))
        for key, name in places:
            if name not in table.fields and (knows_custom or not name.startswith("_")):
                raise self.error(f"{key}: {no_field(table, name)}")


def read_queries(config: Mapping[str, Any], taken: Mapping[str, str]) -> list[LegacyQuery]:
    """Check the setting.

    Args:
        config: The configuration.
        taken: Names of other streams -> what has them.

    Raises:
        ConfigError: An entry is wrong; the message names it.
    """
    taken = dict(taken)
    found = []
    for place, entry in enumerate(QUERIES.read(config) or (), 1):
        query = _read(place, entry, frozenset(SECRETS.read(config) or ()))
        if query.name.startswith(SAVED_SEARCH):
            raise query.error(
                f"names that begin with {SAVED_SEARCH} are those of saved searches. Give the query a "
                "different name"
            )
        if query.name in taken:
            raise query.error(f"{taken[query.name]} has this name. Give the query a different one")
        taken[query.name] = "another query"
        found.append(query)
    return found


def _read(place: int, entry: Mapping[str, Any], secrets: frozenset[str]) -> LegacyQuery:
    """Make a query of an entry whose keys have been checked.

    Args:
        place: Number of the entry, counted from 1.
        entry: The entry; None for keys that it leaves out.
        secrets: Fields with passwords that the user wants.
    """
    name = (entry["name"] or "").strip()
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{QUERIES.name}: the name of query {place} is {name[:60]!r}. A name becomes the name of a "
            "stream, so it must begin with a letter and have only lower-case letters, digits and "
            "underscores, at most 60 characters."
        )
    table_name = (entry["table"] or "").strip()
    if table_name not in TABLES:
        raise ConfigError(
            f"{QUERIES.name}.{name}: there is no table {table_name!r}.{did_you_mean(table_name, TABLES)} "
            f"There are: {', '.join(TABLES)}."
        )
    order, _, direction = (entry["order_by"] or "").strip().partition(" ")
    text = entry["query"] or ""
    query = LegacyQuery(
        name,
        TABLES[table_name],
        text.strip(),
        fields=tuple(dict.fromkeys(entry["fields"] or ())),
        ids=entry["ids"] or (),
        order=order,
        ascending=direction.strip().lower() != "desc",
        bookmark=entry["bookmark"],
        secrets=secrets,
    )
    for key, listed in (("fields", query.fields), ("ids", query.ids)):
        if entry[key] is not None and (not listed or "" in listed):
            raise query.error(f"{key} is empty or has an empty value. Fill it in, or leave it out")
    if direction.strip().lower() not in {"", "asc", "desc"}:
        raise query.error(f"order_by is {entry['order_by']!r}. Write a field, and asc or desc after it")
    query = _with_criteria(query)
    query.check_fields(query.table, knows_custom=query.table.form is None)
    _check_secrets(query)
    _check_ids(query)
    return query


def _with_criteria(query: LegacyQuery) -> LegacyQuery:
    """A query with its text read and checked."""
    text = FORBIDDEN.sub("", query.query)
    if text != query.query:
        logger.warning(
            "%s: query has characters that the service cannot read. They are left out.", query.setting
        )
    try:
        criteria = tuple(parse(text))
    except ValueError as error:
        raise query.error(f"query: {error}") from None
    found = replace(query, criteria=criteria, query=text)
    asked = found.conditions(query.table, knows_custom=query.table.form is None)
    for name in asked.patterns:
        logger.warning(
            "%s: query: %s: beside a %%, a _ stands for any character. More rows may come than you expect.",
            query.setting,
            name,
        )
    _check_bookmark(found, asked)
    _check_lists(found, asked)
    return found


def _check_bookmark(query: LegacyQuery, asked: Conditions) -> None:
    """Refuse a bookmark that the table does not have, or beside another condition on its time."""
    updated = query.table.updated
    if not query.bookmark:
        return
    if not updated:
        timed = ", ".join(name for name, table in TABLES.items() if table.updated)
        raise query.error(
            f"the rows of {query.table.name} do not say when they changed, so there is no bookmark. Remove "
            f"bookmark. Tables that have one: {timed}"
        )
    if asked.since and asked.since != updated:
        raise query.error(
            f"bookmark goes by {updated}, but LastSuccessfulRun is used for {asked.since}. Remove one of them"
        )
    if updated in asked.values:
        raise query.error(
            f"bookmark sets the condition on {updated} itself, and a query takes one for each field. Remove "
            "it from query, or remove bookmark"
        )


def _check_lists(query: LegacyQuery, asked: Conditions) -> None:
    """Refuse an order over several calls: each would have its own order."""
    long = [name for name, value in asked.values.items() if isinstance(value, list) and len(value) > MOST_IDS]
    if query.order and long:
        raise query.error(
            f"order_by: {long[0]} lists more than {MOST_IDS:,} ids, which takes several calls, and each has "
            "its own order. Remove order_by, or list fewer ids"
        )


def _check_secrets(query: LegacyQuery) -> None:
    for name in query.fields:
        full = f"{query.table.name}.{name}"
        if name in query.table.passwords.split() and full not in query.secrets:
            raise query.error(f"fields: {name} is a password. To read it, name {full} in {SECRETS.name} too")


def _check_ids(query: LegacyQuery) -> None:
    """Refuse ids of a table that has none, or beside anything that a single record cannot be asked for."""
    if not query.ids:
        return
    if not query.table.has_id:
        raise query.error(
            f"rows of {query.table.name} have no ids. Use query, such as {{'{query.table.order}':'12,30'}}"
        )
    if too_high := [one for one in query.ids if int(one) > MOST_ID]:
        raise query.error(f"ids: {too_high[0]} is no id, as XML-RPC has none above {MOST_ID}. Remove it")
    beside = {"query": query.criteria, "order_by": query.order, "bookmark": query.bookmark}
    used = [name for name, value in beside.items() if value]
    if used:
        raise query.error(
            f"ids are loaded one at a time, so they cannot be combined with {used[0]}. To combine them, "
            f"write {{'{query.table.order}':'{','.join(query.ids[:2])}'}} in query instead of ids"
        )
