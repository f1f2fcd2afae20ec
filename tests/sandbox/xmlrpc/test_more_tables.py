"""Tables that put several collections together, and those that REST has nothing for."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.account import Account
from keap_sandbox.clock import Clock
from keap_sandbox.switches import Switches
from keap_sandbox.xmlrpc.tables.registry import TABLES
from tests.sandbox import reference
from tests.sandbox.conftest import Client
from tests.sandbox.xmlrpc.test_tables import Row, eastern, midnight, rest, table

ONLY_HERE = (
    "ActionSequence", "Campaignee", "Expense", "GroupAssign", "JobRecurringInstance", "MtgLead", "Status",
    "Ticket", "TicketStage", "TicketType",
)  # fmt: skip


@pytest.mark.skipif(
    not (reference.FOLDER / "xmlrpc_tables.json").is_file(), reason="Keap's documents are not on this machine"
)
def test_all_tables_of_the_reference_are_there() -> None:
    known = json.loads((reference.FOLDER / "xmlrpc_tables.json").read_text())
    assert set(TABLES) == {name for name in known if not name.startswith("_")}
    assert len(TABLES) == 60


_PHONES = " ".join(f"Phone{n}{part}" for n in range(3, 6) for part in ("", "Ext", "Type"))
_CONTACT = f"""
    AssistantName AssistantPhone BillingInformation Fax2 Fax2Type ZipFour1 ZipFour2 ZipFour3 {_PHONES}
"""
NEVER = {
    "Contact": _CONTACT,
    "Company": f"""{_CONTACT}
        Address2Street1 Address2Street2 Address2Type Address3Street1 Address3Street2 Address3Type Anniversary
        Birthday City2 City3 Country2 Country3 EmailAddress2 EmailAddress3 FirstName JobTitle LastName
        LeadSourceId Leadsource MiddleName Nickname Phone2 Phone2Ext Phone2Type PostalCode2 PostalCode3
        SpouseName State2 State3 Suffix Title
    """,
    "User": """
        EmailAddress2 EmailAddress3 MiddleName Nickname Phone1 Phone1Ext Phone1Type Phone2 Phone2Ext
        Phone2Type SpouseName StreetAddress2 Suffix ZipFour1
    """,
    "DataFormField": "DefaultValue",
    "OrderItem": "Notes",
    "Job": "ShipCompany ShipMiddleName ShipStreet2",
    "Product": "BottomHTML ShippingTime TopHTML",
    "ProductCategory": "CategoryImage",
    "ProductOption": "TextMessage",
    "RecurringOrder": "CC2",
    "RecurringOrderWithContact": "CC2 HTMLSignature Signature ZipFour1",
    "CreditCard": "CardNumber CVV2 MaestroIssueNumber StartDateMonth StartDateYear",
    "Ticket": "IssueId",
}
"""Columns without any value in the sample: REST's sample has none either, or nobody may read it."""
_NUMBERED = {
    "Contact.HTMLSignature", "Contact.Signature",
    *(f"Contact.CustomDate{n}" for n in range(1, 6)),
    *(f"Contact.CustomDbl{n}" for n in range(1, 6)),
    *(f"Contact.CustomField{n}" for n in range(1, 11)),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(TABLES))
def test_columns_have_values_in_some_rows(big: Account, name: str) -> None:
    rows = TABLES[name].rows(big)
    filled = {field for row in map(rows.row, rows.keys()) for field in row}
    columns = {column.name for column in TABLES[name].columns if not column.retired}
    never = {f"Contact.{one}" for one in _CONTACT.split()} | _NUMBERED
    assert columns - filled == (never if name == "ContactGroupAssign" else set(NEVER.get(name, "").split()))


@pytest.fixture(scope="module")
def big() -> Account:
    return Account(1, 900, Clock(lambda: 1_795_000_000.0), Switches())


# --- put together ----------------------------------------------------------------------------------------


_PRIORITIES = {"CRITICAL": 1, "ESSENTIAL": 2, "NONESSENTIAL": 3}
_CYCLES = {"YEAR": "1", "MONTH": "2", "WEEK": "3", "DAY": "6"}


