"""Whole pages decoded into rows that are records already: msgspec checks and converts in C what the schema says.

A row for which that is not enough stays a document, and goes the longer way of `records.Conformer`. Both ways make
the same records of what both can take.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, get_args

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType, defstruct

from tap_infusionsoft.client.documents import fraction, parse, survey
from tap_infusionsoft.streams.custom_fields import RAW, FieldValue, id_and_content
from tap_infusionsoft.streams.records import fitted
from tap_infusionsoft.streams.schemas import MONEY_DECIMAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tap_infusionsoft.client.documents import Mended
    from tap_infusionsoft.streams.collection import Collection
    from tap_infusionsoft.streams.custom_fields import Spread
    from tap_infusionsoft.streams.records import Drift, Fit
    from tap_infusionsoft.streams.schemas import Schema

_ABOVE = 3
"""Levels of nesting above a value of a row: the document, its list of rows, the row."""
_MOST_MISFITS = 20
"""Pages in a row with more misfits than fits, before typed decoding is given up for the stream."""

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
_HARMLESS = _NOTHING | {str, bool}
_NOTHING_OR_TEXT = _NOTHING | {str}
_FieldValues: Any = list[FieldValue] | None
_Key = Annotated[str, Meta(min_length=1)]
_Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Row(msgspec.Struct, gc=False):
    """A row of a page. Subclasses have its columns."""

    attributes: ClassVar[dict[str, str]] = {}
    """Name on the wire -> attribute."""

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a property of the wire."""
        attribute = self.attributes.get(name)
        return default if attribute is None else getattr(self, attribute)


class _Moved(NamedTuple):
    """A column whose name on the wire differs."""

    column: str
    wire: str


@dataclass(slots=True)
class _Layout:
    """The fields of a struct of rows."""

    attributes: dict[str, str] = field(default_factory=dict)
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
            namespace={"attributes": self.attributes},
            rename=self._names,
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        assert issubclass(made, Row)  # noqa: S101  # for the type checker
        return made


class _Check(NamedTuple):
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
        return _NOTHING_OR_TEXT.issuperset(map(type, chain.from_iterable(lists)))

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


class _Renamed(NamedTuple):
    """A column with objects whose properties have other names on the wire."""

    column: str
    wire: type[msgspec.Struct]
    made: type[msgspec.Struct]

    def __call__(self, rows: Iterable[Row]) -> None:
        values = attrgetter(*self.wire.__struct_fields__)
        for row in rows:
            found = getattr(row, self.column)
            if type(found) is list:
                setattr(row, self.column, [one and self.made(*values(one)) for one in found])
            elif found is not None:
                setattr(row, self.column, self.made(*values(found)))


