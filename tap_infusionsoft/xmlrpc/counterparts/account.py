"""Custom fields, saved searches, and the tables that REST has nothing for."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove, table

DATA_FORM_TAB = table(
    "DataFormTab",
    "custom_field_tabs",
    """
    Id = id : id
    FormId = record : form
    TabName = name
    """,
    notes="REST lists those of tasks, notes and appointments twice: under notes and under tasks.",
)

DATA_FORM_GROUP = table(
    "DataFormGroup",
    "custom_field_groups",
    """
    Id = id : id
    TabId = tab_id : id
    Name = name
    """,
    notes="REST lists those of tasks, notes and appointments twice: under notes and under tasks.",
)

DATA_FORM_FIELD = table(
    "DataFormField",
    "custom_fields",
    """
    Id = id : id
    FormId = record : form
    Name = field_name : name
    Label = label
    DataType = field_type : field type
    GroupId = group_id : id
    DefaultValue = default_value
    Values = options[].label : lines
    ListRows - missing
    UserGroup - missing | Most likely gone from the table, too.
    """,
    notes="REST lists those of tasks, notes and appointments twice: under notes and under tasks.",
)

SAVED_FILTER = table(
    "SavedFilter",
    "reports",
    """
    Id = id : id
    FilterName = name
    UserId = user_ids[] : users
    ReportStoredName - missing
    """,
)

ACTION_SEQUENCE = TableMove("ActionSequence")
CAMPAIGNEE = TableMove("Campaignee", instead="campaigns.active_contact_count: how many contacts, not which")
EXPENSE = TableMove("Expense", instead="lead_source_expenses, for expenses of lead sources")
GROUP_ASSIGN = TableMove("GroupAssign", instead="user_groups, without their members")
JOB_RECURRING_INSTANCE = TableMove(
    "JobRecurringInstance", instead="order_items.subscription_id: the orders that a subscription made"
)
MTG_LEAD = TableMove("MtgLead")
STATUS = TableMove(
    "Status", instead="opportunities.status_id and status, in accounts with legacy opportunities"
)
TICKET = TableMove("Ticket")
TICKET_STAGE = TableMove("TicketStage")
TICKET_TYPE = TableMove("TicketType")

TABLES = (
    DATA_FORM_TAB,
    DATA_FORM_GROUP,
    DATA_FORM_FIELD,
    SAVED_FILTER,
    ACTION_SEQUENCE,
    CAMPAIGNEE,
    EXPENSE,
    GROUP_ASSIGN,
    JOB_RECURRING_INSTANCE,
    MTG_LEAD,
    STATUS,
    TICKET,
    TICKET_STAGE,
    TICKET_TYPE,
)
