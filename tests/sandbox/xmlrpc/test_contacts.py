"""ContactService in the XML-RPC API."""

from __future__ import annotations

from collections import defaultdict

import pytest

from keap_sandbox import Sandbox

from .calling import Caller, eastern

FIELDS = ["Id", "FirstName", "LastName", "Email", "LastUpdated", "OwnerID", "_Favouritecolour"]


def test_a_contact_is_loaded_with_the_fields_asked_for(box: Sandbox, call: Caller) -> None:
    for row in box.records("contacts")[:30]:
        shown = call("ContactService.load", int(row["id"]), FIELDS)
        assert shown["Id"] == int(row["id"])
        assert shown.get("FirstName") == row["given_name"]
        assert shown["LastUpdated"] == eastern(row["update_time"])
        assert set(shown) <= set(FIELDS)
        assert None not in shown.values()
    assert call.fault("ContactService.load", 999_999, FIELDS) == (5, "[RecordNotFound]Record was not found")


def test_it_is_what_data_service_loads(box: Sandbox, call: Caller) -> None:
    key = int(box.records("contacts", ids_only=True)[5])
    assert call("ContactService.load", key, FIELDS) == call("DataService.load", "Contact", key, FIELDS)


def test_contacts_are_found_by_each_of_their_addresses(box: Sandbox, call: Caller) -> None:
    owners = defaultdict(list)
    for row in box.records("contacts"):
        for entry in row["email_addresses"]:
            owners[entry["email"].lower()].append(int(row["id"]))
    shared = [one for one, ids in owners.items() if len(ids) > 1]
    third = [one for one in owners if one.startswith("third")]
    assert shared
    assert third
    for email in (*shared[:2], *third[:2]):
        found = call("ContactService.findByEmail", email.upper(), ["Id"])
        assert [row["Id"] for row in found] == owners[email]
    assert call("ContactService.findByEmail", "nobody@example.com", ["Id"]) == []
    owner = str(owners[third[0]][0])
    box.plant(
        "contacts",
        upsert=[{"id": owner, "email_addresses": [{"email": "nobody@example.com", "field": "EMAIL2"}]}],
    )
    assert call("ContactService.findByEmail", "nobody@example.com", ["Id"]) == [{"Id": int(owner)}]
    assert call("ContactService.findByEmail", third[0], ["Id"]) == []


@pytest.mark.parametrize(
    ("fields", "code"), [(["Id", "given_name"], 10), ([], 11), (["Id", "email"], 10)], ids=str
)
def test_a_wrong_field_is_a_fault_even_if_nobody_is_found(call: Caller, fields: list[str], code: int) -> None:
    assert call.fault("ContactService.findByEmail", "nobody@example.com", fields)[0] == code
    assert call.fault("ContactService.load", 1, fields)[0] == code


def test_the_account_id_breaks_the_call(call: Caller) -> None:
    code, text = call.fault("ContactService.findByEmail", "nobody@example.com", ["AccountId"])
    assert code == 0
    assert text == (
        "Failed to invoke method findByEmail in class com.infusionsoft.api.xmlrpc.XmlRpcContactService: "
        "Unknown column 'Contact.AccountId' in 'field list'"
    )
