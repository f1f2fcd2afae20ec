"""a: CPU per record of the tap and of other programs, relative to a plain loop on the same server.

Each program runs twice per round: on an account without contacts, which measures its startup, and on one with
many. The first ratio is `(cpu - startup) / records` of the program to that of the loop; the one "including
startup" is `cpu / records` to `cpu / records`. The loop is `peers/plain.py`: requests, orjson, and one line
per record.

An earlier commit of the tap takes turns with the tap, on contacts and on orders with their items: a ratio to
another program moves with the machine's memory, and one to the same program less.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks import contacts, orders
from tests.benchmarks.builds import EARLIER, VENVS
from tests.benchmarks.figures import NotMeasuredError, Table
from tests.benchmarks.runs import Usage, check, measure
from tests.benchmarks.server import Server, serving
from tests.benchmarks.tap import PROGRAM, Tap

RECORDS = 50_000
PEER_RECORDS = 10_000
"""Fewer for the other programs, which take up to ten times as long."""
ORDERS = 10_000
ROUNDS = 3
GOAL = 0.75
GOALS_EARLIER = {"contact": 0.65, "order with its items": 0.5, "order with all its parts": 0.5}
"""Row of the server -> largest ratio to an earlier commit that is acceptable."""
STREAMS = {
    "contact": ("contacts",),
    "order with its items": ("orders", "order_items"),
    "order with all its parts": ("orders", "order_items", "order_payment_plan_items", "invoice_balances"),
}
RECORDS_PER_ROW = {
    "contact": 1,
    "order with its items": 1 + orders.ITEMS,
    "order with all its parts": 2 + orders.ITEMS + orders.INSTALLMENTS,
}
PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    """A program that reads all contacts of a server.

    Attributes:
        name: Its name in the table.
        records: Number of rows of the server that it reads: contacts, unless its name says otherwise.
        command: Returns its command line, given the server and a folder for its files.
        counts_itself: Whether it reports the number of records in a file. Otherwise its lines are counted.
        goal: Largest ratio that is acceptable; None for a program that is only shown for comparison.
        per_row: Records that it makes of a row of the server.
    """

    name: str
    records: int
    command: Callable[[Server, Path], Sequence[str | Path]]
    counts_itself: bool = False
    goal: float | None = None
    per_row: int = 1


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


def _reads(program: Path, streams: Sequence[str]) -> Callable[[Server, Path], Sequence[str | Path]]:
    def command(server: Server, folder: Path) -> Sequence[str | Path]:
        tap = Tap(folder, server.url)
        tap.program = program
        tap.discover(*streams)
        return tap.command()

    return command


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
        records: Number of rows of the server.

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
    check(found, records * peer.per_row, peer.name)
    server.check()
    return usage


def run(
    table: Table,
    folder: Path,
    records: int = RECORDS,
    peer_records: int = PEER_RECORDS,
    order_records: int = ORDERS,
) -> None:
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

    _run_earlier(table, folder, order_records)


def _run_earlier(table: Table, folder: Path, rows: int) -> None:
    """Measure the tap beside an earlier commit of it, which take turns."""
    if not (VENVS["earlier"] / "installed").exists():
        table.skip(f"CPU beside {EARLIER}", "not installed; make bench installs it")
        return
    programs = {"now": PROGRAM, EARLIER: VENVS["earlier"] / "bin" / PROGRAM.name}
    with serving(0) as empty, serving(rows) as full:
        for number, (row, streams) in enumerate(STREAMS.items()):
            for turn in range(ROUNDS):
                costs = {}
                for name, program in programs.items():
                    peer = Peer(
                        f"{name}, {row}", rows, _reads(program, streams), per_row=RECORDS_PER_ROW[row]
                    )
                    own = folder / f"earlier-{number}-{turn}-{name}"
                    startup = measure_once(peer, empty, own / "startup", 0).cpu
                    costs[name] = Cost(rows, startup, measure_once(peer, full, own / "run", rows))
                was = costs[EARLIER].net
                note = f"{was * 1e6:,.0f} us at {EARLIER}"
                what = f"tap-infusionsoft / {EARLIER}, CPU per {row}"
                table.add("a", what, "ratio", costs["now"].net / was, goal=GOALS_EARLIER[row], note=note)


def _add(table: Table, peer: Peer, cost: Cost, base: Sequence[Cost]) -> None:
    net, gross = median(one.net for one in base), median(one.gross for one in base)
    speed = f"{cost.records / cost.usage.wall:,.0f} per second"
    note = f"{cost.records:,} records, {speed}, startup {cost.startup:.2f} s"
    table.add("a", f"{peer.name} / plain loop, CPU", "ratio", cost.net / net, goal=peer.goal, note=note)
    table.add("a", f"{peer.name} / plain loop, CPU including startup", "ratio", cost.gross / gross)
