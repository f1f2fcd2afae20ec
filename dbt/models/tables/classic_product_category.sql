-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "CategoryDisplayName",
    own.display_order_index as "CategoryOrder",
    own.parent_category_id as "ParentId",
    cast(null as {{ dbt.type_string() }}) as "CategoryImage"
from {{ ref('stg_infusionsoft__product_categories') }} as own
