"""What is left to do for columns once msgspec has decoded rows, for all values of a chunk at once."""

from __future__ import annotations

import re
from collections import deque
from decimal import Decimal
from itertools import chain, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET, UnsetType

from tap_infusionsoft.streams.currencies import decimals, whole_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import msgspec

    from tap_infusionsoft.records.coerce import Coerce
    from tap_infusionsoft.records.repair_log import RepairLog
    from tap_infusionsoft.streams.columns import Schema

_DAY = (
    r"(?!0000)[0-9][0-9][0-9][0-9]-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_USUAL = {
    "date": re.compile(rf"(?:{_DAY}\n)*"),
    "date-time": re.compile(rf"(?:{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9][0-9][0-9]Z\n)*"),
}
"""Times that need no conversion, one a line. 29 February is not among them: it takes the slow path."""

_NOTHING: frozenset[type] = frozenset({type(None), UnsetType})
_PLAIN: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, Decimal}),
    "boolean": frozenset({bool}),
}
"""Type in the schema -> types of values that need no conversion."""
_TEXTS = _NOTHING | {str}

Place = tuple[str, ...]
"""Attributes that lead from a row to objects inside it, also through lists; empty for the row itself."""


class Chunk:
    """Some rows, and the objects inside them."""

    def __init__(self, rows: Sequence[Any]) -> None:
        """Nothing has been looked for yet.

        Args:
            rows: The rows.
        """
        self._found: dict[Place, Sequence[Any]] = {(): rows}

    def objects(self, place: Place) -> Sequence[Any]:
        """Return the objects at a place in all rows, in order."""
        found = self._found.get(place)
        if found is None:
            values = map(attrgetter(place[-1]), self.objects(place[:-1]))
            found = [value for value in values if value is not None and value is not UNSET]
            if found and type(found[0]) is list:
                found = [one for one in chain.from_iterable(found) if one is not None]
            self._found[place] = found
        return found

    def values(self, place: Place, name: str) -> list[Any]:
        """Return the values of an attribute of the objects at a place."""
        return [*map(attrgetter(name), self.objects(place))]


def set_all(objects: Iterable[Any], name: str, values: Iterable[Any]) -> None:
    """Set an attribute of each object to its own value."""
    deque(map(setattr, objects, repeat(name), values), maxlen=0)


class Copied(NamedTuple):
    """A column with another name on the wire: its value is copied from the attribute that was decoded.

    Attributes:
        column: Attribute of the column.
        wire: Attribute that was decoded.
    """

    column: str
    wire: str

    def __call__(self, rows: Sequence[Any]) -> None:
        """Copy the values of some rows."""
        set_all(rows, self.column, map(attrgetter(self.wire), rows))


class Amounts(NamedTuple):
    """Amounts of money, whose plain number the tap computes.

    Attributes:
        place: Where they are.
        amount: Their attribute with the amount in the smallest unit ...
        currency: ... with the currency ...
        decimal: ... and with the amount in whole units.
    """

    place: Place
    amount: str
    currency: str
    decimal: str

    def __call__(self, chunk: Chunk) -> None:
        """Compute the numbers."""
        objects = chunk.objects(self.place)
        amounts = chunk.values(self.place, self.amount)
        currencies = {*chunk.values(self.place, self.currency)}
        found: Iterable[Decimal | None]
        if len(currencies) == 1 and {*map(type, amounts)} == {int}:
            places = repeat(-decimals(currencies.pop()))
            found = map(Decimal.scaleb, map(Decimal, amounts), places)
        else:
            found = [
                whole_units(amount, getattr(one, self.currency)) if type(amount) is int else None
                for one, amount in zip(objects, amounts, strict=True)
            ]
        set_all(objects, self.decimal, found)


class ComputedFrom(NamedTuple):
    """A column that is computed from values in the same row.

    Attributes:
        column: Attribute of the column.
        sources: Get these values.
        make: Computes from them.
    """

    column: str
    sources: Sequence[Callable[[Any], Any]]
    make: Callable[..., Any]

    def __call__(self, rows: Sequence[Any]) -> None:
        """Fill in the column of some rows."""
        set_all(rows, self.column, map(self.make, *(map(get, rows) for get in self.sources)))


class TakenInside(NamedTuple):
    """A flat column: its value is taken from inside the value of another column, before that is coerced.

    Attributes:
        column: Attribute of the flat column, which is null so far.
        source: Attribute of the other one.
        take: Takes a value out of another that is not null.
    """

    column: str
    source: str
    take: Callable[[Any], Any]

    def __call__(self, rows: Sequence[Any]) -> None:
        """Fill in the column of some rows."""
        take = self.take
        found = map(attrgetter(self.source), rows)
        set_all(rows, self.column, [None if value is None else take(value) for value in found])


