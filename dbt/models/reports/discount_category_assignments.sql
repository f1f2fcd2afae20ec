-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.category_discount_id as "DiscountId",
    cast(null as {{ dbt.type_string() }}) as "id",
    own.category_discount_id as "specialItemId",
    own.product_category_id as "productCategoryId"
from {{ ref('stg_infusionsoft__category_discount_assignments') }} as own
