"""Classic queries at random, and what they mean, evaluated plainly over the rows of the account."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from keap_sandbox.xmlrpc.collation import first_foreign, like, weight
from tap_infusionsoft.xmlrpc.tables import TABLES

Row = dict[str, Any]
_OPERATORS = {
    "~>~": operator.gt,
    "~>=~": operator.ge,
    "~<~": operator.lt,
    "~<=~": operator.le,
    "~<>~": operator.ne,
}


@dataclass(frozen=True)
class Asked:
    """One criterion.

    Attributes:
        field: Its field.
        written: Its value as the user writes it, quotes included.
        meets: Whether a value of the field meets it; None is null.
    """

    field: str
    written: str
    meets: Callable[[Any], bool]

    def __str__(self) -> str:
        return f"{quoted(self.field)}: {self.written}"


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def query_text(criteria: list[Asked]) -> str:
    return "{" + ", ".join(map(str, criteria)) + "}"


def matching(rows: list[Row], criteria: list[Asked]) -> list[Row]:
    """The rows that meet all criteria."""
    return [row for row in rows if all(one.meets(row.get(one.field)) for one in criteria)]


def _present(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is not None and test(value)


def _shown(value: Any) -> str:
    """A time as the service shows it, a number or a text."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return str(value)


@st.composite
def _on_text(draw: st.DrawFn, field: str, value: str) -> Asked:
    if first_foreign(value) or set(value) & set("%_\\~\r\n"):
        value = draw(st.sampled_from(["", "a", "Müller", "z"]))
    cut = draw(st.integers(1, max(len(value), 1)))
    sign = draw(st.sampled_from([*_OPERATORS, "", "%", "", "%"]))
    if sign == "%" and value:
        pattern = draw(st.sampled_from([f"{value[:cut]}%", f"%{value[-cut:]}", f"%{value[:cut]}%", "%"]))
        return Asked(field, quoted(pattern), _present(like(pattern)))
    if sign in _OPERATORS and value.strip():
        blank = draw(st.sampled_from(["", " "]))
        compare, wanted = _OPERATORS[sign], weight(value.strip())
        return Asked(
            field, quoted(f"{sign}{blank}{value}"), _present(lambda found: compare(weight(found), wanted))
        )
    # A text of digits and commas is a list only where the field holds ids.
    return Asked(field, quoted(value), _present(lambda found: weight(found) == weight(value)))


@st.composite
def _on_id(draw: st.DrawFn, field: str, value: int, known: list[int]) -> Asked:
    form = draw(st.sampled_from(["equal", "list", "text list", "pattern", *_OPERATORS]))
    if form in _OPERATORS:
        blank, compare = draw(st.sampled_from(["", " "])), _OPERATORS[form]
        return Asked(field, quoted(f"{form}{blank}{value}"), _present(lambda found: compare(found, value)))
    if form == "pattern":
        pattern = draw(st.sampled_from([f"{str(value)[0]}%", f"%{str(value)[-1]}", "%"]))
        return Asked(field, quoted(pattern), _present(lambda found: like(pattern)(str(found))))
    if form == "equal":
        written = draw(st.sampled_from([quoted(str(value)), str(value)]))
        return Asked(field, written, _present(lambda found: found == value))
    some = [*draw(st.lists(st.sampled_from(known), min_size=1, max_size=30, unique=True)), 999_999]
    written = f"[{', '.join(map(str, some))}]" if form == "list" else quoted(",".join(map(str, some)))
    return Asked(field, written, _present(lambda found: found in some))


@st.composite
def _on_number(draw: st.DrawFn, field: str, value: float) -> Asked:
    sign = draw(st.sampled_from(["", *_OPERATORS]))
    compare = _OPERATORS.get(sign, operator.eq)
    return Asked(field, quoted(f"{sign}{_shown(value)}"), _present(lambda found: compare(found, value)))


@st.composite
def _on_time(draw: st.DrawFn, field: str, value: str) -> Asked:
    moment = value.replace("T", " ")
    day = value[:10]
    form = draw(st.sampled_from(["day", "prefix", "range", "moment", *_OPERATORS]))
    if form in _OPERATORS:
        written = draw(st.sampled_from([day, moment, moment[:16]]))
        compare, bound = _OPERATORS[form], datetime.fromisoformat(written)
        return Asked(
            field,
            quoted(f"{form} {written}"),
            _present(lambda found: compare(datetime.fromisoformat(found), bound)),
        )
    if form == "range":
        bounds = draw(st.sampled_from([{"since": day}, {"before": moment}, {"since": day, "before": moment}]))
        text = ", ".join(f"{quoted(name)}: {quoted(end)}" for name, end in bounds.items())
        return Asked(field, f"{{{text}}}", _present(lambda found: _within(found, bounds)))
    if form == "moment" and not moment.endswith("00:00:00"):
        return Asked(field, quoted(moment), _present(lambda found: found == value))
    if form != "prefix":
        return Asked(field, quoted(day), _present(lambda found: found[:10] == day))
    prefix = draw(st.sampled_from([day[:4], day[:7], moment[:13]]))
    return Asked(
        field, quoted(f"{prefix}%"), _present(lambda found: found.replace("T", " ").startswith(prefix))
    )


def _within(found: str, bounds: Mapping[str, str]) -> bool:
    moment = datetime.fromisoformat(found)
    since, before = (datetime.fromisoformat(bounds[name]) if name in bounds else None
                     for name in ("since", "before"))  # fmt: skip
    return (since is None or moment >= since) and (before is None or moment < before)


@st.composite
def criteria(draw: st.DrawFn, table: str, rows: list[Row]) -> list[Asked]:
    """Criteria on some fields of a table, with values that its rows have."""
    kinds = {name: kind for name, kind in TABLES[table].fields.items() if kind not in {"booleans", "blobs"}}
    row = draw(st.sampled_from(rows))
    names = draw(st.lists(st.sampled_from([*kinds]), max_size=3, unique=True))
    if draw(st.booleans()):  # what walks go by
        names = [*dict.fromkeys([TABLES[table].order, *names])]
    found = []
    for name in names:
        value = row.get(name)
        if value is None or draw(st.integers(0, 9)) == 0:
            found.append(Asked(name, quoted("~null~"), lambda one: one is None))
            continue
        match kinds[name]:
            case "texts":
                found.append(draw(_on_text(name, value)))
            case "ids":
                known = sorted({other[name] for other in rows if other.get(name) is not None})
                found.append(draw(_on_id(name, value, known)))
            case "times" | "days":
                found.append(draw(_on_time(name, value)))
            case _:
                found.append(draw(_on_number(name, value)))
    return found