def test_notes_tasks_and_appointments_are_one_table(box: Sandbox) -> None:
    rows = table(box, "ContactAction")
    kinds = {"notes": "Note", "tasks": "Task", "appointments": "Appointment"}
    records = {kind: rest(box, kind) for kind in kinds}
    assert len(rows) == sum(map(len, records.values()))
    for kind, name in kinds.items():
        for key, record in records[kind].items():
            row = rows[key]
            assert (row["ObjectType"], row["IsAppointment"]) == (name, int(kind == "appointments"))
            assert row["CreationDate"] == eastern(record["create_time"])
            assert row["LastUpdated"] == eastern(record.get("update_time") or record.get("modification_time"))
            assert row.get("ContactId") == (record["contact_id"] and int(record["contact_id"]))
            assert row.get("ActionDescription") == record["title"]
            assert row.get("CreationNotes") == record.get("text", record.get("description"))
            if kind == "tasks":
                due, minutes = row.get("ActionDate"), record["remind_time_mins"]
                assert due == eastern(record["due_time"])
                assert row.get("CompletionDate") == eastern(record["completion_time"])
                assert row["Priority"] == _PRIORITIES[record["priority"]]
                assert ("PopupDate" in row) == (due is not None and minutes is not None)


def test_custom_fields_of_actions_are_those_of_notes(box: Sandbox) -> None:
    rows = table(box, "ContactAction").values()
    assert {row["ObjectType"] for row in rows if "_Minutes" in row} == {"Note", "Task", "Appointment"}


def test_subscriptions_come_with_their_contact(box: Sandbox) -> None:
    alone, contacts = table(box, "RecurringOrder"), table(box, "Contact")
    records, orders = rest(box, "subscriptions"), rest(box, "orders")
    rows = {row["RecurringOrderId"]: row for row in box.records("xmlrpc:RecurringOrderWithContact")}
    assert rows.keys() == alone.keys() == records.keys()
    for key, row in rows.items():
        own, record, contact = alone[key], records[key], contacts[row["ContactId"]]
        assert row["Id"] == key
        assert all(row[name] == value for name, value in own.items() if not name.startswith("_"))
        assert not any(name.startswith("_") for name in row)
        for name in ("FirstName", "Email", "City", "Phone1", "PostalCode", "Title"):
            assert row.get(name) == contact.get(name)
        assert own.get("NextBillDate") == midnight(record["next_bill_date"])
        assert own["BillingAmt"] == record["billing_amount"]
        assert own["Status"] == ("Active" if record["active"] else "Inactive")
        assert own["BillingCycle"] == _CYCLES[record["billing_cycle"]]
        first = own.get("OriginatingOrderId")
        named = [item["subscription_id"] for item in orders[first]["order_items"]] if first else [str(key)]
        assert str(key) in named
    assert any("OriginatingOrderId" in row for row in alone.values())


def test_a_bill_that_falls_due_changes_the_next_bill_date(box: Sandbox) -> None:
    before = table(box, "RecurringOrder")
    stamp = TABLES["RecurringOrder"].rows(box.engine.world.account).stamp()
    box.advance(40 * 86_400)
    after = table(box, "RecurringOrder")
    assert after.keys() == before.keys()
    assert after != before
    assert TABLES["RecurringOrder"].rows(box.engine.world.account).stamp() != stamp


def test_days_that_rest_writes_as_midnight_utc_are_the_same_days(box: Sandbox) -> None:
    sources = rest(box, "lead_sources")
    for key, row in table(box, "LeadSource").items():
        assert row["StartDate"] == midnight(sources[key]["start_time"])
    incurred = rest(box, "lead_source_expenses")
    for key, row in table(box, "LeadSourceExpense").items():
        assert row["DateIncurred"] == midnight(incurred[key]["incurred_time"])
        assert row["Amount"] == incurred[key]["amount"]["amount"] / 100


def test_social_accounts_and_email_addresses_have_ids_here(box: Sandbox) -> None:
    contacts, rows = rest(box, "contacts"), table(box, "SocialAccount")
    assert len(rows) == sum(len(contact["social_accounts"]) for contact in contacts.values())
    for row in rows.values():
        assert row["AccountName"] in [one["name"] for one in contacts[row["ContactId"]]["social_accounts"]]
    assert {row["AccountType"] for row in rows.values()} == {"Facebook", "Twitter", "LinkedIn"}
    statuses = {row["email"]: row for row in box.records("email_address_statuses")}
    emails = {row["Email"]: row for row in table(box, "EmailAddStatus").values()}
    assert emails.keys() == statuses.keys()
    for email, row in emails.items():
        assert row.get("LastSentDate") == eastern(statuses[email]["last_sent_time"])


def test_saved_searches_name_their_users_in_a_list(box: Sandbox) -> None:
    rows, users = table(box, "SavedFilter"), ",".join(map(str, table(box, "User")))
    assert {key: row.get("UserId") for key, row in rows.items()} == {
        3: users, 5: "1,3", 8: "1", 13: users, 21: None,
    }  # fmt: skip


# --- tables that REST has nothing for --------------------------------------------------------------------


