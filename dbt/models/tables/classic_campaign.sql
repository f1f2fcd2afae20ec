-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "Name",
    cast(null as {{ dbt.type_string() }}) as "Status"
from {{ ref('stg_infusionsoft__campaigns') }} as own
