"""Runs with OAuth: tokens that expire or are revoked, private files, and clear errors."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.errors import Exit
from tests.canary import ACCESS_TOKEN, CLIENT_SECRET, SEED
from tests.fixtures import Run
from tests.program import errors, tap
from tests.target import Target

SWITCHES = {
    "limits": "off",
    "quota_headers": "blank",
    "oauth_client_id": "app-1",
    "oauth_client_secret": CLIENT_SECRET,
    "oauth_refresh_token": SEED,
}


def grant(folder: Path) -> dict[str, Any]:
    return {
        "client_id": "app-1",
        "client_secret": CLIENT_SECRET,
        "refresh_token": SEED,
        "token_file": str(folder / "keap.token.json"),
    }


def catalog_of(done: str, *streams: str) -> dict[str, Any]:
    catalog: dict[str, Any] = json.loads(done)
    for entry in catalog["streams"]:
        for meta in entry["metadata"]:
            if not meta["breadcrumb"]:
                meta["metadata"]["selected"] = entry["tap_stream_id"] in streams
    return catalog


def test_a_token_that_expires_during_a_run_loses_nothing(run: Run, tmp_path: Path) -> None:
    run.box.switch(**SWITCHES)
    oauth = grant(tmp_path) | {"api_key": None}
    catalog = run.catalog("companies", "contacts", "tags", **oauth)
    run.box.switch(page_rows_max=40)
    run.box.fault("access_token_expired", path="/v2/contacts", nth=2)
    target = run(catalog=catalog, **oauth)
    assert run.box.oauth()["refreshes"] == 2
    for stream in ("companies", "contacts", "tags"):
        assert {row["id"] for row in target.rows(stream)} == {row["id"] for row in run.box.records(stream)}


def test_a_key_revoked_during_a_run_ends_it(run: Run) -> None:
    catalog = run.catalog("companies", "contacts", "tags")
    run.box.fault("invalid_access_token", path="/v2/contacts", always=True)
    target = run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == Exit.CONFIG
    assert "Check api_key" in str(run.error)
    assert run.box.requests("/token") == []
    assert target.last["type"] == "STATE"
    assert "version" in target.state["bookmarks"]["companies"]


def test_a_grant_revoked_during_a_run_keeps_the_state(run: Run, tmp_path: Path) -> None:
    run.box.switch(**SWITCHES)
    oauth = grant(tmp_path) | {"api_key": None}
    catalog = run.catalog("companies", "contacts", "tags", **oauth)
    run.box.fault("access_token_expired", path="/v2/contacts", always=True)
    run.box.fault("invalid_refresh_token", path="/token", always=True)
    target = run(catalog=catalog, fails=True, **oauth)
    assert run.error is not None
    assert run.error.exit_code == Exit.CONFIG
    assert "The run ended at the stream contacts: The access token could not be renewed" in str(run.error)
    assert "version" in target.state["bookmarks"]["companies"]


def test_a_static_access_token_is_not_refreshed(run: Run) -> None:
    run.box.switch(**SWITCHES, oauth_access_token=ACCESS_TOKEN)
    static: dict[str, Any] = {"access_token": ACCESS_TOKEN, "api_key": None}
    catalog = run.catalog("tags", **static)
    assert run(catalog=catalog, **static).rows("tags")
    run.box.expire_tokens()
    run(catalog=catalog, fails=True, **static)
    assert "Put a fresh token into access_token" in str(run.error)


@pytest.fixture(scope="module")
def keap() -> Iterator[Sandbox]:
    with Sandbox(contacts=20, switches=SWITCHES) as box:
        yield box


def test_consecutive_processes_share_the_token_file_and_leave_no_secret_elsewhere(
    keap: Sandbox, tmp_path: Path
) -> None:
    keap.reset()
    config = grant(tmp_path) | {
        "api_url": keap.url,
        "requests_per_second": 1000,
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
        "saved_searches": [],
    }
    (tmp_path / "run").mkdir()
    found = tap(tmp_path / "run", config, "--discover")
    assert found.returncode == 0, found.stderr
    (tmp_path / "run" / "catalog.json").write_text(json.dumps(catalog_of(found.stdout, "tags")))
    done = tap(tmp_path / "run", config, "--catalog", "catalog.json")
    assert done.returncode == 0, done.stderr
    target = Target()
    target.take(done.stdout)
    assert len(target.rows("tags")) == len(keap.records("tags"))
    assert (keap.oauth()["refreshes"], keap.oauth()["replays"]) == (1, 0)
    store = tmp_path / "keap.token.json"
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    (held,) = json.loads(store.read_text())["grants"].values()
    (tmp_path / "run" / "config.json").unlink()  # the only file where the secrets of the settings belong
    seen = found.stdout + found.stderr + done.stdout + done.stderr
    seen += "".join(file.read_text() for file in (tmp_path / "run").iterdir())
    for secret in (CLIENT_SECRET, SEED, held["access_token"], held["refresh_token"]):
        assert secret not in seen


@dataclass
class Scene:
    keap: Sandbox
    folder: Path
    config: dict[str, Any]


def spent(scene: Scene) -> None:
    scene.keap.switch(oauth_refresh_token="canary-another-seed")


def half_written(scene: Scene) -> None:
    (scene.folder / "keap.token.json").write_text('{"version": 1, "clie')


def no_folder(scene: Scene) -> None:
    scene.config["token_file"] = str(scene.folder / "missing" / "keap.token.json")


def wrong_secret(scene: Scene) -> None:
    scene.config["client_secret"] = "canary-wrong-secret"


def of_another_client(scene: Scene) -> None:
    scene.keap.switch(oauth_client_id="app-2")
    assert tap(scene.folder, scene.config | {"client_id": "app-2"}, "--discover").returncode == 0
    scene.keap.switch(oauth_client_id="app-1")


MISTAKES = [
    (spent, "Invalid Refresh Token (it is the first one, which was used before, and no later one was saved"),
    (half_written, "does not hold saved tokens. No refresh token was spent. Restore token_file"),
    (no_folder, "its folder does not exist. No refresh token was spent."),
    (wrong_secret, "Check client_id and client_secret"),
    (
        of_another_client,
        "belongs to another client id. No refresh token was spent. Set token_file to another path",
    ),
]


@pytest.mark.parametrize(("spoil", "says"), MISTAKES)
def test_oauth_mistakes_are_reported_in_one_line(
    keap: Sandbox, tmp_path: Path, spoil: Callable[[Scene], None], says: str
) -> None:
    keap.reset()
    config = grant(tmp_path) | {
        "api_url": keap.url,
        "requests_per_second": 1000,
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
        "saved_searches": [],
    }
    try:
        spoil(Scene(keap, tmp_path, config))
        done = tap(tmp_path, config, "--discover")
    finally:
        keap.switch(**SWITCHES)
    assert done.returncode == Exit.CONFIG
    (line,) = errors(done)
    assert says in line
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stdout + done.stderr
