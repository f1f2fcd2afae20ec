-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "DiscountId",
    own.name as "name",
    own.description as "description",
    own.apply_to_commissions as "applyDiscountToCommission",
    own.discount_type as "pctOrAmt",
    own.discount_value as "amount",
    own.product_id as "productId"
from {{ ref('stg_infusionsoft__product_discounts') }} as own
