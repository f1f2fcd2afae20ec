"""Rows that the wire packs into others, or sends as bare values. Each function here makes a Collection's `unpack`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]


def inside(path: str, number: str | None = None, **carried: str) -> Callable[[Row], Iterator[Row]]:
    """A row for each element of a list inside a row; bare elements come as ``value``.

    Args:
        path: Where the list is, as in ``payment_plan.payment_plan_items``.
        number: Column for the place in the list, from 1, if any.
        carried: Column -> path of what comes along from the row around the list.
    """

    def unpack(row: Row) -> Iterator[Row]:
        along = {column: at(row, source) for column, source in carried.items()}
        for place, element in enumerate(at(row, path) or (), 1):
            own = element if isinstance(element, dict) else {"value": element}
            yield {**own, **along, **({number: place} if number else {})}

    return unpack


def with_columns(**taken: str) -> Callable[[Row], Iterator[Row]]:
    """The row itself, with columns taken out of its depths: column -> path."""

    def unpack(row: Row) -> Iterator[Row]:
        yield {**row, **{column: at(row, path) for column, path in taken.items()}}

    return unpack


def object_at(path: str) -> Callable[[Row], Iterator[Row]]:
    """The object that stands at a path, if there is one."""

    def unpack(row: Row) -> Iterator[Row]:
        found = at(row, path)
        if isinstance(found, dict):
            yield found

    return unpack


def bare(column: str) -> Callable[[Any], Iterator[Row]]:
    """A row of one column for a bare value."""

    def unpack(value: Any) -> Iterator[Row]:
        yield {column: value}

    return unpack


def at(row: Row, path: str) -> Any:
    """What stands at a dotted path; None where it ends early."""
    found: Any = row
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
