-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "BundleName",
    own.description as "Description"
from {{ ref('stg_infusionsoft__product_interest_bundles') }} as own
