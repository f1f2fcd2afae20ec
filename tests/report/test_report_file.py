"""The file of `report_file`: what it holds, and that it is there after every run."""

from __future__ import annotations

import json
import logging
import signal
import stat
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.daily_quota import Left
from tap_infusionsoft.client.faults import Kind
from tap_infusionsoft.client.traffic import Exchange, Traffic, Wait
from tap_infusionsoft.errors import ConfigError, Exit
from tap_infusionsoft.report.document import Limits, Report, report
from tap_infusionsoft.report.page import Kept, page
from tap_infusionsoft.report.report_file import ReportFile
from tap_infusionsoft.report.run_log import FailureRecord, PassRecord, RunLog
from tap_infusionsoft.report.timeline import MOST, step_seconds
from tests.canary import KEY
from tests.fixtures import Run, settle
from tests.processes import PATIENCE
from tests.program import errors, started, tap

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
EVIL = "<script>alert('x')</script>\" onload=\"\u202e\0&amp;"

MEMBERS = {
    "": (
        "format program account started ended seconds exit limits totals quota streams left deselected "
        "timeline"
    ),
    "exit": "code meaning message",
    "limits": "summary settings",
    "totals": "streams rows deleted mended quarantined skipped calls waits paced_seconds waited_seconds",
    "quota": "left limit resets_at",
    "streams": (
        "stream status passes rows new changed deleted mended quarantined skipped calls waits waited_seconds "
        "seconds next_bookmark oldest_days note problem"
    ),
    "timeline": "step_seconds steps faults is_whole",
    "timeline.steps": "start calls paced_seconds waited_seconds quota_left",
    "timeline.faults": "at seconds kind stream",
}
"""The members of the JSON report. Programs of users read them: none may go or change its meaning."""


def sample(**changes: Any) -> Report:
    """A report about a run of all kinds of streams."""
    log = RunLog(NOW, deselected=["users"])
    log.chosen = ["quiet", "contacts", "orders", "later", "notes", "tags", "emails"]
    log.passes = [
        PassRecord(stream="quiet", kind="increment", calls=1),
        PassRecord(stream="contacts", kind="sweep", rows=100, earlier=40, gone=2, calls=3, seconds=2.5),
        PassRecord(stream="contacts", kind="increment", rows=10, new=4, calls=4, bookmark=NOW, oldest=7),
        PassRecord(stream="later", note="left for a later run, as it was read at 2026-11-27"),
        PassRecord(stream="orders", kind="snapshot", rows=5, mended=1, quarantined=2, skipped=3),
    ]
    log.failures = [FailureRecord("notes", "GET /v2/notes failed. Deselect the stream.")]
    log.unfinished = {"emails": PassRecord(stream="emails", kind="sweep", rows=9)}
    log.exit_code = Exit.PARTIAL
    traffic = Traffic(paced=4.0)
    traffic.calls.update({"contacts": 4, "quiet": 1, "": 2})
    for sent in range(0, 100, 10):
        traffic.note_answer(Exchange(1000.0 + sent, 0.3, "contacts", 2.0, 900 - sent))
    traffic.note_wait(Wait(1050.0, 30.0, Kind.SERVER_ERROR, "contacts"))
    return report(
        **{
            "log": log,
            "traffic": traffic,
            "quota": Left(800, 1000, NOW + timedelta(hours=22)),
            "now": (NOW + timedelta(seconds=120), 1120.0),
            "program": "tap-infusionsoft 1.0",
            "account": "xx123.infusionsoft.com",
            "limits": Limits("only some rows", {"contact_ids": "2 listed"}),
            **changes,
        }
    )


def names(value: object) -> str:
    return " ".join(value) if isinstance(value, dict) else ""


def test_the_members_of_the_json_report_stay() -> None:
    document = json.loads(msgspec.json.encode(sample()))
    assert document["format"] == 1
    found = {"": names(document)}
    for path in MEMBERS:
        inner = document
        for part in filter(None, path.split(".")):
            inner = inner[part]
            inner = inner[0] if isinstance(inner, list) else inner
        found[path] = names(inner)
    assert found == MEMBERS


def test_streams_are_added_up_and_those_to_look_at_come_first() -> None:
    found = sample()
    assert [(one.stream, one.status.value) for one in found.streams] == [
        ("notes", "failed"),
        ("emails", "stopped"),
        ("tags", "not read"),
        ("orders", "read"),
        ("quiet", "read"),
        ("contacts", "read"),
        ("later", "later"),
    ]
    contacts = next(one for one in found.streams if one.stream == "contacts")
    assert (contacts.rows, contacts.new, contacts.changed, contacts.deleted) == (70, None, None, 2)
    assert (contacts.passes, contacts.calls, contacts.waits) == (["sweep", "increment"], 4, 1)
    assert (contacts.next_bookmark, contacts.oldest_days) == (NOW, 7)
    assert found.totals.rows == 84
    assert found.totals.deleted == 2
    assert (found.exit.code, found.exit.meaning) == (3, "some streams failed; the others are complete")


