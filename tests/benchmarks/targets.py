"""f: through real targets, ``tap | target-jsonl`` and ``tap | target-postgres``: whose CPU it is, and how long it takes."""

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
    """Measure both targets, as far as they are installed."""
    with serving(records) as server:
        if JSONL.exists():
            _jsonl(table, folder / "jsonl", server, records)
        else:
            table.skip("target-jsonl", "it is not installed; make bench does that")
        if (POSTGRES / "installed").exists() and DEMO.exists():
            _postgres(table, folder / "postgres", server, records)
        else:
            table.skip("target-postgres", "it is not installed; make bench does that")


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
    """Run the tap into a target.

    Raises:
        NotMeasuredError: One of them failed, or the target does not hold what there is.
    """
    config = folder / "target.json"
    config.write_text(json.dumps(settings))
    tap = Tap(folder, server.url)
    tap.discover("contacts")
    logs = {"tap": folder / "tap.log", "target": folder / "target.log"}
    began = time.monotonic()
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
    source.stdout.close()  # the target has it, and its end must be seen
    try:
        ours = reap(source, tap.command(), logs["tap"])
        theirs = reap(sink, [program], logs["target"])
    finally:
        for process in (source, sink):
            if process.returncode is None:
                process.kill()
                process.wait()
    wall = time.monotonic() - began
    check(count(), records, name)
    server.check()
    note = f"{records:,} records in {wall:.1f} s; CPU: tap {ours:.1f} s, target {theirs:.1f} s"
    table.add("f", f"tap / (tap + {name}), CPU", "share", ours / (ours + theirs), note=note)
    table.add("f", f"tap | {name}, wall", "s", wall)
