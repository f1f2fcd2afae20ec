"""Lead sources with their expenses, campaigns with their steps, and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.tables import Row, mix
from keap_sandbox.xmlrpc.tables.cells import ADD_EDIT, ALL, day, ident, number, text, time, utc_day, words
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = ["TABLES"]


def _cost_per_lead(_: Account, row: Row) -> object:
    """Make up a cost, which is a text in this table and nowhere in REST."""
    key = int(row["id"])
    return f"{mix(key) % 2000 / 100:.2f}" if key % 4 else None


_SOURCE = table(
    "LeadSource",
    each("lead_sources"),
    ident("Id", "id", "R"),
    text("CostPerLead", _cost_per_lead),
    text("Description", "description"),
    day("EndDate", utc_day("end_time")),
    ident("LeadSourceCategoryId", "lead_source_category_id"),
    text("Medium", "medium"),
    text("Message", "message"),
    text("Name", "name"),
    day("StartDate", utc_day("start_time")),
    text("Status", words("status")),
    text("Vendor", "vendor"),
    access=ADD_EDIT,
)

_CATEGORY = table(
    "LeadSourceCategory",
    each("lead_source_categories"),
    ident("Id", "id", "R"),
    text("Description", "description"),
    text("Name", "name"),
    access=ADD_EDIT,
)

_EXPENSE = table(
    "LeadSourceExpense",
    each("lead_source_expenses"),
    ident("Id", "id", "R"),
    number("Amount", "amount"),
    time("DateIncurred", utc_day("incurred_time")),
    ident("LeadSourceId", "lead_source_id"),
    ident("LeadSourceRecurringExpenseId", "lead_source_recurring_expense_id"),
    text("Notes", "notes"),
    text("Title", "title"),
    access=ALL,
)

_RECURRING_EXPENSE = table(
    "LeadSourceRecurringExpense",
    each("lead_source_recurring_expenses"),
    ident("Id", "id", "R"),
    number("Amount", "amount"),
    time("EndDate", utc_day("end_time")),
    ident("LeadSourceId", "lead_source_id"),
    time("NextExpenseDate", utc_day("next_expense_time")),
    text("Notes", "notes"),
    time("StartDate", utc_day("start_time")),
    text("Title", "title"),
    access=ALL,
)

_CAMPAIGN = table(
    "Campaign",
    each("campaigns"),
    ident("Id", "id"),
    text("Name", "name"),
    text("Status", lambda _, row: "Active" if row.get("published_status") else "Inactive"),
)


def _template(account: Account, row: Row) -> object:
    """Make up which template a step sends."""
    templates = account.tables["email_templates"].keys()
    return templates[int(row["id"]) % len(templates)] if templates else None


def _step_status(account: Account, row: Row) -> object:
    campaign, campaigns = str(row.get("campaign_id")), account.tables["campaigns"]
    known = campaign.isdigit() and int(campaign) in campaigns
    return "Ready" if known and campaigns.row(int(campaign)).get("published_status") else "Draft"


_STEP = table(
    "CampaignStep",
    each("campaign_sequences"),
    ident("Id", "id"),
    ident("CampaignId", "campaign_id"),
    text("StepStatus", _step_status),
    text("StepTitle", "name"),
    ident("TemplateId", _template),
    needs=("campaigns", "email_templates"),
)

_TEMPLATE = table(
    "Template",
    each("email_templates"),
    ident("Id", "id"),
    text("Categories", "categories"),
    text("PieceTitle", "piece_title"),
    text("PieceType", lambda *_: "Email"),
)

TABLES = (_SOURCE, _CATEGORY, _EXPENSE, _RECURRING_EXPENSE, _CAMPAIGN, _STEP, _TEMPLATE)
