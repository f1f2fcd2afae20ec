-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('commission_program_details', {
    'id': 'text',
    'name': 'text',
    'priority': 'text',
    'notes': 'text',
    'create_time': 'day',
    'affiliate_ids': 'json',
    'default_commission': 'json',
    'product_commissions': 'json',
    'subscription_commissions': 'json'
}) }}
