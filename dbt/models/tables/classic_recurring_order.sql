-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.contact_id as "ContactId",
    own.product_id as "ProductId",
    own.subscription_plan_id as "SubscriptionPlanId",
    own.quantity as "Qty",
    own.billing_amount as "BillingAmt",
    own.billing_cycle as "BillingCycle",
    own.billing_frequency as "Frequency",
    own.active as "Status",
    own.auto_charge as "AutoCharge",
    own.start_date as "StartDate",
    own.end_date as "EndDate",
    own.last_bill_date as "LastBillDate",
    own.next_bill_date as "NextBillDate",
    own.max_charge_attempts as "MaxRetry",
    own.days_between_retries as "NumDaysBetweenRetry",
    own.merchant_account_id as "MerchantAccountId",
    own.sale_affiliate_id as "AffiliateId",
    own.lead_affiliate_id as "LeadAffiliateId",
    own.promo_code as "PromoCode",
    own.reason_stopped as "ReasonStopped",
    own.shipping_option_id as "ShippingOptionId",
    payment_methods.credit_card_id as "CC1",
    cast(null as {{ dbt.type_string() }}) as "CC2",
    cast(null as {{ dbt.type_string() }}) as "OriginatingOrderId",
    cast(null as {{ dbt.type_string() }}) as "PaidThruDate",
    cast(null as {{ dbt.type_string() }}) as "PaymentGatewayId",
    cast(null as {{ dbt.type_string() }}) as "ProgramId"
    {{ infusionsoft.custom_fields(ref('stg_infusionsoft__subscriptions'), 'own') }}
from {{ ref('stg_infusionsoft__subscriptions') }} as own
left join {{ ref('stg_infusionsoft__payment_methods') }} as payment_methods on payment_methods.payment_method_id = own.payment_method_id
