"""The demo: load a Keap account, change it, load it again, and check the copy each time.

Everything runs on this machine: a made-up account (the sandbox), and a PostgreSQL server with Meltano; with
``python -m demo.run duckdb``, a DuckDB file and dlt instead. Their files are in ``.demo/``.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from demo.bridge import IntoDuckDB
from demo.compare import differences, line, table
from demo.dbt import Dbt
from demo.keap import Keap
from demo.meltano import ROOT, Meltano
from demo.summary import numbers
from demo.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from demo.warehouse import Table

FOLDER = ROOT / ".demo"
VENV, BRIDGE_VENV, DBT_VENV = ROOT / ".venv-demo", ROOT / ".venv-bridge", ROOT / ".venv-dbt"
CONTACTS = 2000
LIMITS = {"second_limit": 50, "minute_limit": 3000}
"""Twice the calls that Keap allows an OAuth application.

The tap uses half of the limit. With the 240 calls a minute of a key, the demo would take too long.
"""
TABLE_LINES = 12
"""Streams listed in the printed table."""
MOST_DIFFERENCES = 30
"""Most differences listed when the copy is wrong."""
NEEDED = ("contacts", "companies", "tags")
"""Streams that the copy must have, whatever is selected by default."""


class DemoError(Exception):
    """The demo can't continue. The message says why."""


def say(text: str = "", end: str = "\n") -> None:
    """Print text and flush it."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


class Loader(Protocol):
    """Loads the account into a warehouse.

    Attributes:
        command: What a user would type.
        goodbye: What becomes of rows that are deleted.
    """

    command: str
    goodbye: str

    def load(self, name: str, settings: Mapping[str, str]) -> float:
        """Load what is new, and return the seconds that it took."""

    def tables(self) -> dict[str, Table]:
        """Return the tables by stream."""

    def ending(self) -> str:
        """Return what is worth saying at the end: what the tables are good for."""


@dataclass
class IntoPostgres:
    """Loads with Meltano and target-postgres.

    Attributes:
        meltano: Runs the tap and the target.
        warehouse: The database.
    """

    meltano: Meltano
    warehouse: Warehouse
    command: str = "meltano run tap-infusionsoft target-postgres"
    goodbye: str = "Deleted rows are still in the warehouse, with a time in _sdc_deleted_at."

    def load(self, name: str, settings: Mapping[str, str]) -> float:
        """Load what is new, and return the seconds that it took."""
        url = {"TARGET_POSTGRES_SQLALCHEMY_URL": self.warehouse.url}
        return self.meltano.run(name, {**url, **settings}, *self.command.split()[1:])

    def tables(self) -> dict[str, Table]:
        """Return the tables by stream."""
        return self.warehouse.tables()

    def ending(self) -> str:
        """Build the dbt package, and return its numbers."""
        built = Dbt(DBT_VENV, FOLDER / "dbt", self.warehouse.environment).run("postgres", "build")
        return "\n".join(
            [
                "The dbt package turns the copy into numbers, and leaves out what was deleted.",
                "  $ dbt build --project-dir dbt --target postgres",
                f"  {built.splitlines()[-1].partition('Done. ')[2]}",
                "",
                numbers(self.warehouse),
            ]
        )


def load(
    loader: Loader,
    keap: Keap,
    before: Mapping[str, Table],
    name: str,
    **settings: str,
) -> dict[str, Table]:
    """Run the tap, print what the run changed, and compare the warehouse with Keap.

    Args:
        loader: Loads the account into the warehouse.
        keap: The account to load.
        before: The tables before the run, by stream.
        name: Name for the run's log.
        settings: Environment variables with settings of the tap.

    Returns:
        The tables after the run, by stream.

    Raises:
        DemoError: The warehouse doesn't match Keap.
    """
    calls = keap.calls()
    seconds = loader.load(name, settings)
    calls = keap.calls() - calls
    truth, after = keap.records(), loader.tables()
    lines = [
        line(
            stream,
            len(truth[stream]) if stream in truth else None,
            rows_of(before, stream),
            rows_of(after, stream),
        )
        for stream in after
        if after[stream].rows or rows_of(before, stream) or truth.get(stream)
    ]
    say(table(lines, TABLE_LINES))
    say(f"  {seconds:.0f} seconds, {calls:,} calls to Keap's API")
    say()
    check(truth, after)
    return after


def rows_of(tables: Mapping[str, Table], name: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return a table's rows by primary key; none if there is no such table."""
    return tables[name].rows if name in tables else {}


def check(truth: Mapping[str, list[dict[str, Any]]], tables: Mapping[str, Table]) -> None:
    """Compare every table with Keap's records.

    Args:
        truth: The rows that the warehouse should have, by stream.
        tables: The tables of the warehouse, by stream.

    Raises:
        DemoError: They differ.
    """
    wrong = [f"{name}: not in the warehouse" for name in NEEDED if name not in tables]
    compared = [name for name in tables if name in truth]
    for name in compared:
        wrong += [f"{name}: {what}" for what in differences(truth[name], tables[name].key, tables[name].rows)]
    if wrong:
        raise DemoError(
            "The warehouse differs from Keap.\n" + "\n".join(f"  {what}" for what in wrong[:MOST_DIFFERENCES])
        )
    count = sum(len(truth[name]) for name in compared)
    say(
        f"Compared {count:,} rows in {len(compared)} streams: "
        "keys, email addresses, tags and times of change match."
    )


