"""The tables that REST has nothing for. Their rows are of their own, and can be planted.

They are collections of the account whose records have the columns of the table as fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.tables.cells import ALL, Cell, Read, cell
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each
from keap_sandbox.xmlrpc.tables.sales import invoice_item_id

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row
    from keap_sandbox.xmlrpc.tables.view import ColumnType, TableView

__all__ = ["TABLES"]


def _columns(kind: ColumnType, names: str, access: str = "", *, inferred: bool = False) -> tuple[Cell, ...]:
    """Return columns of one type, by their names with blanks between them."""
    return tuple(cell(kind, name, name, access, inferred=inferred) for name in names.split())


def _own(name: str, *groups: tuple[Cell, ...], access: str = "R", needs: tuple[str, ...] = ()) -> TableView:
    cells = (one for group in groups for one in group)
    return table(name, each(f"xmlrpc:{name}"), *cells, access=access, needs=needs)


def _invoice_item(account: Account, row: Row) -> object:
    """Return the item on the invoice of the order that a subscription began with, for its first run."""
    if "InvoiceItemId" in row or not row.get("IsFirst"):
        return row.get("InvoiceItemId")
    orders, subscription = account.tables["orders"], str(row.get("RecurringId"))
    for order in orders.children("order_items.subscription_id", subscription):
        for item in orders.row(order).get("order_items") or ():
            if item.get("subscription_id") == subscription and str(item.get("id")).isdigit():
                return invoice_item_id(int(item["id"]))
    return None


def _campaign(account: Account, row: Row) -> object:
    """Return the name of the sequence, as it is now."""
    key, campaigns = str(row.get("CampaignId")), account.tables["campaigns"]
    if not key.isdigit() or int(key) not in campaigns:
        return row.get("Campaign")
    return campaigns.row(int(key)).get("name")


def _read(kind: ColumnType, name: str, read: Read, access: str = "") -> tuple[Cell, ...]:
    return (cell(kind, name, read, access),)


TABLES = (
    _own("ActionSequence", _columns("Id", "Id"), _columns("String", "TemplateName VisibleToTheseUsers")),
    _own(
        "Campaignee",
        _columns("Id", "Id", inferred=True),
        _read("String", "Campaign", _campaign),
        _columns("Id", "CampaignId ContactId"),
        _columns("Enum", "Status"),
        needs=("campaigns",),
    ),
    _own(
        "Expense",
        _columns("Id", "Id ContactId TypeId"),
        _columns("DateTime", "DateIncurred"),
        _columns("Double", "ExpenseAmt"),
        _columns("Enum", "ExpenseType"),
    ),
    _own("GroupAssign", _columns("Id", "Id Admin GroupId UserId")),
    _own(
        "JobRecurringInstance",
        _columns("Id", "Id", "R"),
        _columns("Integer", "AutoCharge Status"),
        _columns("DateTime", "DateCreated", "R"),
        _columns("String", "Description"),
        _columns("Date", "EndDate StartDate"),
        _read("Id", "InvoiceItemId", _invoice_item),
        _columns("Id", "RecurringId"),
        access="EAR",
        needs=("orders",),
    ),
    _own(
        "MtgLead",
        _columns("Id", "Id"),
        _columns(
            "DateTime",
            "ActualCloseDate ApplicationDate CreditReportDate DateAppraisalDone DateAppraisalOrdered "
            "DateAppraisalReceived DateRateLocked DateRateLockExpires DateTitleOrdered DateTitleReceived "
            "FundingDate",
        ),
        _columns("DateTime", "EstimatedCloseDate", inferred=True),
        _columns("String", "MtgNotes", inferred=True),
        _columns("Integer", "OpportunityId", inferred=True),
    ),
    _own("Status", _columns("Id", "Id"), _columns("String", "StatusName StatusOrder TargetNumDays")),
    _own(
        "Ticket",
        _columns("Id", "Id", "R"),
        _columns("Date", "CloseDate DateInStage FolowUpDate TargetCompletionDate"),
        _columns(
            "Id",
            "ContactId CreatedBy DevId IssueId LastUpdatedBy Stage TicketCategory TicketTypeId UserId",
        ),
        _columns("DateTime", "DateCreated LastUpdated", "R"),
        _columns("Integer", "HasCustomerCalled Priority"),
        _columns("Double", "Ordering TimeSpent"),
        _columns("String", "Summary TicketApplication TicketTitle"),
        access=ALL,
    ),
    _own("TicketStage", _columns("Id", "Id"), _columns("String", "StageName")),
    _own("TicketType", _columns("Id", "Id CategoryId"), _columns("String", "Label")),
)
