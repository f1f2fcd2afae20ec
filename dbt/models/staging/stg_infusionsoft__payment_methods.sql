-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('payment_methods', {
    'contact_id': 'text',
    'payment_method_id': 'text',
    'credit_card_id': 'text',
    'merchant_account_type': 'text',
    'merchant_account_id': 'text',
    'payment_method_type': 'text',
    'created_time': 'time',
    'card_info': 'json',
    'status': 'text'
}) }}