def _check(schema: Schema, attribute: str, fit: Fit, inner: str | None = None) -> _Check:
    kinds = schema.get("type", ())
    kinds = {kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"}
    plain = _PLAIN.get(kinds.pop(), frozenset()) if len(kinds) == 1 else frozenset()
    items = schema.get("items", {})
    if set(items.get("type", ())) == {"string", "null"} and "format" not in items:
        plain = frozenset({list})
    return _Check(attribute, inner, fit, plain | _NOTHING, _USUAL.get(schema.get("format", "")))


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
        self._items = str(collection.items)
        self._token = collection.token
        self._spread = spread
        self._drift = drift
        self._checks: list[_Check] = []
        self._moved: list[_Moved] = []
        self._renamed: list[_Renamed] = []
        self._loose: list[str] = []
        self._hidden: list[str] = []
        self._columns = {name: f"c{place}" for place, name in enumerate(selected)}
        self._values = ""
        self._misfits = 0
        layout = _Layout()
        self._custom = self._custom_columns(schema) if spread is not None else {}
        for name in selected:
            self._add_column(layout, collection, name, schema["properties"][name])
        known = {collection.renamed.get(name, name) for name in schema["properties"]}
        known |= {RAW} if spread is not None else set()
        self._add_hidden(layout, sorted((known | ignored) - layout.attributes.keys()))
        row = layout.struct()
        self._page = _decoder(self._envelope(row))
        self._loose_page = _decoder(self._envelope(Raw))
        self._row = _decoder(row)

    def _add_column(self, layout: _Layout, collection: Collection, name: str, schema: Schema) -> None:
        attribute, wire = self._columns[name], collection.renamed.get(name, name)
        own = attribute
        if wire != name:
            own = f"w{attribute}"
            self._moved.append(_Moved(attribute, own))
            self._hidden.append(own)
            layout.add(attribute, name, Any, None)
        elif self._spread is not None and name == RAW:
            self._values = attribute
        layout.attributes[wire] = own
        is_given = name in collection.given
        kind = None if is_given else _native(schema, name, collection.renamed)
        if kind is None:
            fit = fitted(schema, name, self._drift, collection.renamed)
            self._checks.append(_check(schema, attribute, fit))
            self._loose += [] if is_given else [own]
            layout.add(own, wire, Any, None)
        elif name in collection.required:
            layout.add(own, wire, _Key)
        else:
            self._note_times(schema, attribute, name)
            self._note_names(schema, kind, attribute, name, collection.renamed)
            layout.add(own, wire, kind | None, None)

    def _custom_columns(self, schema: Schema) -> dict[str, str]:
        """Id of each custom field -> attribute of its column; empty if it is not selected."""
        found = {}
        for ident, (column, fit) in self._spread.fits.items() if self._spread is not None else ():
            found[ident] = self._columns.get(column, "")
            if column in self._columns:
                self._checks.append(_check(schema["properties"][column], self._columns[column], fit))
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

    def _envelope(self, row: Any) -> Any:
        names = {"rows": self._items, "token": self._token, "count": "count", "fault": "fault"}
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            ("rows", GenericAlias(list, (row,))),
            ("token", Any, None),
            ("count", Any, None),
            ("fault", None, None),
        ]
        return defstruct("Page", fields, rename=names)

    def _note_times(self, schema: Schema, attribute: str, name: str) -> None:
        if schema.get("format") in _USUAL:
            self._checks.append(_check(schema, attribute, fitted(schema, name, self._drift)))
        inside = schema.get("items", {}).get("properties", {}) or schema.get("properties", {})
        name += "[]" if "items" in schema else ""
        for place, (own, inner) in enumerate(inside.items()):
            if inner.get("format") in _USUAL:
                fit = fitted(inner, f"{name}.{own}", self._drift)
                self._checks.append(_check(inner, attribute, fit, f"p{place}"))

    def _note_names(
        self, schema: Schema, kind: Any, attribute: str, name: str, renamed: Mapping[str, str]
    ) -> None:
        path = f"{name}[]" if "items" in schema else name
        properties = schema.get("items", schema).get("properties", {})
        if any(f"{path}.{own}" in renamed for own in properties):
            wire = get_args(get_args(kind)[0])[0] if "items" in schema else kind
            self._renamed.append(_Renamed(attribute, wire, _native_object(properties, path, {})))

    def __call__(self, body: bytes, mended: Mended) -> dict[str, Any] | None:
        """Decode an answer. Rows that do not fit are documents.

        Args:
            body: The answer.
            mended: Counts what had to be mended in them.

        Returns:
            What a page is known by; None if this is no page, or one that has to be read more carefully.
        """
        if b"\\u0000" in body or self._misfits >= _MOST_MISFITS:
            return None
        try:
            try:
                page = self._page.decode(body)
            except msgspec.ValidationError:
                page = self._loose_page.decode(body)
                page.rows = [self._one(raw, mended) for raw in page.rows]
        except (ValueError, RecursionError):
            return None
        rows = [row for row in page.rows if isinstance(row, Row)]
        self._misfits = 0 if len(rows) * 2 > len(page.rows) or not page.rows else self._misfits + 1
        if not all(isinstance(row, (Row, dict)) for row in page.rows) or self._is_odd(rows):
            return None
        return {self._items: page.rows, self._token: page.token, "count": page.count}

    def _one(self, raw: Raw, mended: Mended) -> Any:
        try:
            return self._row.decode(raw)
        except msgspec.ValidationError:
            return parse(bytes(raw), mended)

    def _is_odd(self, rows: list[Row]) -> bool:
        """Whether values that have no type in the schema hold what must be mended.

        Raises:
            ValueError: They are nested too deeply.
        """
        loose = [value for name in self._loose for value in map(attrgetter(name), rows) if value is not None]
        if loose and survey(loose, _ABOVE):
            return True
        if self._values not in self._hidden:
            return False
        lists = filter(None, map(attrgetter(self._values), rows))
        values = [value.content for one in lists for value in one if type(value.content) not in _HARMLESS]
        return bool(values) and survey(values, _ABOVE + 2)

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
        for check in self._checks:
            check(rows)
        for attribute in self._hidden:
            _set(rows, attribute, UNSET)

    def _spread_over(self, rows: Sequence[Row], spread: Spread) -> None:
        """Put the values of custom fields into their columns, as they came."""
        values, attributes = attrgetter(self._values), self._custom
        for row in rows:
            for value in values(row) or ():
                if type(value) is FieldValue and value.id in attributes:  # in line, as there are so many
                    ident, content = value.id, value.content
                else:
                    ident, content = id_and_content(value)
                attribute = attributes.get(ident)
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
    if collection.items is None or collection.row_key or collection.unpack or collection.is_bare:
        return False
    wires = {collection.renamed.get(name, name) for name in schema["properties"]}
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
        and all(one.get("type") == "string" and one.get("format") not in _USUAL for one in keys)
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
    return msgspec.json.Decoder(kind, float_hook=fraction)


