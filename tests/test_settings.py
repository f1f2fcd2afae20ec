"""Settings: defaults, limits, and what the tap says about wrong ones."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import random
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import tap_infusionsoft
from keap_sandbox import Sandbox
from tap_infusionsoft.cli import as_declared, from_environment
from tap_infusionsoft.config import schema
from tap_infusionsoft.config.schema import CONFIG_SCHEMA, GROUPS, ON_BAD_RECORD, SETTINGS
from tap_infusionsoft.config.setting_types import Integer, Number, Numbers, Setting
from tap_infusionsoft.config.settings import Settings, read_settings, warnings
from tap_infusionsoft.errors import ConfigError, Exit
from tap_infusionsoft.output.quarantine import MAX_ROWS, MAX_SHARE
from tap_infusionsoft.tap import TapInfusionsoft
from tests import canary
from tests.fixtures import settle
from tests.virtual import VirtualClock
from tools.sources import shipped

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = {"api_key": "KeapAK-0123456789"}
OAUTH = {
    "client_id": "client",
    "client_secret": "KeapAK-0123456789",
    "refresh_token": "KeapAK-0123456789",
    "token_file": "/var/lib/tap/keap.token.json",
}
UNUSUAL: dict[str, Any] = {
    "start_date": "2026-01-01",
    "end_date": "2026-02-01",
    "tag_ids": ["1"],
    "saved_searches": ["VIP*"],
    "queries": [{"name": "mine", "stream": "tags", "filter": "name==VIP"}],
    "custom_fields": "both",
    "sweep_interval_days": 1,
    "refresh": "rolling",
    "max_calls_per_run": 500,
    "stream_settings": {"contacts": {"lookback_hours": 2}},
    "on_bad_record": "quarantine",
    "quarantine_file": "rows.jsonl",
    "requests_per_second": 10,
    "requests_per_minute": 240,
    "requests_per_hour": 7200,
    "requests_per_day": 1000,
    "daily_quota_share": 0.9,
    "max_wait": 60,
}
"""Settings whose values differ from the defaults."""


pytestmark = pytest.mark.usefixtures("quiet")
TapInfusionsoft.append_builtin_config(CONFIG_SCHEMA)


def test_defaults() -> None:
    settings = read_settings(KEY, NOW)
    assert settings.api_url == "https://api.infusionsoft.com"
    paces = [
        read_settings({name: "KeapAK-1"}, NOW).requests_per_second for name in ("api_key", "access_token")
    ]
    assert paces == [4, 20]
    shares = [read_settings({name: "KeapAK-1"}, NOW).share for name in ("api_key", "access_token")]
    assert [share.calls(share.documented) for share in shares] == [15_000, 75_000]
    assert settings.requests_per_minute is None
    assert settings.requests_per_hour == 3600, "Keap's guideline"
    assert list(settings.waits.query) == [5, 10, 30, 60, 300]
    assert (settings.waits.blocked, settings.waits.blocked_tries) == (1200, 10)
    assert settings.saved_searches is None
    assert (settings.sweep_interval_days, settings.sweep_max_drop) == (7, 0.2)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("others", [KEY, OAUTH, KEY | UNUSUAL], ids=["key", "OAuth", "other settings"])
def test_writing_a_default_changes_nothing(name: str, others: dict[str, Any]) -> None:
    """A documented default, or null, is the same as leaving the setting out, whatever else is set."""
    without = {other: value for other, value in others.items() if other != name}
    if name not in OAUTH.keys() | KEY.keys():
        default = CONFIG_SCHEMA["properties"][name].get("default")
        assert read_settings(without | {name: default}, NOW) == read_settings(without, NOW)
        assert read_settings(without | {name: None}, NOW) == read_settings(without, NOW)


def test_writing_all_defaults_changes_neither_output_nor_pace() -> None:
    """Load two equal accounts twice, with a change in between: one with all defaults written down."""
    outcomes = []
    for written in (False, True):
        clock = VirtualClock()
        switches = {"limits": "off", "quota_headers": "blank"}
        with Sandbox(seed=1, contacts=20, api_key=canary.KEY, clock=clock.epoch, switches=switches) as box:
            # With several calls at once, virtual time passes in another order each time.
            config = {"api_key": canary.KEY, "api_url": box.url, "concurrency": 1}
            if written:
                config = {
                    name: CONFIG_SCHEMA["properties"][name].get("default") for name in SETTINGS
                } | config
            state: dict[str, Any] = {}
            lines = []
            for _ in range(2):
                stdout = io.StringIO()
                with contextlib.redirect_stdout(stdout):
                    tap = TapInfusionsoft(config=config, state=state, clock=clock, rng=random.Random(1))
                    tap.sync_all()
                settle()
                text = re.sub(r'"time_extracted":"[^"]*"', "", stdout.getvalue())  # of the system's clock
                lines += text.splitlines()
                state = json.loads(lines[-1])["value"]
                box.plant("contacts", upsert=[{"id": "1", "given_name": "Changed"}], touch=True)
                clock.pass_time(3600)
            outcomes.append((lines, clock.waits))
    assert outcomes[0][0] == outcomes[1][0]
    assert outcomes[0][1] == outcomes[1][1]
    assert max(outcomes[0][1]) == 0.25, "the pace is part of the comparison"


def test_every_setting_is_described_and_in_one_group() -> None:
    names = [one.name for group in GROUPS.values() for one in group]
    assert names == list(SETTINGS), "GROUPS in config/schema.py has a setting twice, or two have one name."
    for one in SETTINGS.values():
        assert one.text, f"{one.name} has no text. Add it in config/schema.py."
        assert one.title, f"{one.name} has no title. Add it in config/schema.py."
    keys = {key.name for one in SETTINGS.values() for key in getattr(one, "keys", ())}
    declared = {one.name for one in vars(schema).values() if isinstance(one, Setting)}
    for name in declared - SETTINGS.keys() - keys:
        pytest.fail(f"No configuration can have {name}: add it to its group in GROUPS of config/schema.py.")


class Recorded(dict[str, Any]):
    """A configuration that knows which of its settings were read."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self.read: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)


