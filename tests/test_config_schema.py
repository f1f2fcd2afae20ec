"""docs/config.schema.json tells editors what the tap takes: neither more nor less, as far as a schema can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tap_infusionsoft import wings
from tap_infusionsoft.cli import as_declared, read_config
from tap_infusionsoft.config.schema import SETTINGS
from tap_infusionsoft.config.setting_types import Integer, Number
from tap_infusionsoft.config.settings import warnings
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.tap import TapInfusionsoft
from tools import config_schema
from tools.docs import ROOT

KEY = {"api_key": "KeapAK-1"}
OAUTH = {"client_id": "app", "client_secret": "secret", "token_file": "/var/lib/tap/keap.token.json"}
SCHEMA = config_schema.schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
BATCHES = {"encoding": {"format": "jsonl"}, "storage": {"root": "file:///data"}}

pytestmark = pytest.mark.usefixtures("quiet")


def test_the_schema_is_one_and_up_to_date() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    written = json.loads((ROOT / config_schema.FILE).read_text())
    here = {one.name for one in wings.settings()}
    for name in [name for name, one in written["properties"].items() if one.get("$comment") == "wing"]:
        if name not in here:  # of a wing that was removed
            del written["properties"][name]
    assert written == SCHEMA, "docs/config.schema.json does not say what the code says. Run `make docs`."


def takes(config: dict[str, Any], folder: Path) -> bool:
    """Whether the tap takes a configuration file, and does not warn that a setting does not exist."""
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    try:
        found, _ = read_config((str(path),))
        tap = TapInfusionsoft(config=found)
        settings, _ = tap.settings, tap.queries
    except ConfigError:
        return False
    assert settings
    return not [
        one for one in warnings(tap.config, tap.config_jsonschema["properties"]) if "no setting" in one
    ]


def dated(*dates: object) -> list[dict[str, Any]]:
    """A configuration for each start date."""
    return [KEY | {"start_date": date} for date in dates]


RIGHT: list[dict[str, Any]] = [
    KEY,
    {"access_token": "abc"},
    OAUTH,
    OAUTH | {"refresh_token": "abc", "redirect_uri": "https://example.com/keap?x=1"},
    OAUTH | {"token_file": "~/keap.token.json", "redirect_uri": " HTTPS://example.com "},
    KEY | {"$schema": "docs/config.schema.json"},
    KEY | {"access_token": "", "client_id": None, "token_file": ""},
    KEY | {"api_url": "https://api.infusionsoft.com/"},
    KEY | {"api_url": "https://keap.com:443"},
    KEY | {"api_url": "http://127.0.0.1:8080"},
    KEY | {"api_url": "http://localhost"},
    *dated("2026-01-31", "2026-01-31T08:00:00Z", "2026-01-31 08:00", ""),
    *dated("10 days ago", "-10d", "Today", "yesterday", "3 Weeks AGO", "5h"),
    *dated("2026-01-31T08:00:00.25+02:00", " 12 months ", "now", "1y ago"),
    KEY | {"tag_ids": [91, "92", " 93 "]},
    KEY | {"contact_emails": ["ann@example.com", "ann*"]},
    KEY | {"streams": ["contacts", "order*", "my_query"]},
    KEY | {"saved_searches": []},
    KEY | {"concurrency": 16, "max_calls_per_run": None, "requests_per_second": 0.5},
    KEY | {"concurrency": 2.0},
    KEY | {"query_waits": [1, 2.5], "activate_versions": False},
    KEY | {"queries": [{"name": "mine", "stream": "tags", "filter": "name==VIP"}]},
    KEY | {"queries": [{"name": "mine", "stream": "tags", "filter": None, "ids": [1], "fields": ["id"]}]},
    KEY | {"queries": [{"name": "mine", "table": "Contact", "query": "{'City':'Ogden'}", "bookmark": True}]},
    KEY | {"stream_settings": {"contacts": {"lookback_hours": 2}, "saved_search_x": {"sweep": "now"}}},
    KEY | {"stream_settings": {"contacts": {"sweep": None, "lookback_hours": None}}},
    KEY | {"stream_settings": {"tags": {}, "orders": {"refresh": "full", "sweep_interval_days": 0}}},
    KEY | {"report_file": "report.json", "report_history": 10_000},
    KEY | {"report_file": "/var/log/tap/Report.HTML"},
    KEY | {"stream_maps": {"contacts": {"email": None, "name": "given_name"}}, "flattening_enabled": True},
    KEY | {"flattening_enabled": True, "flattening_max_depth": 2},
    KEY | {"batch_config": BATCHES},
    KEY | {"batch_config": BATCHES | {"batch_size": 500}},
    KEY | {"batch_config": BATCHES | {"encoding": {"format": "jsonl", "compression": "none"}}},
    KEY | {"batch_config": {"storage": {"root": "x"}}},
]
WRONG: list[dict[str, Any]] = [
    KEY | {"access_token": "abc"},
    KEY | OAUTH,
    KEY | {"refresh_token": "abc"},
    {"access_token": "abc", "refresh_token": "abc", **OAUTH},
    {"access_token": "abc", "client_id": "app"},
    {"api_key": "Keap AK"},
    {"api_key": "KeapAK-ü"},
    OAUTH | {"client_id": "a:b"},
    OAUTH | {"token_file": "keap.token.json"},
    OAUTH | {"token_file": "s3://bucket/keap.token.json"},
    OAUTH | {"redirect_uri": "http://127.0.0.1:8000"},
    OAUTH | {"redirect_uri": "https://ann@example.com/keap"},
    OAUTH | {"redirect_uri": "https://example.com/#keap"},
    KEY | {"api_url": "http://api.infusionsoft.com"},
    KEY | {"api_url": "https://infusionsoft.example.com"},
    KEY | {"api_url": "https://notkeap.com"},
    KEY | {"api_url": "https://api.infusionsoft.com/crm"},
    KEY | {"apikey": "x"},
    KEY | {"start_dat": "2026-01-31"},
    *dated("31.1.2026", "2026-13-01", "2026-01-32", "2026-01", "tomorrow"),
    *dated("10 fortnights ago", "2026-01-31T25:00", "ago", 20260131.5, []),
    KEY | {"tag_ids": ["vip"]},
    KEY | {"tag_ids": [-1]},
    KEY | {"tag_ids": [True]},
    KEY | {"tag_ids": {"id": 1}},
    *(KEY | {"contact_emails": [one]} for one in ("*", "a*b@example.com", "a@b.com,c@d.com", "", "a b@c.de")),
    KEY | {"streams": [{"name": "contacts"}]},
    KEY | {"streams": {"contacts": True}},
    KEY | {"custom_fields": "none"},
    KEY | {"custom_fields": True},
    KEY | {"concurrency": 17},
    KEY | {"concurrency": 1.5},
    KEY | {"concurrency": True},
    KEY | {"sweep_max_drop": -0.1},
    KEY | {"query_waits": 5},
    KEY | {"query_waits": [-1]},
    KEY | {"activate_versions": 1},
    KEY | {"queries": {"name": "mine", "stream": "tags"}},
    KEY | {"queries": [{"stream": "tags"}]},
    KEY | {"queries": [{"name": "Mine", "stream": "tags"}]},
    KEY | {"queries": [{"name": "mine"}]},
    KEY | {"queries": [{"name": "mine", "stream": " "}]},
    KEY | {"queries": [{"name": "mine", "stream": "tags", "filters": "x"}]},
    KEY | {"queries": [{"name": "mine", "table": "Contact", "filter": "given_name==Ann"}]},
    KEY | {"queries": [{"name": "mine", "stream": "contacts", "query": "{'City':'Ogden'}"}]},
    KEY | {"queries": [{"name": "mine", "stream": "tags", "ids": []}]},
    KEY | {"queries": [{"name": "mine", "stream": "tags", "ids": ["x"]}]},
    KEY | {"stream_settings": {"contacts": {"lookback": 2}}},
    KEY | {"stream_settings": {"contacts": {"lookback_hours": -2}}},
    KEY | {"stream_settings": {"contacts": {"sweep": "never"}}},
    KEY | {"stream_settings": {"contacts": 5}},
    KEY | {"stream_settings": ["contacts"]},
    KEY | {"report_file": "report.txt"},
    KEY | {"report_file": ".json"},
    KEY | {"report_history": 10_001},
    KEY | {"flattening_max_depth": "deep"},
    KEY | {"batch_config": {"encoding": {"format": "parquet"}, "storage": {"root": "x"}}},
    KEY | {"batch_config": {"encoding": {"format": "jsonl"}}},
    KEY | {"batch_config": BATCHES | {"batchsize": 5}},
    KEY | {"batch_config": BATCHES | {"batch_size": 0}},
    KEY | {"batch_config": {"encoding": {"format": "jsonl", "compression": "zip"}, "storage": {"root": "x"}}},
]


@pytest.mark.parametrize("config", RIGHT, ids=json.dumps)
def test_what_the_schema_allows_the_tap_takes(config: dict[str, Any], tmp_path: Path) -> None:
    assert [one.message for one in VALIDATOR.iter_errors(config)] == []
    assert takes(config, tmp_path)


@pytest.mark.parametrize("config", WRONG, ids=json.dumps)
def test_what_the_schema_forbids_the_tap_does_not_take(config: dict[str, Any], tmp_path: Path) -> None:
    assert not VALIDATOR.is_valid(config)
    assert not takes(config, tmp_path)


def test_a_configuration_may_leave_the_credential_to_the_environment() -> None:
    for config in ({}, {"streams": ["contacts"]}, {"client_id": "app"}):
        assert VALIDATOR.is_valid(config)


PALETTE: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    7,
    -1,
    2.5,
    1e12,
    "",
    "now",
    "full",
    "2026-01-31",
    "x",
    [],
    [1],
    ["1"],
    ["x"],
]
PALETTE += [[None], [[]], {}, {"a": 1}, [{}], {"contacts": {}}]
"""Values of all kinds."""

CHECKED_ELSEWHERE = config_schema.PATTERNS.keys() | {"start_date", "end_date"}
"""Settings whose texts are checked by more than their declarations."""


def declared() -> Iterator[tuple[str, Any]]:
    for setting in (*SETTINGS.values(), *wings.settings()):
        values = list(PALETTE)
        if isinstance(setting, Number | Integer):
            values += [setting.least, setting.most, setting.most + 1]
        for value in values:
            if not isinstance(value, str) or setting.name not in CHECKED_ELSEWHERE:
                yield setting.name, value


def is_lax(name: str, value: Any) -> bool:
    """Whether the tap takes a value for another type, as it has to from the environment."""
    inner = SCHEMA["properties"][name]
    if "array" in inner["type"] and isinstance(value, list):
        inner, (value,) = inner["items"], value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (
        "string" not in inner["type"] if isinstance(value, str) else is_number and "string" in inner["type"]
    )


def test_schema_and_declarations_agree_on_values_of_all_kinds() -> None:
    """A list may also be a text, and a text a number: those are not what an editor should propose."""
    settings = SETTINGS | {one.name: one for one in wings.settings()}
    for name, value in declared():
        try:
            checked = as_declared({name: value}, TapInfusionsoft.config_jsonschema)
            jsonschema.validate(
                checked, {"properties": {name: TapInfusionsoft.config_jsonschema["properties"][name]}}
            )
            settings[name].read(checked)
            is_taken = True
        except (ConfigError, jsonschema.ValidationError):
            is_taken = False
        is_allowed = VALIDATOR.is_valid({name: value})
        assert is_allowed == is_taken or is_lax(name, value), (name, value, is_allowed, is_taken)


def test_the_sample_names_the_schema_and_is_right(tmp_path: Path) -> None:
    sample = json.loads((ROOT / "sample_config.json").read_text())
    assert (ROOT / sample["$schema"]).resolve() == ROOT / config_schema.FILE
    VALIDATOR.validate(sample)
    assert takes(sample, tmp_path)
