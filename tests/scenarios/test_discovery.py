"""A key that may not read the model of contacts: discovery left `contacts` out and ended with 0.

Runs with that catalog went on without contacts, night after night, and ended with 0 as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.discovery.catalog_marks import MARK
from tap_infusionsoft.tap import TapInfusionsoft
from tests.fixtures import Run
from tests.program import errors, tap

REFUSED = {"path": "/v2/contacts/model", "always": True, "status": 403}
SEARCH = "saved_search_all_contacts"


def entries(catalog: dict[str, Any]) -> dict[str, Any]:
    return {entry["tap_stream_id"]: entry["schema"]["properties"] for entry in catalog["streams"]}


@pytest.mark.parametrize("mode", ["columns", "raw", "both"])
def test_a_stream_that_cannot_be_described_stays_in_the_catalog_and_the_run_says_why(
    run: Run, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    run.box.fault(REFUSED)
    catalog = run.catalog("contacts", "users", custom_fields=mode)
    found = entries(catalog)["contacts"]
    assert {"id", "given_name", "update_time"} <= found.keys()
    assert ("custom_fields" in found) is (mode != "columns")
    caplog.clear()
    run(catalog=catalog, custom_fields=mode, fails=mode != "raw")
    assert run.target.sent("users")
    if mode != "raw":
        assert run.error is not None
        assert run.error.exit_code == 3
        assert "contacts" in str(run.error)
        assert "403" in caplog.text
        assert not run.target.sent("contacts")
    # Once Keap gives the model, the rows come, and the log says what the catalog lacks.
    run.box.clear_faults()
    run(catalog=catalog, custom_fields=mode)
    assert len(run.target.rows("contacts")) == 150
    assert run.says("without a column in the catalog") is (mode != "raw")


@pytest.mark.parametrize("host", ["shell", "meltano"])
def test_discovery_writes_the_whole_catalog_and_ends_with_3(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any], host: str
) -> None:
    """Meltano throws the catalog away if discovery does not end with 0: there, the run that follows tells."""
    keap.fault(REFUSED)
    env = {"MELTANO_EXTRACTOR_NAME": "tap-infusionsoft"} if host == "meltano" else {}
    done = tap(tmp_path, config, "--discover", env=env)
    assert done.returncode == (0 if host == "meltano" else 3), done.stderr
    assert any("contacts" in line and "403" in line for line in errors(done))
    found = entries(json.loads(done.stdout))
    assert {"contacts", "companies", "users"} <= found.keys()
    (tmp_path / "catalog.json").write_text(done.stdout)
    done = tap(tmp_path, config, "--catalog", "catalog.json", env=env)
    assert done.returncode == 3
    assert "contacts" in errors(done)[-1]


@pytest.mark.parametrize("wanted", [["All contacts"], ["All*"], None])
def test_saved_searches_that_cannot_be_listed_are_told(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any], wanted: list[str] | None
) -> None:
    keap.fault({"path": "/v2/reporting/reports", "always": True, "status": 403})
    settings = {name: value for name, value in config.items() if name != "saved_searches"}
    settings |= {"saved_searches": wanted} if wanted else {}
    done = tap(tmp_path, settings, "--discover")
    assert done.returncode == 3
    found = entries(json.loads(done.stdout))
    assert (SEARCH in found) is (wanted == ["All contacts"])
    assert "users" in found


def test_a_saved_search_that_cannot_be_described_stays_in_the_catalog(run: Run) -> None:
    run.box.fault({"path_regex": "reports/3/model$", "always": True, "status": 403})
    catalog = run.tap({}, discovers=["users"], saved_searches=["All contacts"]).catalog_dict
    assert entries(catalog)[SEARCH] == {}
    for faults in (True, False):
        if not faults:
            run.box.clear_faults()
        run(catalog=catalog, saved_searches=["All contacts"], fails=True)
        assert run.error is not None
        assert run.error.exit_code == 3
        assert SEARCH in str(run.error)
        assert run.target.sent("users")
        assert not run.target.sent(SEARCH)


@pytest.mark.parametrize("record", ["affiliates", "companies", "tasks"])
def test_one_refused_model_of_eight_costs_only_its_own_fields(
    run: Run, record: str, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog("custom_fields")
    run(catalog=catalog)
    before = run.target.rows("custom_fields")
    assert {row["record"] for row in before} > {record}
    run.box.fault({"path": f"/v2/{record}/model", "always": True, "status": 403})
    caplog.clear()
    run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 3
    assert {row["record"] for row in run.target.sent("custom_fields")} == {
        row["record"] for row in before
    } - {record}
    assert len(run.target.rows("custom_fields")) == len(before), "nothing is marked as deleted"
    assert record in caplog.text


def test_a_single_model_that_may_be_read_brings_its_fields(run: Run) -> None:
    """Those of all models before it were refused, and a stream gave up after five of them."""
    catalog = run.catalog("custom_fields")
    before = run(catalog=catalog).rows("custom_fields")
    *refused, last = sorted({row["record"] for row in before})
    assert len(refused) > 5
    run.target = type(run.target)()
    for record in refused:
        run.box.fault({"path": f"/v2/{record}/model", "always": True, "status": 403})
    for _ in range(2):
        run(catalog=catalog, fails=True)
        assert run.error is not None
        assert run.error.exit_code == 3
        assert {row["record"] for row in run.target.rows("custom_fields")} == {last}
    run.box.fault({"path": f"/v2/{last}/model", "always": True, "status": 403})
    run.target = type(run.target)()
    run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 1
    run.box.clear_faults()
    assert len(run(catalog=catalog).rows("custom_fields")) == len(before)


@pytest.mark.parametrize("mode", ["columns", "raw"])
def test_the_catalog_is_what_the_sdk_makes_of_the_streams(run: Run, mode: str) -> None:
    tap = run.tap({}, saved_searches=["*"], custom_fields=mode)
    found, expected = tap.catalog_dict, json.loads(json.dumps(super(TapInfusionsoft, tap).catalog_dict))
    assert tap.catalog_json_text.isascii()
    for entry in found["streams"]:
        for meta in entry["metadata"]:
            for name in [name for name in meta["metadata"] if name.startswith(MARK)]:
                del meta["metadata"][name]
    assert found == expected
