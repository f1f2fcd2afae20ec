"""The tables of the XML-RPC API: their columns, and rows that say the same as the records of REST."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.account import Account
from keap_sandbox.clock import Clock
from keap_sandbox.records import BadRecordsError
from keap_sandbox.switches import Switches
from keap_sandbox.xmlrpc.tables.cells import time_of
from keap_sandbox.xmlrpc.tables.registry import TABLES
from keap_sandbox.xmlrpc.tables.view import LegacyRow
from tests.sandbox import reference
from tests.sandbox.conftest import Client

Row = dict[str, Any]
_FILE = reference.FOLDER / "xmlrpc_tables.json"


def eastern(text: str | None) -> str | None:
    """Return a time of REST as a copy of a table has it."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text).astimezone(ZoneInfo("America/New_York"))
    return moment.replace(tzinfo=None, microsecond=0).isoformat()


def midnight(day: str | None) -> str | None:
    return None if day is None else f"{day[:10]}T00:00:00"


def table(box: Sandbox, name: str) -> dict[int, Row]:
    found = {row["Id"]: row for row in box.records(f"xmlrpc:{name}")}
    assert len(found) == len(box.records(f"xmlrpc:{name}", ids_only=True))
    return found


def rest(box: Sandbox, name: str) -> dict[int, Row]:
    return {int(row["id"]): row for row in box.records(name)}


# --- columns ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not _FILE.is_file(), reason="Keap's documents are not on this machine")
@pytest.mark.parametrize("name", sorted(TABLES))
def test_columns_are_those_of_the_reference(name: str) -> None:
    documents = json.loads(_FILE.read_text())
    expected = {
        field: (
            known["type"],
            {word[0] for word in known["access"].split()},
            bool(known.get("inferred")),
            bool(known.get("retired")),
        )
        for field, known in documents[name].items()
    }
    view = TABLES[name]
    assert {
        column.name: (column.type, set(column.access), column.inferred, column.retired)
        for column in view.columns
    } == expected
    words = documents["_meta"]["table_access"][name].replace(" (inferred)", "").split()
    assert {word[0] for word in words} == set(view.access)
    assert documents["_meta"]["custom_fields"]["FormId"].get(name) == view.form


def test_card_numbers_cannot_be_read_and_passwords_can(box: Sandbox) -> None:
    access = {column.name: column.access for column in TABLES["CreditCard"].columns}
    assert "R" not in access["CardNumber"] + access["CVV2"]
    for row in table(box, "CreditCard").values():
        assert not {"CardNumber", "CVV2"} & set(row)
    for name in ("Contact", "Company", "Affiliate"):
        assert any(row.get("Password") for row in table(box, name).values()), name


# --- values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-20T13:15:00Z", "2026-01-20T08:15:00"),  # winter: five hours
        ("2026-07-20T13:15:00.999Z", "2026-07-20T09:15:00"),  # summer: four hours, without the fraction
        ("2026-11-01T05:30:00Z", "2026-11-01T01:30:00"),  # the hour that comes twice
        ("2026-11-01T06:30:00Z", "2026-11-01T01:30:00"),
        ("2026-03-08T07:00:00Z", "2026-03-08T03:00:00"),  # the hour that never comes
        ("2024-11-20T18:34:12.000+0000", "2024-11-20T13:34:12"),
        ("2026-07-20", "2026-07-20T00:00:00"),  # a day is not shifted
        ("2026-07-20T08:15:00", "2026-07-20T08:15:00"),  # already Eastern
        ("no time", None),
        ("0000-00-00", None),
    ],
)
def test_times_are_eastern(text: str, expected: str | None) -> None:
    found = time_of(text)
    assert (found and found.isoformat()) == expected


