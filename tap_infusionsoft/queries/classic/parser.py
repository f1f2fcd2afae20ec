"""The query language of the classic connector, put into Keap's filter syntax where that says exactly the same.

    {'City': 'Ogden', 'LastUpdated': '~>=~LastSuccessfulRun', 'Id': '12,30'}

All conditions hold; ``%`` stands for anything, ``~null~`` for no value, and a value may begin with ``~>~``,
``~>=~``, ``~<~``, ``~<=~`` or ``~<>~``. Its times are US Eastern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tap_infusionsoft.queries.filter_rules import Condition
from tap_infusionsoft.reading.requests import wire_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pendulum

    from tap_infusionsoft.queries.filter_rules import Filter

Kind = Literal["equal", "beginning", "within", "pattern", "anything", "null", "any", "compare", "last run"]

LAST_RUN = "LastSuccessfulRun"
ZONE = "America/New_York"

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_SCALAR = rf"(?:{_STRING}|-?\d+(?:\.\d+)?)"
_PAIR = re.compile(
    rf"\s*(?P<field>{_STRING})\s*:\s*(?P<value>{_SCALAR}|\[\s*{_SCALAR}(?:\s*,\s*{_SCALAR})*\s*\])\s*"
)
_OPERATOR = re.compile(r"~(>=|<=|<>|>|<)~\s*(.*)", re.DOTALL)
_IDS = re.compile(r"\d+(\s*,\s*\d+)+")
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?[- ]?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?")


class Inexact(ValueError):  # noqa: N818
    """Keap cannot be asked exactly this; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One condition, as the query means it.

    Attributes:
        field: Field of the table.
        kind: What is wanted of it.
        values: The values, without wildcards and operators.
        op: How they are compared.
    """

    field: str
    kind: Kind
    values: tuple[str, ...] = ()
    op: str = "=="

    @property
    def value(self) -> str:
        """The only value."""
        return self.values[0]


def parse(text: str) -> list[Wish]:
    """The conditions of a query string, with or without its braces.

    Raises:
        ValueError: It is not a query string; the message says where it breaks off.
    """
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    found: dict[str, Wish] = {}
    place = 0
    while inner[place:].strip():
        pair = _PAIR.match(inner, place)
        if pair is None or (pair.end() < len(inner) and inner[pair.end()] != ","):
            raise ValueError(
                f"it cannot be read from {inner[place:].strip()[:40]!r} on. Write {{'City':'Ogden'}}"
            )
        field = _plain(pair["field"])
        if field in found:
            raise ValueError(
                f"it has two conditions for {field}; it takes one for each field. For the one or the other, make two queries"
            )
        found[field] = wish(field, pair["value"])
        place = pair.end() + 1
    return list(found.values())


def wish(field: str, written: str) -> Wish:
    """What one condition means.

    Raises:
        ValueError: It means nothing.
    """
    if written.startswith("["):
        return Wish(field, "any", tuple(_plain(one) for one in re.findall(_SCALAR, written)))
    value = _plain(written)
    operator = _OPERATOR.fullmatch(value)
    if operator is not None:
        op, value = operator[1].replace("<>", "!="), operator[2].strip()
        if not value or "%" in value or value.startswith("~"):
            raise ValueError(f"{field}: {op} needs one plain value behind it")
        return Wish(field, "last run" if value == LAST_RUN else "compare", (value,), op)
    if value == "~null~":
        return Wish(field, "null")
    if value.startswith("~") or value == LAST_RUN:
        raise ValueError(
            f"{field}: {value[:40]!r} is none of ~null~, ~>~, ~>=~, ~<~, ~<=~ and ~<>~ with a value behind it"
        )
    if value and not value.strip("%"):
        return Wish(field, "anything")
    inside = value.strip("%")
    if "%" not in value:
        return Wish(field, "equal", (value,))
    if "%" not in inside and value == f"{inside}%":
        return Wish(field, "beginning", (inside,))
    if "%" not in inside and value == f"%{inside}%":
        return Wish(field, "within", (inside,))
    return Wish(field, "pattern", (value,))


def _plain(written: str) -> str:
    return re.sub(r"\\(.)", r"\1", written[1:-1]) if written[0] in "'\"" else written


def ids_of(one: Wish) -> tuple[str, ...]:
    """The ids of a condition that lists some, as in ``12,30``; none if it does not."""
    if one.kind == "any":
        return one.values
    if one.kind == "equal" and _IDS.fullmatch(one.value):
        return tuple(part.strip() for part in one.value.split(","))
    return ()


def conditions(filters: list[Filter], one: Wish) -> list[Condition]:
    """A condition in Keap's syntax.

    Args:
        filters: The filters that mean this field.
        one: What is wanted.

    Raises:
        Inexact: Keap cannot be asked exactly this.
    """
    why = "no filter of Keap says just that"
    times = [each for each in filters if each.time]
    if times:
        return _of_times(times, one)
    for each in filters:
        try:
            op, value = _said(each, one)
            return [Condition(each.name, op, each.checked(op, value))]
        except Inexact as error:
            why = str(error)
        except ValueError as error:
            why = f"Keap would not take it: {error}"
    raise Inexact(why)


def _said(one: Filter, asked: Wish) -> tuple[str, str]:
    """Operator and value of a condition that says the same."""
    listed = ids_of(asked) if one.whole or asked.kind == "any" else ()
    if listed:
        if not one.several:
            raise Inexact("Keap takes one value there, not several")
        if any("," in value for value in listed):
            raise Inexact("a value with a comma cannot stand in a list")
        return "==", ",".join(listed)
    match asked.kind:
        case "equal":
            return "==", _literal(one, asked.value)
        case "beginning" if one.prefix and "*" not in asked.value:
            return "==", f"{asked.value}*"
        case "within" if one.anywhere and "*" not in asked.value:
            return "==", asked.value
        case "null" if one.empty:
            return "==", one.empty
        case "compare" if asked.op in one.ops:
            return asked.op, _literal(one, asked.value)
    raise Inexact(_MISSING[asked.kind])


_MISSING = {
    "beginning": "Keap does not look for how it begins",
    "within": "Keap does not look inside of it",
    "pattern": "Keap looks for beginnings only, not for endings or for a % in the middle",
    "anything": "Keap cannot be asked for rows that have any value there",
    "null": "Keap cannot be asked for rows without a value there",
    "compare": "Keap does not compare it that way",
    "last run": "it is not the time that the stream's bookmark goes by",
}


def _literal(one: Filter, value: str) -> str:
    """A value that means itself to Keap, in Keap's words."""
    if one.flag:
        value = {"1": "true", "0": "false"}.get(value, value.lower())
    if one.values:
        value = next((known for known in one.values if known.casefold() == value.casefold()), value)
    if value == "":
        raise Inexact("Keap cannot be asked for empty text")
    if one.anywhere or one.member:
        raise Inexact("Keap takes a value for a part of what is there, not for all of it")
    if "*" in value or value == one.empty:
        raise Inexact("to Keap this value means something else than itself")
    return value


