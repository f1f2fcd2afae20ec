-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.invoice_id as "InvoiceId",
    own.payment_id as "PaymentId",
    own.amount as "Amt",
    own.pay_time as "PayDate",
    own.pay_status as "PayStatus",
    own.skip_commission as "SkipCommission",
    own.last_updated_time as "LastUpdated"
from {{ ref('stg_infusionsoft__order_payments') }} as own
