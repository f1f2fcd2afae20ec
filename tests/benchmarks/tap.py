"""The tap, as it is installed, with a folder for its files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tap_infusionsoft.config.schema import CONFIG_SCHEMA
from tests.benchmarks.figures import NotMeasuredError
from tests.benchmarks.runs import BIN, Usage, environment, measure

PROGRAM = BIN / "tap-infusionsoft"
SANDBOX = BIN / "keap-sandbox"
KEY = "KeapAK-benchmark"
AT_ONCE = CONFIG_SCHEMA["properties"].get("concurrency", {}).get("default", 4)
"""Calls at a time, where the tap has a setting for it: as many as it makes unless told otherwise."""
HAS_CONCURRENCY = "concurrency" in CONFIG_SCHEMA["properties"]


class Tap:
    """The tap with one configuration."""

    def __init__(self, folder: Path, url: str, concurrency: int = AT_ONCE, **settings: Any) -> None:
        self.folder = folder
        self.url = url
        self.config = folder / "config.json"
        self.catalog = folder / "catalog.json"
        self.log = folder / "tap.log"
        document = {
            "api_key": KEY,
            "api_url": url,
            "requests_per_second": 1000,
            "requests_per_minute": 1_000_000,
            "saved_searches": [],
        } | settings
        if HAS_CONCURRENCY:
            document["concurrency"] = concurrency
        self.config.write_text(json.dumps(document))

    @property
    def discover_command(self) -> list[str | Path]:
        """Discovery."""
        return [PROGRAM, "--config", self.config, "--discover"]

    def command(self, *options: str | Path) -> list[str | Path]:
        """A run."""
        return [PROGRAM, "--config", self.config, "--catalog", self.catalog, *options]

    def discover(self, *streams: str) -> None:
        """Make the catalogue: of these streams with all their columns, or of what is selected by default.

        Raises:
            NotMeasuredError: It cannot be made.
        """
        done = subprocess.run(self.discover_command, capture_output=True, check=False, env=environment())
        if done.returncode:
            raise NotMeasuredError(f"discovery ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
        document = json.loads(done.stdout)
        for entry in document["streams"]:
            for meta in entry["metadata"]:
                if not meta["breadcrumb"] and streams:
                    meta["metadata"]["selected"] = entry["tap_stream_id"] in streams
        self.catalog.write_text(json.dumps(document))

    def run(self, *options: str | Path) -> Usage:
        """Run it, and count and throw away what it writes.

        Raises:
            NotMeasuredError: It failed.
        """
        return measure(self.command(*options), self.log)

    def run_to_state(self, *options: str | Path) -> Path:
        """Run it; returns the file with the state that it ended with.

        Raises:
            NotMeasuredError: It failed.
        """
        found, state = self.folder / "messages.jsonl", self.folder / "state.json"
        with found.open("wb") as out, self.log.open("wb") as log:
            code = subprocess.run(
                self.command(*options), stdout=out, stderr=log, check=False, env=environment()
            ).returncode
        if code:
            raise NotMeasuredError(f"the tap ended with {code}: {self.log.read_text()[-2000:]}")
        last = b""
        with found.open("rb") as lines:
            for line in lines:
                if line.startswith(b'{"type":"STATE"'):
                    last = line
        state.write_text(json.dumps(json.loads(last)["value"]))
        found.unlink()
        return state
