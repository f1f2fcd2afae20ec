"""Turn what Keap sends into rows, if rows are nested in others or sent as bare values.

Each function here returns a function for a collection's `unpack`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]


def inside(path: str, number: str | None = None, **carried: str) -> Callable[[Row], Iterator[Row]]:
    """Make a row of each element of a list inside a row. A bare element becomes the column ``value``.

    Args:
        path: Dotted path of the list, such as ``payment_plan.payment_plan_items``.
        number: Column for the position in the list, starting at 1; None for no such column.
        carried: Column -> dotted path of a value to copy from the outer row.
    """

    def unpack(row: Row) -> Iterator[Row]:
        along = {column: at(row, source) for column, source in carried.items()}
        for place, element in enumerate(at(row, path) or (), 1):
            own = element if isinstance(element, dict) else {"value": element}
            yield {**own, **along, **({number: place} if number else {})}

    return unpack


def with_columns(**taken: str) -> Callable[[Row], Iterator[Row]]:
    """Add columns to a row with values from inside it: column -> dotted path."""

    def unpack(row: Row) -> Iterator[Row]:
        yield {**row, **{column: at(row, path) for column, path in taken.items()}}

    return unpack


def object_at(path: str) -> Callable[[Row], Iterator[Row]]:
    """Make a row of the object at a dotted path. Without an object there, there is no row."""

    def unpack(row: Row) -> Iterator[Row]:
        found = at(row, path)
        if isinstance(found, dict):
            yield found

    return unpack


def bare(column: str) -> Callable[[Any], Iterator[Row]]:
    """Make a row with one column of a bare value."""

    def unpack(value: Any) -> Iterator[Row]:
        yield {column: value}

    return unpack


def at(row: Row, path: str) -> Any:
    """Return the value at a dotted path, or None if the path doesn't exist."""
    found: Any = row
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
