"""Rows without a key fail their stream, or are quarantined as long as there are only a few."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tap_infusionsoft.errors import Exit
from tests.fixtures import Run


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {"on_bad_record": "quarantine", "quarantine_file": str(tmp_path / "bad.jsonl")}


def serve_tags(run: Run, rows: int, bad: int) -> None:
    """Let Keap's list of tags have `rows` rows, the first `bad` of them without an id."""
    tags = [{"name": f"Tag {n}"} | ({} if n < bad else {"id": str(n + 1)}) for n in range(rows)]
    run.box.fault({"path": "/v2/tags", "always": True, "status": 200, "body": {"tags": tags}})


def test_a_row_without_an_id_fails_the_stream_by_default(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = run.catalog("tags")
    serve_tags(run, 1000, 1)
    run(catalog=catalog, fails=True)
    assert "a row has no id" in caplog.text


def test_a_single_bad_row_is_quarantined(
    run: Run, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog("tags")
    serve_tags(run, 1000, 1)
    assert len(run(catalog=catalog, **settings).rows("tags")) == 999
    path = Path(settings["quarantine_file"])
    (line,) = path.read_text().splitlines()
    entry = json.loads(line)
    assert (entry["stream"], entry["reason"], entry["row"]) == ("tags", "a row has no id", {"name": "Tag 0"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "1 in " in caplog.text
    assert "Tag 0" not in caplog.text


def test_a_pass_with_quarantined_rows_deletes_nothing(run: Run, settings: dict[str, Any]) -> None:
    catalog = run.catalog("tags")
    before = len(run(catalog=catalog, **settings).rows("tags"))
    run.clock.pass_time(8 * 86_400)
    serve_tags(run, before, 1)
    target = run(catalog=catalog, **settings)
    assert target.count("ACTIVATE_VERSION") == 0
    run.box.clear_faults()
    assert run(catalog=catalog, **settings).count("ACTIVATE_VERSION") == 1, "the next run sweeps again"


@pytest.mark.parametrize(("rows", "bad"), [(1000, 200), (1000, 101), (1000, 2), (10, 2)])
def test_too_many_bad_rows_fail_the_stream_and_the_next_run_starts_over(
    run: Run, settings: dict[str, Any], rows: int, bad: int, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = run.catalog("tags")
    serve_tags(run, rows, bad)
    target = run(catalog=catalog, fails=True, **settings)
    assert run.error is not None
    assert run.error.exit_code == Exit.FAILED
    assert "more than quarantine takes" in caplog.text
    assert not target.state["bookmarks"]["tags"].get("underway")
    run.box.clear_faults()
    assert len(run(catalog=catalog, **settings).rows("tags")) >= len(run.box.records("tags"))


def test_an_unwritable_quarantine_file_is_refused_before_a_call(
    run: Run, settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = run.catalog("tags")
    run.box.clear_requests()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "no" / "such" / "folder", tmp_path / "link"):
        run(catalog=catalog, fails=True, **{**settings, "quarantine_file": str(path)})
        assert f"quarantine_file {path} cannot be written" in str(run.error)
    assert run.box.requests() == []


def test_a_quarantine_file_that_becomes_unwritable_fails_the_stream(
    run: Run, settings: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    catalog, path = run.catalog("tags"), tmp_path / "folder" / "bad.jsonl"
    path.parent.mkdir()
    serve_tags(run, 10, 1)

    def remove_folder(path: str) -> None:
        Path(path).parent.rmdir()

    with mock.patch("tap_infusionsoft.tap.check_writable", remove_folder):
        run(catalog=catalog, fails=True, **{**settings, "quarantine_file": str(path)})
    assert f"quarantine_file {path} cannot be written: its folder does not exist" in caplog.text