def test_every_setting_is_read_and_used() -> None:
    read: set[str] = set()
    for config in map(Recorded, (KEY, OAUTH, KEY | UNUSUAL)):
        read_settings(config, NOW)
        read |= config.read
    for name in SETTINGS.keys() - read:
        pytest.fail(f"Nothing reads {name}: read it in read_settings of config/settings.py.")
    package = Path(tap_infusionsoft.__file__).parent
    code = "".join(path.read_text() for path in shipped(package))
    for field in dataclasses.fields(Settings):
        if not re.search(rf"\.{field.name}\b", code):
            pytest.fail(
                f"Nothing uses Settings.{field.name}, so the setting has no effect. Use it where tap.py or "
                "reading/account.py use the other settings."
            )


def test_a_default_beyond_its_own_limits_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^the default of pause is 90; it must be from 0 to 60 seconds\.$"):
        Number("pause", default=90, least=0, most=60, unit="seconds", text="A pause.")


def test_the_limits_of_quarantine_are_in_the_description() -> None:
    assert f"at most {MAX_ROWS} rows and {MAX_SHARE:.1%} of a stream" in ON_BAD_RECORD.text


NUMBERS = [one for one in SETTINGS.values() if isinstance(one, (Integer, Number, Numbers))]


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda one: one.name)
def test_the_schema_has_the_limits_of_each_number(setting: Integer[Any] | Number[Any] | Numbers) -> None:
    schema = CONFIG_SCHEMA["properties"][setting.name]
    schema = schema.get("items", schema)
    assert (schema["minimum"], schema["maximum"]) == (setting.least, setting.most)
    for limit in (setting.least, setting.most):
        assert refusal({setting.name: in_list(setting, limit)}) is None


@pytest.mark.parametrize(
    "value", ["least", "most", float("nan"), float("inf"), -1, 10**400, True, "ten", [], {}]
)
@pytest.mark.parametrize("setting", NUMBERS, ids=lambda one: one.name)
def test_a_number_outside_its_limits_is_refused_in_one_sentence(
    setting: Integer[Any] | Number[Any] | Numbers, value: Any
) -> None:
    """The tap refuses it before the run, in its own words instead of those of a JSON schema."""
    beyond: Any = {"least": setting.least - 1, "most": setting.most + 1}.get(str(value), value)
    given = in_list(setting, beyond)
    said = refusal({setting.name: given})
    assert said is not None, f"{setting.name} takes {given!r}, which is beyond its limits."
    assert setting.name in said
    if value == "ten":
        assert "'ten'; it must be" in said
    else:
        assert said.count("; it must be ") == 1
        assert setting.limits in said
        assert said.endswith(".")
        assert len(said) < 200


