{{ config(alias='subscriptions_by_month') }}

with months as (

    {{ infusionsoft.months(
        "(select min(started_on) from " ~ ref('infusionsoft__subscriptions') ~ ")", infusionsoft.as_of()
    ) }}

),

spans as (

    select month, cast(month + interval '1 month' as date) as next_month
    from months

)

select
    spans.month,
    count(case when subs.started_on < spans.month then 1 end) as at_start,
    count(case when subs.started_on >= spans.month then 1 end) as started,
    count(case when subs.ended_on < spans.next_month then 1 end) as ended,
    count(case when subs.ended_on is null or subs.ended_on >= spans.next_month then 1 end) as at_end,
    {{ infusionsoft.amount(
        "sum(case when subs.ended_on is null or subs.ended_on >= spans.next_month then subs.monthly_amount end)"
    ) }} as monthly_recurring,
    {{ infusionsoft.share(
        "count(case when subs.started_on < spans.month and subs.ended_on < spans.next_month then 1 end)",
        "count(case when subs.started_on < spans.month then 1 end)"
    ) }} as churn_rate
from spans
left join {{ ref('infusionsoft__subscriptions') }} as subs
    on subs.started_on < spans.next_month and (subs.ended_on is null or subs.ended_on >= spans.month)
group by spans.month
