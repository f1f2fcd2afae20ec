{{ config(alias='affiliate_ledger') }}

with entries as (

    select
        'commission-' || row_key as entry_id,
        'commission' as entry_type,
        affiliate_id,
        {{ infusionsoft.local_day('time_earned') }} as entry_date,
        amount_earned as amount,
        invoice_id,
        contact_id,
        product_name,
        description
    from {{ ref('stg_infusionsoft__affiliate_commissions') }}

    union all

    select
        'clawback-' || row_key,
        'clawback',
        affiliate_id,
        {{ infusionsoft.local_day('date_earned') }},
        -abs(amount),
        invoice_id,
        contact_id,
        product_name,
        description
    from {{ ref('stg_infusionsoft__affiliate_clawbacks') }}

    union all

    select
        'payment-' || affiliate_id || '-' || id,
        'payment',
        affiliate_id,
        pay_date,
        -pay_amount,
        null,
        null,
        null,
        pay_notes
    from {{ ref('stg_infusionsoft__affiliate_payments') }}

)

select
    entries.entry_id,
    entries.affiliate_id,
    affiliates.name as affiliate_name,
    entries.entry_date,
    entries.entry_type,
    {{ infusionsoft.amount('entries.amount') }} as amount,
    {{ infusionsoft.amount(
        "sum(entries.amount) over (partition by entries.affiliate_id"
        " order by entries.entry_date, entries.entry_type, entries.entry_id"
        " rows between unbounded preceding and current row)"
    ) }} as balance,
    entries.invoice_id,
    entries.contact_id,
    entries.product_name,
    entries.description
from entries
left join {{ ref('stg_infusionsoft__affiliates') }} as affiliates on affiliates.id = entries.affiliate_id
