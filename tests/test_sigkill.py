"""A tap that feeds a real target is killed, and the next run loads what is missing."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.prefetch import MOST_WAITING
from tap_infusionsoft.stream import STATE_CALLS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.fixtures import Some
from tests.processes import PATIENCE, stalled
from tests.program import TAP
from tests.spent import Spent, increment
from tests.truth import differences

pytestmark = pytest.mark.skipif(
    "TARGET_JSONL" not in os.environ, reason="make test installs target-jsonl and names it"
)

KINDS: dict[tuple[str, ...], tuple[int, ...]] = {
    ("contacts",): (1,),  # by id
    ("custom_fields", "emails", "order_items", "payments"): (1, 0, 1, 1),
    ("affiliate_clawbacks",): (4,),  # by offset, for each affiliate
    ("contact_tags",): (0,),  # by token, for each batch of tags
}
"""Streams, in the order of a run -> calls of the largest slice of each; 0 if the stream is a single slice."""
KILLS = 10
SMALL_PIPE = 32_768
"""Bytes. The tap enlarges only a pipe of the default size."""


@dataclass
class Pipe:
    """`tap | target-jsonl` as processes; keeps the state between runs as Meltano does."""

    box: Sandbox
    folder: Path
    catalog: dict[str, Any]
    streams: tuple[str, ...]
    concurrency: int = 1
    state: dict[str, Any] = field(default_factory=dict)
    log: str = ""

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
            "requests_per_minute": 1_000_000,
            "requests_per_hour": 1_000_000,
            "saved_searches": [],
            "concurrency": self.concurrency,
        }
        (self.folder / "config.json").write_text(json.dumps(config))
        (self.folder / "target.json").write_text('{"do_timestamp_file": false}')

    def run(self, *, dies_at: int | None = None) -> int:
        """Run tap and target, and count the calls.

        Args:
            dies_at: Kill the tap while it waits for the answer to this call; by default both run to their
                end.
        """
        tap = self._tap()
        target = self._target(tap.stdout)
        assert tap.stdout is not None
        tap.stdout.close()  # only the target reads it
        try:
            if dies_at is not None:
                with stalled(self.box, path_prefix="/", nth=dies_at) as reached:
                    assert reached.wait(PATIENCE), "the tap did not come that far"
                    tap.kill()
                    tap.wait(PATIENCE)
            self._end(target)
            code = tap.wait(PATIENCE)
        finally:
            for process in (tap, target):
                process.kill()
                process.wait()
        self.log = (self.folder / "tap.log").read_text()
        assert (code == 0) is (dies_at is None), self.log
        return len(self.box.requests())

    def run_through(self, pipe: int, *, dies_after: int = sys.maxsize) -> bytes:
        """Run the tap into a pipe, give the target what arrived, and return that.

        Args:
            pipe: Size of the pipe in bytes.
            dies_after: Kill the tap after this many bytes were read.
        """
        with self._tap() as tap:
            assert tap.stdout is not None
            fcntl.fcntl(tap.stdout, fcntl.F_SETPIPE_SZ, pipe)
            arrived = bytearray()
            while more := os.read(tap.stdout.fileno(), min(pipe, dies_after - len(arrived))):
                arrived += more
            if len(arrived) == dies_after:
                tap.kill()
            arrived += tap.stdout.read()
        self._end(self._target(subprocess.PIPE), bytes(arrived))
        return bytes(arrived)

    def _tap(self) -> subprocess.Popen[bytes]:
        self.box.clear_requests()
        (self.folder / "state.json").write_text(json.dumps(self.state))
        options = ["--config", "config.json", "--catalog", "catalog.json", "--state", "state.json"]
        with (self.folder / "tap.log").open("wb") as log:
            return subprocess.Popen(
                [TAP, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd=self.folder
            )

    def _target(self, source: int | IO[bytes] | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [os.environ["TARGET_JSONL"], "--config", "target.json"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
        )

    def _end(self, target: subprocess.Popen[bytes], lines: bytes | None = None) -> None:
        """Wait until the target has loaded everything, and keep the state it prints."""
        states, errors = target.communicate(lines, timeout=PATIENCE)
        assert target.returncode == 0, errors
        if states.strip():
            self.state = json.loads(states.splitlines()[-1])

    def rows(self, stream: str) -> list[dict[str, Any]]:
        """Return the last row of each key."""
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


@dataclass
class Account:
    """What undisturbed runs of some streams cost."""

    streams: tuple[str, ...]
    whole: Spent
    quiet: Spent

    @classmethod
    def of(cls, pipe: Pipe) -> Account:
        """Load everything, and then once more, when nothing has changed."""
        pipe.run()
        whole = Spent.on(pipe.box, *pipe.streams)
        assert pipe.differences() == []
        pipe.run()
        return cls(pipe.streams, whole, Spent.on(pipe.box, *pipe.streams))

    def allowed(self, pipe: Pipe, slices: tuple[int, ...]) -> int:
        """Return the most calls that a killed run and the next one may make together.

        Those of an undisturbed run, one slice, and what test_resume.py lists. This tap is as fast as it can
        be and has no time to write a last STATE, so it may repeat the calls since the previous one.
        """
        marks = {name: pipe.state.get("bookmarks", {}).get(name, {}) for name in self.streams}
        done = [name for name in self.streams if "read_at" in marks[name]]
        killed = len(done)
        name = self.streams[killed]
        slice_ = slices[killed] or self.whole.own[name]
        nights = sum(self.quiet.own[name] for name in done)
        catch_up = increment(name, self.quiet) if marks[name].get("underway") else 0
        # Prefetched answers are requested again, and so are pages beyond the end of a collection.
        ahead = 2 * (pipe.concurrency - 1 + MOST_WAITING) if pipe.concurrency > 1 else 0
        return self.whole.total + slice_ + self.whole.fixed + catch_up + nights + STATE_CALLS + ahead


@pytest.mark.parametrize(
    "streams",
    [pytest.param(one, marks=[pytest.mark.nightly] * (number > 1)) for number, one in enumerate(KINDS)],
    ids=" ".join,
)
def test_after_a_kill_the_next_run_resumes_and_no_row_is_missing(
    box: Sandbox, catalog: dict[str, Any], streams: tuple[str, ...], tmp_path: Path, some: Some
) -> None:
    account = Account.of(Pipe(box, tmp_path / "undisturbed", catalog, streams))
    first = box.records("contacts")[0]["id"]
    for kill in some(range(KILLS), 3):
        pipe = Pipe(box, tmp_path / str(kill), catalog, streams, (1, 4, 16)[kill % 3])
        call = 1 + (2 * kill + 1) * account.whole.total // (2 * KILLS)
        made = pipe.run(dies_at=call)
        allowed = account.allowed(pipe, KINDS[streams])
        box.plant("contacts", upsert=[{"id": first, "given_name": f"Edited {kill}"}], touch=True)
        made += pipe.run()
        assert pipe.differences() == [], f"killed at call {call} of {account.whole.total}"
        assert made <= allowed, f"killed at call {call} of {account.whole.total}"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a pipe holds")
@pytest.mark.parametrize("at_once", [4, pytest.param(1, marks=pytest.mark.nightly)])
def test_after_a_kill_in_the_middle_of_a_page_no_row_is_missing(
    catalog: dict[str, Any], tmp_path: Path, at_once: int, some: Some
) -> None:
    """A page is several times as large as the pipe, which is full whenever the tap is killed."""
    switches = {"limits": "off", "quota_headers": "blank", "page_rows_max": 60}
    with Sandbox(seed=1, contacts=240, api_key=KEY, switches=switches) as box:
        account = Account.of(Pipe(box, tmp_path / "undisturbed", catalog, ("contacts",)))
        pipe = Pipe(box, tmp_path / "through", catalog, ("contacts",), at_once)
        size = len(pipe.run_through(SMALL_PIPE))
        assert size > 4 * 3 * SMALL_PIPE, "4 pages"
        for kill in some(range(KILLS // 2), 3):
            pipe = Pipe(box, tmp_path / str(kill), catalog, ("contacts",), at_once)
            after = (2 * kill + 1) * size // (KILLS + 1)
            *lines, end = pipe.run_through(SMALL_PIPE, dies_after=after).split(b"\n")
            made = len(box.requests())
            assert end == b""
            states = [json.loads(line)["type"] == "STATE" for line in lines]
            assert any(states) is (kill > 0), "no STATE precedes the first page"
            assert states[-1] is any(states)
            allowed = account.allowed(pipe, KINDS["contacts",])
            made += pipe.run()
            assert pipe.differences() == [], f"killed after {after} bytes of {size}"
            assert made <= allowed, f"killed after {after} bytes of {size}"
