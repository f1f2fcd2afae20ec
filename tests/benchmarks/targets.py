"""f: CPU and wall time of `tap | target-jsonl` and `tap | target-postgres`."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from demo.warehouse import Warehouse
from tests.benchmarks.figures import ROOT, Table
from tests.benchmarks.runs import check, environment, reap
from tests.benchmarks.server import Server, serving
from tests.benchmarks.tap import Tap

RECORDS = 5_000
JSONL = Path(os.environ.get("TARGET_JSONL", ROOT / ".venv-target-jsonl/bin/target-jsonl"))
POSTGRES = Path(os.environ.get("BENCH_POSTGRES", ROOT / ".venv-bench-postgres"))
DEMO = Path(os.environ.get("DEMO_VENV", ROOT / ".venv-demo"))


def run(table: Table, folder: Path, records: int = RECORDS) -> None:
    """Measure the targets that are installed.

    Args:
        table: Where the figures go.
        folder: Where the files go.
        records: Number of contacts to load.
    """
    with serving(records) as server:
        if JSONL.exists():
            _jsonl(table, folder / "jsonl", server, records)
        else:
            table.skip("target-jsonl", "not installed; make bench installs it")
        if (POSTGRES / "installed").exists() and DEMO.exists():
            _postgres(table, folder / "postgres", server, records)
        else:
            table.skip("target-postgres", "not installed; make bench installs it")


def _jsonl(table: Table, folder: Path, server: Server, records: int) -> None:
    folder.mkdir()
    out = folder / "out"
    out.mkdir()

    def count() -> int:
        (found,) = out.glob("contacts*.jsonl")
        with found.open("rb") as lines:
            return sum(1 for _ in lines)

    _pipe(table, "target-jsonl", JSONL, {"destination_path": str(out)}, folder, server, records, count)


def _postgres(table: Table, folder: Path, server: Server, records: int) -> None:
    folder.mkdir()
    with ExitStack() as stack:
        warehouse = stack.enter_context(Warehouse(DEMO, folder / "data", folder / "server.log"))
        settings = {"sqlalchemy_url": warehouse.url, "default_target_schema": "bench"}

        def count() -> int:
            return int(warehouse.query("SELECT count(*) FROM bench.contacts"))

        _pipe(
            table,
            "target-postgres",
            POSTGRES / "bin/target-postgres",
            settings,
            folder,
            server,
            records,
            count,
        )


def _pipe(
    table: Table,
    name: str,
    program: Path,
    settings: dict[str, str],
    folder: Path,
    server: Server,
    records: int,
    count: Callable[[], int],
) -> None:
    """Pipe the tap into a target, and add the figures to the table; see `pipe` for the other arguments."""
    wall, tap_cpu, target_cpu = pipe(name, program, settings, folder, server, records, count)
    note = f"{records:,} records in {wall:.1f} s; CPU: tap {tap_cpu:.1f} s, target {target_cpu:.1f} s"
    table.add("f", f"tap / (tap + {name}), CPU", "share", tap_cpu / (tap_cpu + target_cpu), note=note)
    table.add("f", f"tap | {name}, wall time", "s", wall)


def pipe(
    name: str,
    program: Path,
    settings: dict[str, str],
    folder: Path,
    server: Server,
    records: int,
    count: Callable[[], int],
) -> tuple[float, float, float]:
    """Pipe the tap into a target.

    Args:
        name: Name of the target.
        program: The target's executable.
        settings: Its config.
        folder: Where the files go.
        server: The server that the tap reads.
        records: Number of records that should arrive.
        count: Returns the number of records that did.

    Returns:
        Seconds that it took, and seconds of CPU of the tap and of the target.

    Raises:
        NotMeasuredError: The tap or the target failed, or records are missing in the target.
    """
    config = folder / "target.json"
    config.write_text(json.dumps(settings))
    tap = Tap(folder, server.url)
    tap.discover("contacts")
    logs = {"tap": folder / "tap.log", "target": folder / "target.log"}
    start = time.monotonic()
    with logs["tap"].open("wb") as tap_log, logs["target"].open("wb") as target_log:
        source = subprocess.Popen(
            tap.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=tap_log, env=environment()
        )
        sink = subprocess.Popen(
            [program, "--config", config],
            stdin=source.stdout,
            stdout=subprocess.DEVNULL,
            stderr=target_log,
            env=environment(),
        )
    assert source.stdout is not None
    source.stdout.close()  # only the target may hold it, or the tap would not notice if the target ends
    try:
        tap_cpu = reap(source, tap.command(), logs["tap"])
        target_cpu = reap(sink, [program], logs["target"])
    finally:
        for process in (source, sink):
            if process.returncode is None:
                process.kill()
                process.wait()
    wall = time.monotonic() - start
    check(count(), records, name)
    server.check()
    return wall, tap_cpu, target_cpu
