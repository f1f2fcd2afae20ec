"""A first load has everything, an increment only what changed, and nothing is requested twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tap_infusionsoft.errors import TapError
from tests.fixtures import Run
from tests.truth import agrees

KEYED = [
    "contacts",
    "companies",
    "tags",
    "tag_categories",
    "affiliates",
    "users",
    "shipping_methods",
    "reports",
]


@pytest.mark.parametrize("stream", KEYED)
def test_a_first_load_has_every_row_and_value(run: Run, stream: str) -> None:
    target = run(stream)
    truth = {str(row["id"]): row for row in run.box.records(stream)}
    rows = {row["id"]: row for row in target.rows(stream)}
    assert rows.keys() == truth.keys()
    assert len(target.sent(stream)) == len(truth)
    for ident, row in rows.items():
        assert agrees(row, truth[ident], target.schemas[stream]) == []
    assert target.count("ACTIVATE_VERSION", stream) == 1


def test_contact_tags_has_every_tag_application(run: Run) -> None:
    target = run("contact_tags")
    truth = {(str(row["contact_id"]), str(row["tag_id"])) for row in run.box.records("contact_tags")}
    assert {(row["contact_id"], row["tag_id"]) for row in target.rows("contact_tags")} == truth
    assert len(target.sent("contact_tags")) == len(truth)


@pytest.mark.parametrize(
    ("stream", "columns"),
    [
        (
            "affiliate_commissions",
            ("affiliate_id", "invoice_id", "amount_earned", "product_name", "contact_id"),
        ),
        ("affiliate_clawbacks", ("affiliate_id", "invoice_id", "amount", "product_name", "contact_id")),
    ],
)
def test_identical_rows_without_an_id_are_all_kept(run: Run, stream: str, columns: tuple[str, ...]) -> None:
    target = run(stream)
    truth = Counter(_plain(row, columns) for row in run.box.records(stream))
    assert max(truth.values()) > 1, "the sandbox has identical rows"
    assert Counter(_plain(row, columns) for row in target.rows(stream)) == truth
    keys = {row["row_key"] for row in target.rows(stream)}
    run.target.state = {}
    assert {row["row_key"] for row in run(stream).rows(stream)} == keys


def _plain(row: dict[str, Any], columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("" if row[name] is None else str(row[name]).removesuffix(".0") for name in columns)


def test_custom_fields_are_typed_columns(run: Run) -> None:
    target = run("contacts", custom_fields="both")
    model = {row["id"]: row for row in run.box.records("contact_custom_fields")}
    columns = {ident: "cf_" + row["field_name"].strip("_").lower() for ident, row in model.items()}
    schema = target.schemas["contacts"]["properties"]
    kinds = {
        model[ident]["field_type"]: schema[column]["type"][0]
        for ident, column in columns.items()
        if column in schema
    }
    assert kinds["WHOLE_NUMBER"] == "integer"
    assert kinds["CURRENCY"] == "number"
    assert kinds["YES_NO"] == "boolean"
    assert kinds["LIST_BOX"] == "array"
    filled = 0
    for row in target.rows("contacts"):
        for value in row["custom_fields"]:
            column, content = columns[value["id"]], value["content"]
            if column not in schema or not isinstance(content, str | int | float) or content == "":
                continue
            if model[value["id"]]["field_type"] in {"TEXT", "EMAIL", "DROPDOWN", "RADIO", "STATE", "WEBSITE"}:
                assert row[column] == str(content)
                filled += 1
    assert filled > 100


def test_a_catalog_from_another_custom_fields_mode_is_rejected(run: Run) -> None:
    catalog = run.catalog("contacts", custom_fields="columns")
    target = run(catalog=catalog, custom_fields="raw", fails=True)
    assert target.rows("contacts") == []


def test_raw_custom_fields_arrive_as_a_list(run: Run) -> None:
    target = run("contacts", custom_fields="raw")
    assert not any(name.startswith("cf_") for name in target.schemas["contacts"]["properties"])
    assert all(len(row["custom_fields"]) == 24 for row in target.rows("contacts"))


def test_the_second_run_loads_only_changes(run: Run) -> None:
    catalog = run.catalog("contacts")
    run(catalog=catalog)
    run.clock.pass_time(86_400)
    ids = [row["id"] for row in run.box.records("contacts")[:3]]
    run.box.plant("contacts", upsert=[{"id": ident, "given_name": "Changed"} for ident in ids], touch=True)
    target = run(catalog=catalog)
    changed = {row["id"] for row in target.sent("contacts") if row["given_name"] == "Changed"}
    assert changed == {str(ident) for ident in ids}
    assert len(target.sent("contacts")) <= len(ids) + 1, "the look-back of an hour finds one more"
    run.clock.pass_time(86_400)
    run.box.clear_requests()
    target = run(catalog=catalog)
    assert {row["id"] for row in target.sent("contacts")} == changed, "the look-back of an hour"
    assert [call["path"].rsplit("/", 1)[-1] for call in run.box.requests()] == ["model", "contacts"]


def test_a_run_without_changes_leaves_the_same_rows(run: Run) -> None:
    first = {name: run(*KEYED, "contact_tags").rows(name) for name in KEYED}
    run.clock.pass_time(7_200)
    target = run(*KEYED, "contact_tags")
    assert {name: target.rows(name) for name in KEYED} == first


def test_start_and_end_date_limit_rows_by_update_time(run: Run) -> None:
    times = sorted(row["update_time"] for row in run("contacts").rows("contacts"))
    start, end = times[40], times[100]
    run.target.tables.clear()
    run.target.state = {}
    target = run("contacts", start_date=start, end_date=end)
    assert sorted(row["update_time"] for row in target.rows("contacts")) == times[40:101]
    assert target.count("ACTIVATE_VERSION") == 0


def test_a_bookmark_overrides_an_earlier_start_date(run: Run) -> None:
    run("contacts", start_date="2020-01-01")
    run.clock.pass_time(60)
    assert len(run("contacts", start_date="2020-01-01").sent("contacts")) < 10


def test_only_selected_fields_are_requested(run: Run) -> None:
    every = run.tap({}, discovers=["contacts"]).streams["contacts"].schema["properties"]
    keep = {"id", "given_name", "update_time"}
    catalog = run.catalog("contacts", without={"contacts": [name for name in every if name not in keep]})
    run.box.clear_requests()
    target = run(catalog=catalog)
    (call,) = run.box.requests("/v2/contacts")[-1:]
    assert call["query"]["fields"] == "given_name,id,update_time"
    assert all(row.keys() == keep for row in target.rows("contacts"))


def test_selecting_a_custom_field_requests_custom_fields(run: Run) -> None:
    every = run.tap({}, discovers=["contacts"]).streams["contacts"].schema["properties"]
    catalog = run.catalog(
        "contacts", without={"contacts": [n for n in every if n not in {"id", "cf_plan", "update_time"}]}
    )
    run(catalog=catalog)
    assert run.box.requests("/v2/contacts")[-1]["query"]["fields"] == "custom_fields,id,update_time"


def test_deselected_streams_cost_no_call(run: Run) -> None:
    catalog = run.catalog("users", others=True)
    run.box.clear_requests()
    run(catalog=catalog)
    assert [call["path"] for call in run.box.requests()] == ["/crm/rest/v2/users"]


def test_streams_missing_from_the_catalog_cost_no_call(run: Run) -> None:
    catalog = run.catalog("tags")
    run.box.clear_requests()
    run(catalog=catalog, stream_maps={"contacts": {"given_name": None}})
    assert [call["path"].rsplit("/", 1)[-1] for call in run.box.requests()] == ["tags"]


def test_contacts_by_tag_has_complete_contacts(run: Run) -> None:
    applied = run.box.records("contact_tags")
    tags = [tag for tag, _ in Counter(str(row["tag_id"]) for row in applied).most_common(2)]
    wanted = {str(row["contact_id"]) for row in applied if str(row["tag_id"]) in tags}
    target = run("contacts_by_tag", tag_ids=tags)
    truth = {str(row["id"]): row for row in run.box.records("contacts")}
    rows = {row["id"]: row for row in target.rows("contacts_by_tag")}
    assert rows.keys() == wanted
    for ident, row in rows.items():
        assert agrees(row, truth[ident], target.schemas["contacts_by_tag"]) == []


def test_contacts_by_tag_is_selected_if_tag_ids_is_set(run: Run) -> None:
    assert not run.tap({}).streams["contacts_by_tag"].selected
    assert run.tap({}, tag_ids=["1"]).streams["contacts_by_tag"].selected


def test_tag_ids_limits_contact_tags(run: Run) -> None:
    tag = run.box.records("contact_tags")[0]["tag_id"]
    target = run("contact_tags", tag_ids=[str(tag)])
    truth = {str(row["contact_id"]) for row in run.box.records("contact_tags") if row["tag_id"] == tag}
    assert {row["contact_id"] for row in target.rows("contact_tags")} == truth


@pytest.mark.parametrize("stream", ["contact_tags", "contacts_by_tag"])
def test_an_older_endpoint_replaces_the_tag_collection_if_keap_withdraws_it(run: Run, stream: str) -> None:
    usual = {tuple(sorted(row.items(), key=str)) for row in _hashable(run(stream).rows(stream))}
    run.box.switch(wildcard_tags="withdrawn")
    run.target.state = {}
    run.target.tables.clear()
    assert {tuple(sorted(row.items(), key=str)) for row in _hashable(run(stream).rows(stream))} == usual


def _hashable(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.items()} for row in rows]


def test_affiliate_ids_limits_commissions(run: Run) -> None:
    wanted = str(run.box.records("affiliate_commissions")[0]["affiliate_id"])
    target = run("affiliate_commissions", affiliate_ids=[wanted])
    assert {row["affiliate_id"] for row in target.rows("affiliate_commissions")} == {wanted}
    truth = [row for row in run.box.records("affiliate_commissions") if str(row["affiliate_id"]) == wanted]
    assert len(target.rows("affiliate_commissions")) == len(truth)


@pytest.mark.parametrize(
    ("setting", "stream"),
    [("tag_ids", "contact_tags"), ("affiliate_ids", "affiliate_commissions"), ("contact_ids", "contacts")],
)
def test_unknown_ids_in_settings_are_an_error(run: Run, setting: str, stream: str) -> None:
    run(stream, fails=True, **{setting: ["999999"]})
    assert run.target.sent(stream) == []


SEARCHES = ["All contacts", "Sales by product*", "Lapsed*", "Nobody*"]


def test_saved_searches_load_the_rows_keap_returns(run: Run) -> None:
    streams = [
        name for name in run.tap({}, saved_searches=SEARCHES).streams if name.startswith("saved_search_")
    ]
    assert len(streams) == len(SEARCHES)
    target = run(*streams, saved_searches=SEARCHES)
    for report in run.box.records("reports"):
        rows = run.box.records("report_rows", report_id=report["id"])
        stream = next((name for name in streams if name[13:20] == _snake(report["name"])[:7]), None)
        if stream is None:
            continue
        truth = Counter(tuple(sorted(str(value) for value in row.values())) for row in rows)
        found = Counter(
            tuple(sorted(str(v) for k, v in row.items() if k != "row_key")) for row in target.rows(stream)
        )
        assert found == truth


def _snake(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def test_saved_searches_are_discovered_but_not_selected_by_default(run: Run) -> None:
    tap = run.tap({}, saved_searches=None)
    found = [stream for name, stream in tap.streams.items() if name.startswith("saved_search_")]
    assert len(found) == len(run.box.records("reports"))
    assert not any(stream.selected for stream in found)


def test_only_selected_columns_of_a_saved_search_are_requested(run: Run) -> None:
    stream = "saved_search_all_contacts"
    columns = run.tap({}, saved_searches=["All contacts"]).streams[stream].schema["properties"]
    drop = [name for name in columns if name not in {"id", "row_key"}]
    catalog = run.catalog(stream, without={stream: drop}, saved_searches=["All contacts"])
    run.box.clear_requests()
    target = run(catalog=catalog, saved_searches=["All contacts"])
    assert run.box.requests(":run")[0]["query"]["fields"] == "Id"
    assert {row["id"] for row in target.rows(stream)} == {
        str(row["id"]) for row in run.box.records("contacts")
    }


FORMS: list[dict[str, Any]] = [
    {"page_token_form": form, "page_token_end": end, "report_token_end": end, "page_rows_max": 40}
    for form in ("opaque", "url", "last_id")
    for end in ("empty", "missing", "null")
] + [
    {"page_token_form": "url", "page_token_host": "foreign", "page_rows_max": 40},
    {"last_page": "trailing_empty", "page_rows_max": 50},
    {"ids": "integers", "score_value": "integer"},
    {"nulls": "missing"},
    {"times": "offset"},
    {"times": "seconds"},
    {"company_fields": "replace", "company_field_names": "documented"},
    {"custom_field_name": "null"},
    {"custom_fields_unset": "missing"},
    {"shipping_settings": "camel"},
    {"shipping_settings": "string"},
    {"shipping_settings": "missing"},
    {"tag_times": "missing"},
    {"report_columns": "shuffled"},
    {"v1_next": "foreign"},
    {"paging": "keyset"},
    {"date_values": "milliseconds"},
    {"gzip": True},
    {"list_order": "id"},
]


@pytest.mark.parametrize("switches", FORMS, ids=lambda s: " ".join(f"{k}={v}" for k, v in s.items()))
def test_variants_of_keaps_responses_load_the_same_rows(run: Run, switches: dict[str, Any]) -> None:
    run.box.switch(**switches)
    target = run(
        *KEYED,
        "contact_tags",
        "affiliate_clawbacks",
        "affiliate_commissions",
        "saved_search_all_contacts",
        saved_searches=["All contacts"],
    )
    for stream in KEYED:
        assert {row["id"] for row in target.rows(stream)} == {
            str(row["id"]) for row in run.box.records(stream)
        }
        assert len(target.sent(stream)) == len(target.rows(stream))
    assert len(target.rows("contact_tags")) == len(run.box.records("contact_tags"))
    assert len(target.rows("affiliate_clawbacks")) == len(run.box.records("affiliate_clawbacks"))
    assert len(target.rows("affiliate_commissions")) == len(run.box.records("affiliate_commissions"))
    assert len(target.rows("saved_search_all_contacts")) == 150


def test_a_field_keap_no_longer_accepts_is_not_requested(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    catalog = run.catalog("contacts")
    refusal = {"code": 400, "message": "spouse_name is not a field", "status": "BAD_REQUEST", "details": []}
    run.box.fault(
        {
            "path": "/v2/contacts",
            "query": {"fields": "spouse_name"},
            "always": True,
            "status": 400,
            "body": refusal,
        }
    )
    target = run(catalog=catalog)
    assert len(target.rows("contacts")) == 150
    assert "not asked for: spouse_name" in caplog.text


def test_an_unreadable_model_fails_only_its_own_streams(run: Run) -> None:
    run.box.fault("forbidden", path="/v2/affiliates/model", always=True)
    target = run(fails=True)
    assert len(target.rows("contacts")) == 150
    assert run.error is not None
    assert "streams failed: affiliates, custom_fields." in str(run.error)
    assert run.error.exit_code == 3


def test_an_unreadable_saved_search_fails_alone(run: Run) -> None:
    run.box.fault("forbidden", path_regex="reports/[0-9]+/model$", nth=1)
    target = run(fails=True, saved_searches=["All contacts", "Sales*"])
    assert sum(bool(target.rows(name)) for name in target.tables if name.startswith("saved_search_")) == 1


def test_v1_pages_shorter_than_requested_lose_no_rows(run: Run) -> None:
    run.box.switch(v1_limit_max=3)
    target = run("affiliate_clawbacks")
    assert len(target.rows("affiliate_clawbacks")) == len(run.box.records("affiliate_clawbacks"))


def test_contact_ids_and_contact_emails_limit_contacts(run: Run) -> None:
    rows = run.box.records("contacts")
    ids = [str(row["id"]) for row in rows[:3]]
    email = next(e["email"] for row in rows[20:] for e in row["email_addresses"] or () if e["email"])
    holders = {
        str(row["id"])
        for row in rows
        if any((e["email"] or "").lower() == email.lower() for e in row["email_addresses"] or ())
    }
    target = run("contacts", contact_ids=ids, contact_emails=[email])
    assert {row["id"] for row in target.rows("contacts")} == {*ids, *holders}


@pytest.mark.parametrize("email", ["*", "a,b@x", "*@x.com", "a b"])
def test_an_invalid_email_in_settings_is_named(run: Run, email: str) -> None:
    with pytest.raises(TapError, match="contact_emails"):
        _ = run.tap({}, contact_emails=[email]).settings
