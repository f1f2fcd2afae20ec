"""Twenty accounts are loaded at once, each with a key, a state and a copy of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.streams.registry import COLLECTIONS
from tests.canary import KEY, assert_clean
from tests.processes import PATIENCE
from tests.program import TAP
from tests.target import Target
from tests.truth import agrees, key_of, plain

pytestmark = pytest.mark.nightly
STREAMS = ("contacts", "companies", "tags", "contact_tags", "orders")
KEYS = [KEY, *(f"KeapAK-account-{number:02}" for number in range(2, 21))]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Twenty accounts with 40 contacts and more, and Keap's limits for each key."""
    accounts = [
        f"key={key},tenant=t{number}.infusionsoft.com,name=No {number},seed={number},contacts={38 + number}"
        for number, key in enumerate(KEYS[1:], 2)
    ]
    with Sandbox(contacts=40, api_key=KEY, accounts=accounts) as sandbox:
        yield sandbox


class Copy:
    """The copy of an account, in its own folder."""

    def __init__(self, box: Sandbox, key: str, folder: Path) -> None:
        self.box = box
        self.key = key
        self.target = Target()
        self._folder = folder
        folder.mkdir()
        config = {"api_key": key, "api_url": box.url, "streams": [*STREAMS]}
        (folder / "config.json").write_text(json.dumps(config))

    def start(self) -> subprocess.Popen[str]:
        words = [TAP, "--config", "config.json"]
        if self.target.state:
            (self._folder / "state.json").write_text(json.dumps(self.target.state))
            words += ["--state", "state.json"]
        with (self._folder / "out").open("w") as out, (self._folder / "log").open("w") as log:
            return subprocess.Popen(words, cwd=self._folder, stdout=out, stderr=log, text=True)

    def finish(self, process: subprocess.Popen[str]) -> None:
        code = process.wait(PATIENCE * 2)
        log = (self._folder / "log").read_text()
        assert_clean(log)
        assert code == 0, log
        assert "Trying again" not in log, "one account has cost another its calls"
        self.target.take((self._folder / "out").read_text())

    def differences(self) -> list[str]:
        found = []
        for stream in STREAMS:
            keys, schema = COLLECTIONS[stream].keys, self.target.schemas[stream]
            rows = [plain(row) for row in self.box.records(stream, account=self.key)]
            truth = {key_of(row, keys): row for row in rows}
            copied = {key_of(row, keys): row for row in self.target.rows(stream)}
            found += [f"{stream}: {key}" for key in truth.keys() ^ copied.keys()]
            for key in truth.keys() & copied.keys():
                found += [f"{stream}: {key}: {one}" for one in agrees(copied[key], truth[key], schema)]
        return found


def load(copies: list[Copy]) -> None:
    """Load all accounts at once."""
    started = [(copy, copy.start()) for copy in copies]
    for copy, process in started:
        copy.finish(process)


def test_twenty_accounts_at_once(box: Sandbox, tmp_path: Path) -> None:
    copies = [Copy(box, key, tmp_path / f"account-{place}") for place, key in enumerate(KEYS)]
    load(copies)
    assert [copy.differences() for copy in copies] == [[]] * len(copies)
    accounts: list[Any] = [copy.target.state["account"]["id"] for copy in copies]
    assert len({*accounts}) == len(KEYS)

    for place, key in enumerate(KEYS):
        box.plant("contacts", upsert=[{"given_name": f"New in {place}"}], touch=True, account=key)
    load(copies)
    assert [copy.differences() for copy in copies] == [[]] * len(copies)
    for place, copy in enumerate(copies):
        names = {row["given_name"] for row in copy.target.sent("contacts")}
        assert f"New in {place}" in names
        assert not any(f"New in {other}" in names for other in range(len(KEYS)) if other != place)
