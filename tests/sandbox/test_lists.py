"""List endpoints: sparse fields, sort order, pages and page tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from keap_sandbox import Sandbox

from .conftest import Client


@pytest.mark.parametrize("prefix", ["/crm/rest", "/rest"])
def test_both_base_paths_are_served(api: Client, prefix: str) -> None:
    assert api(f"{prefix}/v2/tags", page_size=1).status == 200


def test_contacts_have_three_fields_by_default(api: Client) -> None:
    row = api("/v2/contacts", page_size=1).body["contacts"][0]
    assert set(row) == {"id", "given_name", "family_name"}


def test_contacts_have_exactly_the_requested_fields(api: Client) -> None:
    row = api("/v2/contacts", page_size=1, fields="update_time,custom_fields,notes").body["contacts"][0]
    assert set(row) == {"update_time", "custom_fields", "notes"}


def test_unset_custom_fields_are_null(api: Client) -> None:
    rows = api("/v2/contacts", fields="id,custom_fields").body["contacts"]
    model = api("/v2/contacts/model").body["custom_fields"]
    assert {len(row["custom_fields"]) for row in rows} == {len(model)} == {24}
    assert any(all(one["content"] is None for one in row["custom_fields"]) for row in rows)
    assert len({field["field_type"] for field in model}) == 24


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v2/contacts", {"fields": "id,nonsense"}),
        ("/v2/contacts", {"filter": "nonsense==1"}),
        ("/v2/contacts", {"filter": "email"}),
        ("/v2/contacts", {"filter": "email==*x"}),
        ("/v2/contacts", {"filter": "email>x"}),
        ("/v2/contacts", {"filter": "start_update_time==2025-01-01"}),
        ("/v2/contacts", {"filter": "start_update_time==yesterday"}),
        ("/v2/contacts", {"filter": "contact_id>x"}),
        ("/v2/contacts", {"filter": "phone_number==555*"}),
        ("/v2/contacts", {"filter": "phone_number==55*;phone_fields==PHONE1"}),
        ("/v2/contacts", {"order_by": "family_name asc"}),
        ("/v2/contacts", {"order_by": "id up"}),
        ("/v2/contacts", {"page_size": "1001"}),
        ("/v2/contacts", {"page_size": "many"}),
        ("/v2/contacts", {"page_token": "nonsense"}),
        ("/v2/users", {"page_size": "101"}),
        ("/v2/users", {"page_size": "0"}),
        ("/v2/tags", {"order_by": "id asc"}),
        ("/v2/tags/-/contacts", {}),
        ("/v2/tags/-/contacts", {"filter": "tag_ids==" + ",".join(map(str, range(101)))}),
        ("/v2/companies", {"fields": "nonsense"}),
    ],
)
def test_bad_parameters_get_an_application_error(api: Client, path: str, query: dict[str, str]) -> None:
    reply = api(path, **query)
    assert reply.status == 400
    assert reply.body["code"] == 400
    assert set(reply.body) == {"code", "message", "status", "details"}
    assert set(reply.body["details"][0]) == {"domain", "resource"}


def test_unknown_query_parameters_are_ignored(api: Client) -> None:
    assert len(api("/v2/contacts", email="x", limit=3, since="y").body["contacts"]) == 200


def test_an_unordered_list_is_stable_but_not_sorted_by_id(api: Client) -> None:
    pages = [api.pages("/v2/contacts", "contacts", page_size=70, fields="id") for _ in range(2)]
    assert pages[0] == pages[1]
    ids = [int(row["id"]) for page in pages[0] for row in page]
    assert len(set(ids)) == 200
    assert ids != sorted(ids)


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_order_by_id_sorts_numerically(api: Client, direction: str) -> None:
    pages = api.pages("/v2/contacts", "contacts", page_size=64, fields="id", order_by=f"id {direction}")
    ids = [int(row["id"]) for page in pages for row in page]
    assert ids == sorted(ids, reverse=direction == "desc")
    assert len(ids) == 200


def test_order_by_update_time(api: Client) -> None:
    rows = api("/v2/contacts", fields="id,update_time", order_by="update_time desc").body["contacts"]
    # As text, "…07Z" sorts after "…07.500Z", so compare without the Z
    times = [row["update_time"].rstrip("Z") for row in rows]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) < len(times), "no two contacts share an update_time"


def test_some_newer_contacts_have_lower_ids(box: Sandbox) -> None:
    rows = sorted(box.records("contacts"), key=lambda row: row["create_time"].rstrip("Z"))
    ids = [int(row["id"]) for row in rows]
    assert ids != sorted(ids)
    assert all(one % 7 == 1 for one in ids)


def test_paging_by_id_reads_every_contact(api: Client) -> None:
    last, seen = 0, []
    while True:
        rows = api(
            "/v2/contacts", fields="id", order_by="id asc", page_size=30, filter=f"contact_id>{last}"
        ).body["contacts"]
        if not rows:
            break
        seen += [int(row["id"]) for row in rows]
        last = seen[-1]
    assert seen == sorted(set(seen))
    assert len(seen) == 200


@pytest.mark.parametrize(("end", "value"), [("empty", ""), ("null", None), ("missing", "absent")])
def test_page_token_end_switch(box: Sandbox, api: Client, end: str, value: Any) -> None:
    box.switch(page_token_end=end)
    assert api("/v2/contacts").body.get("next_page_token", "absent") == value


def test_tags_return_the_next_page_as_a_url(api: Client) -> None:
    first = api("/v2/tags", page_size=1).body["next_page_token"]
    parts = urlsplit(first)
    assert parts.path == "/crm/rest/v2/tags/"
    token = parse_qs(parts.query)["page_token"][0]
    assert api("/v2/tags", page_size=1, page_token=token).body["tags"]


@pytest.mark.parametrize("form", ["opaque", "last_id"])
@pytest.mark.parametrize("order", ["", "name asc", "update_time desc"])
def test_every_token_form_reaches_the_last_page(box: Sandbox, api: Client, form: str, order: str) -> None:
    box.switch(page_token_form=form)
    query = {"order_by": order} if order else {}
    pages = api.pages("/v2/tags", "tags", page_size=7, **query)
    assert len({row["id"] for page in pages for row in page}) == 40
    assert [len(page) for page in pages] == [7, 7, 7, 7, 7, 5]


@pytest.mark.parametrize("paging", ["offset", "keyset"])
@pytest.mark.parametrize("query", [{}, {"order_by": "update_time desc"}, {"order_by": "id desc"}])
def test_deletes_between_pages_skip_rows_with_offsets_only(
    box: Sandbox, api: Client, paging: str, query: dict[str, str]
) -> None:
    box.switch(paging=paging)
    first = api("/v2/contacts", fields="id", page_size=100, **query).body
    gone = [row["id"] for row in first["contacts"][:10]]
    box.plant("contacts", delete=gone)
    token = first["next_page_token"]
    second = api("/v2/contacts", fields="id", page_size=100, page_token=token, **query).body["contacts"]
    seen = {row["id"] for row in first["contacts"]} | {row["id"] for row in second}
    missed = set(box.records("contacts", ids_only=True)) - seen
    assert len(missed) == (10 if paging == "offset" else 0)


def test_last_page_switch_adds_an_empty_page_after_a_full_one(box: Sandbox, api: Client) -> None:
    assert [len(page) for page in api.pages("/v2/contacts", "contacts", page_size=100)] == [100, 100]
    box.switch(last_page="trailing_empty")
    assert [len(page) for page in api.pages("/v2/contacts", "contacts", page_size=100)] == [100, 100, 0]


def test_page_rows_max_switch_shortens_pages(box: Sandbox, api: Client) -> None:
    box.switch(page_rows_max=60)
    assert [len(page) for page in api.pages("/v2/contacts", "contacts", page_size=100)] == [60, 60, 60, 20]


def test_page_tokens_can_be_bound_to_a_query_and_expire(box: Sandbox, api: Client) -> None:
    box.switch(page_token_bound=True, page_token_lifetime=60)
    token = api("/v2/contacts", page_size=10).body["next_page_token"]
    assert api("/v2/contacts", page_size=10, page_token=token).status == 200
    assert api("/v2/contacts", page_size=10, page_token=token, order_by="id asc").status == 400
    box.advance(61)
    assert api("/v2/contacts", page_size=10, page_token=token).status == 400


def test_company_fields_switches(box: Sandbox, api: Client) -> None:
    plain = api("/v2/companies", page_size=1).body["companies"][0]
    assert "notes" not in plain
    added = api("/v2/companies", page_size=1, fields="notes").body["companies"][0]
    assert set(added) == {*plain, "notes"}
    box.switch(company_fields="replace")
    assert set(api("/v2/companies", page_size=1, fields="notes").body["companies"][0]) == {"id", "notes"}
    box.switch(company_field_names="documented")
    assert api("/v2/companies", fields="first_name").status == 400


def test_inactive_users_and_partners_are_listed_on_request_only(api: Client) -> None:
    def count(text: str) -> int:
        return len(api("/v2/users", **({"filter": text} if text else {})).body["users"])

    assert count("") == 8
    assert count("include_inactive==true") == 10
    assert count("include_partners==true") == 10
    assert count("include_inactive==true;include_partners==true") == 12


def test_switches_for_ids_nulls_times_and_scores(box: Sandbox, api: Client) -> None:
    box.switch(ids="integers", nulls="missing", times="offset", score_value="integer")
    rows = api("/v2/contacts", fields="id,tag_ids,update_time,score_value,middle_name").body["contacts"]
    assert all(isinstance(row["id"], int) for row in rows)
    assert all(isinstance(tag, int) for row in rows for tag in row["tag_ids"])
    assert all(row["update_time"].endswith("+0000") for row in rows)
    assert any("middle_name" not in row for row in rows)
    assert all(isinstance(row.get("score_value", 1), int) for row in rows)


def test_associations_of_tags_and_contacts(box: Sandbox, api: Client) -> None:
    truth = {(row["contact_id"], row["tag_id"]): row["applied_at"] for row in box.records("contact_tags")}
    tags = ",".join(row["id"] for row in box.records("tags"))
    pages = api.pages("/v2/tags/-/contacts", "contacts", filter=f"tag_ids=={tags}", page_size=100)
    found = {(row["contact_id"], row["tag_id"]): row["applied_at"] for page in pages for row in page}
    assert found == truth
    assert sum(map(len, pages)) == len(truth)
    assert 2 < len(truth) / 200 < 4
    some_contact, _ = next(iter(truth))
    rows = api("/v2/contacts/-/tags", filter=f"contact_ids=={some_contact}").body["tags"]
    assert {row["tag_id"] for row in rows} == {tag for contact, tag in truth if contact == some_contact}
    box.switch(wildcard_tags="withdrawn")
    reply = api("/v2/tags/-/contacts", filter="tag_ids==91")
    assert (reply.status, reply.headers["content-type"].split(";")[0]) == (404, "text/html")


def test_contacts_of_a_tag_and_their_count(box: Sandbox, api: Client) -> None:
    for tag in box.records("tags", ids_only=True)[:10]:
        pages = [api(f"/v2/tags/{tag}/contacts", page_size=1000).body["contacts"]]
        truth = [row for row in box.records("contact_tags") if row["tag_id"] == tag]
        assert {row["id"] for row in pages[0]} == {row["contact_id"] for row in truth}
        assert api(f"/v2/tags/{tag}/contacts/count").body == {"count": len(truth)}


def test_commissions_have_duplicate_rows_and_totals_of_the_page(box: Sandbox, api: Client) -> None:
    rows = [tuple(row.items()) for row in box.records("affiliate_commissions")]
    assert len(set(rows)) < len(rows)
    for affiliate in box.records("affiliates", ids_only=True):
        body = api(f"/v2/affiliates/{affiliate}:commissions", page_size=3).body
        assert len(body["affiliate_commissions"]) <= 3
        total = round(sum(row["amount_earned"] for row in body["affiliate_commissions"]), 2)
        assert body["commission_total"] == pytest.approx(total)
        assert all("affiliate_id" not in row for row in body["affiliate_commissions"])


def test_v1_lists_always_return_a_next_url(box: Sandbox, api: Client) -> None:
    affiliate = next(row["affiliate_id"] for row in box.records("affiliate_clawbacks"))
    body = api(f"/v1/affiliates/{affiliate}/clawbacks", limit=1000, offset=1000).body
    assert body["clawbacks"] == []
    assert "offset=2000" in body["next"]
    body = api(
        f"/v1/affiliates/{affiliate}/clawbacks", order="DATE_EARNED", order_direction="DESCENDING"
    ).body
    assert body["count"] == len(body["clawbacks"]) > 0
    assert all(row["date_earned"].endswith("+0000") for row in body["clawbacks"])
    since = body["clawbacks"][0]["date_earned"].replace("+0000", "Z")
    assert api(f"/v1/affiliates/{affiliate}/clawbacks", since=since).body["count"] >= 1
    every = api("/v1/affiliates/commissions").body["commissions"]
    assert len(every) == len(box.records("affiliate_commissions"))
    assert api("/v1/affiliates/999999/clawbacks").body == {"message": "Unable to find this Affiliate"}


def test_shipping_and_user_info(box: Sandbox, api: Client) -> None:
    rows = api("/v2/shipping").body["shipping_methods"]
    assert len({row["type"] for row in rows}) == 6
    box.switch(shipping_settings="missing")
    assert "settings" not in api("/v2/shipping").body["shipping_methods"][0]
    assert api("/v2/oauth/connect/userinfo").body["tenant_id"] == "xx123.infusionsoft.com"


def test_single_records_and_unknown_ids(api: Client) -> None:
    assert api("/v2/contacts/8", fields="id").body == {"id": "8"}
    for path in (
        "/v2/contacts/2",
        "/v2/contacts/abc",
        "/v2/tags/1",
        "/v2/companies/3",
        "/v2/reporting/reports/4",
    ):
        reply = api(path)
        assert reply.status == 404
        assert reply.body["code"] == 404


def test_hidden_contacts_switch(box: Sandbox, api: Client) -> None:
    box.switch(hidden_contacts=40)
    rows = api("/v2/contacts", fields="id", order_by="id asc").body["contacts"]
    assert 60 < len(rows) < 180
    visible = {row["id"] for row in rows}
    assert {
        row["id"] for row in api("/v2/contacts", fields="id", filter="contact_id>700").body["contacts"]
    } == {key for key in visible if int(key) > 700}
    tags = api("/v2/tags/-/contacts", filter="since_applied_time==2020-01-01T00:00:00Z").body["contacts"]
    assert {row["contact_id"] for row in tags} <= visible


def test_groups_and_tabs_of_custom_fields(api: Client) -> None:
    ids: list[str] = []
    for record in ("contacts", "companies", "affiliates"):
        tabs = [tab["id"] for tab in api(f"/v2/{record}/model/customFields/tabs").body["tabs"]]
        groups = api(f"/v2/{record}/model/customFields/groups").body["groups"]
        assert [group["tab_id"] for group in groups] == tabs
        ids += [*tabs, *(group["id"] for group in groups)]
    assert len(set(ids)) == len(ids) == 12


def test_order_ties_switch_reorders_equal_rows(box: Sandbox, api: Client) -> None:
    rows = [
        {"id": one, "update_time": "2027-01-01T00:00:00Z"} for one in box.records("contacts", ids_only=True)
    ]
    box.plant("contacts", upsert=rows)

    def listed() -> list[str]:
        answer = api("/v2/contacts", fields="id", order_by="update_time asc")
        return [row["id"] for row in answer.body["contacts"]]

    assert listed() == listed()
    box.switch(order_ties="moving")
    first = listed()
    box.advance(1)
    assert first != listed()


@pytest.mark.parametrize(
    ("nulls", "direction", "come_last"),
    [
        ("lowest", "desc", True),
        ("lowest", "asc", False),
        ("highest", "desc", False),
        ("highest", "asc", True),
    ],
)
def test_order_nulls_switch_says_where_rows_without_the_time_come(
    box: Sandbox, api: Client, nulls: str, direction: str, *, come_last: bool
) -> None:
    box.switch(order_nulls=nulls)
    answer = api("/v2/emailAddresses", order_by=f"last_click_time {direction}")
    times = [row["last_click_time"] for row in answer.body["email_addresses"]]
    known = [one for one in times if one is not None]
    missing = [None] * (len(times) - len(known))
    assert known
    assert missing
    assert times == ([*known, *missing] if come_last else [*missing, *known])
