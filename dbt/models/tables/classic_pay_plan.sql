-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    own.invoice_id as "InvoiceId",
    {{ infusionsoft.json_text('own.payment_plan', ['initial_payment_amount', 'decimal']) }} as "FirstPayAmt",
    {{ infusionsoft.json_text('own.payment_plan', ['initial_payment_date']) }} as "InitDate",
    {{ infusionsoft.json_text('own.payment_plan', ['plan_start_date']) }} as "StartDate",
    own.total_decimal as "AmtDue",
    own.due_time as "DateDue",
    cast(null as {{ dbt.type_string() }}) as "Type"
from {{ ref('stg_infusionsoft__orders') }} as own
where own.payment_plan is not null
