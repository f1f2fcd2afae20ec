"""Folders of files: JSON lines, Singer messages, CSV, Parquet, Avro, SQLite and DuckDB."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    import re

    from world.warehouses.base import Rows

Row: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Path], Iterable[Row]]


def json_lines(path: Path) -> Iterator[Row]:
    """Read a file of JSON lines."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


def singer_messages(path: Path) -> Iterator[Row]:
    """Read the records among the Singer messages in a compressed file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            message = json.loads(line, parse_float=Decimal)
            if message["type"] == "RECORD":
                yield message["record"]


def csv_rows(path: Path) -> Iterator[Row]:
    """Read a CSV file as RFC 4180 has it. All values are text."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def parquet_rows(path: Path) -> list[Row]:
    """Read a Parquet file."""
    import pyarrow.parquet as pq  # noqa: PLC0415  only this reader needs it

    rows: list[Row] = pq.ParquetFile(path).read().to_pylist()
    return rows


def avro_rows(path: Path) -> Iterator[Row]:
    """Read an Avro file."""
    import fastavro  # noqa: PLC0415

    with path.open("rb") as data:
        yield from fastavro.reader(data)


FORMATS: dict[str, Reader] = {
    "jsonl": json_lines,
    "singer.gz": singer_messages,
    "csv": csv_rows,
    "parquet": parquet_rows,
    "avro": avro_rows,
}


class Files(msgspec.Struct):
    """The files of one target, one or more a stream.

    Attributes:
        folder: Where they are.
        reader: Reads a file.
        pattern: A file's path in the folder, with a group ``stream``.
    """

    folder: Path
    reader: Reader
    pattern: re.Pattern[str]

    def places(self) -> Mapping[str, str]:
        """Return the folder."""
        return {"folder": str(self.folder)}

    def read(self, streams: Iterable[str]) -> Rows:
        """Return the rows of all files of a stream, oldest file first."""
        wanted = {*streams}
        rows: Rows = defaultdict(list)
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        for path in sorted(files, key=lambda one: (one.stat().st_mtime_ns, one)):
            found = self.pattern.fullmatch(path.relative_to(self.folder).as_posix())
            if found and found["stream"] in wanted:
                rows[found["stream"]] += self.reader(path)
        return rows


class DatabaseFile(msgspec.Struct):
    """A database in one file, which the target creates. It is read through Python's DB-API.

    Attributes:
        path: The file.
        connect: Opens it.
        tables: Statement that returns the names of its tables, with schemas if it has some.
    """

    path: Path
    connect: Callable[[Path], Any]
    tables: str

    def places(self) -> Mapping[str, str]:
        """Return the path of the file, with and without the suffix that some targets add."""
        return {"file": str(self.path), "stem": str(self.path.with_suffix("")), "name": self.path.stem}

    def read(self, streams: Iterable[str]) -> Rows:
        """Return the rows of all tables."""
        wanted = {stream.lower() for stream in streams}
        rows: Rows = {}
        if not self.path.exists():
            return rows
        with closing(self.connect(self.path)) as database:
            for (table,) in database.execute(self.tables).fetchall():
                name = table.rpartition(".")[2]
                if name.lower() not in wanted:
                    continue
                quoted = ".".join(f'"{part}"' for part in table.split("."))
                rows[name] = dicts(database.execute(f"SELECT * FROM {quoted}"))  # noqa: S608
        return rows


def dicts(answer: Any) -> list[Row]:
    """Return the rows of a DB-API cursor by column."""
    columns = [column[0] for column in answer.description]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def _sqlite(path: Path) -> Any:
    return sqlite3.connect(path)


def _duckdb(path: Path) -> Any:
    import duckdb  # noqa: PLC0415  only this reader needs it

    database = duckdb.connect(str(path), read_only=True)
    database.execute("SET TimeZone = 'UTC'")
    return database


def sqlite_file(name: str, folder: Path) -> DatabaseFile:
    """Return the SQLite file with a name in a folder."""
    return DatabaseFile(folder / f"{name}.db", _sqlite, "SELECT name FROM sqlite_master WHERE type = 'table'")


def duckdb_file(name: str, folder: Path) -> DatabaseFile:
    """Return the DuckDB file with a name in a folder."""
    return DatabaseFile(
        folder / f"{name}.db",
        _duckdb,
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        # dlt merges from tables of the same names in such a schema.
        " WHERE right(table_schema, 8) <> '_staging' ORDER BY 1",
    )
