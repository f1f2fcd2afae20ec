"""Where rows are kept: stored rows, and sample rows that are generated each time they are read."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any, Protocol, Self

from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Row = dict[str, Any]

__all__ = ["Calendar", "Generator", "Row", "Source", "Subset", "Table", "dig", "mix", "moment_of"]

_MASK = 0xFFFF_FFFF_FFFF_FFFF


def mix(number: int) -> int:
    """Turn a number into 64 pseudorandom bits (splitmix64).

    All chance in the sandbox comes from here, so a seed means the same account on every machine.
    """
    number = (number + 0x9E37_79B9_7F4A_7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return number ^ (number >> 31)


def dig(row: Any, path: str) -> Any:
    """Follow a dotted path into a row.

    Args:
        row: The row.
        path: Names of fields, and positions in lists, separated by dots.

    Returns:
        The value, or None if the path leads nowhere.
    """
    for step in path.split("."):
        if isinstance(row, dict):
            row = row.get(step)
        elif isinstance(row, list) and step.isdigit() and int(step) < len(row):
            row = row[int(step)]
        else:
            return None
    return row


def _named(row: Any, path: str) -> list[str]:
    """Return the ids in a field that names one record or several; lists on the way are searched."""
    if isinstance(row, list):
        return [one for element in row for one in _named(element, path)]
    if not path:
        return [] if row is None else [str(row)]
    step, _, rest = path.partition(".")
    return _named(row.get(step), rest) if isinstance(row, dict) else []


def moment_of(value: object) -> int | None:
    """Convert a field of a row to milliseconds since the epoch; None if it holds no date-time."""
    return parse_moment(value, bare_date=True) if isinstance(value, str) else None


class Source(Protocol):
    """Rows that a list endpoint can read. Keys are integers, and rows are complete."""

    def keys(self) -> Sequence[int]:
        """Return all keys in ascending order."""

    def row(self, key: int) -> Row:
        """Return the row of a key. The caller must not change it."""

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of the row in milliseconds since the epoch; None if it has none."""

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the rows do."""


class Generator(Protocol):
    """Generates the sample rows of a table."""

    count: int
    """The number of sample rows."""

    def key(self, index: int) -> int:
        """Return the key of the row created as number `index`."""

    def index(self, key: int) -> int | None:
        """Return the number of a row; None if it isn't a sample row."""

    def row(self, index: int) -> Row:
        """Return a new, complete row."""

    def moment(self, index: int, path: str) -> int | None:
        """Return a date-time without generating the row; None if that takes the row."""

    def owner(self, index: int, path: str) -> str | None:
        """Return the id in a field that names another record, without generating the row.

        Raises:
            KeyError: If that takes the row.
        """


class Calendar(Protocol):
    """Brings rows up to date that change by themselves as days pass."""

    def row(self, row: Row) -> Row:
        """Return a row as it is today."""

    def today(self) -> object:
        """Return a value that changes with the day."""


