-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.title as "JobTitle",
    own."notes" as "JobNotes",
    own.contact_id as "ContactId",
    own.order_type as "OrderType",
    own.status as "JobStatus",
    own.status as "OrderStatus",
    own.order_time as "StartDate",
    own.due_time as "DueDate",
    own.creation_time as "DateCreated",
    own.modification_time as "LastUpdated",
    cast(null as {{ dbt.type_string() }}) as "ProductId",
    cast(null as {{ dbt.type_string() }}) as "JobRecurringId",
    own.invoice_id as "InvoiceId",
    {{ infusionsoft.json_text('own.shipping_information', ['given_name']) }} as "ShipFirstName",
    cast(null as {{ dbt.type_string() }}) as "ShipMiddleName",
    {{ infusionsoft.json_text('own.shipping_information', ['family_name']) }} as "ShipLastName",
    {{ infusionsoft.json_text('own.shipping_information', ['company']) }} as "ShipCompany",
    {{ infusionsoft.json_text('own.shipping_information', ['phone_number']) }} as "ShipPhone",
    {{ infusionsoft.json_text('own.shipping_information', ['address', 'line1']) }} as "ShipStreet1",
    {{ infusionsoft.json_text('own.shipping_information', ['address', 'line2']) }} as "ShipStreet2",
    {{ infusionsoft.json_text('own.shipping_information', ['address', 'locality']) }} as "ShipCity",
    coalesce(nullif({{ infusionsoft.json_text('own.shipping_information', ['address', 'region']) }}, ''), {{ infusionsoft.json_text('own.shipping_information', ['address', 'region_code']) }}) as "ShipState",
    coalesce(nullif({{ infusionsoft.json_text('own.shipping_information', ['address', 'postal_code']) }}, ''), {{ infusionsoft.json_text('own.shipping_information', ['address', 'zip_code']) }}) as "ShipZip",
    coalesce(nullif({{ infusionsoft.json_text('own.shipping_information', ['address', 'country']) }}, ''), {{ infusionsoft.json_text('own.shipping_information', ['address', 'country_code']) }}) as "ShipCountry"
    {{ infusionsoft.custom_fields(ref('stg_infusionsoft__orders'), 'own') }}
from {{ ref('stg_infusionsoft__orders') }} as own
