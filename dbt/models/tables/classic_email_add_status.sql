-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    own.email as "Email",
    own.status as "Type",
    own.create_time as "DateCreated",
    own.last_click_time as "LastClickDate",
    own.last_open_time as "LastOpenDate",
    own.last_sent_time as "LastSentDate"
from {{ ref('stg_infusionsoft__email_address_statuses') }} as own
