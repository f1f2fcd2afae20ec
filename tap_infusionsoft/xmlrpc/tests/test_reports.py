"""Each report has the rows that a plain client of XML-RPC gets for the same parameters."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tap_infusionsoft.xmlrpc.reports.registry import REPORTS
from tap_infusionsoft.xmlrpc.tests.plain_client import PlainClient, as_column
from tests.fixtures import Run

Row = dict[str, Any]
TAPS_OWN = {"row_key", "Other", "Period"}
FIRST, LAST = datetime(2000, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001  # Eastern, as methods take them


@dataclass(frozen=True)
class Case:
    """A report, with parameters as a user sets them.

    Attributes:
        rows: What it should have, by member.
        settings: Its parameters.
        rest: The collection that has as many rows.
    """

    rows: Iterable[Row]
    settings: dict[str, Any] = field(default_factory=dict)
    rest: str = ""


Make = Callable[[PlainClient, Sandbox], Case]
CASES: dict[str, Make] = {}


def case(name: str) -> Callable[[Make], Make]:
    """Register the case of a report."""

    def take(make: Make) -> Make:
        CASES[name] = make
        return make

    return take


def ids(box: Sandbox, collection: str, column: str = "id", **wanted: Any) -> list[int]:
    rows = box.records(collection)
    return [int(one[column]) for one in rows if all(one[name] == value for name, value in wanted.items())]


def each(
    call: PlainClient, method: str, numbers: list[int], column: str, *more: Any, own: str = ""
) -> Iterator[Row]:
    """The rows of a method that takes an id, with the id."""
    for number in numbers:
        answer = call(method, number, *more)
        for one in answer if isinstance(answer, list) else [answer]:
            yield {**(one if isinstance(one, dict) else {own: one}), column: number}


# Affiliates.


def _of_affiliates(call: PlainClient, box: Sandbox, method: str, rest: str) -> Case:
    numbers = ids(box, "affiliates")
    rows = each(call, f"APIAffiliateService.{method}", numbers, "AffiliateId", FIRST, LAST)
    return Case(rows, {"start_date": "2023-12-01"}, rest)  # the account has nothing older


@case("affiliate_clawbacks")
def _clawbacks(call: PlainClient, box: Sandbox) -> Case:
    return _of_affiliates(call, box, "affClawbacks", "affiliate_clawbacks")


@case("affiliate_commissions")
def _commissions(call: PlainClient, box: Sandbox) -> Case:
    return _of_affiliates(call, box, "affCommissions", "affiliate_commissions")


@case("affiliate_payments")
def _payments_of_affiliates(call: PlainClient, box: Sandbox) -> Case:
    return _of_affiliates(call, box, "affPayouts", "affiliate_payments")


@case("affiliate_redirect_links")
def _links(call: PlainClient, box: Sandbox) -> Case:
    method = "AffiliateService.getRedirectLinksForAffiliate"
    # Links of no single affiliate are in REST only.
    return Case(each(call, method, ids(box, "affiliates"), "AffiliateId"))


@case("affiliate_summary")
def _summary(call: PlainClient, box: Sandbox) -> Case:
    since, until = datetime(2024, 6, 1), datetime(2025, 6, 30, 23, 59, 59)  # noqa: DTZ001
    rows = call("APIAffiliateService.affSummary", ids(box, "affiliates"), since, until)
    return Case(rows, {"start_date": "2024-06-01T04:00:00Z", "end_date": "2025-07-01T03:59:59Z"})


@case("affiliate_running_totals")
def _running_totals(call: PlainClient, box: Sandbox) -> Case:
    rows = call("APIAffiliateService.affRunningTotals", ids(box, "affiliates"))
    return Case(rows, rest="affiliates")


# Programs.


@case("affiliate_program_all_programs")
def _programs(call: PlainClient, box: Sandbox) -> Case:
    del box
    return Case(call("AffiliateProgramService.getAffiliatePrograms"), rest="commission_programs")


@case("affiliate_program_affiliates_programs")
def _programs_of_affiliates(call: PlainClient, box: Sandbox) -> Case:
    method = "AffiliateProgramService.getProgramsForAffiliate"
    return Case(each(call, method, ids(box, "affiliates"), "ForAffiliateId"))


@case("affiliate_program_programs_affiliates")
def _affiliates_of_programs(call: PlainClient, box: Sandbox) -> Case:
    method = "AffiliateProgramService.getAffiliatesByProgram"
    rows = list(each(call, method, ids(box, "commission_programs"), "ProgramId"))
    passwords = {one.pop("Password", None) for one in rows}
    assert passwords != {None}, "there is no password that could be left out"
    return Case(rows)


@case("affiliate_program_resources")
def _resources(call: PlainClient, box: Sandbox) -> Case:
    method = "AffiliateProgramService.getResourcesForAffiliateProgram"
    return Case(
        each(call, method, ids(box, "commission_programs"), "ProgramId"), rest="commission_program_resources"
    )


# Contacts.

_FIELDS = ["Id", "FirstName", "LastName", "Email", "Birthday", "DateCreated", "CompanyID", "Groups"]


@case("contacts_by_email_address")
def _contacts_by_email(call: PlainClient, box: Sandbox) -> Case:
    addresses = [one["email_addresses"][0]["email"] for one in box.records("contacts")[:3]]
    rows = [one for email in addresses for one in call("ContactService.findByEmail", email, _FIELDS)]
    return Case(rows, {"contact_emails": addresses})


@case("contacts_by_id")
def _contacts_by_id(call: PlainClient, box: Sandbox) -> Case:
    numbers = ids(box, "contacts")[2:5]
    rows = [call("ContactService.load", one, _FIELDS) for one in numbers]
    return Case(rows, {"contact_ids": [str(one) for one in numbers]})


@case("contacts_by_tags")
def _contacts_by_tags(call: PlainClient, box: Sandbox) -> Case:
    numbers = ids(box, "tags")[:3]
    fields = ["ContactId", "GroupId", "Contact.FirstName", "DateCreated"]
    rows = [
        {name.replace(".", "_"): value for name, value in one.items()}
        for tag in numbers
        for one in call(
            "DataService.query", "ContactGroupAssign", 1000, 0, {"GroupId": tag}, fields, "ContactId", True
        )
    ]
    return Case(rows, {"tag_ids": [str(one) for one in numbers]})


# Discounts.


def _discounts(method: str, rest: str) -> Make:
    def make(call: PlainClient, box: Sandbox) -> Case:
        return Case(each(call, f"DiscountService.{method}", ids(box, rest), "DiscountId"), rest=rest)

    return make


CASES |= {
    "discount_category": _discounts("getCategoryDiscount", "category_discounts"),
    "discount_orders_discount": _discounts("getOrderTotalDiscount", "order_total_discounts"),
    "discount_product_total": _discounts("getProductTotalDiscount", "product_discounts"),
    "discount_shipping": _discounts("getShippingTotalDiscount", "shipping_discounts"),
    "discount_subscriptions_free_trial": _discounts("getFreeTrial", "free_trial_discounts"),
}


@case("discount_category_assignments")
def _assignments(call: PlainClient, box: Sandbox) -> Case:
    method = "DiscountService.getCategoryAssignmentsForCategoryDiscount"
    rows = each(call, method, ids(box, "category_discounts"), "DiscountId")
    return Case(rows, rest="category_discount_assignments")


# Files, invoices, products, web forms.


@case("get_file")
def _files(call: PlainClient, box: Sandbox) -> Case:
    def rows() -> Iterator[Row]:
        for one in each(call, "FileService.getFile", ids(box, "files"), "FileId", own="Data"):
            yield {**one, "Size": len(base64.b64decode(one["Data"])), "IsTooLarge": False}

    return Case(rows(), rest="files")


@case("invoice_amount_due")
def _amounts(call: PlainClient, box: Sandbox) -> Case:
    numbers = ids(box, "orders", "invoice_id")
    rows = each(call, "InvoiceService.calculateAmountOwed", numbers, "InvoiceId", own="AmountOwed")
    return Case(rows, rest="orders")


@case("invoice_available_payment_options")
def _payment_options(call: PlainClient, box: Sandbox) -> Case:
    del box
    answer = call("InvoiceService.getAllPaymentOptions")
    return Case([{"Option": one, "Name": name} for one, name in answer.items()])


@case("invoice_payments")
def _payments(call: PlainClient, box: Sandbox) -> Case:
    rows = each(call, "InvoiceService.getPayments", ids(box, "orders", "invoice_id"), "InvoiceId")
    return Case(rows, rest="order_payments")


@case("invoice_available_shipping_options")
def _shipping_of_invoices(call: PlainClient, box: Sandbox) -> Case:
    del box
    return Case(call("InvoiceService.getAllShippingOptions"), rest="shipping_methods")


@case("product_inventory")
def _inventory(call: PlainClient, box: Sandbox) -> Case:
    rows = each(call, "ProductService.getInventory", ids(box, "products"), "ProductId", own="Inventory")
    return Case(rows, rest="products")


@case("webform_ids")
def _web_forms(call: PlainClient, box: Sandbox) -> Case:
    del box
    return Case([{"FormId": one, "Title": title} for one, title in call("WebFormService.getMap").items()])


# Shipping.


def _shipping(method: str, kind: str) -> Make:
    def make(call: PlainClient, box: Sandbox) -> Case:
        numbers = ids(box, "shipping_methods", type=kind)
        rows = each(call, f"ShippingService.{method}", numbers, "OptionId")
        return Case(
            {name: one[name] for name in one if not name.startswith("a") or name == "active"} for one in rows
        )

    return make


CASES |= {
    "shipping_flat_rate_shipping_options": _shipping("getFlatRateShippingOption", "FLAT_RATE"),
    "shipping_order_quantity_shipping_options": _shipping("getOrderQuantityShippingOption", "ORDER_QUANTITY"),
    "shipping_order_shipping_options": _shipping("getOrderTotalShippingOption", "ORDER_TOTAL"),
    "shipping_product_shipping_options": _shipping("getProductBasedShippingOption", "PRODUCT"),
    "shipping_ups_shipping_options": _shipping("getUpsShippingOption", "UPS"),
    "shipping_weight_based_shipping_options": _shipping("getWeightBasedShippingOption", "WEIGHT"),
}


@case("shipping_order_shipping_ranges")
def _ranges(call: PlainClient, box: Sandbox) -> Case:
    """The names of the members are in no source."""
    numbers = ids(box, "shipping_methods", type="ORDER_TOTAL")
    rows = each(call, "ShippingService.getOrderTotalShippingRanges", numbers, "OptionId")
    names = {"OptionId": "OptionId", "id": "id", "from": "lower", "to": "upper", "price": "price"}
    return Case({own: row.get(theirs) for theirs, own in names.items()} for row in rows)


@case("shipping_available_shipping_options")
def _shipping_options(call: PlainClient, box: Sandbox) -> Case:
    del box
    return Case(call("ShippingService.getAllShippingOptions"), rest="shipping_methods")


def test_every_report_has_a_case() -> None:
    assert CASES.keys() == REPORTS.keys()


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_the_rows_that_a_plain_client_gets(run: Run, name: str) -> None:
    run.box.switch(legacy_order_total_option="struct")
    case, stream = CASES[name](PlainClient(run.box), run.box), REPORTS[name].stream
    wanted = list(case.rows)
    assert wanted, "nothing to compare"
    found = run(stream, legacy_reports=[name], **case.settings).rows(stream)
    columns = run.target.schemas[stream]["properties"]
    members = {column for row in wanted for column in row}
    assert members <= columns.keys()
    asked_for = members if REPORTS[name].takes_fields else columns.keys() - TAPS_OWN
    compared = sorted(asked_for - {"FileName", "Extension"})
    assert Counter(tuple(row[column] for column in compared) for row in found) == Counter(
        tuple(as_column(row.get(column), columns[column]) for column in compared) for row in wanted
    )
    assert {row["Other"] for row in found if "Other" in row} <= {None}
    if case.rest:
        assert len(found) == len(run.box.records(case.rest))
