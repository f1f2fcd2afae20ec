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
    own.delivery_type as "deliveryType",
    own.pickup_type as "pickupType",
    own.packaging_type as "packagingType",
    own.destination_type as "destinationType"
from {{ ref('stg_infusionsoft__shipping_methods') }} as own
