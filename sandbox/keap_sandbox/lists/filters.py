"""Keap's `filter` parameter: `name==value;name>value`, what each name takes, and which rows pass."""

from __future__ import annotations

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

Test = Callable[[int], bool]


@dataclass(frozen=True)
class Condition:
    """One condition of a filter."""

    name: str
    op: str
    value: str


@dataclass(frozen=True)
class KeyRange:
    """A range of keys, both ends inclusive: what an id condition amounts to."""

    low: int | None = None
    high: int | None = None


def parse(text: str) -> list[Condition]:
    """Split a filter into its conditions."""
    conditions = []
    for part in text.split(";"):
        if not part.strip():
            continue  # the documented examples end in a semicolon
        match = _TERM.fullmatch(part)
        if match is None:
            raise bad_request(f"Invalid filter expression: {part!r}", "filter")
        conditions.append(Condition(match[1], match[2], match[3].strip()))
    return conditions


def same(left: object, right: str) -> bool:
    """Equal texts, in any case."""
    return left is not None and str(left).casefold() == right.casefold()


def compare(left: Any, op: str, right: Any) -> bool:
    """Compare two values of one kind."""
    answers: dict[str, Callable[[], bool]] = {
        "==": lambda: bool(left == right),
        "!=": lambda: bool(left != right),
        ">": lambda: bool(left > right),
        ">=": lambda: bool(left >= right),
        "<": lambda: bool(left < right),
        "<=": lambda: bool(left <= right),
    }
    return answers[op]()


@dataclass(frozen=True)
class FilterContext:
    """What a filter may look at besides its own condition."""

    source: Source
    switches: Switches
    conditions: Mapping[str, str] = field(default_factory=dict)
    """The values of all conditions of the request, by name."""


@dataclass(frozen=True)
class Filter:
    """One name that an endpoint filters by."""

    path: str = ""
    ops: tuple[str, ...] = EQUAL

    def test(self, condition: Condition, context: FilterContext) -> Test | KeyRange:
        """What decides whether a row passes."""
        raise NotImplementedError

    def values(self, row: Row) -> list[object]:
        """What the condition looks at: `a` (all of it, if it is a list), or `a[].b` of every item of a list."""
        head, some, tail = self.path.partition("[].")
        if not some:
            found = dig(row, self.path)
            return found if isinstance(found, list) else [found]
        items = dig(row, head)
        return [dig(item, tail) for item in items] if isinstance(items, list) else []


@dataclass(frozen=True)
class Text(Filter):
    """A text: equal in any case, with a trailing `*` if the endpoint allows it, `NONE` for empty likewise."""

    prefix: bool = False
    none: bool = False
    contains: bool = False
    nobody: str = ""
    """The word that asks for rows without a value, if it is not `NONE`."""
    among: tuple[str, ...] = ()

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Equal, beginning with, or empty."""
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
    """The id of another record: where the source is a whole table, it knows who names whom."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Equal."""
        source = context.source
        if isinstance(source, Table) and condition.value.isdigit():
            return frozenset(source.children(self.path, condition.value)).__contains__
        return super().test(condition, context)


@dataclass(frozen=True)
class Choice(Filter):
    """A comma-separated list of values, any of which may be the row's."""

    most: int = 0

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """One of the list."""
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
        """A range, so that a crawl by id costs nothing."""
        number = _whole(condition, condition.value)
        if condition.op == "!=":
            return lambda key: key != number
        bounds = {
            "==": KeyRange(number, number),
            ">": KeyRange(low=number + 1),
            ">=": KeyRange(low=number),
            "<": KeyRange(high=number - 1),
            "<=": KeyRange(high=number),
        }
        return bounds[condition.op]


@dataclass(frozen=True)
class Keys(Filter):
    """A comma-separated list of the records' own ids."""

    most: int = 0

    def test(self, condition: Condition, context: FilterContext) -> Test:  # noqa: ARG002
        """One of the ids."""
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

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """At or after."""
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

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """At or before."""
        source = context.source
        end = _moment(condition, context.switches, bare_date=self.bare_date)
        grain = 1000 if context.switches.date_precision == "seconds" else 1
        end = end // grain - (context.switches.date_bounds in {"exclusive", "exclusive_end"})
        path = self.path
        return lambda key: (moment := source.moment(key, path)) is not None and moment // grain <= end


@dataclass(frozen=True)
class Moment(Filter):
    """A time of the row, compared with a moment."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Compared as moments; rows without the time do not pass."""
        source = context.source
        wanted = _moment(condition, context.switches, bare_date=False)
        path, op = self.path, condition.op
        return lambda key: (moment := source.moment(key, path)) is not None and compare(moment, op, wanted)


@dataclass(frozen=True)
class Whole(Filter):
    """A positive whole number, compared as a number: the id of another record, or the record's own."""

    def test(self, condition: Condition, context: FilterContext) -> Test | KeyRange:
        """As `Key` or `Number`, but zero and less are refused."""
        if _whole(condition, condition.value) < 1:
            raise bad_request(f"{condition.name} must be a positive whole number", "filter")
        kind = Number(self.path, self.ops) if self.path else Key(ops=self.ops)
        return kind.test(condition, context)


@dataclass(frozen=True)
class Has(Filter):
    """Whether the row has a value."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """True or false."""
        source = context.source
        wanted = _flag(condition)
        return lambda key: any(self.values(source.row(key))) is wanted


@dataclass(frozen=True)
class Number(Filter):
    """A number."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Compared as numbers; rows without one do not pass."""
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
    """True or false."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Equal."""
        source = context.source
        wanted = _flag(condition)
        return lambda key: any(value is wanted for value in self.values(source.row(key)))


@dataclass(frozen=True)
class Option(Filter):
    """A name that changes what the endpoint does (the endpoint reads it); it tests nothing itself."""

    among: tuple[str, ...] = ()

    def test(self, condition: Condition, context: FilterContext) -> Test:  # noqa: ARG002
        """Check the value."""
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
    """Turn conditions into one range of keys and tests of keys; all must hold (there is no OR)."""
    low: int | None = None
    high: int | None = None
    tests: list[Test] = []
    context = FilterContext(source, switches, {condition.name: condition.value for condition in conditions})
    for condition in conditions:
        one = declared.get(condition.name)
        if one is None:
            made: Test | KeyRange | None = custom(condition, source) if custom else None
            if made is None and switches.unknown_filter == "error":
                raise bad_request(f"Filter field {condition.name!r} is not allowed", "filter")
        else:
            if condition.op not in one.ops:
                raise bad_request(f"operator {condition.op} is not allowed for {condition.name}", "filter")
            if not condition.value:
                raise bad_request(f"{condition.name} needs a value", "filter")
            made = one.test(condition, context)
        if isinstance(made, KeyRange):
            low = made.low if low is None else max(low, made.low if made.low is not None else low)
            high = made.high if high is None else min(high, made.high if made.high is not None else high)
        elif made is not None:
            tests.append(made)
    return KeyRange(low, high), tests
