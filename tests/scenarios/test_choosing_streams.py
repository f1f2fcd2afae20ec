"""Three streams of ninety: that took editing a catalog of 27,746 lines. Now `streams` names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Run
from tests.program import errors, tap

SEARCH = "saved_search_all_contacts"
QUERY = {"name": "ann", "stream": "contacts", "filter": "given_name==Ann*"}


def selected(catalog: dict[str, Any]) -> set[str]:
    return {
        entry["tap_stream_id"]
        for entry in catalog["streams"]
        for one in entry["metadata"]
        if not one["breadcrumb"] and one["metadata"]["selected"]
    }


def asked(run: Run) -> set[str]:
    return {call["path"].removeprefix("/crm/rest") for call in run.box.requests()}


def test_names_and_patterns_decide_what_is_read_and_what_is_asked_for(run: Run) -> None:
    target = run(streams=["tags", "user*", "application_status"], saved_searches=None)
    read = {name for name in target.schemas if target.rows(name)}
    assert read == {"tags", "users", "user_groups", "user_signatures", "user_info", "application_status"}
    assert not {path for path in asked(run) if "model" in path or "reports" in path}


@pytest.mark.parametrize("text", ["contacts, tag*", '["contacts", "tag*"]', ["contacts", "tag*"]])
def test_discovery_writes_all_streams_and_selects_those(run: Run, text: Any) -> None:
    catalog = run.tap({}, streams=text, saved_searches=None).catalog_dict
    tags = {"tags", "tag_categories", "tag_companies", "tag_contact_counts"}
    assert selected(catalog) == {"contacts", *tags}
    assert {"companies", "orders"} <= {entry["tap_stream_id"] for entry in catalog["streams"]}
    models = {path for path in asked(run) if "model" in path}
    assert models == {"/v2/contacts/model"}
    run.box.clear_requests()
    run(catalog=catalog, streams=text)
    assert len(run.target.rows("contacts")) == 150
    assert not run.says("wins over")


def test_queries_saved_searches_and_legacy_streams_are_named_as_others_are(run: Run) -> None:
    own: dict[str, Any] = {
        "queries": [QUERY],
        "saved_searches": None,
        "legacy_tables": ["ContactGroup", "Job"],
    }
    target = run(streams=["ann", SEARCH, "legacy_job"], **own)
    assert set(target.schemas) == {"ann", SEARCH, "legacy_job"}
    assert run.says("so they are not read: legacy_contact_group.")
    # A legacy stream that is named needs no other setting.
    target = run(streams=["legacy_contact_group"])
    assert target.rows("legacy_contact_group")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("contcts", "there is no stream 'contcts'. Correct the name. Did you mean 'contacts'?"),
        ("oders*", "there is no stream 'oders*'. Correct the name. Did you mean 'orders'?"),
        ("saved_search_all_contact", f"Did you mean '{SEARCH}'?"),
        ("", "there is no stream ''"),
    ],
)
def test_what_is_no_stream_is_an_error_that_says_what_was_meant(run: Run, wrong: str, said: str) -> None:
    run(streams=["contacts", wrong], saved_searches=None, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 2
    assert said in str(run.error)
    assert not run.target.schemas


def test_a_pattern_for_saved_searches_that_matches_none_is_not_called_a_wrong_name(run: Run) -> None:
    run(streams=["contacts", "saved_search_*"], saved_searches=[], fails=True)
    assert str(run.error) == (
        "streams: 'saved_search_*' matches no saved search. Keap lists none, or saved_searches names others: "
        "correct one of the two settings."
    )


def test_a_saved_search_that_is_not_named_is_not_described(run: Run) -> None:
    catalog = run.tap({}, streams=[SEARCH], saved_searches=None).catalog_dict
    assert selected(catalog) == {SEARCH}
    described = [path for path in asked(run) if path.startswith("/v2/reporting/reports/")]
    assert len(described) == 1


def test_what_a_catalog_says_goes_before_the_setting(run: Run) -> None:
    catalog = run.catalog("tags", "users", "companies")
    roots = {
        entry["tap_stream_id"]: one["metadata"]
        for entry in catalog["streams"]
        for one in entry["metadata"]
        if not one["breadcrumb"]
    }
    roots["users"]["selected"] = False
    del roots["companies"]["selected"]
    target = run(catalog=catalog, streams=["users", "companies"])
    assert set(target.schemas) == {"tags", "companies"}
    assert run.says("it selects tags, which streams does not name, so they are read")
    assert run.says("it deselects users, which streams names, so they are not read")
    # Of companies the catalog says nothing, so the setting speaks.
    run.target.schemas.clear()
    assert set(run(catalog=catalog, streams=["users"]).schemas) == {"tags"}


def test_a_stream_that_the_catalog_does_not_have_is_named(run: Run) -> None:
    catalog = run.catalog("tags", "users", "companies")
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] in {"tags", "users"}]
    chosen = ["tags", "users", "contacts", "campaign_g*", SEARCH]
    assert set(run(catalog=catalog, streams=chosen).schemas) == {"tags", "users"}
    lacking = f"campaign_goals, contacts, {SEARCH}"
    assert run.says(f"it does not have {lacking}, which streams names, so they are not read")
    assert run.says("To add what it lacks, run discovery again (in Meltano: --refresh-catalog).")


@pytest.mark.parametrize("streams", [["contacts", "tags"], ["contact", "tags"], None])
def test_a_wrong_name_in_a_catalog_is_not_said_to_be_read(run: Run, streams: list[str] | None) -> None:
    catalog = run.catalog("contacts", "tags")
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "contacts":
            entry["tap_stream_id"] = entry["stream"] = "contact"
    target = run(catalog=catalog, fails=True, **({"streams": streams} if streams else {}))
    assert set(target.schemas) == {"tags"}
    assert run.error is not None
    assert run.error.exit_code == 3
    assert run.says(
        "contact: the catalog selects this stream, but there is none of this name (any more), so it"
    )
    assert run.says("or deselect it. Did you mean 'contacts'?")
    assert not run.says("so they are read")
    assert run.says("it does not have contacts") == (streams is not None and "contacts" in streams)


def test_the_environment_names_streams_too(tmp_path: Path, config: dict[str, Any]) -> None:
    env = {"TAP_INFUSIONSOFT_STREAMS": "tags, user_*"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    done = tap(tmp_path, config, "--config", "ENV", env=env)
    assert done.returncode == 0, errors(done)
    read = {json.loads(line).get("stream") for line in done.stdout.splitlines()} - {None}
    assert read == {"tags", "user_groups", "user_info", "user_signatures"}
