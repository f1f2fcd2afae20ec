"""Where rows come from: each record of a collection, each part of its records, or a list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from keap_sandbox.tables import Row, dig

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = ["Records", "Source", "each", "listed", "mixed", "parts", "stamps"]


class Records(ABC):
    """The records of the rows of a table, by the keys of the rows."""

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


class _Each(Records):
    """Every record of a collection."""

    def __init__(self, account: Account, name: str, *, numbered: bool) -> None:
        self._table = account.tables[name]
        self._numbered = numbered

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""
        return self._table.keys()

    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""
        row = self._table.row(key)
        return {**row, "id": key} if self._numbered else row

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""
        return self._table.stamp()

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of an unchanged sample record in milliseconds since the epoch."""
        return self._table.moment(key, path) if self._table.is_unchanged(key) else None


def each(name: str, *, numbered: bool = False) -> Source:
    """Make a row of each record of a collection.

    Args:
        name: The collection.
        numbered: REST shows no ids of these records; give them those that the account has.
    """
    return lambda account: _Each(account, name, numbered=numbered)


Split = Callable[[int, Row], Iterable[tuple[int, Row]]]
"""Called as (id, record). Returns the parts of a record that have a row, with their keys."""


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
                keys = tuple(part for part, _ in split(key, table.row(key)))
                if unchanged:
                    self._known[key] = keys
            for part in keys:
                owners.setdefault(part, key)
        self.owners, self.keys, self._stamp = owners, array("q", sorted(owners)), table.stamp()


class _Parts(Records):
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
            self._last = (owner, dict(self._split(owner, self._table.row(owner))))
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
    return lambda account: _Parts(account, name, split, kept.setdefault(account, _Index()))


class _Mixed(Records):
    """The records of several collections, whose ids differ, with the same fields."""

    def __init__(self, account: Account, collections: Mapping[str, Mapping[str, str]]) -> None:
        self._tables = {name: account.tables[name] for name in collections}
        self._collections = collections

    @cached_property
    def _keys(self) -> Sequence[int]:
        return array("q", sorted(set().union(*(table.keys() for table in self._tables.values()))))

    def _find(self, key: int) -> str:
        for name, table in self._tables.items():
            if key in table:
                return name
        raise KeyError(key)

    def keys(self) -> Sequence[int]:
        """Return the keys of all rows in ascending order."""
        return self._keys

    def record(self, key: int) -> Row:
        """Return the record of a row; KeyError if there is none."""
        name = self._find(key)
        row = self._tables[name].row(key)
        return {field: dig(row, path) for field, path in self._collections[name].items()} | {"of": name}

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the records do."""
        return tuple(table.stamp() for table in self._tables.values())

    def moment(self, key: int, path: str) -> int | None:
        """Return a date-time of an unchanged sample record in milliseconds since the epoch."""
        name = self._find(key)
        field = self._collections[name].get(path)
        table = self._tables[name]
        return table.moment(key, field) if field and table.is_unchanged(key) else None


def mixed(**collections: Mapping[str, str]) -> Source:
    """Make a row of each record of several collections.

    Args:
        **collections: For each collection, the fields that its records get here, and where they are in the
            records of REST. `of` is the collection.
    """
    return lambda account: _Mixed(account, collections)


class _Listed(Records):
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
    return lambda account: _Listed(account, make)
