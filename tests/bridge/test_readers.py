"""`make world` reads the tables that people read, and none of dlt's own copies."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="make bridge installs DuckDB")

import duckdb

from world.warehouses.files import duckdb_file


def test_rows_that_are_about_to_be_merged_are_not_read(tmp_path: Path) -> None:
    destination = duckdb_file("keap", tmp_path)
    with duckdb.connect(destination.places()["file"]) as db:
        for schema, number in (("infusionsoft", 1), ("infusionsoft_staging", 2)):
            db.execute(f"CREATE SCHEMA {schema}")
            db.execute(f"CREATE TABLE {schema}.contacts AS SELECT {number} AS id")
    assert destination.read({"contacts": ["id"]}) == {"contacts": [{"id": 1}]}
