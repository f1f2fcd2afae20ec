-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "FilterName",
    {{ infusionsoft.json_joined('own.user_ids', []) }} as "UserId",
    cast(null as {{ dbt.type_string() }}) as "ReportStoredName"
from {{ ref('stg_infusionsoft__reports') }} as own
