-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.name as "GroupName",
    own.description as "GroupDescription",
    own.category_id as "GroupCategoryId"
from {{ ref('stg_infusionsoft__tags') }} as own
