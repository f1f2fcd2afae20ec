-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "CategoryName",
    own.description as "CategoryDescription"
from {{ ref('stg_infusionsoft__tag_categories') }} as own
