"""The example for Airflow."""

from __future__ import annotations

from pathlib import Path

from tests.examples.airflow import airflow
from tests.examples.hosts import walk
from tests.examples.installed import Installed, programs_of


def test_airflow(keap: Installed, tmp_path: Path) -> None:
    with airflow(keap, tmp_path / "airflow", programs_of("Airflow")) as host:
        walk(host, keap)
