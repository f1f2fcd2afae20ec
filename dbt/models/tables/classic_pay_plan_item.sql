-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    cast(null as {{ dbt.type_string() }}) as "PayPlanId",
    own.amount_due_decimal as "AmtDue",
    own.amount_paid_decimal as "AmtPaid",
    own.due_date as "DateDue",
    own.status as "Status"
from {{ ref('stg_infusionsoft__order_payment_plan_items') }} as own
