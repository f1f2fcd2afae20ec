"""What the bridge loads into each destination is what the account has, whatever happens on the way."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dlt", reason="make bridge installs dlt")

from demo.warehouse import Warehouse
from keap_sandbox import Sandbox
from tests.bridge import compare
from tests.bridge.warehouses import VENV, Bridge, Delta, Iceberg, Parquet, Postgres
from tests.canary import KEY
from world.account import add_field

pytestmark = [pytest.mark.nightly, pytest.mark.filterwarnings("default")]

SWEEP: dict[str, Any] = {"sweep_interval_days": 0.00001, "sweep_max_drop": 1}
"""Makes every run a sweep, which believes what it finds."""
KILLS = 20
READER = """
import duckdb, sys
db = duckdb.connect("keap.duckdb", read_only=True)
print("open", flush=True)
sys.stdin.read()
"""
"""A program that keeps the file open."""


@pytest.fixture
def box() -> Iterator[Sandbox]:
    switches = {"limits": "off", "quota_headers": "blank", "pipelines": "v2", "page_rows_max": 50}
    with Sandbox(seed=1, contacts=150, api_key=KEY, switches=switches) as sandbox:
        yield sandbox


@pytest.fixture
def config(box: Sandbox) -> dict[str, Any]:
    return {
        "api_key": KEY,
        "api_url": box.url,
        "requests_per_second": 1000,
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
        "saved_searches": [],
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A server whose sessions are not in UTC."""
    folder = tmp_path_factory.mktemp("postgres")
    with Warehouse(VENV, folder / "data", folder / "server.log", "America/Phoenix") as found:
        yield found


@pytest.fixture(params=[Bridge, Parquet, Delta, Iceberg, Postgres], ids=lambda one: one.__name__.lower())
def bridge(request: pytest.FixtureRequest, tmp_path: Path, config: dict[str, Any]) -> Bridge:
    kind = request.param
    more = [request.getfixturevalue("server")] if kind is Postgres else []
    made: Bridge = kind(tmp_path / "bridge", config, *more)
    return made


def change(box: Sandbox) -> None:
    """Create, edit and delete rows, and add a custom field; what is edited is hard to copy."""
    field = add_field(box)
    people = [row["id"] for row in box.records("contacts")]
    box.plant(
        "contacts",
        upsert=[
            {"id": people[3], "given_name": "", "family_name": 'Line\r\nbreak, "quoted" \\N \t tab'},
            {"id": people[4], "given_name": "NULL", "notes": "long " * 20_000},
            {"id": people[5], "job_title": "Zoë ✨ 007", "referral_code": "00042"},
            {"id": people[6], "custom_fields": [{"id": field["id"], "content": "0042"}]},
            {"given_name": "New", "family_name": "Person"},
        ],
        delete=people[10:15],
        touch=True,
    )
    orders = [row["id"] for row in box.records("orders")]
    amounts = [
        {"amount": cents, "currency_code": "USD", "formatted_amount": ""}
        for cents in (-5, 1, 123456789012345)
    ]
    box.plant(
        "orders",
        upsert=[{"id": one, "total": amount} for one, amount in zip(orders, amounts, strict=False)],
        delete=orders[-1:],
        touch=True,
    )
    box.plant("tags", delete=[box.records("tags")[0]["id"]])


def assert_equal(bridge: Bridge, box: Sandbox, config: dict[str, Any]) -> None:
    wrong, count = compare.differences(bridge, box, compare.account(bridge.folder, config))
    print(f"{type(bridge).__name__}: {dict(count)}, {len(wrong)} differences")  # noqa: T201
    assert wrong[:20] == []
    assert count["tables"] > 60


def test_every_cell_is_right_after_a_load_and_after_changes(
    bridge: Bridge, box: Sandbox, config: dict[str, Any]
) -> None:
    bridge.load()
    assert_equal(bridge, box, config)
    change(box)
    bridge.load(**SWEEP)
    assert_equal(bridge, box, config)
    log = bridge.load()
    assert "increment" in log
    assert_equal(bridge, box, config)


def test_a_load_that_is_killed_anywhere_loses_and_doubles_nothing(
    box: Sandbox, config: dict[str, Any], tmp_path: Path
) -> None:
    """Kills hit a first load, an increment and a sweep, at random moments; then the next load mends all."""
    rng = random.Random(18)
    bridge = Bridge(tmp_path / "bridge", config)
    began = time.monotonic()
    bridge.load()
    seconds = time.monotonic() - began
    killed = 0
    while killed < KILLS:
        kind = ("first load", "increment", "sweep")[killed % 3]
        if kind == "first load":
            shutil.rmtree(bridge.folder)
            bridge.folder.mkdir()
        ids = [row["id"] for row in box.records("contacts")]
        box.plant("contacts", delete=[rng.choice(ids)])
        box.plant("contacts", upsert=[{"id": rng.choice(ids), "given_name": f"Edit {killed}"}], touch=True)
        settings = SWEEP if kind == "sweep" else {}
        with bridge.started(**settings) as process:
            try:
                process.wait(rng.uniform(0.2, 1) * seconds * (1 if kind != "increment" else 0.5))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed += 1
                loaded = bridge.log.read_text().count("Loaded a package")
                print(f"kill {killed} in {kind}, after {loaded} packages")  # noqa: T201
        if killed % 4 == 0 or killed == KILLS:
            bridge.load(**SWEEP)
            assert_equal(bridge, box, config)


def test_the_working_folder_can_be_lost(bridge: Bridge, box: Sandbox, config: dict[str, Any]) -> None:
    bridge.load()
    shutil.rmtree(bridge.folder / "pipelines")
    change(box)
    log = bridge.load(streams=["contacts"])
    assert "increment" in log
    bridge.load(**SWEEP)
    assert_equal(bridge, box, config)


def test_a_file_that_another_program_has_open_is_said_and_nothing_is_lost(
    box: Sandbox, config: dict[str, Any], tmp_path: Path
) -> None:
    bridge = Bridge(tmp_path / "bridge", config)
    bridge.load(streams=["contacts"])
    with subprocess.Popen(
        [sys.executable, "-c", READER], cwd=bridge.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        log = bridge.load(exits_with=1)
        assert "Another program has the DuckDB file open" in log
        assert "Traceback" not in log
        reader.communicate()
    bridge.load()
    assert_equal(bridge, box, config)


def test_the_exit_code_is_that_of_the_tap(config: dict[str, Any], tmp_path: Path) -> None:
    bridge = Bridge(tmp_path / "bridge", config)
    assert "exit code 2" in bridge.load(exits_with=2, streams=["nonsense"])
    assert "exit code 75" in bridge.load(exits_with=75, requests_per_day=20)
