-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast({{ infusionsoft.json_text('item.value', ['id']) }} as {{ dbt.type_string() }}) as "Id",
    cast(own.id as {{ dbt.type_string() }}) as "ObjectId",
    cast(cast(null as {{ dbt.type_string() }}) as {{ dbt.type_string() }}) as "ObjType",
    cast({{ infusionsoft.json_text('item.value', ['type']) }} as {{ dbt.type_string() }}) as "ProductType",
    cast({{ infusionsoft.json_text('item.value', ['quantity']) }} as {{ dbt.type_string() }}) as "Qty",
    cast({{ infusionsoft.json_text('item.value', ['discount_percent']) }} as {{ dbt.type_string() }}) as "DiscountPercent",
    cast({{ infusionsoft.json_text('item.value', ['interest_id']) }} as {{ dbt.type_string() }}) as "ProductId",
    cast(cast(null as {{ dbt.type_string() }}) as {{ dbt.type_string() }}) as "SubscriptionPlanId"
from {{ ref('stg_infusionsoft__product_interest_bundles') }} as own
cross join {{ infusionsoft.json_rows('own.product_interests', 'item') }}
union all
select
    cast({{ infusionsoft.json_text('item.value', ['id']) }} as {{ dbt.type_string() }}) as "Id",
    cast(own.id as {{ dbt.type_string() }}) as "ObjectId",
    cast(cast(null as {{ dbt.type_string() }}) as {{ dbt.type_string() }}) as "ObjType",
    cast({{ infusionsoft.json_text('item.value', ['type']) }} as {{ dbt.type_string() }}) as "ProductType",
    cast({{ infusionsoft.json_text('item.value', ['quantity']) }} as {{ dbt.type_string() }}) as "Qty",
    cast({{ infusionsoft.json_text('item.value', ['discount_percent']) }} as {{ dbt.type_string() }}) as "DiscountPercent",
    cast(cast(null as {{ dbt.type_string() }}) as {{ dbt.type_string() }}) as "ProductId",
    cast({{ infusionsoft.json_text('item.value', ['interest_id']) }} as {{ dbt.type_string() }}) as "SubscriptionPlanId"
from {{ ref('stg_infusionsoft__product_interest_bundles') }} as own
cross join {{ infusionsoft.json_rows('own.subscription_plan_interests', 'item') }}
