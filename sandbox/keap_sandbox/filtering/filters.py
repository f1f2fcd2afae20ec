"""Keap's `filter` parameter, `name==value;name>value`: what each name accepts, and which rows pass."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keap_sandbox.responses import bad_request
from keap_sandbox.tables import Row, Source, Table, dig
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from keap_sandbox.switches import Switches

__all__ = [
    "ANY_OPS",
    "EQUAL",
    "RANGE_OPS",
    "Choice",
    "Condition",
    "Filter",
    "FilterContext",
    "Flag",
    "Has",
    "Key",
    "KeyRange",
    "Keys",
    "Moment",
    "Number",
    "Option",
    "Since",
    "Test",
    "Text",
    "Until",
    "Whole",
    "compare",
    "compile_conditions",
    "parse",
    "same",
]  # fmt: skip

EQUAL = ("==",)
RANGE_OPS = ("==", ">", ">=", "<", "<=")
ANY_OPS = (*RANGE_OPS, "!=")
_TERM = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=|>=|<=|>|<)(.*)", re.DOTALL)

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

Test = Callable[[int], bool]


@dataclass(frozen=True)
class Condition:
    """One condition of a `filter`, such as `name==value`."""

    name: str
    op: str
    value: str


@dataclass(frozen=True)
class KeyRange:
    """A range of keys with both ends included, which a condition on the id amounts to."""

    low: int | None = None
    high: int | None = None


def parse(text: str) -> list[Condition]:
    """Split a `filter` into its conditions; one that can't be read is a 400."""
    conditions = []
    for part in text.split(";"):
        if not part.strip():
            continue  # Keap's documented examples end in a semicolon
        match = _TERM.fullmatch(part)
        if match is None:
            raise bad_request(f"Invalid filter expression: {part!r}", "filter")
        conditions.append(Condition(match[1], match[2], match[3].strip()))
    return conditions


def same(left: object, right: str) -> bool:
    """Compare two texts, ignoring case."""
    return left is not None and str(left).casefold() == right.casefold()


def compare(left: Any, op: str, right: Any) -> bool:
    """Compare two values of the same type with one of the operators of filters."""
    return bool(_COMPARISONS[op](left, right))


@dataclass(frozen=True)
class FilterContext:
    """What a filter may look at besides its own condition."""

    source: Source
    switches: Switches
    conditions: Mapping[str, str] = field(default_factory=dict)
    """The values of all conditions of the request, by name."""


@dataclass(frozen=True)
class Filter:
    """A name that an endpoint filters by."""

    path: str = ""
    ops: tuple[str, ...] = EQUAL

    def test(self, condition: Condition, context: FilterContext) -> Test | KeyRange:
        """Turn a condition into a test.

        Args:
            condition: The condition.
            context: The rows, the switches and the other conditions.

        Returns:
            A test of keys, or the range of the keys that pass.

        Raises:
            KeapError: If the filter doesn't accept the value.
        """
        raise NotImplementedError

    def values(self, row: Row) -> list[object]:
        """Return the values that a row has at the path.

        The path `a` means the field, or its items if it is a list; `a[].b` means `b` of every item.
        """
        head, some, tail = self.path.partition("[].")
        if not some:
            found = dig(row, self.path)
            return found if isinstance(found, list) else [found]
        items = dig(row, head)
        return [dig(item, tail) for item in items] if isinstance(items, list) else []


@dataclass(frozen=True)
class Text(Filter):
    """A text, compared ignoring case. Some endpoints accept a trailing `*`, or `NONE` for no value."""

    prefix: bool = False
    """Accept a trailing `*`, for texts that begin with the value."""
    none: bool = False
    """Accept `NONE`, for rows without a value."""
    contains: bool = False
    """Find texts that contain the value."""
    nobody: str = ""
    """A word other than `NONE` for rows without a value."""
    among: tuple[str, ...] = ()
    """The only values to accept; if empty, any."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test for equality, a beginning, or no value."""
        source = context.source
        wanted = condition.value
        if wanted.startswith("*"):
            raise bad_request(f"A leading wildcard is not allowed for {condition.name}", "filter")
        if self.among and wanted.casefold() not in map(str.casefold, self.among):
            raise bad_request(f"{condition.name} takes one of {', '.join(self.among)}", "filter")
        if (self.none and wanted == "NONE") or (self.nobody and wanted == self.nobody):
            return lambda key: not any(self.values(source.row(key)))
        if self.prefix and wanted.endswith("*"):
            start = wanted[:-1].casefold()
            return lambda key: any(
                value is not None and str(value).casefold().startswith(start)
                for value in self.values(source.row(key))
            )
        if self.contains:
            part = wanted.casefold()
            return lambda key: any(
                value is not None and part in str(value).casefold() for value in self.values(source.row(key))
            )
        return lambda key: any(same(value, wanted) for value in self.values(source.row(key)))


