"""The command legacy-compare: its report in each form, its exit codes, and what it refuses."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tap_infusionsoft.xmlrpc.compare.command import DIFFERENCES, chosen, main
from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
from tap_infusionsoft.xmlrpc.compare.reading import CompareTap, Comparison
from tap_infusionsoft.xmlrpc.tests.comparing import Row, each, in_rest, of
from tests.fixtures import Around, Run, settle


def command(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Any, *arguments: str) -> tuple[int, str]:
    """Run the command; returns its exit code and what it wrote to stdout."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(run.config()))
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(path), *arguments])
    settle()
    path.unlink()  # it holds the key
    return int(ended.value.code or 0), capsys.readouterr().out


@pytest.fixture
def lost(run: Run, monkeypatch: pytest.MonkeyPatch) -> Row:
    """A contact that REST does not have, and another whose name differs."""
    gone, renamed = of(run, "contacts", 2), of(run, "contacts", 3)

    def alter(rows: list[Row]) -> list[Row]:
        kept = [row for row in rows if row["id"] != gone["id"]]
        return each(lambda row: row | {"family_name": "<b>Z</b>"}, renamed["id"])(kept)

    change = in_rest("/v2/contacts", "contacts", alter)
    init = Comparison.__init__

    def planted(self: Comparison, tap: CompareTap, *args: Any, **kwargs: Any) -> None:
        tap.account.client.transport = Around(tap.account.client.transport, change)
        init(self, tap, *args, **kwargs)

    monkeypatch.setattr(Comparison, "__init__", planted)
    return renamed


def test_the_command_ends_with_0_if_all_is_equal(run: Run, capsys: Any, tmp_path: Any) -> None:
    code, said = command(run, capsys, tmp_path, "ContactGroup")
    assert code == 0
    assert "Verdict: equal" in said
    assert re.search(r"^ContactGroup +tags +\d+ +\d+ +equal$", said, re.MULTILINE)


def test_the_command_ends_with_a_code_of_its_own_if_something_differs(
    run: Run, capsys: Any, tmp_path: Any, lost: Row
) -> None:
    code, said = command(run, capsys, tmp_path, "Contact")
    assert code == DIFFERENCES
    assert "Verdict: differs: Contact" in said
    assert "1 only in the table" in said
    assert lost["family_name"] not in said
    assert "Z" not in re.findall(r"LastName.*", said)[0]


def test_the_command_shows_values_if_asked(run: Run, capsys: Any, tmp_path: Any, lost: Row) -> None:
    _, said = command(run, capsys, tmp_path, "Contact", "--values")
    assert f"{lost['id']}: {lost['family_name']} / <b>Z</b>" in said


def test_a_report_as_json_has_everything(run: Run, capsys: Any, tmp_path: Any, lost: Row) -> None:
    code, said = command(run, capsys, tmp_path, "Contact", "--format", "json")
    report = json.loads(said)
    assert code == DIFFERENCES
    assert (report["verdict"], report["in_words"]) == ("differs", "differs: Contact")
    (contact,) = report["tables"]
    assert contact["rows"]["only_in_table"]["rows"] == 1
    (difference,) = contact["differences"]
    assert difference == {
        "field": "LastName",
        "in_rest": "contacts.family_name",
        "difference": Outcome.VALUE.value,
        "rows": 1,
        "examples": [{"key": lost["id"]}],
    }
    assert {one["field"] for one in contact["without_counterpart"]} >= {"Validated", "Password"}
    assert {one["field"] for one in contact["elsewhere"]} == {"Leadsource"}
    assert lost["family_name"] not in said


def test_a_report_as_a_page_needs_nothing_from_elsewhere(
    run: Run, capsys: Any, tmp_path: Any, lost: Row
) -> None:
    page = tmp_path / "proof.html"
    code, said = command(
        run, capsys, tmp_path, "Contact", "--format", "html", "--output", str(page), "--values"
    )
    text = page.read_text(encoding="utf-8")
    page.unlink()  # it holds personal data, as was asked for
    assert (code, said) == (DIFFERENCES, "")
    assert "<b>Z</b>" not in text
    assert f"{lost['family_name']} / &lt;b&gt;Z&lt;/b&gt;" in text
    assert not re.search(r"https?:|src=|@import|url\(|<script|<link", text)


def test_a_table_that_fails_is_a_partial_end(run: Run, capsys: Any, tmp_path: Any) -> None:
    run.box.fault({"path": "/v2/tags", "always": True, "status": 403})
    code, said = command(run, capsys, tmp_path, "ContactGroup", "Company")
    assert code == 3
    assert re.search(r"^ContactGroup: not compared \(.+\)$", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["Contakt"],
            "'Contakt' is no table, and no stream that has the rows of one. Did you mean 'Contact'?",
        ),
        (["Ticket"], "Ticket: REST has nothing to compare it with. Take a last copy with the command"),
        (["Contact", "--output", "/nowhere/proof.html"], "--output /nowhere/proof.html cannot be written"),
    ],
)
def test_a_wrong_argument_is_told_before_anything_is_read(
    run: Run, capsys: Any, tmp_path: Any, arguments: list[str], message: str
) -> None:
    run.box.clear_requests()
    code, _ = command(run, capsys, tmp_path, *arguments)
    assert code == 2
    assert run.says(message)
    assert not run.box.requests()


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        (["Contact"], ["Contact"]),
        (["legacy_job"], ["Job"]),
        (["orders"], ["Job", "Invoice", "PayPlan"]),
        (["Lead*"], ["Lead", "LeadSource", "LeadSourceCategory", "LeadSourceExpense"]),
        (["T*"], ["Template"]),
        (["contacts", "Contact"], ["Contact", "SocialAccount"]),
    ],
)
def test_tables_are_chosen_by_their_names_or_streams(names: list[str], tables: list[str]) -> None:
    found = [one.table for one in chosen(names)]
    assert found[: len(tables)] == tables
    assert len(found) in {len(tables), len(tables) + 1}


def test_the_verdict_names_the_tables_that_are_not_equal(run: Run, capsys: Any, tmp_path: Any) -> None:
    _, said = command(run, capsys, tmp_path, "ContactGroup", "PayPlanItem")
    assert "Verdict: equal; not proved: PayPlanItem" in said
    run.box.fault({"path": "/v2/tags", "always": True, "status": 403})
    _, said = command(run, capsys, tmp_path, "ContactGroup", "PayPlanItem")
    assert "Verdict: not compared: ContactGroup; not proved: PayPlanItem" in said


def test_without_settings_the_command_says_what_is_missing(run: Run, tmp_path: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text("{}")
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(path), "Contact"])
    assert ended.value.code == 2
    assert run.says("api_key")


def test_help_names_every_option(capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    for option in ("--config", "--format", "--output", "--values", "[TABLE|STREAM]"):
        assert option in said
