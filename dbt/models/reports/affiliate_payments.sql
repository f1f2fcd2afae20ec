-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.affiliate_id as "AffiliateId",
    own.pay_amount as "PayAmt",
    own.id as "Id",
    own.pay_date as "PayDate",
    own.pay_type as "PayType",
    own.pay_notes as "PayNote"
from {{ ref('stg_infusionsoft__affiliate_payments') }} as own
