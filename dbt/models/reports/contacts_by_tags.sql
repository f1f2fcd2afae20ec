-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select * from {{ ref('classic_contact_group_assign') }}
