-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('affiliate_commissions', {
    'affiliate_id': 'text',
    'invoice_id': 'text',
    'time_earned': 'time',
    'amount_earned': 'number',
    'product_name': 'text',
    'description': 'text',
    'contact_id': 'text',
    'contact_first_name': 'text',
    'contact_last_name': 'text',
    'sales_affiliate_id': 'text',
    'sales_affiliate_name': 'text',
    'row_key': 'text'
}) }}
