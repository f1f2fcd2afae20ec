"""PostgreSQL, with sessions that are not in UTC."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import msgspec

from demo.warehouse import USER
from demo.warehouse import Warehouse as Server
from world.account import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from world.warehouses.base import Rows

_TABLES = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND right(n.nspname, 8) <> '_staging'
"""
"""The names of all tables. In schemas with that ending, dlt has what it merges, under the same names."""


class Postgres:
    """Its own server. Every destination is a database."""

    def __init__(self, folder: Path, venv: Path) -> None:
        """Prepare the server.

        Args:
            folder: Folder for its data and its log.
            venv: Virtual environment that has the PostgreSQL wheel.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._server = Server(venv, folder / "data", folder / "server.log", ZONE)

    def __enter__(self) -> Self:
        """Start the server."""
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.__exit__(*_)

    def empty(self, name: str, folder: Path) -> Database:
        """Create a database.

        Args:
            name: Its name.
            folder: Not used.
        """
        del folder
        database = Database(self._server, name)
        database.ask(f'DROP DATABASE IF EXISTS "{name}"', on=USER)
        database.ask(f'CREATE DATABASE "{name}"', on=USER)
        return database


class Database(msgspec.Struct):
    """One database."""

    server: Server
    name: str

    def places(self) -> Mapping[str, str]:
        """Return what a target needs to connect: the host is the folder of the server's socket."""
        host = str(self.server.socket)
        query = f"@/{self.name}?host={quote(host, safe='')}"
        return {
            "host": host,
            "user": USER,
            "database": self.name,
            "url": f"postgresql://{USER}{query}",
            "full_url": f"postgresql://{USER}:none@localhost{query.removeprefix('@')}",
            "psycopg_url": f"postgresql+psycopg://{USER}{query}",
        }

    def read(self, streams: Iterable[str]) -> Rows:
        """Return the rows as PostgreSQL's JSON, which has all digits of numbers."""
        wanted = {stream.lower() for stream in streams}
        rows: Rows = {}
        for table in self.ask(_TABLES):
            schema, _, name = table.partition(".")
            if name.lower() in wanted:
                lines = self.ask(f'SELECT to_jsonb(t) FROM "{schema}"."{name}" t')  # noqa: S608
                rows[name] = [json.loads(line, parse_float=Decimal) for line in lines]
        return rows

    def ask(self, sql: str, on: str = "") -> list[str]:
        """Run a statement and return the lines of its answer.

        Args:
            sql: The statement.
            on: Database, if another than this.
        """
        command: list[Any] = [self.server.programs / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", self.server.socket, "-U", USER, "-d", on or self.name]
        answer = subprocess.run(  # noqa: S603
            command,
            input=f"{sql};",
            env={"PGTZ": "UTC", "PGCLIENTENCODING": "UTF8", "PATH": "/usr/bin:/bin"},
            encoding="utf-8",
            capture_output=True,
            check=True,
        )
        return [line for line in answer.stdout.split("\n") if line]
