-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('affiliate_clawbacks', {
    'affiliate_id': 'text',
    'invoice_id': 'text',
    'date_earned': 'time',
    'amount': 'number',
    'product_name': 'text',
    'subscription_plan_name': 'text',
    'description': 'text',
    'contact_id': 'text',
    'given_name': 'text',
    'family_name': 'text',
    'sale_affiliate_id': 'text',
    'sold_by_given_name': 'text',
    'sold_by_family_name': 'text',
    'row_key': 'text'
}) }}
