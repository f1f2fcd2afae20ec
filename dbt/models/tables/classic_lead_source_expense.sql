-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.lead_source_id as "LeadSourceId",
    own.lead_source_recurring_expense_id as "LeadSourceRecurringExpenseId",
    own.title as "Title",
    own."notes" as "Notes",
    own.amount_decimal as "Amount",
    own.incurred_time as "DateIncurred"
from {{ ref('stg_infusionsoft__lead_source_expenses') }} as own