@dataclass(frozen=True)
class Link(Text):
    """The id of another record. If the source is a table, its index saves reading every row."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test for equality."""
        source = context.source
        if isinstance(source, Table) and condition.value.isdigit():
            return frozenset(source.children(self.path, condition.value)).__contains__
        return super().test(condition, context)


@dataclass(frozen=True)
class Choice(Filter):
    """A comma-separated list of values; the row must have one of them."""

    most: int = 0
    """The greatest number of values; 0 for any."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test whether the row has one of the values."""
        source = context.source
        wanted = {value.strip().casefold() for value in condition.value.split(",")}
        if self.most and len(wanted) > self.most:
            raise bad_request(f"{condition.name} takes at most {self.most} values", "filter")
        return lambda key: any(str(value).casefold() in wanted for value in self.values(source.row(key)))


def _whole(condition: Condition, value: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", value.strip()):
        raise bad_request(f"{condition.name} must be a whole number, not {value!r}", "filter")
    return int(value)


@dataclass(frozen=True)
class Key(Filter):
    """The record's own id, compared as a number."""

    def test(self, condition: Condition, context: FilterContext) -> Test | KeyRange:  # noqa: ARG002
        """Return a range, which makes reading a list by id cheap; a test only for `!=`."""
        number = _whole(condition, condition.value)
        if condition.op == "!=":
            return lambda key: key != number
        ranges = {
            "==": KeyRange(number, number),
            ">": KeyRange(low=number + 1),
            ">=": KeyRange(low=number),
            "<": KeyRange(high=number - 1),
            "<=": KeyRange(high=number),
        }
        return ranges[condition.op]


@dataclass(frozen=True)
class Keys(Filter):
    """A comma-separated list of the records' own ids."""

    most: int = 0
    """The greatest number of ids; 0 for any."""

    def test(self, condition: Condition, context: FilterContext) -> Test:  # noqa: ARG002
        """Test whether the row has one of the ids."""
        wanted = {_whole(condition, value) for value in condition.value.split(",") if value.strip()}
        if self.most and len(wanted) > self.most:
            raise bad_request(f"{condition.name} takes at most {self.most} ids", "filter")
        return wanted.__contains__


def _moment(condition: Condition, switches: Switches, *, bare_date: bool) -> int:
    moment = parse_moment(condition.value, bare_date=bare_date)
    if moment is None or (
        switches.date_values == "milliseconds" and not re.search(r"\.\d{3}(Z|[+-])", condition.value)
    ):
        raise bad_request(f"{condition.name} must be a date-time like 2025-04-16T20:33:02.321Z", "filter")
    return moment


def _flag(condition: Condition) -> bool:
    wanted = {"true": True, "false": False}.get(condition.value.lower())
    if wanted is None:
        raise bad_request(f"{condition.name} must be true or false", "filter")
    return wanted


@dataclass(frozen=True)
class Since(Filter):
    """Rows at or after a moment."""

    bare_date: bool = False
    """Accept a date without a time too."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test for at or after, or only after if the switch `date_bounds` says so."""
        source = context.source
        start = _moment(condition, context.switches, bare_date=self.bare_date)
        grain = 1000 if context.switches.date_precision == "seconds" else 1
        start = start // grain + (context.switches.date_bounds in {"exclusive", "exclusive_start"})
        path = self.path
        return lambda key: (moment := source.moment(key, path)) is not None and moment // grain >= start


@dataclass(frozen=True)
class Until(Filter):
    """Rows at or before a moment."""

    bare_date: bool = False
    """Accept a date without a time too."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test for at or before, or only before if the switch `date_bounds` says so."""
        source = context.source
        end = _moment(condition, context.switches, bare_date=self.bare_date)
        grain = 1000 if context.switches.date_precision == "seconds" else 1
        end = end // grain - (context.switches.date_bounds in {"exclusive", "exclusive_end"})
        path = self.path
        return lambda key: (moment := source.moment(key, path)) is not None and moment // grain <= end


@dataclass(frozen=True)
class Moment(Filter):
    """A date-time of the row, compared with another."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Compare as moments; a row without a date-time doesn't pass."""
        source = context.source
        wanted = _moment(condition, context.switches, bare_date=False)
        path, op = self.path, condition.op
        return lambda key: (moment := source.moment(key, path)) is not None and compare(moment, op, wanted)


@dataclass(frozen=True)
class Whole(Filter):
    """A positive whole number: the id of another record, or the record's own if there is no path."""

    def test(self, condition: Condition, context: FilterContext) -> Test | KeyRange:
        """Test as `Key` or `Number` does, but refuse numbers below 1."""
        if _whole(condition, condition.value) < 1:
            raise bad_request(f"{condition.name} must be a positive whole number", "filter")
        kind = Number(self.path, self.ops) if self.path else Key(ops=self.ops)
        return kind.test(condition, context)


@dataclass(frozen=True)
class Has(Filter):
    """True for rows that have a value, false for the others."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test whether the row has a value."""
        source = context.source
        wanted = _flag(condition)
        return lambda key: any(self.values(source.row(key))) is wanted


@dataclass(frozen=True)
class Number(Filter):
    """A number."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Compare as numbers; a row without a number doesn't pass."""
        source = context.source
        try:
            wanted = float(condition.value)
        except ValueError:
            raise bad_request(
                f"{condition.name} must be a number, not {condition.value!r}", "filter"
            ) from None

        def passes(key: int) -> bool:
            for value in self.values(source.row(key)):
                try:
                    if compare(float(value), condition.op, wanted):  # type: ignore[arg-type]
                        return True
                except (TypeError, ValueError):
                    continue
            return False

        return passes


@dataclass(frozen=True)
class Flag(Filter):
    """A field that is true or false."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Test for equality; a row without the field doesn't pass."""
        source = context.source
        wanted = _flag(condition)
        return lambda key: any(value is wanted for value in self.values(source.row(key)))


@dataclass(frozen=True)
class Option(Filter):
    """A name that the endpoint reads itself, to do something else; every row passes."""

    among: tuple[str, ...] = ()
    """The only values to accept, separated by commas; if empty, any."""

    def test(self, condition: Condition, context: FilterContext) -> Test:  # noqa: ARG002
        """Check the value and let every row pass."""
        if self.among and any(value.strip() not in self.among for value in condition.value.split(",")):
            raise bad_request(f"{condition.name} takes {', '.join(self.among)}", "filter")
        return lambda _: True


def compile_conditions(
    conditions: list[Condition],
    declared: Mapping[str, Filter],
    custom: Callable[[Condition, Source], Test | None] | None,
    source: Source,
    switches: Switches,
) -> tuple[KeyRange, list[Test]]:
    """Turn conditions into a range of keys and tests of keys. A row must pass all of them; Keap has no OR.

    Args:
        conditions: The conditions of the request.
        declared: The filters of the endpoint by name.
        custom: Finds the test of a condition on a custom field; None if there is no such field.
        source: The rows.
        switches: How filters behave.

    Raises:
        KeapError: If the endpoint doesn't accept a condition.
    """
    low: int | None = None
    high: int | None = None
    tests: list[Test] = []
    context = FilterContext(source, switches, {condition.name: condition.value for condition in conditions})
    for condition in conditions:
        declared_filter = declared.get(condition.name)
        if declared_filter is None:
            test: Test | KeyRange | None = custom(condition, source) if custom else None
            if test is None and switches.unknown_filter == "error":
                raise bad_request(f"Filter field {condition.name!r} is not allowed", "filter")
        else:
            if condition.op not in declared_filter.ops:
                raise bad_request(f"operator {condition.op} is not allowed for {condition.name}", "filter")
            if not condition.value:
                raise bad_request(f"{condition.name} needs a value", "filter")
            test = declared_filter.test(condition, context)
        if isinstance(test, KeyRange):
            low = test.low if low is None else max(low, test.low if test.low is not None else low)
            high = test.high if high is None else min(high, test.high if test.high is not None else high)
        elif test is not None:
            tests.append(test)
    return KeyRange(low, high), tests
