"""The control paths, and the methods of `Sandbox` that do the same."""

from __future__ import annotations

from typing import Any

import pytest

from keap_sandbox import Sandbox

from .conftest import Client, ManualClock

FIELDS = "id,custom_fields,update_time,email_addresses,tag_ids,addresses,company"


def test_the_log_has_every_request_but_no_credential(box: Sandbox, api: Client) -> None:
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


def test_control_paths_do_not_count_towards_limits(box: Sandbox, api: Client) -> None:
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
def test_an_error_of_a_control_path_says_what_would_be_right(
    api: Client, method: str, path: str, body: Any, words: str
) -> None:
    reply = api(path, method=method, body=body, key=None)
    assert 400 <= reply.status < 500
    assert words in reply.body["error"]


def test_the_clock_can_be_set_advanced_and_stopped(box: Sandbox, api: Client, clock: ManualClock) -> None:
    api("/sandbox/clock", method="POST", body={"set": "2026-12-24T18:00:00Z"})
    clock.now += 60
    assert api("/sandbox/clock").body["now"] == "2026-12-24T18:01:00.000Z"
    box.advance(3600)
    assert box.clock_text() == "2026-12-24T19:01:00.000Z"
    api("/sandbox/clock", method="POST", body={"stands": True})
    clock.now += 60
    assert box.clock_text() == "2026-12-24T19:01:00.000Z"


def test_the_account_does_not_depend_on_the_time_at_the_start() -> None:
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


def test_planted_rows_are_shown_by_the_api_as_they_are(box: Sandbox, api: Client) -> None:
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


def test_planting_can_change_the_type_of_a_custom_field(box: Sandbox, api: Client) -> None:
    field = box.records("contact_custom_fields")[0]["id"]
    box.plant("contact_custom_fields", upsert=[{"id": field, "field_type": "DATE"}, {"label": "Fresh"}])
    model = {one["id"]: one for one in api("/v2/contacts/model").body["custom_fields"]}
    assert model[field]["field_type"] == "DATE"
    (fresh,) = (one for one in model.values() if one["label"] == "Fresh")
    assert box.plant("contact_custom_fields", delete=[fresh["id"]]) == 1
    assert fresh["id"] not in {one["id"] for one in box.records("contacts")[0]["custom_fields"]}


def test_lone_surrogates_and_huge_integers_can_be_planted(box: Sandbox, api: Client) -> None:
    odd = {"id": "8", "given_name": "a\ud800z\u0000", "score_value": 10**30}
    box.plant("contacts", upsert=[odd])
    row = api("/v2/contacts/8", fields="id,given_name,score_value").body
    assert row == odd
    api("/sandbox/records/contacts", method="POST", body={"upsert": [{**odd, "id": "15"}]})
    rows = api("/v2/contacts", fields="id,given_name,custom_fields", filter="ids==15,22").body["contacts"]
    assert {row["given_name"] for row in rows if row["id"] == "15"} == {odd["given_name"]}


def test_changing_the_records_that_were_returned_changes_nothing_in_the_account(box: Sandbox) -> None:
    rows = box.records("contacts")
    rows[0]["custom_fields"].clear()
    assert len(box.records("contacts")[0]["custom_fields"]) == 24


def bytes_of(api: Client) -> list[bytes]:
    paths = ("/v2/contacts", "/v2/companies", "/v2/tags", "/v2/affiliates", "/v2/users", "/v2/contacts/model")
    return [api(path, **({"fields": FIELDS} if path == "/v2/contacts" else {})).raw for path in paths]


def test_a_reset_and_the_same_seed_give_the_same_bytes(box: Sandbox, api: Client) -> None:
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
        # Between servers only the URL in a next_page_token differs, and none of these lists has one
        assert again == first
        other.reset(seed=2)
        assert bytes_of(client) != first
        client.close()
