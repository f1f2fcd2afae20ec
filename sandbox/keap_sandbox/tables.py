"""Where records live: stored rows, and rows that are made up from their number when they are read."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any, Protocol

from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Row = dict[str, Any]

__all__ = ["Generator", "Row", "Source", "Subset", "Table", "dig", "mix", "moment_of"]

_MASK = 0xFFFF_FFFF_FFFF_FFFF


def mix(number: int) -> int:
    """Scramble a number (splitmix64): the sandbox's only source of chance, equal on every machine."""
    number = (number + 0x9E37_79B9_7F4A_7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return number ^ (number >> 31)


def dig(row: Any, path: str) -> Any:
    """Follow a dotted path into a row, numbers into lists; None where it ends."""
    for step in path.split("."):
        if isinstance(row, dict):
            row = row.get(step)
        elif isinstance(row, list) and step.isdigit() and int(step) < len(row):
            row = row[int(step)]
        else:
            return None
    return row


def _named(row: Row, path: str) -> list[str]:
    """The ids in a field: of one record, or of several."""
    value = dig(row, path)
    several = value if isinstance(value, list) else [value]
    return [str(one) for one in several if one is not None]


def moment_of(value: object) -> int | None:
    """A row's time as milliseconds; None if it has none that can be read."""
    return parse_moment(value, bare_date=True) if isinstance(value, str) else None


class Source(Protocol):
    """Rows that a list endpoint can read: keys are integers, rows are whole."""

    def keys(self) -> Sequence[int]:
        """All keys, ascending."""

    def row(self, key: int) -> Row:
        """The row of a key, to be read only."""

    def moment(self, key: int, path: str) -> int | None:
        """A time of the row, in milliseconds."""

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the rows do."""


class Generator(Protocol):
    """Makes the seed rows of a table."""

    count: int

    def key(self, index: int) -> int:
        """The key of the row created as number `index`."""

    def index(self, key: int) -> int | None:
        """The inverse; None for a key that is not of the seed."""

    def row(self, index: int) -> Row:
        """A fresh whole row."""

    def moment(self, index: int, path: str) -> int | None:
        """A time of the row without making the row; None if there is no short cut."""

    def owner(self, index: int, path: str) -> str | None:
        """A field that names another record, without making the row; KeyError if there is no short cut."""


class Table:
    """Rows by key: those of a generator unless changed or deleted, and those that were added."""

    def __init__(
        self, name: str, generator: Generator | None = None, finish: Callable[[Row], Row] | None = None
    ) -> None:
        self.name = name
        self.version = 0
        self._generator = generator
        self._finish = finish
        self._stored: dict[int, Row] = {}
        self._ids: array[int] | None = None
        self._next = 0
        self._links: dict[str, dict[str, array[int]]] = {}

    def keys(self) -> array[int]:
        """All keys, ascending."""
        if self._ids is None:
            made = self._generator
            self._ids = array("q", sorted(made.key(index) for index in range(made.count)) if made else [])
            self._next = self._ids[-1] if self._ids else 0
        return self._ids

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: int) -> bool:
        ids = self.keys()
        spot = bisect_left(ids, key)
        return spot < len(ids) and ids[spot] == key

    def rows(self) -> Iterable[Row]:
        """All rows in order of their keys."""
        return map(self.row, self.keys())

    def row(self, key: int) -> Row:
        """The row of a key; KeyError if there is none."""
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
        """A time of a row, without making the row where the generator knows a short cut."""
        if self._generator is not None and key not in self._stored:
            index = self._generator.index(key)
            quick = self._generator.moment(index, path) if index is not None else None
            if quick is not None:
                return quick
        return moment_of(dig(self.row(key), path))

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the rows do."""
        return (self.name, self.version)

    def children(self, path: str, value: str) -> list[int]:
        """Keys of the rows whose field `path` names another record with this id, ascending."""
        if path not in self._links:
            self._links[path] = self._link(path)
        found = [key for key in self._links[path].get(value, ()) if key not in self._stored and key in self]
        found += [key for key, row in self._stored.items() if value in _named(row, path)]
        return sorted(found)

    def _link(self, path: str) -> dict[str, array[int]]:
        """Who is named by the generated rows: made once, for they never change."""
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

    def is_seed(self, key: int) -> bool:
        """Whether the row is still the generated one."""
        return key not in self._stored

    def new_key(self) -> int:
        """The key of a record that is created now: seven above the highest there ever was."""
        self.keys()
        self._next = self._next + 7 if self._next else 1
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
        """Remove a row; False if there was none."""
        if key not in self:
            return False
        ids = self.keys()
        del ids[bisect_left(ids, key)]
        self._stored.pop(key, None)
        self.version += 1
        return True


class Subset:
    """Some rows of a table, as a source of its own."""

    def __init__(self, table: Table, keys: Sequence[int], mark: tuple[object, ...]) -> None:
        self._table = table
        self._keys = keys
        self._known = frozenset(keys)
        self._mark = mark

    def keys(self) -> Sequence[int]:
        """Their keys, ascending."""
        return self._keys

    def row(self, key: int) -> Row:
        """The row; KeyError if it is none of them."""
        if key not in self._known:
            raise KeyError(key)
        return self._table.row(key)

    def moment(self, key: int, path: str) -> int | None:
        """A time of the row."""
        return self._table.moment(key, path)

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever the rows do."""
        return (*self._table.stamp(), *self._mark)
