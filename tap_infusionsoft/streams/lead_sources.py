"""Lead sources and what they cost."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Born, Collection, Endpoint, PerParent
from tap_infusionsoft.streams.columns import key, midnight, moment, money, text
from tap_infusionsoft.streams.flat_columns import with_amounts
from tap_infusionsoft.streams.relations import id_of
from tap_infusionsoft.streams.replication import NewestFirst

LEAD_SOURCE_CATEGORIES = Collection(
    name="lead_source_categories",
    about="Categories of lead sources.",
    endpoint=Endpoint("/v2/leadSourceCategories", items="lead_source_categories"),
    properties={
        "id": key("Id of the category."),
        "name": text("Name of the category."),
        "description": text("Description of the category."),
        "create_time": moment("When the category was created."),
        "update_time": moment("When the category was last changed."),
    },
)

LEAD_SOURCES = Collection(
    name="lead_sources",
    about="Lead sources.",
    endpoint=Endpoint(
        "/v2/leadSources", items="lead_sources", born=Born("create_time", order_by="create_time")
    ),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    properties={
        "id": key("Id of the lead source."),
        "name": text("Name of the lead source."),
        "description": text("Description of the lead source."),
        "vendor": text("Vendor, such as Google."),
        "medium": text("Medium, such as cpc."),
        "message": text("Message of the advertisement."),
        "status": text("ACTIVE or INACTIVE."),
        "lead_source_category_id": id_of(
            "lead_source_categories", "Id of the category; null if it has none."
        ),
        "start_time": midnight("When the lead source starts."),
        "end_time": midnight("When the lead source ends; null for no end."),
        "create_time": moment("When the lead source was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
    },
)

_OF_EACH_LEAD_SOURCE = PerParent(
    stream="lead_sources", columns={"lead_source_id": "id"}, changed="update_time"
)

LEAD_SOURCE_EXPENSES = Collection(
    name="lead_source_expenses",
    about="Expenses of lead sources (one call per lead source).",
    endpoint=Endpoint("/v2/leadSources/{lead_source_id}/expenses", items="lead_source_expenses"),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    slices=_OF_EACH_LEAD_SOURCE,
    properties={
        "id": key("Id of the expense."),
        "title": text("Title of the expense."),
        "notes": text("Notes on the expense."),
        **with_amounts({"amount": money("What was spent.")}),
        "lead_source_id": id_of("lead_sources", "Id of the lead source."),
        "lead_source_recurring_expense_id": id_of(
            "lead_source_recurring_expenses",
            "Id of the recurring expense that it comes from; null if it comes from none.",
        ),
        "create_time": moment("When the expense was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
        "incurred_time": midnight("When the expense was incurred."),
    },
)

LEAD_SOURCE_RECURRING_EXPENSES = Collection(
    name="lead_source_recurring_expenses",
    about="Recurring expenses of lead sources (one call per lead source).",
    endpoint=Endpoint(
        "/v2/leadSources/{lead_source_id}/recurringExpenses", items="lead_source_recurring_expenses"
    ),
    changes=NewestFirst(key="update_time", order_by="update_time"),
    slices=_OF_EACH_LEAD_SOURCE,
    properties={
        "id": key("Id of the recurring expense."),
        "title": text("Title of the recurring expense."),
        "notes": text("Notes on the recurring expense."),
        **with_amounts({"amount": money("What is spent each time.")}),
        "lead_source_id": id_of("lead_sources", "Id of the lead source."),
        "start_time": midnight("When the expense starts."),
        "end_time": midnight("When the expense ends; null for no end."),
        "next_expense_time": midnight("When the next expense is due; null if none is."),
        "create_time": moment("When the recurring expense was created."),
        "update_time": moment("Time of the last change. This is the bookmark."),
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
