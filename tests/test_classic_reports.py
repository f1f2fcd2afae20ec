"""The 39 reports of the classic connector, each run with parameters as a user would set them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures import Run
from tests.truth import plain
from tools.classic_reports import REPORTS

Row = dict[str, Any]
Case = Callable[[Run], tuple[dict[str, Any], list[Row]]]
CASES: dict[str, Case] = {}
"""Report -> a function that returns its settings and the rows that it should load."""


def report(*names: str) -> Callable[[Case], Case]:
    """Register a case for some reports."""

    def take(case: Case) -> Case:
        CASES.update(dict.fromkeys(names, case))
        return case

    return take


def rows(run: Run, collection: str) -> list[Row]:
    return [plain(row) for row in run.box.records(collection)]


def sample(run: Run, collection: str, column: str = "id", count: int = 2) -> list[str]:
    """The ids that most rows have, as a user would copy them from Keap."""
    ids = Counter(str(row[column]) for row in rows(run, collection) if row[column])
    return [ident for ident, _ in ids.most_common(count)]


def rows_with(run: Run, collection: str, column: str, wanted: list[str]) -> list[Row]:
    return [row for row in rows(run, collection) if str(row[column]) in wanted]


def between(found: list[Row], column: str, start: str, end: str) -> list[Row]:
    return [row for row in found if row[column] and start <= row[column][:10] <= end]


@report("Affiliate - Clawbacks")
def _clawbacks(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "affiliate_clawbacks", "affiliate_id")
    found = between(
        rows_with(run, "affiliate_clawbacks", "affiliate_id", ids), "date_earned", "2024-06-01", "2026-06-30"
    )
    return {"affiliate_ids": ids, "start_date": "2024-06-01", "end_date": "2026-06-30"}, found


@report("Affiliate - Commissions")
def _commissions(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "affiliate_commissions", "affiliate_id")
    found = between(
        rows_with(run, "affiliate_commissions", "affiliate_id", ids),
        "time_earned",
        "2024-06-01",
        "2026-06-30",
    )
    return {"affiliate_ids": ids, "start_date": "2024-06-01", "end_date": "2026-06-30"}, found


@report("Affiliate - Payments")
def _payments(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "affiliate_payments", "affiliate_id")
    return {"affiliate_ids": ids}, rows_with(run, "affiliate_payments", "affiliate_id", ids)


@report("Affiliate - Redirect Links")
def _links(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "affiliate_redirect_links", "affiliate_id")
    return {"affiliate_ids": ids}, rows_with(run, "affiliate_redirect_links", "affiliate_id", ids)


@report("Affiliate Summary", "Affiliate - Running Totals")
def _sums(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "affiliate_running_totals", "affiliate_id", 3)
    return {"affiliate_ids": ids}, rows_with(run, "affiliate_running_totals", "affiliate_id", ids)


@report("Affiliate Program - All Programs")
def _programs(run: Run) -> tuple[dict[str, Any], list[Row]]:
    return {}, rows(run, "commission_programs")


@report("Affiliate Program - Affiliate's Programs")
def _programs_of(run: Run) -> tuple[dict[str, Any], list[Row]]:
    one = sample(run, "commission_program_affiliates", "affiliate_id", 1)
    return {"affiliate_ids": one}, [
        row for row in rows(run, "commission_programs") if one[0] in map(str, row["affiliate_ids"] or ())
    ]


@report("Affiliate Program - Program's Affiliates")
def _affiliates_of(run: Run) -> tuple[dict[str, Any], list[Row]]:
    one = sample(run, "commission_program_affiliates", "commission_program_id", 1)
    return {"commission_program_ids": one}, rows_with(
        run, "commission_program_affiliates", "commission_program_id", one
    )


@report("Affiliate Program - Resources")
def _resources(run: Run) -> tuple[dict[str, Any], list[Row]]:
    one = sample(run, "commission_program_resources", "commission_program_id", 1)
    return {"commission_program_ids": one}, rows_with(
        run, "commission_program_resources", "commission_program_id", one
    )


@report("Contacts - By Email Address")
def _by_email(run: Run) -> tuple[dict[str, Any], list[Row]]:
    def emails(row: Row) -> list[str]:
        return [str(one["email"]).lower() for one in row["email_addresses"] or () if one["email"]]

    wanted = next(email for row in rows(run, "contacts")[5:] for email in emails(row))
    return {"contact_emails": [wanted]}, [row for row in rows(run, "contacts") if wanted in emails(row)]


@report("Contacts - By ID")
def _by_id(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "contacts", count=3)
    return {"contact_ids": ids}, rows_with(run, "contacts", "id", ids)


@report("Contacts - By Tags")
def _by_tags(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "contact_tags", "tag_id")
    tagged = [str(row["contact_id"]) for row in rows_with(run, "contact_tags", "tag_id", ids)]
    return {"tag_ids": ids}, rows_with(run, "contacts", "id", tagged)


@report("Discount - Category")
def _category(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "category_discounts", count=1)
    return {"category_discount_ids": ids}, rows_with(run, "category_discounts", "id", ids)


@report("Discount - Category Assignments")
def _assignments(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "category_discount_assignments", "category_discount_id", 1)
    return {"category_discount_ids": ids}, rows_with(
        run, "category_discount_assignments", "category_discount_id", ids
    )


def _discount(stream: str, setting: str) -> Case:
    def case(run: Run) -> tuple[dict[str, Any], list[Row]]:
        ids = sample(run, stream, count=2)
        return {setting: ids}, rows_with(run, stream, "id", ids)

    return case


report("Discount - Order's Discount")(_discount("order_total_discounts", "order_total_discount_ids"))
report("Discount - Product Total")(_discount("product_discounts", "product_discount_ids"))
report("Discount - Shipping")(_discount("shipping_discounts", "shipping_discount_ids"))
report("Discount - Subscription's Free Trial")(_discount("free_trial_discounts", "free_trial_discount_ids"))


@report("Get File")
def _file(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "file_data", "file_id", 1)
    return {"file_ids": ids}, rows_with(run, "file_data", "file_id", ids)


@report("Invoice - Amount Due")
def _due(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "invoice_balances", "invoice_id")
    return {"invoice_ids": ids}, rows_with(run, "invoice_balances", "invoice_id", ids)


@report("Invoice - Available Payment Options")
def _options(run: Run) -> tuple[dict[str, Any], list[Row]]:
    return {}, [{"record": "account", **row} for row in rows(run, "application_settings")]


@report("Invoice - Payments")
def _order_payments(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "order_payments", "order_id")
    return {"order_ids": ids}, rows_with(run, "order_payments", "order_id", ids)


@report("Invoice - Available Shipping Options", "Shipping - Available Shipping Options")
def _shipping(run: Run) -> tuple[dict[str, Any], list[Row]]:
    return {}, rows(run, "shipping_methods")


@report("Product - Inventory")
def _inventory(run: Run) -> tuple[dict[str, Any], list[Row]]:
    ids = sample(run, "product_inventory", "product_id")
    return {"product_ids": ids}, rows_with(run, "product_inventory", "product_id", ids)


@report("Search - Available Fields")
def _fields(run: Run) -> tuple[dict[str, Any], list[Row]]:
    one = sample(run, "report_fields", "report_id", 1)
    return {"saved_searches": one}, rows_with(run, "report_fields", "report_id", one)


@report("Webform IDs")
def _webforms(run: Run) -> tuple[dict[str, Any], list[Row]]:
    return {}, rows(run, "webforms")


def _shipping_method(number: int) -> Case:
    def case(run: Run) -> tuple[dict[str, Any], list[Row]]:
        one = rows(run, "shipping_methods")[number % len(rows(run, "shipping_methods"))]
        return {"shipping_method_ids": [str(one["id"])]}, [one]

    return case


for _number, _kind in enumerate(("Flat Rate", "Order Quantity", "Order", "Product", "UPS", "Weight-Based")):
    report(f"Shipping - {_kind} Shipping Options")(_shipping_method(_number))
report("Shipping - Order Shipping Ranges")(_shipping_method(2))

SEARCHES = {"Search - Saved Search", "Search - Saved Search New"}
DATA = {"Data - Record by ID", "Data - Query a Data Table"}


@pytest.mark.parametrize("name", [one.name for one in REPORTS if one.name not in SEARCHES | DATA])
def test_a_report_loads_its_rows(run: Run, name: str) -> None:
    (one,) = (known for known in REPORTS if known.name == name)
    settings, truth = CASES[name](run)
    assert truth, "the account needs rows for the report"
    assert settings.keys() <= set(one.settings)
    target = run(one.stream, **settings)
    keys = target.keys(one.stream)
    if keys == ["row_key"]:
        assert len(target.rows(one.stream)) == len(truth)
        return
    assert {_key(row, keys) for row in target.rows(one.stream)} == {_key(row, keys) for row in truth}


def _key(row: Row, keys: list[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in keys)


@pytest.mark.parametrize("pattern", ["All contacts", "3", "all*"])
def test_a_saved_search_is_found_by_name_id_or_pattern(run: Run, pattern: str) -> None:
    target = run("saved_search_all_contacts", saved_searches=[pattern])
    assert len(target.rows("saved_search_all_contacts")) == 150


def test_a_saved_search_loads_only_the_selected_columns(run: Run) -> None:
    stream = "saved_search_all_contacts"
    columns = run.tap({}, saved_searches=["All contacts"]).streams[stream].schema["properties"]
    drop = [name for name in columns if name not in {"id", "email", "row_key"}]
    catalog = run.catalog(stream, without={stream: drop}, saved_searches=["All contacts"])
    run.box.clear_requests()
    target = run(catalog=catalog, saved_searches=["All contacts"])
    assert {frozenset(row) for row in target.rows(stream)} == {frozenset({"id", "email", "row_key"})}
    assert run.box.requests(":run")[0]["query"]["fields"] == "Email,Id"


@pytest.mark.parametrize(
    ("table", "collection"),
    [
        ("Contact", "contacts"),
        ("Company", "companies"),
        ("Lead", "opportunities"),
        ("Job", "orders"),
        ("Product", "products"),
        ("ContactGroup", "tags"),
        ("RecurringOrder", "subscriptions"),
        ("Payment", "payments"),
        ("Affiliate", "affiliates"),
        ("User", "users"),
        ("LeadSource", "lead_sources"),
        ("StageMove", "opportunity_stage_moves"),
        ("FileBox", "files"),
        ("SavedFilter", "reports"),
    ],
)
def test_records_of_a_table_are_loaded_by_their_ids(run: Run, table: str, collection: str) -> None:
    """Data - Record by ID; its parameters are a table, ids and fields."""
    one, other = sample(run, collection)
    target = run(
        "record", queries=[{"name": "record", "table": table, "ids": [one, other], "fields": ["Id"]}]
    )
    assert sorted(target.rows("record"), key=lambda row: str(row["id"])) == [
        {"id": ident} for ident in sorted([one, other])
    ]


def _starts_with_c(row: Row) -> bool:
    return str(row["given_name"] or "").lower().startswith("c")


@pytest.mark.parametrize(
    ("table", "query", "fields", "collection", "passes"),
    [
        ("Contact", "{'FirstName':'C%'}", ["Id", "FirstName", "Email", "City"], "contacts", _starts_with_c),
        (
            "Contact",
            "'LastUpdated':'~>=~2025-06-01 00:00:00'",
            ["Id", "LastUpdated"],
            "contacts",
            lambda row: row["update_time"] >= "2025-06-01T04:00:00.000Z",
        ),
        (
            "ContactGroup",
            "'GroupName':'newsletter'",
            ["Id", "GroupName"],
            "tags",
            lambda row: row["name"] == "Newsletter",
        ),
        (
            "Company",
            "{'State':'Tex%'}",
            ["Id", "Company"],
            "companies",
            lambda row: (row["address"] or {}).get("region") == "Texas",
        ),
        (
            "Job",
            "{'OrderType':'Online','LastUpdated':'2026%'}",
            ["Id", "JobTitle"],
            "orders",
            lambda row: (
                row["order_type"] == "ONLINE"
                and "2026-01-01T05:00:00.000Z" <= row["modification_time"] < "2027-01-01T05:00:00.000Z"
            ),
        ),
        (
            "Lead",
            "{'ProjectedRevenueLow':'~>~20000'}",
            ["Id"],
            "opportunities",
            lambda row: (row["projected_revenue_low"] or 0) > 20000,
        ),
        (
            "SubscriptionPlan",
            "{'Active':'1'}",
            ["Id", "PlanPrice"],
            "subscription_plans",
            lambda row: row["active"],
        ),
        (
            "EmailAddStatus",
            "{'Email':'person2@example.net'}",
            ["Email", "Type"],
            "email_address_statuses",
            lambda row: row["email"].lower() == "person2@example.net",
        ),
    ],
)
def test_records_of_a_table_are_loaded_by_a_query(
    run: Run, table: str, query: str, fields: list[str], collection: str, passes: Callable[[Row], bool]
) -> None:
    """Data - Query a Data Table; its parameters are a table, a query string and fields."""
    target = run("found", queries=[{"name": "found", "table": table, "query": query, "fields": fields}])
    keys = target.keys("found")
    truth = {_key(row, keys) for row in rows(run, collection) if passes(row)}
    assert truth, "the account needs such rows"
    assert {_key(row, keys) for row in target.rows("found")} == truth


def test_a_query_since_the_last_run_loads_changed_records_only(run: Run) -> None:
    entry = {
        "name": "found",
        "table": "Contact",
        "query": "'LastUpdated':'~>=~LastSuccessfulRun'",
        "fields": ["Id"],
    }
    catalog = run.catalog("found", queries=[entry])
    assert len(run(catalog=catalog, queries=[entry]).rows("found")) == 150
    run.clock.pass_time(86_400)
    run.box.plant("contacts", upsert=[{"id": "8", "given_name": "Changed"}], touch=True)
    assert "8" in {row["id"] for row in run(catalog=catalog, queries=[entry]).sent("found")}
    assert len(run.target.sent("found")) < 10


def test_every_report_has_a_test() -> None:
    assert {one.name for one in REPORTS} == CASES.keys() | SEARCHES | DATA
