"""Queries, run against an account: the rows that they load and delete, from one run to the next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tap_infusionsoft.cli import as_declared, from_environment
from tap_infusionsoft.config.schema import CONFIG_SCHEMA
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.queries.endpoint_filters import choice_by_ids
from tap_infusionsoft.streams.registry import COLLECTIONS
from tap_infusionsoft.tap import TapInfusionsoft
from tests.fixtures import Run
from tests.target import Target
from tests.truth import agrees, plain

Row = dict[str, Any]


def query(run: Run, *, fails: bool = False, settings: dict[str, Any] | None = None, **entry: Any) -> Target:
    """Run only the query `mine`."""
    return run("mine", fails=fails, queries=[{"name": "mine", **entry}], **(settings or {}))


def ids(rows: list[Row]) -> set[str]:
    return {str(row["id"]) for row in rows}


def billing(row: Row) -> Row:
    return next((one for one in row["addresses"] if one["field"] == "BILLING"), {})


@pytest.mark.parametrize(
    ("collection", "entry", "passes"),
    [
        (
            "contacts",
            {"stream": "contacts", "filter": "city==chandler"},
            lambda row: billing(row).get("locality") == "Chandler",
        ),
        (
            "contacts",
            {"stream": "contacts", "filter": "given_name==A*;contact_id>500", "order_by": "create_time desc"},
            lambda row: str(row["given_name"] or "").lower().startswith("a") and int(row["id"]) > 500,
        ),
        (
            "contacts",
            {"stream": "contacts", "filter": "email==person1*"},
            lambda row: any(
                str(one["email"]).lower().startswith("person1") for one in row["email_addresses"]
            ),
        ),
        (
            "orders",
            {"stream": "orders", "filter": "paid==false;created_since_time==2025-01-01"},
            lambda row: row["status"] != "PAID" and row["creation_time"] >= "2025-01-01",
        ),
        ("campaigns", {"stream": "campaigns", "filter": "name==elcom"}, lambda row: "elcom" in row["name"]),
        (
            "tags",
            {"stream": "tags", "filter": "category_id==NONE"},
            lambda row: not (row["category"] or {}).get("id"),
        ),
        (
            "payments",
            {"stream": "payments", "filter": "amount>=100;amount<250.5"},
            lambda row: 100 <= row["amount"] < 250.5,
        ),
        # In the classic connector's syntax.
        (
            "contacts",
            {"table": "Contact", "query": "{'City':'Chandler', 'FirstName':'h%'}"},
            lambda row: (
                billing(row).get("locality") == "Chandler" and str(row["given_name"] or "").startswith("H")
            ),
        ),
        (
            "contacts",
            {"table": "Contact", "query": "'LastUpdated':'2025%'"},
            lambda row: "2025-01-01T05:00:00.000Z" <= row["update_time"] < "2026-01-01T05:00:00.000Z",
        ),
        ("contacts", {"table": "Contact", "query": "'Id':'~>~700'"}, lambda row: int(row["id"]) > 700),
        ("contacts", {"table": "Contact", "query": "'Id':'%'"}, lambda _: True),
        (
            "tags",
            {"table": "ContactGroup", "query": "'GroupCategoryId':'~null~'"},
            lambda row: not (row["category"] or {}).get("id"),
        ),
        (
            "referrals",
            {"table": "Referral", "query": "'Type':'1'"},
            lambda row: row["referral_type"] == "PERMANENT",
        ),
        (
            "orders",
            {"table": "Job", "query": "'DateCreated':'~<~2024-07-01'"},
            lambda row: row["creation_time"] < "2024-07-01T04:00:00.000Z",
        ),
        (
            "companies",
            {"table": "Company", "query": "'Company':'B%'"},
            lambda row: str(row["company_name"]).lower().startswith("b"),
        ),
        ("files", {"table": "FileBox", "query": "'Public':'1'"}, lambda row: row["is_public"]),
    ],
)
def test_a_query_loads_the_rows_that_meet_its_conditions(
    run: Run, collection: str, entry: Row, passes: Callable[[Row], bool]
) -> None:
    truth = {str(row["id"]): plain(row) for row in run.box.records(collection) if passes(plain(row))}
    target = query(run, **entry)
    rows = target.rows("mine")
    assert truth, "the account needs such rows"
    assert ids(rows) == truth.keys()
    for row in rows:
        assert agrees(row, truth[row["id"]], target.schemas["mine"]) == []


def test_rows_without_an_id_can_be_queried(run: Run) -> None:
    some = sorted({row["tag_id"] for row in run.box.records("contact_tags")})[:2]
    truth = [row for row in run.box.records("contact_tags") if row["tag_id"] in some]
    target = query(
        run,
        table="ContactGroupAssign",
        query=f"'GroupId':'{','.join(some)}'",
        fields=["ContactId", "GroupId"],
    )
    assert {(row["contact_id"], row["tag_id"]) for row in target.rows("mine")} == {
        (row["contact_id"], row["tag_id"]) for row in truth
    }
    assert len(run.box.requests("/tags/-/contacts")) == 1


def test_streams_of_rest_v1_can_be_queried(run: Run) -> None:
    truth = [row for row in run.box.records("affiliate_clawbacks") if row["date_earned"] >= "2025-01-01"]
    target = query(run, stream="affiliate_clawbacks", filter="since==2025-01-01", order_by="DATE_EARNED desc")
    assert 0 < len(target.rows("mine")) == len(truth)
    assert all(
        call["query"]["since"] == "2025-01-01T00:00:00.000Z" for call in run.box.requests("/clawbacks")
    )


def test_several_values_are_looked_up_one_at_a_time_if_keap_takes_only_one(run: Run) -> None:
    some = sorted({row["contact"]["id"] for row in run.box.records("orders")})[:3]
    truth = [row for row in run.box.records("orders") if row["contact"]["id"] in some]
    target = query(run, table="Job", query=f"'ContactId':'{','.join(some)}'", fields=["Id", "ContactId"])
    assert ids(target.rows("mine")) == ids(truth)
    assert {tuple(row) for row in target.rows("mine")} == {("id", "contact")}


def test_custom_fields_can_be_filters_and_columns(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run("contacts")
    field = next(
        row for row in run.box.records("contact_custom_fields") if row["field_type"] == "WHOLE_NUMBER"
    )
    name, ident = field["field_name"], field["id"]
    values = {
        row["id"]: one["content"]
        for row in run.box.records("contacts")
        for one in row["custom_fields"]
        if one["id"] == ident and one["content"] is not None
    }
    middle = sorted(map(int, values.values()))[len(values) // 2]
    column = next(
        one
        for one in run.target.schemas["contacts"]["properties"]
        if f"id {ident}." in str(run.target.schemas["contacts"]["properties"][one].get("description"))
    )
    truth = {key: int(value) for key, value in values.items() if int(value) >= middle}
    for entry in (
        {"stream": "contacts", "filter": f"{name}>={middle}", "fields": [column]},
        {"stream": "contacts", "filter": f"{column}>={middle}", "fields": [column]},
        {
            "table": "Contact",
            "query": f"'_{name.lstrip('_')}':'~>=~{middle}'",
            "fields": [f"_{name.lstrip('_')}"],
        },
    ):
        run.target = Target()
        rows = query(run, **entry).rows("mine")
        assert {row["id"]: row[column] for row in rows} == truth
        assert all(row.keys() == {"id", column} for row in rows)
        (call,) = (one for one in run.box.requests() if one["path"] == "/crm/rest/v2/contacts")
        assert call["query"]["fields"] == "custom_fields,id"
    assert "no column for" not in caplog.text


@pytest.mark.parametrize("mode", ["columns", "raw", "both"])
def test_the_column_custom_fields_loads_all_of_them_as_the_setting_says(run: Run, mode: str) -> None:
    (row, *_) = query(
        run, stream="contacts", ids=[8], fields=["custom_fields"], settings={"custom_fields": mode}
    ).rows("mine")
    assert ("custom_fields" in row) is (mode != "columns")
    assert any(name.startswith("cf_") for name in row) is (mode != "raw")


# Ids

BY_ID = [
    name
    for name in COLLECTIONS
    if choice_by_ids(COLLECTIONS[name]) is not None and name != "invoice_balances"
]


@pytest.mark.parametrize("stream", BY_ID)
def test_rows_are_loaded_by_their_ids_and_an_unknown_id_is_an_error(
    run: Run, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    truth = [plain(row) for row in run.box.records(stream)][1:4]
    target = query(run, stream=stream, ids=[row["id"] for row in truth])
    assert ids(target.rows("mine")) == ids(truth)
    by_id = {str(row["id"]): row for row in truth}
    for row in target.rows("mine"):
        assert agrees(row, by_id[row["id"]], target.schemas["mine"]) == []
    assert "no column for" not in caplog.text
    query(run, stream=stream, ids=["99999999"], fails=True)
    assert "queries.mine: the account has no mine with the id 99999999" in caplog.text


def test_balances_are_loaded_by_the_ids_of_their_orders(run: Run) -> None:
    rows = query(run, stream="invoice_balances", ids=[1, 8], fields=["amount_due"]).rows("mine")
    assert {row["order_id"] for row in rows} == {"1", "8"}


# Runs

ANNS: Row = {"stream": "contacts", "filter": "given_name==Ann*", "fields": ["given_name"]}


def rename(run: Run, contact: str, name: str) -> None:
    run.box.plant("contacts", upsert=[{"id": contact, "given_name": name}], touch=True)


def some_contacts(run: Run, count: int, name: str) -> list[str]:
    found = [row["id"] for row in run.box.records("contacts")[:count]]
    for one in found:
        rename(run, one, name)
    return found


def test_a_query_loads_all_its_rows_in_every_run(run: Run) -> None:
    mine = some_contacts(run, 12, "Annabel")
    assert ids(query(run, **ANNS).rows("mine")) == set(mine)
    run.clock.pass_time(3600)
    rename(run, mine[0], "Zoe")
    target = query(run, **ANNS)
    assert ids(target.rows("mine")) == set(mine[1:])
    assert target.count("ACTIVATE_VERSION") == 1


def test_a_bookmark_loads_changes_only_and_a_sweep_deletes_rows_that_left(run: Run) -> None:
    mine = some_contacts(run, 12, "Annabel")
    entry: Row = {**ANNS, "bookmark": True}
    run.clock.pass_time(86_400)
    rename(run, mine[2], "Annika")
    assert ids(query(run, **entry).rows("mine")) == set(mine)
    run.clock.pass_time(86_400)
    rename(run, mine[0], "Zoe")
    rename(run, mine[1], "Anneke")
    target = query(run, **entry)
    assert [row["id"] for row in target.sent("mine")] == [mine[1], mine[2]]  # the last hour is read again
    assert target.count("ACTIVATE_VERSION") == 0
    assert ids(target.rows("mine")) == set(mine)  # the row that left is found by the next sweep
    run.clock.pass_time(8 * 86_400)
    assert ids(query(run, **entry).rows("mine")) == set(mine[1:])


@pytest.mark.parametrize("bookmark", [False, True])
def test_a_changed_filter_loads_everything_and_deletes_nothing(run: Run, *, bookmark: bool) -> None:
    mine = some_contacts(run, 12, "Annabel")
    entry: Row = {**ANNS, "bookmark": bookmark}
    rename(run, mine[0], "Zoe")
    query(run, **entry)
    run.clock.pass_time(86_400)
    target = query(run, **entry | {"filter": "given_name==Z*"})
    zoes = ids([row for row in run.box.records("contacts") if str(row["given_name"]).startswith("Z")])
    assert ids(target.sent("mine")) == zoes  # they did not change, but are new to the query
    assert target.count("ACTIVATE_VERSION") == 0
    assert ids(target.rows("mine")) == {*mine[1:], *zoes}


def test_start_date_limits_only_queries_with_a_bookmark(run: Run) -> None:
    entry: Row = {"stream": "contacts", "filter": "contact_id>=1", "fields": ["update_time"]}
    everyone = ids(run.box.records("contacts"))
    late = ids([row for row in run.box.records("contacts") if row["update_time"] >= "2026-01-01"])
    assert 0 < len(late) < len(everyone)
    dated: Row = {"start_date": "2026-01-01"}
    assert ids(query(run, settings=dated, **entry).rows("mine")) == everyone
    run.target = Target()
    assert ids(query(run, settings=dated, bookmark=True, **entry).rows("mine")) == late


def test_settings_with_ids_do_not_limit_queries(run: Run) -> None:
    rows = query(run, stream="contacts", ids=[1, 8], settings={"contact_ids": ["15"]}).rows("mine")
    assert ids(rows) == {"1", "8"}


# Discovery


def test_a_query_is_selected_and_has_the_key_of_its_stream(run: Run) -> None:
    queries = [{"name": "mine", "stream": "contact_lead_scores", "fields": ["score"]}]
    entry = next(
        one for one in run.tap({}, queries=queries).catalog_dict["streams"] if one["tap_stream_id"] == "mine"
    )
    root = next(one["metadata"] for one in entry["metadata"] if not one["breadcrumb"])
    assert root["selected-by-default"] is True
    assert [*entry["key_properties"]] == ["contact_id"]
    assert set(entry["schema"]["properties"]) == {"contact_id", "score"}


def test_a_wrong_query_ends_discovery_before_any_call(run: Run) -> None:
    wrong = [
        {"name": "fine", "stream": "contacts"},
        {"name": "mine", "stream": "contacts", "filter": "given_name>A"},
    ]
    with pytest.raises(ConfigError, match=r"queries\.mine: given_name does not take >"):
        run.tap({}, queries=wrong).catalog_dict  # noqa: B018
    assert run.box.requests() == []


def test_a_query_whose_custom_fields_cannot_be_read_fails_alone(run: Run) -> None:
    run.box.fault({"path": "/v2/contacts/model", "status": 403})
    queries = [
        {"name": "sizes", "stream": "contacts", "filter": "_ShirtSize==L"},
        {"name": "mine", "stream": "tags"},
    ]
    names = {entry["tap_stream_id"] for entry in run.tap({}, queries=queries).catalog_dict["streams"]}
    assert {"mine", "sizes"} <= names
    catalog = run.catalog("mine", "sizes", others=True, queries=queries)
    run(catalog=catalog, queries=queries, fails=True)
    assert run.error is not None
    assert run.error.exit_code == 3
    assert "1 of 2 streams failed: sizes" in str(run.error)


def test_a_query_that_the_catalog_lacks_is_reported(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    run(catalog=run.catalog("tags"), queries=[{"name": "mine", "stream": "tags"}])
    assert "mine: the catalog does not have this stream. Run discovery again (in Meltano" in caplog.text


def test_queries_can_come_from_the_environment(run: Run) -> None:
    text = json.dumps([{"name": "mine", "stream": "contacts", "ids": [8, "15"], "bookmark": False}])
    found = from_environment(CONFIG_SCHEMA, "TAP_INFUSIONSOFT_", {"TAP_INFUSIONSOFT_QUERIES": text})
    queries = as_declared(found, CONFIG_SCHEMA)["queries"]
    assert ids(run("mine", queries=queries).rows("mine")) == {"8", "15"}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            {"name": "mine", "stream": "tags", "filtre": "x"},
            "query 1 cannot have 'filtre'. Did you mean 'filter'?",
        ),
        ({"stream": "tags"}, "'name' is a required property"),
        (
            {"name": "mine", "stream": "tags", "fields": "id"},
            "fields of query 1 is 'id'; it must be a list of strings.",
        ),
        (
            {"name": "mine", "stream": "tags", "ids": [1.5]},
            "ids of query 1: value 1 is 1.5; it must be a string.",
        ),
        (
            {"name": "mine", "stream": "tags", "bookmark": "yes"},
            "bookmark of query 1 is 'yes'; it must be true or false.",
        ),
        ("contacts", "queries"),
    ],
)
def test_an_entry_with_a_wrong_key_or_type_is_refused(run: Run, entry: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)) as caught:
        TapInfusionsoft(config=run.config(queries=[entry]))
    assert "queries" in str(caught.value)
