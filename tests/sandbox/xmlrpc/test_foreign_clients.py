"""Clients that others wrote read the account over XML-RPC, and their users see its faults as such."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, takewhile
from typing import Any

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.tables.registry import TABLES

from .foreign import (
    MISSING,
    PYTHONS,
    ClientError,
    ForeignClient,
    as_shown,
    fields_of,
    order_of,
    truth,
    without_emoji,
)

EVER = datetime(1990, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001 - times on the wire have no zone


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    switches = {"limits": "off", "legacy_search_page_size": 20}
    with Sandbox(contacts=60, switches=switches) as running:
        without_emoji(running)
        yield running


@pytest.fixture(scope="module", params=PYTHONS)
def client(request: pytest.FixtureRequest, box: Sandbox) -> Iterator[ForeignClient]:
    yield from started(request.param, box)


def started(name: str, box: Sandbox) -> Iterator[ForeignClient]:
    """Yield a client while it runs; the test is skipped if it is not installed."""
    if not PYTHONS[name]:
        pytest.skip(MISSING)
    with ForeignClient(name, box.url, box.api_key) as running:
        yield running


def parameters(box: Sandbox, method: str, name: str) -> list[int]:
    """Return the ids that a report of the sandbox has rows for."""
    return sorted({int(row[name]) for row in box.records(f"xmlrpc:{method}")})


def affiliate_method(client: ForeignClient, name: str) -> str:
    """Return what a client calls a method of APIAffiliateService."""
    service = "AffiliateService" if client.name == "keap-python" else "APIAffiliateService"
    return f"{service}.{name}"


class TestTables:
    def test_all_tables_page_by_page(self, box: Sandbox, client: ForeignClient) -> None:
        for table in TABLES:
            rows = as_shown(client.rows(table, fields_of(box, table), order_of(table)))
            expected = truth(box, table)
            if table == "ContactGroupAssign":  # has no ids: rows of a contact come in any order
                assert [row["ContactId"] for row in rows] == [row["ContactId"] for row in expected]
                rows, expected = (
                    sorted(part, key=lambda row: (row["ContactId"], row["GroupId"]))
                    for part in (rows, expected)
                )
            assert rows == expected, table
            assert client("DataService.count", table, {}) == len(rows) > 0

    def test_one_record(self, box: Sandbox, client: ForeignClient) -> None:
        expected = truth(box, "Contact")[7]
        fields = fields_of(box, "Contact")
        for service in ("DataService.load", "ContactService.load"):
            table = ("Contact",) if service == "DataService.load" else ()
            assert as_shown([client(service, *table, expected["Id"], fields)]) == [expected]

    def test_conditions(self, box: Sandbox, client: ForeignClient) -> None:
        rows = [row for row in truth(box, "Contact") if str(row.get("LastName", "")).startswith("Wa")]
        found = client("DataService.query", "Contact", 1000, 0, {"LastName": "Wa%"}, ["Id"], "Id", True)
        assert found == [{"Id": row["Id"]} for row in rows] != []
        assert client("DataService.count", "Contact", {"LastName": "wa%"}) == len(rows)

    def test_by_field_and_by_email(self, box: Sandbox, client: ForeignClient) -> None:
        rows = truth(box, "Contact")
        one = next(row for row in rows if row.get("PostalCode", "").isdigit() and "@" in row.get("Email", ""))
        same = sorted(row["Id"] for row in rows if row.get("PostalCode") == one["PostalCode"])
        for value in (one["PostalCode"], int(one["PostalCode"])):
            found = client("DataService.findByField", "Contact", 1000, 0, "PostalCode", value, ["Id"])
            assert sorted(row["Id"] for row in found) == same
        by_email = client("ContactService.findByEmail", one["Email"].upper(), ["Id", "Email"])
        assert {"Id": one["Id"], "Email": one["Email"]} in by_email
        assert client("ContactService.findByEmail", "nobody@example.com", ["Id"]) == []

    def test_custom_fields_are_found_in_their_table(self, box: Sandbox, client: ForeignClient) -> None:
        fields = ["Id", "FormId", "Name", "DataType", "Label"]
        query = ("DataFormField", 1000, 0, {"FormId": -1}, fields, "Id", True)
        names = [f"_{row['Name']}" for row in client("DataService.query", *query)]
        assert len(names) > 5
        rows = as_shown(client.rows("Contact", ["Id", *names]))
        assert rows == [
            {name: row[name] for name in row if name in {"Id", *names}} for row in truth(box, "Contact")
        ]
        assert {name for row in rows for name in row} == {"Id", *names}

    def test_facts_about_the_account(self, client: ForeignClient) -> None:
        assert client("DataService.getUserInfo")["appAlias"] == "xx123"
        assert client("DataService.getAppSetting", "Application", "enabled") == "1"
        assert "Customer" in client("DataService.getAppSetting", "Contact", "optiontypes").split(",")


class TestAffiliates:
    def test_totals(self, box: Sandbox, client: ForeignClient) -> None:
        ids = parameters(box, "APIAffiliateService.affSummary", "AffiliateId")
        summary = client(affiliate_method(client, "affSummary"), ids, *EVER)
        assert summary == truth(box, "APIAffiliateService.affSummary") != []
        totals = client(affiliate_method(client, "affRunningTotals"), ids)
        assert totals == truth(box, "APIAffiliateService.affRunningTotals") != []

    @pytest.mark.parametrize("name", ["affCommissions", "affClawbacks", "affPayouts"])
    def test_month_by_month(self, box: Sandbox, client: ForeignClient, name: str) -> None:
        method = f"APIAffiliateService.{name}"
        affiliate = parameters(box, method, "affiliateId")[0]
        rows = []
        for month in range(2023 * 12, 2027 * 12):
            year, number = divmod(month, 12)
            last = monthrange(year, number + 1)[1]
            first = datetime(year, number + 1, 1)  # noqa: DTZ001
            until = first + timedelta(days=last) - timedelta(seconds=1)
            rows += client(affiliate_method(client, name), affiliate, first, until)
        shown = as_shown(rows)
        expected = truth(box, method, affiliateId=affiliate)

        def key(row: dict[str, Any]) -> str:
            return str(sorted(row.items()))

        assert sorted(shown, key=key) == sorted(expected, key=key) != []

    def test_programs(self, box: Sandbox, client: ForeignClient) -> None:
        method = "AffiliateProgramService.getAffiliatePrograms"
        programs = client(method)
        assert programs == truth(box, method)
        for program in programs:
            for name in ("getAffiliatesByProgram", "getResourcesForAffiliateProgram"):
                method = f"AffiliateProgramService.{name}"
                shown = as_shown(client(method, program["Id"]))
                assert shown == truth(box, method, programId=program["Id"])
        method = "AffiliateProgramService.getProgramsForAffiliate"
        affiliate = parameters(box, method, "affiliateId")[-1]
        assert client(method, affiliate) == truth(box, method, affiliateId=affiliate) != []

    def test_redirect_links_are_where_only_some_clients_look(
        self, box: Sandbox, client: ForeignClient
    ) -> None:
        method = "AffiliateService.getRedirectLinksForAffiliate"
        affiliate = parameters(box, method, "affiliateId")[0]
        if client.name == "keap-python":  # its AffiliateService is APIAffiliateService
            words = "No such handler: APIAffiliateService.getRedirectLinksForAffiliate"
            assert client.error(method, affiliate).members["errmsg"] == words
        else:
            expected = [row for row in box.records(f"xmlrpc:{method}") if row["affiliateId"] == affiliate]
            assert [{"affiliateId": affiliate, **row} for row in client(method, affiliate)] == expected


BY_ID = {
    "DiscountService.getFreeTrial": "trialId",
    "DiscountService.getOrderTotalDiscount": "id",
    "DiscountService.getCategoryDiscount": "id",
    "DiscountService.getProductTotalDiscount": "id",
    "DiscountService.getShippingTotalDiscount": "id",
    "ShippingService.getFlatRateShippingOption": "optionId",
    "ShippingService.getOrderQuantityShippingOption": "optionId",
    "ShippingService.getProductBasedShippingOption": "optionId",
    "ShippingService.getUpsShippingOption": "optionId",
    "ShippingService.getWeightBasedShippingOption": "optionId",
}
"""Reports that return one struct, and what the sandbox's rows of them call the id."""


