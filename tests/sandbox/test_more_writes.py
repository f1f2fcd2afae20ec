"""Write calls for sales, activities and the shop, cascading deletes, and planted rows."""

from __future__ import annotations

from typing import Any

import pytest

from keap_sandbox import Sandbox

from .conftest import Client

NOW = "2026-11-18T11:06:40.000Z"
LATER = "2026-11-18T11:07:40.000Z"
ORDER = {
    "contact_id": "8",
    "order_title": "Two books",
    "order_time": "2026-11-18T09:00:00Z",
    "order_type": "OFFLINE",
    "order_items": [
        {"product_id": "15", "quantity": 2},
        {"name": "Post", "quantity": 1, "item_type": "SHIPPING", "price_per_unit": 4.5},
    ],
}


def _find(box: Sandbox, collection: str, key: str) -> Any:
    return next(row for row in box.records(collection) if row["id"] == key)


def test_create_pay_and_delete_an_order(box: Sandbox, api: Client) -> None:
    made = api("/v2/orders", method="POST", body=ORDER)
    assert made.status == 201, made.raw
    order, path = made.body, f"/v2/orders/{made.body['id']}"
    assert (order["total"]["amount"], order["total"]["formatted_amount"]) == (4448, "$44.48")
    assert order["creation_time"] == order["modification_time"] == NOW
    assert order["contact"]["id"] == "8"
    assert [item["item_type"] for item in order["order_items"]] == ["PRODUCT", "SHIPPING"]
    box.advance(60)
    paid = api(
        f"{path}/payments", method="POST", body={"payment_amount": 44.48, "apply_to_commissions": True}
    )
    assert paid.status == 201, paid.raw
    assert (paid.body["invoice_id"], paid.body["payment_amount"]) == (order["invoice_id"], 44.48)
    now = api(path).body
    assert (now["status"], now["total_paid"]["amount"], now["modification_time"]) == ("PAID", 4448, LATER)
    assert [row["amount"] for row in api(f"{path}/payments").body["invoice_order_payments"]] == [44.48]
    rows = api("/v2/sales/payments", filter=f"order_id=={order['id']}").body["payments"]
    assert [(row["id"], row["update_time"]) for row in rows] == [(paid.body["id"], LATER)]
    assert len(api("/v2/sales/transactions", filter=f"order_id=={order['id']}").body["transactions"]) == 1
    assert now["id"] in {
        row["id"] for row in api("/v2/orders", filter=f"modified_since_time=={LATER}").body["orders"]
    }
    assert api(path, method="DELETE").status == 204
    assert api(path).status == api(f"{path}/payments").status == 404
    assert all(row["order_ids"] != [order["id"]] for row in box.records("payments"))
    assert all(row["order_id"] != order["id"] for row in box.records("order_payments"))


def test_changing_items_changes_the_order_total(box: Sandbox, api: Client) -> None:
    order = api("/v2/orders", method="POST", body=ORDER).body
    path = f"/v2/orders/{order['id']}/items"
    box.advance(60)
    item = api(path, method="POST", body={"product_id": "3", "quantity": 1})
    assert item.status == 201
    assert api(f"/v2/orders/{order['id']}").body["total"]["amount"] == 4448 + 4900
    one = f"{path}/{item.body['id']}"
    assert api(one, method="PATCH", body={"quantity": 3, "price_per_unit": 10}).body["quantity"] == 3
    assert api(one).body["price_per_unit"]["amount"] == 1000
    assert api(f"/v2/orders/{order['id']}").body["total"]["amount"] == 4448 + 3000
    assert api(one, method="DELETE").status == 204
    assert api(one).status == 404
    now = api(f"/v2/orders/{order['id']}").body
    assert (now["total"]["amount"], now["modification_time"]) == (4448, LATER)
    assert any(row["order_id"] == order["id"] for row in box.records("order_items"))


def test_a_sample_order_can_be_updated(box: Sandbox, api: Client) -> None:
    before = box.records("orders")[5]
    plan = {"number_of_payments": 3, "days_between_payments": 14, "auto_charge": True}
    body = {"title": "Renamed", "payment_plan": plan, "custom_fields": [{"id": "405", "content": "Hi"}]}
    after = api(f"/v2/orders/{before['id']}", method="PATCH", body=body).body
    assert (after["title"], after["modification_time"]) == ("Renamed", NOW)
    assert after["total"] == before["total"]
    assert after["total_paid"] == before["total_paid"]
    assert len(after["payment_plan"]["payment_plan_items"]) == 3
    assert {"id": "405", "content": "Hi"} in after["custom_fields"]
    assert _find(box, "orders", before["id"]) == after


