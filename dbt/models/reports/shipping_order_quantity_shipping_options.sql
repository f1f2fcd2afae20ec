-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "OptionId",
    own.id as "id",
    own.name as "name",
    own.description as "description",
    own.type as "type",
    own.status as "active",
    own.international as "international",
    own.order_based as "orderBased",
    own.base_shipping_price as "baseShippingPrice",
    own.price_per_item as "pricePerItem",
    own.minimum_shipping_price as "minimumShippingPrice"
from {{ ref('stg_infusionsoft__shipping_methods') }} as own
