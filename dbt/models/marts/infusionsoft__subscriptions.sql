{{ config(alias='subscriptions') }}

with subscriptions as (

    select
        *,
        case
            when end_date < {{ infusionsoft.as_of() }} then end_date
            when not active and end_date is not null then {{ infusionsoft.as_of() }}
            when not active then coalesce(last_bill_date, start_date)
        end as ended_on
    from {{ ref('stg_infusionsoft__subscriptions') }}

)

select
    subscriptions.id as subscription_id,
    subscriptions.contact_id,
    subscriptions.product_id,
    products.name as product_name,
    subscriptions.subscription_plan_id,
    case
        when subscriptions.ended_on is not null then 'ended'
        when subscriptions.start_date > {{ infusionsoft.as_of() }} then 'to start'
        else 'active'
    end as status,
    subscriptions.start_date as started_on,
    subscriptions.ended_on,
    subscriptions.next_bill_date,
    nullif(subscriptions.reason_stopped, '') as reason_stopped,
    subscriptions.billing_cycle,
    subscriptions.billing_frequency,
    {{ infusionsoft.amount('coalesce(subscriptions.quantity, 1) * subscriptions.billing_amount') }} as billed_each_time,
    {{ infusionsoft.amount(
        "coalesce(subscriptions.quantity, 1) * subscriptions.billing_amount"
        " * case subscriptions.billing_cycle when 'YEAR' then 1 when 'MONTH' then 12 when 'WEEK' then 52"
        " when 'DAY' then 365 end"
        " / (12.0 * nullif(subscriptions.billing_frequency, 0))"
    ) }} as monthly_amount
from subscriptions
left join {{ ref('stg_infusionsoft__products') }} as products on products.id = subscriptions.product_id