def in_list(setting: Integer[Any] | Number[Any] | Numbers, value: Any) -> Any:
    return [value] if isinstance(setting, Numbers) else value


def refusal(config: dict[str, Any]) -> str | None:
    """What the tap says about a configuration when it is made, or when its settings are read."""
    try:
        tap = TapInfusionsoft(config=KEY | config, setup_mapper=False)
        read_settings(tap.config, NOW)
    except ConfigError as error:
        assert error.exit_code == Exit.CONFIG
        return str(error)
    return None


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"tag_ids": {"a": 1}}, "Wrong settings: tag_ids is {'a': 1}; it must be a list of strings."),
        ({"tag_ids": [{}]}, "Wrong settings: tag_ids: value 1 is {}; it must be a string."),
        (
            {"custom_fields": "some"},
            "Wrong settings: custom_fields is 'some'; it must be columns, raw or both.",
        ),
        ({"start_date": [1]}, "Wrong settings: start_date is [1]; it must be a string."),
        ({"queries": ["tags"]}, "queries is 'tags'; it must be an object."),
        ({"queries": [["tags"]]}, "Wrong settings: queries: query 1 is ['tags']; it must be an object."),
        ({"queries": [5]}, "Wrong settings: queries: query 1 is 5; it must be an object."),
        (
            {"queries": [{"name": "q", "steam": "tags"}]},
            "Wrong settings: queries: query 1 cannot have 'steam'. Did you mean 'stream'?",
        ),
        (
            {"queries": [{"name": "q", "stream": 5}]},
            "Wrong settings: queries: stream of query 1 is 5; it must be a string.",
        ),
        (
            {"queries": [{"name": "q", "stream": "tags", "bookmark": "no"}]},
            "Wrong settings: queries: bookmark of query 1 is 'no'; it must be true or false.",
        ),
        ({"queries": [{}]}, "Wrong settings: 'name' is a required property in config['queries'][0]."),
        ({"stream_settings": 5}, "Wrong settings: stream_settings is 5; it must be an object."),
        (
            {"stream_settings": {"tags": 5}},
            "Wrong settings: stream_settings: tags is 5; it must be an object.",
        ),
        (
            {"stream_settings": {"tags": {"lookback_hours": True}}},
            "lookback_hours of tags is True; it must be a number from 0 to 8,784 hours.",
        ),
        (
            {"concurrency": 17, "max_wait": -1, "flattening_max_depth": []},
            (
                "Wrong settings: concurrency is 17; it must be from 1 to 16. "
                "max_wait is -1; it must be from 0 to 86,400 seconds. "
                "[] is not of type 'integer', 'null' in config['flattening_max_depth']."
            ),
        ),
        ({"api_key": True}, "Wrong settings: api_key is (hidden); it must be a string."),
        ({"quarantine_file": "x" * 10}, None),
        ({"concurrency": 2.0}, None),
        ({"concurrency": 2.5}, "concurrency is 2.5; it must be a whole number from 1 to 16."),
        (
            {"on_bad_record": ["f" * 50]},
            f"on_bad_record is ['{'f' * 38}...; it must be fail or quarantine.",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_a_sentence(config: dict[str, Any], says: str | None) -> None:
    said = refusal(config)
    assert said is None if says is None else says in str(said)


@pytest.mark.parametrize(
    ("config", "warns"),
    [
        ({}, False),
        ({"requests_per_second": 10}, True),
        ({"requests_per_second": 10, "requests_per_hour": 3600}, True),
        ({"requests_per_second": 10, "requests_per_hour": 36_000}, False),
        ({"requests_per_second": 1}, False),
        ({"requests_per_minute": 60}, False),
    ],
)
def test_a_pace_that_the_default_hour_limits_is_warned_about(config: dict[str, Any], *, warns: bool) -> None:
    said = warnings(KEY | config, SETTINGS)
    assert any("requests_per_second is 10, but requests_per_hour is 3600, so" in one for one in said) is warns


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "set api_key"),
        ({"api_key": ""}, "set api_key"),
        ({"api_key": "KeapAK-1", "access_token": "x"}, "api_key and access_token are set"),
        (OAUTH, None),
        (OAUTH | {"token_file": "~/keap.token.json"}, None),
        (OAUTH | {"access_token": "x"}, "access_token and refresh_token are set"),
        (OAUTH | {"client_id": ""}, "refresh_token needs client_id as well"),
        ({"refresh_token": "x"}, "refresh_token needs client_id and client_secret and token_file as well"),
        ({"client_id": "x"}, "client_id needs client_secret and token_file as well"),
        ({name: one for name, one in OAUTH.items() if name != "refresh_token"}, None),
        (KEY | {"token_file": "/x"}, "token_file belongs to OAuth, but api_key is set"),
        (OAUTH | {"redirect_uri": "http://example.com/keap"}, "redirect_uri must be an https:// address"),
        (OAUTH | {"redirect_uri": "https://"}, "redirect_uri must be an https:// address"),
        (OAUTH | {"redirect_uri": "https://[/"}, "redirect_uri must be an https:// address"),
        (OAUTH | {"redirect_uri": "https://a@example.com/"}, "redirect_uri must be an https:// address"),
        (OAUTH | {"redirect_uri": "https://example.com/#a"}, "redirect_uri must be an https:// address"),
        (OAUTH | {"redirect_uri": "https://example.com/a b"}, "redirect_uri contains characters"),
        (OAUTH | {"redirect_uri": " https://example.com/keap?a=1 "}, None),
        (OAUTH | {"client_secret": "with blank"}, "client_secret contains characters"),
        (OAUTH | {"client_id": "with:colon"}, "client_id contains a colon"),
        (OAUTH | {"token_file": "keap.token.json"}, "token_file must be an absolute path"),
        (OAUTH | {"token_file": "/"}, "token_file must be an absolute path of a file"),
        (OAUTH | {"token_file": "~nobody-of-that-name/x"}, "token_file must be an absolute path"),
        (OAUTH | {"token_file": "/x\0y"}, "token_file must be an absolute path"),
        (
            OAUTH | {"token_file": "s3://bucket/tokens"},
            "token_file must be a file: object stores and databases have no locks",
        ),
        ({"api_key": "KeapAK-1\n"}, None),
        ({"api_key": "Keap AK"}, "api_key contains characters"),
        ({"api_key": "K" * 4096}, None),
        ({"api_key": "K" * 4097}, "api_key is longer than any Keap credential: 4097 characters"),
        (KEY | {"api_url": "api.infusionsoft.com"}, "it must begin with https://"),
        (KEY | {"api_url": "127.0.0.1:8080"}, "it must begin with https://"),
        (KEY | {"api_url": "https://"}, "it must begin with https://"),
        ({"api_key": "KeapAK-\u200b1"}, "api_key contains characters"),
        (
            KEY | {"api_url": "http://api.infusionsoft.com"},
            "api_url cannot be used: it must begin with https",
        ),
        (KEY | {"start_date": "soon"}, "start_date: 'soon' is not a date"),
        (KEY | {"end_date": "2026-13-01"}, "end_date: '2026-13-01' is not a date"),
        (KEY | {"start_date": "2026-02-01", "end_date": "2026-01-01"}, "start_date is later than end_date"),
        (KEY | {"tag_ids": ["91", "vip"]}, "tag_ids: 'vip' is not an id"),
        (KEY | {"affiliate_ids": ["-1"]}, "affiliate_ids: '-1' is not an id"),
        (KEY | {"sweep_max_drop": 20}, "sweep_max_drop is 20; it must be from 0 to 1"),
        (KEY | {"sweep_interval_days": -1}, "sweep_interval_days is -1; it must be from 0 to 36,600 days."),
        (KEY | {"requests_per_second": 0}, "requests_per_second is 0; it must be from 0.001 to 1,000,000."),
        (KEY | {"requests_per_minute": 0}, "requests_per_minute is 0; it must be from 1 to"),
        (KEY | {"requests_per_day": 0}, "requests_per_day is 0; it must be from 1 to"),
        (KEY | {"daily_quota_share": 50}, "daily_quota_share is 50; it must be from 0.001 to 1"),
        (
            KEY | {"requests_per_day": 10**400},
            "requests_per_day is 1000000000000000000000000000000000000000...; it must be from 1 to",
        ),
        (KEY | {"max_run_hours": float("inf")}, "max_run_hours is inf; it must be from 0.01 to 8,784 hours."),
        (KEY | {"max_wait": float("nan")}, "max_wait is nan; it must be from 0 to 86,400 seconds."),
        (KEY | {"max_wait": float("inf")}, "max_wait is inf; it must be from 0 to 86,400 seconds."),
        (KEY | {"blocked_wait": 10**9}, "blocked_wait is 1000000000; it must be from 0 to 86,400 seconds."),
        (KEY | {"blocked_tries": 10**9}, "blocked_tries is 1000000000; it must be from 0 to 1,000 tries."),
        (KEY | {"query_waits": [1e400]}, "query_waits: value 1 is inf; it must be from 0 to 86,400 seconds."),
        (KEY | {"query_waits": [5, -1]}, "query_waits: value 2 is -1; it must be from 0 to 86,400 seconds."),
        (KEY | {"query_waits": [float("nan")]}, "query_waits: value 1 is nan; it must be from 0 to"),
        (KEY | {"start_date": "2062-01-01"}, "start_date is in the future"),
        (KEY | {"api_url": None}, None),
        (
            KEY | {"queries": [{"name": "My query", "stream": "tags"}]},
            "queries: the name of query 1 is 'My query'. A name",
        ),
        (KEY | {"queries": [{"name": "1st", "stream": "tags"}]}, "queries: the name of query 1 is '1st'"),
        (KEY | {"queries": [{"name": "q" * 61, "stream": "tags"}]}, "at most 60 characters"),
        (KEY | {"queries": [{"name": "q", "stream": "tags"}] * 2}, "queries.q: two queries have this name"),
        (
            KEY | {"queries": [{"name": "q"}]},
            "queries.q: nothing says what to read. Set stream, such as contacts, or table",
        ),
        (
            KEY | {"queries": [{"name": "q", "table": "Contact", "filter": "a==b"}]},
            "queries.q: filter goes with stream, and query with table",
        ),
        (
            KEY | {"queries": [{"name": "q", "stream": "tags", "query": "{}"}]},
            "queries.q: query goes with table, and filter with stream",
        ),
        (
            KEY | {"queries": [{"name": "q", "stream": "tags", "ids": ["x"]}]},
            "queries: ids of query 1: 'x' is not an id",
        ),
        (KEY | {"queries": [{"name": "q", "stream": "tags", "ids": []}]}, "queries.q: ids is empty"),
        (
            KEY | {"queries": [{"name": "q", "stream": "tags", "fields": [" "]}]},
            "queries.q: fields is empty or has",
        ),
    ],
)
def test_a_wrong_setting_is_named(config: dict[str, Any], says: str | None) -> None:
    if says is None:
        read_settings(config, NOW)
        return
    with pytest.raises(ConfigError) as caught:
        read_settings(config, NOW)
    assert says in str(caught.value)
    assert "KeapAK-0123456789" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.infusionsoft.com",
        "ftp://api.infusionsoft.com",
        "file:///etc/passwd",
        "https://api.infusionsoft.com@evil.example",
        "https://user:pass@api.infusionsoft.com",
        "https://evil.example",
        "https://infusionsoft.com.evil.example",
        "https://notinfusionsoft.com",
        "https://169.254.169.254",
        "https://2852039166",
        "https://[::ffff:169.254.169.254]",
        "https://api.infusionsoft.com:8443",
        "https://api.infusionsoft.com/crm?x=1",
        "https://api.infusionsoft.com#x",
        "https://api.infusionsoft.com/other",
        "http://127.0.0.1.evil.example",
        "https://api.infusionsoft.com:port",
        "https://evil.example\\.keap.com",
        "https://evil.example%2F.keap.com",
        "https://evil.example%00.keap.com",
        "https://evil.example .keap.com",
        "https://evil.example\n.keap.com",
    ],
)
def test_the_key_is_sent_to_no_other_host(url: str) -> None:
    with pytest.raises(ConfigError, match="api_url"):
        read_settings(KEY | {"api_url": url}, NOW)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.infusionsoft.com/",
        "https://api.keap.com",
        "http://127.0.0.1:8080",
        "http://localhost:1",
        "http://[::1]:9",
    ],
)
def test_the_key_is_sent_to_keap_and_the_sandbox(url: str) -> None:
    assert read_settings(KEY | {"api_url": url}, NOW).api_url == url.rstrip("/")


