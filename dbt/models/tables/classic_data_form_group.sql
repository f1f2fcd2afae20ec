-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
{{ config(enabled='custom_field_groups' in var('infusionsoft_extra_streams')) }}
select
    own.id as "Id",
    own.tab_id as "TabId",
    own.name as "Name"
from {{ ref('stg_infusionsoft__custom_field_groups') }} as own
