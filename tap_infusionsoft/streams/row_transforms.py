"""Turn what Keap sends into rows, if rows are nested in others or sent as bare values.

Each function here returns a function for a collection's `unpack`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Row = dict[str, Any]


class Computed(Struct, frozen=True, eq=False):
    """A column whose values are computed from what Keap sends in the same row.

    Attributes:
        paths: Dotted paths of what it takes.
        make: Computes a value from these, which may be anything.
    """

    paths: tuple[str, ...]
    make: Callable[..., Any]

    def __call__(self, row: Row) -> Any:
        """Compute the value for a row."""
        return self.make(*(at(row, path) for path in self.paths))


class Inside(Struct, frozen=True, eq=False):
    """Makes a row of each element of a list inside a row. A bare element becomes the column ``value``.

    Attributes:
        path: Dotted path of the list, such as ``payment_plan.payment_plan_items``; empty for the row itself.
        own: The properties that are taken if it is the row itself.
        number: Column for the position in the list, starting at 1; empty for no such column.
        carried: Column -> dotted path of a value to copy from the outer row.
        computed: Columns that are computed from the element.
    """

    path: str
    own: tuple[str, ...] = ()
    number: str = ""
    carried: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)

    def __call__(self, row: Row) -> Iterator[Row]:
        """Yield the rows inside a row."""
        along = {column: at(row, source) for column, source in self.carried.items()}
        if not self.path:
            yield self.completed({name: row[name] for name in self.own if name in row}, along)
            return
        elements = at(row, self.path) or ()
        for place, element in enumerate(elements if isinstance(elements, list | tuple) else [elements], 1):
            own = element if isinstance(element, dict) else {"value": element}
            yield self.completed(own, {**along, self.number: place} if self.number else along)

    def completed(self, own: Row, along: Mapping[str, Any]) -> Row:
        """Complete an element.

        Args:
            own: Its own properties.
            along: What is carried along from the outer row, and the number.
        """
        return {**own, **along, **{column: one(own) for column, one in self.computed.items()}}

    @property
    def placed(self) -> frozenset[str]:
        """The columns that do not come with the elements."""
        return frozenset({*self.carried, *self.computed, *filter(None, [self.number])})


def inside(
    path: str, number: str = "", computed: Mapping[str, Computed] | None = None, **carried: str
) -> Inside:
    """Make a row of each element of a list inside a row: an `Inside`.

    Args:
        path: Dotted path of the list.
        number: Column for the position in the list.
        computed: Columns that are computed from the element.
        **carried: Column -> dotted path of a value to copy from the outer row.
    """
    return Inside(path, (), number, carried, computed or {})


def view(*own: str, computed: Mapping[str, Computed], **carried: str) -> Inside:
    """Make a row of some properties of another.

    Args:
        *own: The properties.
        computed: Columns that are computed from these.
        **carried: Column -> dotted path of any other value.
    """
    return Inside("", own, "", carried, computed)


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
