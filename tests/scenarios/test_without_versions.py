"""Targets that end on a message they do not know.

ACTIVATE_VERSION is an extension of the format, and some targets end when it comes. `activate_versions` leaves
it out; its rows then carry no version either, because some targets hide rows of a version until it is
activated. Turned on again, no version may ever delete a live row.
"""

from __future__ import annotations

import pytest

from tests.fixtures import Run

WEEK = 7 * 86_400


def ids(run: Run, stream: str) -> set[str]:
    return {str(row["id"]) for row in run.box.records(stream)}


def loaded(run: Run, stream: str) -> set[str]:
    return {row["id"] for row in run.target.rows(stream)}


def test_neither_the_message_nor_versions_are_sent(run: Run) -> None:
    target = run("tags", "users", activate_versions=False)
    assert target.count("ACTIVATE_VERSION") == 0
    assert all("version" not in one for one in target.messages if one["type"] == "RECORD")
    assert loaded(run, "tags") == ids(run, "tags")
    assert target.state["bookmarks"]["tags"]["replication_key_value"]


def test_it_is_on_by_default(run: Run) -> None:
    assert run("tags").count("ACTIVATE_VERSION", "tags") == 1
    run.target.state = {}
    assert run("tags", activate_versions=True).count("ACTIVATE_VERSION", "tags") == 1


@pytest.mark.parametrize("first", [True, False], ids=["on first", "off first"])
def test_turned_on_and_off_every_week_no_live_row_is_deleted(run: Run, *, first: bool) -> None:
    catalog = run.catalog("tags", "users")
    for week in range(6):
        on = (week % 2 == 0) is first
        target = run(catalog=catalog, activate_versions=on)
        assert (target.count("ACTIVATE_VERSION", "users") == 1) is on
        for stream in ("tags", "users"):
            assert ids(run, stream) <= loaded(run, stream)
        run.clock.pass_time(86_400)
        run.box.plant("tags", upsert=[{"id": str(9000 + week), "name": f"New {week}"}], touch=True)
        run(catalog=catalog, activate_versions=on)
        assert ids(run, "tags") <= loaded(run, "tags")
        run.clock.pass_time(WEEK)


def test_rows_deleted_meanwhile_go_with_the_first_sweep_after_it_is_on(run: Run) -> None:
    catalog = run.catalog("tags")
    run(catalog=catalog)
    gone = str(run.box.records("tags")[0]["id"])
    run.box.plant("tags", delete=[gone])
    run.clock.pass_time(WEEK)
    run(catalog=catalog, activate_versions=False)
    assert gone in loaded(run, "tags")
    run.clock.pass_time(WEEK)
    run(catalog=catalog)
    assert loaded(run, "tags") == ids(run, "tags")


@pytest.mark.parametrize("settings", [(True, False, True), (False, True, True), (True, False, False, True)])
def test_a_pass_of_several_runs_under_both_settings_activates_nothing(
    run: Run, settings: tuple[bool, ...]
) -> None:
    """Its rows do not all carry the version, so activating it would delete the others."""
    run.box.switch(page_rows_max=30)
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    run.clock.pass_time(WEEK)
    for on in settings:
        run.cut_off(3, catalog, activate_versions=on)
        sent = [one for one in run.target.messages if one["type"] in {"RECORD", "ACTIVATE_VERSION"}]
        assert sent
        assert on or not any("version" in one for one in sent)
        assert ids(run, "contacts") <= loaded(run, "contacts")
    run(catalog=catalog, activate_versions=settings[-1])
    assert ids(run, "contacts") <= loaded(run, "contacts")
    run.clock.pass_time(WEEK)
    run(catalog=catalog)
    assert loaded(run, "contacts") == ids(run, "contacts")


def test_an_unbelievable_drop_while_it_is_off_is_no_measure_for_later(run: Run) -> None:
    """Otherwise the next sweep would take the few rows for all, and delete the others."""
    catalog = run.catalog("users")
    run(catalog=catalog)
    users = run.box.records("users")
    few = {"users": users[:1], "next_page_token": ""}
    run.box.fault({"path": "/v2/users", "status": 200, "body": few, "always": True})
    run(catalog=catalog, activate_versions=False, sweep_max_rows=1)
    run(catalog=catalog, sweep_max_rows=1, fails=True)
    run.box.clear_faults()
    assert loaded(run, "users") == {str(row["id"]) for row in users}
