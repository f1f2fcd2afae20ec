-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.name as "key",
    own.label as "label"
from {{ ref('stg_infusionsoft__report_fields') }} as own
