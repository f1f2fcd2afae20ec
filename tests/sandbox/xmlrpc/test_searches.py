"""Saved searches and quick searches in the XML-RPC API."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.services.search_columns import SEARCHES

from .calling import Caller, eastern

NOT_FOUND = (5, "[RecordNotFound]Record was not found")
USER = 1


def pages(call: Caller, search: int, *fields: list[str]) -> list[list[Any]]:
    """Read pages until an empty one, as programs do."""
    method = "getSavedSearchResults" if fields else "getSavedSearchResultsAllFields"
    read: list[list[Any]] = []
    while True:
        read.append(call(f"SearchService.{method}", search, USER, len(read), *fields))
        if not read[-1]:
            return read


def rows(call: Caller, search: int, *fields: list[str]) -> list[Any]:
    return [row for page in pages(call, search, *fields) for row in page]


def test_every_report_of_rest_has_its_columns_here(box: Sandbox, call: Caller) -> None:
    for report in box.records("reports"):
        key = int(report["id"])
        shown = {row["name"] for row in box.records("report_fields") if row["report_id"] == report["id"]}
        assert set(SEARCHES[key].display.values()) == shown
        columns = call("SearchService.getAllReportColumns", key, USER)
        assert list(columns)[: len(shown)] == list(SEARCHES[key].display)
        assert len(columns) > len(shown)


def test_contact_searches_have_the_documented_columns(call: Caller) -> None:
    columns = call("SearchService.getAllReportColumns", 3, USER)
    assert len(columns) > 100
    for key, label in {
        "Id": "Id",
        "ContactName": "Name",
        "ContactName.firstName": "First Name",
        "PhoneWithExtension1": "Phone 1",
        "PhoneNumber": "Phone 1",
        "PhoneNumber5": "Phone 5",
        "PostalCodePlusZipFour1.zipFour": "Zip Four",
        "Address2Street1": "Street Address 1 (Shipping)",
        "Country3": "Country (Optional)",
        "CompanyID": "Company Id",
        "SSN": "SSN",
        "LastSSN": "Last SSN",
        "Username": "Username",
        "Password": "Password",
        "Tags": "Tag Ids",
        "Custom_Favouritecolour": "Favourite colour",
    }.items():
        assert columns[key] == label
    assert "Follow-UpSequence" in call("SearchService.getAllReportColumns", 8, USER)


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_finds_what_the_report_finds(box: Sandbox, call: Caller, search: int) -> None:
    report = box.records("report_rows", report_id=search)
    found = rows(call, search)
    assert len(found) == len(report)
    for row, texts in zip(found, report, strict=True):
        for key, name in SEARCHES[search].display.items():
            value = row[key]
            if isinstance(value, datetime):
                # As text it is in UTC and has no seconds
                assert texts[name]
            else:
                # Readers of XML turn both line ends into one
                assert str(value) == texts[name].replace("\r\n", "\n"), key


def test_columns_are_those_of_the_contact_and_have_types(box: Sandbox, call: Caller) -> None:
    contacts = {int(row["id"]): row for row in box.records("contacts")}
    found = rows(call, 3)
    assert {row["Id"] for row in found} == set(contacts)
    companies = 0
    for row in found:
        contact = contacts[row["Id"]]
        assert row["DateCreated"] == eastern(contact["create_time"])
        assert row["LastUpdated"] == eastern(contact["update_time"])
        company = contact["company"] or {}
        assert str(row["CompanyID"]) == company.get("id", "")
        companies += isinstance(row["CompanyID"], int)
        birthday = contact["birth_date"]
        assert row["Birthday"] == (datetime.fromisoformat(birthday) if birthday else "")
        assert row["BirthdayYear"] == (birthday or "")[:4]
        assert row["LastSSN"] == row["SSN"][-4:]
    assert companies
    assert any(row["Password"] for row in found)
    assert any(row["SSN"] for row in found)
    assert any(isinstance(row["Custom_Renewaldate"], datetime) for row in found)


def test_nothing_is_left_out_and_an_empty_column_is_an_empty_value(call: Caller) -> None:
    found = rows(call, 3)
    assert len({tuple(row) for row in found}) == 1
    answer = call.raw("SearchService.getSavedSearchResultsAllFields", 3, USER, 0)
    assert "<name>SpouseName</name><value/>" in answer
    assert "<value></value>" not in answer


def test_columns_come_in_the_order_of_the_search(call: Caller) -> None:
    names = list(call("SearchService.getAllReportColumns", 3, USER))
    answer = call.raw("SearchService.getSavedSearchResultsAllFields", 3, USER, 0)
    first, _, _ = answer.partition("</struct>")
    assert re.findall("<name>([^<]*)</name>", first) == names
    chosen = call.raw(
        "SearchService.getSavedSearchResults", 3, USER, 0, ["Email", "Id", "ContactName.lastName"]
    )
    first, _, _ = chosen.partition("</struct>")
    assert re.findall("<name>([^<]*)</name>", first) == ["Id", "ContactName.lastName", "Email"]


def test_a_switch_shows_the_displayed_columns_only(box: Sandbox, call: Caller) -> None:
    box.switch(legacy_search_columns="display")
    assert list(rows(call, 3)[0]) == list(SEARCHES[3].display)
    assert "Nickname" in rows(call, 3, ["Nickname"])[0]


def test_pages_end_with_an_empty_one(box: Sandbox, call: Caller) -> None:
    assert [len(page) for page in pages(call, 3)] == [200, 0]
    box.switch(legacy_search_page_size=80)
    read = pages(call, 3, ["Id"])
    assert [len(page) for page in read] == [80, 80, 40, 0]
    assert len({row["Id"] for page in read for row in page}) == 200
    box.switch(legacy_search_page_size=100)
    assert [len(page) for page in pages(call, 3, ["Id"])] == [100, 100, 0]
    assert pages(call, 13) == [[]]
    assert call("SearchService.getSavedSearchResultsAllFields", 3, USER, -1) == []


def test_changes_show_at_once(box: Sandbox, call: Caller) -> None:
    key = rows(call, 3, ["Id"])[0]["Id"]
    box.plant("contacts", upsert=[{"id": str(key), "family_name": "Changed"}])
    assert rows(call, 3, ["ContactName.lastName"])[0]["ContactName.lastName"] == "Changed"
    box.plant("contacts", delete=[key])
    assert key not in {row["Id"] for row in rows(call, 3, ["Id"])}


def test_a_valid_user_who_may_see_the_search_is_needed(call: Caller) -> None:
    method = "SearchService.getSavedSearchResultsAllFields"
    assert call.fault(method, 3, 999, 0) == NOT_FOUND
    assert call.fault(method, 3, 0, 0) == NOT_FOUND
    assert call.fault(method, 4, USER, 0) == NOT_FOUND
    assert call(method, 5, 3, 0)
    assert call.fault(method, 5, 5, 0) == (3, "[Unexpected] Unable to get Saved Search Results")
    assert call.fault("SearchService.getAllReportColumns", 5, 5)[0] == 3
    assert call(method, 21, 5, 0)


def test_a_deleted_report_is_not_found(box: Sandbox, call: Caller) -> None:
    box.plant("reports", delete=[3])
    assert call.fault("SearchService.getAllReportColumns", 3, USER) == NOT_FOUND


def test_unknown_columns_are_a_fault_or_left_out(box: Sandbox, call: Caller) -> None:
    method = "SearchService.getSavedSearchResults"
    assert call.fault(method, 3, USER, 0, ["Id", "email"]) == (10, "[NoFieldFound]No field found: email")
    assert call.fault(method, 3, USER, 0, [])[0] == 11
    box.switch(legacy_search_unknown="ignored")
    assert list(call(method, 3, USER, 0, ["Id", "email"])[0]) == ["Id"]


def test_quick_searches_are_listed_for_users(box: Sandbox, call: Caller) -> None:
    available = call("SearchService.getAvailableQuickSearches", USER)
    assert list(available.items())[:3] == [
        ("FindPerson", "Person"),
        ("FindCompany", "Company"),
        ("FindTask", "Task/Appt/Note"),
    ]
    users = [int(row["id"]) for row in box.records("users")]
    chosen = [call("SearchService.getDefaultQuickSearch", user) for user in users]
    assert set(chosen) == {"FindPerson", "null"}
    assert call.fault("SearchService.getDefaultQuickSearch", 2) == NOT_FOUND
    assert call.fault("SearchService.getAvailableQuickSearches", 2) == NOT_FOUND


@pytest.mark.parametrize(
    ("kind", "collection", "text"),
    [
        ("FindPerson", "contacts", "PERSON"),
        ("FindCompany", "companies", "office"),
        ("FindTask", "tasks", "call"),
        ("FindOrder", "orders", "for"),
        ("FindOpportunity", "opportunities", "Deal"),
        ("FindAffiliate", "affiliates", "a"),
    ],
)
def test_quick_searches_find_records_by_text(
    box: Sandbox, call: Caller, kind: str, collection: str, text: str
) -> None:
    found = call("SearchService.quickSearch", kind, USER, text, 0, 1000)
    assert found
    ids = {int(one) for one in box.records(collection, ids_only=True)}
    assert ids & {row["Id"] for row in found}
    assert call("SearchService.quickSearch", kind, USER, "no such text anywhere", 0, 1000) == []


def test_a_quick_search_finds_an_id_and_has_pages(box: Sandbox, call: Caller) -> None:
    method = "SearchService.quickSearch"
    subscription = box.records("subscriptions")[0]
    (row,) = call(method, "FindSubscription", USER, subscription["id"] + " ", 0, 10)[:1]
    assert row["Id"] == int(subscription["id"])
    everybody = call(method, "FindPerson", USER, "", 0, 5000)
    assert [row for page in range(4) for row in call(method, "FindPerson", USER, "", page, 50)] == everybody
    assert len(everybody) == 200


def test_a_quick_search_refuses_what_it_does_not_know(box: Sandbox, call: Caller) -> None:
    method = "SearchService.quickSearch"
    box.switch(xmlrpc_limit_over="fault")
    assert call.fault(method, "FindPerson", USER, "a", 0, 1001)[0] == 12
    assert call.fault(method, "FindNothing", USER, "a", 0, 10)[0] == 12
    assert call.fault(method, "FindPerson", USER, "a", -1, 10)[0] == 12
    assert call.fault(method, "FindPerson", 2, "a", 0, 10) == NOT_FOUND
    assert call.fault(method, "FindPerson", USER, 7, 0, 10)[0] == 0


def test_a_page_of_a_search_can_take_too_long_and_then_be_blocked(box: Sandbox, call: Caller) -> None:
    box.switch(legacy_search_page_size=50)
    box.fault("xmlrpc_search_fails", rpc="SearchService.getSavedSearch*", after=2, failures=2)
    method = "SearchService.getSavedSearchResultsAllFields"
    assert [len(call(method, 3, USER, page)) for page in (0, 1)] == [50, 50]
    texts = [call.fault(method, 3, USER, 2)[1] for _ in range(3)]
    assert texts[0] == texts[1] == "[DatabaseError] Query took too long and was cancelled"
    assert texts[2].endswith("This saved search is blocked temporarily")
    assert call("SearchService.getAllReportColumns", 3, USER)
    box.clear_faults()
    assert len(call(method, 3, USER, 2)) == 50


def test_a_value_of_a_search_can_be_broken(box: Sandbox, call: Caller) -> None:
    key = rows(call, 3, ["Id"])[7]["Id"]
    box.fault("xmlrpc_value", rpc="SearchService.*", id=key, field="Email", xml="A&#11;B")
    answer = call.raw("SearchService.getSavedSearchResults", 3, USER, 0, ["Id", "Email"])
    broken = f"<name>Id</name><value><i4>{key}</i4></value></member><member><name>Email</name><value>A&#11;B"
    assert answer.count("A&#11;B") == answer.count(broken) == 1