class TestReports:
    @pytest.mark.parametrize("method", BY_ID)
    def test_options_by_id(self, box: Sandbox, client: ForeignClient, method: str) -> None:
        name = BY_ID[method]
        for one in parameters(box, method, name):
            assert [client(method, one)] == truth(box, method, **{name: one})

    def test_lists(self, box: Sandbox, client: ForeignClient) -> None:
        method = "DiscountService.getCategoryAssignmentsForCategoryDiscount"
        rows = box.records(f"xmlrpc:{method}")
        discount = int(rows[0]["specialItemId"])
        assert client(method, discount) == [row for row in rows if row["specialItemId"] == str(discount)]
        for method in ("ShippingService.getAllShippingOptions", "InvoiceService.getAllShippingOptions"):
            assert client(method) == truth(box, method) != []
        method = "ShippingService.getOrderTotalShippingRanges"
        option = parameters(box, method, "optionId")[0]
        assert client(method, option) == box.records(f"xmlrpc:{method}")

    def test_invoices(self, box: Sandbox, client: ForeignClient) -> None:
        payments = []
        for row in truth(box, "InvoiceService.calculateAmountOwed"):
            invoice = row["invoiceId"]
            assert client("InvoiceService.calculateAmountOwed", invoice) == row["value"]
            paid = as_shown(client("InvoiceService.getPayments", invoice))
            payments += [{"invoiceId": invoice, **one} for one in paid]
        assert payments == truth(box, "InvoiceService.getPayments") != []
        options = truth(box, "InvoiceService.getAllPaymentOptions")
        assert client("InvoiceService.getAllPaymentOptions") == {one["key"]: one["value"] for one in options}

    def test_products_files_and_web_forms(self, box: Sandbox, client: ForeignClient) -> None:
        for row in truth(box, "ProductService.getInventory"):
            assert client("ProductService.getInventory", row["productId"]) == row["value"]
        files = {row["file_id"]: row["data"] for row in box.records("file_data")}
        assert {str(key): client("FileService.getFile", int(key)) for key in files} == files
        forms = client("WebFormService.getMap")
        assert forms == {row["key"]: row["value"] for row in truth(box, "WebFormService.getMap")} != {}
        assert "<form" in client("WebFormService.getHTML", int(next(iter(forms))))

    def test_saved_searches_until_an_empty_page(self, box: Sandbox, client: ForeignClient) -> None:
        method = "SearchService.getSavedSearchResultsAllFields"
        listed = client.rows("SavedFilter", ["Id", "FilterName", "ReportStoredName", "UserId"])
        assert as_shown(listed) == truth(box, "SavedFilter")
        for search in listed:
            user = int(search.get("UserId", "1").split(",")[0])
            columns = client("SearchService.getAllReportColumns", search["Id"], user)
            pages = list(takewhile(bool, (client(method, search["Id"], user, number) for number in count())))
            assert as_shown([row for page in pages for row in page]) == truth(
                box, method, savedSearchId=search["Id"]
            )
            chosen = list(columns)[:2]
            rows = client("SearchService.getSavedSearchResults", search["Id"], user, 0, chosen)
            first = pages[0] if pages else []
            assert rows == [{name: row[name] for name in chosen} for row in first]


