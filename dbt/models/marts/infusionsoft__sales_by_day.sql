{{ config(alias='sales_by_day') }}

with items as (

    select
        {{ infusionsoft.order_day('order_time') }} as sale_date,
        order_id,
        product_id,
        {{ infusionsoft.json_text('product', ['name']) }} as name_on_order,
        item_type,
        case
            when item_type in ('PRODUCT', 'SUBSCRIPTION', 'SERVICE', 'UPSELL', 'PROGRAM') then 'sale'
            when item_type like 'DISCOUNT%' then 'discount'
            when item_type = 'TAX' then 'tax'
            when item_type = 'SHIPPING' then 'shipping'
            else 'other'
        end as item_role,
        {{ infusionsoft.json_text('price_per_unit', ['currency_code']) }} as currency_code,
        quantity,
        line_amount
    from {{ ref('stg_infusionsoft__order_items') }}

)

select
    items.sale_date,
    items.product_id,
    coalesce(max(products.name), max(items.name_on_order)) as product_name,
    items.item_type,
    items.item_role,
    items.currency_code,
    count(distinct items.order_id) as orders,
    cast(coalesce(sum(items.quantity), 0) as bigint) as quantity,
    {{ infusionsoft.amount('sum(items.line_amount)') }} as amount
from items
left join {{ ref('stg_infusionsoft__products') }} as products on products.id = items.product_id
group by items.sale_date, items.product_id, items.item_type, items.item_role, items.currency_code
