-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.affiliate_id as "AffiliateId",
    own.subscription_plan_name as "SubscriptionPlanName",
    own.amount as "Amount",
    own.date_earned as "DateEarned",
    own.description as "Description",
    own.product_name as "ProductName",
    own.invoice_id as "InvoiceId",
    own.contact_id as "ContactId",
    own.given_name as "FirstName",
    own.family_name as "LastName",
    own.sale_affiliate_id as "SaleAffId",
    own.sold_by_given_name as "SoldByFirstName",
    own.sold_by_family_name as "SoldByLastName"
from {{ ref('stg_infusionsoft__affiliate_clawbacks') }} as own
