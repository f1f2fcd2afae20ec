"""Tables in folders: Parquet files, Delta and Iceberg, as dlt's destination `filesystem` writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from world.warehouses.files import Row, dicts

if TYPE_CHECKING:
    from world.warehouses.base import Rows

DATASET = "infusionsoft"
"""Folder of the tables: the default of the bridge's ``--dataset``."""
DOCUMENT = Path(__file__).parents[2] / "docs" / "duckdb.md"
_QUERY = re.compile(r"```sql\n(.*?)```", re.DOTALL)

Reader: TypeAlias = Callable[[Path, str, Sequence[str]], list[Row]]
"""Returns the rows of a table: from the folder of all files, the name of a stream and its key columns."""


def history_rows(folder: Path, stream: str, keys: Sequence[str]) -> list[Row]:
    """Read Parquet files that keep every version of every row, with the query of docs/duckdb.md.

    Args:
        folder: The folder that was loaded.
        stream: Name of the stream.
        keys: Its key columns.

    Raises:
        ValueError: The document has no query.
    """
    import duckdb  # noqa: PLC0415  only this reader needs it

    found = _QUERY.search(DOCUMENT.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{DOCUMENT.name} has no query")
    names = ", ".join(f'"{one}"' for one in keys)
    sql = found[1].replace("contacts", stream).replace("PARTITION BY id", f"PARTITION BY {names}")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        return dicts(database.execute(sql.replace("'files/", f"'{folder}/")))


def delta_rows(folder: Path, stream: str, keys: Sequence[str]) -> list[Row]:  # noqa: ARG001
    """Read a Delta table.

    Args:
        folder: The folder that was loaded.
        stream: Name of the stream.
        keys: Not used.
    """
    from deltalake import DeltaTable  # noqa: PLC0415

    rows: list[Row] = DeltaTable(str(folder / DATASET / stream)).to_pyarrow_table().to_pylist()
    return rows


def iceberg_rows(folder: Path, stream: str, keys: Sequence[str]) -> list[Row]:  # noqa: ARG001
    """Read the last snapshot of an Iceberg table.

    Args:
        folder: The folder that was loaded.
        stream: Name of the stream.
        keys: Not used.
    """
    from pyiceberg.table import StaticTable  # noqa: PLC0415

    newest = max((folder / DATASET / stream / "metadata").glob("*.metadata.json"))
    rows: list[Row] = StaticTable.from_metadata(str(newest)).scan().to_arrow().to_pylist()
    return rows


class Tables(msgspec.Struct):
    """The tables in one folder.

    Attributes:
        folder: The folder.
        reader: Reads a table.
    """

    folder: Path
    reader: Reader

    def places(self) -> Mapping[str, str]:
        """Return the folder."""
        return {"folder": str(self.folder)}

    def read(self, streams: Mapping[str, Sequence[str]]) -> Rows:
        """Return the rows of every stream that has a table."""
        return {
            stream: self.reader(self.folder, stream, keys)
            for stream, keys in streams.items()
            if (self.folder / DATASET / stream).is_dir()
        }
