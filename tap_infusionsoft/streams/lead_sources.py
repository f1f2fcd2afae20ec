"""Lead sources and what they cost."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent
from tap_infusionsoft.streams.columns import key, moment, money, text
from tap_infusionsoft.streams.flat_columns import with_amounts
from tap_infusionsoft.streams.replication import NewestFirst

LEAD_SOURCE_CATEGORIES = Collection(
    name="lead_source_categories",
    about="Categories of lead sources.",
    endpoint=Endpoint("/v2/leadSourceCategories", items="lead_source_categories"),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "create_time": moment(),
        "update_time": moment(),
    },
)

LEAD_SOURCES = Collection(
    name="lead_sources",
    about="Lead sources.",
    endpoint=Endpoint("/v2/leadSources", items="lead_sources"),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    properties={
        "id": key(),
        "name": text(),
        "description": text(),
        "vendor": text(),
        "medium": text(),
        "message": text(),
        "status": text(),
        "lead_source_category_id": text(),
        "start_time": moment(),
        "end_time": moment(),
        "create_time": moment(),
        "update_time": moment(),
    },
)

LEAD_SOURCE_EXPENSES = Collection(
    name="lead_source_expenses",
    about="Expenses of lead sources (one call per lead source).",
    endpoint=Endpoint("/v2/leadSources/{lead_source_id}/expenses", items="lead_source_expenses"),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    slices=PerParent(stream="lead_sources", columns={"lead_source_id": "id"}),
    properties={
        "id": key(),
        "title": text(),
        "notes": text(),
        **with_amounts({"amount": money()}),
        "lead_source_id": text(),
        "lead_source_recurring_expense_id": text(),
        "create_time": moment(),
        "update_time": moment(),
        "incurred_time": moment(),
    },
)

LEAD_SOURCE_RECURRING_EXPENSES = Collection(
    name="lead_source_recurring_expenses",
    about="Recurring expenses of lead sources (one call per lead source).",
    endpoint=Endpoint(
        "/v2/leadSources/{lead_source_id}/recurringExpenses", items="lead_source_recurring_expenses"
    ),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    slices=PerParent(stream="lead_sources", columns={"lead_source_id": "id"}),
    properties={
        "id": key(),
        "title": text(),
        "notes": text(),
        **with_amounts({"amount": money()}),
        "lead_source_id": text(),
        "start_time": moment(),
        "end_time": moment(),
        "next_expense_time": moment(),
        "create_time": moment(),
        "update_time": moment(),
    },
)

LEAD_SOURCE_RECURRING_EXPENSE_ITEMS = Collection(
    name="lead_source_recurring_expense_items",
    about="Amounts of recurring expenses (one call per recurring expense).",
    endpoint=Endpoint(
        "/v2/leadSources/{lead_source_id}/recurringExpenses/{lead_source_recurring_expense_id}/expenses",
        items="lead_source_expenses",
    ),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    slices=PerParent(
        stream="lead_source_recurring_expenses",
        columns={"lead_source_id": "lead_source_id", "lead_source_recurring_expense_id": "id"},
    ),
    selected_by_default=False,
    properties=LEAD_SOURCE_EXPENSES.properties,
)

COLLECTIONS = (
    LEAD_SOURCE_CATEGORIES,
    LEAD_SOURCES,
    LEAD_SOURCE_EXPENSES,
    LEAD_SOURCE_RECURRING_EXPENSES,
    LEAD_SOURCE_RECURRING_EXPENSE_ITEMS,
)
