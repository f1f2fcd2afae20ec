"""What is left to do for columns of rows that msgspec has decoded: a look at all values of a page at once."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import msgspec

    from tap_infusionsoft.records.coerce import Fit
    from tap_infusionsoft.streams.columns import Schema

_DAY = (
    r"(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_USUAL = {
    "date": re.compile(rf"(?:{_DAY}\n)*"),
    "date-time": re.compile(rf"(?:{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{3}}Z\n)*"),
}
"""What times look like that need no conversion, a line each. The last day of February is left to the longer way."""

_NOTHING: frozenset[type] = frozenset({type(None), UnsetType})
_PLAIN: dict[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, Decimal}),
    "boolean": frozenset({bool}),
}
"""Types that values have which need no conversion, by the schema's."""
_TEXTS = _NOTHING | {str}


class Moved(NamedTuple):
    """A column whose name on the wire differs."""

    column: str
    wire: str


class Check(NamedTuple):
    """What is left to do for a column: look at all its values at once, and fit them where that is not enough.

    Attributes:
        outer: Attribute of the rows.
        inner: Attribute of the object in it, or of the objects in the list in it, if the values are in those.
        fit: Makes a value fit.
        plain: Types of values that need no fitting ...
        usual: ... if this matches them, a line each.
    """

    outer: str
    inner: str | None
    fit: Fit
    plain: frozenset[type]
    usual: re.Pattern[str] | None = None

    def __call__(self, rows: Iterable[Any]) -> None:
        """Fit the values of some rows, if they need it."""
        if self.inner is not None:
            rows = _objects(map(attrgetter(self.outer), rows))
        name = self.inner or self.outer
        found = list(map(attrgetter(name), rows))
        if self.plain.issuperset(map(type, found)) and self._are_texts(found):
            texts = [one for one in found if type(one) is str] if self.usual is not None else ()
            if not texts or self._is_usual(texts):
                return
        for row, value in zip(rows, found, strict=True):
            if value is not None and value is not UNSET:
                setattr(row, name, self.fit(value))

    def _are_texts(self, found: Iterable[Any]) -> bool:
        """Whether what is in the lists, if these values are lists, are texts."""
        if list not in self.plain:
            return True
        lists = [one for one in found if type(one) is list]
        return _TEXTS.issuperset(map(type, chain.from_iterable(lists)))

    def _is_usual(self, texts: Sequence[str]) -> bool:
        lines = "\n".join(texts) + "\n"
        assert self.usual is not None  # noqa: S101  # the caller looked
        return self.usual.fullmatch(lines) is not None and lines.count("\n") == len(texts)


def _objects(values: Iterable[Any]) -> list[Any]:
    """The objects among some values, and in lists among them."""
    found: list[Any] = []
    for one in values:
        if type(one) is list:
            found += [inner for inner in one if inner is not None]
        elif one is not None:
            found.append(one)
    return found


class Renamed(NamedTuple):
    """A column with objects whose properties have other names on the wire."""

    column: str
    wire: type[msgspec.Struct]
    made: type[msgspec.Struct]

    def __call__(self, rows: Iterable[Any]) -> None:
        """Put objects with the names of the schema in place of those with the wire's."""
        names = self.wire.__struct_fields__
        values = attrgetter(*names, names[0])  # two at least, so that they are a tuple
        for row in rows:
            found = getattr(row, self.column)
            if type(found) is list:
                setattr(row, self.column, [one and self.made(*values(one)[:-1]) for one in found])
            elif found is not None:
                setattr(row, self.column, self.made(*values(found)[:-1]))


def check(schema: Schema, attribute: str, fit: Fit, inner: str | None = None) -> Check:
    """The check of the values with a schema.

    Args:
        schema: The schema.
        attribute: Attribute of the rows.
        fit: Makes a value fit.
        inner: Attribute of the objects in it, if the values are in those.
    """
    kinds = schema.get("type", ())
    kinds = {kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"}
    plain = _PLAIN.get(kinds.pop(), frozenset()) if len(kinds) == 1 else frozenset()
    items = schema.get("items", {})
    if set(items.get("type", ())) == {"string", "null"} and "format" not in items:
        plain = frozenset({list})
    return Check(attribute, inner, fit, plain | _NOTHING, _USUAL.get(schema.get("format", "")))