class Table:
    """The rows of a collection by key: sample rows that are unchanged, and stored rows."""

    def __init__(
        self,
        name: str,
        generator: Generator | None = None,
        finish: Callable[[Row], Row] | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        """Create the table with the sample rows of a generator, if any.

        Args:
            name: The name of the collection.
            generator: Generates the sample rows.
            finish: Completes a stored row when it is read.
            calendar: Brings every row up to date when it is read, if rows change as days pass.
        """
        self.name = name
        self.version = 0
        self._generator = generator
        self._finish = finish
        self._calendar = calendar
        self._stored: dict[int, Row] = {}
        self._ids: array[int] | None = None
        self._next = 0
        self._links: dict[str, dict[str, array[int]]] = {}
        self._moments: dict[str, dict[int, int | None]] = {}

    @classmethod
    def of_rows(
        cls,
        name: str,
        rows: Mapping[int, Row],
        finish: Callable[[Row], Row] | None = None,
        calendar: Calendar | None = None,
    ) -> Self:
        """Create a table of stored rows.

        Args:
            name: The name of the collection.
            rows: The rows by key.
            finish: Completes a row when it is read.
            calendar: Brings every row up to date when it is read, if rows change as days pass.
        """
        table = cls(name, None, finish, calendar)
        for key in sorted(rows):
            table.put(key, rows[key])
        return table

    def keys(self) -> array[int]:
        """Return all keys in ascending order."""
        if self._ids is None:
            made = self._generator
            self._ids = array("q", sorted(made.key(index) for index in range(made.count)) if made else [])
            self._next = self._ids[-1] if self._ids else 0
        return self._ids

    def __iter__(self) -> Iterator[int]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: int) -> bool:
        ids = self.keys()
        spot = bisect_left(ids, key)
        return spot < len(ids) and ids[spot] == key

    def rows(self) -> Iterable[Row]:
        """Return all rows in the order of their keys."""
        return map(self.row, self.keys())

    def row(self, key: int) -> Row:
        """Return the row of a key; KeyError if there is none."""
        row = self._row(key)
        return self._calendar.row(row) if self._calendar else row

    def _row(self, key: int) -> Row:
        stored = self._stored.get(key)
        if stored is not None:
            return self._finish(stored) if self._finish else stored
        if self._generator is None or key not in self:
            raise KeyError(key)
        index = self._generator.index(key)
        if index is None:
            raise KeyError(key)
        return self._generator.row(index)

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of a row in milliseconds since the epoch; None if it has none."""
        if key in self._stored or self._calendar is not None:
            return moment_of(dig(self.row(key), path))
        known = self._moments.setdefault(
            path, {}
        )  # sample rows never change, and sorting asks again and again
        try:
            return known[key]
        except KeyError:
            found = known[key] = self._generated_moment(key, path)
            return found

    def _generated_moment(self, key: int, path: str) -> int | None:
        index = self._generator.index(key) if self._generator is not None else None
        moment = self._generator.moment(index, path) if self._generator and index is not None else None
        return moment if moment is not None else moment_of(dig(self.row(key), path))

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the rows do."""
        return (self.name, self.version, self._calendar and self._calendar.today())

    def children(self, path: str, value: str) -> list[int]:
        """Find the rows that name another record.

        Args:
            path: The field that holds the id of the other record, or a list of ids.
            value: The id.

        Returns:
            Their keys in ascending order.
        """
        if path not in self._links:
            self._links[path] = self._link(path)
        found = [key for key in self._links[path].get(value, ()) if key not in self._stored and key in self]
        found += [key for key, row in self._stored.items() if value in _named(row, path)]
        return sorted(found)

    def _link(self, path: str) -> dict[str, array[int]]:
        """Index the sample rows by the ids in a field. Once per field is enough: sample rows never change."""
        links: dict[str, array[int]] = {}
        made = self._generator
        for index in range(made.count) if made else ():
            try:
                value = made.owner(index, path)  # type: ignore[union-attr]
                values = [value] if value is not None else []
            except KeyError:
                values = _named(made.row(index), path)  # type: ignore[union-attr]
            for one in values:
                links.setdefault(one, array("q")).append(made.key(index))  # type: ignore[union-attr]
        return links

    def is_unchanged(self, key: int) -> bool:
        """Return True if the row was never changed since it was generated."""
        return key not in self._stored

    def new_key(self) -> int:
        """Return a key for a new record: seven above the highest key so far, deleted ones included."""
        self.keys()
        first = self._generator.key(0) if self._generator else 1
        self._next = self._next + 7 if self._next else first
        return self._next

    def put(self, key: int, row: Row) -> None:
        """Add or replace a row."""
        ids = self.keys()
        if key not in self:
            insort(ids, key)
            self._next = max(self._next, key)
        self._stored[key] = row
        self.version += 1

    def delete(self, key: int) -> bool:
        """Remove a row; return False if there was none."""
        if key not in self:
            return False
        ids = self.keys()
        del ids[bisect_left(ids, key)]
        self._stored.pop(key, None)
        self.version += 1
        return True


class Subset:
    """A source of some rows of a table."""

    def __init__(self, table: Table, keys: Sequence[int], mark: tuple[object, ...]) -> None:
        """Select rows.

        Args:
            table: The table.
            keys: The keys of the rows in ascending order.
            mark: Identifies the selection; part of the stamp.
        """
        self._table = table
        self._keys = keys
        self._known = frozenset(keys)
        self._mark = mark

    def keys(self) -> Sequence[int]:
        """Return the keys of the selected rows in ascending order."""
        return self._keys

    def row(self, key: int) -> Row:
        """Return a row; KeyError if it isn't selected."""
        if key not in self._known:
            raise KeyError(key)
        return self._table.row(key)

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of the row in milliseconds since the epoch; None if it has none."""
        return self._table.moment(key, path)

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the rows do."""
        return (*self._table.stamp(), *self._mark)
