-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    {{ infusionsoft.json_text('item.value', ['item_id']) }} as "Id",
    own.id as "ProductOptionId",
    {{ infusionsoft.json_text('item.value', ['item_label']) }} as "Label",
    {{ infusionsoft.json_text('item.value', ['item_code']) }} as "Sku",
    {{ infusionsoft.json_text('item.value', ['item_label']) }} as "Name",
    {{ infusionsoft.json_text('item.value', ['item_display_order']) }} as "OptionIndex",
    {{ infusionsoft.json_text('item.value', ['price_adjustment']) }} as "PriceAdjustment",
    cast(null as {{ dbt.type_string() }}) as "IsDefault"
from {{ ref('stg_infusionsoft__product_options') }} as own
cross join {{ infusionsoft.json_rows('own.list_items', 'item') }}
