-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "FormId",
    own.name as "Title"
from {{ ref('stg_infusionsoft__webforms') }} as own
where own.webform_type = 'LEGACY'
