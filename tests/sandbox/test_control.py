"""The paths under /sandbox, the same by direct calls, and that one seed makes one account."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import keap_sandbox
from keap_sandbox import Sandbox
from keap_sandbox.switches import BadSwitchError, Switches

from .conftest import Client, Hand

FIELDS = "id,custom_fields,update_time,email_addresses,tag_ids,addresses,company"


def test_the_log_has_all_but_credentials(box: Sandbox, api: Client) -> None:
    api("/v2/contacts", page_size=2, filter="email==a*", debug=box.api_key)
    api("/v2/nowhere", key="wrong-secret")
    log = api("/sandbox/requests", key=None).body
    assert log["count"] == 2 == len(box.requests())
    first, second = log["requests"]
    assert first["method"] == "GET"
    assert first["path"] == "/crm/rest/v2/contacts"
    assert first["query"]["filter"] == "email==a*"
    assert "filter=email%3D%3Da" in first["raw_query"]
    assert (first["status"], second["status"]) == (200, 401)
    assert "Authorization" in first["headers"]
    assert box.api_key not in str(log)
    assert "wrong-secret" not in str(log)
    assert api("/sandbox/requests", method="DELETE", key=None).body == {"count": 0}
    assert box.requests() == []


def test_control_calls_are_not_counted(box: Sandbox, api: Client) -> None:
    box.switch(limits="documented", minute_limit=2, second_limit=0)
    for _ in range(5):
        api("/sandbox/clock", key=None)
    assert [api("/v2/shipping").status for _ in range(3)] == [200, 200, 429]
    assert api("/sandbox/quota").body["quota"]["key"] == {"minute": 2, "day": 2}


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("GET", "/sandbox/nothing", None, "/sandbox/requests"),
        ("PUT", "/sandbox/faults", None, "GET, POST, DELETE"),
        ("POST", "/sandbox/faults", {"what": {"name": "nonsense"}}, "spike_arrest"),
        ("POST", "/sandbox/faults", {"match": {"nonsense": 1}, "what": {"status": 500}}, "path_prefix"),
        ("POST", "/sandbox/faults", {"match": {"path": "/v2/contacts"}}, "what"),
        ("POST", "/sandbox/faults", {"when": {"nth": "x"}, "what": {"status": 500}}, "whole numbers"),
        ("POST", "/sandbox/faults", {"what": {"name": "query_too_long", "shape": "x"}}, "xmlrpc"),
        ("POST", "/sandbox/clock", {"set": "yesterday"}, "2026-11-01T00:00:00Z"),
        ("POST", "/sandbox/clock", {"back": 1}, "advance"),
        ("POST", "/sandbox/switches", {"nonsense": 1}, "page_token_form"),
        ("POST", "/sandbox/switches", {"paging": "sideways"}, "keyset"),
        ("POST", "/sandbox/records/nonsense", {"upsert": []}, "contacts"),
        ("POST", "/sandbox/records/contact_custom_fields", {"upsert": [{"id": "9"}]}, "id 9 was not found"),
        ("POST", "/sandbox/records/contact_custom_fields", {"delete": ["x"]}, "id x was not found"),
        ("GET", "/sandbox/records/nonsense", None, "contact_tags"),
        ("GET", "/sandbox/records/report_rows", None, "report_id"),
        ("POST", "/sandbox/reset", {"seed": "x"}, "whole number"),
        ("POST", "/sandbox/reset", {"contacts": True}, "whole number"),
        ("POST", "/sandbox/reset", {"contacts": -1}, "contacts one from 0"),
        ("POST", "/sandbox/clock", {"advance": 1e18}, "between 1970 and 9999"),
        (
            "POST",
            "/sandbox/switches",
            {"latency": -1},
            "switch latency: -1 is out of range; it takes 0 to 3600",
        ),
        ("POST", "/sandbox/switches", {"hidden_contacts": 101}, "takes 0 to 100"),
        ("POST", "/sandbox/switches", {"default_page_size": 0}, "takes 1 to"),
        ("POST", "/sandbox/switches", {"page_rows_max": 2.5}, "is not a whole number"),
        ("POST", "/sandbox/switches", {"throttle_status": 200}, "is none of 429, 500"),
        ("POST", "/sandbox/faults", {"nth": 0, "what": {"status": 500}}, "nth counts calls from 1"),
        ("POST", "/sandbox/faults", {"times": -1, "what": {"status": 500}}, "from 0"),
        ("POST", "/sandbox/faults", {"what": {"status": 999}}, "status must be from 200 to 599, not 999"),
        ("POST", "/sandbox/faults", {"what": {"status": 500, "delay": -1}}, "delay must be from 0"),
        ("POST", "/sandbox/faults", {"what": {"status": 500, "drip": "slow"}}, "drip must be a number"),
        ("POST", "/sandbox/faults", {"what": {"status": 500, "headers": "x"}}, "headers must be an object"),
    ],
)
def test_wrong_control_calls_say_what_is_right(
    api: Client, method: str, path: str, body: Any, words: str
) -> None:
    reply = api(path, method=method, body=body, key=None)
    assert 400 <= reply.status < 500
    assert words in reply.body["error"]


def test_the_clock(box: Sandbox, api: Client, hand: Hand) -> None:
    api("/sandbox/clock", method="POST", body={"set": "2026-12-24T18:00:00Z"})
    hand.now += 60
    assert api("/sandbox/clock").body["now"] == "2026-12-24T18:01:00.000Z"
    box.advance(3600)
    assert box.clock_text() == "2026-12-24T19:01:00.000Z"
    api("/sandbox/clock", method="POST", body={"stands": True})
    hand.now += 60
    assert box.clock_text() == "2026-12-24T19:01:00.000Z"


def test_the_clock_can_start_anywhere_and_the_seed_does_not_care() -> None:
    with (
        Sandbox(contacts=20, switches={"clock": "2026-11-05T00:00:00Z", "clock_stands": True}) as one,
        Sandbox(contacts=20, switches={"clock": "2030-01-01"}) as other,
    ):
        assert one.clock_text() == "2026-11-05T00:00:00.000Z"
        assert one.records("contacts") == other.records("contacts")


def test_records_are_what_the_api_shows(box: Sandbox, api: Client) -> None:
    names = api("/sandbox/records").body["collections"]
    assert names["contacts"] == 200
    assert names["companies"] == 10
    assert names["tags"] == 40
    assert names["contact_custom_fields"] == 24
    every = ",".join(box.records("contacts")[0])
    rows = api("/v2/contacts", fields=every, order_by="id asc").body["contacts"]
    assert rows == api("/sandbox/records/contacts").body["records"] == box.records("contacts")
    assert api("/sandbox/records/contacts", ids_only="true").body["records"] == [row["id"] for row in rows]
    for path, items, collection in (
        ("/v2/tags", "tags", "tags"),
        ("/v2/tags/categories", "tag_categories", "tag_categories"),
        ("/v2/affiliates", "affiliates", "affiliates"),
        ("/v2/shipping", "shipping_methods", "shipping_methods"),
        ("/v2/reporting/reports", "reports", "reports"),
    ):
        shown = sorted(api(path).body[items], key=lambda row: int(row["id"]))
        assert shown == box.records(collection)
    assert len(box.records("report_rows", report_id=3)) == 200


def test_planting(box: Sandbox, api: Client) -> None:
    box.plant("contacts", upsert=[{"id": "8", "given_name": 7, "custom_fields": "odd", "unknown": [1]}])
    row = api("/v2/contacts/8", fields="given_name,custom_fields,family_name").body
    assert (row["given_name"], row["custom_fields"]) == (7, "odd")
    before = box.records("contacts")[2]["update_time"]
    api("/sandbox/records/contacts", method="POST", body={"upsert": [{"id": "15"}], "touch": True})
    assert box.records("contacts")[2]["update_time"] == box.clock_text() != before
    box.plant("contacts", upsert=[{"id": "3", "given_name": "Low id"}], delete=["1"], touch=True)
    ids = box.records("contacts", ids_only=True)
    assert "3" in ids
    assert "1" not in ids
    fresh = next(row for row in box.records("contacts") if row["id"] == "3")
    assert fresh["update_time"] == box.clock_text()
    assert fresh["tag_ids"] == []
    box.plant("contact_tags", upsert=[{"contact_id": "3", "tag_id": "91", "applied_at": "2020-01-01"}])
    assert {"contact_id": "3", "tag_id": "91", "applied_at": "2020-01-01T00:00:00Z"} in box.records(
        "contact_tags"
    )
    box.plant("contact_tags", delete=[{"contact_id": "3", "tag_id": "91"}])
    assert not api("/v2/contacts/3", fields="tag_ids").body["tag_ids"]


def test_custom_fields_can_be_given_another_type(box: Sandbox, api: Client) -> None:
    field = box.records("contact_custom_fields")[0]["id"]
    box.plant("contact_custom_fields", upsert=[{"id": field, "field_type": "DATE"}, {"label": "Fresh"}])
    model = {one["id"]: one for one in api("/v2/contacts/model").body["custom_fields"]}
    assert model[field]["field_type"] == "DATE"
    (fresh,) = (one for one in model.values() if one["label"] == "Fresh")
    assert box.plant("contact_custom_fields", delete=[fresh["id"]]) == 1
    assert fresh["id"] not in {one["id"] for one in box.records("contacts")[0]["custom_fields"]}


def test_values_that_strict_json_does_not_have(box: Sandbox, api: Client) -> None:
    odd = {"id": "8", "given_name": "a\ud800z\u0000", "score_value": 10**30}
    box.plant("contacts", upsert=[odd])
    row = api("/v2/contacts/8", fields="id,given_name,score_value").body
    assert row == odd
    api("/sandbox/records/contacts", method="POST", body={"upsert": [{**odd, "id": "15"}]})
    rows = api("/v2/contacts", fields="id,given_name,custom_fields", filter="ids==15,22").body["contacts"]
    assert {row["given_name"] for row in rows if row["id"] == "15"} == {odd["given_name"]}


def test_a_copy_of_the_truth_can_be_changed(box: Sandbox) -> None:
    rows = box.records("contacts")
    rows[0]["custom_fields"].clear()
    assert len(box.records("contacts")[0]["custom_fields"]) == 24


def bytes_of(api: Client) -> list[bytes]:
    paths = ("/v2/contacts", "/v2/companies", "/v2/tags", "/v2/affiliates", "/v2/users", "/v2/contacts/model")
    return [api(path, **({"fields": FIELDS} if path == "/v2/contacts" else {})).raw for path in paths]


def test_reset_and_same_seed_give_the_same_bytes(box: Sandbox, api: Client) -> None:
    first = bytes_of(api)
    box.plant("contacts", delete=["1", "8"])
    api("/v2/tags", method="POST", body={"name": "fresh"})
    api("/v2/contacts/model/customFields", method="POST", body={"label": "x", "field_type": "TEXT"})
    box.fault("server_error")
    assert api("/v2/tags").status == 500
    assert api("/sandbox/reset", method="POST").body == {"seed": 1, "contacts": 200}
    assert box.requests() == []
    assert bytes_of(api) == first
    with Sandbox(contacts=200, switches={"limits": "off"}) as other:
        client = Client(other)
        again = bytes_of(client)
        # The URL in a next_page_token is the only thing that differs between servers
        assert again == first
        other.reset(seed=2)
        assert bytes_of(client) != first
        client.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latency", "-1"),
        ("latency", "nan"),
        ("latency", "inf"),
        ("latency", "soon"),
        ("second_limit", "-2"),
        ("minute_limit", 1.5),
        ("tenant_day_limit", -1),
        ("oauth_expires_in", -1),
        ("expired_status", "404"),
        ("v1_limit_max", 0),
        ("page_token_lifetime", -0.1),
        ("day_limit", 10**400),
        ("day_limit", True),
    ],
)
def test_a_switch_refuses_what_is_out_of_its_range(name: str, value: object) -> None:
    switches = Switches()
    before = switches.as_dict()
    with pytest.raises(BadSwitchError, match=f"switch {name}: "):
        switches.set(name, value)
    assert switches.as_dict() == before


def test_every_number_has_a_range_that_its_default_is_in() -> None:
    switches = Switches()
    for name, value in switches.as_dict().items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            switches.set(name, value)
            with pytest.raises(BadSwitchError):
                switches.set(name, -1e30)
            with pytest.raises(BadSwitchError):
                switches.set(name, 1e30)


def test_switches_are_all_or_none() -> None:
    switches = Switches()
    with pytest.raises(BadSwitchError, match="none of offset, keyset"):
        switches.update({"ids": "integers", "paging": "x"})
    assert switches.ids == "strings"
    switches.update({"page_token_bound": "true", "latency": "0.5", "minute_limit": 5})
    assert (switches.page_token_bound, switches.latency, switches.minute_limit) == (True, 0.5, 5)


def test_the_sandbox_and_the_tap_do_not_know_each_other() -> None:
    folder = Path(keap_sandbox.__file__).parent
    pattern = re.compile(r"^\s*(?:from|import) (tap_infusionsoft[\w.]*)", re.MULTILINE)
    for path in folder.parent.rglob("*.py"):
        inside = path.is_relative_to(folder)
        for module in pattern.findall(path.read_text()):
            assert module.startswith("keap_sandbox") == inside, f"{path.name} imports {module}"


def test_reports(box: Sandbox, api: Client) -> None:
    rows = api("/v2/reporting/reports").body["reports"]
    models = {}
    for row in rows:
        fields = api(f"/v2/reporting/reports/{row['id']}/model").body["fields"]
        models[row["id"]] = [field["name"] for field in fields]
    assert len({tuple(names) for names in models.values()}) >= 4
    path = "/v2/reporting/reports/3:run"
    seen, token = [], ""
    while True:
        body = api(path, method="POST", page_size=90, fields="Id,Email", page_token=token).body
        seen += [row["columns"][0]["value"] for row in body["results"]]
        assert all(
            [one["field_name"] for one in row["columns"]] == ["Id", "Email"] for row in body["results"]
        )
        token = body.get("page_token", "")
        if not token:
            break
    assert sorted(map(int, seen)) == sorted(int(one) for one in box.records("contacts", ids_only=True))
    blob = {"runReportRequest": '{"page_size":2,"page_token":"x"}'}
    assert len(api(path, method="POST", **blob).body["results"]) == 200, "the folded parameter is ignored"
    box.switch(report_json_parameter="honoured")
    assert api(path, method="POST", **blob).status == 400
    sales = api("/v2/reporting/reports/5:run", method="POST").body["results"]
    assert len({str(row) for row in sales}) < len(sales)
    assert api("/v2/reporting/reports/13:run", method="POST").body == {"results": []}
    odd = api("/v2/reporting/reports/8:run", method="POST", order_by="Contact Name desc", page_size=5).body
    names = [row["columns"][1]["value"].casefold() for row in odd["results"]]
    assert names == sorted(names, reverse=True)
    for query in (
        {"fields": "nope"},
        {"order_by": "nope"},
        {"page_size": "0"},
        {"page_size": "1001"},
        {"page_token": "?"},
    ):
        assert api(path, method="POST", **query).status == 400
    values = [
        column["value"] for row in api(path, method="POST").body["results"] for column in row["columns"]
    ]
    assert all(isinstance(value, str) for value in values)
    assert any(re.fullmatch(r"\d\d-\d\d-\d{4} \d\d:\d\d [AP]M", value) for value in values)
