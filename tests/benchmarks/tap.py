"""Runs the installed tap, with its files in one folder."""

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
CONCURRENCY: int = CONFIG_SCHEMA["properties"]["concurrency"]["default"]
"""The tap's default number of calls at a time."""


class Tap:
    """The tap with one configuration.

    Attributes:
        program: The tap, unless an earlier one is put here.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        concurrency: int = CONCURRENCY,
        **settings: Any,
    ) -> None:
        """Write the config file.

        Args:
            folder: Where the tap's files go.
            url: URL of the server.
            concurrency: Number of calls at a time.
            **settings: Other settings.
        """
        self.program = PROGRAM
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
            "requests_per_hour": 1_000_000,
            "saved_searches": [],
            "concurrency": concurrency,
        } | settings
        self.config.write_text(json.dumps(document))

    @property
    def discover_command(self) -> list[str | Path]:
        """The command line of a discovery."""
        return [self.program, "--config", self.config, "--discover"]

    def command(self, *options: str | Path) -> list[str | Path]:
        """Return the command line of a run with these additional options."""
        return [self.program, "--config", self.config, "--catalog", self.catalog, *options]

    def discover(self, *streams: str) -> None:
        """Write the catalog, with these streams selected, or the default selection if there are none.

        Raises:
            NotMeasuredError: Discovery failed.
        """
        done = subprocess.run(self.discover_command, capture_output=True, check=False, env=environment())
        if done.returncode:
            raise NotMeasuredError(f"discovery exited with {done.returncode}: {done.stderr.decode()[-2000:]}")
        document = json.loads(done.stdout)
        for entry in document["streams"]:
            for meta in entry["metadata"]:
                if not meta["breadcrumb"] and streams:
                    meta["metadata"]["selected"] = entry["tap_stream_id"] in streams
        self.catalog.write_text(json.dumps(document))

    def run(self, *options: str | Path) -> Usage:
        """Run the tap with these additional options, counting and discarding its output.

        Raises:
            NotMeasuredError: It failed.
        """
        return measure(self.command(*options), self.log)

    def run_to_state(self, *options: str | Path) -> Path:
        """Run the tap with these additional options.

        Returns:
            Path of a file with its last state.

        Raises:
            NotMeasuredError: It failed.
        """
        messages, state = self.folder / "messages.jsonl", self.folder / "state.json"
        with messages.open("wb") as out, self.log.open("wb") as log:
            code = subprocess.run(
                self.command(*options), stdout=out, stderr=log, check=False, env=environment()
            ).returncode
        if code:
            raise NotMeasuredError(f"the tap exited with {code}: {self.log.read_text()[-2000:]}")
        last = b""
        with messages.open("rb") as lines:
            for line in lines:
                if line.startswith(b'{"type":"STATE"'):
                    last = line
        state.write_text(json.dumps(json.loads(last)["value"]))
        messages.unlink()
        return state
