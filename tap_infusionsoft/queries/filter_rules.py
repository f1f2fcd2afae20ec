"""What a list of Keap can be asked for, how that is written down, and which values a filter takes.

A filter is written as its name, and behind it what it takes:

    name            equal (==); every filter takes that
    name<>          compared as well: > < >= <=
    name<!>         compared, and unequal: !=
    name*           a * at the end of the value stands for anything; name*3 behind at least 3 characters
    name~           without a * the value is looked for anywhere in the text
    name[]          several values, with commas between them; name[100] at most so many
    name@           exactly this time; name@> at or after it, name@< at or before it
    name?           true or false
    name=A|B        one of these
    name(NONE)      or this word, for rows that have no value
    name+other      only together with that other filter
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tap_infusionsoft.config.relative_dates import parse_date
from tap_infusionsoft.reading.requests import wire_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.records.custom_fields import CustomField

EQUAL = ("==",)
RANGE = ("==", ">", "<", ">=", "<=")
ANY = ("==", "!=", ">", "<", ">=", "<=")

TIMES = "2026-01-31 or 2026-01-31T08:00:00Z"

_NOTATION = re.compile(
    r"(?P<name>\w+)(?P<ops><!?>)?(?P<prefix>\*(?P<least>\d*))?(?P<anywhere>~)?(?P<list>\[(?P<most>\d*)\])?"
    r"(?P<time>@(?P<bound>[<>])?)?(?P<flag>\?)?(=(?P<values>[\w|]+))?(\((?P<empty>\w+)\))?(\+(?P<needs>\w+))?"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """One name that a list can be narrowed by.

    Attributes:
        name: As it stands in the filter.
        ops: Operators that it takes.
        prefix: Whether a ``*`` at the end of the value stands for anything.
        least: Fewest characters before it.
        anywhere: Whether a value without ``*`` is looked for anywhere in the text.
        member: Whether a row passes that has the value among others.
        several: Whether it takes several values, with commas between them.
        most: Most values at once, if that is limited.
        time: Whether the value is a time.
        day: Whether rows have a day there, without a time.
        bound: ``>`` or ``<`` where rows at or after, or at or before, that time are meant.
        flag: Whether the value is true or false.
        values: The values that it takes, if they are listed.
        empty: The word for rows without a value, if there is one.
        needs: Another filter that must stand beside it.
        whole: Whether the value is a whole number, such as an id.
        number: Whether the value is a number.
    """

    name: str
    ops: tuple[str, ...] = EQUAL
    prefix: bool = False
    least: int = 1
    anywhere: bool = False
    member: bool = False
    several: bool = False
    most: int = 0
    time: bool = False
    day: bool = False
    bound: str = ""
    flag: bool = False
    values: tuple[str, ...] = ()
    empty: str = ""
    needs: str = ""
    whole: bool = False
    number: bool = False

    def __str__(self) -> str:
        """The filter as messages list it."""
        takes = (
            "|".join(self.values)
            or ("true|false" if self.flag else "")
            or (("day or " * bool(self.bound) + "time") if self.time else "")
            or ("1,2,3" if self.several and self.whole else "a,b" if self.several else "")
        )
        takes += "part of the text" if self.anywhere else "text" if self.prefix else ""
        takes += " or text*" if self.prefix else ""
        if self.empty:
            takes = f"{takes or ('91' if self.whole else 'text')} or {self.empty}"
        return f"{self.name} {' '.join(self.ops)}" + (f" ({takes})" if takes else "")

    def checked(self, op: str, value: str) -> str:
        """The value as Keap takes it.

        Raises:
            ValueError: Keap would not take it, or not as it is meant; the message says why.
        """
        if op not in self.ops:
            raise ValueError(f"{self.name} does not take {op}, only {' '.join(self.ops)}")
        if not value:
            raise ValueError(f"{self.name}{op} has no value behind it")
        if self.empty and value == self.empty and op == "==":
            return value
        if self.time:
            return wire_time(self._time(op, value))
        if value[0] in "=<>!":
            raise ValueError(
                f"{self.name}: Keap would take the {value[0]} that the value begins with for an operator"
            )
        if ";" in value or ("," in value and not self.several):
            raise ValueError(
                f"{self.name}: Keap takes no {'semicolon' if ';' in value else 'comma'} in a value"
            )
        if "*" in value and (
            not self.prefix or value.index("*") != len(value) - 1 or len(value) <= self.least
        ):
            least = "something" if self.least == 1 else f"at least {self.least} characters"
            where = f"only at the end, behind {least}" if self.prefix else "nowhere"
            raise ValueError(f"{self.name} takes a * {where}")
        return self._listed(value) if self.several else self._single(value)

    def _listed(self, value: str) -> str:
        values = list(dict.fromkeys(self._single(one.strip()) for one in value.split(",")))
        if self.most and len(values) > self.most:
            raise ValueError(f"{self.name} takes at most {self.most} values at once, not {len(values)}")
        return ",".join(values)

    def _single(self, value: str) -> str:
        if self.whole and not re.fullmatch(r"\d{1,18}", value):
            raise ValueError(f"{self.name} takes whole numbers such as 91, not {value[:40]!r}")
        if self.number and not re.fullmatch(r"-?\d{1,15}(\.\d+)?", value):
            raise ValueError(f"{self.name} takes numbers such as 9.5, not {value[:40]!r}")
        allowed = self.values or (("true", "false") if self.flag else ())
        if allowed and value not in allowed:
            raise ValueError(f"{self.name} takes one of {', '.join(allowed)}, not {value[:40]!r}")
        if not value:
            raise ValueError(f"{self.name} has an empty value")
        return value

    def _time(self, op: str, value: str) -> datetime:
        """A fixed time: rows would leave a moving one without being deleted."""
        is_day = len(value) == len("2026-01-31")
        ends = not self.day and (self.bound == "<" or op in {"<=", ">"})
        try:
            found = parse_date(value, datetime(2000, 1, 1, tzinfo=UTC), end=ends)
        except ValueError:
            found = None
        if found is None or found.is_relative:
            raise ValueError(f"{self.name} takes a day or time such as {TIMES}, not {value[:40]!r}")
        if is_day and op in {"==", "!="} and not self.bound and not self.day:
            raise ValueError(f"{self.name} takes one moment, such as 2026-01-31T08:00:00.000Z, not a day")
        return found.value


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter with its value."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        """As it stands in a call."""
        return f"{self.name}{self.op}{self.value}"


@dataclass(frozen=True, slots=True)
class Askable:
    """What one of Keap's lists can be asked for.

    Attributes:
        filters: Name -> filter.
        orders: Names that it can be ordered by.
        own: The filters on the row's own id; the first is the one to ask for rows with. They exclude each other.
        single: Address of a single row, with ``{id}``, where no filter does it.
        custom: The model that names the custom fields which can stand in the filter, if any can.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orders: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    single: str = ""
    custom: str = ""

    def listed(self) -> str:
        """All filters, for messages."""
        if not self.filters:
            return "none"
        more = "; and its custom fields by name" if self.custom else ""
        return ", ".join(map(str, self.filters.values())) + more


