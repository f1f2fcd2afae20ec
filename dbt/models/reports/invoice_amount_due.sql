-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.invoice_id as "InvoiceId",
    own.amount_due_decimal as "AmountOwed"
from {{ ref('stg_infusionsoft__invoice_balances') }} as own
