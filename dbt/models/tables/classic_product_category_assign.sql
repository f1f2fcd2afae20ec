-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    own.product_category_id as "ProductCategoryId",
    {{ infusionsoft.json_text('item.value', []) }} as "ProductId"
from {{ ref('stg_infusionsoft__product_category_assignments') }} as own
cross join {{ infusionsoft.json_rows('own.product_ids', 'item') }}
