"""What is left to do for columns once msgspec has decoded rows, for all values of a chunk at once."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import msgspec

    from tap_infusionsoft.records.coerce import Coerce
    from tap_infusionsoft.records.repair_log import RepairLog
    from tap_infusionsoft.streams.columns import Schema

_DAY = (
    r"(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_USUAL = {
    "date": re.compile(rf"(?:{_DAY}\n)*"),
    "date-time": re.compile(rf"(?:{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{3}}Z\n)*"),
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


class Copied(NamedTuple):
    """A column with another name on the wire: its value is copied from the attribute that was decoded.

    Attributes:
        column: Attribute of the column.
        wire: Attribute that was decoded.
    """

    column: str
    wire: str

    def __call__(self, rows: Iterable[Any]) -> None:
        """Copy the values of some rows."""
        for row in rows:
            setattr(row, self.column, getattr(row, self.wire))


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

    def __call__(self, rows: Iterable[Any]) -> None:
        """Fill in the column of some rows."""
        column, take, source = self.column, self.take, attrgetter(self.source)
        for row in rows:
            found = source(row)
            if found is not None:
                setattr(row, column, take(found))


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
        outer: Attribute of the rows.
        inner: Attribute of the object in it, or of the objects in the list in it, if the values are in those.
        coerce: Makes a value fit.
        plain: Types of values that need no coercion ...
        usual: ... if their texts match this, one a line.
    """

    outer: str
    inner: str | None
    coerce: Coerce
    plain: frozenset[type]
    usual: re.Pattern[str] | None = None

    def __call__(self, rows: Sequence[Any], log: RepairLog, settle: Callable[[Any], None]) -> None:
        """Coerce the values of some rows, if they need it.

        Args:
            rows: The rows.
            log: Where `coerce` notes changed values.
            settle: Called with the row that holds such a value.
        """
        holders = rows if self.inner is None else _objects(map(attrgetter(self.outer), rows))
        name = self.inner or self.outer
        values = list(map(attrgetter(name), holders))
        if self._fit_already(values):
            return
        pending = log.pending
        for holder, value in zip(holders, values, strict=True):
            if value is not None and value is not UNSET:
                setattr(holder, name, self.coerce(value))
                if pending:
                    settle(holder if self.inner is None else self._row_of(holder, rows))

    def _fit_already(self, values: Sequence[Any]) -> bool:
        if not self.plain.issuperset(map(type, values)) or not self._hold_texts(values):
            return False
        if self.usual is None:
            return True
        texts = [value for value in values if type(value) is str]
        lines = "\n".join([*texts, ""])
        return self.usual.fullmatch(lines) is not None and lines.count("\n") == len(texts)

    def _hold_texts(self, values: Iterable[Any]) -> bool:
        """Whether lists, if the values of this column are lists, hold nothing but texts."""
        if list not in self.plain:
            return True
        lists = [value for value in values if type(value) is list]
        return _TEXTS.issuperset(map(type, chain.from_iterable(lists)))

    def _row_of(self, holder: Any, rows: Iterable[Any]) -> Any:
        """Find the row that holds an object."""
        return next(row for row in rows if any(one is holder for one in _objects([getattr(row, self.outer)])))


def _objects(values: Iterable[Any]) -> list[Any]:
    """The objects among some values, and in lists among them."""
    found: list[Any] = []
    for value in values:
        if type(value) is list:
            found += [inner for inner in value if inner is not None]
        elif value is not None:
            found.append(value)
    return found


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


def coerced(schema: Schema, attribute: str, coerce: Coerce, inner: str | None = None) -> Coerced:
    """Return the fix-up for values with a schema.

    Args:
        schema: The schema.
        attribute: Attribute of the rows.
        coerce: Makes a value fit.
        inner: Attribute of the objects in it, if the values are in those.
    """
    kinds = schema.get("type", ())
    kinds = {kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"}
    plain = _PLAIN.get(kinds.pop(), frozenset()) if len(kinds) == 1 else frozenset()
    items = schema.get("items", {})
    if set(items.get("type", ())) == {"string", "null"} and "format" not in items:
        plain = frozenset({list})
    return Coerced(attribute, inner, coerce, plain | _NOTHING, _USUAL.get(schema.get("format", "")))