def test_contacts_are_those_of_rest(box: Sandbox) -> None:
    rows, records = table(box, "Contact"), rest(box, "contacts")
    assert rows.keys() == records.keys()
    sources = rest(box, "lead_sources")
    for key, record in records.items():
        emails = {one["field"]: one["email"] for one in record["email_addresses"]}
        homes = {one["field"]: one for one in record["addresses"]}
        phones = {one["field"]: one for one in record["phone_numbers"]}
        company = record["company"] or {}
        expected = {
            "FirstName": record["given_name"],
            "LastName": record["family_name"],
            "Title": record["prefix"],
            "Nickname": record["preferred_name"],
            "Email": emails.get("EMAIL1"),
            "EmailAddress3": emails.get("EMAIL3"),
            "City": homes.get("BILLING", {}).get("locality"),
            "Address2Street1": homes.get("SHIPPING", {}).get("line1"),
            "PostalCode3": homes.get("OTHER", {}).get("postal_code"),
            "Phone2": phones.get("PHONE2", {}).get("number"),
            "Phone1Ext": phones.get("PHONE1", {}).get("extension"),
            "Company": company.get("company_name"),
            "CompanyID": int(company["id"]) if company else None,
            "OwnerID": record["owner_id"] and int(record["owner_id"]),
            "LeadSourceId": int(record["leadsource_id"]),
            "Leadsource": sources.get(int(record["leadsource_id"]), {}).get("name"),
            "Groups": ",".join(record["tag_ids"]) or None,
            "DateCreated": eastern(record["create_time"]),
            "LastUpdated": eastern(record["update_time"]),
            "Birthday": midnight(record["birth_date"]),
            "Anniversary": midnight(record["anniversary_date"]),
            "ContactNotes": record["notes"],
        }
        assert {name: rows[key].get(name) for name in expected} == expected
        assert None not in rows[key].values()


def test_empty_text_and_null_stay_apart(box: Sandbox) -> None:
    box.plant("contacts", upsert=[{"id": "8", "notes": "", "job_title": None}])
    row = table(box, "Contact")[8]
    assert row["ContactNotes"] == ""
    assert "JobTitle" not in row


def test_what_is_planted_is_shown_even_if_it_is_odd(box: Sandbox) -> None:
    odd = {"given_name": "A\0b\x0b", "family_name": 7, "owner_id": "x", "birth_date": "1990-02-30"}
    box.plant("contacts", upsert=[{"id": "8", **odd, "addresses": "nowhere", "custom_fields": [3]}])
    row = table(box, "Contact")[8]
    assert (row["FirstName"], row["LastName"]) == ("A\0b\x0b", "7")
    assert not {"OwnerID", "Birthday", "City"} & set(row)


def test_notes_are_cut_at_ten_thousand_characters(box: Sandbox) -> None:
    box.plant("contacts", upsert=[{"id": "8", "notes": "n" * 10_001}])
    assert len(table(box, "Contact")[8]["ContactNotes"]) == 10_000


def test_custom_fields_have_their_names_and_types(box: Sandbox) -> None:
    fields = {row["Name"]: row for row in table(box, "DataFormField").values() if row["FormId"] == -1}
    values = {
        "Favouritecolour": "teal",
        "Lifetimevalue": 12.5,
        "Renewaldate": "2026-07-01",
        "Lastwebinar": "2026-07-01T03:00:00Z",
        "Bestdaytocall": 3,
        "Interests": ["Cooking", "Ünïcode"],
        "Accountmanager": "5",
        "Team": ["1", "5"],
        "Founded": 1999,
        "Wantsacall": False,
    }
    contents = [{"id": str(fields[name]["Id"]), "content": value} for name, value in values.items()]
    box.plant("contacts", upsert=[{"id": "8", "custom_fields": contents}])
    row = table(box, "Contact")[8]
    assert {name: value for name, value in row.items() if name.startswith("_")} == {
        "_Favouritecolour": "teal",
        "_Lifetimevalue": 12.5,
        "_Renewaldate": "2026-07-01T00:00:00",
        "_Lastwebinar": "2026-06-30T23:00:00",
        "_Bestdaytocall": "3",
        "_Interests": "Cooking,Ünïcode",
        "_Accountmanager": 5,
        "_Team": "1,5",
        "_Founded": 1999,
        "_Wantsacall": 0,
    }
    assert (fields["Favouritecolour"]["DataType"], fields["Team"]["DataType"]) == (15, 25)
    assert fields["Plan"]["Values"] == "\nFree\nPlus\nPro"
    assert "Values" not in fields["Favouritecolour"]


def test_every_kind_of_record_has_its_own_form(box: Sandbox) -> None:
    groups, tabs = table(box, "DataFormGroup"), table(box, "DataFormTab")
    forms = set()
    for row in table(box, "DataFormField").values():
        assert tabs[groups[row["GroupId"]]["TabId"]]["FormId"] == -row["FormId"]
        forms.add(row["FormId"])
    assert forms == {-1, -3, -4, -5, -6, -9, -10}
    for name, view in TABLES.items():
        assert (view.form is None) == (not view.custom(box.engine.world.account)), name