def read(notation: str) -> Filter:
    """A filter from its notation."""
    found = _NOTATION.fullmatch(notation)
    assert found is not None, notation  # noqa: S101  # the table is ours
    name, ops = found["name"], {"<>": RANGE, "<!>": ANY}.get(found["ops"], EQUAL)
    whole = name == "id" or re.search(r"_id$|ids$", name) is not None
    return Filter(
        name=name,
        ops=ops,
        prefix=bool(found["prefix"]),
        least=int(found["least"] or 1),
        anywhere=bool(found["anywhere"]),
        several=bool(found["list"]),
        most=int(found["most"] or 0),
        time=bool(found["time"]),
        bound=found["bound"] or "",
        flag=bool(found["flag"]),
        values=tuple((found["values"] or "").split("|")) if found["values"] else (),
        empty=found["empty"] or "",
        needs=found["needs"] or "",
        whole=whole,
        number=len(ops) > 1 and not whole and not found["time"],
    )


def of_custom_field(one: CustomField) -> Filter:
    """How a list can be narrowed by a custom field: that depends on the field's type."""
    match one.kind:
        case "CURRENCY" | "DECIMAL_NUMBER" | "PERCENT":
            return Filter(one.name, RANGE, number=True)
        case "WHOLE_NUMBER" | "YEAR" | "MONTH" | "DAY_OF_WEEK" | "USER":
            return Filter(one.name, RANGE, whole=True)
        case "DATE" | "DATE_TIME":
            return Filter(one.name, RANGE, time=True, day=one.kind == "DATE")
        case "YES_NO":
            return Filter(one.name, values=("0", "1"))
        case "DRILLDOWN":
            return Filter(one.name, whole=True)
        case "LIST_BOX" | "USER_LIST_BOX":
            return Filter(one.name, member=True)
    return Filter(one.name, prefix=True)
