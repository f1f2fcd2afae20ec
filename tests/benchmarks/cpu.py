"""a: CPU per record, relative to the plain loop in the same run, and beside other programs on the same server.

Each program runs twice a round: over an account without contacts, which is what its start costs, and over one
with many. The ratio without the start is ``(cpu - start) / records`` of the program over the same of the
loop; the whole one is
``cpu / records`` over ``cpu / records``. The loop is `peers/plain.py`: requests, orjson, a line a record.
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
"""The others take ten times as long."""
ROUNDS = 3
MOST = 0.75
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
        records: How many contacts it is given.
        command: Makes its command, from the server and a folder for its files.
        counts: How many records it says it has read, for those that write files; None where its lines are
            counted.
    """

    name: str
    records: int
    command: Callable[[Server, Path], Sequence[str | Path]]
    counts: bool = False
    most: float | None = None


@dataclass(frozen=True)
class Cost:
    """What the records of a program cost.

    Attributes:
        records: How many there were.
        start: Seconds of CPU without any.
        usage: The run with them.
    """

    records: int
    start: float
    usage: Usage

    @property
    def net(self) -> float:
        """Seconds of CPU per record, without the start."""
        return (self.usage.cpu - self.start) / self.records

    @property
    def whole(self) -> float:
        """The same with the start."""
        return self.usage.cpu / self.records


def _plain(server: Server, _: Path) -> Sequence[str | Path]:
    return [sys.executable, PEERS / "plain.py", server.url]


def _tap(server: Server, folder: Path) -> Sequence[str | Path]:
    tap = Tap(folder, server.url)
    tap.discover("contacts")
    return tap.command()


def _settings(server: Server, folder: Path) -> Path:
    """A file with what the others need to know."""
    schema, config = folder / "schema.json", folder / "peer.json"
    schema.write_text(json.dumps(contacts.wire_schema()))
    config.write_text(json.dumps({"url": server.url, "schema": str(schema)}))
    return config


def _sdk(server: Server, folder: Path) -> Sequence[str | Path]:
    return [sys.executable, PEERS / "sdk_tap.py", "--config", _settings(server, folder)]


def _airbyte(server: Server, folder: Path) -> Sequence[str | Path]:
    return [VENVS["airbyte"] / "bin/python", PEERS / "airbyte_source.py", _settings(server, folder), folder]


def _dlt(how: str) -> Callable[[Server, Path], Sequence[str | Path]]:
    return lambda server, folder: [
        VENVS["dlt"] / "bin/python",
        PEERS / "dlt_source.py",
        how,
        _settings(server, folder),
        folder,
    ]


def peers(table: Table, records: int, peer_records: int) -> list[Peer]:
    """Those that can run here, the loop first."""
    found = [
        Peer("plain loop", records, _plain),
        Peer("tap-infusionsoft", records, _tap, most=MOST),
        Peer("default singer-sdk tap", peer_records, _sdk),
    ]
    if (VENVS["airbyte"] / "installed").exists():
        found.append(Peer("Airbyte CDK, low-code", peer_records, _airbyte))
    else:
        table.skip("Airbyte CDK", "it is not installed; make bench does that")
    if (VENVS["dlt"] / "installed").exists():
        found += [Peer(f"dlt, {how}", peer_records, _dlt(how), counts=True) for how in ("extract", "files")]
    else:
        table.skip("dlt", "it is not installed; make bench does that")
    return found


def once(peer: Peer, server: Server, folder: Path, records: int) -> Usage:
    """Run a program over a server.

    Raises:
        NotMeasuredError: It did not read what there is.
    """
    folder.mkdir(parents=True)
    log = folder / "log"
    usage = measure(peer.command(server, folder), log, {"HOME": str(folder), "DO_NOT_TRACK": "1"})
    found = usage.records
    if peer.counts:
        counted = folder / "records"
        if not counted.exists():
            raise NotMeasuredError(f"{peer.name} did not count its records: {log.read_text()[-500:]}")
        found = int(counted.read_text())
    check(found, records, peer.name)
    server.check()
    return usage


def run(table: Table, folder: Path, records: int = RECORDS, peer_records: int = PEER_RECORDS) -> None:
    """Measure all of them. The loop and the tap take turns, for a machine is not equally fast all the time."""
    with serving(0) as empty, serving(records) as full, serving(peer_records) as fewer:

        def cost(peer: Peer, place: Path) -> Cost:
            server = full if peer.records == records else fewer
            start = once(peer, empty, place / "start", 0).cpu
            return Cost(peer.records, start, once(peer, server, place / "run", peer.records))

        loop, tap, *others = peers(table, records, peer_records)
        base: list[Cost] = []
        for turn in range(ROUNDS):
            base.append(cost(loop, folder / f"loop-{turn}"))
            _add(table, tap, cost(tap, folder / f"tap-{turn}"), base[-1:])
            note = f"{base[-1].usage.size / records:,.0f} bytes a record"
            table.add("a", "plain loop, CPU per record", "us", base[-1].net * 1e6, note=note)
        for number, peer in enumerate(others):
            _add(table, peer, cost(peer, folder / f"other-{number}"), base)


def _add(table: Table, peer: Peer, cost: Cost, base: Sequence[Cost]) -> None:
    net, whole = (median(getattr(one, name) for one in base) for name in ("net", "whole"))
    note = (
        f"{cost.records:,} records, {cost.records / cost.usage.wall:,.0f} a second, start {cost.start:.2f} s"
    )
    table.add("a", f"{peer.name} / plain loop, CPU", "ratio", cost.net / net, most=peer.most, note=note)
    table.add("a", f"{peer.name} / plain loop, CPU with the start", "ratio", cost.whole / whole)
