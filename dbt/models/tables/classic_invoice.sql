-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.invoice_id as "Id",
    own.id as "JobId",
    own.contact_id as "ContactId",
    own.total_decimal as "InvoiceTotal",
    own.total_due_decimal as "TotalDue",
    own.total_paid_decimal as "TotalPaid",
    own.promo_code as "PromoCode",
    own.sales_affiliate_id as "AffiliateId",
    own.lead_affiliate_id as "LeadAffiliateId",
    own.synced as "Synced",
    own.status as "PayStatus",
    own.credit_status as "CreditStatus",
    own.refund_status as "RefundStatus",
    own.title as "Description",
    own.creation_time as "DateCreated",
    own.modification_time as "LastUpdated",
    cast(null as {{ dbt.type_string() }}) as "ProductSold",
    cast(null as {{ dbt.type_string() }}) as "InvoiceType",
    cast(null as {{ dbt.type_string() }}) as "PayPlanStatus"
    {{ infusionsoft.custom_fields(ref('stg_infusionsoft__orders'), 'own') }}
from {{ ref('stg_infusionsoft__orders') }} as own
