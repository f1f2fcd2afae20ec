"""a: CPU per record of the tap and of other programs, relative to a plain loop on the same server.

Each program runs twice per round: on an account without contacts, which measures its startup, and on one with
many. The first ratio is `(cpu - startup) / records` of the program to that of the loop; the one "including
startup" is `cpu / records` to `cpu / records`. The loop is `peers/plain.py`: requests, orjson, and one line
per record.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks import contacts
from tests.benchmarks.figures import ROOT, NotMeasuredError, Table
from tests.benchmarks.runs import Usage, check, measure
from tests.benchmarks.server import Server, serving
from tests.benchmarks.tap import Tap

RECORDS = 50_000
PEER_RECORDS = 10_000
"""Fewer for the other programs, which take up to ten times as long."""
ROUNDS = 3
GOAL = 0.75
PEERS = Path(__file__).parent / "peers"
VENVS = {
    name: Path(os.environ.get(f"BENCH_{name.upper()}", ROOT / f".venv-bench-{name}"))
    for name in ("airbyte", "dlt")
}


@dataclass(frozen=True)
class Peer:
    """A program that reads all contacts of a server.

    Attributes:
        name: Its name in the table.
        records: Number of contacts that it reads.
        command: Returns its command line, given the server and a folder for its files.
        counts_itself: Whether it reports the number of records in a file. Otherwise its lines are counted.
        goal: Largest ratio that is acceptable; None for a program that is only shown for comparison.
    """

    name: str
    records: int
    command: Callable[[Server, Path], Sequence[str | Path]]
    counts_itself: bool = False
    goal: float | None = None


@dataclass(frozen=True)
class Cost:
    """What it costs a program to read its records.

    Attributes:
        records: Number of records.
        startup: Seconds of CPU of a run without records.
        usage: Usage of the run with records.
    """

    records: int
    startup: float
    usage: Usage

    @property
    def net(self) -> float:
        """Seconds of CPU per record, excluding startup."""
        return (self.usage.cpu - self.startup) / self.records

    @property
    def gross(self) -> float:
        """Seconds of CPU per record, including startup."""
        return self.usage.cpu / self.records


def _plain(server: Server, _: Path) -> Sequence[str | Path]:
    return [sys.executable, PEERS / "plain.py", server.url]


def _tap(server: Server, folder: Path) -> Sequence[str | Path]:
    tap = Tap(folder, server.url)
    tap.discover("contacts")
    return tap.command()


def _settings(server: Server, folder: Path) -> Path:
    """Write the settings of the other programs to a file, and return its path."""
    schema, config = folder / "schema.json", folder / "peer.json"
    schema.write_text(json.dumps(contacts.wire_schema()))
    config.write_text(json.dumps({"url": server.url, "schema": str(schema)}))
    return config


def _sdk(server: Server, folder: Path) -> Sequence[str | Path]:
    return [sys.executable, PEERS / "sdk_tap.py", "--config", _settings(server, folder)]


def _airbyte(server: Server, folder: Path) -> Sequence[str | Path]:
    return [VENVS["airbyte"] / "bin/python", PEERS / "airbyte_source.py", _settings(server, folder), folder]


def _dlt(mode: str) -> Callable[[Server, Path], Sequence[str | Path]]:
    return lambda server, folder: [
        VENVS["dlt"] / "bin/python",
        PEERS / "dlt_source.py",
        mode,
        _settings(server, folder),
        folder,
    ]


def peers(table: Table, records: int, peer_records: int) -> list[Peer]:
    """Return the programs that are installed, starting with the loop and the tap.

    Args:
        table: Where the missing ones are noted.
        records: Number of contacts for the loop and the tap.
        peer_records: Number of contacts for the others.
    """
    found = [
        Peer("plain loop", records, _plain),
        Peer("tap-infusionsoft", records, _tap, goal=GOAL),
        Peer("default singer-sdk tap", peer_records, _sdk),
    ]
    if (VENVS["airbyte"] / "installed").exists():
        found.append(Peer("Airbyte CDK, low-code", peer_records, _airbyte))
    else:
        table.skip("Airbyte CDK", "not installed; make bench installs it")
    if (VENVS["dlt"] / "installed").exists():
        found += [
            Peer(f"dlt, {mode}", peer_records, _dlt(mode), counts_itself=True)
            for mode in ("extract", "files")
        ]
    else:
        table.skip("dlt", "not installed; make bench installs it")
    return found


def measure_once(peer: Peer, server: Server, folder: Path, records: int) -> Usage:
    """Let a program read all contacts of a server.

    Args:
        peer: The program.
        server: The server.
        folder: Where its files go. It must not exist.
        records: Number of records that it should read.

    Raises:
        NotMeasuredError: It failed, or read another number of records.
    """
    folder.mkdir(parents=True)
    log = folder / "log"
    usage = measure(peer.command(server, folder), log, {"HOME": str(folder), "DO_NOT_TRACK": "1"})
    found = usage.records
    if peer.counts_itself:
        count = folder / "records"
        if not count.exists():
            raise NotMeasuredError(f"{peer.name} did not count its records: {log.read_text()[-500:]}")
        found = int(count.read_text())
    check(found, records, peer.name)
    server.check()
    return usage


def run(table: Table, folder: Path, records: int = RECORDS, peer_records: int = PEER_RECORDS) -> None:
    """Measure all programs. The loop and the tap take turns, because a machine's speed varies over time."""
    with serving(0) as empty, serving(records) as full, serving(peer_records) as fewer:

        def cost(peer: Peer, own: Path) -> Cost:
            server = full if peer.records == records else fewer
            startup = measure_once(peer, empty, own / "startup", 0).cpu
            return Cost(peer.records, startup, measure_once(peer, server, own / "run", peer.records))

        loop, tap, *others = peers(table, records, peer_records)
        base: list[Cost] = []
        for turn in range(ROUNDS):
            base.append(cost(loop, folder / f"loop-{turn}"))
            _add(table, tap, cost(tap, folder / f"tap-{turn}"), base[-1:])
            note = f"{base[-1].usage.size / records:,.0f} bytes per record"
            table.add("a", "plain loop, CPU per record", "us", base[-1].net * 1e6, note=note)
        for number, peer in enumerate(others):
            _add(table, peer, cost(peer, folder / f"other-{number}"), base)


def _add(table: Table, peer: Peer, cost: Cost, base: Sequence[Cost]) -> None:
    net, gross = median(one.net for one in base), median(one.gross for one in base)
    speed = f"{cost.records / cost.usage.wall:,.0f} per second"
    note = f"{cost.records:,} records, {speed}, startup {cost.startup:.2f} s"
    table.add("a", f"{peer.name} / plain loop, CPU", "ratio", cost.net / net, goal=peer.goal, note=note)
    table.add("a", f"{peer.name} / plain loop, CPU including startup", "ratio", cost.gross / gross)
