"""Tables and their streams are equal in the sandbox, and a difference that is planted is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.client.call import Answer, Call
from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.compare.command import chosen
from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
from tap_infusionsoft.xmlrpc.compare.reading import CompareTap, Comparison
from tap_infusionsoft.xmlrpc.compare.results import TableResult, Verdict
from tap_infusionsoft.xmlrpc.counterparts.tables import TABLE_MOVES
from tap_infusionsoft.xmlrpc.tests.comparing import (
    GOOD,
    Change,
    Row,
    Send,
    compared,
    each,
    in_rest,
    in_table,
    of,
)
from tests.canary import KEY
from tests.fixtures import Run, settle

# Nothing is planted.


@pytest.fixture(scope="module")
def all_tables() -> Iterator[Mapping[str, TableResult]]:
    with Sandbox(seed=1, contacts=300, api_key=KEY, switches={"limits": "off", "pipelines": "v2"}) as box:
        tap = CompareTap(
            config={
                "api_key": KEY,
                "api_url": box.url,
                "requests_per_second": 1000,
                "requests_per_minute": 1_000_000,
            }
        )
        comparison = Comparison(tap, chosen(()), with_values=False)
        comparison.run()
        settle()
        yield {one.move.table: one for one in comparison.results}


def test_all_tables_that_rest_has_are_compared(all_tables: Mapping[str, TableResult]) -> None:
    assert set(all_tables) == {name for name, move in TABLE_MOVES.items() if move.parts}
    assert len(all_tables) == 50


@pytest.mark.parametrize("table", [name for name, move in TABLE_MOVES.items() if move.parts])
def test_a_table_is_equal_but_for_the_listed_differences(
    all_tables: Mapping[str, TableResult], table: str
) -> None:
    result = all_tables[table]
    assert result.verdict in GOOD or (table == "PayPlanItem" and result.verdict is Verdict.UNPROVED)
    assert result.legacy_rows
    assert result.rest_rows
    assert not result.changed
    assert result.is_counted_only or result.both
    assert not result.differing


def test_custom_fields_are_compared_by_their_ids(all_tables: Mapping[str, TableResult]) -> None:
    compared = all_tables["Contact"].compared
    custom = {name: one.place for name, one in compared.items() if name.startswith("_")}
    assert len(custom) > 10
    assert all(place.startswith("cf_") for place in custom.values())


def test_passwords_are_no_part_of_it(all_tables: Mapping[str, TableResult]) -> None:
    for result in all_tables.values():
        assert "Password" not in result.compared


# What is planted is found.


def test_a_row_that_is_missing_in_rest_is_found(run: Run) -> None:
    ident = of(run, "contacts")["id"]
    change = in_rest("/v2/contacts", "contacts", each(lambda _: None, ident))
    (result,) = compared(run, "Contact", change=change).values()
    assert result.verdict is Verdict.DIFFERS
    assert (result.only_legacy.count, result.only_legacy.keys) == (1, [ident])
    assert result.reasons == ["1 row only in the table"]


def test_a_row_that_is_missing_in_the_table_is_found(run: Run) -> None:
    ident = of(run, "contacts")["id"]

    def without(xml: str) -> str:
        rows = re.findall(r"<value><struct>.*?</struct></value>", xml, re.DOTALL)
        (gone,) = [row for row in rows if f"<name>Id</name><value><i4>{ident}</i4></value>" in row] or [""]
        return xml.replace(gone, "")

    (result,) = compared(run, "Contact", change=in_table("Contact", without)).values()
    assert result.verdict is Verdict.DIFFERS
    assert (result.only_rest.count, result.only_rest.keys) == (1, [ident])
    assert result.reasons == ["1 row only in REST"]


def hour_later(text: str) -> str:
    hour = int(text[11:13])
    return f"{text[:11]}{(hour + 1) % 24:02}{text[13:]}"


@pytest.mark.parametrize(
    ("table", "path", "items", "alter", "field", "outcome"),
    [
        (
            *("Contact", "/v2/contacts", "contacts"),
            lambda row: row | {"family_name": "Somebody Else"},
            *("LastName", Outcome.VALUE),
        ),
        (
            *("Contact", "/v2/contacts", "contacts"),
            lambda row: row | {"create_time": hour_later(row["create_time"])},
            *("DateCreated", Outcome.HOURS),
        ),
        (
            *("Contact", "/v2/contacts", "contacts"),
            lambda row: row | {"given_name": row["given_name"][:1]},
            *("FirstName", Outcome.CUT),
        ),
        (
            *("Contact", "/v2/contacts", "contacts"),
            lambda row: row | {"email_addresses": []},
            *("Email", Outcome.NOT_IN_REST),
        ),
        (
            *("Contact", "/v2/contacts", "contacts"),
            lambda row: row | {"owner_id": "4711"},
            *("OwnerID", None),
        ),
        (
            *("Company", "/v2/companies", "companies"),
            lambda row: row | {"company_name": "Other Ltd"},
            *("Company", Outcome.VALUE),
        ),
        (
            *("Invoice", "/v2/orders", "orders"),
            lambda row: row | {"total": row["total"] | {"amount": row["total"]["amount"] * 100}},
            *("InvoiceTotal", Outcome.UNIT),
        ),
        (
            *("Job", "/v2/orders", "orders"),
            lambda row: row | {"title": "Another title"},
            *("JobTitle", Outcome.VALUE),
        ),
        (
            *("Affiliate", "/v2/affiliates", "affiliates"),
            lambda row: row | {"notify_on_lead": not row["notify_on_lead"]},
            *("NotifyLead", Outcome.VALUE),
        ),
        (
            *("ContactGroup", "/v2/tags", "tags"),
            lambda row: row | {"name": "Another tag"},
            *("GroupName", Outcome.VALUE),
        ),
    ],
)
def test_a_value_that_differs_is_found_by_its_kind(
    run: Run,
    table: str,
    path: str,
    items: str,
    alter: Callable[[Row], Row],
    field: str,
    outcome: Outcome | None,
) -> None:
    ident = of(run, items)["id"]
    (result,) = compared(run, table, change=in_rest(path, items, each(alter, ident))).values()
    assert result.verdict is Verdict.DIFFERS
    (found,) = result.differing
    assert found.counterpart.field == field
    assert found.differing == 1
    differing = [one for one in found.counts if one.is_difference]
    assert outcome is None or differing == [outcome]
    (example,) = found.examples[differing[0]]
    assert example.legacy is None
    assert example.rest is None
    assert not result.changed


def test_values_are_shown_only_if_they_are_wanted(run: Run) -> None:
    row = of(run, "contacts")
    change = in_rest("/v2/contacts", "contacts", each(lambda row: row | {"family_name": "Z"}, row["id"]))
    (result,) = compared(run, "Contact", change=change, values=True).values()
    (found,) = result.differing
    (example,) = found.examples[Outcome.VALUE]
    assert (example.key, example.legacy, example.rest) == (row["id"], row["family_name"], "Z")


def test_keys_that_are_personal_data_are_not_shown(run: Run) -> None:
    def alter(rows: list[Row]) -> list[Row]:
        return [row | {"create_time": hour_later(row["create_time"])} for row in rows]

    change = in_rest("/v2/emailAddresses", "email_addresses", alter)
    (result,) = compared(run, "EmailAddStatus", change=change).values()
    (found,) = result.differing
    assert found.differing > 100
    assert {example.key for examples in found.examples.values() for example in examples} == {""}


def test_a_difference_of_a_guessed_counterpart_proves_nothing(run: Run) -> None:
    change = in_rest(
        "/v2/orders", "orders", lambda rows: [row | {"refund_status": "SOMETHING"} for row in rows]
    )
    (result,) = compared(run, "Invoice", change=change).values()
    assert result.verdict is Verdict.EQUAL_BUT
    assert {one.counterpart.field for one in result.doubtful} >= {"RefundStatus"}


# What changes meanwhile is no difference.


def meanwhile(path: str, do: Callable[[], object]) -> Change:
    """Something happens just before the first call of REST for a list."""
    done = False

    def change(call: Call, send: Send) -> Answer:
        nonlocal done
        if call.path == path and not done:
            done = True
            do()
        return send(call)

    return change


def test_rows_that_change_between_the_reads_are_no_differences(run: Run) -> None:
    changed, gone = (of(run, "contacts", number)["id"] for number in (3, 5))

    def happens() -> None:
        run.box.plant("contacts", upsert=[{"id": changed, "family_name": "Renamed"}], touch=True)
        run.box.plant("contacts", delete=[gone])
        run.box.plant("contacts", upsert=[{"id": "999983", "given_name": "New"}], touch=True)

    change = meanwhile("/v2/contacts", happens)
    (result,) = compared(run, "Contact", change=change).values()
    assert result.verdict is Verdict.EQUAL_BUT
    assert result.changed == 3
    assert not result.only_legacy.count
    assert not result.only_rest.count


def test_a_difference_among_rows_that_change_is_found(run: Run) -> None:
    ident, other = (of(run, "contacts", number)["id"] for number in (3, 5))
    alter = in_rest("/v2/contacts", "contacts", each(lambda row: row | {"family_name": "Z"}, ident))
    touch = meanwhile(
        "/v2/contacts",
        lambda: run.box.plant("contacts", upsert=[{"id": other, "family_name": "Y"}], touch=True),
    )
    (result,) = compared(
        run, "Contact", change=lambda call, send: alter(call, lambda one: touch(one, send))
    ).values()
    assert result.verdict is Verdict.DIFFERS
    assert result.changed == 1
    assert [one.counterpart.field for one in result.differing] == ["LastName"]


def test_only_rows_that_differ_are_read_again(run: Run) -> None:
    ident = of(run, "contacts")["id"]
    change = in_rest("/v2/contacts", "contacts", each(lambda row: row | {"family_name": "Z"}, ident))
    run.box.clear_requests()
    compared(run, "Contact", change=change)
    asked = [one["rpc"]["params"] for one in run.box.requests() if one.get("rpc")]
    conditions = [params[3] for params in asked if params[0] == "Contact"]
    assert conditions == [{}, {"Id": ident}]


def test_tags_that_are_taken_away_meanwhile_are_no_differences(run: Run) -> None:
    row = of(run, "contact_tags")
    key = {name: row[name] for name in ("contact_id", "tag_id")}
    change = meanwhile("/v2/tags/-/contacts", lambda: run.box.plant("contact_tags", delete=[key]))
    (result,) = compared(run, "ContactGroupAssign", change=change).values()
    assert result.verdict in GOOD
    assert result.changed == 1


# What cannot be compared.


def test_a_table_that_cannot_be_read_is_told_and_the_others_are_compared(run: Run) -> None:
    run.box.fault(
        {"name": "xmlrpc_fault", "code": 7, "rpc": "DataService.query", "table": "Company", "always": True}
    )
    found = compared(run, "Company", "ContactGroup")
    assert found["Company"].verdict is Verdict.FAILED
    assert found["Company"].reasons
    assert found["ContactGroup"].verdict in GOOD


def test_a_stream_that_cannot_be_read_is_told(run: Run) -> None:
    run.box.fault({"path": "/v2/tags", "always": True, "status": 403})
    found = compared(run, "ContactGroup", "Company")
    assert found["ContactGroup"].verdict is Verdict.FAILED
    assert found["Company"].verdict in GOOD


def test_settings_that_leave_out_rows_do_not_apply(run: Run) -> None:
    found = compared(
        run,
        *("Contact", "ContactGroup"),
        start_date="2026-01-01",
        contact_ids=["1"],
        max_calls_per_run=1,
        tag_ids=["1"],
        custom_fields="raw",
        stream_maps={"contacts": None, "legacy_contact": {"Id": None}},
    )
    assert {one.verdict for one in found.values()} <= GOOD
    assert found["Contact"].legacy_rows == 150


def test_after_the_end_nothing_is_asked(run: Run) -> None:
    run.clock.pass_time(60 * 86_400)
    run.box.clear_requests()
    with pytest.raises(ConfigError, match="XML-RPC ended on 2026-12-31"):
        compared(run, "Contact")
    assert not run.box.requests()


def test_a_field_that_the_account_does_not_have_is_no_difference(run: Run) -> None:
    run.box.fault(
        {
            "name": "xmlrpc_fault",
            "code": 10,
            "text": "[NoFieldFound]No field found: Contact.Language",
            "rpc": "DataService.query",
            "params": "Language",
            "always": True,
        }
    )
    (result,) = compared(run, "Contact").values()
    assert result.verdict is Verdict.EQUAL_BUT
    assert result.not_there == ["Language"]
    assert "Language" not in result.compared
    assert "TimeZone" in result.compared


def test_a_field_that_the_service_refuses_is_not_proved(run: Run) -> None:
    run.box.fault(
        {
            "name": "xmlrpc_fault",
            "code": 8,
            "text": "[NoFieldAccess]No access to field: Contact.City",
            "rpc": "DataService.query",
            "params": "City",
            "always": True,
        }
    )
    (result,) = compared(run, "Contact").values()
    assert result.verdict is Verdict.UNPROVED
    assert result.reasons == ["the service refuses City, City2, City3"]  # the rule goes by part of a name
    assert not result.differing


def test_a_record_that_cannot_be_sent_is_told_and_nothing_is_written_aside(run: Run, tmp_path: Path) -> None:
    run.box.fault({"name": "xmlrpc_unwritable", "table": "Contact", "id": 85})
    aside = tmp_path / "rows.jsonl"
    (result,) = compared(run, "Contact", on_bad_record="quarantine", quarantine_file=str(aside)).values()
    assert result.verdict is Verdict.FAILED
    assert "85" in result.failure
    assert not aside.exists()


def test_a_table_that_is_asked_again_after_waits_is_compared(run: Run) -> None:
    text = "[DatabaseError] Query took too long and was cancelled"
    run.box.fault({"name": "xmlrpc_fault", "code": 4, "text": text, "table": "ContactGroup", "nth": [1, 2]})
    (result,) = compared(run, "ContactGroup").values()
    assert result.verdict in GOOD
    assert [round(wait) for wait in run.waits] == [5, 10]
