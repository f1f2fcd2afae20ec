"""The bridge's destinations are declared once, and what dlt keeps of the state is judged."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from world import bridge_pages
from world.bridges import BRIDGES
from world.bridging import command, environment, kept_state, state_found
from world.declared import Bridge
from world.warehouses.kinds import KINDS
from world.warehouses.lakes import Tables

MAKEFILE = Path(__file__).parents[2] / "Makefile"
PLACES = {"file": "/data/keap.db", "folder": "/data/files", "full_url": "postgresql://user:word@host/name"}
BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)


def pins(variable: str) -> set[str]:
    """Return the requirements in a variable of the Makefile."""
    line = re.search(rf"^{variable} := (.*)$", MAKEFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    return {one.strip("'") for one in line[1].split()}


@pytest.mark.parametrize("bridge", BRIDGES, ids=lambda one: one.name)
def test_a_destination_has_the_versions_that_make_bridge_tests(bridge: Bridge) -> None:
    assert {*bridge.requirements} <= pins("BRIDGE")
    assert bridge.into in KINDS


def test_tables_are_read_with_the_versions_that_wrote_them() -> None:
    readers = {one.split("==")[0]: one for one in pins("WORLD_READERS")}
    written = [one.replace("[sql-sqlite]", "") for bridge in BRIDGES for one in bridge.requirements]
    assert {one for one in written if one.split("==")[0] in readers} == {
        readers[name] for name in ("duckdb", "pyarrow", "deltalake", "pyiceberg")
    }


@pytest.mark.parametrize("bridge", BRIDGES, ids=lambda one: one.name)
def test_nothing_that_is_declared_stays_a_placeholder(bridge: Bridge) -> None:
    words = command(bridge, Path("python"), Path("config.json"), Path("pipelines"), PLACES)
    variables = environment(bridge, PLACES)
    assert not [one for one in (*words, *variables.values()) if "{" in one]
    assert {*words, *variables.values()} & {*PLACES.values()}


def test_the_command_is_that_of_the_document() -> None:
    words = command(BRIDGES[0], Path("python"), Path("config.json"), Path("p"), {"file": "keap.duckdb"})
    assert " ".join(words) == (
        "python -m tap_infusionsoft.dlt --config config.json --pipelines-dir p "
        "--destination duckdb --credentials keap.duckdb"
    )


def state(minutes: int = 1, version: int = 7, **more: Any) -> dict[str, Any]:
    """Return a state of a run that read at some minutes after the load began."""
    read_at = (BEGAN + timedelta(minutes=minutes)).isoformat()
    return {
        "bookmarks": {
            "tags": {"read_at": read_at, "version": version, "rows": ["1", "2"]},
            "contacts": {"windows": [read_at], **more},
        },
        "quota": {"minutes": minutes},
    }


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (state(), "last"),
        (state(minutes=2, version=8), "last"),
        (None, "none"),
        (state(minutes=-1), "another"),  # of the load before
        (state(begun={"page": 3}), "another"),
        ({"bookmarks": {"tags": state()["bookmarks"]["tags"]}}, "another"),
    ],
)
def test_a_state_is_the_last_one_if_only_its_times_differ(kept: Any, found: str) -> None:
    assert state_found(kept, state(), BEGAN) == found


def test_the_state_is_where_dlt_keeps_it(tmp_path: Path) -> None:
    assert kept_state(tmp_path) is None
    file = tmp_path / "keap" / "state.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"sources": {}}))
    assert kept_state(tmp_path) is None
    file.write_text(json.dumps({"sources": {"tap_infusionsoft": {"singer": state(), "sequence": 1}}}))
    assert kept_state(tmp_path) == state()


def test_a_folder_has_the_tables_that_were_loaded(tmp_path: Path) -> None:
    def read(folder: Path, stream: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        return [{"folder": folder, "stream": stream, "keys": keys}]

    (tmp_path / "infusionsoft" / "tags").mkdir(parents=True)
    destination = Tables(tmp_path, read)
    assert destination.read({"tags": ["id"], "contacts": ["id"]}) == {
        "tags": [{"folder": tmp_path, "stream": "tags", "keys": ["id"]}]
    }


def test_the_page_says_how_to_start_each_destination() -> None:
    sections = bridge_pages.recipes().split("### ")[1:]
    assert sorted(one.split("\n")[0] for one in sections) == sorted(one.name for one in BRIDGES)
    for bridge in BRIDGES:
        (section,) = [one for one in sections if one.startswith(f"{bridge.name}\n")]
        wanted = [bridge.options[1], *bridge.requirements, *environment(bridge, {})]
        assert [one for one in wanted if one not in section] == []
        assert f"(#{bridge.name})" in bridge_pages.destinations()
