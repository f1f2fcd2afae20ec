"""Entries of the setting `queries` that name a table of the classic connector: what they ask for, in Keap's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_infusionsoft.queries.classic.parser import Inexact, Wish, conditions, ids_of, parse
from tap_infusionsoft.queries.classic.tables import INSTEAD, NOT_EXACT, NOT_IN_REST, TABLES, VALUES, Field
from tap_infusionsoft.queries.endpoint_filters import LISTS
from tap_infusionsoft.queries.filter_rules import Askable
from tap_infusionsoft.queries.request import OTHERWISE, Asked, CustomCondition, base_of, near, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.config.user_queries import Query
    from tap_infusionsoft.streams.collection import Collection

_CUSTOM = "_"
"""How the names of custom fields begin there."""


def from_table(query: Query) -> Asked:
    """What an entry with a table and query of the classic connector asks for.

    Raises:
        ConfigError: Keap's REST API cannot answer exactly that; the message says what to use instead.
    """
    stream, fields = _stream(query)
    base = base_of(query, stream)
    asked = Asked(query, base, LISTS.get(stream, Askable()), bookmark=query.bookmark)
    asked = replace(asked, columns=tuple(_column(query, fields, name) for name in query.fields))
    try:
        wishes = parse(query.query)
    except ValueError as error:
        raise refusal(query, f"query: {error}.") from None
    for one in wishes:
        asked = _with(asked, fields, one)
    return _with_ids(asked, fields) if query.ids else asked


def _stream(query: Query) -> tuple[str, Mapping[str, Field]]:
    """The stream that has the table's rows, and the table's fields."""
    table = query.table
    if table in NOT_IN_REST:
        text = f"Keap's REST API has nothing for the table {table}. A saved search may have its rows: see saved_searches."
        raise refusal(query, text)
    if table in NOT_EXACT:
        raise refusal(query, f"no stream has the rows of the table {table}: {NOT_EXACT[table]}.")
    if table not in TABLES:
        text = f"there is no table {table!r}.{near(table, TABLES)} There are: {', '.join(TABLES)}."
        raise refusal(query, text)
    streams = TABLES[table]
    if query.stream and query.stream not in streams:
        raise refusal(
            query, f"the rows of the table {table} are in {' and '.join(streams)}, not in {query.stream}."
        )
    if not query.stream and len(streams) > 1:
        raise refusal(
            query, f"the rows of the table {table} are in {' and '.join(streams)}: add stream to say which."
        )
    stream = query.stream or next(iter(streams))
    return stream, streams[stream]


def _column(query: Query, fields: Mapping[str, Field], name: str) -> str:
    if name.startswith(_CUSTOM):
        return name
    if name not in fields:
        text = f"fields: of the table {query.table} REST has no field {name!r}.{near(name, fields)}"
        raise refusal(query, f"{text} It has: {', '.join(fields)}.")
    return fields[name].column


def _with(asked: Asked, fields: Mapping[str, Field], one: Wish) -> Asked:
    """What is asked for, with one condition more."""
    base, askable = asked.base, asked.askable
    if one.field.startswith(_CUSTOM) and askable.custom:
        custom = CustomCondition(one.field, lambda known: conditions([known], one))
        return replace(asked, custom=(*asked.custom, custom))
    if one.field not in fields:
        text = f"of the table {asked.query.table} REST has no field {one.field!r}.{near(one.field, fields)}"
        raise refusal(asked.query, f"{text} {_takes(asked, fields)} {OTHERWISE}")
    known = fields[one.field]
    if one.kind == "anything" and (known.column,) == base.keys:
        return asked  # the way to ask for all rows
    listed = ids_of(one) or (one.values if one.kind == "equal" else ())
    by_id = askable.single and (known.column,) == base.keys and not asked.ids
    if by_id and listed and all(value.isascii() and value.isdigit() for value in listed):
        return replace(asked, ids=listed)
    if one.kind == "last run" and known.column == base.changes.key and one.op in {">", ">="}:
        return replace(asked, bookmark=True)
    words = VALUES.get((asked.query.table, one.field), {})
    one = replace(one, values=tuple(words.get(value, value) for value in one.values))
    filters = [askable.filters[name] for name in known.filters]
    try:
        return replace(asked, conditions=(*asked.conditions, *conditions(filters, one)))
    except Inexact as error:
        several = [each.name for each in filters if each.whole and not each.several]
        listed = ids_of(one)
        if several and listed and asked.one_of is None and all(value.isdigit() for value in listed):
            return replace(asked, one_of=(several[0], listed))
        raise refusal(asked.query, _cannot(asked, fields, one.field, str(error))) from None


def _with_ids(asked: Asked, fields: Mapping[str, Field]) -> Asked:
    """What is asked for, with the ids of the entry."""
    name = next(iter(fields)) if "Id" not in fields else "Id"
    known = fields[name]
    if (known.column,) == asked.base.keys:
        return replace(asked, ids=asked.query.ids)
    if name in {"Id", "RecurringOrderId"} and known.filters:
        return _with(asked, fields, Wish(name, "any", asked.query.ids))
    raise refusal(asked.query, _cannot(asked, fields, "Id", "Keap knows no ids of such rows"))


def _cannot(asked: Asked, fields: Mapping[str, Field], field: str, why: str) -> str:
    table = asked.query.table
    instead = INSTEAD.get((table, field))
    text = f"REST cannot answer exactly what is asked of {table}.{field}: {why}. "
    return text + (f"{instead}. " if instead else "") + f"{_takes(asked, fields)} {OTHERWISE}"


def _takes(asked: Asked, fields: Mapping[str, Field]) -> str:
    """The fields that can be asked for, and how."""
    listed = []
    for name, known in fields.items():
        found = ways(asked.base, asked.askable, known)
        if found:
            listed.append(f"{name} ({', '.join(found)})")
    more = " and custom fields, as in '_Colour':'red'" if asked.askable.custom else ""
    if not listed and not more:
        return f"Its rows, the stream {asked.base.name}, can only be read whole."
    return f"What can be asked for: {', '.join(listed)}{more}."


def ways(base: Collection, askable: Askable | None, known: Field) -> list[str]:
    """What a value of a field may look like in a query."""
    found = []
    for one in (askable.filters[name] for name in known.filters) if askable else ():
        if one.time:
            found.append("~>=~ and ~<=~ a time")
            continue
        found += [] if one.anywhere else ["a value"]
        found += ["1,2,3"] if one.whole and (one.several or base.parents is None) else []
        found += ["Ab%"] if one.prefix else []
        found += ["%ab%"] if one.anywhere else []
        found += ["~null~"] if one.empty else []
        found += ["~>~ and the like"] if len(one.ops) > 1 else []
    if askable and askable.single and (known.column,) == base.keys:
        found += ["a value", "1,2,3"]
    if known.column == base.changes.key:
        found.append("~>=~LastSuccessfulRun")
    return list(dict.fromkeys(found))
