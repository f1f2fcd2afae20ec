-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "AffName",
    own.code as "AffCode",
    own.contact_id as "ContactId",
    own.parent_affiliate_id as "ParentId",
    own.status as "Status",
    own.notify_on_lead as "NotifyLead",
    own.notify_on_sale as "NotifySale",
    own.track_leads_days as "LeadCookieFor",
    cast(null as {{ dbt.type_string() }}) as "DefCommissionType",
    cast(null as {{ dbt.type_string() }}) as "PayoutType",
    cast(null as {{ dbt.type_string() }}) as "LeadAmt",
    cast(null as {{ dbt.type_string() }}) as "LeadPercent",
    cast(null as {{ dbt.type_string() }}) as "SaleAmt",
    cast(null as {{ dbt.type_string() }}) as "SalePercent"
    {{ infusionsoft.custom_fields(ref('stg_infusionsoft__affiliates'), 'own') }}
from {{ ref('stg_infusionsoft__affiliates') }} as own
