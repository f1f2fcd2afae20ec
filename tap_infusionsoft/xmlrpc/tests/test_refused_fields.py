"""One field that the service refuses costs that field and a few calls, and no row."""

from __future__ import annotations

import logging
import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_infusionsoft.client.client import Reply
from tap_infusionsoft.client.faults import KeapError
from tap_infusionsoft.streams.replication import Window
from tap_infusionsoft.xmlrpc.calls import XmlRpcCall
from tap_infusionsoft.xmlrpc.decode import FaultError
from tap_infusionsoft.xmlrpc.faults import fault_of
from tap_infusionsoft.xmlrpc.refused_fields import RefusedFields, named_in, refused_among
from tap_infusionsoft.xmlrpc.tests.service import NOW, Service, pages, rows_of, table

NAMED = [
    (10, "[NoFieldFound]No field found: Thing.{}"),
    (10, "[NoFieldFound] No field found: {}"),
    (8, "[NoFieldAccess]You may not read {}."),
    (8, "[Unexpected]{}: no access"),
    (0, ("Failed to invoke method query in class com.infusionsoft.api.xmlrpc.XmlRpcDataService: "
        "Unknown column 'Thing.{}' in 'field list'")),
    (500, "Unknown column '{}' in 'field list'"),
]  # fmt: skip
UNNAMED = [(10, ""), (10, "[NoFieldFound]"), (8, "[NoFieldAccess]Access denied"), (10, "[X]Bad F-list of Id")]


def read(service: Service, **how: Any) -> list[dict[str, Any]]:
    return [row for page in pages(service, table(), **how) for row in page]


def without(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{key: one for key, one in row.items() if one is not None and key not in names} for row in rows]


