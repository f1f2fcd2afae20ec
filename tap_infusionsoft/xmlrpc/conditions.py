"""From the criteria of a classic query to the conditions that `DataService.query` takes.

Sources: the vendor's forum (thread 117: operators, lists of up to 1,000 ids), the help page of the classic
connector, and "Infusionsoft API Gotchas" (null, wildcards, dates as text).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.xmlrpc.id_conditions import MOST_IDS
from tap_infusionsoft.xmlrpc.times import condition_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tap_infusionsoft.queries.classic.parser import Criterion
    from tap_infusionsoft.xmlrpc.tables import Table

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIMES = frozenset({"times", "days"})
_IDS = frozenset({"ids"})


def conditions(
    table: Table, criteria: Iterable[Criterion], last_run: datetime | None = None
) -> dict[str, Any]:
    """Return the conditions: field -> a text, or a list of ids. All of them must hold.

    Args:
        table: The table that is asked.
        criteria: What its rows must meet.
        last_run: What ``LastSuccessfulRun`` stands for; None if there was no run, so that all rows meet it.

    Raises:
        ValueError: The table does not take a criterion; the message names the field.
    """
    found: dict[str, Any] = {}
    for one in criteria:
        if one.field not in table.fields and not one.field.startswith("_"):
            raise ValueError(f"{table.name} has no field {one.field!r}. Names are case-sensitive")
        value = _condition(one, table.fields.get(one.field, "texts"), last_run)
        if value is not None:
            found[one.field] = value
    return found


def _condition(one: Criterion, kind: str, last_run: datetime | None) -> Any:
    """The value of a condition; None if all rows meet it."""
    match one.kind:
        case "since last run":
            return None if last_run is None else f"~{one.op}~ {condition_time(last_run)}"
        case "compare":
            return f"~{one.op.replace('!=', '<>')}~ {one.value}"
        case "null":
            return "~null~"
        case "anything":
            return "%"
        case "starts with":
            return f"{one.value}%"
        case "contains":
            return f"%{one.value}%"
        case "pattern":
            return one.value
    if listed := (one.listed if kind in _IDS or one.kind == "one of" else ()):
        return _list_of_ids(one.field, kind, listed)
    # A day equals a time only at its midnight; as a prefix it equals all times of the day.
    return f"{one.value}%" if kind in _TIMES and _DAY.fullmatch(one.value) else one.value


def _list_of_ids(field: str, kind: str, ids: tuple[str, ...]) -> list[str]:
    if kind not in _IDS:
        raise ValueError(f"{field}: only fields with ids take a list")
    if len(ids) > MOST_IDS:
        raise ValueError(f"{field}: {len(ids)} ids, and one query takes {MOST_IDS}. Write several queries")
    return list(ids)
