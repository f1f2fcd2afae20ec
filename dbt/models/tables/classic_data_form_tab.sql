-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
{{ config(enabled='custom_field_tabs' in var('infusionsoft_extra_streams')) }}
select
    own.id as "Id",
    own.record as "FormId",
    own.name as "TabName"
from {{ ref('stg_infusionsoft__custom_field_tabs') }} as own