# Times.


def _of_times(filters: list[Filter], one: Wish) -> list[Condition]:
    if one.kind == "beginning":
        return list(_within(filters, one.value))
    days = [each for each in filters if each.day]
    if one.kind == "equal" and days:
        return [Condition(days[0].name, "==", wire_time(_moment(one.value, days[0])))]
    if one.kind != "compare":
        text = "write a day as '2026-01-31%', and bounds as '~>=~2026-01-31' or '~<=~2026-01-31 23:59:59'"
        raise Inexact(_MISSING.get(one.kind, f"times are not asked for by one moment: {text}"))
    if one.op == "!=":
        raise Inexact(_MISSING["compare"])
    # The old times are whole seconds: what was later than one of them begins with the next.
    bound, shift = one.op[0], {">=": 0, ">": 1_000, "<": -1, "<=": 999}[one.op]
    return [_bounded(filters, bound, lambda each: _moment(one.value, each).add(microseconds=shift * 1_000))]


def _within(filters: list[Filter], day: str) -> Iterator[Condition]:
    """A year, month or day: from its first moment to its last."""
    parts = _DAY.fullmatch(day)
    if parts is None:
        raise Inexact("only a year, month or day can stand before the %, as in '2026-01-31%'")
    unit: Literal["day", "month", "year"] = "day" if parts[3] else "month" if parts[2] else "year"
    first = f"{parts[1]}-{parts[2] or '01'}-{parts[3] or '01'}"
    yield _bounded(filters, ">", lambda each: _moment(first, each))
    yield _bounded(filters, "<", lambda each: _moment(first, each).end_of(unit))


def _bounded(filters: list[Filter], bound: str, moment: Callable[[Filter], pendulum.DateTime]) -> Condition:
    """At or after, or at or before, a moment."""
    for each in filters:
        if each.bound == bound:
            return Condition(each.name, "==", wire_time(moment(each)))
        if not each.bound and f"{bound}=" in each.ops:
            return Condition(each.name, f"{bound}=", wire_time(moment(each)))
    raise Inexact("Keap does not compare it")


def _moment(text: str, asked: Filter) -> pendulum.DateTime:
    """A time of a query, which is US Eastern; a day without a time is the same everywhere."""
    import pendulum  # noqa: PLC0415  # takes a while, and most runs have no query

    parsed = None
    if _TIME.fullmatch(text):
        try:
            parsed = pendulum.parse(text, tz="UTC" if asked.day else ZONE)
        except ValueError:
            parsed = None
    if not isinstance(parsed, pendulum.DateTime):
        raise Inexact(f"{text[:40]!r} is not a time such as 2026-01-31 or 2026-01-31 08:00:00 (US Eastern)")
    return parsed
