-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "TypeName",
    own.max_links as "MaxLinked"
from {{ ref('stg_infusionsoft__contact_link_types') }} as own
