"""A project of somebody's own takes the package, as docs/dbt.md says."""

from __future__ import annotations

import os
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.meltano import ROOT
from tests.dbt.building import Built, built, in_dbt_venv, needs_dbt
from tests.documents.blocks import block

pytestmark = needs_dbt
PAGE = "docs/dbt.md"
_READ = """
import duckdb, json, sys
print(json.dumps(duckdb.connect(sys.argv[1]).execute(sys.argv[2]).fetchall(), default=str))
"""
_COPY = """
import duckdb, sys
path, source, *only = sys.argv[1:]
made = duckdb.connect(path)
made.execute(f"ATTACH '{source}' AS there (READ_ONLY)")
made.execute("CREATE SCHEMA infusionsoft")
tables = made.execute(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'there' AND schema_name = 'infusionsoft'"
)
for (name,) in tables.fetchall():
    if not only or name in only:
        made.execute(f'CREATE TABLE infusionsoft."{name}" AS FROM there.infusionsoft."{name}"')
"""


class Project:
    """A project with a profile for DuckDB, and the package and vars of the page."""

    def __init__(self, folder: Path, database: Path, **more_vars: Any) -> None:
        self.folder = folder
        self.database = database
        own = yaml.safe_load(block(PAGE, "vars:").text)
        own["vars"] |= more_vars
        self.write(
            "dbt_project.yml", yaml.safe_dump({"name": "mine", "version": "1.0.0", "profile": "mine", **own})
        )
        output = {"type": "duckdb", "path": str(database), "schema": "mine"}
        profile = {"mine": {"target": "here", "outputs": {"here": output}}}
        self.write("profiles.yml", yaml.safe_dump(profile))
        packages = block(PAGE, "packages:").text
        self.write("packages.yml", packages.replace("../tap-infusionsoft/dbt", str(ROOT / "dbt")))
        self.write("models/customers.sql", block(PAGE, "select owner_id").text)

    def write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def run(self, commands: str) -> subprocess.CompletedProcess[str]:
        programs = Path(os.environ["DBT_VENV"]) / "bin"
        return subprocess.run(
            ["bash", "-euc", commands],
            cwd=self.folder,
            env={
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "HOME": str(self.folder),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )


def test_the_page_works_as_written(tmp_path: Path) -> None:
    database = _copy(built(), tmp_path / "keap.duckdb")
    project = Project(tmp_path, database)
    done = project.run(block(PAGE, "dbt deps").text + "\ndbt run --select customers")
    assert done.returncode == 0, done.stdout[-3000:]
    rows = in_dbt_venv("-c", _READ, database, "select sum(lifetime_value) from mine.customers")
    paid = sum(
        one["total_paid"]["amount"] - one["refund_total"]["amount"] for one in built().account["orders"]
    )
    assert Decimal(yaml.safe_load(rows)[0][0]) == Decimal(paid) / 100


def test_what_was_not_loaded_is_empty_and_said(tmp_path: Path) -> None:
    database = _copy(built(), tmp_path / "keap.duckdb", only=("contacts", "orders"))
    project = Project(tmp_path, database)
    done = project.run("dbt deps; dbt build")
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r'there is no table "keap"."infusionsoft"."order_items"', done.stdout)
    assert "WARN=0 ERROR=0" in done.stdout, "ids prove nothing if their stream was not loaded"
    sums = "select (select count(*) from {0}.customers), (select count(*) from {0}.sales_by_day)"
    rows = in_dbt_venv("-c", _READ, database, sums.format("mine_infusionsoft_marts"))
    assert yaml.safe_load(rows) == [[len(built().account["contacts"]), 0]]


def test_a_schema_without_tables_is_a_mistake(tmp_path: Path) -> None:
    database = _copy(built(), tmp_path / "keap.duckdb", only=("contacts",))
    project = Project(tmp_path, database, infusionsoft_schema="infusionsof")
    done = project.run("dbt deps; dbt run")
    assert done.returncode == 1
    assert "the schema infusionsof in the database keap has no tables. Set the var" in done.stdout


def test_a_column_that_is_not_there_is_null(tmp_path: Path) -> None:
    database = _copy(built(), tmp_path / "keap.duckdb", only=("contacts",))
    in_dbt_venv("-c", _READ, database, "alter table infusionsoft.contacts drop column company_id")
    project = Project(tmp_path, database)
    done = project.run("dbt deps; dbt run --select stg_infusionsoft__contacts")
    assert done.returncode == 0, done.stdout[-3000:]
    query = "select count(*), count(company_id) from mine_infusionsoft_staging.stg_infusionsoft__contacts"
    rows = yaml.safe_load(in_dbt_venv("-c", _READ, database, query))
    assert rows == [[len(built().account["contacts"]), 0]]


@pytest.mark.parametrize(("age", "said", "code"), [(0, "PASS", 0), (3, "WARN", 0), (20, "ERROR STALE", 1)])
def test_old_rows_are_not_fresh(tmp_path: Path, age: int, said: str, code: int) -> None:
    database = _copy(built(), tmp_path / "keap.duckdb", only=("contacts",))
    in_dbt_venv(
        "-c",
        _READ,
        database,
        f"update infusionsoft.contacts set _sdc_extracted_at = _sdc_extracted_at - interval {age} day",  # noqa: S608
    )
    project = Project(tmp_path, database)
    done = project.run("dbt deps; dbt source freshness --select source:infusionsoft.infusionsoft.contacts")
    assert done.returncode == code, done.stdout[-3000:]
    assert f"{said} freshness of infusionsoft.contacts" in done.stdout


def _copy(there: Built, path: Path, only: tuple[str, ...] = ()) -> Path:
    """Copy the account's DuckDB file, or some of its tables, without what was built from them."""
    in_dbt_venv("-c", _COPY, path, there.file, *only)
    return path
