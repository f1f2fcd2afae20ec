-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "OptionId",
    cast(null as {{ dbt.type_string() }}) as "id",
    {{ infusionsoft.json_text('item.value', ['lower']) }} as "lower",
    {{ infusionsoft.json_text('item.value', ['upper']) }} as "upper",
    {{ infusionsoft.json_text('item.value', ['price']) }} as "price"
from {{ ref('stg_infusionsoft__shipping_methods') }} as own
cross join {{ infusionsoft.json_rows('own.ranges', 'item') }}
