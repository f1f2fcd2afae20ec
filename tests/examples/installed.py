"""What the examples need on a machine: programs in `/opt/keap/bin`, and the folder `/var/lib/keap`.

Here both are in a temporary folder. Nothing else in the texts of the examples is changed, but the minute.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.target import Record
from tests.truth import differences

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PACE = {"requests_per_second": 1000, "requests_per_minute": 1_000_000, "requests_per_hour": 1_000_000}


def programs_of(host: str) -> Path:
    """Return the folder with the programs of a host; skip the test if it is not installed.

    Args:
        host: Its name.
    """
    venv = Path(os.environ.get(f"{host.upper()}_VENV", ROOT / "none"))
    if not (venv / "installed").exists():
        pytest.skip(f"{host} is not installed: make examples does that, if it can")
    return venv / "bin"


class Installed:
    """The programs, the folder, and what was loaded into it.

    Attributes:
        box: The account.
        folder: What is `/var/lib/keap` in the examples.
        programs: What is `/opt/keap/bin`.
        rows: The folder of the target's files.
    """

    def __init__(self, box: Sandbox, where: Path) -> None:
        """Install.

        Args:
            box: The account.
            where: An empty folder.
        """
        self.box = box
        self._left_out: set[str] = set()
        self.programs, self.folder = where / "bin", where / "keap"
        self.rows = self.folder / "rows"
        self.programs.mkdir()
        self.folder.mkdir()
        tap = Path(sys.executable).parent / "tap-infusionsoft"
        for program in (EXAMPLES / "load.sh", tap, Path(os.environ["TARGET_JSONL"])):
            (self.programs / program.name).symlink_to(program)
        self.configure()
        (self.folder / "target.json").write_text(json.dumps({"destination_path": str(self.rows)}))

    def configure(self, **settings: Any) -> None:
        """Write the tap's configuration.

        Args:
            **settings: Settings besides those for the account and a quick run.
        """
        config = {"api_key": self.box.api_key, "api_url": self.box.url, **PACE, **settings}
        given = {name: value for name, value in config.items() if name not in self._left_out}
        (self.folder / "config.json").write_text(json.dumps(given))

    def leave_out(self, setting: str) -> None:
        """Leave a setting out of the configuration, because it comes from elsewhere."""
        self._left_out.add(setting)
        self.configure()

    def reset(self) -> None:
        """Remove the state and what was loaded, so that the next run is a first one."""
        (self.folder / "state.json").unlink(missing_ok=True)
        shutil.rmtree(self.rows, ignore_errors=True)

    def put_in(self, text: str) -> str:
        """Return the text of an example for this installation. No schedule is due while a test runs.

        Airflow makes up for a run that was due in the minutes before its DAG was switched on.
        """
        minute = (datetime.now(UTC).minute + 30) % 60
        return (
            text.replace("/opt/keap/bin", str(self.programs))
            .replace("/var/lib/keap", str(self.folder))
            .replace("17 * * * *", f"{minute} * * * *")
        )

    def copy(self, example: str, to: Path) -> Path:
        """Copy a file of the examples, changed for this installation.

        Args:
            example: Its path below `examples/`.
            to: The folder to copy it to.
        """
        source = EXAMPLES / example
        to.mkdir(parents=True, exist_ok=True)
        (to / source.name).write_text(self.put_in(source.read_text()))
        return to / source.name

    @property
    def is_at_work(self) -> bool:
        """Whether a run holds the lock."""
        lock = self.folder / "lock"
        return (
            lock.exists()
            and subprocess.run(["flock", "--nonblock", lock, "true"], check=False).returncode > 0
        )

    @property
    def state(self) -> dict[str, Any]:
        """The state that was kept; empty if there is none."""
        path = self.folder / "state.json"
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return found

    @property
    def complete(self) -> set[str]:
        """The streams that, by the state, have been read to their end."""
        return {name for name, own in self.state.get("bookmarks", {}).items() if "version" in own}

    def records(self) -> dict[str, list[Record]]:
        """Return all records in the files of the target, by stream, in the order in which they came."""
        found: dict[str, list[Record]] = {}
        for path in sorted(self.rows.glob("*.jsonl"), key=lambda one: one.stat().st_mtime_ns):
            stream = re.sub(r"(-\d{8}T\d{6})?\.jsonl$", "", path.name)
            found.setdefault(stream, []).extend(map(json.loads, path.read_text().splitlines()))
        return found

    def lost(self, streams: set[str] | None = None) -> list[str]:
        """Return how the copy differs from the account.

        Args:
            streams: Compare these only; by default, all that the tap selects.
        """
        records, found = self.records(), []
        for name, schema in self._schemas.items():
            if streams is not None and name not in streams:
                continue
            keys = COLLECTIONS[name].keys
            latest = {tuple(row[key] for key in keys): row for row in records.get(name, [])}
            found += [f"{name}: {one}" for one in differences(self.box, name, latest.values(), schema)]
        return found

    @cached_property
    def _schemas(self) -> dict[str, dict[str, Any]]:
        config = {"api_key": self.box.api_key, "api_url": self.box.url, "saved_searches": []}
        return {
            entry["tap_stream_id"]: entry["schema"]
            for entry in TapInfusionsoft(config=config).catalog_dict["streams"]
            if next(one["metadata"]["selected"] for one in entry["metadata"] if not one["breadcrumb"])
        }
