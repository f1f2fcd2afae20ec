"""The filters of Keap's endpoints: the notation in which they are declared, and the values that they take.

A filter is declared by its name, followed by what it takes:

    name            only ==, which every filter takes
    name<>          comparisons as well: > < >= <=
    name<!>         comparisons as well, and !=
    name*           a * at the end of the value matches anything; name*3 needs at least 3 characters before it
    name~           a value without a * is found anywhere in the text
    name[]          several values, separated by commas; name[100] takes at most 100 of them
    name@           exactly this time; name@> this time or later, name@< this time or earlier
    name?           true or false
    name=A|B        one of these values
    name(NONE)      this word as well: it finds rows without a value
    name+other      only together with the filter `other`
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tap_infusionsoft.config.relative_dates import parse_date
from tap_infusionsoft.reading.requests import wire_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_infusionsoft.records.custom_fields import CustomField

EQUAL = ("==",)
COMPARED = ("==", ">", "<", ">=", "<=")
COMPARED_OR_UNEQUAL = ("==", "!=", ">", "<", ">=", "<=")

_OPERATORS = {None: EQUAL, "<>": COMPARED, "<!>": COMPARED_OR_UNEQUAL}

TIMES = "2026-01-31 or 2026-01-31T08:00:00Z"

_NOTATION = re.compile(
    r"(?P<name>\w+)(?P<ops><!?>)?(?P<prefix>\*(?P<least>\d*))?(?P<anywhere>~)?(?P<list>\[(?P<most>\d*)\])?"
    r"(?P<time>@(?P<bound>[<>])?)?(?P<flag>\?)?(=(?P<values>[\w|]+))?(\((?P<empty>\w+)\))?(\+(?P<needs>\w+))?"
)


class Filter(Struct, frozen=True):
    """One filter of an endpoint.

    Attributes:
        name: Its name in Keap's ``filter`` parameter.
        ops: The operators that it takes.
        prefix: Whether a ``*`` at the end of the value matches anything.
        min_prefix: Minimum number of characters before that ``*``.
        anywhere: Whether a value without ``*`` is found anywhere in the text.
        member: Whether it finds rows that have the value among several.
        several: Whether it takes several values, separated by commas.
        max_values: Maximum number of values at once; 0 for no limit.
        time: Whether the value is a time.
        date_only: Whether rows hold a date there, without a time of day.
        bound: ``>`` if the filter finds that time or later, ``<`` if it finds that time or earlier.
        flag: Whether the value is ``true`` or ``false``.
        values: The values that it takes, if they are a fixed set.
        empty: The word that finds rows without a value, if there is one.
        needs: The filter that must be used with it, if there is one.
        integer: Whether the value is a whole number, such as an id.
        number: Whether the value is a number.
    """

    name: str
    ops: tuple[str, ...] = EQUAL
    prefix: bool = False
    min_prefix: int = 1
    anywhere: bool = False
    member: bool = False
    several: bool = False
    max_values: int = 0
    time: bool = False
    date_only: bool = False
    bound: str = ""
    flag: bool = False
    values: tuple[str, ...] = ()
    empty: str = ""
    needs: str = ""
    integer: bool = False
    number: bool = False

    def __str__(self) -> str:
        """The filter as messages and docs/queries.md list it, such as ``name == (text or text*)``."""
        forms = [self._form(), "text*" if self.prefix else "", self.empty]
        listed = " or ".join(filter(None, forms))
        return f"{self.name} {' '.join(self.ops)}" + (f" ({listed})" if listed else "")

    def _form(self) -> str:
        """The form of a plain value; empty if nothing needs to be said about it."""
        if self.values:
            return "|".join(self.values)
        if self.flag:
            return "true|false"
        if self.time:
            return "date or time" if self.bound else "time"
        if self.several:
            return "1,2,3" if self.integer else "a,b"
        if self.anywhere:
            return "part of the text"
        if self.prefix or self.empty:
            return "91" if self.integer else "text"
        return ""

    def checked(self, op: str, value: str) -> str:
        """The value as it is sent to Keap.

        Args:
            op: The operator, such as ``==``.
            value: The value as the user wrote it, without surrounding blanks.

        Raises:
            ValueError: Keap would reject the value, or read it as something else; the message says why.
        """
        if op not in self.ops:
            raise ValueError(f"{self.name} does not take {op}, only {' '.join(self.ops)}")
        if not value:
            raise ValueError(f"{self.name}{op} has no value")
        if self.empty and value == self.empty and op == "==":
            return value
        if self.time:
            return wire_time(self._time(op, value))
        self._check_special_characters(value)
        return self._list(value) if self.several else self._single(value)

    def _check_special_characters(self, value: str) -> None:
        """Refuse characters that mean something in Keap's filter syntax."""
        if value[0] in "=<>!":
            raise ValueError(
                f"{self.name}: Keap would read the {value[0]} at the start of the value as an operator"
            )
        if ";" in value:
            raise ValueError(f"{self.name}: Keap does not take a semicolon in a value")
        if "," in value and not self.several:
            raise ValueError(f"{self.name}: Keap does not take a comma in a value")
        if "*" not in value:
            return
        if not self.prefix:
            raise ValueError(f"{self.name} does not take a * in the value")
        if value.index("*") != len(value) - 1 or len(value) <= self.min_prefix:
            characters = "one character" if self.min_prefix == 1 else f"{self.min_prefix} characters"
            raise ValueError(
                f"{self.name} takes a * only at the end of the value, after at least {characters}"
            )

    def _list(self, value: str) -> str:
        values = list(dict.fromkeys(self._single(part.strip()) for part in value.split(",")))
        if self.max_values and len(values) > self.max_values:
            raise ValueError(f"{self.name} takes at most {self.max_values} values at once, not {len(values)}")
        return ",".join(values)

    def _single(self, value: str) -> str:
        if self.integer and not re.fullmatch(r"\d{1,18}", value):
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
        """Read a fixed time; a date stands for its first or last moment, depending on which bound it is.

        Relative dates are refused. They move from run to run, so rows would drop out of the query without
        being deleted in Keap.
        """
        is_date = len(value) == len("2026-01-31")
        is_upper = not self.date_only and (self.bound == "<" or op in {"<=", ">"})
        try:
            moment = parse_date(value, datetime(2000, 1, 1, tzinfo=UTC), end=is_upper)
        except ValueError:
            moment = None
        if moment is None or moment.is_relative:
            raise ValueError(f"{self.name} takes a date or time such as {TIMES}, not {value[:40]!r}")
        if is_date and op in {"==", "!="} and not self.bound and not self.date_only:
            raise ValueError(f"{self.name} takes an exact time, such as 2026-01-31T08:00:00.000Z, not a date")
        return moment.value


