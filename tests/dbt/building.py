"""An account in PostgreSQL and DuckDB, with the models of the dbt package built on it."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from demo.bridge import IntoDuckDB
from demo.dbt import Dbt
from demo.keap import Keap
from demo.meltano import ROOT, Meltano
from demo.run import change_records
from demo.warehouse import Warehouse
from tests.dbt.truth import Account, Row
from tools.dbt import extra_streams

ZONE = "America/Phoenix"
CONTACTS = 400
PACES = {
    "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "1000",
    "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": "1000000",
    "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "1000000",
}


class Built(Struct, frozen=True):
    """The account and what was built from its copies.

    Attributes:
        file: The DuckDB file.
        account: The account.
        rows: Database -> schema -> table -> its rows. Numbers, days and times are texts.
        results: Database -> what dbt says of each node: unique id -> status.
        said: Database -> what dbt printed.
    """

    file: Path
    account: Account
    rows: dict[str, dict[str, dict[str, list[Row]]]]
    results: dict[str, dict[str, str]]
    said: dict[str, str]


needs_dbt = pytest.mark.skipif("DBT_VENV" not in os.environ, reason="make dbt installs dbt and names it")
"""Mark of the tests that use `built`."""


@cache
def built() -> Built:
    """Load the account into both databases, change it, load it again, and build the package in both."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return _built(Path(folder.name))


def _built(folder: Path) -> Built:
    venv, dbt_venv = Path(os.environ["DEMO_VENV"]), Path(os.environ["DBT_VENV"])
    meltano = Meltano(venv, folder, ROOT / ".demo" / "meltano")
    meltano.run("install", {}, "install")
    with (
        Keap(
            Path(sys.executable).parent / "keap-sandbox",
            folder / "sandbox.log",
            "dbt-key",
            CONTACTS,
            {"limits": "off", "pipelines": "v2"},
        ) as keap,
        Warehouse(venv, folder / "warehouse", folder / "warehouse.log") as warehouse,
    ):
        settings = {
            **PACES,
            "TAP_INFUSIONSOFT_API_KEY": "dbt-key",
            "TAP_INFUSIONSOFT_API_URL": keap.url,
            "TAP_INFUSIONSOFT__SELECT": '["*.*"]',  # for Meltano, and the same for the bridge:
            "TAP_INFUSIONSOFT_STREAMS": '["*"]',
            "TAP_INFUSIONSOFT_SWEEP": "now",
            "TARGET_POSTGRES_SQLALCHEMY_URL": warehouse.url,
        }
        command = ("run", "tap-infusionsoft", "target-postgres")
        bridge = IntoDuckDB(Path(os.environ["BRIDGE_VENV"]), folder)
        meltano.run("first", settings, *command)
        bridge.load("first-duckdb", settings)
        before = keap.records()
        change_records(keap)
        meltano.run("second", settings, *command)
        bridge.load("second-duckdb", settings)
        environment = {**warehouse.environment, "DBT_DUCKDB_PATH": str(bridge.file)}
        dbt = Dbt(dbt_venv, folder, environment)
        today = datetime.now(ZoneInfo(ZONE)).date()
        variables = {
            "infusionsoft_as_of": today.isoformat(),
            "infusionsoft_timezone": ZONE,
            "infusionsoft_extra_streams": extra_streams(),
            "infusionsoft_saved_search": "saved_search_all_contacts",
        }
        said, results, rows = {}, {}, {}
        for target, files in (("postgres", ()), ("duckdb", (bridge.file,))):
            said[target] = dbt.run(target, "build", variables=variables)
            found = json.loads((folder / target / "run_results.json").read_text())
            results[target] = {one["unique_id"]: one["status"] for one in found["results"]}
            rows[target] = {
                schema: json.loads(
                    in_dbt_venv(
                        Path(__file__).with_name("read_rows.py"),
                        f"analytics_infusionsoft_{schema}",
                        *files,
                        environment=environment,
                    )
                )
                for schema in ("marts", "reports", "tables")
            }
        return Built(bridge.file, Account(keap.records(), before, today, ZONE), rows, results, said)


def in_dbt_venv(*arguments: Any, environment: Mapping[str, str] | None = None) -> str:
    """Run Python in the virtual environment of dbt and return what it printed."""
    return subprocess.run(
        [Path(os.environ["DBT_VENV"]) / "bin" / "python", *map(str, arguments)],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    ).stdout
