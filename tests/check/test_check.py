"""`tap-infusionsoft-check`: what it says beforehand, against what the next run then does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from keap_sandbox import Sandbox
from tap_infusionsoft.check.checked_tap import MOST_CALLS, CheckedTap
from tap_infusionsoft.check.command import Check, main
from tap_infusionsoft.check.report import Report
from tap_infusionsoft.check.table import as_text
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.errors import ConfigError, Exit
from tests.canary import KEY
from tests.fixtures import Run

DAY = 86_400
STREAMS = [
    "contacts",
    "tags",
    "contact_tags",
    "affiliates",
    "affiliate_payments",
    "users",
    "emails",
    "notes",
]


def check(run: Run, catalog: Any = None, **settings: Any) -> Report:
    run.box.clear_requests()
    tap = CheckedTap(
        config=run.config(**settings),
        catalog=catalog,
        state=json.loads(json.dumps(run.target.state)),
        clock=run.clock,
    )
    report = Check(tap).run()
    assert report.calls_made == len(run.box.requests()) <= MOST_CALLS
    return report


def night(run: Run, **settings: Any) -> tuple[int, int]:
    """Calls and rows of a run."""
    run.box.clear_requests()
    run(**settings)
    return len(run.box.requests()), run.target.count("RECORD")


def failing(run: Run, **settings: Any) -> Exit:
    """The exit code of a run that fails."""
    run(fails=True, **settings)
    assert run.error is not None
    return run.error.exit_code


def test_the_plan_is_what_the_next_runs_take(run: Run) -> None:
    settings: dict[str, Any] = {"streams": STREAMS, "refresh": "rolling"}
    report = check(run, **settings)
    calls, rows = night(run, **settings)
    assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
    assert report.rows == pytest.approx(rows, rel=0.2), as_text(report)
    for sweep in ("auto", "auto", "now"):
        run.clock.pass_time(DAY)
        for row in run.box.records("contacts")[:20]:
            run.box.plant("contacts", upsert=[{"id": row["id"]}], touch=True)
        report = check(run, **settings, sweep=sweep)
        calls, rows = night(run, **settings, sweep=sweep)
        assert report.calls == pytest.approx(calls, rel=0.1), as_text(report)
        assert report.rows == pytest.approx(rows, rel=0.2), as_text(report)


def test_what_keap_refuses_is_named(run: Run) -> None:
    run.box.fault({"path": "/v2/contacts/model", "always": True, "status": 403})
    run.box.fault({"path": "/v2/users", "always": True, "status": 403})
    report = check(run, streams=["contacts", "users", "tags"])
    assert set(report.refused) == {"contacts", "users"}
    assert "403" in report.refused["users"]
    assert report.exit_code == 3
    assert "Cannot be read: users" in as_text(report)


def test_a_wrong_key_is_the_error_of_the_tap(run: Run) -> None:
    run.box.fault({"path": "/v2/oauth/connect/userinfo", "always": True, "status": 401})
    with pytest.raises(KeapError):
        check(run, streams=["tags"])


def test_a_server_that_is_down_is_told_within_seconds(run: Run) -> None:
    run.box.fault({"path": "/v2/oauth/connect/userinfo", "always": True, "status": 503})
    before = run.clock.monotonic()
    with pytest.raises(KeapError, match="503"):
        check(run, streams=STREAMS)
    assert run.clock.monotonic() - before < 20


def test_a_quota_that_is_too_small_is_75(run: Run) -> None:
    report = check(run, streams=["custom_fields", "tags"], requests_per_day=6)
    assert report.exit_code == 75
    assert (
        f"The run needs {report.calls} calls, and requests_per_day allows 6 more today, so it ends "
        "with exit code 75." in report.problems[0]
    )
    assert report.problems[0].endswith("or raise requests_per_day.")


@pytest.mark.parametrize("spare", [0, -1])
def test_the_calls_of_the_check_are_not_those_of_the_run(run: Run, spare: int) -> None:
    settings: dict[str, Any] = {"streams": STREAMS, "refresh": "full"}
    calls = check(run, **settings).calls
    settings["requests_per_day"] = calls + spare
    report = check(run, **settings)
    run.box.clear_requests()
    run(**settings, fails=spare < 0)
    assert report.quota["share"] == calls + spare
    assert report.exit_code == (75 if spare < 0 else 0)
    assert len(run.box.requests()) == calls + spare


def test_the_calls_of_the_check_are_not_in_the_hour_of_the_run(run: Run) -> None:
    settings: dict[str, Any] = {"streams": STREAMS, "refresh": "full"}
    first = check(run, **settings)
    report = check(run, **settings, requests_per_hour=first.calls)
    assert report.quota["hour"] == first.calls
    assert report.seconds == pytest.approx(first.seconds, rel=0.1)
    assert not [one for one in report.notes if "requests_per_hour" in one]


def test_what_keap_has_left_is_no_matter_of_a_setting(run: Run) -> None:
    run.box.switch(quota_headers="pipes", day_limit=30)
    report = check(run, streams=STREAMS, refresh="full", daily_quota_share=1)
    assert report.calls > 30 - report.calls_made
    (problem,) = report.problems
    assert f"and Keap has {30 - report.calls_made} left for today, so" in problem
    assert problem.endswith(f"run again after {report.quota['resets_at']}.")


def test_what_is_the_least_is_said_to_be_that(run: Run) -> None:
    report = check(run, streams=STREAMS, requests_per_day=1)
    assert report.is_least
    assert f"The run needs at least {report.calls} calls, and" in report.problems[0]


def test_the_least_of_everything_is_not_said_of_a_run_of_few_calls(run: Run) -> None:
    text = as_text(check(run, streams=["contacts", "orders"], max_calls_per_run=2, requests_per_day=2))
    assert "usual beside the list that was tried" in text
    assert "The next run: 2 calls of these" in text
    assert "\nAll of it takes at least " in text


def test_a_run_of_few_calls_is_planned_as_far_as_it_goes(run: Run) -> None:
    settings: dict[str, Any] = {"streams": STREAMS, "refresh": "full"}
    whole = check(run, **settings)
    report = check(run, **settings, max_calls_per_run=20)
    assert (report.calls, report.calls_at_once) == (whole.calls, 20)
    assert report.seconds < whole.seconds
    assert f"To read: {whole.calls} calls, " in as_text(report)
    assert "The next run: 20 calls of these, about " in as_text(report)
    run.box.clear_requests()
    run(**settings, max_calls_per_run=20)
    assert len(run.box.requests()) == 20


def test_fields_that_are_new_since_the_catalog_are_named(run: Run) -> None:
    catalog = run.catalog("contacts")
    for entry in catalog["streams"]:
        columns = entry["schema"]["properties"]
        gone = next(name for name in columns if name.startswith("cf_"))
        del columns[gone]
        entry["metadata"] = [one for one in entry["metadata"] if gone not in one["breadcrumb"]]
    report = check(run, catalog)
    assert "custom fields without a column in the catalog" in report.new_columns["contacts"][0]
    assert report.exit_code == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_writes_a_table_or_json(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any], quiet: None, *, as_json: bool
) -> None:
    del quiet
    assert keap.url == config["api_url"]
    (tmp_path / "config.json").write_text(json.dumps(config | {"streams": ["tags", "users"]}))
    words = ["--config", str(tmp_path / "config.json"), *(["--json"] if as_json else [])]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert KEY not in done.output
    if as_json:
        found = json.loads(done.output)
        assert found["streams"] == ["tags", "users"]
        assert {one["stream"]: one["rows"] for one in found["plan"]}["users"] > 0
        assert found["exit_code"] == 0
    else:
        assert "A run would work. This check made" in done.output


@pytest.mark.parametrize("as_json", [True, False])
def test_a_setting_that_is_not_there_is_told(
    tmp_path: Path, config: dict[str, Any], quiet: None, monkeypatch: pytest.MonkeyPatch, *, as_json: bool
) -> None:
    del quiet
    monkeypatch.setenv("TAP_INFUSIONSOFT_SWEEPS", "now")
    (tmp_path / "config.json").write_text(json.dumps(config | {"streams": ["tags"], "stream": ["users"]}))
    words = ["--config", "ENV", "--config", str(tmp_path / "config.json"), *(["--json"] if as_json else [])]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    notes = [
        "There is no setting 'stream'. Did you mean 'streams'?",
        "There is no setting 'sweeps'. Did you mean 'sweep'?",
    ]
    if as_json:
        assert json.loads(done.stdout)["notes"][:2] == notes
    else:
        assert all(f"Note: {one}\n" in done.stdout for one in notes)


def test_it_is_told_also_if_the_check_fails(tmp_path: Path, config: dict[str, Any], quiet: None) -> None:
    del quiet
    given = {name: value for name, value in config.items() if name != "api_key"} | {"api_kye": KEY}
    (tmp_path / "config.json").write_text(json.dumps(given))
    done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.json"), "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["notes"] == ["There is no setting 'api_kye'. Did you mean 'api_key'?"]
    assert KEY not in done.output


def test_a_wrong_setting_ends_with_2(tmp_path: Path, config: dict[str, Any], quiet: None) -> None:
    del quiet
    (tmp_path / "config.json").write_text(json.dumps(config | {"streams": ["tgas"]}))
    done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.json")])
    assert done.exit_code == 2
    assert "Did you mean 'tags'?" in done.output


def test_a_stream_that_there_is_not_is_said_once(
    tmp_path: Path, config: dict[str, Any], quiet: None, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    del quiet
    catalog = run.catalog("contacts", "tags")
    for entry in catalog["streams"]:
        entry["stream"] = entry["tap_stream_id"] = entry["tap_stream_id"].replace("contacts", "contact")
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    (tmp_path / "config.json").write_text(json.dumps(config))
    caplog.clear()
    words = ["--config", str(tmp_path / "config.json"), "--catalog", str(tmp_path / "catalog.json")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 3
    assert done.output.count("Did you mean 'contacts'?") == 1
    assert not caplog.records


def test_columns_that_the_catalog_lacks_are_named(run: Run) -> None:
    catalog = run.catalog("contacts", "tags", without={"tags": ["description"]})
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "contacts":
            for gone in ("job_title", "id"):  # the key comes whatever the catalog has
                del entry["schema"]["properties"][gone]
                entry["metadata"] = [one for one in entry["metadata"] if gone not in one["breadcrumb"]]
    report = check(run, catalog)
    assert report.left_out == {"contacts": ["job_title"]}
    advice = "Run discovery again (in Meltano: --refresh-catalog) to load them."
    assert f"Not in the catalog, so not loaded: contacts: job_title. {advice}\n" in as_text(report)
    assert report.exit_code == 0


def test_where_catalog_and_streams_disagree_the_notes_are_the_warnings_of_the_run(run: Run) -> None:
    catalog = run.catalog("tags", "users", "companies")
    kept = {"tags": True, "users": False, "companies": True}
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] in kept]
    for entry in catalog["streams"]:
        (root,) = [one["metadata"] for one in entry["metadata"] if not one["breadcrumb"]]
        root["selected"] = kept[entry["tap_stream_id"]]
        entry["database_name"] = "keap"
    streams = ["tags", "users", "contacts"]
    notes = check(run, catalog, streams=streams).notes[:2]
    assert notes[0].startswith("The catalog has members that this tap does not go by")
    assert "it selects companies, which streams does not name, so they are read" in notes[1]
    assert "it deselects users, which streams names, so they are not read" in notes[1]
    assert "it does not have contacts, which streams names, so they are not read" in notes[1]
    run(catalog=catalog, streams=streams)
    assert all(run.says(one) for one in notes)


def test_one_call_is_not_1_calls(run: Run) -> None:
    settings: dict[str, Any] = {"streams": ["tags"], "saved_searches": []}
    run(**settings)
    text = as_text(check(run, **settings))
    assert "The next run: 1 call, " in text


def test_its_help_says_what_it_reads() -> None:
    text = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert "It reads the first pages of some lists, writes no records, and makes at most 12 calls." in text
    assert f"at most {MOST_CALLS} calls" in text


def test_nothing_is_said_of_columns_without_a_catalog(run: Run) -> None:
    assert check(run, streams=["contacts"]).left_out == {}


def test_a_report_that_cannot_be_written_is_a_note_as_the_run_goes_on(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "missing" / "report.json")
    report = check(run, streams=["tags"], report_file=path, report_history=3)
    assert report.exit_code == 0
    (note,) = [one for one in report.notes if one.startswith("report_file")]
    assert "its folder does not exist" in note
    run(streams=["tags"], report_file=path, report_history=3)


def test_a_quarantine_that_cannot_be_written_is_refused_before_a_call(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "missing" / "bad.jsonl")
    settings: dict[str, Any] = {"streams": ["tags"], "quarantine_file": path}
    assert check(run, **settings).exit_code == 0, "nothing goes there by default"
    with pytest.raises(ConfigError, match=r"quarantine_file .* cannot be written: its folder does not exist"):
        check(run, on_bad_record="quarantine", **settings)
    run(fails=True, on_bad_record="quarantine", **settings)
    assert "quarantine_file" in str(run.error)
    assert run.box.requests() == []


def test_a_token_file_that_cannot_be_written_is_named(tmp_path: Path, keap: Sandbox, quiet: None) -> None:
    del quiet
    path = str(tmp_path / "missing" / "tokens.json")
    given = {
        "api_url": keap.url,
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "refresh_token": "sandbox-refresh-0",
        "token_file": path,
        "streams": ["tags"],
    }
    (tmp_path / "config.json").write_text(json.dumps(given))
    done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.json")])
    assert done.exit_code == 2
    assert "missing/tokens.json cannot be locked: its folder does not exist" in done.output


@pytest.mark.parametrize(
    ("stream", "setting"),
    [
        ("contacts", "contact_ids"),
        ("orders", "order_ids"),
        ("contact_tags", "tag_ids"),
        ("affiliate_payments", "affiliate_ids"),
        ("report_fields", "saved_searches"),
    ],
)
def test_settings_that_name_nothing_of_the_account_are_wrong(run: Run, stream: str, setting: str) -> None:
    settings: dict[str, Any] = {"streams": [stream], setting: ["999999"]}
    report = check(run, **settings)
    assert report.refused[stream].startswith(f"{setting}: ")
    assert "999999" in report.refused[stream]
    assert report.exit_code == 2
    run(**settings, fails=True)


def test_a_slow_pace_makes_fewer_calls_instead_of_waiting(run: Run) -> None:
    before = run.clock.monotonic()
    report = check(run, streams=STREAMS, requests_per_hour=5)
    assert report.calls_made == 5
    assert run.clock.monotonic() - before < 60
    assert check(run, streams=STREAMS, requests_per_second=0.01).calls_made <= 4


def test_a_call_that_fails_when_no_other_is_left_is_named(run: Run) -> None:
    run.box.fault({"path": "/v2/affiliates", "always": True, "status": 500})
    report = check(run, streams=STREAMS, requests_per_hour=3)
    assert any("GET /v2/affiliates failed, and the check had no call left" in one for one in report.notes)


def test_an_hour_that_is_used_up_is_waited_for(run: Run) -> None:
    settings: dict[str, Any] = {"streams": STREAMS, "requests_per_hour": 30, "max_run_hours": 23}
    report = check(run, **settings)
    run.clock.pass_time(3_600)  # the calls of the check have left the hour
    before = run.clock.monotonic()
    night(run, **settings)
    assert report.seconds == pytest.approx(run.clock.monotonic() - before, rel=0.05)
