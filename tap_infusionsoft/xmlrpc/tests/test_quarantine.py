"""A record that the service cannot write costs only itself: it goes into quarantine, or is named."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from keap_sandbox.taggings import pair
from tap_infusionsoft.errors import Exit
from tap_infusionsoft.output import quarantine
from tests.canary import PERSON
from tests.fixtures import Run

CONTACT, TAGGED, JOB = "legacy_contact", "legacy_contact_group_assign", "legacy_job"
TABLES: dict[str, Any] = {"legacy_tables": ["Contact", "ContactGroupAssign", "Job"]}


def unwritable(run: Run, table: str, ident: int, field: str) -> None:
    run.box.fault("xmlrpc_unwritable", table=table, id=ident, field=field, always=True)


def quarantined(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def aside(tmp_path: Path) -> dict[str, Any]:
    return TABLES | {"on_bad_record": "quarantine", "quarantine_file": str(tmp_path / "aside.jsonl")}


@pytest.fixture
def path(aside: dict[str, Any]) -> Path:
    return Path(aside["quarantine_file"])


def ids(run: Run, stream: str = CONTACT) -> set[int]:
    return {row["Id"] for row in run.target.rows(stream)}


def test_a_first_load_goes_on_without_the_record_and_deletes_nothing(
    run: Run, aside: dict[str, Any], path: Path
) -> None:
    catalog = run.catalog(CONTACT, **TABLES)
    all_ids = sorted(ids_of(run, catalog))
    bad = all_ids[77]
    run.box.plant("contacts", upsert=[{"id": str(bad), "given_name": PERSON}])
    unwritable(run, "Contact", bad, "Birthday")
    target = run(catalog=catalog, **aside)
    assert ids(run) == {*all_ids} - {bad}
    (entry,) = quarantined(path)
    assert entry["stream"] == CONTACT
    assert entry["reason"].startswith(f"Keap cannot send Birthday of the row of Contact with Id {bad} (")
    assert entry["row"]["FirstName"] == PERSON
    assert "Birthday" not in entry["row"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert target.count("ACTIVATE_VERSION", CONTACT) == 0
    assert run.says(f"of Contact with Id {bad}")


def ids_of(run: Run, catalog: Any) -> set[int]:
    """The ids that an undisturbed run reads; nothing of it is kept."""
    run(catalog=catalog, **TABLES)
    found = ids(run)
    run.target = type(run.target)()
    return found


def test_without_quarantine_the_stream_fails_and_says_what_to_set(run: Run) -> None:
    catalog = run.catalog(CONTACT, JOB, "users", **TABLES)
    bad = sorted(ids_of(run, catalog))[77]
    unwritable(run, "Contact", bad, "Birthday")
    target = run(catalog=catalog, fails=True, **TABLES)
    assert run.error is not None
    assert run.error.exit_code == Exit.PARTIAL
    assert run.says(f"Keap cannot send Birthday of the row of Contact with Id {bad} (")
    assert run.says("Set on_bad_record to quarantine")
    assert target.rows(JOB)
    assert len(target.rows("users")) == 12
    assert target.count("ACTIVATE_VERSION", CONTACT) == 0


def test_a_service_that_hangs_up_on_a_value_is_no_outage(run: Run) -> None:
    catalog = run.catalog(CONTACT, JOB, "users", **TABLES)
    run.box.fault("reset", table="Contact", params='"Birthday"', always=True)
    target = run(catalog=catalog, fails=True, **TABLES)
    assert run.says("Keap cannot send Birthday of the row of Contact with Id ")
    assert len([wait for wait in run.waits if wait > 0.1]) <= 2 * 6
    assert target.rows(JOB)
    assert len(target.rows("users")) == 12


def test_a_column_that_is_not_selected_does_no_harm(run: Run) -> None:
    catalog = run.catalog(CONTACT, without={CONTACT: ["Birthday"]}, **TABLES)
    bad = sorted(ids_of(run, catalog))[77]
    unwritable(run, "Contact", bad, "Birthday")
    assert bad in {row["Id"] for row in run(catalog=catalog, **TABLES).rows(CONTACT)}


def test_an_increment_and_a_sweep_delete_nothing_until_it_can_be_sent(
    run: Run, aside: dict[str, Any], path: Path
) -> None:
    catalog = run.catalog(CONTACT, **TABLES)
    run(catalog=catalog, **aside)
    all_ids = sorted(ids(run))
    bad, gone = all_ids[77], all_ids[100]
    unwritable(run, "Contact", bad, "Birthday")
    run.clock.pass_time(7_200)
    run.box.plant("contacts", upsert=[{"id": str(bad), "given_name": "Ann"}], touch=True)
    run.box.plant("contacts", upsert=[{"id": str(all_ids[3]), "given_name": "Bea"}], touch=True)
    run(catalog=catalog, **aside)
    assert len(quarantined(path)) == 1
    assert next(row for row in run.target.rows(CONTACT) if row["Id"] == all_ids[3])["FirstName"] == "Bea"
    run.clock.pass_time(8 * 86_400)
    run.box.plant("contacts", delete=[str(gone)])
    run(catalog=catalog, **aside)
    assert run.target.count("ACTIVATE_VERSION", CONTACT) == 0
    assert ids(run) == {*all_ids}, "a deleted row stays rather than a live one goes"
    run.box.clear_faults()
    run.clock.pass_time(60)
    run(catalog=catalog, **aside)
    assert ids(run) == {*all_ids} - {gone}
    assert next(row for row in run.target.rows(CONTACT) if row["Id"] == bad)["FirstName"] == "Ann"


def test_a_row_without_an_id_is_named_by_its_keys(run: Run, aside: dict[str, Any], path: Path) -> None:
    catalog = run.catalog(TAGGED, **TABLES)
    run(catalog=catalog, **TABLES)
    rows = sorted((row["ContactId"], row["GroupId"]) for row in run.target.rows(TAGGED))
    run.target = type(run.target)()
    contact, group = rows[17]
    unwritable(run, "ContactGroupAssign", pair(contact, group), "Contact.City")
    run(catalog=catalog, **aside)
    row = f"ContactGroupAssign with ContactId {contact} and GroupId {group}"
    reasons = {entry["reason"].partition(" (")[0] for entry in quarantined(path)}
    assert reasons == {f"Keap cannot send Contact.City of the row of {row}"}
    read = sorted((row["ContactId"], row["GroupId"]) for row in run.target.rows(TAGGED))
    assert read == rows[:17] + rows[18:]


def test_a_killed_run_goes_on_behind_the_record(run: Run, aside: dict[str, Any], path: Path) -> None:
    catalog = run.catalog(CONTACT, **TABLES)
    all_ids = sorted(ids_of(run, catalog))
    bad = all_ids[20]
    unwritable(run, "Contact", bad, "Birthday")
    answers = 0
    while run.cut_off(answers, catalog, flushes=True, **aside):
        run(catalog=catalog, **aside)
        assert ids(run) == {*all_ids} - {bad}, answers
        assert run.target.count("ACTIVATE_VERSION", CONTACT) == 0
        assert {entry["row"]["Id"] for entry in quarantined(path)} == {bad}
        run.target = type(run.target)()
        answers += 9
    assert answers > 20


def test_many_are_no_accident(run: Run, aside: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MAX_ROWS", 3)
    catalog = run.catalog(CONTACT, **TABLES)
    run.box.fault("xmlrpc_unwritable", table="Contact", row=0, field="Birthday", always=True)
    run(catalog=catalog, fails=True, **aside)
    assert run.says("4 rows cannot be used, more than quarantine takes")
