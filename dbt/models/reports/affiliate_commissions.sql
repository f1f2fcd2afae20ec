-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.affiliate_id as "AffiliateId",
    own.amount_earned as "AmtEarned",
    own.time_earned as "DateEarned",
    own.description as "Description",
    own.product_name as "ProductName",
    own.invoice_id as "InvoiceId",
    own.contact_id as "ContactId",
    own.contact_first_name as "ContactFirstName",
    own.contact_last_name as "ContactLastName",
    own.sales_affiliate_id as "SaleAffId",
    cast(null as {{ dbt.type_string() }}) as "SoldByFirstName",
    cast(null as {{ dbt.type_string() }}) as "SoldByLastName"
from {{ ref('stg_infusionsoft__affiliate_commissions') }} as own
