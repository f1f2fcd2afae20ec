"""Where rows come from: each record of a collection, each part of its records, or a list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from keap_sandbox.tables import Row

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = [
    "Each",
    "Listed",
    "Mixed",
    "Parts",
    "Records",
    "Source",
    "each",
    "listed",
    "mixed",
    "parts",
    "stamps",
]


class Records(ABC):
    """The records behind the rows of a table, by the keys of the rows."""

    @abstractmethod
    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""

    @abstractmethod
    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""

    @abstractmethod
    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""

    def moment(self, key: int, path: str) -> int | None:  # noqa: ARG002 - some know a shorter way
        """Return a date-time in milliseconds since the epoch; None if that takes the record."""
        return None


Source = Callable[["Account"], Records]
"""Finds the records of a table in an account."""


_VERSIONS: dict[str, Callable[[Account], object]] = {
    "contact_tags": lambda account: account.taggings.version,
    "company_tags": lambda account: account.company_tags_version,
    "custom_fields": lambda account: tuple(one.version for one in account.custom_fields.values()),
}


def stamps(account: Account, names: Iterable[str]) -> tuple[object, ...]:
    """Return a value that changes whenever the rows of some collections do.

    Args:
        account: The account.
        names: The collections; `contact_tags`, `company_tags` and `custom_fields` are others.
    """
    return tuple(
        _VERSIONS[name](account) if name in _VERSIONS else account.tables[name].stamp() for name in names
    )


class Each(Records):
    """Every record of a collection."""

    def __init__(self, account: Account, name: str, chosen: Callable[[Row], bool] | None) -> None:
        self._account = account
        self._table = account.tables[name]
        self._chosen = chosen

    @cached_property
    def _keys(self) -> Sequence[int]:
        keys = self._table.keys()
        if self._chosen is None:
            return keys
        return [key for key in keys if self._chosen(self._table.row(key))]

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""
        return self._keys

    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""
        row = self._table.row(key)
        if self._chosen is not None and not self._chosen(row):
            raise KeyError(key)
        return row

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""
        return self._table.stamp()

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of an unchanged sample record in milliseconds since the epoch."""
        return self._table.moment(key, path) if self._table.is_unchanged(key) else None


def each(name: str, chosen: Callable[[Row], bool] | None = None) -> Source:
    """Make a row of each record of a collection.

    Args:
        name: The collection.
        chosen: Returns True for the records that have a row; by default all have one.
    """
    return lambda account: Each(account, name, chosen)


Split = Callable[[Row], Iterable[tuple[int, Row]]]
"""Returns the parts of a record that have a row, with their keys."""


class _Index:
    """Which record each part belongs to. Sample records never change, so their parts are found once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, ...]] = {}
        self._stamp: tuple[object, ...] = ()
        self.owners: dict[int, int] = {}
        self.keys: Sequence[int] = ()

    def update(self, account: Account, name: str, split: Split) -> None:
        table = account.tables[name]
        if self._stamp == table.stamp():
            return
        owners: dict[int, int] = {}
        for key in table:
            unchanged = table.is_unchanged(key)
            keys = self._known.get(key) if unchanged else None
            if keys is None:
                keys = tuple(part for part, _ in split(table.row(key)))
                if unchanged:
                    self._known[key] = keys
            for part in keys:
                owners.setdefault(part, key)
        self.owners, self.keys, self._stamp = owners, array("q", sorted(owners)), table.stamp()


class Parts(Records):
    """Every part of the records of a collection."""

    def __init__(self, account: Account, name: str, split: Split, index: _Index) -> None:
        index.update(account, name, split)
        self._index = index
        self._table = account.tables[name]
        self._split = split
        self._last: tuple[int, dict[int, Row]] = (-1, {})

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""
        return self._index.keys

    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""
        owner = self._index.owners[key]
        if owner != self._last[0]:
            self._last = (owner, dict(self._split(self._table.row(owner))))
        return self._last[1][key]

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""
        return self._table.stamp()


def parts(name: str, split: Split) -> Source:
    """Make a row of each part of the records of a collection.

    Args:
        name: The collection.
        split: Returns the parts.
    """
    kept: WeakKeyDictionary[Account, _Index] = WeakKeyDictionary()
    return lambda account: Parts(account, name, split, kept.setdefault(account, _Index()))


class Mixed(Records):
    """The records of several collections, whose ids differ."""

    def __init__(self, sources: Mapping[str, Records]) -> None:
        self._sources = sources

    @cached_property
    def _keys(self) -> Sequence[int]:
        return array("q", sorted(set().union(*(source.keys() for source in self._sources.values()))))

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""
        return self._keys

    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""
        for kind, source in self._sources.items():
            try:
                return {kind: source.record(key)}
            except KeyError:
                continue
        raise KeyError(key)

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""
        return tuple(source.stamp() for source in self._sources.values())


def mixed(**collections: str) -> Source:
    """Make a row of each record of several collections. The record is under the name of its kind."""
    return lambda account: Mixed({kind: Each(account, name, None) for kind, name in collections.items()})


class Listed(Records):
    """A few records that are put together when they are asked for."""

    def __init__(self, account: Account, make: Callable[[Account], Mapping[int, Row]]) -> None:
        self._account = account
        self._make = make

    @cached_property
    def _rows(self) -> Mapping[int, Row]:
        return self._make(self._account)

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""
        return sorted(self._rows)

    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""
        return self._rows[key]

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""
        return ()


def listed(make: Callable[[Account], Mapping[int, Row]]) -> Source:
    """Make a row of each of a few records.

    Args:
        make: Returns them by the keys of the rows.
    """
    return lambda account: Listed(account, make)