# --- what follows from what ------------------------------------------------------------------------------


def test_writing_and_deleting_through_rest_shows(box: Sandbox, api: Client) -> None:
    ada = {"given_name": "Ada", "email_addresses": [{"email": "ada@example.com", "field": "EMAIL1"}]}
    made = api("/v2/contacts", method="POST", body=ada).body["id"]
    assert table(box, "Contact")[int(made)]["FirstName"] == "Ada"
    api("/v2/tags/91/contacts:applyTags", method="POST", body={"contact_ids": [made]})
    assert table(box, "Contact")[int(made)]["Groups"] == "91"
    pairs = {(row["ContactId"], row["GroupId"]) for row in box.records("xmlrpc:ContactGroupAssign")}
    assert (int(made), 91) in pairs
    api(f"/v2/contacts/{made}", method="DELETE")
    assert int(made) not in table(box, "Contact")
    assert len(box.records("xmlrpc:ContactGroupAssign")) == len(pairs) - 1
    item = {"product_id": "12", "quantity": 2, "price_per_unit": 9.99}
    order = {"contact_id": "8", "order_title": "Two", "order_time": "2026-11-01T12:00:00Z"}
    body = {**order, "order_type": "ONLINE", "order_items": [item]}
    made = api("/v2/orders", method="POST", body=body).body["id"]
    assert table(box, "Job")[int(made)]["JobTitle"] == "Two"
    (row,) = [row for row in table(box, "OrderItem").values() if row["OrderId"] == int(made)]
    assert (row["Qty"], row["PPU"], row["ProductId"]) == (2, 9.99, 12)
    paid = api(f"/v2/orders/{made}/payments", method="POST", body={
        "payment_amount": 5.5, "apply_to_commissions": True, "payment_time": "2026-11-03T02:00:00Z",
    }).body["id"]  # fmt: skip
    assert table(box, "Payment")[int(paid)]["PayDate"] == "2026-11-02T00:00:00"
    (invoice,) = [row for row in table(box, "Invoice").values() if row["JobId"] == int(made)]
    assert (invoice["InvoiceTotal"], invoice["TotalPaid"]) == (19.98, 5.5)


def test_tags_of_contacts_have_columns_of_the_contact(box: Sandbox) -> None:
    contacts, rows = table(box, "Contact"), box.records("xmlrpc:ContactGroupAssign")
    tags, applied = table(box, "ContactGroup"), box.records("contact_tags")
    times = {(int(one["contact_id"]), int(one["tag_id"])): eastern(one["applied_at"]) for one in applied}
    assert {(row["ContactId"], row["GroupId"]): row["DateCreated"] for row in rows} == times
    for row in rows:
        contact = contacts[row["ContactId"]]
        assert "Id" not in row
        assert row["ContactGroup"] == tags[row["GroupId"]]["GroupName"]
        assert row.get("Contact.FirstName") == contact.get("FirstName")
        assert row["Contact.LastUpdated"] == contact["LastUpdated"].replace("T", " ")  # a text here
        assert row["Contact.DateCreated"] == contact["DateCreated"]
        assert row["Contact.Id"] == row["ContactId"]


def test_sums_of_orders_agree(box: Sandbox) -> None:
    orders, invoices = rest(box, "orders"), table(box, "Invoice")
    totals: dict[int, dict[str, float]] = {key: defaultdict(float) for key in invoices}
    for row in table(box, "InvoiceItem").values():
        totals[row["InvoiceId"]]["items"] += row["InvoiceAmt"]
    for row in table(box, "InvoicePayment").values():
        totals[row["InvoiceId"]]["paid" if row["Amt"] > 0 else "refunded"] += row["Amt"]
    for row in table(box, "Payment").values():
        totals[row["InvoiceId"]]["payments"] += row["PayAmt"]
    for row in table(box, "OrderItem").values():
        totals[int(orders[row["OrderId"]]["invoice_id"])]["order"] += row["Qty"] * row["PPU"]
    assert len(invoices) == len(orders) > 100
    for key, found in totals.items():
        invoice, order = invoices[key], orders[invoices[key]["JobId"]]
        assert invoice["InvoiceTotal"] == order["total"]["amount"] / 100
        assert invoice["TotalPaid"] == order["total_paid"]["amount"] / 100
        assert [round(found[name], 2) for name in ("items", "order", "paid")] == [
            invoice["InvoiceTotal"], invoice["InvoiceTotal"], invoice["TotalPaid"],
        ]  # fmt: skip
        assert round(found["payments"], 2) == round(found["paid"] + found["refunded"], 2)
        assert invoice["RefundStatus"] == (2 if found["refunded"] else 0)
    plans = table(box, "PayPlan")
    due: dict[int, float] = defaultdict(float)
    for row in table(box, "PayPlanItem").values():
        due[row["PayPlanId"]] += row["AmtDue"]
    assert {key: round(amount, 2) for key, amount in due.items()} == {
        key: row["AmtDue"] for key, row in plans.items()
    }