def test_new_and_changed_rows_are_told_apart_where_that_is_known() -> None:
    log = RunLog(NOW, chosen=["contacts"])
    log.passes = [PassRecord(stream="contacts", kind="increment", rows=10, new=4)]
    (one,) = sample(log=log).streams
    assert (one.new, one.changed, one.deleted) == (4, 6, None)


def test_the_timeline_has_every_call_and_second_once() -> None:
    timeline = sample().timeline
    assert timeline.step_seconds == 5
    assert sum(step.calls.get("contacts", 0) for step in timeline.steps) == 10
    # The first call was held back before the run started, as far as the clocks know.
    assert sum(step.paced_seconds for step in timeline.steps) == 18
    assert sum(step.waited_seconds for step in timeline.steps) == 30
    assert [step.quota_left for step in timeline.steps if step.quota_left][-1] == 810
    assert timeline.faults[0].at == NOW + timedelta(seconds=50)


@pytest.mark.parametrize("seconds", [0, 1, 59.9, 60, 61, 3600, 86_400, 86_400 * 60, 86_400 * 366])
def test_a_timeline_is_never_longer_than_a_page(seconds: float) -> None:
    assert seconds // step_seconds(seconds) + 1 <= MOST


class Page(HTMLParser):
    """Checks that tags are closed in order, and takes down what is asked for from elsewhere."""

    VOID = frozenset({"meta", "rect", "polygon", "br"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_and_needs_nothing_from_elsewhere() -> None:
    text = page(sample(), [Kept("report.2026-11-27T02-00-00Z.html", "Complete.")])
    found = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {*found.tags}
    assert "url(" not in text
    assert found.links == ["#problems", "report.2026-11-27T02-00-00Z.html"]
    assert text.count("<svg") == text.count('role="img"') == 4
    assert "2026-11-27 02:00 UTC" in found.texts
    for expected in (
        "GET /v2/notes failed. Deselect the stream.",
        "Not selected: 1 stream",
        "Left for a later",
    ):
        assert any(expected in one for one in found.texts), expected


def test_everything_on_the_page_is_escaped() -> None:
    log = RunLog(NOW, deselected=[EVIL], chosen=[EVIL, "b"], left=["b"], message=EVIL, exit_code=1)
    log.passes = [PassRecord(stream=EVIL, kind=EVIL, rows=1, note=EVIL)]
    log.failures = [FailureRecord(EVIL, EVIL)]
    traffic = Traffic()
    traffic.note_answer(Exchange(1001.0, 0.3, EVIL, 1.0, 900))
    traffic.note_wait(Wait(1002.0, 3.0, Kind.SERVER_ERROR, EVIL))
    limits = Limits(EVIL, {EVIL: EVIL})
    text = page(
        sample(log=log, traffic=traffic, program=EVIL, account=EVIL, limits=limits),
        [Kept("a.2026-11-27T02-00-00Z.html", EVIL)],
    )
    found = Page(text)
    assert "script" not in found.tags
    assert not any(name.startswith("on") for name in found.attributes)
    assert "\0" not in text
    assert "\u202e" not in text


def test_the_page_of_an_empty_run_is_whole() -> None:
    log = RunLog(NOW, exit_code=2, message="Wrong settings: api_key.")
    text = page(sample(log=log, traffic=Traffic(), quota=None, account="", limits=None))
    assert any("Wrong settings: api_key." in one for one in Page(text).texts)


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o644)
    file = ReportFile(str(path))
    with mock.patch.object(Path, "replace", side_effect=SystemExit(143)), pytest.raises(SystemExit):
        file.write(sample())
    assert (path.read_text(), [one.name for one in tmp_path.iterdir()]) == ("old", ["report.json"])
    file.write(sample())
    assert json.loads(path.read_text())["exit"]["code"] == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("ending", ["json", "html"])
def test_reports_of_earlier_runs_are_kept_and_the_oldest_removed(tmp_path: Path, ending: str) -> None:
    others = ["report.json.bak", "other.2026-11-01T02-00-00Z.json", "report.2026-11-01.json"]
    for name in others:
        (tmp_path / name).touch()
    file = ReportFile(str(tmp_path / f"report.{ending}"), 3)
    for day in range(1, 6):
        started = NOW.replace(day=day)
        file.write(sample(log=RunLog(started), now=(started + timedelta(seconds=9), 1000.0)))
    left = sorted({one.name for one in tmp_path.iterdir()} - {*others})
    kept = [f"report.2026-11-{day:02}T02-00-00Z.{ending}" for day in (3, 4, 5)]
    assert left == [*kept, f"report.{ending}"]
    if ending == "html":
        text = (tmp_path / "report.html").read_text()
        assert [link for link in Page(text).links if link[0] != "#"] == kept[::-1]
        assert "Complete (exit code 0): 0 rows of 0 streams; 7 API calls in 9.0 s." in "".join(
            Page(text).texts
        )
        assert Page((tmp_path / kept[0]).read_text()).links == ["report.html"], "those of others go stale"


@pytest.mark.parametrize("path", ["no/such/folder/report.json", "folder.json"])
def test_a_path_that_cannot_be_written_is_said_at_the_start_and_costs_nothing(
    run: Run, tmp_path: Path, path: str
) -> None:
    (tmp_path / "folder.json").mkdir()
    run("tags", report_file=str(tmp_path / path))
    assert run.target.rows("tags")
    assert run.says(f"{path} cannot be written: ")
    assert run.says(f"{path} could not be written: ")


@pytest.mark.parametrize("path", ["report.txt", "report", ".json", "json"])
def test_another_ending_is_an_error_before_the_first_call(run: Run, path: str) -> None:
    catalog = run.catalog("tags")
    run.box.clear_requests()
    with pytest.raises(ConfigError, match=r"report_file is '.*'; it must be .* \.json, \.html or \.htm"):
        run.tap(catalog=catalog, report_file=path).sync_all()
    assert run.box.requests() == []


def test_the_report_is_about_what_the_run_did(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    run.box.fault({"path": "/v2/contacts", "nth": 1, "status": 503})
    run.box.fault({"path": "/v2/affiliates", "always": True, "status": 403})
    catalog = run.catalog("contacts", "affiliates", "notes")
    run.box.clear_requests()
    run(catalog=catalog, fails=True, report_file=str(path), start_date="2020-01-01", contact_ids=None)
    found = msgspec.json.decode(path.read_bytes(), type=Report)
    streams = {one.stream: one for one in found.streams}
    assert found.exit.code == 3
    assert found.totals.calls == len(run.box.requests())
    assert sum(sum(step.calls.values()) for step in found.timeline.steps) == found.totals.calls
    assert streams["contacts"].rows == len(run.box.records("contacts"))
    assert streams["contacts"].waits == 1
    assert streams["notes"].next_bookmark is not None
    assert "deselect the stream" in (streams["affiliates"].problem or "")
    assert found.account
    assert found.limits.settings["start_date"] == "2020-01-01"
    assert KEY not in path.read_text()


def test_a_run_that_cannot_start_has_a_report_too(tmp_path: Path, config: dict[str, Any]) -> None:
    wrong = config | {"api_key": "KeapAK-wrong-wrong-wrong", "report_file": "report.json"}
    done = tap(tmp_path, wrong)
    assert done.returncode == 2
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["exit"]["code"] == 2
    assert found["exit"]["message"] in errors(done)[-1]


def test_a_run_that_a_signal_ends_has_a_report_too(
    tmp_path: Path, keap: Sandbox, config: dict[str, Any]
) -> None:
    keap.fault({"path": "/v2/contacts", "always": True, "delay": 30})
    settings = config | {"report_file": "report.html", "report_history": 2}
    with started(tmp_path, settings, "companies: ") as process:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    text = "".join(Page((tmp_path / "report.html").read_text()).texts)
    assert "Stopped by SIGTERM." in text
    assert "Exit code 143" in text
    assert "not read" in text


def test_a_stream_that_was_cut_off_says_how_far_it_came(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    run.box.fault({"path": "/v2/contacts", "nth": 1, "status": 200})
    tap = run.tap(catalog=run.catalog("contacts"), report_file=str(path))
    with (
        mock.patch.object(type(tap.message_writer), "write_rows", side_effect=SystemExit(143)),
        pytest.raises(SystemExit),
    ):
        tap.sync_all()
    settle()
    found = msgspec.json.decode(path.read_bytes(), type=Report)
    assert (found.exit.code, found.exit.message) == (143, "Stopped by SIGTERM.")
    assert [one.status.value for one in found.streams] == ["stopped"]


def test_a_history_without_a_report_is_noticed(run: Run) -> None:
    run("tags", report_history=3)
    assert run.says("report_history has no effect without report_file.")


def test_a_defect_of_the_report_does_not_fail_the_run(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO),
        mock.patch("tap_infusionsoft.report.report_file.page", side_effect=ZeroDivisionError),
    ):
        run("tags", report_file=str(tmp_path / "report.html"))
    assert run.says("The report could not be made")
