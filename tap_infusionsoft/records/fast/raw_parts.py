"""Rows that are parts of others, such as the items of orders, while both are still bytes.

What parts carry along from the outer row is looked up in it; the parts themselves are decoded later.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import Raw, defstruct

from tap_infusionsoft.client.lenient_json import RepairedObject, is_odd, unpack
from tap_infusionsoft.records.fast.raw_rows import (
    NUL,
    UNREADABLE,
    RawRow,
    UnreadableRow,
    raw_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tap_infusionsoft.streams.row_transforms import Inside

_CHUNK = 50
"""Outer rows that are looked into at a time."""
_ABOVE = 2
"""Least levels of nesting above a value that is carried along: the document and its rows."""


class RawPart(NamedTuple):
    """A row that is a part of another.

    Attributes:
        row: Its own properties.
        along: What it carries along from the outer row, and its number, by column.
        inside: What makes rows of the outer one.
    """

    row: RawRow
    along: Mapping[str, Any]
    inside: Inside

    @property
    def raw(self) -> Raw:
        """The JSON of its own properties."""
        return self.row.raw

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a property that is not computed."""
        return self.along[name] if name in self.along else self.row.get(name, default)

    def object(self) -> dict[str, Any] | UnreadableRow:
        """Return the row as an object, which knows what was repaired in it."""
        own = self.row.object()
        if isinstance(own, UnreadableRow):
            return own
        if not self.inside.path:
            return next(unpack(own, self.inside))
        row = self.inside.completed(own, self.along)
        if not isinstance(own, RepairedObject):
            return row
        replaced = self.along.keys() | self.inside.computed.keys()
        return RepairedObject(row, [one for one in own.repairs if one.path[0] not in replaced])


class Opened(NamedTuple):
    """Some outer rows, opened.

    Attributes:
        rows: The rows that are in them: `RawPart`s, objects, or a `RawRow` that cannot be opened.
        outer: What has the values that the outer rows share with these.
    """

    rows: list[Any]
    outer: list[Any]


class PartSplitter:
    """Splits outer rows into their parts."""

    def __init__(self, inside: Inside) -> None:
        """Prepare the decoder.

        Args:
            inside: Where the parts are.
        """
        self._inside = inside
        paths = [*filter(None, [inside.path]), *inside.carried.values()]
        names: dict[str, str] = {}
        outer = _outer_type([tuple(path.split(".")) for path in paths], inside.path, "", names)
        self._rows = msgspec.json.Decoder(GenericAlias(list, (outer,)), float_hook=Decimal)
        self._row = msgspec.json.Decoder(outer, float_hook=Decimal)
        self._parts = _getter(names[inside.path]) if inside.path else None
        self._carried = {column: _getter(names[path]) for column, path in inside.carried.items()}

    def __call__(self, page: Sequence[RawRow]) -> Opened:
        """Open the rows of a page."""
        opened = Opened([], [])
        for start in range(0, len(page), _CHUNK):
            self._open(page[start : start + _CHUNK], opened)
        return opened

    def _open(self, rows: Sequence[RawRow], opened: Opened) -> None:
        found = self._decode(rows)
        for row, outer in zip(rows, found, strict=True):
            if outer is None:
                whole = row.object()
                if isinstance(whole, UnreadableRow):
                    opened.rows.append(row)
                else:
                    opened.rows.extend(unpack(whole, self._inside))
                    opened.outer.append(whole)
                continue
            along = {column: get(outer) for column, get in self._carried.items()}
            opened.outer.append(along)
            opened.rows.extend(self._parts_of(row, outer, along))

    def _parts_of(self, row: RawRow, outer: Any, along: dict[str, Any]) -> Iterator[RawPart]:
        number, inside = self._inside.number, self._inside
        if self._parts is None:
            yield RawPart(row, along, inside)
            return
        for place, raw in enumerate(self._parts(outer) or (), 1):
            yield RawPart(raw_row(raw), {**along, number: place} if number else along, inside)

    def _decode(self, rows: Sequence[RawRow]) -> Sequence[Any]:
        """Decode what is needed of some rows; None for those that have to be opened in the plain way."""
        body = b"[%b]" % b",".join([row.raw for row in rows])
        nothing = [None] * len(rows)
        if NUL.search(body):
            return nothing
        try:
            found = self._rows.decode(body)
        except msgspec.ValidationError:
            found = [self._decode_one(row.raw) for row in rows]
        except UNREADABLE:
            return nothing
        known = [outer for outer in found if outer is not None]
        values = [value for get in self._carried.values() for value in map(get, known)]
        try:
            if is_odd(values, _ABOVE):
                return nothing
        except ValueError:
            return nothing
        return [outer if outer is not None and self._has_objects(outer) else None for outer in found]

    def _decode_one(self, raw: Raw) -> Any:
        try:
            return self._row.decode(raw)
        except UNREADABLE:
            return None

    def _has_objects(self, outer: Any) -> bool:
        """Whether the parts of an outer row are objects."""
        return self._parts is None or all(map(_is_object, self._parts(outer) or ()))


def _is_object(raw: Raw) -> bool:
    return bytes(memoryview(raw)[:1]) == b"{"


@cache
def part_splitter(inside: Inside) -> PartSplitter:
    """Return what splits outer rows."""
    return PartSplitter(inside)


def opened(page: Sequence[RawRow], into_rows: Callable[[Any], Iterable[dict[str, Any]]]) -> Opened:
    """Open outer rows in the plain way: decoded completely.

    Args:
        page: The rows.
        into_rows: Makes rows of one.
    """
    found = Opened([], [])
    for row in page:
        whole = row.object()
        if isinstance(whole, UnreadableRow):
            found.rows.append(row)
        else:
            found.rows.extend(unpack(whole, into_rows))
            found.outer.append(whole)
    return found


def _outer_type(paths: Sequence[tuple[str, ...]], parts: str, prefix: str, names: dict[str, str]) -> Any:
    """Make a type for outer rows, or for objects in them, with just these paths.

    Args:
        paths: The paths.
        parts: The one of them that leads to the parts.
        prefix: Path of the object and a dot; empty for the row.
        names: Gets the attributes that lead to each path.
    """
    fields: list[tuple[str, Any, Any]] = []
    wires: dict[str, str] = {}
    for place, wire in enumerate(dict.fromkeys(path[0] for path in paths)):
        attribute, path = sys.intern(f"o{place}"), f"{prefix}{wire}"
        wires[attribute] = wire
        below = [one[1:] for one in paths if one[0] == wire and len(one) > 1]
        if below:
            inner: dict[str, str] = {}
            kind = _outer_type(below, parts, f"{path}.", inner) | None
            names |= {own: f"{attribute}.{rest}" for own, rest in inner.items()}
        else:
            kind = GenericAlias(list, (Raw,)) | None if path == parts else Any
            names[path] = attribute
        fields.append((attribute, kind, None))
    return defstruct("Outer", fields, rename=wires, gc=False)


def _getter(path: str) -> Callable[[Any], Any]:
    """Return a function that gets the value at a path of attributes; None if an object on the way is null."""
    if "." not in path:
        return attrgetter(path)
    get, steps = attrgetter(path), path.split(".")

    def careful(outer: Any) -> Any:
        try:
            return get(outer)
        except AttributeError:
            for step in steps:
                outer = getattr(outer, step, None)
            return outer

    return careful
