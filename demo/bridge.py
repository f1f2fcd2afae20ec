"""Load the account into a DuckDB file through dlt, and read the file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from demo.warehouse import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOG_LINES = 20
_TABLES = """
import json, sys, dlt, duckdb
tables = dlt.attach("keap", pipelines_dir=sys.argv[2]).schemas["tap_infusionsoft"].tables
with duckdb.connect(sys.argv[1], read_only=True) as db:
    db.execute("SET TimeZone = 'UTC'")
    found = {}
    for name, table in tables.items():
        columns = table["columns"]
        if "_sdc_sequence" in columns:
            own = ", ".join(f'"{one}"' for one in columns if not one.startswith("_sdc_"))
            rows = db.execute(f'SELECT to_json(t)::VARCHAR FROM (SELECT {own} FROM infusionsoft."{name}") t')
            key = [one for one, column in columns.items() if column.get("primary_key")]
            found[name] = {"key": key, "rows": [json.loads(row) for (row,) in rows.fetchall()]}
print(json.dumps(found))
"""


class BridgeFailedError(RuntimeError):
    """The load failed. The message includes the end of its log."""


class IntoDuckDB:
    """Loads with `tap_infusionsoft.dlt`.

    Attributes:
        file: The DuckDB file.
    """

    command = "python -m tap_infusionsoft.dlt --destination duckdb"
    goodbye = "Deleted rows are gone from the tables, too."

    def __init__(self, venv: Path, folder: Path) -> None:
        """Begin with an empty database.

        Args:
            venv: Virtual environment that has the tap with its extra ``dlt``.
            folder: Folder for the database and the logs.
        """
        self._python, self._folder = venv / "bin" / "python", folder
        self.file, self._pipelines = folder / "keap.duckdb", folder / "pipelines"
        self.file.unlink(missing_ok=True)
        shutil.rmtree(self._pipelines, ignore_errors=True)

    def load(self, name: str, settings: Mapping[str, str]) -> float:
        """Load what is new, and return the seconds that it took.

        Args:
            name: Name for the log.
            settings: Environment variables with settings of the tap.

        Raises:
            BridgeFailedError: The load failed.
        """
        began, log = time.monotonic(), self._folder / f"{name}.log"
        options = ["--credentials", str(self.file), "--pipelines-dir", str(self._pipelines)]
        with log.open("wb") as output:
            code = subprocess.run(  # noqa: S603
                [str(self._python), "-m", "tap_infusionsoft.dlt", "--destination", "duckdb", *options],
                env=os.environ | settings,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                check=False,
            ).returncode
        if code:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
            raise BridgeFailedError(f"the load failed with exit code {code}. From {log}:\n{tail}")
        return time.monotonic() - began

    def tables(self) -> dict[str, Table]:
        """Return the tables by name."""
        done = subprocess.run(  # noqa: S603
            [self._python, "-c", _TABLES, self.file, self._pipelines],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return {name: Table(one["key"], one["rows"]) for name, one in json.loads(done.stdout).items()}

    def ending(self) -> str:
        """Return where the tables are."""
        return f"The tables are in the schema infusionsoft of {self.file}, for any program that reads DuckDB."
