"""Write calls for contacts, companies, tags and custom fields."""

from __future__ import annotations

from typing import Any

import pytest

from keap_sandbox import Sandbox

from .conftest import Client

NOW = "2026-11-18T11:06:40.000Z"
PERSON = {"given_name": "Sadie", "email_addresses": [{"email": "sadie@example.com", "field": "EMAIL1"}]}


def test_create_update_tag_and_delete_a_contact(box: Sandbox, api: Client) -> None:
    made = api(
        "/v2/contacts",
        method="POST",
        body=PERSON,
        fields="id,create_time,update_time,tag_ids,email_addresses",
    )
    assert made.status == 201
    key = made.body["id"]
    assert int(key) > max(int(one) for one in box.records("contacts", ids_only=True) if one != key)
    assert made.body["create_time"] == made.body["update_time"] == NOW
    assert made.body["email_addresses"][0]["email"] == "sadie@example.com"
    box.advance(60)
    changed = api(
        f"/v2/contacts/{key}",
        method="PATCH",
        body={"given_name": "X", "family_name": "Nguyen"},
        update_mask="family_name",
        fields="given_name,family_name,update_time",
    )
    assert changed.body == {
        "given_name": "Sadie",
        "family_name": "Nguyen",
        "update_time": "2026-11-18T11:07:40.000Z",
    }
    assert api("/v2/contacts", filter=f"start_update_time=={NOW}", fields="id").body["contacts"] == [
        {"id": key}
    ]
    applied = api("/v2/tags/91/contacts:applyTags", method="POST", body={"contact_ids": [key, "99999"]})
    assert (applied.status, applied.body) == (200, {"results": {key: "SUCCESS", "99999": "FAILURE"}})
    row = next(row for row in box.records("contact_tags") if row["contact_id"] == key)
    assert row == {"contact_id": key, "tag_id": "91", "applied_at": "2026-11-18T11:07:40Z"}
    assert api(f"/v2/contacts/{key}", fields="tag_ids,groups").body == {"tag_ids": ["91"], "groups": "91"}
    assert api(f"/v2/contacts/{key}", method="DELETE").status == 204
    assert api(f"/v2/contacts/{key}").status == 404
    assert all(row["contact_id"] != key for row in box.records("contact_tags"))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/contacts", {"given_name": "No address at all"}),
        ("/v2/contacts", {**PERSON, "nonsense": 1}),
        ("/v2/contacts", {**PERSON, "family_name": 5}),
        ("/v2/contacts", {"addresses": [{"region": "Arizona"}]}),
        ("/v2/contacts", {**PERSON, "custom_fields": [{"id": "99999", "content": 1}]}),
        ("/v2/companies", {"notes": "x"}),
        ("/v2/tags", {"name": " "}),
        ("/v2/tags", {"name": "x", "category": {"id": "9999"}}),
        ("/v2/affiliates", {"code": "ab", "contact_id": "1"}),
        ("/v2/affiliates", {"code": "abcd", "contact_id": "99999"}),
        ("/v2/contacts/model/customFields", {"label": "x", "field_type": "NONSENSE"}),
    ],
)
def test_invalid_bodies_are_refused(api: Client, path: str, body: Any) -> None:
    reply = api(path, method="POST", body=body)
    assert (reply.status, reply.body["code"]) == (400, 400), reply.raw


def test_duplicate_contacts_are_updated_and_duplicate_tag_names_refused(box: Sandbox, api: Client) -> None:
    email = box.records("contacts")[4]["email_addresses"][0]["email"]
    body = {"email_addresses": [{"email": email.upper()}], "job_title": "Chef"}
    assert api("/v2/contacts", method="POST", body=body, duplicate_option="Email").status == 200
    assert len(box.records("contacts", ids_only=True)) == 200
    taken = box.records("tags")[0]["name"]
    assert api("/v2/tags", method="POST", body={"name": taken}).status == 409


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/v2/companies", {"company_name": "Acme"}, {"company_name": "Acme 2"}),
        ("/v2/tags", {"name": "Brand new", "category": {"id": "12"}}, {"name": "Renamed"}),
        ("/v2/tags/categories", {"name": "Fresh"}, {"description": "d"}),
        ("/v2/affiliates", {"code": "fresh1", "contact_id": "8"}, {"status": "INACTIVE"}),
    ],
)
def test_create_update_and_delete_other_records(api: Client, path: str, body: Any, change: Any) -> None:
    made = api(path, method="POST", body=body)
    assert made.status == 201, made.raw
    one = f"{path}/{made.body['id']}"
    changed = api(one, method="PATCH", body=change)
    assert changed.status == 200
    assert changed.body.items() >= change.items()
    assert api(one, method="DELETE").status == 204
    assert api(one).status == 404


def test_deleting_a_tag_or_category_removes_all_references_to_it(box: Sandbox, api: Client) -> None:
    assert api("/v2/tags/categories/12", method="DELETE").status == 204
    assert all((row["category"] or {}).get("id") != "12" for row in box.records("tags"))
    tag = box.records("contact_tags")[0]["tag_id"]
    assert api(f"/v2/tags/{tag}", method="DELETE").status == 204
    assert all(row["tag_id"] != tag for row in box.records("contact_tags"))
    assert all(tag not in row["tag_ids"] for row in box.records("contacts"))


def test_apply_and_remove_tags(box: Sandbox, api: Client) -> None:
    contact, tag = (box.records("contact_tags")[0][name] for name in ("contact_id", "tag_id"))
    body = {"contact_ids": [contact]}
    assert api(f"/v2/tags/{tag}/contacts:applyTags", method="POST", body=body).body == {
        "results": {contact: "DUPLICATE"}
    }
    assert api(f"/v2/tags/{tag}/contacts:removeTags", method="POST", body=body).status == 204
    assert tag not in api(f"/v2/contacts/{contact}", fields="tag_ids").body["tag_ids"]
    assert api("/v2/companies/8/tags/91", method="POST").status == 204
    assert "91" in api("/v2/companies/8").body["groups"]
    assert api("/v2/companies/8/tags/91", method="DELETE").status == 204


def test_create_rename_and_delete_a_custom_field(box: Sandbox, api: Client) -> None:
    base = "/v2/contacts/model/customFields"
    made = api(base, method="POST", body={"label": "Shoe size", "field_type": "WHOLE_NUMBER"})
    assert made.status == 201
    key = made.body["id"]
    assert made.body["field_name"] == "_Shoesize"
    assert all(any(one["id"] == key for one in row["custom_fields"]) for row in box.records("contacts"))
    api("/v2/contacts/8", method="PATCH", body={"custom_fields": [{"id": key, "content": 44}]})
    assert len(api("/v2/contacts", filter="_shoesize>40").body["contacts"]) == 1
    renamed = api(f"{base}/{key}", method="PATCH", body={"label": "Shoes", "group_id": "3"})
    assert (renamed.body["label"], renamed.body["field_name"]) == ("Shoes", "_Shoesize")
    box.switch(custom_field_name="null")
    assert {one["field_name"] for one in api("/v2/contacts/model").body["custom_fields"]} == {None}
    assert api(f"{base}/{key}", method="DELETE").status == 204
    assert all(all(one["id"] != key for one in row["custom_fields"]) for row in box.records("contacts"))
    assert api(f"{base}/{key}", method="DELETE").status == 404


def test_sample_data_ends_before_november_2026(box: Sandbox) -> None:
    for name in ("contacts", "companies", "tags"):
        for row in box.records(name):
            assert row["create_time"].rstrip("Z") <= row["update_time"].rstrip("Z") < "2026-11-01"
