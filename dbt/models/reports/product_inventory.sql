-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.product_id as "ProductId",
    own.inventory_count as "Inventory"
from {{ ref('stg_infusionsoft__product_inventory') }} as own
