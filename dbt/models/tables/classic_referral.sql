-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.referral_partner_id as "AffiliateId",
    own.contact_id as "ContactId",
    own.referral_type as "Type",
    own.source as "Source",
    own.description as "Info",
    own.ip_address as "IPAddress",
    own.referral_time as "DateSet",
    own.expiration_time as "DateExpires"
from {{ ref('stg_infusionsoft__referrals') }} as own
