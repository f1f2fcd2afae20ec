"""The example for Dagster."""

from __future__ import annotations

from pathlib import Path

from tests.examples.dagster import dagster
from tests.examples.hosts import walk
from tests.examples.installed import Installed, programs_of


def test_dagster(keap: Installed, tmp_path: Path) -> None:
    with dagster(keap, tmp_path / "dagster", programs_of("Dagster")) as host:
        walk(host, keap)