def _native(schema: Schema, path: str, renamed: Mapping[str, str]) -> Any:
    """The type that msgspec can check for a schema, null aside; None if it takes more than that."""
    kinds = schema.get("type", ())
    kinds = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
    if len(kinds) != 1:
        return None
    match kinds[0]:
        case "string":
            return str
        case "integer":
            return _Whole
        case "boolean":
            return bool
        case "array":
            return _native_array(schema.get("items", {}), f"{path}[]", renamed)
        case "object":
            return _native_object(schema.get("properties", {}), path, renamed)
        case _:
            return None


def _native_array(items: Schema, path: str, renamed: Mapping[str, str]) -> Any:
    inner = _native(items, path, renamed)
    if inner is None or items.get("format") in _USUAL or "[][]" in path:
        return None
    return GenericAlias(list, (inner | None,))


def _native_object(properties: Mapping[str, Schema], path: str, renamed: Mapping[str, str]) -> Any:
    """An object; of what Keap leaves out nothing appears."""
    if not properties or MONEY_DECIMAL in properties:
        return None
    fields: list[tuple[str, Any, Any]] = []
    for place, (name, schema) in enumerate(properties.items()):
        inner = _native(schema, f"{path}.{name}", renamed)
        if inner is None or _goes_deep(schema, f"{path}.{name}", renamed):
            return None
        fields.append((f"p{place}", inner | None | UnsetType, UNSET))
    names = {f"p{place}": renamed.get(f"{path}.{name}", name) for place, name in enumerate(properties)}
    return defstruct("Object", fields, rename=names, forbid_unknown_fields=True, gc=False)


def _goes_deep(schema: Schema, path: str, renamed: Mapping[str, str]) -> bool:
    """Whether there are times or other names below a property of an object: columns are looked at no deeper."""
    below = {**schema.get("properties", {}), **schema.get("items", {}).get("properties", {})}
    return any(
        one.get("format") in _USUAL
        or f"{path}.{name}" in renamed
        or f"{path}[].{name}" in renamed
        or _goes_deep(one, f"{path}.{name}", renamed)
        for name, one in below.items()
    )
