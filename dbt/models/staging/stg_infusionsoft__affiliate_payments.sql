-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('affiliate_payments', {
    'id': 'text',
    'pay_date': 'day',
    'pay_notes': 'text',
    'pay_amount': 'number',
    'pay_type': 'text',
    'create_time': 'time',
    'affiliate_id': 'text'
}) }}
