-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    own.payment_id as "PaymentId",
    own.amount as "Amt",
    {{ infusionsoft.json_text('own.payment_method', ['credit_card_id']) }} as "CCId",
    own.merchant_account_id as "MerchantId",
    own.external_reference_id as "RefNum",
    {{ infusionsoft.json_joined('own.order_ids', []) }} as "OrderNum",
    cast(null as {{ dbt.type_string() }}) as "ApprCode",
    cast(null as {{ dbt.type_string() }}) as "PaymentGatewayId"
from {{ ref('stg_infusionsoft__transactions') }} as own
