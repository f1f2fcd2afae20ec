-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "Name",
    own.description as "Description"
from {{ ref('stg_infusionsoft__lead_source_categories') }} as own
