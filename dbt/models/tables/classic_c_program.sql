-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.product_id as "ProductId",
    own.subscription_plan_name as "ProgramName",
    own.active as "Active",
    own.cycle_type as "DefaultCycle",
    own.frequency as "DefaultFrequency",
    own.plan_price_decimal as "DefaultPrice",
    products.description as "Description",
    products.short_description as "ShortDescription",
    products.sku as "Sku",
    products.active as "Status",
    products.taxable as "Taxable",
    products.storefront_hidden as "HideInStore",
    cast(null as {{ dbt.type_string() }}) as "LargeImage",
    cast(null as {{ dbt.type_string() }}) as "BillingType",
    cast(null as {{ dbt.type_string() }}) as "Family",
    cast(null as {{ dbt.type_string() }}) as "SubCategory"
from {{ ref('stg_infusionsoft__subscription_plans') }} as own
left join {{ ref('stg_infusionsoft__products') }} as products on products.id = own.product_id
