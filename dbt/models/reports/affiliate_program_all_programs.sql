-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "Name",
    own.priority as "Priority",
    own."notes" as "Notes",
    cast(null as {{ dbt.type_string() }}) as "AffiliateId"
from {{ ref('stg_infusionsoft__commission_programs') }} as own
