"""Settings: good ones are understood, wrong ones named."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from tap_infusionsoft.cli import as_declared, from_environment
from tap_infusionsoft.config.settings import CONFIG_SCHEMA, GROUPS, read_settings, unknown_settings
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.tap import TapInfusionsoft

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = {"api_key": "KeapAK-0123456789"}
OAUTH = {
    "client_id": "client",
    "client_secret": "KeapAK-0123456789",
    "refresh_token": "KeapAK-0123456789",
    "token_file": "/var/lib/tap/keap.token.json",
}


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
    assert settings.requests_per_minute == 60, "Keap's guideline"
    assert read_settings(KEY | {"requests_per_second": 2.5}, NOW).requests_per_minute == 150
    assert read_settings(KEY | {"requests_per_second": 0.001}, NOW).requests_per_minute == 1
    assert list(settings.waits.query) == [5, 10, 30, 60, 300]
    assert (settings.waits.blocked, settings.waits.blocked_tries) == (1200, 10)
    assert settings.saved_searches is None
    assert (settings.sweep_interval_days, settings.sweep_max_drop) == (7, 0.2)


def test_the_defaults_of_the_schema_are_those_that_apply() -> None:
    names = [one.name for group in GROUPS.values() for one in group]
    schema = CONFIG_SCHEMA["properties"]
    declared = {name: schema[name]["default"] for name in names if "default" in schema[name]}
    assert read_settings(KEY | declared, NOW) == read_settings(KEY, NOW)


def test_every_setting_is_declared_once_and_described() -> None:
    names = [one.name for group in GROUPS.values() for one in group]
    assert len(names) == len(set(names))
    assert all(one.description and one.title for group in GROUPS.values() for one in group)


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
        ({"client_id": "x"}, "client_id is set, but refresh_token is not"),
        (KEY | {"token_file": "/x"}, "token_file belongs to refresh_token, but api_key is set"),
        (OAUTH | {"client_secret": "with blank"}, "client_secret holds characters"),
        (OAUTH | {"client_id": "with:colon"}, "client_id holds a colon"),
        (OAUTH | {"token_file": "keap.token.json"}, "token_file must be an absolute path"),
        (OAUTH | {"token_file": "/"}, "token_file must be an absolute path of a file"),
        (OAUTH | {"token_file": "~nobody-of-that-name/x"}, "token_file must be an absolute path"),
        (OAUTH | {"token_file": "/x\0y"}, "token_file must be an absolute path"),
        (
            OAUTH | {"token_file": "s3://bucket/tokens"},
            "token_file must be a file: addresses of object stores",
        ),
        ({"api_key": "KeapAK-1\n"}, None),
        ({"api_key": "Keap AK"}, "api_key holds characters"),
        ({"api_key": "K" * 4096}, None),
        ({"api_key": "K" * 4097}, "api_key is longer than any Keap credential: 4097 characters"),
        (KEY | {"api_url": "api.infusionsoft.com"}, "it must begin with https://"),
        (KEY | {"api_url": "127.0.0.1:8080"}, "it must begin with https://"),
        (KEY | {"api_url": "https://"}, "it must begin with https://"),
        ({"api_key": "KeapAK-\u200b1"}, "api_key holds characters"),
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
        (KEY | {"sweep_interval_days": -1}, "sweep_interval_days is -1; it must be at least 0"),
        (KEY | {"requests_per_second": 0}, "requests_per_second is 0"),
        (KEY | {"requests_per_minute": 0}, "requests_per_minute is 0; it must be at least 1"),
        (KEY | {"requests_per_day": 0}, "requests_per_day is 0; it must be at least 1"),
        (KEY | {"daily_quota_share": 50}, "daily_quota_share is 50; it must be from 0.001 to 1"),
        (
            KEY | {"requests_per_day": 10**400},
            "requests_per_day is 10000000000000000000; it must be from 1 to",
        ),
        (KEY | {"max_run_hours": float("inf")}, "max_run_hours is inf; it must be from 0.01 to 8784"),
        (KEY | {"max_wait": float("nan")}, "max_wait is nan; it must be from 0 to 86400"),
        (KEY | {"max_wait": float("inf")}, "max_wait is inf; it must be from 0 to 86400"),
        (KEY | {"blocked_wait": 10**9}, "blocked_wait is 1000000000; it must be from 0 to 86400"),
        (KEY | {"blocked_tries": 10**9}, "blocked_tries is 1000000000; it must be from 0 to 1000"),
        (KEY | {"query_waits": [1e400]}, "query_waits holds something else than seconds from 0 to 86400"),
        (KEY | {"query_waits": [5, -1]}, "query_waits holds something else than seconds"),
        (KEY | {"query_waits": [float("nan")]}, "query_waits holds something else than seconds"),
        (KEY | {"start_date": "2062-01-01"}, "start_date lies in the future"),
        (KEY | {"api_url": None}, None),
        (
            KEY | {"queries": [{"name": "My query", "stream": "tags"}]},
            "queries: the name of query 1 is 'My query'. A name",
        ),
        (KEY | {"queries": [{"name": "1st", "stream": "tags"}]}, "queries: the name of query 1 is '1st'"),
        (KEY | {"queries": [{"name": "q" * 61, "stream": "tags"}]}, "60 at most"),
        (KEY | {"queries": [{"name": "q", "stream": "tags"}] * 2}, "queries.q: two queries have this name"),
        (
            KEY | {"queries": [{"name": "q"}]},
            "queries.q: say what to read: stream, such as contacts, or table",
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
            "queries.q: ids: 'x' is not an id",
        ),
        (KEY | {"queries": [{"name": "q", "stream": "tags", "ids": []}]}, "queries.q: ids is empty"),
        (
            KEY | {"queries": [{"name": "q", "stream": "tags", "fields": [" "]}]},
            "queries.q: fields is empty, or has",
        ),
    ],
)
def test_wrong_settings_are_named(config: dict[str, Any], says: str | None) -> None:
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
def test_addresses_that_the_key_must_not_go_to(url: str) -> None:
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
def test_addresses_that_it_may_go_to(url: str) -> None:
    assert read_settings(KEY | {"api_url": url}, NOW).api_url == url.rstrip("/")


def test_oauth_is_refused_on_windows_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    read_settings(KEY, NOW)
    with pytest.raises(ConfigError, match=r"cannot be used on Windows.* Use api_key"):
        read_settings(OAUTH, NOW)


def test_limits_are_counted_by_key_or_by_oauth_application() -> None:
    owners = [
        read_settings(config, NOW).owner for config in (KEY, OAUTH, OAUTH | {"refresh_token": "another"})
    ]
    assert owners[0] != owners[1] == owners[2]
    assert all(len(owner) == 16 for owner in owners)


def test_no_secret_shows_when_settings_are_shown() -> None:
    for config in (KEY, OAUTH):
        assert "KeapAK-0123456789" not in repr(read_settings(config, NOW))


def test_a_misspelt_setting_is_told_with_the_right_one() -> None:
    assert unknown_settings({"start_data": 1, "api_key": "x"}, CONFIG_SCHEMA["properties"]) == [
        "There is no setting 'start_data'. Did you mean 'start_date'?"
    ]


def test_settings_from_the_environment() -> None:
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
def test_settings_get_the_type_that_is_declared(config: dict[str, Any], declared: dict[str, Any]) -> None:
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
def test_a_text_that_is_no_number_is_named(config: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        as_declared(config, CONFIG_SCHEMA)
