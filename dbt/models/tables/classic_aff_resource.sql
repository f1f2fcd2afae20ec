-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.title as "Title",
    own."notes" as "Notes",
    own.type as "ResourceType",
    own.position as "ResourceOrder",
    own.content_html as "ResourceHTML",
    own.url as "ResourceHREF",
    {{ infusionsoft.json_joined('own.commission_programs', ['commission_program_id']) }} as "ProgramIds"
from {{ ref('stg_infusionsoft__commission_program_resources') }} as own
