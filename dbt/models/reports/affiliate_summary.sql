-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.affiliate_id as "AffiliateId",
    own.amount_earned as "AmountEarned",
    own.clawbacks as "Clawbacks",
    own.balance as "Balance"
from {{ ref('stg_infusionsoft__affiliate_summaries') }} as own