def seen(client: ForeignClient, code: int, words: str) -> tuple[str, str]:
    """Return the kind and the text of the error that the user of a client gets for a fault."""
    if client.name == "keap-python":
        text = f"KeapXMLRPCException: URL: None, Error Code: {code}, Error Message: {words}, Headers: None"
        return "KeapXMLRPCException", text
    return "Fault", f"<Fault {code}: {words!r}>"


ARRAY, MAP, TEXT = "[Ljava.lang.Object;", "java.util.HashMap", "java.lang.String"
INTEGER, BOOLEAN = "java.lang.Integer", "java.lang.Boolean"
NOT_MATCHING = "No method matching arguments: "


class TestFaults:
    @pytest.mark.parametrize(
        ("method", "params", "code", "words"),
        [
            ("query", ("Nobody", 1, 0, {}, ["Id"], "Id", True), 9, "[NoTableFound]No table found: Nobody"),
            (
                "query",
                ("Contact", 1, 0, {}, ["id"], "Id", True),
                10,
                "[NoFieldFound]No field found: Contact.id",
            ),
            (
                "count",
                ("Contact", {"given_name": "a"}),
                10,
                "[NoFieldFound]No field found: Contact.given_name",
            ),
            ("load", ("Contact", 99999999, ["Id"]), 5, "[RecordNotFound]Record was not found"),
            (
                "query",
                ("Contact", 1, 0, [], ["Id"], "Id", True),
                0,
                f"{NOT_MATCHING}{TEXT}, {TEXT}, {INTEGER}, {INTEGER}, {ARRAY}, {ARRAY}, {TEXT}, {BOOLEAN}",
            ),
            (
                "query",
                ("Contact", 1, 0, {}, ["Id"], "Id", 1),
                0,
                f"{NOT_MATCHING}{TEXT}, {TEXT}, {INTEGER}, {INTEGER}, {MAP}, {ARRAY}, {TEXT}, {INTEGER}",
            ),
            (
                "query",
                ("Contact", "1", 0, {}, ["Id"], "Id", True),
                0,
                f"{NOT_MATCHING}{TEXT}, {TEXT}, {TEXT}, {INTEGER}, {MAP}, {ARRAY}, {TEXT}, {BOOLEAN}",
            ),
            ("noSuch", ("Contact",), 0, "No such handler: DataService.noSuch"),
        ],
        ids=str,
    )
    def test_what_is_refused(
        self, client: ForeignClient, method: str, params: tuple[Any, ...], code: int, words: str
    ) -> None:
        error = client.error(f"DataService.{method}", *params)
        assert (error.kind, str(error)) == seen(client, code, words)

    def test_dates_as_texts(self, client: ForeignClient) -> None:
        error = client.error(affiliate_method(client, "affPayouts"), 5, "2026-03-01", "2026-03-31")
        words = f"{NOT_MATCHING}{TEXT}, {INTEGER}, {TEXT}, {TEXT}"
        assert (error.kind, str(error)) == seen(client, 0, words)

    def test_a_condition_with_a_control_character(self, client: ForeignClient) -> None:
        error = client.error("DataService.count", "Contact", {"City": "a\x0bb"})
        assert (error.members.get("faultCode") or error.members.get("errcode")) == "0"
        assert "Failed to parse XML-RPC request: An invalid XML character" in str(error)

    def test_a_wrong_key(self, box: Sandbox, client: ForeignClient) -> None:
        """At the gateway it is a 401; at the former host, fault 1, which one client tries twice more."""
        box.clear_requests()
        with ForeignClient(client.name, box.url, "wrong") as stranger:
            error = stranger.error("DataService.count", "Contact", {})
        statuses = [entry["status"] for entry in box.requests("xmlrpc")]
        if client.name == "infusionsoft-client":
            words = "[InvalidConfig]Invalid Configuration: for help setting up your API, "
            assert words in error.members["faultString"]
            assert statuses == [200, 200, 200]
        else:
            assert error.kind == ("KeapXMLRPCException" if client.name == "keap-python" else "ProtocolError")
            assert (error.members["errcode"], error.members["errmsg"]) == ("401", "Unauthorized")
            assert statuses == [401]

    def test_a_query_that_takes_too_long_and_a_missing_body(
        self, box: Sandbox, client: ForeignClient
    ) -> None:
        words = "[DatabaseError] Query took too long and was cancelled"
        box.fault("xmlrpc_too_long", rpc="DataService.count", times=1)
        error = client.error("DataService.count", "Contact", {})
        assert (error.kind, str(error)) == seen(client, 4, words)
        box.fault("blank_body", rpc="DataService.count", times=1)
        assert client.error("DataService.count", "Contact", {}).kind == "ExpatError"
        assert client("DataService.count", "Contact", {}) == len(truth(box, "Contact"))
        box.clear_faults()


