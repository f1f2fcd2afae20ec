-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.file_id as "FileId",
    own.data as "Data",
    own.file_name as "FileName",
    cast(null as {{ dbt.type_string() }}) as "Extension",
    own.size as "Size",
    own.is_too_large as "IsTooLarge"
from {{ ref('stg_infusionsoft__file_data') }} as own
