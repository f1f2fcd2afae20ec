-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.affiliate_id as "AffiliateId",
    own.amount_earned as "AmountEarned",
    own.clawbacks as "Clawbacks",
    own.balance as "RunningBalance",
    coalesce((select sum(paid.pay_amount) from {{ ref('stg_infusionsoft__affiliate_payments') }} as paid where paid.affiliate_id = own.affiliate_id), 0) as "Payments"
from {{ ref('stg_infusionsoft__affiliate_running_totals') }} as own