def test_a_new_stage_is_recorded_as_a_stage_move(box: Sandbox, api: Client) -> None:
    body = {"contact_id": "8", "opportunity_title": "Deal", "stage_id": "10", "user_id": "3"}
    made = api("/v2/opportunities", method="POST", body=body)
    assert made.status == 201, made.raw
    key = made.body["id"]
    assert (made.body["stage"]["name"], made.body["contact"]["id"]) == ("New lead", "8")
    box.advance(60)
    api(f"/v2/opportunities/{key}", method="PATCH", body={"stage_id": "50"})
    api(f"/v2/opportunities/{key}", method="PATCH", body={"opportunity_notes": "no move"})
    moves = api("/v2/opportunities/stageMoves", filter=f"opportunity_id=={key}", order_by="id asc").body
    steps = [(row["move_from_stage_id"], row["move_to_stage_id"]) for row in moves["stage_moves"]]
    assert steps == [("0", "10"), ("10", "50")]
    assert moves["stage_moves"][1]["move_time"] == LATER.replace("Z", "+0000")
    assert moves["stage_moves"][1]["prev_stage_move_time"] == NOW.replace("Z", "+0000")
    row = api(f"/v2/opportunities/{key}", fields="stage_entrance_time,custom_fields").body
    assert (row["stage_entrance_time"], row["last_updated_time"]) == (LATER, LATER)
    assert api(f"/v2/opportunities/{key}", method="DELETE").status == 204
    assert all(row["opportunity_id"] != key for row in box.records("opportunity_stage_moves"))


@pytest.mark.parametrize(
    ("path", "body", "change", "time"),
    [
        ("contacts/8/notes", {"user_id": "3", "title": "Call"}, {"text": "x", "user_id": "1"}, "update_time"),
        ("tasks", {"assigned_to_user_id": "3", "title": "Do"}, {"priority": "CRITICAL"}, "modification_time"),
        ("products", {"name": "New", "price": 1999, "short_description": "s"}, {"sku": "N-1"}, "update_time"),
        ("products/12/subscriptions", {"cycle_type": "MONTHLY", "plan_price": 1950},
         {"active": True, "cycle_type": "YEARLY", "plan_price": 9900}, ""),
        ("productCategories", {"name": "Fresh"}, {"display_order_index": 9}, ""),
        ("leadSources", {"name": "Poster"}, {"status": "INACTIVE"}, "update_time"),
        ("leadSourceCategories", {"name": "Air"}, {"description": "d"}, "update_time"),
        ("leadSources/2/expenses", {"amount": 1250, "title": "Ad"}, {"notes": "paid"}, "update_time"),
        ("leadSources/4/recurringExpenses", {"amount": 900}, {"title": "Fee"}, "update_time"),
        ("opportunities/stages",
         {"name": "Late", "order": 9, "target_number_days": 3, "probability": 5},
         {"probability": 6}, "updated_time"),
        ("affiliates/redirects", {"name": "L", "code": "l9", "website_address": "https://x.example"},
         {"name": "L", "code": "l10", "website_address": "https://x.example"}, ""),
        ("discounts/orderTotals", {"name": "D", "discount_type": "AMOUNT", "discount_value": 5},
         {"discount_strategy": "NET"}, ""),
        ("discounts/products",
         {"name": "D", "discount_type": "AMOUNT", "discount_value": 5, "product_id": "3"},
         {"description": "d"}, ""),
        ("discounts/shipping",
         {"name": "D", "discount_type": "PERCENT", "discount_value": 5}, {"name": "E"}, ""),
        ("discounts/freeTrials", {"name": "D", "subscription_plan_id": "5"}, {"free_trial_days": 3}, ""),
        ("discounts/productCategories",
         {"name": "D", "discount_percent": 5, "apply_to_commissions": False, "product_category_ids": ["4"]},
         {"discount_percent": 7.5}, ""),
    ],
)  # fmt: skip
def test_create_update_and_delete(
    box: Sandbox, api: Client, path: str, body: dict[str, Any], change: dict[str, Any], time: str
) -> None:
    made = api(f"/v2/{path}", method="POST", body=body)
    assert made.status == 201, made.raw
    one = f"/v2/{path}/{made.body['id']}"
    box.advance(60)
    changed = api(one, method="PATCH", body=change)
    assert changed.status == 200, changed.raw
    assert (
        changed.body.items()
        >= {k: v for k, v in change.items() if k not in {"user_id", "plan_price"}}.items()
    )
    if time:
        assert (made.body[time], changed.body[time]) == (NOW, LATER)
    assert api(one).status == 200
    assert api(one, method="DELETE").status == 204
    assert api(one).status == 404
    first = next(iter(body))
    assert api(f"/v2/{path}", method="POST", body={**body, first: None}).status == 400
    assert api(f"/v2/{path}", method="POST", body={**body, "nonsense": 1}).status == 400


