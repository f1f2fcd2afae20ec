"""DataService over the real tables: what changes in the account shows in the next call."""

from __future__ import annotations

import xmlrpc.client
from typing import Any

import pytest

from keap_sandbox import Sandbox


def walk(keap: Any, query: dict[str, Any], size: int) -> list[int]:
    """Read all contacts by id."""
    found: list[int] = []
    while True:
        after = {"Id": f"~>~ {found[-1] if found else 0}"}
        rows = keap.DataService.query("", "Contact", size, 0, query | after, ["Id"], "Id", True)
        if not rows:
            return found
        found += [row["Id"] for row in rows]


def test_a_walk_by_id_brings_every_contact_once(keap: Any, box: Sandbox) -> None:
    ids = sorted(int(key) for key in box.records("contacts", ids_only=True))
    assert walk(keap, {}, 30) == ids
    some = walk(keap, {"Email": "%example%"}, 30)
    assert some
    assert keap.DataService.count("", "Contact", {"Email": "%example%"}) == len(some)
    assert keap.DataService.count("", "Contact", {"Email": "~null~"}) <= len(ids) - len(some)


def test_a_changed_contact_is_among_the_changes(keap: Any, box: Sandbox, clock: Any) -> None:
    clock.now += 3600
    since = {"LastUpdated": "~>=~ 2026-11-18 06:00:00"}
    before = keap.DataService.count("", "Contact", since)
    key = walk(keap, {}, 1000)[0]
    box.plant("contacts", upsert=[{"id": str(key), "given_name": "Zoë"}], touch=True)
    assert keap.DataService.count("", "Contact", since) == before + 1
    assert keap.DataService.load("", "Contact", key, ["FirstName"]) == {"FirstName": "Zoë"}
    assert key in walk(keap, {"FirstName": "ZOE"}, 1000)
    box.plant("contacts", delete=[key])
    assert keap.DataService.count("", "Contact", since) == before
    assert key not in walk(keap, {"FirstName": "ZOE"}, 1000)
    with pytest.raises(xmlrpc.client.Fault, match=r"\[RecordNotFound\]"):
        keap.DataService.load("", "Contact", key, ["FirstName"])


def test_a_field_of_contacts_can_break_every_call(box: Sandbox, keap: Any) -> None:
    """Novak's SDK and infusionsoft-api ask for it whenever they load a contact, so it was there once."""
    key = box.records("xmlrpc:Contact")[0]["Id"]
    assert keap.DataService.load("", "Contact", key, ["Id", "AccountId"]) == {"Id": key, "AccountId": 0}
    box.switch(legacy_account_id="all")
    with pytest.raises(xmlrpc.client.Fault, match=r"Unknown column 'Contact.AccountId' in 'field list'"):
        keap.DataService.query("", "Contact", 1, 0, {}, ["Id", "AccountId"])


def test_custom_fields_can_be_asked_for_and_filtered(keap: Any) -> None:
    fields = keap.DataService.query("", "DataFormField", 1000, 0, {"FormId": -1}, ["Name", "DataType"])
    texts = [f"_{row['Name']}" for row in fields if row["DataType"] == 15]
    assert texts
    rows = keap.DataService.query("", "Contact", 1000, 0, {texts[0]: "%"}, ["Id", texts[0]], "Id", True)
    assert rows
    value = rows[0][texts[0]]
    same = keap.DataService.query("", "Contact", 1000, 0, {texts[0]: value}, ["Id"], "Id", True)
    assert rows[0]["Id"] in [row["Id"] for row in same]
    with pytest.raises(xmlrpc.client.Fault, match=r"\[NoFieldFound\]No field found: Contact._None"):
        keap.DataService.query("", "Contact", 1, 0, {}, ["_None"])
