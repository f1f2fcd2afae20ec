-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.contact_id as "ContactId",
    own.amount as "PayAmt",
    own.payment_time as "PayDate",
    own.type as "PayType",
    own.note as "PayNote",
    own.commissioned as "Commission",
    own.synced as "Synced",
    own.refund_payment_id as "RefundId",
    cast(null as {{ dbt.type_string() }}) as "InvoiceId",
    cast(null as {{ dbt.type_string() }}) as "ChargeId",
    cast(null as {{ dbt.type_string() }}) as "UserId"
from {{ ref('stg_infusionsoft__payments') }} as own
