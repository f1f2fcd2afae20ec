-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "StageName",
    own.position as "StageOrder",
    own.target_number_days as "TargetNumDays"
from {{ ref('stg_infusionsoft__opportunity_stages') }} as own
