"""The query language of the classic connector: from a query string to its criteria.

    {'City': 'Ogden', 'LastUpdated': '~>=~LastSuccessfulRun', 'Id': '12,30'}
    {'DateCreated': {'since': '2026-01-01', 'before': '2026-02-01'}}

All criteria must hold. ``%`` matches anything, ``~null~`` finds rows without a value, and a value can begin
with ``~>~``, ``~>=~``, ``~<~``, ``~<=~`` or ``~<>~``.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

Kind = Literal[
    "equals",
    "starts with",
    "contains",
    "pattern",
    "anything",
    "null",
    "one of",
    "compare",
    "range",
    "since last run",
]

LAST_RUN = "LastSuccessfulRun"

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_SCALAR = rf"(?:{_STRING}|-?\d+(?:\.\d+)?)"
_LIST = rf"\[\s*{_SCALAR}(?:\s*,\s*{_SCALAR})*\s*\]"
_BOUND = rf"({_STRING})\s*:\s*({_STRING})"
_BOUNDS = rf"(?:{_STRING})\s*:\s*(?:{_STRING})"
_RANGE = rf"\{{\s*{_BOUNDS}(?:\s*,\s*{_BOUNDS})*\s*\}}"
_PAIR = re.compile(rf"\s*(?P<field>{_STRING})\s*:\s*(?P<value>{_SCALAR}|{_LIST}|{_RANGE})\s*")
_OPERATOR = re.compile(r"~(>=|<=|<>|>|<)~\s*(.*)", re.DOTALL)
_ESCAPED = re.compile(r"((?:\\u[0-9a-fA-F]{4})+)|\\([\\'\"])")
_IDS = re.compile(r"\d+(\s*,\s*\d+)+")


class Criterion(Struct, frozen=True):
    """One criterion of a query.

    Attributes:
        field: Field of the table.
        kind: How the field is matched.
        values: The values to match, without wildcards and operators; for a range its bounds, of which one can
            be empty.
        op: The operator, as Keap writes it, for kinds that compare.
    """

    field: str
    kind: Kind
    values: tuple[str, ...] = ()
    op: str = "=="

    @property
    def value(self) -> str:
        """The only value."""
        return self.values[0]

    @property
    def listed(self) -> tuple[str, ...]:
        """The values of a list, written as ``['12', '30']`` or as ids, ``12,30``; empty if it isn't one."""
        if self.kind == "one of":
            return self.values
        if self.kind == "equals" and _IDS.fullmatch(self.value):
            return tuple(part.strip() for part in self.value.split(","))
        return ()


def parse(text: str) -> list[Criterion]:
    """Read a query string, with or without its braces.

    Raises:
        ValueError: It is not a query string; the message quotes the text from where it is wrong.
    """
    inner = text.strip()
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1]
    criteria: dict[str, Criterion] = {}
    position = 0
    while inner[position:].strip():
        pair = _PAIR.match(inner, position)
        if pair is None or (pair.end() < len(inner) and inner[pair.end()] != ","):
            rest = inner[position:].strip()[:40]
            raise ValueError(f"it cannot be read from {rest!r} onwards. Write it as {{'City':'Ogden'}}")
        field = _unquoted(pair["field"])
        if field in criteria:
            raise ValueError(
                f"it has two criteria for {field}, and takes one for each field. For rows that meet one or "
                "the other, write two queries"
            )
        criteria[field] = parse_criterion(field, pair["value"])
        position = pair.end() + 1
    return list(criteria.values())


def parse_criterion(field: str, written: str) -> Criterion:
    """Read one criterion.

    Args:
        field: Field of the table.
        written: The value as the query has it: a number, a quoted text, a list of them in brackets, or a
            range in braces.

    Raises:
        ValueError: The value uses an operator that the language does not have.
    """
    if written.startswith("["):
        return Criterion(field, "one of", tuple(_unquoted(item) for item in re.findall(_SCALAR, written)))
    if written.startswith("{"):
        return _range(field, [(_unquoted(name), _unquoted(one)) for name, one in re.findall(_BOUND, written)])
    value = _unquoted(written)
    operator = _OPERATOR.fullmatch(value)
    if operator is not None:
        return _comparison(field, operator[1].replace("<>", "!="), operator[2].strip())
    if value == "~null~":
        return Criterion(field, "null")
    if value.startswith("~") or value == LAST_RUN:
        raise ValueError(
            f"{field}: {value[:40]!r} is not ~null~, nor one of ~>~, ~>=~, ~<~, ~<=~ and ~<>~ followed by a "
            "value"
        )
    return _match(field, value)


def _range(field: str, bounds: list[tuple[str, str]]) -> Criterion:
    """A criterion with the bounds of a range."""
    found = dict(bounds)
    if len(found) < len(bounds) or not found.keys() <= {"since", "before"} or not all(found.values()):
        raise ValueError(f"{field}: a range has since, before or both, each with a time")
    return Criterion(field, "range", (found.get("since", ""), found.get("before", "")))


def _comparison(field: str, op: str, operand: str) -> Criterion:
    """A criterion that begins with an operator, such as ``~>=~5``."""
    if not operand or "%" in operand or operand.startswith("~"):
        raise ValueError(f"{field}: {op} takes a single value without wildcards")
    return Criterion(field, "since last run" if operand == LAST_RUN else "compare", (operand,), op)


def _match(field: str, value: str) -> Criterion:
    """A criterion without an operator: a value, which may have ``%`` as a wildcard."""
    literal = value.strip("%")
    if value and not literal:
        return Criterion(field, "anything")
    if "%" not in value:
        return Criterion(field, "equals", (value,))
    if "%" not in literal and value == f"{literal}%":
        return Criterion(field, "starts with", (literal,))
    if "%" not in literal and value == f"%{literal}%":
        return Criterion(field, "contains", (literal,))
    return Criterion(field, "pattern", (value,))


def _unquoted(written: str) -> str:
    """A value without its quotes. A backslash is one, except before a quote, a backslash or ``uXXXX``."""
    return _ESCAPED.sub(_character, written[1:-1]) if written[0] in "'\"" else written


def _character(escaped: re.Match[str]) -> str:
    """What an escape stands for. A character may come as two halves."""
    if escaped[2]:
        return escaped[2]
    return bytes.fromhex(escaped[1].replace(r"\u", "")).decode("utf-16-be", "surrogatepass")
