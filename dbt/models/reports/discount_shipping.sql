-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "DiscountId",
    own.name as "name",
    own.description as "description",
    own.discount_type as "pctOrAmt",
    own.discount_value as "amount",
    cast(null as {{ dbt.type_string() }}) as "applyDiscountToCommission"
from {{ ref('stg_infusionsoft__shipping_discounts') }} as own
