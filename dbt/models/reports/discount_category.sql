-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "DiscountId",
    own.name as "name",
    own.description as "description",
    own.apply_to_commissions as "applyDiscountToCommission"
from {{ ref('stg_infusionsoft__category_discounts') }} as own
