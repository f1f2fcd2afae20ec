-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    payments.id as "Id",
    own.pay_time as "PayDate",
    own.amount as "PayAmt",
    own.note as "PayNote",
    own.invoice_id as "InvoiceId",
    payments.type as "PayType",
    payments.contact_id as "ContactId",
    own.refund_invoice_payment_id as "RefundId",
    payments.synced as "Synced",
    cast(null as {{ dbt.type_string() }}) as "ChargeId",
    cast(null as {{ dbt.type_string() }}) as "UserId"
from {{ ref('stg_infusionsoft__order_payments') }} as own
left join {{ ref('stg_infusionsoft__payments') }} as payments on payments.id = own.payment_id
