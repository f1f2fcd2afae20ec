"""The kinds of warehouses by name, as `targets.py` names them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from world.warehouses.files import DUCKDB, SQLITE, Folder
from world.warehouses.lakes import Lake, delta_rows, history_rows, iceberg_rows
from world.warehouses.mysql import MySQL
from world.warehouses.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from world.warehouses.base import Warehouse

Make: TypeAlias = "Callable[[Path, Path], Warehouse]"
"""Makes a warehouse from a folder for its server and the virtual environment that has its programs."""

DATED = r"([-_.]\d{8}T\d{6}.*?)?"
"""What some targets put between a stream's name and the suffix of its file."""


def _files(form: str, suffix: str = "") -> Make:
    """Return what makes a folder of files.

    Args:
        form: Their format.
        suffix: How their names end, if not like the format.
    """
    ending = re.escape(suffix or form)
    return lambda *_: Folder(form, rf"(.*[/.])?(?P<stream>\w+?){DATED}\.{ending}")


KINDS: dict[str, Make] = {
    "postgres": Postgres,
    "mysql": MySQL,
    "sqlite": lambda *_: SQLITE,
    "duckdb": lambda *_: DUCKDB,
    "jsonl": _files("jsonl"),
    "jsonl-in-json": _files("jsonl", "json"),
    "json-files": lambda *_: Folder("jsonl", r"(?P<stream>\w+)/[0-9a-f-]+\.json"),
    "singer": _files("singer.gz"),
    "csv": _files("csv"),
    "parquet": _files("parquet"),
    "avro": _files("avro"),
    "history": lambda *_: Lake(history_rows),
    "delta": lambda *_: Lake(delta_rows),
    "iceberg": lambda *_: Lake(iceberg_rows),
}