class Condition(Struct, frozen=True):
    """A filter with an operator and a value."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        """The condition as Keap's ``filter`` parameter has it."""
        return f"{self.name}{self.op}{self.value}"


def filter_name(condition: str) -> str:
    """The name of the filter in a text such as ``contact_id>91``."""
    return re.split(r"[=<>]", condition)[0]


class Capabilities(Struct, frozen=True):
    """What can be asked of one of Keap's endpoints that list rows.

    Attributes:
        filters: Name -> filter.
        orders: The names that ``order_by`` takes.
        id_filters: The filters on the row's own id, of which a query can have one. The first is the one to
            look up rows with.
        row_path: Path of a single row, with ``{id}``, for endpoints without such a filter.
        custom_fields: Path of the model whose custom fields can be used as filters, if any can.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orders: tuple[str, ...] = ()
    id_filters: tuple[str, ...] = ()
    row_path: str = ""
    custom_fields: str = ""

    def listed(self) -> str:
        """All filters, as messages list them."""
        if not self.filters:
            return "none"
        custom = "; and its custom fields by name" if self.custom_fields else ""
        return ", ".join(map(str, self.filters.values())) + custom


def parse_filter(notation: str) -> Filter:
    """Read the declaration of a filter; the module's docstring explains the notation."""
    found = _NOTATION.fullmatch(notation)
    if found is None:
        raise ValueError(f"{notation!r} is not the notation of a filter")
    name, ops = found["name"], _OPERATORS[found["ops"]]
    is_id = name == "id" or re.search(r"_id$|ids$", name) is not None
    return Filter(
        name=name,
        ops=ops,
        prefix=bool(found["prefix"]),
        min_prefix=int(found["least"] or 1),
        anywhere=bool(found["anywhere"]),
        several=bool(found["list"]),
        max_values=int(found["most"] or 0),
        time=bool(found["time"]),
        bound=found["bound"] or "",
        flag=bool(found["flag"]),
        values=tuple(found["values"].split("|")) if found["values"] else (),
        empty=found["empty"] or "",
        needs=found["needs"] or "",
        integer=is_id,
        number=len(ops) > 1 and not is_id and not found["time"],
    )


def custom_field_filter(custom_field: CustomField) -> Filter:
    """The filter on a custom field; what it takes depends on the field's type."""
    name = custom_field.name
    match custom_field.kind:
        case "CURRENCY" | "DECIMAL_NUMBER" | "PERCENT":
            return Filter(name, COMPARED, number=True)
        case "WHOLE_NUMBER" | "YEAR" | "MONTH" | "DAY_OF_WEEK" | "USER":
            return Filter(name, COMPARED, integer=True)
        case "DATE" | "DATE_TIME" as kind:
            return Filter(name, COMPARED, time=True, date_only=kind == "DATE")
        case "YES_NO":
            return Filter(name, values=("0", "1"))
        case "DRILLDOWN":
            return Filter(name, integer=True)
        case "LIST_BOX" | "USER_LIST_BOX":
            return Filter(name, member=True)
    return Filter(name, prefix=True)