def test_create_and_deactivate_a_subscription(box: Sandbox, api: Client) -> None:
    body = {"contact_id": "8", "subscription_plan_id": "14"}
    made = api("/v2/subscriptions", method="POST", body=body).body
    assert (made["product_id"], made["billing_amount"], made["billing_cycle"]) == ("33", 290.0, "YEAR")
    box.advance(60)
    stop = {"reason": "Moved"}
    assert api(f"/v2/subscriptions/{made['id']}:deactivate", method="POST", body=stop).status == 200
    row = api(f"/v2/subscriptions/{made['id']}").body
    assert (row["active"], row["reason_stopped"], row["modification_time"]) == (False, "Moved", LATER)
    assert api(f"/v2/subscriptions/{made['id']}", method="DELETE").status == 405


def test_referrals_inventory_and_product_categories(box: Sandbox, api: Client) -> None:
    body = {"contact_id": "8", "referral_partner_id": "2", "referral_type": "MANUAL"}
    made = api("/v2/referrals", method="POST", body=body).body
    assert made["referral_time"] == NOW
    assert made["id"] in {row["id"] for row in api("/v2/affiliates/2/referrals").body["referrals"]}
    before = api("/v2/products/15").body["inventory"]["inventory_count"]
    path = "/v2/products/15:adjustInventory"
    after = api(path, method="POST", body={"type": "INCREASE", "quantity": 7}).body
    assert after["inventory"]["inventory_count"] == before + 7
    assert after["update_time"] == NOW
    assign = "/v2/productCategories/10:assignProducts"
    assert api(assign, method="POST", body={"product_ids": ["15"]}).status == 204
    rows = {
        row["product_category_id"]: row["product_ids"] for row in box.records("product_category_assignments")
    }
    assert "15" in rows["10"]
    assert api("/v2/productCategories/10", method="DELETE").status == 204
    assert "10" not in api("/v2/products/15").body["categories"]


def test_affiliates_join_and_leave_commission_programs(box: Sandbox, api: Client) -> None:
    def members() -> set[str]:
        rows = box.records("commission_program_affiliates")
        return {row["affiliate_id"] for row in rows if row["commission_program_id"] == "4"}

    body = {"affiliate_program_id": "4"}
    outsider = next(key for key in box.records("affiliates", ids_only=True) if key not in members())
    assert api(f"/v2/affiliates/{outsider}:assignToProgram", method="POST", body=body).status == 200
    assert outsider in members()
    assert api(f"/v2/affiliates/{outsider}:removeFromProgram", method="POST", body=body).status == 200
    assert outsider not in members()
    wrong = {"affiliate_program_id": "99"}
    assert api(f"/v2/affiliates/{outsider}:assignToProgram", method="POST", body=wrong).status == 400


def test_a_link_is_listed_on_both_contacts(api: Client) -> None:
    body = {"contact1_id": "8", "contact2_id": "15", "link_type_id": "1"}
    assert api("/v2/contacts:link", method="POST", body=body).status == 201
    row = {**body, "link_type_name": "Spouse"}
    assert row in api("/v2/contacts/8/links").body["links"]
    assert row in api("/v2/contacts/15/links").body["links"]
    links = api("/v2/contacts/15", fields="links").body["links"]
    assert ("8", "Spouse") in {(one["linked_contact_id"], one["link_type_name"]) for one in links}
    assert api("/v2/contacts:unlink", method="POST", body=body).status == 204
    assert row not in api("/v2/contacts/8/links").body["links"]


def test_deleting_a_contact_deletes_all_its_records(box: Sandbox, api: Client) -> None:
    owners = [row["contact"]["id"] for row in box.records("orders")]
    key = max(set(owners), key=owners.count)
    assert any(row["contact_id"] == key for row in box.records("payments"))
    assert api(f"/v2/contacts/{key}", method="DELETE").status == 204
    for name in (
        "orders", "payments", "order_payments", "transactions", "subscriptions", "payment_methods", "notes",
        "tasks", "appointments", "emails", "opportunities", "referrals", "files", "contact_links",
    ):  # fmt: skip
        for row in box.records(name):
            owner = row.get("contact_id") or (row.get("contact") or {}).get("id")
            assert owner != key, name
    orders = set(box.records("orders", ids_only=True))
    assert {row["order_id"] for row in box.records("order_payments")} <= orders


def test_deleting_a_parent_deletes_or_detaches_its_children(box: Sandbox, api: Client) -> None:
    deal = next(row["opportunity_id"] for row in box.records("tasks") if row["opportunity_id"])
    assert api(f"/v2/opportunities/{deal}", method="DELETE").status == 204
    assert all(row["opportunity_id"] != deal for row in box.records("tasks"))
    for path, collection, field, key in (
        ("leadSources/8", "lead_source_expenses", "lead_source_id", "8"),
        ("products/12", "subscription_plans", "product_id", "12"),
        ("affiliates/2", "affiliate_commissions", "affiliate_id", "2"),
    ):
        assert any(str(row[field]) == key for row in box.records(collection))
        assert api(f"/v2/{path}", method="DELETE").status == 204
        assert all(str(row[field]) != key for row in box.records(collection))


