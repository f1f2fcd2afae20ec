"""A copy made on another machine.

In New York the same load stored other times than in London, and where the locale was not UTF-8 the tap could
not read its own state. What comes out may depend on the account and the settings only.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from keap_sandbox import Sandbox
from tap_infusionsoft.tap import TapInfusionsoft
from tests.canary import KEY
from tests.program import tap

ROOT = Path(__file__).parents[2]
HERE = {"TZ": "UTC", "LANG": "C.UTF-8"}
ELSEWHERE = {
    "daylight saving and German": {"TZ": "America/New_York", "LANG": "de_DE.UTF-8", "LC_ALL": ""},
    "tomorrow, and no UTF-8": {
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",  # otherwise Python takes UTF-8 where the locale is C
        "PYTHONCOERCECLOCALE": "0",
    },
}
ENVIRONMENT = {"TAP_INFUSIONSOFT_SAVED_SEARCHES": '["Kündigungen *"]'}
SETTINGS: dict[str, Any] = {
    "requests_per_second": 1000,
    "requests_per_minute": 1_000_000,
    "requests_per_hour": 1_000_000,
    "concurrency": 1,  # otherwise the number of calls, which the state holds, may vary
    "start_date": "20 years ago",
    "end_date": "today",
    "queries": [
        {"name": "in_the_east", "table": "Contact", "query": "'LastUpdated':'~>=~2026-03-08 02:30:00'"},
        {"name": "named", "stream": "contacts", "filter": "given_name==Jörg", "bookmark": True},
    ],
}
NOON_THAT_IS_TWICE = [
    "2026-03-08T07:30:00Z",  # in New York, clocks jump over the hour of this
    "2026-11-01T05:30:00Z",  # and have the hour of these two twice
    "2026-11-01T06:30:00Z",
]


@pytest.fixture(scope="module")
def account(keap: Sandbox) -> Sandbox:
    times = [{"given_name": "Jörg", "create_time": one, "update_time": one} for one in NOON_THAT_IS_TWICE]
    keap.plant("contacts", upsert=[{"id": str(number), **row} for number, row in enumerate(times, 8)])
    keap.plant("reports", upsert=[{"id": "3", "name": "Kündigungen größer 5"}])
    return keap


@pytest.fixture(scope="module")
def expected(account: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    return load_twice(tmp_path_factory.mktemp("here"), account, HERE)


def load_twice(folder: Path, account: Sandbox, where: dict[str, str]) -> list[Any]:
    """Load an account and then its changes, with the catalog and the state as other programs write them.

    Returns:
        The records and schemas of both runs and their last states, with "now" for times of the runs.
    """
    config = SETTINGS | {"api_key": KEY, "api_url": account.url}
    began = datetime.now(UTC).replace(microsecond=0)
    catalog = TapInfusionsoft(config=config | {"saved_searches": ["3"]}).catalog_dict
    wanted = {"contacts", "payments", "notes", "in_the_east", "named"}
    for entry in catalog["streams"]:
        name = entry["tap_stream_id"]
        (root,) = [one["metadata"] for one in entry["metadata"] if not one["breadcrumb"]]
        root["selected"] = name in wanted or name.startswith("saved_search_")
    (folder / "catalog.json").write_text(json.dumps(catalog, ensure_ascii=False), encoding="utf-8")
    state: list[str] = []
    lines: list[str] = []
    for _ in range(2):
        options = ("--config", "ENV", "--catalog", "catalog.json", *state)
        done = tap(folder, config, *options, env=ENVIRONMENT | where, cold=True)
        assert done.returncode == 0, done.stderr
        *written, last = done.stdout.splitlines()
        # A run that is slow says its state in between, too
        lines += [*(one for one in written if not one.startswith('{"type":"STATE"')), last]
        (folder / "state.json").write_text(
            json.dumps(json.loads(lines[-1])["value"], ensure_ascii=False), encoding="utf-8"
        )
        state = ["--state", "state.json"]
    return [comparable(json.loads(line), began) for line in lines]


def comparable(value: Any, began: datetime) -> Any:
    """Replace the times, in text or in milliseconds, of what happened since a moment.

    Of the calls in each minute, which the state holds for the pace, the sum is left.
    """
    match value:
        case {"minutes": dict(minutes)}:
            return comparable({**value, "minutes": sum(minutes.values())}, began)
        case dict():
            return {name: comparable(inner, began) for name, inner in value.items()}
        case list():
            return [comparable(inner, began) for inner in value]
        case int() if value >= began.timestamp() * 1000:
            return "now"
        case str():
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                return value
            return "now" if moment.tzinfo and began <= moment <= datetime.now(UTC) else value
        case _:
            return value


@pytest.mark.parametrize("where", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_is_loaded_depends_neither_on_the_time_zone_nor_on_the_locale(
    tmp_path: Path, account: Sandbox, expected: list[Any], where: dict[str, str]
) -> None:
    names = {line["stream"] for line in expected if line["type"] == "RECORD"}
    assert {"contacts", "payments", "notes", "in_the_east", "named"} < names
    assert any(name.startswith("saved_search_") for name in names)
    assert load_twice(tmp_path, account, where) == expected


def test_target_postgres_stores_times_in_utc() -> None:
    """Its columns are ``timestamp`` without a zone, so the session's zone decides what they hold.

    test_warehouse.py loads into a database whose own zone is another one.
    """
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (target,) = [one for one in project["plugins"]["loaders"] if one["name"] == "target-postgres"]
    assert target["env"] == {"PGTZ": "UTC"}
