{{ config(alias='email_engagement') }}

select
    cast(date_trunc('month', {{ infusionsoft.local_day('sent_time') }}) as date) as month,
    count(*) as sent,
    count(distinct contact_id) as contacts,
    count(opened_time) as opened,
    count(clicked_time) as clicked,
    {{ infusionsoft.share('count(opened_time)', 'count(*)') }} as open_rate,
    {{ infusionsoft.share('count(clicked_time)', 'count(*)') }} as click_rate
from {{ ref('stg_infusionsoft__emails') }}
where sent_time is not null
group by 1
