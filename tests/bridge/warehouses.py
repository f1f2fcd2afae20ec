"""The destinations that the bridge is proven on: how to load into one, and what is in it afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
from psycopg2.extras import RealDictCursor, register_default_jsonb

from demo.warehouse import Warehouse
from world.bridges import BRIDGES
from world.bridging import command, environment
from world.warehouses.files import dicts
from world.warehouses.lakes import Reader, delta_rows, history_rows, iceberg_rows

VENV = Path(sys.prefix)
DECLARED = {one.name: one for one in BRIDGES}


class Bridge:
    """Loads into one destination, as a process.

    Attributes:
        folder: Where everything is.
        config: The tap's settings.
    """

    name = "dlt-duckdb"

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.folder, self.config = folder, dict(config)
        self.folder.mkdir(exist_ok=True)
        self.log = folder / "bridge.log"

    @property
    def places(self) -> dict[str, str]:
        """Where the data go."""
        return {"file": str(self.folder / "keap.duckdb"), "folder": str(self.folder / "files")}

    @contextmanager
    def started(self, **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Start a load with some other settings."""
        config, declared = self.folder / "config.json", DECLARED[self.name]
        config.write_text(json.dumps(self.config | settings))
        words = command(declared, Path(sys.executable), config, self.folder / "pipelines", self.places)
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [*words, "--package-rows", "700"],
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=os.environ | environment(declared, self.places),
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
        with duckdb.connect(self.places["file"], read_only=True) as db:
            return dicts(db.execute(f'SELECT * FROM infusionsoft."{stream}"'))  # noqa: S608


class Files(Bridge):
    """Tables on disk."""

    reader: Reader

    def rows(self, stream: str, keys: list[str]) -> list[dict[str, Any]]:
        return type(self).reader(self.folder / "files", stream, keys)


class Parquet(Files):
    """Files that keep every version of every row."""

    name = "dlt-parquet"
    reader = staticmethod(history_rows)


class Delta(Files):
    """Delta tables."""

    name = "dlt-delta"
    reader = staticmethod(delta_rows)


class Iceberg(Files):
    """Iceberg tables."""

    name = "dlt-iceberg"
    reader = staticmethod(iceberg_rows)


class Postgres(Bridge):
    """PostgreSQL, in its own server."""

    name = "dlt-postgres"

    def __init__(self, folder: Path, config: Mapping[str, Any], server: Warehouse) -> None:
        super().__init__(folder, config)
        self.url = server.url.replace("postgresql+psycopg://", "postgresql://").replace(
            "demo@/", "demo:demo@localhost/"
        )
        self._forget_other_accounts()

    def _forget_other_accounts(self) -> None:
        """Drop what another test has loaded: a load would go on from its state."""
        db = psycopg2.connect(self.url)
        try:
            with db, db.cursor() as cursor:
                for schema in ("infusionsoft", "infusionsoft_staging"):
                    cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        finally:
            db.close()

    @property
    def places(self) -> dict[str, str]:
        return {"full_url": self.url}

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