def change_records(keap: Keap) -> None:
    """Add, edit and delete contacts, companies and tags, as somebody at Keap's screens would."""
    truth = keap.records()
    people = [str(record["id"]) for record in truth["contacts"]]
    firms = [str(record["id"]) for record in truth["companies"]]
    old_tag, had = Counter(str(row["tag_id"]) for row in truth["contact_tags"]).most_common()[-1]
    new = [
        keap.add(
            "contacts",
            given_name=name,
            email_addresses=[{"email": f"{name.lower()}@demo.test", "field": "EMAIL1"}],
        )
        for name in ("Ada", "Grace", "Katherine")
    ]
    for person in people[100:105]:
        keap.edit(
            "contacts", person, email_addresses=[{"email": f"moved-{person}@demo.test", "field": "EMAIL1"}]
        )
    for person in people[200:204]:
        keap.delete("contacts", person)
    keap.add("companies", company_name="Analytical Engines")
    keap.edit("companies", firms[0], company_name="Renamed & Sons")
    keap.delete("companies", firms[1])
    vip = keap.add("tags", name="Demo: new customer")
    keap.apply_tag(vip, new)
    keap.delete("tags", old_tag)
    say("  contacts: 3 added, 5 with a new email address, 4 deleted")
    say("  companies: 1 added, 1 renamed (its contacts show the new name), 1 deleted")
    say(f"  tags: 1 added and applied to 3 contacts, 1 deleted, which removes it from {had} contacts")


@contextlib.contextmanager
def postgres() -> Iterator[Loader]:
    """Start a PostgreSQL server, and install the tap and the target with Meltano."""
    say("Loading a made-up Keap account into PostgreSQL with Meltano, all on this machine.")
    say()
    shutil.rmtree(FOLDER / "meltano" / "run", ignore_errors=True)
    meltano = Meltano(VENV, FOLDER, FOLDER / "meltano")
    say("Installing tap-infusionsoft and target-postgres with Meltano ... ", end="")
    say(f"{meltano.run('install', {}, 'install'):.0f} seconds")
    with Warehouse(VENV, FOLDER / "warehouse", FOLDER / "warehouse.log") as warehouse:
        yield IntoPostgres(meltano, warehouse)


@contextlib.contextmanager
def duckdb() -> Iterator[Loader]:
    """Begin with an empty DuckDB file."""
    say("Loading a made-up Keap account into DuckDB with dlt, all on this machine.")
    say()
    yield IntoDuckDB(BRIDGE_VENV, FOLDER)


WAREHOUSES = {"postgres": postgres, "duckdb": duckdb}


def run(kind: str) -> None:
    """Run the demo.

    Args:
        kind: Name of the warehouse.

    Raises:
        DemoError: Something failed, or the copy is wrong.
    """
    if kind not in WAREHOUSES:
        raise DemoError(f"there is no warehouse {kind!r}; there are {' and '.join(WAREHOUSES)}")
    FOLDER.mkdir(exist_ok=True)
    for old in (*FOLDER.glob("*.log"), FOLDER / "state.db"):
        old.unlink(missing_ok=True)
    key = f"demo-{secrets.token_hex(16)}"
    program = Path(sys.executable).parent / "keap-sandbox"
    with (
        WAREHOUSES[kind]() as loader,
        Keap(program, FOLDER / "sandbox.log", key, CONTACTS, LIMITS) as keap,
    ):
        settings = {
            "TAP_INFUSIONSOFT_API_KEY": key,
            "TAP_INFUSIONSOFT_API_URL": keap.url,
            "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "20",
            "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": "1200",
            "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "72000",
        }
        say(f"Keap is at {keap.url}, with {CONTACTS:,} contacts and their orders, notes, emails and so on.")
        say()
        say(f"First run: load everything.    $ {loader.command}")
        loaded = load(loader, keap, {}, "run-1", **settings)
        say()
        say("Now somebody works in Keap:")
        change_records(keap)
        say()
        say("Second run: load what changed, and find what was deleted.")
        say("  Most runs are increments. Every sweep_interval_days (7), a run is a sweep, which also finds")
        say("  deleted rows. Here the interval is tiny, so this run is a sweep.")
        load(
            loader,
            keap,
            loaded,
            "run-2",
            TAP_INFUSIONSOFT_SWEEP_INTERVAL_DAYS="0.00001",
            **settings,
        )
        say(loader.goodbye)
        say()
        say(loader.ending())
        say()
    say("Everything is stopped again. The logs are in .demo/.")


def terminated(number: int, frame: FrameType | None) -> NoReturn:
    """Clean up and exit on a signal, as on Ctrl-C."""
    del frame
    sys.exit(128 + number)


def main() -> int:
    """Run the demo and return the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, terminated)
    try:
        run(sys.argv[1] if len(sys.argv) > 1 else "postgres")
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except (DemoError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        say(f"\nThe demo failed: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
