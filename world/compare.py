"""Compare a warehouse with the truth, cell by cell."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from world.cells import Kind, canonical, cell, is_python, types_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from world.truth import Record, Table

Row: TypeAlias = "Mapping[str, Any]"
MOST_TEXT = 60
"""Characters of a value in an example."""


class Shape(msgspec.Struct, frozen=True):
    """How a target lays out what it loads.

    Attributes:
        is_log: It appends every record and never changes one, as files do.
        separator: What is between the names of nested columns, if it makes objects into columns.
        deleted: Column in which it marks deleted rows; None if it is to remove them.
        has_null: It can tell null from an empty text. CSV cannot: then both are taken for the same.
    """

    is_log: bool = False
    separator: str = ""
    deleted: str | None = None
    has_null: bool = True


class Comparison(msgspec.Struct):
    """What a comparison found.

    Attributes:
        rows: Rows that the account has.
        cells: Cells that were compared.
        deleted: Deleted rows that were looked for.
        counts: Differences by kind.
        examples: The first difference of each kind.
    """

    rows: int = 0
    cells: int = 0
    deleted: int = 0
    counts: dict[str, int] = {}
    examples: dict[str, str] = {}

    def add(self, kind: Kind, where: str, expected: Any = None, found: Any = None, count: int = 1) -> None:
        """Count a difference, and keep the first of its kind as an example."""
        self.counts[kind] = self.counts.get(kind, 0) + count
        if kind not in self.examples:
            values = "" if expected is None and found is None else f": {_shown(expected)} is {_shown(found)}"
            hint = " (Python, not JSON)" if kind is Kind.JSON_UNUSABLE and is_python(found) else ""
            self.examples[kind] = f"{where}{values}{hint}"


def compare(tables: Mapping[str, Table], warehouse: Mapping[str, Sequence[Row]], shape: Shape) -> Comparison:
    """Compare all tables of a warehouse with the truth.

    Args:
        tables: The truth by stream.
        warehouse: The rows of the warehouse by stream; those marked as deleted are among them.
        shape: How the target lays out what it loads.
    """
    result = Comparison()
    found = {name.lower(): rows for name, rows in warehouse.items()}
    for stream, table in tables.items():
        rows = found.get(stream.lower())
        expected = table.log if shape.is_log else [*table.rows.values()]
        result.rows += len(expected)
        if rows is None:
            if expected:
                result.add(Kind.TABLE_MISSING, stream)
                result.add(Kind.ROW_MISSING, stream, count=len(expected))
            continue
        _table(result, stream, _flat(table, shape), rows, shape)
    return result


class _Flat(msgspec.Struct):
    """A table as a target that makes objects into columns would have it."""

    columns: dict[str, dict[str, Any]]
    has_null: bool
    keys: list[str]
    expected: list[Record]
    deleted: list[Record]
    first: list[Any]


def _flat(table: Table, shape: Shape) -> _Flat:
    columns = dict(_columns(table.schema["properties"], "", shape.separator))
    rows = table.log if shape.is_log else [*table.rows.values()]
    return _Flat(
        columns,
        shape.has_null,
        table.keys,
        [_record(row, table.schema["properties"], shape.separator) for row in rows],
        [] if shape.is_log else [*table.deleted.values()],
        [dict(zip(table.keys, key, strict=True)) for key in table.first],
    )


def _columns(
    properties: Mapping[str, Any], prefix: str, separator: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in properties.items():
        if separator and "object" in types_of(schema) and schema.get("properties"):
            yield from _columns(schema["properties"], f"{prefix}{name}{separator}", separator)
        else:
            yield f"{prefix}{name}", schema


def _record(row: Record, properties: Mapping[str, Any], separator: str, prefix: str = "") -> Record:
    if not separator:
        return row
    flat: Record = {}
    for name, schema in properties.items():
        value = row.get(name)
        if "object" in types_of(schema) and schema.get("properties"):
            flat |= _record(value or {}, schema["properties"], separator, f"{prefix}{name}{separator}")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _table(result: Comparison, stream: str, table: _Flat, rows: Sequence[Row], shape: Shape) -> None:
    names = _names(table.columns, rows)
    for column in table.columns.keys() - names.keys() if rows else ():
        result.add(Kind.COLUMN_MISSING, f"{stream}.{column}")
    keys = [(names.get(name, name), table.columns[name]) for name in table.keys]

    def key(row: Row, columns: Iterable[tuple[str, dict[str, Any]]]) -> tuple[Any, ...]:
        return tuple(canonical(schema, row.get(name)) for name, schema in columns)

    own = [(name, table.columns[name]) for name in table.keys]
    live: dict[Any, list[Row]] = defaultdict(list)
    marked: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        is_marked = shape.deleted is not None and row.get(shape.deleted) is not None
        (marked if is_marked else live)[key(row, keys)].append(row)

    expected = Counter(key(row, own) for row in table.expected)
    firsts = {key(row, own) for row in table.first}
    taken: Counter[Any] = Counter()
    for row in table.expected:
        of_row = key(row, own)
        copies = live.get(of_row, ())
        if taken[of_row] < len(copies):
            _row(result, stream, of_row, table, names, (row, copies[taken[of_row]]))
        else:
            lost = Kind.FIRST_ROW_MISSING if of_row in firsts else Kind.ROW_MISSING
            result.add(Kind.LIVE_ROW_DELETED if of_row in marked else lost, f"{stream} {_key_text(of_row)}")
        taken[of_row] += 1
    gone = {key(row, own) for row in table.deleted}
    result.deleted += len(gone)
    for of_row, copies in live.items():
        if (surplus := len(copies) - expected[of_row]) > 0:
            result.add(*_too_many(stream, of_row, expected[of_row], gone), count=surplus)


def _too_many(stream: str, key: Any, expected: int, gone: set[Any]) -> tuple[Kind, str]:
    """Say why there are more live rows with a key than there should be."""
    unexpected = Kind.DELETION_MISSED if key in gone else Kind.ROW_UNKNOWN
    return Kind.ROW_DOUBLED if expected else unexpected, f"{stream} {_key_text(key)}"


def _row(
    result: Comparison,
    stream: str,
    key: tuple[Any, ...],
    table: _Flat,
    names: Mapping[str, str],
    pair: tuple[Record, Row],
) -> None:
    expected, found = pair
    for column, schema in table.columns.items():
        if column not in names:
            continue
        result.cells += 1
        wanted, got = expected.get(column), found.get(names[column])
        if not table.has_null and wanted in (None, "") and got in (None, ""):
            continue
        if kind := cell(schema, wanted, got):
            result.add(kind, f"{stream}.{column} of {_key_text(key)}", wanted, got)


def _names(columns: Iterable[str], rows: Sequence[Row]) -> dict[str, str]:
    """Find the warehouse's column for each of ours: the same name, or the same but for case."""
    known = {name for row in rows for name in row}
    lower = {name.lower(): name for name in sorted(known)}
    found = {}
    for name in columns:
        if name in known:
            found[name] = name
        elif name.lower() in lower:
            found[name] = lower[name.lower()]
    return found


def _key_text(key: Iterable[Any]) -> str:
    return "/".join(str(one) for one in key)


def _shown(value: Any) -> str:
    plain = isinstance(value, str) and value != "" and not {*value} & {"\n", "\\", "\t", "\r"}
    text = str(value) if plain else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}... ({len(text):,} characters)"
