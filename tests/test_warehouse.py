"""End to end: `meltano run` from an account into PostgreSQL, with accidents on the way."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.meltano import ROOT, Meltano, MeltanoError
from demo.warehouse import Warehouse
from keap_sandbox import Sandbox
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.processes import PATIENCE, descendant, stalled
from tests.truth import differences

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif("DEMO_VENV" not in os.environ, reason="make test-all installs Meltano and names it"),
    pytest.mark.timeout(1800),  # Meltano installs plugins, and takes seconds for every run
]

STREAMS = ("contacts", "tags", "contact_tags", "notes", "opportunities", "affiliate_commissions")
SECOND_PAGES = {
    "contacts": r"/v2/contacts$",
    "tags": r"/v2/tags$",
    "contact_tags": r"/v2/tags/-/contacts$",
    "notes": r"/v2/notes$",
    "opportunities": r"/v2/opportunities$",
    "affiliate_commissions": r":commissions$",
}
PAGE_ROWS = 3
Rows = dict[tuple[str, ...], dict[str, Any]]


@dataclass
class Copy:
    """An account, and its copy in a new schema."""

    box: Sandbox
    meltano: Meltano
    warehouse: Warehouse
    schema: str
    hard: bool
    schemas: dict[str, dict[str, Any]]

    def settings(self, streams: tuple[str, ...] = STREAMS, *, sweeps: bool = False) -> dict[str, str]:
        return {
            "MELTANO_HUB_URL": "http://127.0.0.1:9",  # no server: plugins are defined in meltano.yml
            "TAP_INFUSIONSOFT_API_KEY": KEY,
            "TAP_INFUSIONSOFT_API_URL": self.box.url,
            "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "1000",
            "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": "1000000",
            "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "1000000",
            "TAP_INFUSIONSOFT__SELECT": json.dumps([f"{name}.*" for name in streams]),
            "TARGET_POSTGRES_SQLALCHEMY_URL": self.warehouse.url,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": self.schema,
            "TARGET_POSTGRES_HARD_DELETE": str(self.hard).lower(),
            "TAP_INFUSIONSOFT_SWEEP_INTERVAL_DAYS": "0.000001" if sweeps else "7",
        }

    def load(
        self, *options: str, streams: tuple[str, ...] = STREAMS, sweeps: bool = False
    ) -> dict[str, Rows]:
        settings = self.settings(streams, sweeps=sweeps)
        self.meltano.run("run", settings, "run", *options, "tap-infusionsoft", "target-postgres")
        return self.tables()

    def tables(self, *, live: bool = True) -> dict[str, Rows]:
        """Return the rows by stream: live ones, or all."""
        return {name: table.rows for name, table in self.warehouse.tables(self.schema, live=live).items()}

    def differences(self) -> dict[str, list[str]]:
        """Return how the tables differ from the account, row by row."""
        found = self.tables()
        told = {
            name: differences(self.box, name, found[name].values(), self.schemas[name]) for name in STREAMS
        }
        return {name: lines for name, lines in told.items() if lines}

    def flagged(self) -> dict[str, int]:
        """Return the number of rows that are marked as deleted, by stream."""
        live = self.tables()
        return {name: len(rows) - len(live[name]) for name, rows in self.tables(live=False).items()}


@pytest.fixture(scope="module")
def venv() -> Path:
    return Path(os.environ["DEMO_VENV"])


@pytest.fixture(scope="module")
def plugins(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meltano")
    Meltano(venv, folder, folder / "plugins").run(
        "install", {"MELTANO_HUB_URL": "http://127.0.0.1:9"}, "install"
    )
    return folder / "plugins"


@pytest.fixture(scope="module")
def warehouse(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    with Warehouse(venv, folder / "data", folder / "log", zone="America/New_York") as server:
        yield server


@pytest.fixture
def box() -> Iterator[Sandbox]:
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": PAGE_ROWS}
    with Sandbox(seed=1, contacts=40, api_key=KEY, switches=switches) as sandbox:
        more = [{"opportunity_title": f"More of them {number}"} for number in range(12)]
        sandbox.plant(
            "opportunities", upsert=more, touch=True
        )  # otherwise two deletions would be an implausible drop
        yield sandbox


@pytest.fixture
def copy(
    box: Sandbox,
    venv: Path,
    plugins: Path,
    warehouse: Warehouse,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Copy:
    hard = bool(getattr(request, "param", True))
    config = {"api_key": KEY, "api_url": box.url, "saved_searches": []}
    catalog = TapInfusionsoft(config=config).catalog_dict
    schemas = {entry["tap_stream_id"]: entry["schema"] for entry in catalog["streams"]}
    return Copy(
        box, Meltano(venv, tmp_path, plugins), warehouse, f"copy_{os.urandom(4).hex()}", hard, schemas
    )


def keys(box: Sandbox, stream: str) -> list[str]:
    return [str(row["id"]) for row in box.records(stream)]


def work(box: Sandbox) -> None:
    """Create, edit and delete rows of every kind."""
    for stream, edit in {
        "contacts": {"given_name": "Edited"},
        "notes": {"title": "Edited"},
        "opportunities": {"opportunity_title": "Edited"},
        "tags": {"description": "Edited"},
    }.items():
        first, *_, last = keys(box, stream)
        rows = [{"id": first, **edit}, {"id": last, **edit}, edit]
        box.plant(stream, upsert=rows, delete=keys(box, stream)[2:4], touch=True)
    pairs = box.records("contact_tags")
    gone = [{name: row[name] for name in ("contact_id", "tag_id")} for row in pairs[:2]]
    box.plant("contact_tags", delete=gone)
    taken = {(row["contact_id"], row["tag_id"]) for row in pairs}
    contact = keys(box, "contacts")[0]
    free = next(tag for tag in keys(box, "tags") if (contact, tag) not in taken)
    box.plant("contact_tags", upsert=[{"contact_id": contact, "tag_id": free}])
    paid = box.records("affiliate_commissions")[0]
    box.plant(
        "affiliate_commissions",
        upsert=[{**paid, "description": "Bonus", "time_earned": box.clock_text()}],
        delete=[2, 3],
    )


def test_meltano_installs_the_tap_from_this_checkout(plugins: Path) -> None:
    (python,) = plugins.glob("extractors/tap-infusionsoft/*/bin/python")
    told = subprocess.run(
        [python, "-c", "import tap_infusionsoft; print(tap_infusionsoft.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    assert Path(told.stdout.strip()).parents[1] == ROOT


@pytest.mark.parametrize("copy", [True, False], indirect=True, ids=["hard delete", "soft delete"])
def test_tables_follow_the_account_and_accidents_delete_nothing(copy: Copy) -> None:
    box = copy.box
    before = copy.load()
    assert copy.differences() == {}

    work(box)
    between = copy.load()  # an increment: deleted rows stay until a sweep
    # Applying or removing a tag does not change the update time of its contact.
    left = re.compile(r"not in Keap|\('\d+',\): (group_list|tag_ids):")
    told = copy.differences()
    assert told.keys() == {*STREAMS}
    assert [line for lines in told.values() for line in lines if not left.match(line)] == []
    assert all(before[name].keys() < between[name].keys() for name in STREAMS)

    with (
        stalled(box, path_regex=SECOND_PAGES["contacts"], nth=2) as second_page,
        copy.meltano.started(
            "killed", copy.settings(("contacts",), sweeps=True), "run", "tap-infusionsoft", "target-postgres"
        ) as meltano,
    ):
        assert second_page.wait(PATIENCE), copy.meltano.tail("killed")
        os.kill(descendant(meltano.pid, "/tap-infusionsoft --config"), signal.SIGKILL)
        assert meltano.wait(PATIENCE) != 0
    assert {name: rows.keys() for name, rows in copy.tables().items()} == {
        name: rows.keys() for name, rows in between.items()
    }

    pairs = box.records("contact_tags")
    box.plant("contact_tags", delete=[{name: pairs[0][name] for name in ("contact_id", "tag_id")}])
    box.fault([{"name": "forbidden", "path_regex": path, "after": 1} for path in SECOND_PAGES.values()])
    with pytest.raises(MeltanoError):
        copy.load(sweeps=True)
    box.clear_faults()
    after = copy.tables()
    assert {name: rows.keys() for name, rows in after.items()} == {
        name: rows.keys() for name, rows in between.items()
    }

    swept = copy.load(sweeps=True)
    assert "contacts: resuming the sweep" in copy.meltano.log("run").read_text()
    assert copy.differences() == {}
    flagged = copy.flagged()
    for name in STREAMS:
        gone = between[name].keys() - swept[name].keys()
        assert len(gone) >= 2
        assert flagged[name] == (0 if copy.hard else len(gone))

    box.plant("contact_tags", upsert=[pairs[0]])  # a deleted row comes back
    copy.load(sweeps=True)
    assert copy.differences() == {}


def test_a_killed_full_refresh_resumes_from_the_state_meltano_merges(copy: Copy) -> None:
    """Meltano merges the state of a full refresh into the old one, here that of a broken increment."""
    box, contacts = copy.box, ("contacts",)
    copy.load(streams=contacts)
    everyone = copy.tables()["contacts"].keys()
    box.plant("contacts", upsert=[{"id": one} for one in keys(box, "contacts")[-8:]], touch=True)
    for options in ((), ("--full-refresh",)):
        box.fault("forbidden", path_regex=SECOND_PAGES["contacts"], after=1)
        with pytest.raises(MeltanoError):
            copy.load(*options, streams=contacts)
        box.clear_faults()
    assert copy.load(streams=contacts)["contacts"].keys() == everyone
    assert "contacts: resuming the snapshot" in copy.meltano.log("run").read_text()
    assert differences(box, "contacts", copy.tables()["contacts"].values(), copy.schemas["contacts"]) == []
