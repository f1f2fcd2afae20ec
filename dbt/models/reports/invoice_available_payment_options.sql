-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    trim(option) as "Option",
    trim(option) as "Name"
from (
    select
        unnest(
            string_to_array({{ infusionsoft.json_text('ecommerce', ['payment_types']) }}, ',')
        ) as option
    from {{ ref('stg_infusionsoft__application_settings') }}
) as options
where trim(option) <> ''
