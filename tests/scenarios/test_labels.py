"""Somebody renamed, deleted or created a saved search or a custom field in Keap.

A renamed search went to a new table and the old one stayed stale. After a search was deleted, another one of
the same name took over its table. A search that was gone, or a pattern that matched nothing, ended the run
for all streams. Identity is the id in Keap, not the label.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.fixtures import Run

Row = dict[str, Any]
Load = Callable[..., None]


def rename(run: Run, ident: str, name: str) -> None:
    run.box.plant("reports", upsert=[{"id": ident, "name": name}])


def delete(run: Run, ident: str) -> None:
    run.box.plant("reports", delete=[ident])


def count(run: Run, ident: str) -> int:
    """The rows of a saved search."""
    return len(run.box.records("report_rows", report_id=ident))


@pytest.fixture
def twins(run: Run) -> tuple[str, str]:
    """Two searches of different length whose names differ in signs only; the older one first."""
    first, second = sorted((str(row["id"]) for row in run.box.records("reports")), key=int)[:2]
    rename(run, first, "VIP!")
    rename(run, second, "vip?")
    assert count(run, first) != count(run, second)
    return first, second


@pytest.fixture(params=["no catalog", "catalog", "new catalog"])
def way(request: pytest.FixtureRequest) -> str:
    """How people run: without a catalog, with that of the first day, or with a new one every time."""
    return str(request.param)


@pytest.fixture
def load(way: str, run: Run) -> Load:
    """Runs `users` and the wanted saved searches."""
    kept: list[Any] = []

    def sync(*, fails: bool = False, **settings: Any) -> None:
        if way == "no catalog":
            run(fails=fails, discovers=["users"], **settings)
            return
        if way == "new catalog" or not kept:
            kept[:] = [run.tap({}, discovers=["users"], **settings).catalog_dict]
        run(catalog=copy.deepcopy(kept[0]), fails=fails, **settings)

    return sync


def sent(run: Run) -> dict[str, int]:
    """Table of a saved search -> rows that the last run sent."""
    found = {name: len(run.target.sent(name)) for name in run.target.tables}
    return {name: rows for name, rows in found.items() if rows and name.startswith("saved_search_")}


def test_a_renamed_search_keeps_its_table_and_the_rename_is_told_in_one_line(
    run: Run, load: Load, twins: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = twins
    load(saved_searches=[first])
    assert sent(run) == {"saved_search_vip": count(run, first)}
    rename(run, first, "Gold")
    for _ in range(2):
        caplog.clear()
        load(saved_searches=[first])
        assert sent(run) == {"saved_search_vip": count(run, first)}
        told = [one.getMessage() for one in caplog.records if "Gold" in one.getMessage()]
        assert len(told) == 1
        assert f"'VIP!' (id {first}), is now called 'Gold'" in told[0]


def test_a_search_keeps_its_table_whatever_others_are_called(
    run: Run, load: Load, twins: tuple[str, str]
) -> None:
    first, second = twins
    both = {"saved_search_vip": count(run, first), f"saved_search_vip_{second}": count(run, second)}
    load(saved_searches=[first, second])
    assert sent(run) == both
    rename(run, first, "Other")
    load(saved_searches=[first, second])
    assert sent(run) == both
    rename(run, first, "vip?")  # they swap
    rename(run, second, "Other")
    load(saved_searches=[first, second])
    assert sent(run) == both


def test_a_search_that_a_pattern_found_is_followed_after_it_was_renamed(
    run: Run, load: Load, way: str, twins: tuple[str, str]
) -> None:
    first, second = twins
    both = {"saved_search_vip": count(run, first), f"saved_search_vip_{second}": count(run, second)}
    load(saved_searches=["vip*"])
    assert sent(run) == both
    rename(run, second, "Gold")
    # A new catalog is made by the names of today, so it has what the setting matches today.
    load(saved_searches=["vip*", "Gold"] if way == "new catalog" else ["vip*"])
    assert sent(run) == both


@pytest.mark.parametrize("wanted", ["ids", "pattern"])
def test_a_deleted_search_fails_alone_and_no_other_takes_its_table(
    run: Run, load: Load, twins: tuple[str, str], wanted: str
) -> None:
    first, second = twins
    setting = [*twins] if wanted == "ids" else ["vip*"]
    load(saved_searches=setting)
    before = run.target.rows("saved_search_vip")
    delete(run, first)
    load(saved_searches=setting, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 3
    assert "saved_search_vip" in str(run.error)
    assert sent(run) == {f"saved_search_vip_{second}": count(run, second)}
    assert run.target.rows("saved_search_vip") == before
    assert run.target.sent("users")


def test_a_name_that_was_given_is_not_given_to_another_search(
    run: Run, load: Load, way: str, twins: tuple[str, str]
) -> None:
    first, second = twins
    rename(run, second, "Other")
    load(saved_searches=[first])
    delete(run, first)
    rename(run, second, "VIP!")
    load(saved_searches=[second], fails=way == "catalog")  # that catalog has the first one only
    assert sent(run) == ({} if way == "catalog" else {f"saved_search_vip_{second}": count(run, second)})


def test_a_search_in_an_old_catalog_is_found_by_its_name_and_fails_alone_without_it(
    run: Run, twins: tuple[str, str]
) -> None:
    """Catalogs of earlier versions do not have the ids."""
    first, _ = twins
    catalog = run.tap({}, discovers=["users"], saved_searches=[first]).catalog_dict
    for entry in catalog["streams"]:
        for meta in entry["metadata"]:
            for name in [*meta["metadata"]]:
                if name.startswith("tap-infusionsoft."):
                    del meta["metadata"][name]
    run(catalog=copy.deepcopy(catalog), saved_searches=[first])
    assert sent(run) == {"saved_search_vip": count(run, first)}
    rename(run, first, "Gold")
    run(catalog=copy.deepcopy(catalog), saved_searches=[first])  # the state knows its id
    assert sent(run) == {"saved_search_vip": count(run, first)}
    run.target.state = {}
    run(catalog=copy.deepcopy(catalog), saved_searches=[first], fails=True)
    assert run.error is not None
    assert run.error.exit_code == 3
    assert run.target.sent("users")


def test_a_pattern_that_matches_nothing_is_a_warning(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run(discovers=["users"], saved_searches=["No such*"])
    assert "saved_searches: no saved search matches 'No such*'" in caplog.text
    assert run.target.sent("users")


def test_a_name_that_nothing_has_fails_alone(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run(discovers=["users"], saved_searches=["No such search", "All contacts"], fails=True)
    assert "no saved search has the id or name 'No such search'" in caplog.text
    assert run.error is not None
    assert run.error.exit_code == 3
    assert run.target.sent("users")
    assert sent(run).keys() == {"saved_search_all_contacts"}


def test_a_selected_stream_that_does_not_exist_fails_alone(run: Run) -> None:
    catalog = run.catalog("users", "tags")
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "tags":
            entry["tap_stream_id"] = entry["stream"] = "taggs"
    run(catalog=catalog, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 3
    assert "taggs" in str(run.error)
    assert run.target.sent("users")


# Custom fields.


def keap(run: Run, method: str, field: str = "", **body: Any) -> Row:
    """Change the model of the custom fields of contacts."""
    url = f"{run.box.url}/crm/rest/v2/contacts/model/customFields" + (f"/{field}" if field else "")
    headers = {"Authorization": f"Bearer {run.box.api_key}"}
    response = requests.request(method, url, json=body or None, headers=headers, timeout=10)
    assert response.ok, response.text
    made: Row = response.json() if response.content else {}
    return made


def fill(run: Run, **contents: str) -> str:
    """Put values of fields into the first contact, and return its id."""
    row = run.box.records("contacts")[0]
    values = [{"id": ident.removeprefix("f"), "content": content} for ident, content in contents.items()]
    run.box.plant("contacts", upsert=[{"id": row["id"], "custom_fields": values}], touch=True)
    return str(row["id"])


@pytest.fixture
def contacts(way: str, run: Run) -> Callable[[], dict[str, Row]]:
    """Runs contacts, in an account whose custom fields have labels only, and returns what the target has."""
    run.box.switch(custom_field_name="null")
    kept: list[Any] = []

    def sync() -> dict[str, Row]:
        run.clock.pass_time(60)
        if way == "no catalog":
            run(discovers=["contacts"])
        else:
            if way == "new catalog" or not kept:
                kept[:] = [run.catalog("contacts")]
            run(catalog=copy.deepcopy(kept[0]))
        return {row["id"]: row for row in run.target.rows("contacts")}

    return sync


def test_fields_that_swap_their_labels_keep_their_columns(
    run: Run, contacts: Callable[[], dict[str, Row]]
) -> None:
    one = keap(run, "POST", label="Alpha", field_type="TEXT")["id"]
    two = keap(run, "POST", label="Beta", field_type="TEXT")["id"]
    row = fill(run, **{f"f{one}": "one", f"f{two}": "two"})
    found = contacts()[row]
    assert (found["cf_alpha"], found["cf_beta"]) == ("one", "two")
    keap(run, "PATCH", one, label="Gamma", group_id="3")
    keap(run, "PATCH", two, label="Alpha", group_id="3")
    keap(run, "PATCH", one, label="Beta", group_id="3")
    fill(run, **{f"f{one}": "one again", f"f{two}": "two again"})
    found = contacts()[row]
    assert (found["cf_alpha"], found["cf_beta"]) == ("one again", "two again")


def test_the_column_of_a_deleted_field_is_not_given_to_another(
    run: Run, contacts: Callable[[], dict[str, Row]], way: str
) -> None:
    old = keap(run, "POST", label="Alpha", field_type="TEXT")["id"]
    row = fill(run, **{f"f{old}": "old"})
    assert contacts()[row]["cf_alpha"] == "old"
    keap(run, "DELETE", old)
    new = keap(run, "POST", label="Alpha", field_type="TEXT")["id"]
    fill(run, **{f"f{new}": "new"})
    run.clock.pass_time(86_400)  # within hours, the models of the last run are not asked for again
    found = contacts()[row]
    assert found.get("cf_alpha") is None
    if way != "catalog":  # there it is told that the catalog has no column for it
        assert found[f"cf_alpha_{new}"] == "new"
    else:
        assert run.says(f"without a column in the catalog: 'Alpha' (id {new})")


def test_a_query_for_a_field_that_was_deleted_fails_alone(run: Run) -> None:
    made = keap(run, "POST", label="Alpha", field_type="TEXT")
    queries = [{"name": "alphas", "stream": "contacts", "filter": f"{made['field_name']}==x"}]
    catalog = run.catalog("users", "alphas", others=True, queries=queries)
    run(catalog=catalog, queries=queries)
    keap(run, "DELETE", made["id"])
    run(catalog=catalog, queries=queries, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 3
    assert "alphas" in str(run.error)
    assert run.target.sent("users")


def test_names_in_the_state_that_are_none_are_refused(run: Run) -> None:
    run.target.state = {"bookmarks": {"contacts": {"column_names": ["cf_alpha"]}}}
    run("contacts", fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert "contacts" in str(run.error)


def test_a_state_stays_small(run: Run) -> None:
    run("contacts")
    assert len(json.dumps(run.target.state)) < 3000


def test_an_empty_list_of_saved_searches_asks_for_none(run: Run) -> None:
    """A credential that may not list them had no discovery at all, although none were wanted."""
    run.box.fault("forbidden", path="/v2/reporting/reports", always=True)
    catalog = run.tap({}, saved_searches=[], discovers=["users"]).catalog_dict
    assert [entry["tap_stream_id"] for entry in catalog["streams"]] == ["users"]
    assert not run.box.requests("/v2/reporting/reports")
    run(catalog=catalog, saved_searches=[])