@pytest.mark.parametrize("unit", ["major", "minor"])
def test_amounts_are_dollars_in_whatever_unit_rest_shows_them(unit: str) -> None:
    with Sandbox(contacts=60, switches={"plain_amounts": unit}) as box:
        payments = table(box, "Payment")
        for row in table(box, "InvoicePayment").values():
            assert row["Amt"] == payments[row["PaymentId"]]["PayAmt"]


def test_a_derived_table_cannot_be_planted(box: Sandbox, api: Client) -> None:
    with pytest.raises(BadRecordsError, match="xmlrpc:Contact follow from the records that REST shows"):
        box.plant("xmlrpc:Contact", upsert=[{"Id": 8}])
    assert set(api("/sandbox/records").body["collections"]) >= {f"xmlrpc:{name}" for name in TABLES}


# --- reading ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(1, 120, Clock(lambda: 1_795_000_000.0), Switches())


@pytest.mark.parametrize("name", sorted(TABLES))
def test_keys_rows_and_values_agree(account: Account, name: str) -> None:
    view = TABLES[name]
    rows = view.rows(account)
    keys = list(rows.keys())
    assert keys == sorted(set(keys))
    assert rows.stamp() == view.rows(account).stamp()
    columns = {column.name: column for column in (*view.columns, *view.custom(account))}
    types: dict[str, type | tuple[type, ...]] = {
        "Id": int, "Integer": int, "Long": int, "Double": float, "Date": datetime, "DateTime": datetime,
        "String": str, "Enum": str, "Boolean": bool, "Blob": bytes,
    }  # fmt: skip
    for key in keys[:: max(1, len(keys) // 25)]:
        row: LegacyRow = rows.row(key)
        assert row.keys() <= {column for column in columns if not columns[column].retired}
        assert {field: rows.value(key, field) for field in row} == row
        assert rows.part(key, columns) == row
        assert list(rows.part(key, [*reversed(row), "Nothing"])) == list(reversed(row))
        assert not view.id_column or row[view.id_column] == key
        for field, value in row.items():
            assert isinstance(value, types[columns[field].type]), (field, value)
            assert not isinstance(value, bool) or columns[field].type == "Boolean", (field, value)
            assert not isinstance(value, int) or abs(value) < 2**31
            if columns[field].type == "Date":
                assert isinstance(value, datetime)
                assert (value.hour, value.minute, value.second) == (0, 0, 0)
    missing = next(number for number in range(1, 10**9) if number not in set(keys))
    with pytest.raises(KeyError):
        rows.row(missing)


def _image(account: Account, name: str) -> tuple[object, object]:
    rows = TABLES[name].rows(account)
    return rows.stamp(), list(map(rows.row, rows.keys()))


def test_a_stamp_changes_whenever_rows_do() -> None:
    """Whatever record is changed or deleted: a table whose rows differ has another stamp."""
    account = Account(1, 30, Clock(lambda: 1_795_000_000.0), Switches())
    before = {name: _image(account, name) for name in TABLES}
    changed, missed = defaultdict(set), set()
    for collection in tuple(account.tables):
        keys = account.tables[collection].keys()
        if not keys:
            continue
        row = account.tables[collection].row(keys[-1])
        odd = {name: f"{value}7" for name, value in row.items() if isinstance(value, str) and value}
        account.tables[collection].put(keys[-1], {**row, **odd, "id": row.get("id")})
        account.delete(collection, keys[0])
        for name in TABLES:
            after = _image(account, name)
            if after[1] != before[name][1]:
                changed[name].add(collection)
                missed |= {(name, collection)} if after[0] == before[name][0] else set()
            before[name] = after
    assert missed == set()
    assert "lead_sources" in changed["Contact"]