def attributes(schema: Schema, steps: Sequence[str]) -> Callable[[Any], Any]:
    """Return a function that takes a value out of an object that was decoded into its `object_type`.

    Args:
        schema: Schema of the object.
        steps: The names of properties that lead to the value.

    Returns:
        The function. It returns None if Keap did not send the value, or the schema does not have it.
    """
    names: list[str] = []
    for step in steps:
        properties = schema.get("properties", {})
        if step not in properties:
            return lambda _: None
        names.append(f"p{list(properties).index(step)}")
        schema = properties[step]

    def take(value: Any) -> Any:
        for name in names:
            value = getattr(value, name, None)
        return None if value is UNSET else value

    return take


class Coerced(NamedTuple):
    """A column whose values may have to be coerced: they are only if a look at all of them says so.

    Attributes:
        place: Where the objects with the values are.
        name: Attribute of these.
        coerce: Makes a value fit.
        plain: Types of values that need no coercion ...
        usual: ... if their texts match this, one a line.
    """

    place: Place
    name: str
    coerce: Coerce
    plain: frozenset[type]
    usual: re.Pattern[str] | None = None

    def __call__(self, chunk: Chunk, log: RepairLog, settle: Callable[[Any], None]) -> None:
        """Coerce the values of some rows, if they need it.

        Args:
            chunk: The rows.
            log: Where `coerce` notes changed values.
            settle: Called with the row that holds such a value.
        """
        values = chunk.values(self.place, self.name)
        if self._fit_already(values):
            return
        pending = log.pending
        for holder, value in zip(chunk.objects(self.place), values, strict=True):
            if value is not None and value is not UNSET:
                setattr(holder, self.name, self.coerce(value))
                if pending:
                    settle(self._row_of(holder, chunk))

    def _fit_already(self, values: list[Any]) -> bool:
        kinds = {*map(type, values)}
        if not kinds <= self.plain or (list in kinds and not _hold_texts(values)):
            return False
        if self.usual is None or str not in kinds:
            return True
        texts = values if len(kinds) == 1 else [value for value in values if type(value) is str]
        lines = "\n".join([*texts, ""])
        return self.usual.fullmatch(lines) is not None and lines.count("\n") == len(texts)

    def _row_of(self, holder: Any, chunk: Chunk) -> Any:
        """Find the row that holds an object."""
        if not self.place:
            return holder
        rows = chunk.objects(())
        return next(row for row in rows if any(one is holder for one in Chunk([row]).objects(self.place)))


def _hold_texts(values: Iterable[Any]) -> bool:
    """Whether the lists among some values hold nothing but texts."""
    lists = [value for value in values if type(value) is list]
    return _TEXTS.issuperset(map(type, chain.from_iterable(lists)))


class RenamedInside(NamedTuple):
    """A column with objects whose properties have other names on the wire.

    Attributes:
        column: Attribute of the column.
        wire: Type of the objects that were decoded.
        renamed: Type of the same objects with the names of the schema.
    """

    column: str
    wire: type[msgspec.Struct]
    renamed: type[msgspec.Struct]

    def __call__(self, rows: Iterable[Any]) -> None:
        """Replace the objects of some rows."""
        names = self.wire.__struct_fields__
        values = attrgetter(*names, names[0])  # at least two, so that it returns a tuple
        for row in rows:
            found = getattr(row, self.column)
            if type(found) is list:
                setattr(row, self.column, [one and self.renamed(*values(one)[:-1]) for one in found])
            elif found is not None:
                setattr(row, self.column, self.renamed(*values(found)[:-1]))


def coerced(schema: Schema, place: Place, name: str, coerce: Coerce) -> Coerced:
    """Return the fix-up for values with a schema.

    Args:
        schema: The schema.
        place: Where the objects with the values are.
        name: Attribute of these.
        coerce: Makes a value fit.
    """
    kinds = schema.get("type", ())
    kinds = {kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"}
    plain = _PLAIN.get(kinds.pop(), frozenset()) if len(kinds) == 1 else frozenset()
    items = schema.get("items", {})
    if set(items.get("type", ())) == {"string", "null"} and "format" not in items:
        plain = frozenset({list})
    return Coerced(place, name, coerce, plain | _NOTHING, _USUAL.get(schema.get("format", "")))
