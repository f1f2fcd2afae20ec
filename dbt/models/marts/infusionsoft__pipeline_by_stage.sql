{{ config(alias='pipeline_by_stage') }}

with settings as (

    select max(win_stage_id) as win_stage_id, max(loss_stage_id) as loss_stage_id
    from {{ ref('stg_infusionsoft__application_settings') }}

)

select
    stages.id as stage_id,
    stages.name as stage_name,
    stages.position,
    stages.probability,
    case
        when stages.id = settings.win_stage_id then 'won'
        when stages.id = settings.loss_stage_id then 'lost'
        else 'open'
    end as outcome,
    count(opportunities.id) as opportunities,
    {{ infusionsoft.amount('sum(opportunities.projected_revenue_low)') }} as projected_revenue_low,
    {{ infusionsoft.amount('sum(opportunities.projected_revenue_high)') }} as projected_revenue_high,
    {{ infusionsoft.amount(
        "sum((coalesce(opportunities.projected_revenue_low, opportunities.projected_revenue_high)"
        " + coalesce(opportunities.projected_revenue_high, opportunities.projected_revenue_low))"
        " * stages.probability) / 200.0"
    ) }} as expected_revenue,
    min(opportunities.created_time) as oldest_created_at,
    max(opportunities.last_updated_time) as last_updated_at
from {{ ref('stg_infusionsoft__opportunity_stages') }} as stages
cross join settings
left join {{ ref('stg_infusionsoft__opportunities') }} as opportunities on opportunities.stage_id = stages.id
group by
    stages.id, stages.name, stages.position, stages.probability, settings.win_stage_id, settings.loss_stage_id
