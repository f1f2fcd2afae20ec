"""MariaDB, which takes the place of MySQL: targets speak to both alike."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any, Self

import msgspec

from world.warehouses.base import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from world.warehouses.base import Rows

START_SECONDS = 60
USER = "world"
PASSWORD = "world-password"  # noqa: S105  for a server that lives as long as the run
OFFSET = "-05:00"
"""New York's winter. The server has no tables of time zones, so it takes an offset."""
PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


class MySQL:
    """Its own server. Every destination is a database."""

    def __init__(self, folder: Path, venv: Path) -> None:
        """Prepare the server.

        Args:
            folder: Folder for its data and its log.
            venv: Not used: the server is a program of this machine.

        Raises:
            MissingError: It is not installed.
        """
        del venv
        programs = {name: shutil.which(name, path=PATH) for name in ("mariadbd", "mariadb-install-db")}
        self._server, self._install = programs["mariadbd"], programs["mariadb-install-db"]
        if not self._server or not self._install:
            raise MissingError("it needs mariadbd (Debian: mariadb-server-core and mariadb-client-core)")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        """Create an empty server and start it."""
        data, log = self._folder / "data", self._folder / "server.log"
        shutil.rmtree(self._folder, ignore_errors=True)
        data.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        common = ["--no-defaults", "--user=root", f"--datadir={data}"]
        server = [
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            f"--socket={self._folder / 'socket'}",
            f"--pid-file={self._folder / 'pid'}",
            f"--default-time-zone={OFFSET}",
            "--character-set-server=utf8mb4",
            "--local-infile=ON",
        ]
        with log.open("ab") as log_file:
            made = [str(self._install), *common, "--skip-test-db", "--auth-root-authentication-method=normal"]
            subprocess.run(made, stdout=log_file, stderr=log_file, check=True)  # noqa: S603
            self._process = subprocess.Popen(  # noqa: S603
                [str(self._server), *common, *server],
                stdout=log_file,
                stderr=log_file,
                start_new_session=True,
            )
        try:
            self._allow()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._stop()

    def empty(self, name: str, folder: Path) -> Database:
        """Create a database.

        Args:
            name: Its name.
            folder: Not used.
        """
        del folder
        with self.connected("root", "") as connection:
            connection.cursor().execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return Database(self, name)

    def connected(self, user: str = USER, password: str = PASSWORD, database: str | None = None) -> Any:
        """Connect, with sessions in UTC.

        Args:
            user: Who connects.
            password: With which password.
            database: To which database.
        """
        import pymysql  # noqa: PLC0415  only this warehouse needs it

        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password,
            database=database,
            charset="utf8mb4",
            init_command="SET time_zone = '+00:00'",
            autocommit=True,
        )

    def _allow(self) -> None:
        """Wait for the server, and create the user whose name targets get."""
        import pymysql  # noqa: PLC0415

        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = self.connected("root", "")
            except pymysql.err.OperationalError:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                break
        with connection:
            connection.cursor().execute(f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")
            connection.cursor().execute(f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION")

    def _stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Database(msgspec.Struct):
    """One database."""

    server: MySQL
    name: str

    def places(self) -> Mapping[str, str]:
        """Return what a target needs to connect."""
        port = str(self.server.port)
        return {
            "host": "127.0.0.1",
            "port": port,
            "user": USER,
            "password": PASSWORD,
            "database": self.name,
            "mysql_url": f"mysql+pymysql://{USER}:{PASSWORD}@127.0.0.1:{port}/{self.name}",
        }

    def read(self, streams: Iterable[str]) -> Rows:
        """Return the rows of all tables."""
        wanted = {stream.lower() for stream in streams}
        rows: Rows = {}
        with self.server.connected() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = %s",
                (self.name,),
            )
            for schema, table in cursor.fetchall():
                if table.lower() in wanted:
                    cursor.execute(f"SELECT * FROM `{schema}`.`{table}`")  # noqa: S608
                    columns = [column[0] for column in cursor.description]
                    rows[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return rows
