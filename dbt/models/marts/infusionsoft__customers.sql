{{ config(alias='customers') }}

with orders as (

    select
        contact_id,
        count(*) as orders,
        min({{ infusionsoft.order_day('order_time') }}) as first_order_date,
        max({{ infusionsoft.order_day('order_time') }}) as last_order_date,
        max({{ infusionsoft.json_text('total', ['currency_code']) }}) as currency_code,
        sum(coalesce(total_decimal, 0)) as ordered,
        sum(coalesce(total_paid_decimal, 0)) as paid,
        sum(coalesce(refund_total_decimal, 0)) as refunded
    from {{ ref('stg_infusionsoft__orders') }}
    group by contact_id

),

balances as (

    select contact_id, sum(coalesce(amount_due_decimal, 0)) as amount_due
    from {{ ref('stg_infusionsoft__invoice_balances') }}
    group by contact_id

),

subscribed as (

    select contact_id, count(*) as active_subscriptions, sum(monthly_amount) as monthly_recurring
    from {{ ref('infusionsoft__subscriptions') }}
    where status = 'active'
    group by contact_id

)

select
    contacts.id as contact_id,
    contacts.given_name,
    contacts.family_name,
    {{ infusionsoft.json_text(infusionsoft.json_item('contacts.email_addresses', 'EMAIL1'), ['email']) }} as email,
    contacts.company_id,
    companies.company_name,
    contacts.owner_id,
    lead_sources.name as lead_source,
    contacts.create_time as created_at,
    coalesce(orders.orders, 0) as orders,
    orders.first_order_date,
    orders.last_order_date,
    orders.currency_code,
    {{ infusionsoft.amount('orders.ordered') }} as ordered,
    {{ infusionsoft.amount('orders.paid') }} as paid,
    {{ infusionsoft.amount('orders.refunded') }} as refunded,
    {{ infusionsoft.amount('orders.paid - orders.refunded') }} as lifetime_value,
    {{ infusionsoft.amount('balances.amount_due') }} as amount_due,
    coalesce(subscribed.active_subscriptions, 0) as active_subscriptions,
    {{ infusionsoft.amount('subscribed.monthly_recurring') }} as monthly_recurring,
    coalesce(orders.paid - orders.refunded, 0) > 0 as is_customer
from {{ ref('stg_infusionsoft__contacts') }} as contacts
left join orders on orders.contact_id = contacts.id
left join balances on balances.contact_id = contacts.id
left join subscribed on subscribed.contact_id = contacts.id
left join {{ ref('stg_infusionsoft__companies') }} as companies on companies.id = contacts.company_id
left join {{ ref('stg_infusionsoft__lead_sources') }} as lead_sources on lead_sources.id = contacts.leadsource_id
