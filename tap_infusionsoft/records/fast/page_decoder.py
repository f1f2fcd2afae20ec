"""Rows of pages decoded into records: msgspec checks and converts in C what the schema says.

A row for which that is not enough stays a document, and goes the longer way of `records.Conformer`. Both ways make
the same records of what both can take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import msgspec
from msgspec import UNSET, Raw, defstruct

from tap_infusionsoft.client.lenient_json import Mended, is_odd, parse
from tap_infusionsoft.records.coerce import fitted
from tap_infusionsoft.records.custom_fields import RAW, FieldValue, id_and_content
from tap_infusionsoft.records.fast.column_fixups import Check, Moved, Renamed, check
from tap_infusionsoft.records.fast.msgspec_types import TIMES, Key, native, native_object
from tap_infusionsoft.records.fast.raw_rows import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tap_infusionsoft.records.coerce import Drift
    from tap_infusionsoft.records.custom_fields import Spread
    from tap_infusionsoft.records.fast.raw_rows import Sealed
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.columns import Schema

_MOST_MISFITS = 20
"""How often in a row there are more misfits than fits before typed decoding is given up for the stream."""
_ABOVE = 5
"""Levels of nesting above a value, at most: the document, its rows, the row, its custom fields, one of them."""
_NUL = re.compile(rb"\\u0000")
_UNREADABLE = (ValueError, RecursionError, InvalidOperation)
"""What msgspec raises where `parse` mends, or says what is wrong."""

_FieldValues: Any = list[FieldValue] | None


class Row(msgspec.Struct, gc=False):
    """A row of a page. Subclasses have its columns."""


class Unreadable(NamedTuple):
    """A row that no document can be made of."""

    reason: str
    text: str


@dataclass(slots=True)
class _Layout:
    """The fields of a struct of rows."""

    wires: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)
    _fields: list[tuple[str, Any] | tuple[str, Any, Any]] = field(default_factory=list)

    def add(self, attribute: str, name: str, kind: Any, *default: Any) -> None:
        """Add a field, with its name in JSON. Without a default it must be there."""
        self._names[attribute] = name
        self._fields.append((attribute, kind, *default))

    def struct(self) -> type[Row]:
        """Make the struct."""
        made = defstruct(
            "Columns",
            self._fields,
            bases=(Row,),
            rename=self._names,
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        assert issubclass(made, Row)  # noqa: S101  # for the type checker
        return made


class Typed:
    """Decodes pages of one stream, and makes records of their rows."""

    def __init__(
        self,
        collection: Collection,
        schema: Schema,
        selected: Sequence[str],
        ignored: frozenset[str],
        spread: Spread | None,
        drift: Drift,
    ) -> None:
        """A decoder.

        Args:
            collection: The stream's declaration; see `is_possible`.
            schema: Schema of its records.
            selected: The columns that records shall have.
            ignored: Names on the wire that are left out without a word.
            spread: What spreads custom fields over columns.
            drift: Counts what does not fit.
        """
        self._seal = Seal(collection)
        self._mended = Mended()
        self._spread = spread
        self._drift = drift
        self._checks: list[Check] = []
        self._moved: list[Moved] = []
        self._renamed: list[Renamed] = []
        self._loose: list[str] = []
        self._hidden: list[str] = []
        self._columns = {name: f"c{place}" for place, name in enumerate(selected)}
        self._values = ""
        self._misfits = 0
        layout = _Layout()
        self._custom = self._custom_columns(schema) if spread is not None else {}
        for name in selected:
            self._add_column(layout, collection, name, schema["properties"][name])
        known = {collection.wire.name(name) for name in schema["properties"]}
        known |= {RAW} if spread is not None else set()
        self._add_hidden(layout, sorted((known | ignored) - layout.wires))
        row = layout.struct()
        self._rows = _decoder(GenericAlias(list, (row,)))
        self._row = _decoder(row)

    def _add_column(self, layout: _Layout, collection: Collection, name: str, schema: Schema) -> None:
        attribute, wire = self._columns[name], collection.wire.name(name)
        own = attribute
        if wire != name:
            own = f"w{attribute}"
            self._moved.append(Moved(attribute, own))
            self._hidden.append(own)
            layout.add(attribute, name, Any, None)
        elif self._spread is not None and name == RAW:
            self._values = attribute
        layout.wires.add(wire)
        is_given = name in collection.given
        kind = None if is_given else native(schema, name, collection.wire.renamed)
        if kind is None:
            fit = fitted(schema, name, self._drift, collection.wire.renamed)
            self._checks.append(check(schema, attribute, fit))
            self._loose += [] if is_given else [own]
            layout.add(own, wire, Any, None)
        elif name in collection.required:
            layout.add(own, wire, Key)
        else:
            self._note_times(schema, attribute, name)
            self._note_names(schema, kind, attribute, name, collection.wire.renamed)
            layout.add(own, wire, kind | None, None)

    def _custom_columns(self, schema: Schema) -> dict[str, str]:
        """Id of each custom field -> attribute of its column; empty if it is not selected."""
        found = {}
        for ident, (column, fit) in self._spread.fits.items() if self._spread is not None else ():
            found[ident] = self._columns.get(column, "")
            if column in self._columns:
                self._checks.append(check(schema["properties"][column], self._columns[column], fit))
        return found

    def _add_hidden(self, layout: _Layout, wires: Sequence[str]) -> None:
        """Known properties that no column shows. They are set to nothing in the end."""
        for place, wire in enumerate(wires):
            attribute = f"h{place}"
            self._hidden.append(attribute)
            if wire == RAW and self._spread is not None:
                self._values = attribute
                layout.add(attribute, wire, _FieldValues, UNSET)
            else:
                layout.add(attribute, wire, Raw, UNSET)

    def _note_times(self, schema: Schema, attribute: str, name: str) -> None:
        if schema.get("format") in TIMES:
            self._checks.append(check(schema, attribute, fitted(schema, name, self._drift)))
        inside = schema.get("items", {}).get("properties", {}) or schema.get("properties", {})
        name += "[]" if "items" in schema else ""
        for place, (own, inner) in enumerate(inside.items()):
            if inner.get("format") in TIMES:
                fit = fitted(inner, f"{name}.{own}", self._drift)
                self._checks.append(check(inner, attribute, fit, f"p{place}"))

    def _note_names(
        self, schema: Schema, kind: Any, attribute: str, name: str, renamed: Mapping[str, str]
    ) -> None:
        path = f"{name}[]" if "items" in schema else name
        properties = schema.get("items", schema).get("properties", {})
        if any(f"{path}.{own}" in renamed for own in properties):
            wire = get_args(get_args(kind)[0])[0] if "items" in schema else kind
            self._renamed.append(Renamed(attribute, wire, native_object(properties, path, {})))

    def __call__(self, body: bytes, mended: Mended) -> dict[str, Any] | None:
        """Take an answer apart; `open` decodes its rows.

        Args:
            body: The answer.
            mended: Counts what has to be mended in them.

        Returns:
            What a page is known by; None if this is no page, or one that has to be read more carefully.
        """
        self._mended = mended
        return self._seal(body) if self._misfits < _MOST_MISFITS else None

    def open(self, sealed: Sequence[Sealed]) -> list[Any]:
        """Decode some rows of a page: rows, documents where they do not fit, and `Unreadable`."""
        body = b"[%b]" % b",".join([one.raw for one in sealed])
        found: list[Any] = []
        try:
            found = self._rows.decode(body)
        except msgspec.ValidationError:
            found = [self._one(one.raw) for one in sealed]
        except _UNREADABLE:
            pass
        rows = [one for one in found if isinstance(one, Row)]
        self._misfits = 0 if len(rows) * 2 > len(sealed) else self._misfits + 1
        if not found or _NUL.search(body) or self._is_odd(rows):
            return [self._document(one.raw) for one in sealed]
        return found

    def _one(self, raw: Raw) -> Any:
        try:
            return self._row.decode(raw)
        except _UNREADABLE:
            return self._document(raw)

    def _document(self, raw: Raw) -> dict[str, Any] | Unreadable:
        try:
            document: dict[str, Any] = parse(bytes(raw), self._mended)
        except ValueError as error:
            return Unreadable(str(error), bytes(raw).decode(errors="replace"))
        return document

    def _is_odd(self, rows: list[Row]) -> bool:
        """Whether values that have no type in the schema hold what must be mended."""
        loose = [value for name in self._loose for value in map(attrgetter(name), rows)]
        if self._values in self._hidden:
            lists = filter(None, map(attrgetter(self._values), rows))
            loose += [value.content for one in lists for value in one]
        try:
            return is_odd(loose, _ABOVE)
        except ValueError:
            return True

    def finish(self, rows: Sequence[Row], values: Mapping[str, str]) -> None:
        """Make records of rows.

        Args:
            rows: The rows.
            values: Columns that are the same for all of them.
        """
        for moved in self._moved:
            for row in rows:
                setattr(row, moved.column, getattr(row, moved.wire))
        for name in values.keys() & self._columns.keys():
            _set(rows, self._columns[name], values[name])
        if self._spread is not None and self._values:
            self._spread_over(rows, self._spread)
        for renamed in self._renamed:
            renamed(rows)
        for one in self._checks:
            one(rows)
        for attribute in self._hidden:
            _set(rows, attribute, UNSET)

    def _spread_over(self, rows: Sequence[Row], spread: Spread) -> None:
        """Put the values of custom fields into their columns, as they came."""
        values, attribute_of = attrgetter(self._values), self._custom.get
        is_decoded = self._values in self._hidden
        for row in rows:
            for value in values(row) or ():
                # There are so many that the usual ones are done in line.
                attribute = attribute_of(value.id) if is_decoded else None
                if attribute:
                    setattr(row, attribute, value.content)
                else:
                    self._spread_one(row, value, spread)

    def _spread_one(self, row: Row, value: Any, spread: Spread) -> None:
        ident, content = id_and_content(value)
        attribute = self._custom.get(ident)
        if attribute:
            setattr(row, attribute, content)
        elif attribute is None:
            spread.note(ident)

    def newest(self, rows: Iterable[Row], column: str) -> str:
        """The latest of the times in a column; empty without one. For rows that are finished."""
        return max(filter(None, map(attrgetter(self._columns[column]), rows)), default="")


def _set(rows: Iterable[Row], attribute: str, value: Any) -> None:
    for row in rows:
        setattr(row, attribute, value)


def is_possible(
    collection: Collection, is_selected: Callable[[tuple[str, ...]], bool], schema: Schema
) -> bool:
    """Whether a stream's pages can be decoded like that.

    Args:
        collection: Its declaration.
        is_selected: Whether a property is selected, by its breadcrumb.
        schema: Schema of its records.
    """
    if (
        collection.endpoint.items is None
        or collection.row_key
        or collection.wire.unpack
        or collection.wire.bare
    ):
        return False
    wires = {collection.wire.name(name) for name in schema["properties"]}
    keys = [
        schema["properties"].get(name, {}) for name in collection.required if name not in collection.given
    ]
    return (
        len(wires) == len(schema["properties"])
        and any(name not in collection.given for name in collection.key)
        and all(
            is_selected(("properties", name)) for name in collection.required if name in schema["properties"]
        )
        and (collection.changes.key is None or is_selected(("properties", collection.changes.key)))
        and all(one.get("type") == "string" and one.get("format") not in TIMES for one in keys)
        and all(
            _is_whole(inner, ("properties", name), is_selected)
            for name, inner in schema["properties"].items()
        )
    )


def _is_whole(
    schema: Schema, breadcrumb: tuple[str, ...], is_selected: Callable[[tuple[str, ...]], bool]
) -> bool:
    """Whether a property is selected with all that is in it, or not at all."""
    if not is_selected(breadcrumb):
        return True
    inner = {(*breadcrumb, "properties", name): one for name, one in schema.get("properties", {}).items()}
    return all(is_selected(one) and _is_whole(below, one, is_selected) for one, below in inner.items())


def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=Decimal)
