"""The destinations that the bridge is proven on: how to load into one, and what is in it afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from deltalake import DeltaTable
from psycopg2.extras import RealDictCursor, register_default_jsonb
from pyiceberg.table import StaticTable

from demo.warehouse import Warehouse

VENV, ROOT = Path(sys.prefix), Path(__file__).parents[2]
CURRENT = re.search(r"```sql\n(.*?)```", (ROOT / "docs" / "duckdb.md").read_text(), re.DOTALL)
"""The query of docs/duckdb.md for the rows of contacts that files say are there now."""


class Bridge:
    """Loads into one destination, as a process.

    Attributes:
        folder: Where everything is.
        config: The tap's settings.
    """

    name = "duckdb"
    options: tuple[str, ...] = ()

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.folder, self.config = folder, dict(config)
        self.folder.mkdir(exist_ok=True)
        self.log = folder / "bridge.log"

    @property
    def command(self) -> list[str]:
        """The command line."""
        return [
            *(sys.executable, "-m", "tap_infusionsoft.dlt", "--config", "config.json"),
            *(
                "--package-rows",
                "700",
                "--destination",
                self.name,
                "--pipelines-dir",
                str(self.folder / "pipelines"),
                *self.options,
            ),
        ]

    @property
    def environment(self) -> dict[str, str]:
        """Variables that say where the data go."""
        return {"DESTINATION__FILESYSTEM__BUCKET_URL": str(self.folder / "files")}

    @contextmanager
    def started(self, **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Start a load with some other settings."""
        (self.folder / "config.json").write_text(json.dumps(self.config | settings))
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                self.command,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=os.environ | self.environment,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def load(self, *, exits_with: int = 0, **settings: Any) -> str:
        """Load, and return the log."""
        with self.started(**settings) as process:
            code = process.wait(600)
        log = self.log.read_text()
        assert code == exits_with, log[-3000:]
        return log

    def rows(self, stream: str, keys: list[str]) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return the rows of a table, in Python's types."""
        return self.query(f'SELECT * FROM infusionsoft."{stream}"')  # noqa: S608

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run a query in DuckDB."""
        with duckdb.connect(str(self.folder / "keap.duckdb"), read_only=True) as db:
            return _dicts(db, sql)


class Parquet(Bridge):
    """Files that keep every version of every row."""

    name = "filesystem"

    def rows(self, stream: str, keys: list[str]) -> list[dict[str, Any]]:
        names = ", ".join(f'"{one}"' for one in keys)
        assert CURRENT is not None
        sql = CURRENT[1].replace("contacts", stream).replace("PARTITION BY id", f"PARTITION BY {names}")
        sql = sql.replace("'files/", f"'{self.folder / 'files'}/")
        with duckdb.connect() as db:
            return _dicts(db, sql)


class Delta(Bridge):
    """Delta tables on disk."""

    name = "filesystem"
    options = ("--table-format", "delta")

    def rows(self, stream: str, keys: list[str]) -> list[dict[str, Any]]:  # noqa: ARG002
        table = DeltaTable(str(self.folder / "files" / "infusionsoft" / stream))
        return list(table.to_pyarrow_table().to_pylist())


class Iceberg(Bridge):
    """Iceberg tables on disk."""

    name = "filesystem"
    options = ("--table-format", "iceberg")

    def rows(self, stream: str, keys: list[str]) -> list[dict[str, Any]]:  # noqa: ARG002
        folder = self.folder / "files" / "infusionsoft" / stream / "metadata"
        table = StaticTable.from_metadata(str(max(folder.glob("*.metadata.json"))))
        return list(table.scan().to_arrow().to_pylist())


class Postgres(Bridge):
    """PostgreSQL, in a server of its own."""

    name = "postgres"

    def __init__(self, folder: Path, config: Mapping[str, Any], server: Warehouse) -> None:
        super().__init__(folder, config)
        self.url = server.url.replace("postgresql+psycopg://", "postgresql://").replace(
            "demo@/", "demo:demo@localhost/"
        )

    @property
    def environment(self) -> dict[str, str]:
        return {"DESTINATION__POSTGRES__CREDENTIALS": self.url}

    def rows(self, stream: str, keys: list[str]) -> list[dict[str, Any]]:  # noqa: ARG002
        db = psycopg2.connect(self.url)
        try:
            db.set_session(readonly=True)
            register_default_jsonb(db, loads=lambda text: text)
            with db.cursor(cursor_factory=RealDictCursor) as cursor:
                cursor.execute(f'SELECT * FROM infusionsoft."{stream}"')  # noqa: S608
                return [dict(row) for row in cursor.fetchall()]
        finally:
            db.close()


def _dicts(db: Any, sql: str) -> list[dict[str, Any]]:
    found = db.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
