"""From Singer messages to Arrow tables. Types come from the SCHEMA, never from the rows."""

from __future__ import annotations

import logging
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
from msgspec import Raw, Struct, field
from msgspec.structs import astuple

from tap_infusionsoft.dlt.problems import BridgeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

logger = logging.getLogger(__name__)

EXTRACTED, SEQUENCE, VERSION = "_sdc_extracted_at", "_sdc_sequence", "_sdc_table_version"
_CHUNK = 1000
"""Rows that are decoded before they become an Arrow table, which takes less memory."""
_NULL = Raw(b"null")


class _Kind(Struct, frozen=True):
    """How a type travels: dlt's name of it, what values are decoded to, and Arrow's types on the way."""

    hint: str
    wire: Any
    first: Any
    last: Any


_TEXT = _Kind("text", str | None, pa.string(), pa.string())
_TIME = _Kind("timestamp", str | None, pa.string(), pa.timestamp("us", tz="UTC"))
_INTEGER = _Kind("bigint", int | None, pa.int64(), pa.int64())
_JSON = _Kind("json", Raw, pa.binary(), pa.string())
_DECIMAL = _Kind("decimal", Raw, pa.binary(), pa.decimal128(38, 9))
_KINDS: Mapping[tuple[str, str | None], _Kind] = {
    ("string", None): _TEXT,
    ("string", "date-time"): _TIME,
    ("string", "date"): _Kind("date", str | None, pa.string(), pa.date32()),
    ("integer", None): _INTEGER,
    ("number", None): _DECIMAL,
    ("boolean", None): _Kind("bool", bool | None, pa.bool_(), pa.bool_()),
}


def _kind(schema: Mapping[str, Any]) -> _Kind:
    """Return how values of a JSON schema travel; lists, objects and what can be of several types as JSON."""
    listed = schema.get("type", ())
    types = [one for one in ([listed] if isinstance(listed, str) else listed) if one != "null"]
    if len(types) != 1:
        return _JSON
    return _KINDS.get((types[0], schema.get("format"))) or _KINDS.get((types[0], None)) or _JSON


class Stream:
    """A stream as its SCHEMA declares it. `kinds` has every column, those that the bridge adds included."""

    def __init__(self, name: str, schema: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Make a decoder for its records."""
        own = {column: _kind(inner) for column, inner in schema["properties"].items()}
        self.name, self.keys = name, [*keys]
        self.kinds = own | {EXTRACTED: _TIME, SEQUENCE: _INTEGER, VERSION: _INTEGER}
        self._fields = {column: f"f{number}" for number, column in enumerate(own)}
        fields = [
            (self._fields[column], kind.wire, field(default=_NULL if kind.wire is Raw else None))
            for column, kind in own.items()
        ]
        names = {inner: column for column, inner in self._fields.items()}
        self.decode = msgspec.json.Decoder(msgspec.defstruct("Row", fields, rename=names, gc=False)).decode
        self.key_fields = [self._fields[key] for key in self.keys]

    def table(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        """Return an Arrow table of decoded records, each with the values of the three added columns."""
        values: list[Sequence[Any]] = [*zip(*[astuple(row[0]) for row in rows], strict=True)]
        values = values or [()] * len(self._fields)
        values += [[row[number] for row in rows] for number in (1, 2, 3)]
        return pa.table(
            {
                name: self._column(name, kind, found)
                for (name, kind), found in zip(self.kinds.items(), values, strict=True)
            }
        )

    def _column(self, name: str, kind: _Kind, values: Sequence[Any]) -> Any:
        if kind.wire is Raw:
            values = [None if value == _NULL else bytes(value) for value in values]
        try:
            array = pa.array(values, kind.first)
            array = array.cast(pa.string()) if kind is _DECIMAL else array
            return array.cast(kind.last)
        except (pa.ArrowInvalid, OverflowError) as error:
            if kind is not _DECIMAL:
                raise BridgeError(f"{self.name}: {name} has a value that is no {kind.hint}.") from error
        found = [None if text is None else Decimal(text) for text in array.to_pylist()]
        limit, unit, context = Decimal(10) ** 29, Decimal("1e-9"), Context(prec=38)
        fit = [
            None if one is None or abs(one) >= limit else one.quantize(unit, context=context) for one in found
        ]
        changed = sum(before != after for before, after in zip(found, fit, strict=True))
        text = "%s: %d values of %s were rounded to 9 decimals, or are null: they have 30 digits or more."
        logger.warning(text, self.name, changed, name)
        return pa.array(fit, kind.last)


class Rows:
    """The rows of a stream in one package: the last one of each key."""

    def __init__(self, stream: Stream) -> None:
        """There are none yet."""
        self.stream, self.count = stream, 0
        self._rows: list[tuple[Any, ...]] = []
        self._chunks: list[Any] = []
        self._last: dict[tuple[Any, ...], int] = {}

    def add(self, record: Raw, extracted: str | None, sequence: int, version: int | None) -> None:
        """Take a record."""
        try:
            row = self.stream.decode(record)
        except msgspec.ValidationError as error:
            raise BridgeError(f"{self.stream.name}: a record is not as its SCHEMA says: {error}.") from None
        key = tuple([getattr(row, name) for name in self.stream.key_fields])
        self._last[key or (self.count,)] = self.count
        self.count += 1
        self._rows.append((row, extracted, sequence, version))
        if len(self._rows) == _CHUNK:
            self._finish_chunk()

    def _finish_chunk(self) -> None:
        self._chunks.append(self.stream.table(self._rows))
        self._rows = []

    def table(self) -> Any:
        """Return the rows as an Arrow table."""
        self._finish_chunk()
        table = pa.concat_tables(self._chunks)
        return table if len(self._last) == self.count else table.take(sorted(self._last.values()))