def _time(value: Any) -> datetime:
    return datetime.fromisoformat(value)


def test_nothing_is_older_than_what_it_names(box: Sandbox) -> None:
    contacts, leads = table(box, "Contact"), table(box, "Lead")
    for row in table(box, "Ticket").values():
        created = _time(contacts[row["ContactId"]]["DateCreated"])
        assert created <= _time(row["DateCreated"]) <= _time(row["LastUpdated"])
        assert _time(row["DateInStage"]).date() >= _time(row["DateCreated"]).date()
    for row in table(box, "Expense").values():
        assert _time(row["DateIncurred"]) >= _time(contacts[row["ContactId"]]["DateCreated"])
    for row in table(box, "MtgLead").values():
        steps = {name for name in row if "Date" in name} - {"EstimatedCloseDate"}
        moments = [_time(row[name]) for name in steps]
        assert all(moment >= _time(leads[row["OpportunityId"]]["DateCreated"]) for moment in moments)
    items, subscriptions = table(box, "InvoiceItem"), table(box, "RecurringOrder")
    runs = table(box, "JobRecurringInstance")
    for row in runs.values():
        start = _time(subscriptions[row["RecurringId"]]["StartDate"])
        assert start <= _time(row["StartDate"]) <= _time(row["EndDate"])
        if "InvoiceItemId" in row:
            assert row["DateCreated"] == items[row["InvoiceItemId"]]["DateCreated"]
    assert {row["RecurringId"] for row in runs.values()} <= subscriptions.keys()
    assert any("InvoiceItemId" in row for row in runs.values())


def test_another_seed_makes_other_rows() -> None:
    def rows(seed: int) -> list[Row]:
        with Sandbox(seed=seed, contacts=40) as box:
            return [row for name in ONLY_HERE for row in box.records(f"xmlrpc:{name}")]

    assert rows(1) == rows(1) != rows(2)


def test_their_rows_can_be_planted_changed_and_deleted(box: Sandbox, api: Client) -> None:
    path = "/sandbox/records/xmlrpc:Ticket"
    first, *others = table(box, "Ticket")
    new: Row = {
        "TicketTitle": "Grüße",
        "Summary": None,
        "DateCreated": "2026-01-20T08:15:00",
        "TimeSpent": 1.5,
    }
    done = api(path, method="POST", body={
        "upsert": [new, {"Id": first, "CloseDate": "2026-02-01", "LastUpdated": "2026-07-01T12:00:00Z"}],
        "delete": [str(others[0])],
    })  # fmt: skip
    assert done.status == 200, done.raw
    rows = table(box, "Ticket")
    assert others[0] not in rows
    assert (rows[first]["CloseDate"], rows[first]["LastUpdated"]) == (
        "2026-02-01T00:00:00",
        "2026-07-01T08:00:00",
    )
    (key,) = rows.keys() - {first, *others}
    assert rows[key] == {
        "Id": key,
        "TicketTitle": "Grüße",
        "DateCreated": "2026-01-20T08:15:00",
        "TimeSpent": 1.5,
    }
    api(path, method="POST", body={"upsert": [{"Id": key}], "touch": True})
    assert table(box, "Ticket")[key]["LastUpdated"] == eastern("2026-11-18T11:06:40Z")


@pytest.mark.parametrize("name", ONLY_HERE)
def test_a_row_without_anything_else_can_be_planted(box: Sandbox, name: str) -> None:
    box.plant(f"xmlrpc:{name}", upsert=[{"Id": 70_001}])
    assert table(box, name)[70_001] == {"Id": 70_001}


@pytest.mark.parametrize("contacts", [0, 40])
def test_a_planted_row_gets_an_id(contacts: int) -> None:
    with Sandbox(contacts=contacts) as box:
        before = table(box, "Ticket").keys()
        box.plant("xmlrpc:Ticket", upsert=[{"TicketTitle": "New"}, {"TicketTitle": "Newer"}])
        after = table(box, "Ticket")
        assert [after[key]["TicketTitle"] for key in sorted(after.keys() - before)] == ["New", "Newer"]


def test_they_go_with_what_they_belong_to(box: Sandbox, api: Client) -> None:
    row = next(iter(table(box, "Ticket").values()))
    api(f"/v2/contacts/{row['ContactId']}", method="DELETE")
    for name in ("Ticket", "Campaignee", "Expense"):
        assert row["ContactId"] not in [one.get("ContactId") for one in table(box, name).values()]
    box.plant("xmlrpc:TicketStage", delete=["2"])
    assert 2 not in [one.get("Stage") for one in table(box, "Ticket").values()]
