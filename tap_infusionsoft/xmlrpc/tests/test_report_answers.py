"""What answers of reports may look like, and what is gone, refused or secret in them."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from tap_infusionsoft.errors import Exit
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.reports.report import Report
from tap_infusionsoft.xmlrpc.tests.plain_client import PlainClient
from tests.fixtures import Run

GONE = {"name": "xmlrpc_fault", "code": 5, "always": True}
INVENTORY = "legacy_product_inventory"


def only(run: Run, name: str, **settings: Any) -> list[dict[str, Any]]:
    return run(REPORTS[name].stream, legacy_reports=[name], **settings).rows(REPORTS[name].stream)


def calls(run: Run, method: str) -> list[list[Any]]:
    found = [one["rpc"] for one in run.box.requests() if one.get("rpc")]
    return [one["params"] for one in found if one["method"] == method]


# Shapes that the sources do not agree on.


def test_members_may_begin_in_lower_case(run: Run) -> None:
    before = only(run, "affiliate_redirect_links")
    run.box.switch(legacy_redirect_links="camel")
    run.target.tables.clear()
    assert before
    assert only(run, "affiliate_redirect_links") == before


def test_affiliates_and_their_contacts_may_be_nested(run: Run) -> None:
    stream = "affiliate_program_programs_affiliates"
    before = {row["row_key"]: row for row in only(run, stream)}
    run.box.switch(legacy_program_affiliates="nested")
    run.target.tables.clear()
    after = {row["row_key"]: row for row in only(run, stream)}
    assert before
    assert after.keys() == before.keys()
    for key, row in after.items():
        # The ids of both are there, so the contact's has another name.
        assert re.fullmatch(r'\{"Contact\.Id":\d+\}', row.pop("Other"))
        assert row == {name: value for name, value in before[key].items() if name != "Other"}


@pytest.mark.parametrize("shape", ["struct", "boolean", "array"])
def test_shipping_options_of_invoices_may_be_rows_names_or_a_truth_value(run: Run, shape: str) -> None:
    run.box.switch(legacy_invoice_shipping=shape)
    methods = {int(row["id"]): row["name"] for row in run.box.records("shipping_methods")}
    rows = only(run, "invoice_available_shipping_options")
    if shape == "boolean":
        assert [(row["Available"], row["id"]) for row in rows] == [(True, None)]
    else:
        assert {row["id"]: row["name"] for row in rows} == methods
        assert {row["Available"] for row in rows} == {None}


def test_an_option_that_comes_as_an_empty_array_is_no_row(run: Run) -> None:
    run.box.switch(legacy_order_total_option="empty")
    assert only(run, "shipping_order_shipping_options") == []


# Rows that are gone.


def test_a_row_that_was_deleted_meanwhile_costs_its_own_report_only(run: Run) -> None:
    products = [row["id"] for row in run.box.records("products")]
    run.box.fault(GONE | {"rpc": "ProductService.getInventory", "nth": 3})
    rows = only(run, "product_inventory")
    assert len(rows) == len(products) - 1
    assert run.says("legacy_product_inventory: ProductService.getInventory(")
    assert run.says("was listed, but is not found")


def test_an_affiliate_that_was_deleted_meanwhile_costs_its_own_months_only(run: Run) -> None:
    settings: dict[str, Any] = {"affiliate_ids": ["5", "8"], "start_date": "2026-08-15"}
    run.concurrency = 1
    run.box.fault(GONE | {"rpc": "APIAffiliateService.affCommissions", "nth": 2})
    only(run, "affiliate_commissions", **settings)
    asked = [params[0] for params in calls(run, "APIAffiliateService.affCommissions")]
    assert asked == [5, 5, *[8] * 4]
    assert run.says("APIAffiliateService.affCommissions(5) was listed, but is not found")


def test_ids_of_a_batch_that_are_gone_cost_no_others(run: Run) -> None:
    ids = [int(row["id"]) for row in run.box.records("affiliates")]
    run.box.fault(GONE | {"rpc": "APIAffiliateService.affRunningTotals", "nth": 1})
    rows = only(run, "affiliate_running_totals")
    assert sorted(row["AffiliateId"] for row in rows) == sorted(ids)
    batches = [params[0] for params in calls(run, "APIAffiliateService.affRunningTotals")]
    assert batches[0] == sorted(ids)
    assert batches[1] + batches[2] == sorted(ids)


def test_if_all_are_gone_the_stream_fails(run: Run) -> None:
    run.box.fault(GONE | {"rpc": "ProductService.getInventory"})
    run(INVENTORY, legacy_reports=["product_inventory"], fails=True)
    assert run.says("[RecordNotFound]")
    assert not run.target.rows(INVENTORY)


def test_contacts_by_id_that_are_not_there_are_named(run: Run) -> None:
    (one, other) = [row["id"] for row in run.box.records("contacts")[:2]]
    rows = only(run, "contacts_by_id", contact_ids=[one, "9999999", other])
    assert {row["Id"] for row in rows} == {int(one), int(other)}
    assert run.says("contact_ids: the account has no legacy_contacts_by_id with the id 9999999")


@pytest.mark.parametrize("name", ["contacts_by_id", "contacts_by_email_address", "contacts_by_tags"])
def test_a_field_that_the_account_lacks_costs_that_field_only(run: Run, name: str) -> None:
    contact = run.box.records("contacts")[0]
    settings: dict[str, Any] = {
        "contact_ids": [contact["id"], run.box.records("contacts")[1]["id"]],
        "contact_emails": [contact["email_addresses"][0]["email"]],
    }
    before = only(run, name, **settings)
    run.box.switch(legacy_fields="documented")
    run.target.tables.clear()
    after = only(run, name, **settings)
    assert len(after) == len(before) > 0
    for old, new in zip(before, after, strict=True):
        assert new.items() <= old.items() | {(column, None) for column in old}


# Parameters.


def test_a_report_that_needs_a_setting_says_so(run: Run) -> None:
    run("legacy_contacts_by_id", legacy_reports=["contacts_by_id"], fails=True)
    assert run.error is not None
    assert run.error.exit_code is Exit.CONFIG
    assert run.says("legacy_contacts_by_id needs the setting contact_ids")


def test_the_beginning_of_an_address_is_refused(run: Run) -> None:
    settings = {"legacy_reports": ["contacts_by_email_address"], "contact_emails": ["ann*"]}
    run("legacy_contacts_by_email_address", fails=True, **settings)
    assert run.says("XML-RPC takes whole addresses only")
    assert not calls(run, "ContactService.findByEmail")


def test_an_address_that_nobody_has_is_no_row(run: Run) -> None:
    assert only(run, "contacts_by_email_address", contact_emails=["nobody@example.com"]) == []


def test_ids_limit_the_calls(run: Run) -> None:
    invoices = [row["invoice_id"] for row in run.box.records("orders")[:3]]
    rows = only(run, "invoice_amount_due", invoice_ids=invoices)
    assert {f"{row['InvoiceId']}" for row in rows} == {*invoices}
    assert len(calls(run, "InvoiceService.calculateAmountOwed")) == 3


def test_sums_are_those_of_the_whole_time_without_dates(run: Run) -> None:
    only(run, "affiliate_summary")
    (params,) = calls(run, "APIAffiliateService.affSummary")
    assert params[1:] == ["20010101T00:00:00", "20261120T07:00:00"]


# Secrets.


def test_credentials_for_ups_do_not_leave_unless_they_are_named(run: Run) -> None:
    number = next(row["id"] for row in run.box.records("shipping_methods") if row["type"] == "UPS")
    secret = PlainClient(run.box)("ShippingService.getUpsShippingOption", int(number))["accessPassword"]
    assert secret
    (row,) = only(run, "shipping_ups_shipping_options")
    assert secret not in str(row)
    assert row["Other"] is None
    name = "shipping_ups_shipping_options.accessPassword"
    (row,) = only(run, "shipping_ups_shipping_options", legacy_secrets=[name])
    assert row["accessPassword"] == secret


# Files.


@pytest.mark.parametrize("size", [36_865, 37_500, 500_000])
def test_a_file_that_is_too_large_is_left_out_and_says_so(run: Run, size: int) -> None:
    data = base64.b64encode(b"x" * size).decode()
    run.box.plant("files", upsert=[{"id": "900", "file_name": "large.bin", "file_size": size, "data": data}])
    rows = {row["FileId"]: row for row in only(run, "get_file", max_record_bytes=65_536)}
    assert rows.keys() == {int(row["id"]) for row in run.box.records("files")}
    large = rows.pop(900)
    assert large["IsTooLarge"] is True
    assert large["Data"] is None
    assert large["Size"] in {size, None}
    assert all(row["Data"] and row["IsTooLarge"] is False for row in rows.values())
    assert run.says("the content is larger than max_record_bytes allows")


def test_a_file_of_the_largest_size_is_whole(run: Run) -> None:
    data = base64.b64encode(b"x" * 36_864).decode()
    run.box.plant("files", upsert=[{"id": "900", "file_name": "fits.bin", "data": data}])
    rows = {row["FileId"]: row for row in only(run, "get_file", max_record_bytes=65_536)}
    assert rows[900]["Data"] == data
    assert rows[900]["Size"] == 36_864


# Shipping options of types that nobody knows.


def test_an_option_of_an_unknown_type_is_asked_for_by_every_method(run: Run) -> None:
    run.box.plant("shipping_methods", upsert=[{"id": "77", "name": "New", "type": "DRONE"}])
    flat = {row["id"] for row in run.box.records("shipping_methods") if row["type"] in {"FLAT_RATE", "DRONE"}}
    only(run, "shipping_flat_rate_shipping_options")
    asked = {f"{params[0]}" for params in calls(run, "ShippingService.getFlatRateShippingOption")}
    assert asked == flat


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_can_be_tried(run: Run, report: Report) -> None:
    settings: dict[str, Any] = {
        "legacy_reports": [report.name],
        "contact_emails": ["person0@example.com"],
        "contact_ids": ["1"],
    }
    catalog = run.catalog(report.stream, **settings)
    run.tap(catalog=catalog, **settings).test("all")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("affiliate_commissions", "REST has affiliate_commissions instead"),
        ("invoice_payments", "REST has order_payments and payments instead"),
    ],
)
def test_after_the_end_a_report_fails_before_any_call_and_names_its_successor(
    run: Run, name: str, says: str
) -> None:
    stream = REPORTS[name].stream
    catalog = run.catalog(stream, "users", legacy_reports=[name])
    run.clock.pass_time(60 * 86_400)
    run.box.clear_requests()
    run(catalog=catalog, legacy_reports=[name], fails=True)
    assert run.says(says)
    assert run.target.rows("users")
    assert not [one for one in run.box.requests() if one.get("rpc")]


def test_a_number_that_is_too_high_for_an_id_is_told(run: Run) -> None:
    name, ids = "legacy_contacts_by_id", ["1", "99999999999"]
    run.catalog(name, legacy_reports=["contacts_by_id"], contact_ids=ids)
    assert run.says(f"{name}: contact_ids: 99999999999 is no id, as XML-RPC has none above 2147483647.")
