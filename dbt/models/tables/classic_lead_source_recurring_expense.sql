-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.lead_source_id as "LeadSourceId",
    own.title as "Title",
    own."notes" as "Notes",
    own.amount_decimal as "Amount",
    own.start_time as "StartDate",
    own.end_time as "EndDate",
    own.next_expense_time as "NextExpenseDate"
from {{ ref('stg_infusionsoft__lead_source_recurring_expenses') }} as own
