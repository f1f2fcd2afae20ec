"""What /sandbox/records says about the reports of the XML-RPC API."""

from __future__ import annotations

from datetime import datetime

import pytest

from keap_sandbox import Sandbox
from keap_sandbox.records import BadRecordsError
from keap_sandbox.xmlrpc.registry import METHODS
from keap_sandbox.xmlrpc.reports import REPORTS

from .calling import Caller

EVER = datetime(1990, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001 - times on the wire have no zone


@pytest.mark.parametrize("method", REPORTS)
def test_every_report_has_rows_unless_there_are_none(box: Sandbox, method: str) -> None:
    rows = box.records(f"xmlrpc:{method}")
    assert bool(rows) == (
        method
        not in {
            "ShippingService.getOrderTotalShippingOption",
            "ShippingService.getProductShippingPricesForProductShippingOption",
        }
    )
    assert all(isinstance(row, dict) and row for row in rows)


def test_reports_are_methods_that_return_no_rows_of_tables() -> None:
    others = {name for name in METHODS if name not in REPORTS and not name.endswith(".echo")}
    assert {name for name in others if not name.startswith(("DataService.", "ContactService."))} == {
        "FileService.getDownloadUrl",
        "SearchService.getAvailableQuickSearches",
        "SearchService.getDefaultQuickSearch",
        "SearchService.getSavedSearchResults",
        "SearchService.quickSearch",
        "WebFormService.getHTML",
    }


def test_rows_are_those_of_the_calls_and_say_whose_they_are(box: Sandbox, call: Caller) -> None:
    expected = [
        {"affiliateId": int(key), **row, "DateEarned": row["DateEarned"].isoformat()}
        for key in box.records("affiliates", ids_only=True)
        for row in call("APIAffiliateService.affCommissions", int(key), *EVER)
    ]
    assert box.records("xmlrpc:APIAffiliateService.affCommissions") == expected
    files = box.records("xmlrpc:FileService.getFile")
    assert [(str(row["fileId"]), row["value"]) for row in files] == [
        (row["file_id"], row["data"]) for row in box.records("file_data")
    ]


def test_saved_searches_are_read_to_their_end(box: Sandbox) -> None:
    box.switch(legacy_search_page_size=30)
    rows = box.records("xmlrpc:SearchService.getSavedSearchResultsAllFields")
    for search in (3, 5, 8, 13, 21):
        found = [row for row in rows if row["savedSearchId"] == search]
        assert len(found) == len(box.records("report_rows", report_id=search))


def test_rows_of_a_report_cannot_be_planted(box: Sandbox) -> None:
    with pytest.raises(BadRecordsError, match="follow from the records that REST shows"):
        box.plant("xmlrpc:InvoiceService.getPayments", upsert=[{"Id": 1}])
