-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "OptionId",
    own.id as "id",
    own.name as "name",
    own.description as "description",
    own.type as "type",
    own.status as "active",
    own.international as "international",
    own.order_based as "orderBased"
from {{ ref('stg_infusionsoft__shipping_methods') }} as own
