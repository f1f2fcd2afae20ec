-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.contact_id as "ContactId",
    own.file_name as "FileName",
    cast(null as {{ dbt.type_string() }}) as "Extension",
    own.file_size as "FileSize",
    own.is_public as "Public"
from {{ ref('stg_infusionsoft__files') }} as own
