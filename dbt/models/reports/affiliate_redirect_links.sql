-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "Name",
    own.affiliate_id as "AffiliateId",
    own.local_url_code as "LocalUrlCode",
    own.redirect_url as "RedirectUrl",
    {{ infusionsoft.json_joined('own.program_ids', []) }} as "ProgramIds"
from {{ ref('stg_infusionsoft__affiliate_redirect_links') }} as own