def test_oauth_on_windows_is_refused_with_an_alternative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    read_settings(KEY, NOW)
    with pytest.raises(ConfigError, match=r"cannot be used on Windows.* Use api_key"):
        read_settings(OAUTH, NOW)


def test_calls_are_counted_per_key_or_oauth_application() -> None:
    owners = [
        read_settings(config, NOW).owner for config in (KEY, OAUTH, OAUTH | {"refresh_token": "another"})
    ]
    assert owners[0] != owners[1] == owners[2]
    assert all(len(owner) == 16 for owner in owners)


def test_the_repr_of_settings_has_no_secret() -> None:
    for config in (KEY, OAUTH):
        assert "KeapAK-0123456789" not in repr(read_settings(config, NOW))


def test_a_misspelled_setting_is_reported_with_the_right_name() -> None:
    assert warnings({"start_data": 1, "api_key": "x"}, CONFIG_SCHEMA["properties"]) == [
        "There is no setting 'start_data'. Did you mean 'start_date'?"
    ]


def test_settings_are_read_from_the_environment() -> None:
    environment = {
        "TAP_INFUSIONSOFT_API_KEY": "KeapAK-1",
        "TAP_INFUSIONSOFT_TAG_IDS": "[91, 92]",
        "TAP_INFUSIONSOFT_AFFILIATE_IDS": "7",
        "TAP_INFUSIONSOFT_SAVED_SEARCHES": "VIP *, 12",
        "TAP_INFUSIONSOFT_SWEEP_INTERVAL_DAYS": "0.5",
        "TAP_INFUSIONSOFT_QUERY_WAITS": "[1, 2.5]",
        "TAP_INFUSIONSOFT_START_DATE": "",
        "OTHER": "x",
    }
    found = from_environment(CONFIG_SCHEMA, "TAP_INFUSIONSOFT_", environment)
    assert as_declared(found, CONFIG_SCHEMA) == {
        "api_key": "KeapAK-1",
        "tag_ids": ["91", "92"],
        "affiliate_ids": ["7"],
        "saved_searches": ["VIP *", "12"],
        "sweep_interval_days": 0.5,
        "query_waits": [1, 2.5],
    }


