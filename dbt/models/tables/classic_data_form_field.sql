-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.record as "FormId",
    own.field_name as "Name",
    own.label as "Label",
    own.field_type as "DataType",
    own.group_id as "GroupId",
    own.default_value as "DefaultValue",
    {{ infusionsoft.json_joined('own.options', ['label']) }} as "Values",
    cast(null as {{ dbt.type_string() }}) as "ListRows",
    cast(null as {{ dbt.type_string() }}) as "UserGroup"
from {{ ref('stg_infusionsoft__custom_fields') }} as own
