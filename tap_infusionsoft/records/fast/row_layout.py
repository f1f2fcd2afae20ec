"""Which struct msgspec decodes the rows of a stream into, and what is left to do for each of its columns."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from msgspec import UNSET, Raw, defstruct

from tap_infusionsoft.records.coerce import coercion
from tap_infusionsoft.records.custom_fields import FieldValue
from tap_infusionsoft.records.fast.column_fixups import (
    Amounts,
    Coerced,
    ComputedFrom,
    Copied,
    RenamedInside,
    TakenInside,
    attributes,
    coerced,
)
from tap_infusionsoft.records.fast.msgspec_types import TIMES, Key, kind_of, object_type, type_of
from tap_infusionsoft.records.taken_columns import taken
from tap_infusionsoft.streams.collection import CUSTOM_FIELDS
from tap_infusionsoft.streams.columns import MONEY_DECIMAL
from tap_infusionsoft.streams.row_transforms import Inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_infusionsoft.records.custom_fields import CustomColumns
    from tap_infusionsoft.records.fast.column_fixups import Place
    from tap_infusionsoft.records.record_plan import RecordPlan
    from tap_infusionsoft.records.repair_log import RepairLog
    from tap_infusionsoft.records.taken_columns import Taken
    from tap_infusionsoft.streams.columns import Schema

_FieldValues: Any = list[FieldValue] | None


class TypedRow(msgspec.Struct, gc=False):
    """A row that fits its types. Subclasses have its columns."""


@dataclass(slots=True)
class RowLayout:
    """How rows of a stream are decoded: into which struct, and what is left to do then.

    Every selected column has an attribute c0, c1 ..., in this order. What else Keap sends has attributes that
    are unset before records are encoded.

    Attributes:
        plan: What the records are to look like.
        log: Where coercions note changed values.
        columns: Column -> its attribute.
        copied: Columns with another name on the wire.
        amounts: Amounts of money in columns, whose plain number has to be computed.
        coerced: Columns whose values may have to be coerced.
        taken: Flat columns, whose values are inside other columns.
        renamed: Columns with objects whose properties have other names on the wire.
        loose: Attributes that were decoded without a type, and where the objects are that have them.
        hidden: Attributes that are no columns.
        custom: Id of a custom field -> attribute of its column; empty if that is not selected.
        values: Attribute of the list of custom fields; empty if it is not needed.
        carried: Columns of parts of other rows that do not come with the parts, and their attributes.
        placed_keys: Those of them that must have a value.
        computed: Columns that are computed from others.
    """

    plan: RecordPlan
    log: RepairLog
    columns: dict[str, str] = field(init=False)
    copied: list[Copied] = field(default_factory=list)
    amounts: list[Amounts] = field(default_factory=list)
    coerced: list[Coerced] = field(default_factory=list)
    taken: list[TakenInside] = field(default_factory=list)
    renamed: list[RenamedInside] = field(default_factory=list)
    loose: list[tuple[Place, str]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    values: str = ""
    carried: dict[str, str] = field(default_factory=dict)
    placed_keys: tuple[str, ...] = ()
    computed: list[ComputedFrom] = field(default_factory=list)
    _wires: dict[str, str] = field(default_factory=dict)
    """Name on the wire -> attribute that was decoded."""
    _names: dict[str, str] = field(default_factory=dict)
    _fields: list[tuple[str, Any] | tuple[str, Any, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Number the columns."""
        # Python finds attributes by interned names several times as fast.
        self.columns = {name: sys.intern(f"c{place}") for place, name in enumerate(self.plan.columns)}

    @property
    def inside(self) -> Inside | None:
        """Where the rows are, if they are parts of others."""
        unpack = self.plan.collection.wire.unpack
        return unpack if isinstance(unpack, Inside) else None

    def add_placed(self) -> None:
        """Add what fills the selected columns that do not come with parts of other rows."""
        if self.inside is None:
            return
        computed = self.inside.computed
        names = self.inside.placed - computed.keys()
        self.carried = {name: self.columns[name] for name in sorted(names) if name in self.columns}
        self.placed_keys = tuple(name for name in self.plan.collection.required if name in names)
        for name, one in computed.items():
            if name in self.columns:
                sources = [self._value_at(*path.split(".")) for path in one.paths]
                self.computed.append(ComputedFrom(self.columns[name], sources, one.make))

    def _value_at(self, column: str, *steps: str) -> Callable[[Any], Any]:
        """Return a function that gets a value inside a selected column out of a row."""
        inner = attributes(self.plan.properties[column], steps)
        outer = attrgetter(self.columns[column])
        return (lambda row: inner(outer(row))) if steps else outer

    def add_columns(self) -> None:
        """Add the selected columns."""
        flat = self.plan.flat
        for name, attribute in self.columns.items():
            if name in flat:
                # Keap has no such property. If it sends one, that is not null: the row takes the slow path.
                self._add(attribute, name, None, None)
            else:
                self._add_column(name, attribute, self.plan.properties[name])

    def _add_column(self, name: str, attribute: str, schema: Schema) -> None:
        collection = self.plan.collection
        wire = collection.wire.name(name)
        decoded = attribute
        if wire != name:
            decoded = sys.intern(f"w{attribute}")
            self.copied.append(Copied(attribute, decoded))
            self.hidden.append(decoded)
            self._add(attribute, name, Any, None)
        elif self.plan.custom_fields is not None and name == CUSTOM_FIELDS:
            self.values = attribute
        self._wires[wire] = decoded
        is_given = name in collection.given or self._is_placed(name)
        kind = None if is_given else type_of(schema, name, collection.wire.renamed)
        if kind is None:
            coerce = coercion(schema, name, self.log, collection.wire.renamed)
            self.coerced.append(coerced(schema, (), attribute, coerce))
            self.loose += [] if is_given else [((), decoded)]
            self._add(decoded, wire, Any, None)
        elif collection.requires(name):
            self._add(decoded, wire, Key)
        else:
            self._add_times(name, attribute, schema)
            self._add_renamed(name, attribute, schema, kind)
            self._add(decoded, wire, kind | None, None)

    def _add_times(self, name: str, attribute: str, schema: Schema) -> None:
        """Add what the type of a column leaves to be done for its values, and for those inside them."""
        if schema.get("format") in TIMES:
            self.coerced.append(coerced(schema, (), attribute, coercion(schema, name, self.log)))
        self._add_inside(
            f"{name}[]" if "items" in schema else name, (attribute,), schema.get("items", schema)
        )

    def _add_inside(self, path: str, place: Place, schema: Schema) -> None:
        """Add what the type of objects leaves to be done for their properties.

        Args:
            path: Their column, with the path inside it.
            place: Where they are in the rows.
            schema: Their schema.
        """
        properties = schema.get("properties", {})
        names = {name: sys.intern(f"p{number}") for number, name in enumerate(properties)}
        if MONEY_DECIMAL in properties:
            self.amounts.append(Amounts(place, names["amount"], names["currency_code"], names[MONEY_DECIMAL]))
            return
        for name, inner in properties.items():
            own = f"{path}.{name}"
            is_number = kind_of(inner) == "number"
            if is_number or inner.get("format") in TIMES:
                self.coerced.append(coerced(inner, place, names[name], coercion(inner, own, self.log)))
                self.loose += [(place, names[name])] if is_number else []
            else:
                self._add_inside(
                    f"{own}[]" if "items" in inner else own, (*place, names[name]), inner.get("items", inner)
                )

    def _add_renamed(self, name: str, attribute: str, schema: Schema, kind: Any) -> None:
        path = f"{name}[]" if "items" in schema else name
        properties = schema.get("items", schema).get("properties", {})
        if any(f"{path}.{own}" in self.plan.collection.wire.renamed for own in properties):
            wire = get_args(get_args(kind)[0])[0] if "items" in schema else kind
            self.renamed.append(RenamedInside(attribute, wire, object_type(properties, path, {})))

    def add_custom_columns(self, custom_columns: CustomColumns) -> None:
        """Add what fills the selected columns of custom fields."""
        for ident, (column, coerce) in custom_columns.columns.items():
            attribute = self.custom[ident] = self.columns.get(column, "")
            if attribute:
                self.coerced.append(coerced(self.plan.properties[column], (), attribute, coerce))

    def add_hidden(self) -> None:
        """Add known properties that are no selected columns."""
        plan = self.plan
        own = plan.properties.keys() - plan.flat.keys()
        known = {plan.collection.wire.name(name) for name in own} | plan.dropped
        known |= set() if plan.custom_fields is None else {CUSTOM_FIELDS}
        sources = {one.source for one in self._taken().values()}
        for place, wire in enumerate(sorted(known - self._wires.keys())):
            attribute = self._wires[wire] = sys.intern(f"h{place}")
            self.hidden.append(attribute)
            if wire in sources:
                self.loose.append(((), attribute))
                self._add(attribute, wire, Any, None)
            elif wire == CUSTOM_FIELDS and plan.custom_fields is not None:
                self.values = attribute
                self._add(attribute, wire, _FieldValues, UNSET)
            else:
                self._add(attribute, wire, Raw, UNSET)

    def add_taken(self) -> None:
        """Add what fills the selected flat columns."""
        flat, properties = self.plan.flat, self.plan.properties
        for name, one in self._taken().items():
            attribute, schema = self.columns[name], properties[name]
            source, *steps = flat[name].split(".")
            if source in self.columns and not self._is_loose(source, self._wires[one.source]):
                take = attributes(properties[source], steps)
                self.taken.append(TakenInside(attribute, self.columns[source], take))
                if schema.get("format") in TIMES or kind_of(schema) == "number":
                    self.coerced.append(coerced(schema, (), attribute, coercion(schema, name, self.log)))
            else:
                self.taken.append(TakenInside(attribute, self._wires[one.source], one))
                # What was taken for an amount of money is an object, even though its column holds numbers.
                shape = {} if one.is_amount else schema
                self.coerced.append(coerced(shape, (), attribute, one.coercion(schema, name, self.log)))

    def _is_loose(self, name: str, attribute: str) -> bool:
        """Whether the values of a column are as they came, instead of decoded into a type."""
        return ((), attribute) in self.loose or self._is_placed(name)

    def _is_placed(self, name: str) -> bool:
        """Whether a column does not come with the parts of other rows that become records."""
        return self.inside is not None and name in self.inside.placed

    def _taken(self) -> dict[str, Taken]:
        """Where the values of the selected flat columns are."""
        renamed = self.plan.collection.wire.renamed
        return {name: taken(path, renamed) for name, path in self.plan.flat.items() if name in self.columns}

    def _add(self, attribute: str, name: str, kind: Any, *default: Any) -> None:
        """Add a field, with its name in JSON. Without a default it is required."""
        self._names[attribute] = name
        self._fields.append((attribute, kind, *default))

    def struct(self) -> type[TypedRow]:
        """Make the struct."""
        made = defstruct(
            "Columns",
            self._fields,
            bases=(TypedRow,),
            rename=self._names,
            forbid_unknown_fields=self.inside is None or bool(self.inside.path),
            kw_only=True,
            gc=False,
        )
        assert issubclass(made, TypedRow)  # noqa: S101  # for the type checker
        return made