def test_a_new_email_address_gets_a_status(api: Client) -> None:
    body = {"email_addresses": [{"email": "fresh@example.com", "field": "EMAIL1"}]}
    assert api("/v2/emailAddresses/fresh@example.com/status").status == 404
    api("/v2/contacts", method="POST", body=body)
    assert api("/v2/emailAddresses/fresh@example.com/status").body["create_time"] == NOW


def test_notes_tasks_and_appointments_share_their_custom_fields(box: Sandbox, api: Client) -> None:
    made = api("/v2/notes/model/customFields", method="POST", body={"label": "Topic", "field_type": "TEXT"})
    assert made.body["record_type"] == "TASK_NOTE_APPOINTMENT"
    assert made.body in api("/v2/tasks/model").body["custom_fields"]
    rows = api("/v2/tasks", fields="custom_fields", page_size=3).body["tasks"]
    assert all(any(one["id"] == made.body["id"] for one in row["custom_fields"]) for row in rows)
    roof, task = [{"id": made.body["id"], "content": "Roof"}], rows[0]["id"]
    api(f"/v2/tasks/{task}", method="PATCH", body={"custom_fields": roof})
    assert [row["id"] for row in api("/v2/tasks", filter="_topic==roof").body["tasks"]] == [task]
    assert len(box.records("task_custom_fields")) == len(box.records("note_custom_fields")) == 5


@pytest.mark.parametrize(
    ("collection", "row"),
    [
        ("orders", {"title": "Planted", "modification_time": "2027-01-01T00:00:00Z"}),
        ("notes", {"contact_id": "8", "title": "Planted"}),
        ("payments", {"order_ids": ["8"], "amount": 1}),
        ("order_payments", {"order_id": "8", "amount": 1}),
        ("payment_methods", {"contact_id": "8"}),
        ("transactions", {"amount": 1}),
        ("email_address_statuses", {"email": "planted@example.com"}),
        ("opportunities", {"opportunity_title": "Planted"}),
        ("automations", {"title": "Planted"}),
    ],
)
def test_planted_rows_are_in_the_records(box: Sandbox, collection: str, row: dict[str, Any]) -> None:
    count = len(box.records(collection))
    assert box.plant(collection, upsert=[row], touch=True) == 1
    rows = box.records(collection)
    assert len(rows) == count + 1
    assert any(one.items() >= row.items() for one in rows)


def test_planted_children_are_listed_under_their_parent(box: Sandbox, api: Client) -> None:
    box.plant("notes", upsert=[{"id": "9001", "contact_id": "8", "title": "Planted"}])
    box.plant("order_payments", upsert=[{"id": "9002", "order_id": "8", "amount": 1}])
    assert "9001" in {row["id"] for row in api("/v2/contacts/8/notes").body["notes"]}
    assert api("/v2/contacts/8/notes/9001").body["title"] == "Planted"
    assert "9002" in {row["id"] for row in api("/v2/orders/8/payments").body["invoice_order_payments"]}
    box.plant("notes", upsert=[{"id": "9001", "title": "Planted again", "update_time": "x"}], touch=True)
    assert api("/v2/contacts/8/notes/9001").body["update_time"] == "x"


def test_the_same_seed_makes_the_same_account() -> None:
    names = ("orders", "payments", "emails", "opportunities", "automations")
    one, same = Sandbox(contacts=60), Sandbox(contacts=60)
    other = Sandbox(contacts=60, seed=2)
    for name in names:
        assert one.records(name) == same.records(name)
        assert one.records(name) != other.records(name)


@pytest.mark.parametrize("contacts", [0, 1, 7])
def test_every_collection_of_a_small_account_can_be_read(contacts: int) -> None:
    box = Sandbox(contacts=contacts)
    collections = box.engine.world.account.tables
    for name in collections:
        if not name.startswith(("contact_link_rows", "program_resources")):
            box.records(name)


def test_the_status_of_an_address_is_planted_by_the_address(box: Sandbox) -> None:
    first, second = box.records("email_address_statuses", ids_only=True)[:2]
    assert box.plant("email_address_statuses", upsert=[{"email": first, "status": "SPAM"}]) == 1
    assert box.plant("email_address_statuses", delete=[second, "nobody@example.com"]) == 1
    rows = {row["email"]: row for row in box.records("email_address_statuses")}
    assert rows[first]["status"] == "SPAM"
    assert second not in rows
