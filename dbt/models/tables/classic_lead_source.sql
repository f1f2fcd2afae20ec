-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "Name",
    own.description as "Description",
    own.lead_source_category_id as "LeadSourceCategoryId",
    own.vendor as "Vendor",
    own.medium as "Medium",
    own.message as "Message",
    own.status as "Status",
    own.start_time as "StartDate",
    own.end_time as "EndDate",
    cast(null as {{ dbt.type_string() }}) as "CostPerLead"
from {{ ref('stg_infusionsoft__lead_sources') }} as own
