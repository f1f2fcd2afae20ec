-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    cast(null as {{ dbt.type_string() }}) as "Id",
    own.id as "OrderItemId",
    orders.invoice_id as "InvoiceId",
    own.description as "Description",
    own.line_amount as "InvoiceAmt",
    own.discount_decimal as "Discount",
    own.modification_time as "LastUpdated",
    cast(null as {{ dbt.type_string() }}) as "DateCreated",
    cast(null as {{ dbt.type_string() }}) as "CommissionStatus"
from {{ ref('stg_infusionsoft__order_items') }} as own
left join {{ ref('stg_infusionsoft__orders') }} as orders on orders.id = own.order_id
