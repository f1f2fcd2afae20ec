"""Finds rows of the data tables, for `DataService` and for other services that return rows of a table."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from keap_sandbox.tables import mix
from keap_sandbox.xmlrpc.conditions import Condition, Language, as_text
from keap_sandbox.xmlrpc.faults import InvocationError, named, not_found
from keap_sandbox.xmlrpc.tables.registry import TABLES
from keap_sandbox.xmlrpc.writing import Page

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.request import World
    from keap_sandbox.xmlrpc.tables.view import Column, LegacyRow

__all__ = ["ROWS_MAX", "OpenTable"]

ROWS_MAX = 1000
"""The most rows of an answer, whatever a call asks for."""
_RESULTS_KEPT = 48
_MISSING = "AccountId"
"""A field of contacts that the service knows and its database lacks."""
_NO_NUMBERS = {"Date", "DateTime", "String", "Enum", "Blob"}


class OpenTable:
    """A data table of an account, as a caller sees it."""

    def __init__(self, world: World, name: str) -> None:
        """Open a table.

        Args:
            world: The account and the switches.
            name: The name of the table; case matters.

        Raises:
            FaultError: There is no such table, or it is closed to the caller.
        """
        view = TABLES.get(name)
        if view is None:
            raise named(9, f"No table found: {name}")
        switches = world.switches
        if name in switches.legacy_hidden_tables.replace(",", " ").split():
            raise named(7, f"No access to table: {name}")
        self.name = name
        self._world = world
        self._view = view
        self._rows = view.rows(world.account)
        self._language = Language(switches.xmlrpc_collation, switches.xmlrpc_int_conditions == "text")
        inferred = switches.legacy_fields == "all"
        self._columns = {
            column.name: column
            for column in (*view.columns, *view.custom(world.account))
            if not column.retired and (inferred or not column.inferred)
        }
        self._kept = _kept_results(world.account)

    # -- fields --------------------------------------------------------------------------------------------

    def column(self, name: object) -> Column:
        """Return a column that may be read.

        Raises:
            FaultError: There is none of that name, or it may not be read.
            InvocationError: The name is no text.
        """
        if not isinstance(name, str):
            kind = {int: "java.lang.Integer", dict: "java.util.HashMap"}.get(type(name), "java.lang.Object")
            raise InvocationError(f"{kind} cannot be cast to java.lang.String")
        column = self._columns.get(name)
        if column is None:
            raise named(10, f"No field found: {self.name}.{name}")
        if "R" not in column.access:
            raise named(8, f"No access to field: {self.name}.{name}")
        return column

    def fields(self, names: list[Any], *, by_email: bool = False) -> list[str]:
        """Check the fields that a call asks for; one bad field fails the whole call.

        Args:
            names: The fields.
            by_email: The call is for contacts with an email address.

        Raises:
            FaultError: There are none, or one cannot be read.
            InvocationError: One is no text, or is missing in the database.
        """
        if not names:
            raise named(11, "No fields requested")
        found = list(dict.fromkeys(self.column(name).name for name in names))
        breaks = by_email or self._world.switches.legacy_account_id == "all"
        if breaks and self.name == "Contact" and _MISSING in found:
            raise InvocationError(f"Unknown column 'Contact.{_MISSING}' in 'field list'")
        return found

    # -- rows ----------------------------------------------------------------------------------------------

    def load(self, key: int, fields: list[Any]) -> LegacyRow:
        """Return fields of one record.

        Raises:
            FaultError: There is no such record, or a field cannot be read.
        """
        names = self.fields(fields)
        try:
            return self._struct(key, names)
        except KeyError:
            raise not_found() from None

    def conditions(self, query: Mapping[str, Any]) -> list[Condition]:
        """Read conditions, all of which rows have to meet."""
        return [self._language.read(self.name, self.column(name), value) for name, value in query.items()]

    def find(self, conditions: Iterable[Condition]) -> Sequence[int]:
        """Return the keys of the rows that meet all conditions, in ascending order."""
        key_column = self._view.id_column
        own = [one for one in conditions if key_column and one.column.name == key_column]
        others = [one for one in conditions if one not in own]
        listed = any(one.keys is not None for one in own)
        keys = self._rows.keys()
        if others and not listed:
            marks = tuple(sorted(one.mark for one in others))
            keys = self._keep(("keys", *marks), lambda: self._meeting(self._rows.keys(), others))
        for one in own:
            keys = one.cut(keys)
        return self._meeting(keys, others) if others and listed else keys

    def page(
        self,
        query: Mapping[str, Any],
        fields: list[Any],
        limit: int,
        number: int,
        order: str = "",
        *,
        ascending: bool = False,
    ) -> Page:
        """Return a page of rows.

        Args:
            query: The conditions.
            fields: The names of the fields to return.
            limit: The number of rows on a page.
            number: The number of the page, from 0. Pages are counted from 0 in every call.
            order: The column to sort by; without one the order is arbitrary, but always the same.
            ascending: Sort from the least to the greatest.
        """
        names = self.fields(fields)
        conditions = self.conditions(query)
        column = self.column(order) if order else None
        if limit > ROWS_MAX and self._world.switches.xmlrpc_limit_over == "fault":
            raise named(12, f"The limit must not exceed {ROWS_MAX}")
        if limit < 0 or number < 0:
            raise named(12, "Limit and page must not be negative")
        size = min(limit, ROWS_MAX, self._world.switches.page_rows_max or ROWS_MAX)
        keys = self._sorted(conditions, column, ascending=ascending)[number * size : (number + 1) * size]
        return Page([self._struct(key, names) for key in keys], list(keys))

    def _struct(self, key: int, names: list[str]) -> LegacyRow:
        row = self._rows.part(key, names)
        return {name: row.get(name) for name in names} if self._world.switches.xmlrpc_extensions else row

    def _meeting(self, keys: Iterable[int], conditions: list[Condition]) -> array[int]:
        for one in conditions:
            test, name, value = one.test, one.column.name, self._rows.value
            keys = array("q", (key for key in keys if test(value(key, name))))
        return keys if isinstance(keys, array) else array("q", keys)

    def _sorted(
        self, conditions: list[Condition], column: Column | None, *, ascending: bool
    ) -> Sequence[int]:
        switches = self._world.switches
        if column is None and switches.list_order == "id":
            return self.find(conditions)
        if column is not None and column.name == self._view.id_column:
            keys = self.find(conditions)
            return keys if ascending else keys[::-1]
        salt = next(_CALLS) if column is not None and switches.order_ties == "moving" else 0
        marks = tuple(sorted(one.mark for one in conditions))
        return self._keep(
            ("order", column and column.name, ascending, salt, *marks),
            lambda: self._in_order(self.find(conditions), column, salt, ascending=ascending),
        )

    def _in_order(
        self, keys: Sequence[int], column: Column | None, salt: int, *, ascending: bool
    ) -> array[int]:
        # Rows with equal values, and all without an order, come in an order that is not that of their ids
        mixed = sorted(keys, key=lambda key: mix(key ^ salt ^ 0x5EED))
        if column is not None:
            name, value = column.name, self._rows.value
            textual, weigh = column.type in _NO_NUMBERS, self._language.weigh

            def sort_key(key: int) -> tuple[int, float, str]:
                found = value(key, name)
                if found is None:
                    return 0, 0.0, ""  # null comes first
                if not textual and isinstance(found, int | float):
                    return 1, found, ""
                return 2, 0.0, weigh(as_text(found))

            mixed.sort(key=sort_key, reverse=not ascending)
        return array("q", mixed)

    def _keep(self, mark: tuple[object, ...], make: Callable[[], Sequence[int]]) -> Sequence[int]:
        """Return keys that were found before, or find and keep them. They last as long as the rows do."""
        full = (self.name, self._rows.stamp(), self._language, *mark)
        kept = self._kept.pop(full, None)
        self._kept[full] = found = make() if kept is None else kept
        while len(self._kept) > _RESULTS_KEPT:
            self._kept.popitem(last=False)
        return found


_CALLS = count(1)
_Kept = OrderedDict[tuple[object, ...], Sequence[int]]
_KEPT: WeakKeyDictionary[Account, _Kept] = WeakKeyDictionary()


def _kept_results(account: Account) -> _Kept:
    return _KEPT.setdefault(account, OrderedDict())
