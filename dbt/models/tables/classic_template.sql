-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.piece_title as "PieceTitle",
    {{ infusionsoft.json_joined('own.categories', []) }} as "Categories",
    cast(null as {{ dbt.type_string() }}) as "PieceType"
from {{ ref('stg_infusionsoft__email_templates') }} as own
