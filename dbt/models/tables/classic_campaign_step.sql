-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.campaign_id as "CampaignId",
    own.name as "StepTitle",
    cast(null as {{ dbt.type_string() }}) as "StepStatus",
    cast(null as {{ dbt.type_string() }}) as "TemplateId"
from {{ ref('stg_infusionsoft__campaign_sequences') }} as own
