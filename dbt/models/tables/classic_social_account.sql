-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    own.id as "ContactId",
    {{ infusionsoft.json_text('item.value', ['type']) }} as "AccountType",
    {{ infusionsoft.json_text('item.value', ['name']) }} as "AccountName",
    cast(null as {{ dbt.type_string() }}) as "DateCreated",
    own.update_time as "LastUpdated"
from {{ ref('stg_infusionsoft__contacts') }} as own
cross join {{ infusionsoft.json_rows('own.social_accounts', 'item') }}
