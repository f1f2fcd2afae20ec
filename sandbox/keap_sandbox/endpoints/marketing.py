"""Read calls for campaigns, automations, emails and templates, web forms, files and lead sources."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.contents import content, html
from keap_sandbox.endpoints.lookup import find_key
from keap_sandbox.filtering.filters import (
    ANY_OPS,
    Choice,
    Filter,
    Flag,
    Key,
    Link,
    Moment,
    Number,
    Since,
    Text,
    Until,
    Whole,
)  # fmt: skip
from keap_sandbox.lists.v2 import Listing, children
from keap_sandbox.request import Request, Route, World, parse_id
from keap_sandbox.responses import Response, json_response, not_found
from keap_sandbox.sample_data.activity import file_content
from keap_sandbox.sample_data.marketing import webform_html
from keap_sandbox.tables import Subset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.tables import Row, Source

__all__ = [
    "EMAILS", "EXPENSES", "FILES", "LEAD_SOURCES", "LEAD_SOURCE_CATEGORIES", "RECURRING", "file_bytes",
    "routes",
]  # fmt: skip

CAMPAIGNS = Listing(
    path="/v2/campaigns",
    items="campaigns",
    collection="campaigns",
    filters={"name": Text("name", contains=True)},
    order_by={
        "name": "name",
        "publisheddate": "published_date",
        "id": "",
        "completedContactCount": "completed_contact_count",
        "activeContacts": "active_contact_count",
        "datecreated": "date_created",
        "lastupdated": "last_updated",
    },
    by_id="campaign_id",
    singular="Campaign",
)
_CAMPAIGN_PARTS = [
    Listing(
        path=f"/v2/campaigns/{{campaign_id}}/{part}",
        items=part,
        source=children(f"campaign_{part}", "campaign_id", "campaigns", "campaign_id"),
        hidden=("campaign_id",),
        paged=False,
    )
    for part in ("goals", "sequences")
]

_AUTOMATION_FILTERS: dict[str, Filter] = {
    "name": Text("title", prefix=True, contains=True),
    "id": Key(ops=ANY_OPS),
    "status": Text("status", among=("published", "draft")),
    "categories": Choice("categories"),
}
_AUTOMATION_ORDER = {
    "name": "title",
    "category": "categories.0",
    "activeContacts": "active_contacts",
    "publishedDate": "published_date",
}
AUTOMATIONS = Listing(
    path="/v2/automations",
    items="automations",
    collection="automations",
    filters=_AUTOMATION_FILTERS,
    order_by=_AUTOMATION_ORDER,
    page_size_max=25,
    by_id="automation_id",
    singular="Automation",
    totals=lambda _, all_rows, __: {"automation_count": len(all_rows())},
)


def _bare_ids(rows: list[Row], _: Any, __: Any) -> Row:
    """Return two lists of ids instead of the rows."""
    return {
        "automation_ids": [row["id"] for row in rows],
        "locked_automation_ids": [row["id"] for row in rows if row["locked"]],
    }


AUTOMATION_IDS = Listing(
    path="/v2/automations/ids",
    items="automation_ids",
    collection="automations",
    filters=_AUTOMATION_FILTERS,
    order_by=_AUTOMATION_ORDER,
    page_size_max=25,
    totals=_bare_ids,
)
AUTOMATION_CATEGORIES = Listing(
    path="/v2/automationCategory",
    items="automation_categories",
    collection="automation_categories",
    paged=False,
)

EMAILS = Listing(
    path="/v2/emails",
    items="emails",
    collection="emails",
    filters={
        "contact_id": Link("contact_id"),
        "email": Text("sent_to_address"),
        "start_created_time": Since("received_time"),
        "end_created_time": Until("received_time"),
    },
    order_by={"created_time": "received_time"},
    by_id="id",
    singular="Email",
)
EMAIL_TEMPLATES = Listing(
    path="/v2/emails/templates",
    items="email_templates",
    collection="email_templates",
    order_by={"id": ""},
    by_id="email_template_id",
    singular="Email template",
)
EMAIL_ADDRESSES = Listing(
    path="/v2/emailAddresses",
    items="email_addresses",
    collection="email_address_statuses",
    filters={"emails": Choice("email"), "statuses": Choice("status"), "opted_in": Flag("opted_in")},
    order_by={
        name: name
        for name in ("email", "status", "create_time", "last_click_time", "last_open_time", "last_sent_time")
    },
)


def email_status(world: World, request: Request) -> Response:
    """Return the status of one email address."""
    wanted = request.params["email"].casefold()
    for row in world.account.tables["email_address_statuses"].rows():
        if str(row["email"]).casefold() == wanted:
            return json_response(EMAIL_ADDRESSES.render(world, [row], None)[0])
    raise not_found("Email address", request.params["email"])


WEBFORMS = Listing(
    path="/v2/webforms",
    items="webforms",
    collection="webforms",
    filters={
        "name": Text("name"),
        "webform_type": Text("webform_type"),
        "since_create_time": Since("create_time"),
        "until_create_time": Until("create_time"),
        "since_update_time": Since("update_time"),
        "until_update_time": Until("update_time"),
    },
    order_by={name: name for name in ("name", "webform_type", "create_time", "update_time")},
)


def _webform(world: World, request: Request) -> Response:
    key = find_key(world.account, "webforms", request.params["webform_id"], "Webform")
    return html(webform_html(world.account.tables["webforms"].row(key)))


FILES = Listing(
    path="/v2/files",
    items="files",
    collection="files",
    filters={
        "is_public": Flag("is_public"),
        "contact_id": Link("contact_id"),
        "user_id": Text("created_by_id"),
        "category": Text("category"),
        "file_box_type": Text("file_box_type"),
        "file_name": Text("file_name"),
        "created_time": Moment("created_time"),
        "updated_time": Moment("updated_time"),
    },
    order_by={"file_name": "file_name", "updated_time": "updated_time"},
    by_id="file_id",
    singular="File",
)


def file_bytes(account: Account, key: int) -> bytes:
    """Return the content of a file. A planted row can have its own in `data`, as base64.

    Args:
        account: The account.
        key: Id of the file, which must exist.
    """
    row = account.tables["files"].row(key)
    return base64.b64decode(row["data"]) if isinstance(row.get("data"), str) else file_content(key)


def _file(world: World, request: Request) -> Response:
    key = find_key(world.account, "files", request.params["file_id"], "File")
    return content(world, file_bytes(world.account, key))


_NAME_FILTERS = {"name": Text("name", prefix=True), "description": Text("description", prefix=True)}
LEAD_SOURCE_CATEGORIES = Listing(
    path="/v2/leadSourceCategories",
    items="lead_source_categories",
    collection="lead_source_categories",
    filters=_NAME_FILTERS,
    order_by={"name": "name"},
    by_id="lead_source_category_id",
    singular="Lead source category",
)
LEAD_SOURCES = Listing(
    path="/v2/leadSources",
    items="lead_sources",
    collection="lead_sources",
    filters={
        "id": Whole(ops=ANY_OPS),
        "status": Text("status"),
        "lead_source_category_id": Text("lead_source_category_id"),
        **_NAME_FILTERS,
        **{name: Text(name, prefix=True) for name in ("vendor", "medium", "message")},
        "start_time": Moment("start_time"),
        "end_time": Moment("end_time"),
    },
    order_by={
        name: name
        for name in (
            "name", "status", "vendor", "medium", "start_time", "end_time", "create_time", "update_time",
        )
    },
    by_id="lead_source_id",
    singular="Lead source",
)  # fmt: skip

_EXPENSE_FILTERS: dict[str, Filter] = {"title": Text("title"), "amount": Number("amount.amount")}
_EXPENSE_ORDER = {"title": "title", "amount": "amount.amount"}
_EXPENSE_TIMES = ("incurred_time", "create_time", "update_time")
_RECURRING_TIMES = ("start_time", "end_time", "next_expense_time", "create_time", "update_time")
EXPENSES = Listing(
    path="/v2/leadSources/{lead_source_id}/expenses",
    items="lead_source_expenses",
    collection="lead_source_expenses",
    source=children("lead_source_expenses", "lead_source_id", "lead_sources", "lead_source_id"),
    filters={**_EXPENSE_FILTERS, **{name: Moment(name) for name in _EXPENSE_TIMES}},
    order_by={**_EXPENSE_ORDER, **{name: name for name in _EXPENSE_TIMES}},
    by_id="lead_source_expense_id",
    singular="Expense",
)
RECURRING = Listing(
    path="/v2/leadSources/{lead_source_id}/recurringExpenses",
    items="lead_source_recurring_expenses",
    collection="lead_source_recurring_expenses",
    source=children("lead_source_recurring_expenses", "lead_source_id", "lead_sources", "lead_source_id"),
    filters={**_EXPENSE_FILTERS, **{name: Moment(name) for name in _RECURRING_TIMES}},
    order_by={**_EXPENSE_ORDER, **{name: name for name in _RECURRING_TIMES}},
    by_id="lead_source_recurring_expense_id",
    singular="Recurring expense",
)


def _incurred(account: Account, params: Mapping[str, str]) -> Source:
    """Return the expenses that a recurring expense of a lead source has caused so far."""
    parent = params["lead_source_recurring_expense_id"]
    siblings = RECURRING.source(account, params)
    if parse_id(parent) not in siblings.keys():  # noqa: SIM118 - a source is not a dict
        raise not_found("Recurring expense", parent)
    table = account.tables["lead_source_expenses"]
    path = "lead_source_recurring_expense_id"
    return Subset(table, table.children(path, parent), (path, parent))


INCURRED = Listing(
    path="/v2/leadSources/{lead_source_id}/recurringExpenses/{lead_source_recurring_expense_id}/expenses",
    items="lead_source_expenses",
    collection="lead_source_expenses",
    source=_incurred,
    filters=EXPENSES.filters,
    order_by=EXPENSES.order_by,
)


def routes() -> list[Route]:
    """Return the read calls for marketing."""
    lists = (
        CAMPAIGNS, *_CAMPAIGN_PARTS, AUTOMATIONS, AUTOMATION_IDS, AUTOMATION_CATEGORIES, EMAILS,
        EMAIL_TEMPLATES, EMAIL_ADDRESSES, WEBFORMS, FILES, LEAD_SOURCE_CATEGORIES, LEAD_SOURCES, EXPENSES,
        RECURRING, INCURRED,
    )  # fmt: skip
    return [
        *(route for listing in lists for route in listing.routes()),
        ("GET", "/v2/emailAddresses/{email}/status", email_status),
        ("GET", "/v2/webforms/{webform_id}:data", _webform),
        ("GET", "/v2/files/{file_id}:data", _file),
    ]
