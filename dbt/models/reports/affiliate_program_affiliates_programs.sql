-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "Name",
    own.priority as "Priority",
    own."notes" as "Notes",
    cast(null as {{ dbt.type_string() }}) as "AffiliateId",
    commission_program_affiliates.affiliate_id as "ForAffiliateId"
from {{ ref('stg_infusionsoft__commission_programs') }} as own
join {{ ref('stg_infusionsoft__commission_program_affiliates') }} as commission_program_affiliates on commission_program_affiliates.commission_program_id = own.id
