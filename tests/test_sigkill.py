"""A tap process that is killed, with a real target behind its pipe, and the run after it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tap_infusionsoft.sandbox import Sandbox
from tap_infusionsoft.streams.base import STATE_CALLS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.processes import PATIENCE, stalled
from tests.program import TAP
from tests.spent import Spent, increment
from tests.truth import differences

pytestmark = pytest.mark.skipif(
    "TARGET_JSONL" not in os.environ, reason="make test installs target-jsonl and names it"
)

KINDS: dict[tuple[str, ...], tuple[int, ...]] = {
    ("contacts",): (1,),  # by id
    ("affiliate_clawbacks",): (4,),  # by offset, for each affiliate
    ("contact_tags",): (0,),  # by token, for each batch of tags
    ("custom_fields", "emails", "order_items", "payments"): (1, 0, 1, 1),
}
"""Streams, in the order of a run -> calls of the largest slice of each; 0 where one slice is all."""
KILLS = 10


@dataclass
class Pipe:
    """`tap | target-jsonl`, as processes, with the state kept between runs as Meltano keeps it."""

    box: Sandbox
    folder: Path
    catalog: dict[str, Any]
    streams: tuple[str, ...]
    concurrency: int = 1
    state: dict[str, Any] = field(default_factory=dict)
    log: str = ""
    is_cut: bool = False
    has_forgotten: bool = False

    def __post_init__(self) -> None:
        self.folder.mkdir()
        chosen = [one for one in self.catalog["streams"] if one["tap_stream_id"] in self.streams]
        for entry in chosen:
            for meta in entry["metadata"]:
                if not meta["breadcrumb"]:
                    meta["metadata"]["selected"] = True
        (self.folder / "catalog.json").write_text(json.dumps({"streams": chosen}))
        self.entries = {entry["tap_stream_id"]: entry for entry in chosen}
        config = {
            "api_key": KEY,
            "api_url": self.box.url,
            "requests_per_second": 1000,
            "saved_searches": [],
            "concurrency": self.concurrency,
        }
        (self.folder / "config.json").write_text(json.dumps(config))
        (self.folder / "target.json").write_text('{"do_timestamp_file": false}')

    def run(self, *, dies_at: int | None = None) -> int:
        """Run both to their end, or until the tap is killed while it waits for an answer; returns the calls it made."""
        self.box.clear_requests()
        (self.folder / "state.json").write_text(json.dumps(self.state))
        options = ["--config", "config.json", "--catalog", "catalog.json", "--state", "state.json"]
        with (self.folder / "tap.log").open("wb") as log:
            tap = subprocess.Popen(
                [TAP, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd=self.folder
            )
        target = subprocess.Popen(
            [os.environ["TARGET_JSONL"], "--config", "target.json"],
            stdin=tap.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            text=True,
        )
        assert tap.stdout is not None
        tap.stdout.close()  # the target alone has it now
        try:
            if dies_at is not None:
                with stalled(self.box, path_prefix="/", nth=dies_at) as reached:
                    assert reached.wait(PATIENCE), "the tap did not come that far"
                    tap.kill()
                    tap.wait(PATIENCE)
            states, errors = target.communicate(timeout=PATIENCE)
            code = tap.wait(PATIENCE)
        finally:
            for process in (tap, target):
                process.kill()
                process.wait()
        self.log = (self.folder / "tap.log").read_text()
        # A line that is longer than what a pipe takes in one piece can be cut off. The target refuses it, and its state is as before.
        self.is_cut = dies_at is not None and "Unable to parse" in errors
        assert target.returncode == 0 or self.is_cut, errors
        # With calls ahead it can be killed between records and their STATE, and this target forgets a STATE that records follow.
        self.has_forgotten = not states.strip()
        assert (code == 0) is (dies_at is None), self.log
        if states.strip():
            self.state = json.loads(states.splitlines()[-1])
        return len(self.box.requests())

    def rows(self, stream: str) -> list[dict[str, Any]]:
        """The last row of each key."""
        keys = self.entries[stream]["key_properties"]
        file = self.folder / f"{stream}.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        rows = [json.loads(line) for line in lines]
        return list({tuple(row[name] for name in keys): row for row in rows}.values())

    def differences(self) -> list[str]:
        return [
            f"{name} {told}"
            for name, entry in self.entries.items()
            for told in differences(self.box, name, self.rows(name), entry["schema"])
        ]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """An account with small pages."""
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 6}
    with Sandbox(seed=1, contacts=240, api_key=KEY, switches=switches) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def catalog(box: Sandbox) -> dict[str, Any]:
    config = {"api_key": KEY, "api_url": box.url, "saved_searches": []}
    found: dict[str, Any] = TapInfusionsoft(config=config).catalog_dict
    return found


@pytest.mark.parametrize("streams", KINDS, ids=" ".join)
def test_the_next_run_goes_on_and_no_row_is_missing(
    box: Sandbox, catalog: dict[str, Any], streams: tuple[str, ...], tmp_path: Path
) -> None:
    """All calls together are at most those of an undisturbed run and one slice, and what test_resume.py says besides.

    This tap is as fast as it can be, and has no last words: it may repeat the calls since its last STATE.
    """
    pipe = Pipe(box, tmp_path / "undisturbed", catalog, streams)
    pipe.run()
    whole = Spent.on(box, *streams)
    assert pipe.differences() == []
    pipe.run()
    quiet = Spent.on(box, *streams)
    slices = {name: most or whole.own[name] for name, most in zip(streams, KINDS[streams], strict=True)}
    first = box.records("contacts")[0]["id"]
    for kill in range(KILLS):
        at_once = (1, 4, 16)[kill % 3]
        pipe = Pipe(box, tmp_path / str(kill), catalog, streams, at_once)
        call = 1 + (2 * kill + 1) * whole.total // (2 * KILLS)
        made = pipe.run(dies_at=call)
        again = whole.total if pipe.has_forgotten and at_once > 1 else 0
        marks = {name: pipe.state.get("bookmarks", {}).get(name, {}) for name in streams}
        done = [name for name in streams if "read_at" in marks[name]]
        killed = streams[len(done)]
        box.plant("contacts", upsert=[{"id": first, "given_name": f"Edited {kill}"}], touch=True)
        made += pipe.run()

        assert pipe.differences() == [], f"killed at call {call} of {whole.total}"
        nights = sum(quiet.own[name] for name in done)
        behind = increment(killed, quiet) if marks[killed].get("underway") else 0
        # What was under way is asked for again, and at the end of a collection some pages are that nobody takes.
        ahead = 3 * (at_once - 1)
        allowed = whole.total + slices[killed] + whole.fixed + behind + nights + STATE_CALLS + ahead + again
        assert made <= allowed, f"killed at call {call} of {whole.total}"
