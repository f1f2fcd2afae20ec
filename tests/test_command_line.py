"""The tap as users run it: a process with files, pipes and an environment, and with their mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.config.schema import SETTINGS
from tests.canary import KEY
from tests.program import TAP, errors, shell, tap
from tests.target import Target


def test_the_sample_config_discovers_and_syncs(tmp_path: Path, keap: Sandbox) -> None:
    sample = json.loads((Path(__file__).parents[1] / "sample_config.json").read_text())
    sample |= {
        "api_key": KEY,
        "api_url": keap.url,
        "requests_per_second": 1000,
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
    }
    done = tap(tmp_path, sample, "--discover", cold=True)
    assert done.returncode == 0, done.stderr
    catalog = json.loads(done.stdout)
    assert {"contacts", "users", "reports"} <= {entry["tap_stream_id"] for entry in catalog["streams"]}
    (tmp_path / "catalog.json").write_text(done.stdout)
    done = tap(tmp_path, sample, "--catalog", "catalog.json", cold=True)
    assert done.returncode == 0, done.stderr
    target = Target()
    target.take(done.stdout)
    assert len(target.rows("contacts")) == 300
    assert target.last["type"] == "STATE"


def test_all_settings_can_come_from_the_environment(tmp_path: Path, keap: Sandbox) -> None:
    env = {
        "TAP_INFUSIONSOFT_API_KEY": KEY,
        "TAP_INFUSIONSOFT_API_URL": keap.url,
        "TAP_INFUSIONSOFT_REQUESTS_PER_SECOND": "1000",
        "TAP_INFUSIONSOFT_REQUESTS_PER_MINUTE": "1000000",
        "TAP_INFUSIONSOFT_REQUESTS_PER_HOUR": "1000000",
        "TAP_INFUSIONSOFT_SAVED_SEARCHES": "[]",
        "TAP_INFUSIONSOFT_TAG_IDS": str(keap.records("tags")[0]["id"]),
    }
    done = tap(tmp_path, None, "--config", "ENV", env=env)
    assert done.returncode == 0, done.stderr
    target = Target()
    target.take(done.stdout)
    assert target.rows("contacts_by_tag")


@pytest.mark.skipif("TARGET_JSONL" not in os.environ, reason="make test installs target-jsonl and names it")
def test_a_run_piped_into_target_jsonl(tmp_path: Path, config: dict[str, Any]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "target.json").write_text('{"do_timestamp_file": false}')
    target = f"{os.environ['TARGET_JSONL']} --config target.json"
    command = f"set -o pipefail; {TAP} --config config.json | {target} > state.json"
    done = shell(tmp_path, command)
    assert done.returncode == 0, done.stderr
    contacts = [json.loads(line) for line in (tmp_path / "contacts.jsonl").read_text().splitlines()]
    assert len(contacts) == 300
    assert "contacts" in json.loads((tmp_path / "state.json").read_text())["bookmarks"]


def test_a_full_disk_is_reported_in_one_line(tmp_path: Path, config: dict[str, Any]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    for options in ("", "--discover"):
        for out in (">/dev/full", ">&-"):
            command = f"{TAP} --config config.json {options} {out}"
            done = shell(tmp_path, command)
            assert done.returncode == 1, command
            assert "Traceback" not in done.stderr, command
            assert len(errors(done)) == 1, command


def test_a_catalog_that_selects_nothing_is_reported(tmp_path: Path, config: dict[str, Any]) -> None:
    catalog = json.loads(tap(tmp_path, config, "--discover").stdout)
    for entry in catalog["streams"]:
        for meta in entry["metadata"]:
            if not meta["breadcrumb"]:
                meta["metadata"]["selected"] = False
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    done = tap(tmp_path, config, "--catalog", "catalog.json")
    assert done.returncode == 2
    assert "No stream is selected" in errors(done)[0]
    assert "in Meltano, in select" in errors(done)[0]


@pytest.mark.parametrize(
    ("option", "advice"),
    [("--state", "Leave --state out the first time."), ("--catalog", "Run tap-infusionsoft --discover")],
)
def test_a_file_that_is_not_there_is_told_with_what_to_do(
    tmp_path: Path, config: dict[str, Any], option: str, advice: str
) -> None:
    done = tap(tmp_path, config, option, "missing.json")
    assert done.returncode == 2
    assert f"'missing.json': No such file or directory. {advice}" in " ".join(done.stderr.split())


def test_without_its_extra_the_loader_names_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['dlt'] = None; from tap_infusionsoft.dlt import load"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.endswith("Install the extra: pip install 'tap-infusionsoft[dlt]'\n")


def test_without_its_extra_the_command_of_the_loader_says_so_in_one_line(tmp_path: Path) -> None:
    code = "import runpy, sys; sys.modules['dlt'] = None; "
    code += "runpy.run_module('tap_infusionsoft.dlt', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code, "--destination", "duckdb"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("Install the extra: pip install 'tap-infusionsoft[dlt]'")


def test_a_state_that_the_shell_emptied_is_told_as_such(tmp_path: Path, config: dict[str, Any]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    done = shell(tmp_path, f"{TAP} --config config.json --state state.json > state.json")
    assert done.returncode == 2
    (line,) = errors(done)
    assert "--state state.json is empty. If it is also what the output of this run goes to" in line
    assert "not JSON" not in line


MISTAKES: list[tuple[dict[str, Any], int, str]] = [
    ({"api_key": "KeapAK-canary-wrong-key"}, 2, "Check api_key"),
    ({"api_key": None}, 2, "No credential: set api_key"),
    ({"api_key": 12345}, 2, "Check api_key"),
    ({"tag_ids": {"a": 1}}, 2, "tag_ids is {'a': 1}; it must be a list of strings."),
    ({"start_date": "soon"}, 2, "start_date: 'soon' is not a date"),
    ({"end_date": "2026-13-01"}, 2, "end_date: '2026-13-01' is not a date"),
    (
        {"saved_searches": ["No such search"]},
        3,
        "saved_searches: no saved search has the id or name 'No such search'",
    ),
    ({"api_url": "http://keap.example"}, 2, "api_url cannot be used"),
    ({"api_url": "http://127.0.0.1:1", "transient_waits": [0, 0]}, 1, "connection refused"),
    ({"custom_fields": "some"}, 2, "custom_fields is 'some'; it must be columns, raw or both."),
    ({"max_wait": -1}, 2, "max_wait is -1; it must be from 0 to 86,400 seconds."),
    ({"sweep_max_drop": float("nan")}, 2, "sweep_max_drop is nan; it must be from 0 to 1."),
    ({"requests_per_minute": "60.5"}, 2, "requests_per_minute is '60.5'; it must be an integer."),
    ({"tag_ids": ["99999999"]}, 3, "tag_ids: the account has no tags with the id 99999999"),
]


@pytest.mark.parametrize(("settings", "code", "says"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_wrong_setting_is_reported_in_one_line(
    tmp_path: Path, config: dict[str, Any], settings: dict[str, Any], code: int, says: str
) -> None:
    given = {name: value for name, value in (config | settings).items() if value is not None}
    done = tap(tmp_path, given)
    assert done.returncode == code, done.stderr
    assert says in "\n".join(errors(done))
    assert "Traceback" not in done.stderr
    assert "KeapAK-canary" not in done.stdout + done.stderr
    if code != 3:
        assert len(errors(done)) == 1
        assert '"RECORD"' not in done.stdout


@pytest.mark.parametrize(("settings", "code", "says"), MISTAKES[:-1], ids=lambda value: str(value)[:40])
def test_discovery_reports_a_wrong_setting_in_one_line(
    tmp_path: Path, config: dict[str, Any], settings: dict[str, Any], code: int, says: str
) -> None:
    given = {name: value for name, value in (config | settings).items() if value is not None}
    done = tap(tmp_path, given, "--discover")
    assert done.returncode == code, done.stderr
    assert says in "\n".join(errors(done))
    assert json.loads(done.stdout)["streams"] if code == 3 else done.stdout == "", "3 is for what is left"
    assert "Traceback" not in done.stderr


def test_a_host_that_never_answers_ends_the_run_at_the_first_stream(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    catalog = tap(tmp_path, config, "--discover").stdout
    (tmp_path / "catalog.json").write_text(catalog)
    done = tap(
        tmp_path,
        config | {"api_url": "http://127.0.0.1:1", "transient_waits": [0, 0]},
        "--catalog",
        "catalog.json",
    )
    assert done.returncode == 1
    assert len(errors(done)) == 1
    assert "Check api_url" in errors(done)[0]


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--state", '{"bookmarks":{"contacts":{"repl', "--state"),
        ("--state", "", "--state"),
        ("--state", "[]", "is a JSON list"),
        ("--state", '{"bookmarks":[]}', "bookmarks"),
        ("--state", '{"type":"STATE","value":[]}', "The state has no usable bookmarks"),
        ("--state", '{"streams":[]}', "The state has no usable bookmarks"),
        (
            "--state",
            '{"bookmarks":{"contacts":{"replication_key_value":"soon"}}}',
            "state of the stream contacts",
        ),
        ("--state", '{"bookmarks":{"contacts":{"version":"abc"}}}', "state of the stream contacts"),
        ("--catalog", '{"streams":[', "--catalog"),
        ("--catalog", "{}", "no list of streams"),
        ("--catalog", '{"streams":[]}', "no list of streams"),
        ("--catalog", '{"streams":["tags"]}', "stream 1 has no tap_stream_id"),
        (
            "--catalog",
            '{"streams":[{"tap_stream_id":"tags","schema":[]}]}',
            "the schema of tags is no object",
        ),
        (
            "--catalog",
            '{"streams":[{"tap_stream_id":"tags"},{"stream":"tags"}]}',
            "the stream tags is there twice",
        ),
        ("--config", '{"api_key":', "--config"),
        ("--config", '{"api_key":"a","api_key":"b"}', "--config half.json has api_key twice. Remove one"),
        ("--config", '{"stream_maps":{"tags":{},"tags":{}}}', "has tags twice"),
        ("--config", '{"requests_per_day":' + "9" * 5000 + "}", "a number in it is too long"),
        ("--config", '{"api_key":' + "[" * 200_000, "it is nested too deeply"),
        ("--state", '{"bookmarks":' + "9" * 5000 + "}", "a number in it is too long"),
    ],
)
def test_a_file_that_is_damaged_or_not_what_it_should_be_is_named(
    tmp_path: Path, config: dict[str, Any], option: str, text: str, says: str
) -> None:
    (tmp_path / "half.json").write_text(text)
    done = tap(tmp_path, None if option == "--config" else config, option, "half.json")
    assert done.returncode in {2, 3}, done.stderr
    assert says in "\n".join(errors(done))
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"metadata": "x"}, "the metadata of tags is not a list"),
        ({"metadata": [5]}, "the metadata of tags is not a list"),
        ({"metadata": [{"breadcrumb": [], "metadata": None}]}, "the metadata of tags is not a list"),
        ({"metadata": [{"breadcrumb": "x", "metadata": {}}]}, "the metadata of tags is not a list"),
        ({"schema": {"properties": {"id": 5}}}, "the column id of tags has no valid type"),
        ({"schema": {"properties": {"id": {"type": "text"}}}}, "the column id of tags has no valid type"),
        ({"schema": {"properties": {"id": {"type": [["null"]]}}}}, "the column id of tags has no valid type"),
        ({"stream": ["labels"]}, "stream and stream_alias of tags must be names"),
    ],
)
def test_a_catalog_with_an_editing_mistake_is_reported(
    tmp_path: Path, config: dict[str, Any], changes: dict[str, Any], says: str
) -> None:
    entry = {"tap_stream_id": "tags", "schema": {"properties": {"id": {"type": "string"}}}}
    (tmp_path / "catalog.json").write_text(json.dumps({"streams": [entry | changes]}))
    done = tap(tmp_path, config, "--catalog", "catalog.json")
    assert done.returncode == 2, done.stderr
    assert f"--catalog: {says}" in errors(done)[0]
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"stream_maps": {"tags": {"x": "nothing + 1"}}}, "tags: stream_maps: Failed to evaluate"),
        (
            {"batch_config": {"encoding": {"format": "jsonl"}, "storage": {"root": "s3://bucket"}}},
            "tags: batch_config needs more than is installed",
        ),
    ],
)
def test_mistakes_that_the_sdk_finds_during_the_run_are_reported_in_one_line(
    tmp_path: Path, config: dict[str, Any], settings: dict[str, Any], says: str
) -> None:
    catalog = json.loads(tap(tmp_path, config, "--discover").stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] == "tags"]
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    done = tap(tmp_path, config | settings, "--catalog", "catalog.json")
    assert done.returncode == 2, done.stderr
    assert says in errors(done)[0]
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_named(tmp_path: Path, config: dict[str, Any]) -> None:
    for option in ("--config", "--state", "--catalog"):
        done = tap(tmp_path, config, option, "missing.json")
        assert done.returncode == 2
        assert "missing.json" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_selected_stream_that_no_longer_exists_is_reported(tmp_path: Path, config: dict[str, Any]) -> None:
    catalog = json.loads(tap(tmp_path, config | {"saved_searches": ["All contacts"]}, "--discover").stdout)
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    done = tap(tmp_path, config | {"saved_searches": []}, "--catalog", "catalog.json")
    assert done.returncode == 3
    assert "saved_search_all_contacts: saved_searches is an empty list" in errors(done)[0]
    assert '"stream":"tags"' in done.stdout.replace(" ", "")


def test_a_stream_map_for_an_unknown_stream_is_reported(tmp_path: Path, config: dict[str, Any]) -> None:
    done = tap(tmp_path, config | {"stream_maps": {"contactz": {"x": None}}})
    assert done.returncode == 2
    assert "stream_maps: there is no stream 'contactz'" in errors(done)[0]


def test_a_stream_map_with_a_syntax_error_is_reported(tmp_path: Path, config: dict[str, Any]) -> None:
    done = tap(tmp_path, config | {"stream_maps": {"tags": {"x": "this is (no expression"}}})
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(errors(done)) == 1


def test_an_unknown_log_level_is_reported(tmp_path: Path, config: dict[str, Any]) -> None:
    for name in ("LOGLEVEL", "TAP_INFUSIONSOFT_LOGLEVEL"):
        done = tap(tmp_path, config, "--discover", env={name: "loud"})
        assert done.returncode == 2
        assert f"{name} is 'loud'; it must be one of DEBUG" in errors(done)[0]
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    assert tap(
        tmp_path, config, "--version", env={"LOGLEVEL": "loud", "TAP_INFUSIONSOFT_LOGLEVEL": "info"}
    ).stdout


def test_a_misspelled_setting_is_warned_about(tmp_path: Path, config: dict[str, Any]) -> None:
    done = tap(tmp_path, config | {"start_data": "2026-01-01"}, "--discover")
    assert done.returncode == 0
    assert "Did you mean 'start_date'?" in done.stderr


def test_a_target_that_ends_early_is_reported_in_one_line(tmp_path: Path, config: dict[str, Any]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    command = f"set -o pipefail; {TAP} --config config.json | head -n 1 > first"
    done = shell(tmp_path, command)
    assert done.returncode == 1
    assert len(errors(done)) == 1
    assert "The target has stopped reading" in errors(done)[0]
    assert "Traceback" not in done.stderr


def test_about_lists_the_settings(tmp_path: Path) -> None:
    about = json.loads(tap(tmp_path, None, "--about", "--format", "json").stdout)
    assert about["settings"]["properties"].keys() >= SETTINGS.keys()


@pytest.mark.parametrize(("options", "code"), [(("--about",), 0), ((), 2)])
def test_the_exit_code_is_the_same_if_nobody_reads_the_log(
    tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [TAP, *options], stderr=closed, stdout=subprocess.DEVNULL, cwd=tmp_path, env={}, check=False
        )
    assert done.returncode == code
