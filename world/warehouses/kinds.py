"""The kinds of warehouses by name, as `targets.py` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from world.warehouses.files import DUCKDB, SQLITE, Folder
from world.warehouses.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from world.warehouses.base import Warehouse

Make: TypeAlias = "Callable[[Path, Path], Warehouse]"
"""Makes a warehouse from a folder for its server and the virtual environment that has its programs."""

DATED = r"([-_.]\d{8}T\d{6}.*?)?"
"""What some targets put between a stream's name and the suffix of its file."""

KINDS: dict[str, Make] = {
    "postgres": Postgres,
    "sqlite": lambda *_: SQLITE,
    "duckdb": lambda *_: DUCKDB,
    **{
        name: lambda *_, name=name: Folder(name, rf"(.*/)?(?P<stream>\w+?){DATED}\.{name}")
        for name in ("jsonl", "json", "csv", "parquet", "avro")
    },
}
