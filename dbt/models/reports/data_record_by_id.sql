-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select * from {{ ref('classic_' ~ infusionsoft.snake_case(var('infusionsoft_data_table'))) }}
