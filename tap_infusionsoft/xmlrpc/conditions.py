"""From the criteria of a classic query to the conditions that `DataService.query` takes.

Sources: the vendor's forum (thread 117: operators, lists of up to 1,000 ids), the help page of the classic
connector, "Infusionsoft API Gotchas" (null, wildcards, dates as text, the characters that can be asked for),
and a client for the range of dates (YAIL, 2013-2017).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tap_infusionsoft.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_infusionsoft.queries.classic.parser import Criterion
    from tap_infusionsoft.xmlrpc.id_conditions import Value
    from tap_infusionsoft.xmlrpc.tables import Table

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?")
_TIMES = frozenset({"times", "days"})
_WHOLE = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)")
_FORMS = {
    **dict.fromkeys(("ids", "integers"), (_WHOLE, "a whole number")),
    "numbers": (_NUMBER, "a number"),
}
"""Type of a field -> the form of its values, and what messages call it."""
_WITH_EMPTY_TEXT = frozenset({"texts", "blobs", ""})
"""Types of fields that can be empty text, which is not the same as null."""
_TRUTH = {"true": "1", "false": "0"}
_BEYOND_WINDOWS_1252 = frozenset("\x81\x8d\x8f\x90\x9d")
"""What Python's Windows-1252 lacks, and MySQL's latin1 has."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a query asks for. All of it must hold.

    Attributes:
        values: Field -> what its value must be.
        since: The field that must be later than at the last run; empty for none.
        patterns: Fields whose pattern has a ``_``, which stands for any character there.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    since: str = ""
    patterns: tuple[str, ...] = ()


def conditions(table: Table, criteria: Iterable[Criterion], *, knows_custom: bool = True) -> Conditions:
    """Return the conditions of a query.

    Args:
        table: The table that is asked.
        criteria: What its rows must meet.
        knows_custom: Whether the table has the custom fields of the account. If not, any is taken.

    Raises:
        ValueError: The table does not take a criterion; the message names the field.
    """
    values: dict[str, Value] = {}
    since, patterns = "", []
    for one in criteria:
        kind = table.fields.get(one.field)
        if kind is None and (knows_custom or not one.field.startswith("_")):
            raise ValueError(no_field(table, one.field))
        if one.kind == "since last run":
            since = _since(table, one, since)
            continue
        values[one.field] = _condition(one, kind or "")
        if one.kind in {"starts with", "contains", "pattern"} and "_" in one.value and kind == "texts":
            patterns.append(one.field)
    return Conditions(values, since, tuple(patterns))


def no_field(table: Table, name: str) -> str:
    """Say that a table has no such field, and which one may be meant."""
    text = f"{table.name} has no field {name!r}.{did_you_mean(name, table.fields)} Names are case-sensitive"
    return f"{text}, and there are: {', '.join(table.fields)}"


def _since(table: Table, one: Criterion, before: str) -> str:
    """The field that a criterion with ``LastSuccessfulRun`` is on."""
    if before:
        raise ValueError(f"LastSuccessfulRun is used for {before} and {one.field}. Use it for one of them")
    if one.op not in {">", ">="}:
        raise ValueError(f"{one.field}: LastSuccessfulRun goes with ~>~ or ~>=~, as it becomes the bookmark")
    times = [name for name, kind in table.fields.items() if kind == "times" and name not in table.custom]
    if one.field not in times:
        raise ValueError(
            f"{one.field}: LastSuccessfulRun goes with a time of {table.name}. It has: "
            f"{', '.join(times) or 'none'}"
        )
    return one.field


def _condition(one: Criterion, kind: str) -> Value:
    """The value of a condition.

    Args:
        one: The criterion.
        kind: The type of the field, as the attribute of `Table` that lists it; empty if it is unknown.
    """
    for value in one.values:
        _check_letters(one.field, value)
    match one.kind:
        case "compare":
            return _compared(one.op, _checked(one.field, kind, one.value))
        case "range":
            return _range(one, kind)
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
    if listed := (one.listed if kind == "ids" or one.kind == "one of" else ()):
        return _list_of_ids(one.field, kind, listed)
    # A day equals a time only at its midnight; as a prefix it equals all times of the day.
    value = _checked(one.field, kind, one.value)
    return f"{value}%" if kind in _TIMES and _DAY.fullmatch(value) else value


def _compared(op: str, value: str) -> str:
    """A comparison as the vendor's staff writes it: with a blank, but for ``~<>~``."""
    return f"~<>~{value}" if op == "!=" else f"~{op}~ {value}"


def _checked(name: str, kind: str, value: str) -> str:
    """A value in the form that its field takes. The service would compare other texts as 0, or as nothing.

    Raises:
        ValueError: It is none such.
    """
    if kind == "booleans":
        return _TRUTH.get(value.lower(), value)
    if not value and kind in _WITH_EMPTY_TEXT:
        return value
    if kind in _TIMES and not _is_time(value):
        raise ValueError(
            f"{name}: {value[:40]!r} is no time. Write 2026-01-31 or 2026-01-31 08:00:00, in US Eastern "
            "time; for a month or a year, write 2026-01% or 2026%"
        )
    form, what = _FORMS.get(kind, (None, ""))
    if form is not None and not form.fullmatch(value):
        raise ValueError(f"{name}: {value[:40]!r} is not {what}")
    return value


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _check_letters(name: str, value: str) -> None:
    """Refuse what the service cannot compare: its tables are latin1, which is Windows-1252 in MySQL."""
    for letter in value:
        if letter in _BEYOND_WINDOWS_1252:
            continue
        try:
            letter.encode("cp1252")
        except UnicodeEncodeError:
            raise ValueError(
                f"{name}: the service cannot search for {letter!r}: it knows Western European letters only. "
                "Use % in its place"
            ) from None


def _range(one: Criterion, kind: str) -> dict[str, str]:
    if kind not in {*_TIMES, ""}:
        raise ValueError(f"{one.field}: since and before go with times only")
    ends = {name: value for name, value in zip(("since", "before"), one.values, strict=True) if value}
    return {name: _checked(one.field, kind or "times", value) for name, value in ends.items()}


def _list_of_ids(name: str, kind: str, ids: tuple[str, ...]) -> list[str]:
    if kind not in {"ids", ""}:
        raise ValueError(f"{name}: only fields with ids take a list. For other fields, write several queries")
    return [_checked(name, "ids", one) for one in dict.fromkeys(ids)]
