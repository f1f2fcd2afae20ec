"""Makes rows of answers that are none: each function here returns a function for `Report.rows`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.xmlrpc.calls import VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_infusionsoft.xmlrpc.reports.report import Rows

OTHER = "Other"
"""Column for the members that no source names: nothing of an answer is lost."""
MASK = "***"
_CREDENTIAL = re.compile(r"passw|secret|token|licen[cs]e|credential|access|api_?key", re.IGNORECASE)


def pairs(name: str, value: str) -> Rows:
    """Make a row of each member of a struct.

    Args:
        name: Column for its name.
        value: Column for its value.
    """

    def rows(struct: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for one, found in struct.items():
            yield {name: one, value: found}

    return rows


def single(column: str) -> Rows:
    """Make a row of a single value.

    Args:
        column: Column for the value.
    """

    def rows(struct: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {(column if name == VALUE else name): value for name, value in struct.items()}

    return rows


def options(name: str, value: str, flag: str) -> Rows:
    """Make rows of what is a list of structs, a struct of names by id, or a truth value.

    Args:
        name: Column for an id.
        value: Column for its name.
        flag: Column for the truth value.
    """

    def rows(struct: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if struct and all(one.isdigit() for one in struct):
            yield from pairs(name, value)(struct)
        elif struct.keys() == {VALUE}:
            yield {flag: struct[VALUE]}
        else:
            yield struct

    return rows


def flat(first: str) -> Rows:
    """Make one row of structs inside a struct. Where two have a member of the same name, one comes first.

    Args:
        first: What the name of the struct begins with that comes first, in lower case.
    """

    def rows(struct: dict[str, Any]) -> Iterator[dict[str, Any]]:
        inner = {name: one for name, one in struct.items() if isinstance(one, dict)}
        found = {name: one for name, one in struct.items() if name not in inner}
        for outer in sorted(inner, key=lambda name: not name.lower().startswith(first)):
            for name, one in inner[outer].items():
                found[name if name not in found else f"{outer}.{name}"] = one
        yield found

    return rows


def spelled(names: Mapping[str, str]) -> Rows:
    """Give members that may be called this or that one name.

    Args:
        names: What they may be called, in lower case -> the name.
    """

    def rows(struct: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {names.get(name.lower(), name): value for name, value in struct.items()}

    return rows


def named(columns: Mapping[str, str], dropped: frozenset[str], rows: Rows | None) -> Rows:
    """Give members the names of their columns, and put those without one into the column `OTHER`.

    How members are spelled that no sample shows, as in tables or beginning in lower case, is unknown. Members
    that no source names may be credentials, so the values of those that sound like it are masked.

    Args:
        columns: Members in lower case -> their names.
        dropped: Members that are no columns, or that the tap fills itself, in lower case.
        rows: Makes rows of the answer; None if it has rows.
    """

    def named_rows(struct: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for row in (struct,) if rows is None else rows(struct):
            found: dict[str, Any] = {}
            other: dict[str, Any] = {}
            for name, value in row.items():
                own = columns.get(name.lower())
                if own is not None:
                    found[own] = value
                elif name.lower().rpartition(".")[2] not in dropped:
                    other[name] = MASK if _CREDENTIAL.search(name) else value
            yield {**found, OTHER: other or None}

    return named_rows