@pytest.fixture(scope="module")
def keap_python(box: Sandbox) -> Iterator[ForeignClient]:
    yield from started("keap-python", box)


@pytest.fixture(scope="module")
def infusionsoft_client(box: Sandbox) -> Iterator[ForeignClient]:
    yield from started("infusionsoft-client", box)


def test_the_names_that_keap_python_has_for_methods(box: Sandbox, keap_python: ForeignClient) -> None:
    contact = truth(box, "Contact")[3]
    email, fields = contact["Email"], ["Id", "Email"]
    expected = {name: contact[name] for name in fields}
    assert keap_python("DataService.get_app_setting", "Application", "enabled") == "1"
    assert keap_python("ContactService.find_by_email", email, fields) == [expected]
    assert keap_python("DataService.find_by_field", "Contact", 9, 0, "Email", email, fields) == [expected]
    totals = truth(box, "APIAffiliateService.affRunningTotals")
    ids = [row["AffiliateId"] for row in totals]
    assert keap_python("AffiliateService.retrieve_running_totals", ids) == totals
    first = keap_python("SearchService.get_search_report", 3, 1, 0)
    assert as_shown(first) == truth(box, "SearchService.getSavedSearchResultsAllFields", savedSearchId=3)[:20]


def test_infusionsoft_client_hides_two_failures_in_a_row(
    box: Sandbox, infusionsoft_client: ForeignClient
) -> None:
    box.clear_requests()
    box.fault("server_error", rpc="DataService.count", times=2)
    assert infusionsoft_client("DataService.count", "Contact", {}) == len(truth(box, "Contact"))
    assert [entry["status"] for entry in box.requests("xmlrpc")] == [500, 500, 200]
    box.fault("server_error", rpc="DataService.count", times=3)
    error = infusionsoft_client.error("DataService.count", "Contact", {})
    assert (error.kind, error.members["errcode"]) == ("ProtocolError", "500")
    assert infusionsoft_client("DataService.count", "Contact", {}) > 0


@pytest.mark.parametrize("text", ["raw", "references"])
@pytest.mark.parametrize("name", PYTHONS)
def test_pages_with_emoji_cannot_be_read(name: str, text: str) -> None:
    """Both writers of the service break characters beyond the BMP, and these clients use a strict parser."""
    if not PYTHONS[name]:
        pytest.skip(MISSING)
    with (
        Sandbox(contacts=3, switches={"limits": "off", "xmlrpc_text": text}) as box,
        ForeignClient(name, box.url, box.api_key) as client,
    ):
        key = box.records("xmlrpc:Contact")[0]["Id"]
        box.plant("contacts", upsert=[{"id": str(key), "family_name": "Zoë \U0001f389"}])
        with pytest.raises(ClientError, match="reference to invalid character number"):
            client.rows("Contact", ["Id", "LastName"])
        box.plant("contacts", upsert=[{"id": str(key), "family_name": "Zoë"}])
        assert {"Id": key, "LastName": "Zoë"} in client.rows("Contact", ["Id", "LastName"])
