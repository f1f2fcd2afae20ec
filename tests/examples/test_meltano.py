"""The example of many accounts: Meltano, with a plugin for each account."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.warehouse import Row, Warehouse
from keap_sandbox import Sandbox
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY, assert_clean
from tests.examples.installed import EXAMPLES, PACE, ROOT, programs_of
from tests.processes import PATIENCE, stalled
from tests.truth import differences

OTHER_KEY = "KeapAK-canary-second"
KEYS = {"acme": KEY, "globex": OTHER_KEY}
COMPARED = ("contacts", "companies", "tags", "contact_tags", "orders", "notes", "opportunities")
SHORTEST_RUN = "0.01"
"""The least that `max_run_hours` takes: 36 seconds."""
CALLS_A_MINUTE = "30"
"""So few that such a run does not read all streams."""


class Project:
    """A Meltano project with the plugins of meltano.yml and those of the example."""

    def __init__(self, folder: Path, url: str, warehouse: Warehouse) -> None:
        self._folder = folder
        self._warehouse = warehouse
        self._program = programs_of("Meltano") / "meltano"
        folder.mkdir()
        found = yaml.safe_load((ROOT / "meltano.yml").read_text())
        for kind, name in (("extractors", "tap-infusionsoft"), ("loaders", "target-postgres")):
            found["plugins"][kind] = [one for one in found["plugins"][kind] if one["name"] == name]
        found["plugins"]["extractors"][0]["pip_url"] = str(ROOT)
        found["include_paths"] = ["./*.meltano.yml"]
        (folder / "meltano.yml").write_text(yaml.safe_dump(found, sort_keys=False))
        accounts = (EXAMPLES / "many-accounts" / "accounts.meltano.yml").read_text()
        (folder / "accounts.meltano.yml").write_text(accounts)
        ours = ("TAP_INFUSIONSOFT_", "TARGET_POSTGRES_", "MELTANO_")
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            "HOME": str(folder),
            "MELTANO_CLI_LOG_FORMAT": "uncolored",
            "MELTANO_HUB_URL": "http://127.0.0.1:9",  # no server: plugins are defined in the project
            "TARGET_POSTGRES_SQLALCHEMY_URL": warehouse.url,
            **{f"TAP_INFUSIONSOFT_{name.upper()}": str(value) for name, value in PACE.items()},
            "TAP_INFUSIONSOFT_API_URL": url,
            **{f"TAP_INFUSIONSOFT__{name.upper()}_API_KEY": key for name, key in KEYS.items()},
        }
        assert self._start("install").wait(PATIENCE * 5) == 0, self.log

    @property
    def log(self) -> str:
        text = (self._folder / "log").read_text()
        assert_clean(text)
        return text

    def load(self, account: str, **env: str) -> subprocess.Popen[bytes]:
        """Start to load an account."""
        return self._start("run", f"tap-infusionsoft--{account}", "target-postgres--accounts", **env)

    def bookmarks(self, account: str) -> dict[str, Any]:
        """Return the bookmarks of an account's state."""
        name = f"dev:tap-infusionsoft--{account}-to-target-postgres--accounts"
        said = subprocess.run(
            [self._program, "state", "get", name],
            cwd=self._folder,
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(said.stdout).get("singer_state", {}).get("bookmarks", {})
        return found

    def rows(self, account: str) -> dict[str, list[Row]]:
        """Return the rows of an account's schema, by stream."""
        return {name: [*table.rows.values()] for name, table in self._warehouse.tables(account).items()}

    def _start(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("w") as log:
            return subprocess.Popen(
                [self._program, *words],
                cwd=self._folder,
                env=self._env | env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(
        contacts=60,
        api_key=KEY,
        switches={"limits": "off", "quota_headers": "blank"},
        accounts=[f"key={OTHER_KEY},tenant=yy456.infusionsoft.com,name=Second,seed=2,contacts=50"],
    ) as found:
        yield found


@pytest.fixture
def project(box: Sandbox, tmp_path: Path) -> Iterator[Project]:
    venv = programs_of("Meltano").parent
    with Warehouse(venv, tmp_path / "data", tmp_path / "postgres.log") as warehouse:
        yield Project(tmp_path / "project", box.url, warehouse)


def test_a_signal_loses_nothing(box: Sandbox, project: Project) -> None:
    """Meltano drops what the target says after it, so the next run reads again what the first one read."""
    with stalled(box, path_regex="/v2/orders$") as in_the_middle:
        run = project.load("acme")
        assert in_the_middle.wait(PATIENCE), project.log
        run.send_signal(signal.SIGTERM)
        assert run.wait(PATIENCE) != 0
    assert project.load("acme").wait(PATIENCE * 3) == 0, project.log
    tap = TapInfusionsoft(config={"api_key": KEY, "api_url": box.url, "saved_searches": []})
    schemas = {entry["tap_stream_id"]: entry for entry in tap.catalog_dict["streams"]}
    rows = project.rows("acme")
    for name in COMPARED:
        assert differences(box, name, rows[name], schemas[name]["schema"]) == []
    selected = {name for name, entry in schemas.items() if entry["metadata"][-1]["metadata"].get("selected")}
    assert rows.keys() <= selected, "Meltano selects what the tap selects"


def test_max_run_hours_keeps_the_state_and_accounts_do_not_meet(box: Sandbox, project: Project) -> None:
    short = {
        "TAP_INFUSIONSOFT_MAX_RUN_HOURS": SHORTEST_RUN,
        "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": CALLS_A_MINUTE,
    }
    assert project.load("globex", **short).wait(PATIENCE * 3) == 1
    assert "max_run_hours" in project.log
    before = {name for name, own in project.bookmarks("globex").items() if "version" in own}
    assert before

    assert project.load("globex").wait(PATIENCE * 3) == 0, project.log
    again = re.findall(r"(\w+): [\d,]+ rows, snapshot", project.log)
    assert "contacts" in again
    assert not before & {*again}, "it goes on"
    assert {name for name, own in project.bookmarks("globex").items() if "version" in own} > before
    assert project.load("acme").wait(PATIENCE * 3) == 0, project.log
    for account, key in KEYS.items():
        rows = project.rows(account)
        for name in ("contacts", "companies", "tags", "orders"):
            ids = {str(row["id"]) for row in box.records(name, account=key)}
            assert {str(row["id"]) for row in rows[name]} == ids
