"""The example for Prefect."""

from __future__ import annotations

from pathlib import Path

from tests.examples.hosts import walk
from tests.examples.installed import Installed, programs_of
from tests.examples.prefect import prefect


def test_prefect(keap: Installed, tmp_path: Path) -> None:
    with prefect(keap, tmp_path / "prefect", programs_of("Prefect")) as host:
        walk(host, keap)
