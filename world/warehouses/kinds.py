"""The kinds of warehouses by name, as `targets.py` names them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from world.warehouses.base import Folder
from world.warehouses.files import FORMATS, Files, duckdb_file, sqlite_file
from world.warehouses.lakes import Tables, delta_rows, history_rows, iceberg_rows
from world.warehouses.mysql import MySQL
from world.warehouses.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from world.warehouses.base import Warehouse
    from world.warehouses.lakes import Reader

Make: TypeAlias = "Callable[[Path, Path], Warehouse]"
"""Makes a warehouse from a folder for its server and the virtual environment that has its programs."""

DATED = r"([-_.]\d{8}T\d{6}.*?)?"
"""What some targets put between a stream's name and the suffix of its file."""


def _files(form: str, pattern: str) -> Make:
    """Return what makes a folder of files.

    Args:
        form: Their format.
        pattern: Their paths, with a group ``stream``.
    """
    return lambda *_: Folder(lambda _, folder: Files(folder, FORMATS[form], re.compile(pattern)))


def _named(ending: str) -> str:
    """Return the pattern of files that are called like their streams."""
    return rf"(.*[/.])?(?P<stream>\w+?){DATED}\.{re.escape(ending)}"


def _tables(reader: Reader) -> Make:
    """Return what makes a folder of tables."""
    return lambda *_: Folder(lambda _, folder: Tables(folder, reader))


KINDS: dict[str, Make] = {
    "postgres": Postgres,
    "mysql": MySQL,
    "sqlite": lambda *_: Folder(sqlite_file),
    "duckdb": lambda *_: Folder(duckdb_file),
    "jsonl": _files("jsonl", _named("jsonl")),
    "jsonl-in-json": _files("jsonl", _named("json")),
    "json-files": _files("jsonl", r"(?P<stream>\w+)/[0-9a-f-]+\.json"),
    "singer": _files("singer.gz", _named("singer.gz")),
    "csv": _files("csv", _named("csv")),
    "parquet": _files("parquet", _named("parquet")),
    "avro": _files("avro", _named("avro")),
    "history": _tables(history_rows),
    "delta": _tables(delta_rows),
    "iceberg": _tables(iceberg_rows),
}
