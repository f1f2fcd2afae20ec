"""Filters and sort orders of the other collections, compared with the account's records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.timestamps import parse_moment

from .conftest import Client

Row = dict[str, Any]
SINCE, UNTIL = "2025-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """One account for the whole module. Tests must not change it."""
    with Sandbox(contacts=300, switches={"limits": "off"}) as box:
        client = Client(box)
        yield client
        client.close()


def _moment(text: Any) -> int:
    return parse_moment(text) or 0 if text else 0


def _within(name: str) -> Callable[[Row], bool]:
    return lambda row: bool(row[name]) and _moment(SINCE) <= _moment(row[name]) <= _moment(UNTIL)


def _starts(name: str, start: str) -> Callable[[Row], bool]:
    return lambda row: str(row[name] or "").casefold().startswith(start.casefold())


def _is(name: str, value: Any) -> Callable[[Row], bool]:
    return lambda row: bool(row[name] == value)


def _address(row: Row) -> Row:
    found: Row = (row["shipping_information"] or {}).get("address") or {}
    return found


@pytest.mark.parametrize(
    ("path", "items", "collection", "text", "passes"),
    [
        ("orders", "orders", "orders", "id>400;id<=800", lambda row: 400 < int(row["id"]) <= 800),
        ("orders", "orders", "orders", "id!=8", lambda row: row["id"] != "8"),
        ("orders", "orders", "orders", "ids==1,8,15", lambda row: row["id"] in {"1", "8", "15"}),
        ("orders", "orders", "orders", "invoice_id==1017", _is("invoice_id", "1017")),
        ("orders", "orders", "orders", "paid==true", lambda row: row["status"] == "PAID"),
        ("orders", "orders", "orders", "paid==false", lambda row: row["status"] != "PAID"),
        ("orders", "orders", "orders", f"modified_since_time=={SINCE};modified_until_time=={UNTIL}",
         _within("modification_time")),
        ("orders", "orders", "orders", f"created_since_time=={SINCE};created_until_time=={UNTIL}",
         _within("creation_time")),
        ("orders", "orders", "orders", "title==PRO*", _starts("title", "pro")),
        ("orders", "orders", "orders", "order_type==ONLINE", _is("order_type", "ONLINE")),
        ("orders", "orders", "orders", "product_id==9",
         lambda row: any((one["product"] or {}).get("id") == "9" for one in row["order_items"])),
        ("orders", "orders", "orders", "shipping_country_code==USA",
         lambda row: _address(row).get("country_code") == "USA"),
        ("orders", "orders", "orders", "_SalesChannel==Shop",
         lambda row: any(one["content"] == "Shop" for one in row["custom_fields"])),
        ("sales/payments", "payments", "payments", "amount<0", lambda row: row["amount"] < 0),
        ("sales/payments", "payments", "payments", f"since_time=={SINCE};until_time=={UNTIL}",
         _within("payment_time")),
        ("sales/payments", "payments", "payments", "order_ids==8,15,22",
         lambda row: row["order_ids"][0] in {"8", "15", "22"}),
        ("sales/payments", "payments", "payments", "merchant_account_type==PAYPAL",
         _is("merchant_account_id", "33")),
        ("sales/transactions", "transactions", "transactions", "is_successful==false",
         _is("is_successful", False)),
        ("sales/transactions", "transactions", "transactions", "transaction_method==REFUND",
         lambda row: row["amount"] < 0),
        ("paymentMethods", "payment_methods", "payment_methods", f"since_time=={SINCE}",
         lambda row: _moment(row["created_time"]) >= _moment(SINCE)),
        ("subscriptions", "subscriptions", "subscriptions", "status==ACTIVE", _is("active", True)),
        ("subscriptions", "subscriptions", "subscriptions", "billing_amount>=29;id<150",
         lambda row: row["billing_amount"] >= 29 and int(row["id"]) < 150),
        ("subscriptions", "subscriptions", "subscriptions", "subscription_plan_ids==5,9",
         lambda row: row["subscription_plan_id"] in {"5", "9"}),
        ("products", "products", "products", "name==M*", _starts("name", "m")),
        ("products", "products", "products", "product_id>6;product_ids==3,9,12",
         lambda row: row["id"] in {"9", "12"}),
        ("productCategories", "product_categories", "product_categories", "product_id==6",
         lambda row: row["id"] in {"2", "8"}),
        ("productCategories", "product_categories", "product_categories", "product_category_id!=2",
         lambda row: row["id"] != "2"),
        ("productCategories/assignedProducts", "assigned_product_categories", "product_category_assignments",
         "product_ids==33", lambda row: "33" in row["product_ids"]),
        ("discounts/productCategories", "discounts", "category_discounts", "product_category_id==4",
         lambda row: "4" in row["product_categories"]),
        ("discounts/orderTotals", "discounts", "order_total_discounts", "discount_strategy==NET",
         _is("discount_strategy", "NET")),
        ("discounts/freeTrials", "discounts", "free_trial_discounts", "hide_price==true",
         _is("hide_price", True)),
        ("notes", "notes", "notes", "title==up", lambda row: "up" in row["title"].lower()),
        ("notes", "notes", "notes", "title==Follow*", _starts("title", "follow")),
        ("notes", "notes", "notes", "assigned_to_user_id==3",
         lambda row: row["assigned_to_user"]["id"] == "3"),
        ("notes", "notes", "notes", f"since_time=={SINCE};until_time=={UNTIL}", _within("update_time")),
        ("notes", "notes", "notes", "_Minutes>500",
         lambda row: any(isinstance(one["content"], int) and one["content"] > 500
                         for one in row["custom_fields"])),
        ("tasks", "tasks", "tasks", "user_id==UNASSIGNED", _is("assigned_to_user_id", None)),
        ("tasks", "tasks", "tasks", "opportunity_id==29", _is("opportunity_id", "29")),
        ("tasks", "tasks", "tasks", "has_due_date==false", _is("due_time", None)),
        ("tasks", "tasks", "tasks", "is_completed==true;priority==CRITICAL",
         lambda row: row["completed"] and row["priority"] == "CRITICAL"),
        ("tasks", "tasks", "tasks", f"since_time=={SINCE}",
         lambda row: _moment(row["modification_time"]) >= _moment(SINCE)),
        ("taskAppointments", "taskAppointments", "appointments", f"start_time>={SINCE};start_time<{UNTIL}",
         _within("start_time")),
        ("taskAppointments", "taskAppointments", "appointments", "user_id==3", _is("user_id", "3")),
        ("opportunities", "opportunities", "opportunities", "stage_id==50",
         lambda row: row["stage"]["id"] == "50"),
        ("opportunities", "opportunities", "opportunities", "opportunity_title==deal 1*",
         _starts("opportunity_title", "deal 1")),
        ("opportunities", "opportunities", "opportunities", "lead_source_name==web*",
         _starts("lead_source", "web")),
        ("opportunities", "opportunities", "opportunities", "contact_city==Chand*",
         lambda row: str(row["contact"]["city"] or "").startswith("Chand")),
        ("opportunities", "opportunities", "opportunities",
         "projected_revenue_high>10000;projected_revenue_low<20000",
         lambda row: row["projected_revenue_high"] > 10000 and row["projected_revenue_low"] < 20000),
        ("opportunities/stageMoves", "stage_moves", "opportunity_stage_moves", "opportunity_id==8",
         _is("opportunity_id", "8")),
        ("referrals", "referrals", "referrals", "type==COOKIE", _is("referral_type", "COOKIE")),
        ("referrals", "referrals", "referrals", "referral_partner_id<=20;source==web*",
         lambda row: int(row["referral_partner_id"]) <= 20 and row["source"] == "Web form"),
        ("emails", "emails", "emails", f"start_created_time=={SINCE};end_created_time=={UNTIL}",
         _within("received_time")),
        ("emails", "emails", "emails", "contact_id==8", _is("contact_id", "8")),
        ("emailAddresses", "email_addresses", "email_address_statuses", "statuses==SPAM,HARD_BOUNCE",
         lambda row: row["status"] in {"SPAM", "HARD_BOUNCE"}),
        ("emailAddresses", "email_addresses", "email_address_statuses", "opted_in==true",
         _is("opted_in", True)),
        ("webforms", "webforms", "webforms", "webform_type==LEGACY", _is("webform_type", "LEGACY")),
        ("webforms", "webforms", "webforms", f"since_update_time=={SINCE}",
         lambda row: _moment(row["update_time"]) >= _moment(SINCE)),
        ("files", "files", "files", "is_public==true", _is("is_public", True)),
        ("automations", "automations", "automations", "name==spring",
         lambda row: "spring" in row["title"].lower()),
        ("automations", "automations", "automations", "name==Spring*;status==published",
         lambda row: row["title"].startswith("Spring") and row["status"] == "PUBLISHED"),
        ("automations", "automations", "automations", "categories==1,2",
         lambda row: bool({"1", "2"} & set(row["categories"]))),
        ("leadSources", "lead_sources", "lead_sources", "id>6;vendor==ex*",
         lambda row: int(row["id"]) > 6 and str(row["vendor"] or "").startswith("Ex")),
        ("campaigns", "campaigns", "campaigns", "name==elcom",
         lambda row: "elcom" in row["name"]),
        ("affiliates/redirects", "affiliate_links", "affiliate_redirect_links", "affiliate_id==8",
         _is("affiliate_id", "8")),
    ],
)  # fmt: skip
def test_filters(
    shared: Client, path: str, items: str, collection: str, text: str, passes: Callable[[Row], bool]
) -> None:
    fields = {"fields": "custom_fields"} if path in {"notes", "tasks"} else {}
    wanted = [row for row in shared.box.records(collection) if passes(row)]
    pages = shared.pages(f"/v2/{path}", items, filter=text, page_size=25, **fields)
    found = [row for page in pages for row in page]
    assert wanted, "no record matches, so this case tests nothing"
    if "id" in wanted[0]:
        assert sorted(row["id"] for row in found) == sorted(row["id"] for row in wanted)
    assert len(found) == len(wanted)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("orders", {"filter": "order_type==SOMETIMES"}),
        ("orders", {"filter": "paid==yes"}),
        ("orders", {"filter": "title==*x"}),
        ("orders", {"filter": "modified_since_time==2025-01-01"}),
        ("orders", {"filter": "_DeliverOn>2026-01-01"}),
        ("orders", {"filter": "_SalesChannel>Shop"}),
        ("leadSources", {"filter": "id==0"}),
        ("leadSources", {"filter": "id==-3"}),
        ("leadSources", {"filter": "id==x"}),
        ("opportunities", {"filter": "ids==1,8;opportunity_id>0"}),
        ("opportunities", {"filter": "ids==" + ",".join(map(str, range(101)))}),
        ("opportunities", {"fields": "monthly_income"}),
        ("tasks", {"filter": "priority==SOON"}),
        ("notes", {"fields": "title"}),
        ("automations", {"page_size": "26"}),
        ("automations/ids", {"page_size": "26"}),
        ("automations", {"filter": "status==sleeping"}),
        ("discounts/shipping", {"filter": "discount_type==GIFT"}),
        ("settings/applications:getConfiguration", {"fields": "NONSENSE"}),
    ],
)
def test_bad_parameters_are_refused(shared: Client, path: str, query: dict[str, str]) -> None:
    assert shared(f"/v2/{path}", **query).status == 400


@pytest.mark.parametrize(
    ("path", "items", "name", "row"),
    [
        ("orders", "orders", "modification_time", "modification_time"),
        ("opportunities", "opportunities", "update_time", "last_updated_time"),
        ("subscriptions", "subscriptions", "modification_time", "modification_time"),
        ("products", "products", "last_updated_time", "update_time"),
        ("files", "files", "updated_time", "updated_time"),
        ("tasks", "tasks", "update_time", "modification_time"),
        ("leadSources", "lead_sources", "update_time", "update_time"),
        ("opportunities/stageMoves", "stage_moves", "move_date", "move_time"),
    ],
)
def test_sort_newest_first(shared: Client, path: str, items: str, name: str, row: str) -> None:
    pages = shared.pages(f"/v2/{path}", items, order_by=f"{name} desc", page_size=40)
    times = [_moment(one[row]) for page in pages for one in page]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) > 3


def test_filter_contacts_by_lead_source_name(shared: Client) -> None:
    names = {row["id"]: row["name"] for row in shared.box.records("lead_sources")}
    wanted = {
        row["id"]
        for row in shared.box.records("contacts")
        if names.get(row["leadsource_id"], "").startswith("Trade")
    }
    assert wanted
    rows = shared("/v2/contacts", filter="lead_source_name==trade*").body["contacts"]
    assert {row["id"] for row in rows} == wanted


def test_related_records_are_consistent(shared: Client) -> None:
    """Orders match their payments, opportunities their stage moves, and children have existing parents."""
    box = shared.box
    contacts = set(box.records("contacts", ids_only=True))
    payments = box.records("payments")
    for order in box.records("orders"):
        mine = [one["amount"] for one in payments if one["order_ids"] == [order["id"]]]
        assert order["contact"]["id"] in contacts
        assert order["total_paid"]["amount"] == round(100 * sum(one for one in mine if one > 0))
        assert order["refund_total"]["amount"] == round(-100 * sum(one for one in mine if one < 0))
        goods = sum(one["quantity"] * one["price_per_unit"]["amount"] for one in order["order_items"])
        assert order["total"]["amount"] == goods
        assert order["creation_time"].rstrip("Z") <= order["modification_time"].rstrip("Z") < "2026-11-01"
        plan = order["payment_plan"]
        if plan:
            assert sum(one["amount_due"]["amount"] for one in plan["payment_plan_items"]) == goods
    money = [box.records(name) for name in ("payments", "order_payments", "transactions")]
    assert len({len(rows) for rows in money}) == 1
    assert {row["payment_id"] for row in money[1]} == {row["id"] for row in money[0]}
    moves = box.records("opportunity_stage_moves")
    for deal in box.records("opportunities"):
        mine = [one for one in moves if one["opportunity_id"] == deal["id"]]
        last = max(mine, key=lambda one: (_moment(one["move_time"]), int(one["id"])))
        assert last["move_to_stage_id"] == deal["stage"]["id"]
        assert _moment(last["move_time"]) == _moment(deal["stage_entrance_time"])
    for name in ("notes", "appointments", "emails", "subscriptions", "payment_methods", "referrals"):
        assert {row["contact_id"] for row in box.records(name)} <= contacts
    assert box.records("contact_links")


def test_tasks_of_an_opportunity_belong_to_its_contact(shared: Client) -> None:
    deals = {row["id"]: row["contact"]["id"] for row in shared.box.records("opportunities")}
    tasks = [row for row in shared.box.records("tasks") if row["opportunity_id"]]
    assert tasks
    assert all(row["contact_id"] in {deals[row["opportunity_id"]], None} for row in tasks)


def test_switches_for_ids_and_nulls_apply_to_every_collection() -> None:
    with Sandbox(contacts=40, switches={"limits": "off", "ids": "integers", "nulls": "missing"}) as box:
        api = Client(box)
        for path, items in (
            ("orders", "orders"),
            ("sales/payments", "payments"),
            ("leadSources", "lead_sources"),
        ):
            rows = api(f"/v2/{path}").body[items]
            assert all(isinstance(row["id"], int) and None not in row.values() for row in rows)
        api.close()


def test_collections_grow_with_the_number_of_contacts(shared: Client) -> None:
    counts = {
        name: len(shared.box.records(name, ids_only=True))
        for name in ("orders", "notes", "tasks", "emails", "opportunities")
    }
    assert counts == {"orders": 180, "notes": 300, "tasks": 150, "emails": 600, "opportunities": 30}


def test_single_records_have_more_fields_than_lists(shared: Client) -> None:
    product = shared("/v2/products/15").body
    listed = next(row for row in shared("/v2/products").body["products"] if row["id"] == "15")
    assert "inventory_count" in product["inventory"]
    assert "inventory_count" not in listed["inventory"]
    mail = shared.box.records("emails")[0]
    assert "plain_content" not in mail
    assert shared(f"/v2/emails/{mail['id']}").body["plain_content"]
    assert "default_commission" in shared("/v2/affiliates/commissionPrograms/1").body
    assert "html_body" in shared("/v2/emails/templates/61").body
    settings = shared("/v2/settings/applications:getConfiguration", fields="ECOMMERCE,TASK").body
    assert set(settings) == {"application", "ecommerce", "task"}
    summary = shared("/v2/affiliates/summaries", filter="affiliate_ids==2,5").body["affiliate_summaries"]
    assert {row["affiliateId"] for row in summary} == {2, 5}
    assert shared("/v2/emailAddresses/PERSON7@example.org/status").status in {200, 404}


def test_file_data_and_snippets_switches() -> None:
    with Sandbox(contacts=40, switches={"limits": "off"}) as box:
        api = Client(box)
        file = box.records("files")[0]
        first = api(f"/v2/files/{file['id']}:data")
        assert (first.headers["content-type"], type(first.body)) == ("application/json", str)
        box.switch(file_data="bytes", snippets="html")
        second = api(f"/v2/files/{file['id']}:data")
        assert len(second.raw) == file["file_size"]
        assert api("/v2/users/1/signature").raw.startswith(b"<p>")
        assert api("/v2/webforms/40:data").headers["content-type"].startswith("text/html")
        api.close()
