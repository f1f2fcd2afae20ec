"""What reports of the XML-RPC API return in all, as /sandbox/records shows it, to compare a copy with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from keap_sandbox.filtering.selection import Selector
from keap_sandbox.request import World
from keap_sandbox.xmlrpc.faults import FaultError
from keap_sandbox.xmlrpc.registry import METHODS
from keap_sandbox.xmlrpc.writing import Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from keap_sandbox.account import Account

__all__ = ["PREFIX", "REPORTS", "names", "report_records"]

PREFIX = "xmlrpc:"
"""Collections with this prefix and a method's name are reports."""


@dataclass(frozen=True)
class Report:
    """A report.

    Attributes:
        parameter: The parameter that differs from call to call, which the rows get as a member; empty if
            there is none.
        values: Returns its values in an account.
        params: Returns all parameters of a call.
        paged: There are pages, and their number is the last parameter.
        keyed: Its answer is a struct of which each member is a row, with `key` and `value`.
    """

    parameter: str = ""
    values: Callable[[Account], Iterable[int]] = lambda _: (0,)
    params: Callable[[Account, int], list[Any]] = lambda _, value: [value]
    paged: bool = False
    keyed: bool = False


def _ids(collection: str) -> Callable[[Account], Iterable[int]]:
    return lambda account: account.tables[collection]


def _each(parameter: str, collection: str, *, dates: bool = False) -> Report:
    """Declare a report that is called for each record of a collection, with no limits of time."""
    more: list[Any] = [None, None] if dates else []
    return Report(parameter, _ids(collection), lambda _, value: [value, *more])


def _all_affiliates(*more: Any) -> Report:
    return Report(params=lambda account, _: [list(account.affiliates), *more])


def _invoices(account: Account) -> Iterable[int]:
    return (int(row["invoice_id"]) for row in account.tables["orders"].rows())


def _search_user(account: Account, search: int) -> list[Any]:
    """Return a search and a user who may see it."""
    users = account.reports.row(search)["user_ids"]
    return [search, next((int(one) for one in users if one.isdigit()), next(iter(account.users)))]


_ONCE = Report(params=lambda *_: [])
_INVOICE = Report("invoiceId", _invoices)
REPORTS: Mapping[str, Report] = {
    **{
        f"APIAffiliateService.{name}": _each("affiliateId", "affiliates", dates=True)
        for name in ("affClawbacks", "affCommissions", "affPayouts")
    },
    "APIAffiliateService.affSummary": _all_affiliates(None, None),
    "APIAffiliateService.affRunningTotals": _all_affiliates(),
    "AffiliateService.getRedirectLinksForAffiliate": _each("affiliateId", "affiliates"),
    "AffiliateProgramService.getAffiliatePrograms": _ONCE,
    "AffiliateProgramService.getProgramsForAffiliate": _each("affiliateId", "affiliates"),
    **{
        f"AffiliateProgramService.{name}": _each("programId", "commission_programs")
        for name in ("getAffiliatesByProgram", "getResourcesForAffiliateProgram")
    },
    "DiscountService.getFreeTrial": _each("trialId", "free_trial_discounts"),
    **{
        f"DiscountService.{name}": _each("id", collection)
        for name, collection in (
            ("getOrderTotalDiscount", "order_total_discounts"),
            ("getCategoryDiscount", "category_discounts"),
            ("getCategoryAssignmentsForCategoryDiscount", "category_discounts"),
            ("getProductTotalDiscount", "product_discounts"),
            ("getShippingTotalDiscount", "shipping_discounts"),
        )
    },
    "FileService.getFile": _each("fileId", "files"),
    "InvoiceService.calculateAmountOwed": _INVOICE,
    "InvoiceService.getAllPaymentOptions": Report(params=lambda *_: [], keyed=True),
    "InvoiceService.getPayments": _INVOICE,
    "InvoiceService.getAllShippingOptions": _ONCE,
    "ProductService.getInventory": _each("productId", "products"),
    "SearchService.getAllReportColumns": Report("savedSearchId", _ids("reports"), _search_user, keyed=True),
    "SearchService.getSavedSearchResultsAllFields": Report(
        "savedSearchId", _ids("reports"), _search_user, paged=True
    ),
    "ShippingService.getAllShippingOptions": _ONCE,
    **{
        name: _each("optionId", "shipping_methods")
        for name in METHODS
        if name.startswith("ShippingService.get") and name != "ShippingService.getAllShippingOptions"
    },
    "WebFormService.getMap": Report(params=lambda *_: [], keyed=True),
}
"""By method. Not here are those that return what a data table returns."""


def names() -> list[str]:
    """Return the names of all reports, with the prefix."""
    return [f"{PREFIX}{name}" for name in REPORTS]


def report_records(account: Account, name: str) -> list[Any]:
    """Return all that a report returns, for every record that it can be called for.

    Args:
        account: The account.
        name: The method, with the prefix.

    Returns:
        The rows, with the parameter that the calls differ in as a member; one without members has `value`.
        Times are texts such as ``2026-01-20T08:15:00``, in Eastern time.
    """
    method = name.removeprefix(PREFIX)
    report, found = REPORTS[method], list[Any]()
    for value in report.values(account):
        own = {report.parameter: value} if report.parameter else {}
        found += [own | row for row in _rows(account, method, report, value)]
    return found


def _rows(account: Account, method: str, report: Report, value: int) -> Iterator[dict[str, Any]]:
    world, params = World(account, account.switches, Selector()), report.params(account, value)
    for page in count():
        try:
            answer = METHODS[method].handler(world, [*params, page] if report.paged else params)
        except FaultError:
            return  # options of another kind
        if report.keyed:
            yield from ({"key": key, "value": one} for key, one in answer.items())
        else:
            yield from map(_row, answer if isinstance(answer, list) else [answer])
        if not report.paged or not answer:
            return


def _row(value: object) -> dict[str, Any]:
    members = value if isinstance(value, dict) else {"value": value}
    return {name: _shown(one) for name, one in members.items()}


def _shown(value: object) -> object:
    if isinstance(value, Raw):
        return ""
    if isinstance(value, dict):
        return _row(value)
    return value.isoformat() if isinstance(value, datetime) else value
