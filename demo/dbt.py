"""Run the dbt package in `dbt/` on a copy of an account."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "dbt"
LOG_LINES = 40
"""Lines of a log to show when dbt fails."""


class DbtError(RuntimeError):
    """dbt failed. The message includes the end of its log."""


class Dbt:
    """The package, run by itself with the profile that is in it."""

    def __init__(self, venv: Path, folder: Path, environment: Mapping[str, str]) -> None:
        """Name the database.

        Args:
            venv: Virtual environment that has dbt.
            folder: Folder for what dbt writes.
            environment: Variables that the profile reads, such as ``PGHOST`` or ``DBT_DUCKDB_PATH``.
        """
        self._program = venv / "bin" / "dbt"
        self._folder = folder
        kept = {name: one for name, one in os.environ.items() if not name.startswith(("DBT_", "PG"))}
        self._environment = {**kept, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **environment}

    def run(self, target: str, *arguments: str, variables: Mapping[str, object] | None = None) -> str:
        """Run a command of dbt and return what it printed.

        Args:
            target: ``postgres`` or ``duckdb``.
            arguments: The command and its options.
            variables: Vars of the package to set.

        Raises:
            DbtError: The command failed.
        """
        output = self._folder / target
        output.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(  # noqa: S603
            [
                self._program,
                "--no-use-colors",
                *arguments,
                f"--project-dir={PROJECT}",
                f"--profiles-dir={PROJECT}",
                f"--target={target}",
                f"--target-path={output}",
                f"--log-path={output}",
                f"--vars={json.dumps(dict(variables or {}))}",
            ],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        (output / "output.log").write_text(done.stdout, encoding="utf-8")
        if done.returncode:
            tail = "\n".join(done.stdout.splitlines()[-LOG_LINES:])
            raise DbtError(
                f"dbt {' '.join(arguments)} failed with exit code {done.returncode} on {target}:\n{tail}"
            )
        return done.stdout
