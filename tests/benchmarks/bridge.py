"""i: a first load into DuckDB through the bridge to dlt, next to what a user could do instead.

All of them read the same contacts from the same server: a `rest_api` source of dlt into DuckDB, and the tap
with target-postgres, which inserts. The bridge runs the tap: its time counts, and d measures its memory.

Left to itself, dlt writes INSERT statements for DuckDB, which take 0.4 MB of memory for each contact. So that
is compared at fewer contacts, and at all of them with Parquet files, which a user has to ask for.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from demo.warehouse import Warehouse
from tests.benchmarks.figures import ROOT, Table
from tests.benchmarks.runs import Usage, check, measure
from tests.benchmarks.server import serving
from tests.benchmarks.tap import Tap
from tests.benchmarks.targets import DEMO, POSTGRES, pipe

CONTACTS = 200_000
BY_DEFAULT = 20_000
"""Contacts for which dlt's default takes less than 10 GB."""
BRIDGE = Path(os.environ.get("BRIDGE_VENV", ROOT / ".venv-bridge"))
PEER = ROOT / "tests/benchmarks/peers/dlt_rest.py"
REST_GOAL, POSTGRES_GOAL, PEAK_GOAL, GROWTH_GOAL = 0.15, 0.10, 500.0, 1.2
_COUNT = """
import sys, duckdb
print(duckdb.connect(sys.argv[1]).execute("SELECT count(*) FROM infusionsoft.contacts").fetchone()[0])
"""


def run(table: Table, folder: Path, count: int = CONTACTS) -> None:
    """Measure what is installed.

    Args:
        table: Where the figures go.
        folder: Where the files go.
        count: Number of contacts.
    """
    if not (BRIDGE / "installed").exists():
        table.skip("bridge to dlt", "not installed; make bench installs it")
        return
    half = _bridge(folder / "half", count // 2)
    whole = _bridge(folder / "whole", count)
    note = f"{count:,} contacts in {whole.wall:.1f} s; CPU: {whole.cpu:.1f} s"
    table.add("i", "bridge into DuckDB, peak", "MB", whole.peak / 1e6, goal=PEAK_GOAL, note=note)
    table.add("i", "bridge, peak / peak at half", "ratio", whole.peak / half.peak, goal=GROWTH_GOAL)
    few = min(count, BY_DEFAULT)
    part, rest = _bridge(folder / "part", few), _rest(folder / "rest", few)
    note = (
        f"{few:,} contacts; bridge: {part.wall:.1f} s; rest_api: {rest.wall:.1f} s, {rest.peak / 1e6:,.0f} MB"
    )
    ratio = part.wall / rest.wall
    table.add("i", "bridge / dlt rest_api, wall time", "ratio", ratio, goal=REST_GOAL, note=note)
    rest = _rest(folder / "parquet", count, "parquet")
    note = f"rest_api: {rest.wall:.1f} s, {rest.peak / 1e6:,.0f} MB"
    ratio = whole.wall / rest.wall
    table.add("i", "bridge / dlt rest_api with Parquet, wall time", "ratio", ratio, goal=REST_GOAL, note=note)
    if (POSTGRES / "installed").exists() and DEMO.exists():
        wall = _postgres(folder / "postgres", count)
        what = "bridge / tap | target-postgres, wall time"
        note = f"target-postgres: {wall:.1f} s"
        table.add("i", what, "ratio", whole.wall / wall, goal=POSTGRES_GOAL, note=note)
    else:
        table.skip("bridge / tap | target-postgres", "not installed; make bench installs it")


def _bridge(folder: Path, count: int) -> Usage:
    folder.mkdir()
    with serving(count) as server:
        tap = Tap(folder, server.url, streams=["contacts"])
        words: list[str | Path] = [
            BRIDGE / "bin/python",
            "-m",
            "tap_infusionsoft.dlt",
            "--config",
            tap.config,
        ]
        words += ["--destination", "duckdb", "--credentials", folder / "keap.duckdb"]
        words += ["--pipelines-dir", folder / "pipelines"]
        usage = measure(words, folder / "bridge.log")
        server.check()
    check(_rows(folder), count, "bridge")
    return usage


def _rest(folder: Path, count: int, *file_format: str) -> Usage:
    folder.mkdir()
    with serving(count) as server:
        (folder / "settings.json").write_text(json.dumps({"url": server.url}))
        words: list[str | Path] = [
            BRIDGE / "bin/python",
            PEER,
            folder / "settings.json",
            folder,
            *file_format,
        ]
        off = {"RUNTIME__DLTHUB_TELEMETRY": "false"}
        usage = measure(words, folder / "rest.log", off)
        server.check()
    check(_rows(folder), count, "rest_api")
    return usage


def _rows(folder: Path) -> int:
    words = [str(BRIDGE / "bin/python"), "-c", _COUNT, str(folder / "keap.duckdb")]
    return int(subprocess.run(words, capture_output=True, check=True).stdout)


def _postgres(folder: Path, count: int) -> float:
    folder.mkdir()
    settings = {"default_target_schema": "bench"}
    with serving(count) as server, Warehouse(DEMO, folder / "data", folder / "server.log") as warehouse:
        program = POSTGRES / "bin/target-postgres"

        def loaded() -> int:
            return int(warehouse.query("SELECT count(*) FROM bench.contacts"))

        url = {"sqlalchemy_url": warehouse.url}
        return pipe("target-postgres", program, settings | url, folder, server, count, loaded)[0]