@pytest.mark.parametrize(
    ("config", "declared"),
    [
        ({"tag_ids": [91, "92"]}, {"tag_ids": ["91", "92"]}),
        ({"api_key": 12345}, {"api_key": "12345"}),
        ({"sweep_interval_days": "0.00001"}, {"sweep_interval_days": 0.00001}),
        ({"blocked_tries": "3"}, {"blocked_tries": 3}),
        ({"query_waits": ["5", 10]}, {"query_waits": [5, 10]}),
        (
            {"start_date": None, "api_key": True, "other": 1},
            {"api_key": True, "other": 1},
        ),
        ({"tag_ids": "91"}, {"tag_ids": ["91"]}),
        ({"tag_ids": "91, 92"}, {"tag_ids": ["91", "92"]}),
        ({"saved_searches": "[]"}, {"saved_searches": []}),
        ({"flattening_enabled": "true"}, {"flattening_enabled": True}),
        ({"stream_maps": "{}"}, {"stream_maps": {}}),
    ],
)
def test_texts_are_converted_to_the_declared_type(config: dict[str, Any], declared: dict[str, Any]) -> None:
    assert as_declared(config, CONFIG_SCHEMA) == declared


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"blocked_tries": "ten"}, "blocked_tries is 'ten'; it must be an integer"),
        ({"sweep_max_drop": "a lot"}, "sweep_max_drop is 'a lot'; it must be a number"),
        ({"query_waits": ["x"]}, "query_waits is 'x'; it must be a number"),
        ({"flattening_enabled": "perhaps"}, "flattening_enabled is 'perhaps'; it must be a boolean"),
        ({"stream_maps": "{"}, "stream_maps is '{'; it must be an object"),
        ({"stream_maps": "[" * 100_000}, "it must be an object"),
        ({"blocked_tries": "9" * 5000}, "it must be an integer"),
    ],
)
def test_a_text_that_cannot_be_converted_is_refused(config: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        as_declared(config, CONFIG_SCHEMA)