@pytest.mark.parametrize("refused", [{"F3"}, {"F0", "F10", "F19"}], ids=["one", "three"])
@pytest.mark.parametrize(("code", "words"), NAMED)
def test_a_field_that_a_fault_names_costs_one_call(
    code: int, words: str, refused: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(rows_of(table(), 5), refused, words.format, code)
    assert read(service) == without(service.rows, *refused)
    assert len(service.calls) == 1 + len(refused)
    (warning,) = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert warning.startswith("XML-RPC DataService.query of Thing: ")
    assert all(name in warning for name in refused)


@pytest.mark.parametrize("refused", [{"F3"}, {"F0", "F10", "F19"}], ids=["one", "three"])
@pytest.mark.parametrize(("code", "words"), UNNAMED)
def test_fields_that_no_fault_names_are_found_with_few_calls(
    code: int, words: str, refused: set[str]
) -> None:
    service = Service(rows_of(table(), 5), refused, lambda _: words, code)
    assert read(service) == without(service.rows, *refused)
    each = 1 + math.ceil(math.log2(22))
    assert len(service.calls) <= 3 + 1 + len(refused) * each
    assert all(call.rows == 1 for call in service.calls[1:-1])


@pytest.mark.parametrize("code", [8, 10])
def test_a_word_of_the_text_that_is_the_name_of_another_field_drops_no_other_field(code: int) -> None:
    service = Service(rows_of(table(), 5), {"F3"}, lambda _: "no such F7 in Thing", code)
    assert read(service) == without(service.rows, "F3")


def test_what_was_found_holds_for_the_whole_run(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(rows_of(table(), 5), {"F3"}, lambda _: "", 10)
    found = pages(service, table())
    assert [*found]
    service.calls.clear()
    again = type(found)(service, found._plan, found._piece)
    assert [row for page in again for row in page] == without(service.rows, "F3")
    assert len(service.calls) == 1
    assert len(caplog.records) == 1


def test_a_field_that_goes_away_while_rows_are_read_costs_no_row() -> None:
    service = Service(rows_of(table(), 2_500))

    def drop(call: Any) -> None:
        if call.arguments[3]:
            service.refused = {"F3"}

    service.before = drop
    found = read(service)
    assert [row["Id"] for row in found] == [row["Id"] for row in service.rows]
    assert ["F3" in row for row in found] == [True] * 1_000 + [False] * 1_500


@pytest.mark.parametrize("words", ["No field found: Thing.Id", "", "[NoFieldFound]"])
def test_the_key_is_never_left_out(words: str) -> None:
    service = Service(rows_of(table(), 5), {"Id"}, lambda _: words)
    with pytest.raises(KeapError):
        read(service)
    assert all("Id" in call.arguments[4] for call in service.calls)
    assert len(service.calls) <= 3


@pytest.mark.parametrize("words", ["No field found: Thing.LastUpdated", ""])
def test_without_the_time_of_the_last_change_everything_is_read(words: str) -> None:
    service = Service(rows_of(table(), 5), {"LastUpdated"}, lambda _: words)
    found = read(service, window=Window(NOW - timedelta(days=1)))
    assert found == without(service.rows)
    assert "LastUpdated" not in service.calls[-1].arguments[3]


def test_a_condition_that_is_refused_is_no_reason_to_drop_fields() -> None:
    service = Service(rows_of(table(), 5), {"Foo"}, lambda _: "[NoFieldFound]No field found")
    (call,) = [pages(service, table())._call]
    assert call is not None
    walk = pages(service, table())._walk
    assert isinstance(call, XmlRpcCall)
    odd = call._with({3: {"Foo": "x"}})
    with pytest.raises(KeapError, match="No field found"):
        walk.ask(odd, service)
    assert len(service.calls) <= 4


@given(st.lists(st.booleans(), max_size=90))
def test_all_that_are_refused_are_found_and_no_others(are_refused: list[bool]) -> None:
    fields = [str(number) for number in range(len(are_refused))]
    bad = [name for name, is_bad in zip(fields, are_refused, strict=True) if is_bad]
    asked = 0

    def is_refused(some: Any) -> bool:
        nonlocal asked
        asked += 1
        return not {*bad}.isdisjoint(some)

    assert refused_among(fields, is_refused) == bad
    assert asked <= 1 + len(bad) * (1 + math.ceil(math.log2(len(fields) or 1)))


@pytest.mark.parametrize(
    ("text", "fields", "name"),
    [
        ("No field found: Contact.FirstName", ["FirstName", "Name"], "FirstName"),
        ("No field found: Contact.FirstName", ["ContactId", "Contact.FirstName"], "Contact.FirstName"),
        ("No field found: ContactGroupAssign.Contact.FirstName.", ["Contact.FirstName"], "Contact.FirstName"),
        ("No field found: FirstName", ["ContactId", "Contact.FirstName"], "Contact.FirstName"),
        ("Unknown column 'Contact.DateCreated' in 'field list'", ["DateCreated", "Contact.DateCreated"],
         "Contact.DateCreated"),
        ("No field found: ContactGroupAssign.DateCreated", ["DateCreated", "Contact.DateCreated"],
         "DateCreated"),
        ("No field found: Contact._ShoeSize", ["_Shoe", "_ShoeSize"], "_ShoeSize"),
        ("No field found: Contact.ShoeSize", ["_Shoe", "_ShoeSize"], "_ShoeSize"),
        ("No field found: Contact.given_name", ["FirstName"], ""),
        ("", ["FirstName"], ""),
    ],
)  # fmt: skip
def test_the_field_that_a_text_names(text: str, fields: list[str], name: str) -> None:
    assert named_in(text, fields) == name


def test_without_a_key_that_is_sure_the_refused_ones_are_found_too() -> None:
    """As in a saved search, whose columns are all chosen by the user."""
    call = XmlRpcCall("SearchService.getSavedSearchResults", arguments=(1, 1, 0, ["A", "B", "C"]), fields=3)
    asked: list[list[str]] = []

    class Searches:
        def __init__(self, *refused: str) -> None:
            self.refused = {*refused}

        def fetch(self, call: Any) -> Any:
            asked.append(call.arguments[3])
            if self.refused.intersection(call.arguments[3]):
                fault = fault_of(FaultError(10, "[NoFieldFound]"), NOW)
                raise KeapError(fault, call, "no such field")
            return Reply({"rows": []}, call)

    refused = RefusedFields()
    refused.ask(call, Searches("B"))
    assert refused.names == {"B"}
    assert asked[-1] == ["A", "C"]
    with pytest.raises(KeapError):
        RefusedFields().ask(call, Searches("A", "B", "C"))
    assert len(asked) < 30
