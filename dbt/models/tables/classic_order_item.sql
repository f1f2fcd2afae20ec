-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.order_id as "OrderId",
    own.name as "ItemName",
    own.description as "ItemDescription",
    own."notes" as "Notes",
    own.quantity as "Qty",
    own.price_per_unit_decimal as "PPU",
    own.cost_per_unit_decimal as "CPU",
    own.item_type as "ItemType",
    own.product_id as "ProductId",
    own.subscription_plan_id as "SubscriptionPlanId",
    cast(null as {{ dbt.type_string() }}) as "InvoiceItemId"
from {{ ref('stg_infusionsoft__order_items') }} as own
