"""`--test` that took minutes, tried what nobody selected, and gave no verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tests.program import errors, tap

STREAMS = ("contacts", "tags", "users", "contact_tags", "affiliate_commissions", "orders", "order_items")
UNSELECTED_PARENTS = 1  # affiliates


@pytest.fixture
def catalog(tmp_path: Path, keap: Sandbox, config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tap(tmp_path, config, "--discover").stdout)
    for entry in found["streams"]:
        for one in entry["metadata"]:
            if not one["breadcrumb"]:
                one["metadata"]["selected"] = entry["tap_stream_id"] in STREAMS
    (tmp_path / "catalog.json").write_text(json.dumps(found))
    keap.clear_requests()
    return found


@pytest.mark.usefixtures("catalog")
def test_it_makes_one_call_a_selected_stream_and_gives_a_verdict(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    done = tap(tmp_path, config, "--test", "--catalog", "catalog.json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert len(keap.requests()) <= len(STREAMS) + UNSELECTED_PARENTS
    for stream in STREAMS:
        assert f"{stream}: works (" in done.stderr
    assert f"The test succeeded: all {len(STREAMS)} selected streams work." in done.stderr
    assert "products" not in done.stderr
    assert "failed" not in done.stderr


@pytest.mark.usefixtures("catalog")
def test_a_stream_that_does_not_work_is_named_and_the_exit_code_says_so(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    keap.fault({"path": "/v2/users", "status": 403, "body": {"message": "no access"}, "always": True})
    done = tap(tmp_path, config, "--test", "--catalog", "catalog.json")
    assert done.returncode == 3
    assert errors(done)[0].startswith("users: GET /v2/users failed with HTTP 403")
    assert f"The test failed for 1 of {len(STREAMS)} streams: users." in errors(done)[-1]
    assert "tags: works (" in done.stderr


@pytest.mark.usefixtures("catalog")
def test_a_wrong_key_ends_it_with_2(tmp_path: Path, config: dict[str, Any]) -> None:
    wrong = config | {"api_key": "KeapAK-canary-wrong-key"}
    done = tap(tmp_path, wrong, "--test", "--catalog", "catalog.json")
    assert done.returncode == 2
    assert "Check api_key" in errors(done)[-1]


def test_without_a_catalog_it_tries_the_default_streams(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    keap.clear_requests()
    done = tap(tmp_path, {**config, "saved_searches": None}, "--test")
    assert done.returncode == 0, done.stderr
    works, untried = done.stderr.count(": works ("), done.stderr.count(": nothing to try")
    total = works + untried
    said = f"{works} of {total} selected streams work, and there was nothing to try for {untried}."
    assert (said if untried else f"all {total} selected streams work.") in done.stderr
    models = sum("model" in call["path"].lower() for call in keap.requests())
    assert len(keap.requests()) <= total + models + 10
    assert "/v2/reporting/reports/3/model" not in [call["path"] for call in keap.requests()]


def test_a_stream_without_a_row_to_read_it_for_is_not_said_to_work(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    keap.plant("affiliates", delete=[row["id"] for row in keap.records("affiliates")])
    done = tap(tmp_path, config | {"streams": ["tags", "affiliate_commissions"]}, "--test")
    assert done.returncode == 0, done.stderr
    assert "affiliate_commissions: nothing to try" in done.stderr
    assert "1 of 2 selected streams work, and there was nothing to try for 1." in done.stderr


def test_its_help_shows_that_it_needs_no_value(tmp_path: Path, config: dict[str, Any]) -> None:
    done = tap(tmp_path, config, "--help")
    assert "--test [schema]" in done.stdout


@pytest.mark.usefixtures("catalog")
def test_schema_writes_the_schemas_of_selected_streams_without_a_row(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    done = tap(tmp_path, config, "--test=schema", "--catalog", "catalog.json")
    assert done.returncode == 0, done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["stream"] for one in messages} == set(STREAMS)
    assert {one["type"] for one in messages} == {"SCHEMA"}


@pytest.mark.usefixtures("catalog")
def test_its_other_values(tmp_path: Path, config: dict[str, Any]) -> None:
    for way in ("all", "records"):
        done = tap(tmp_path, config, f"--test={way}", "--catalog", "catalog.json")
        assert "The test succeeded" in done.stderr
    done = tap(tmp_path, config, "--test=everything", "--catalog", "catalog.json")
    assert done.returncode == 2
    assert "--test=everything means nothing" in errors(done)[0]
