-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('payments', {
    'id': 'text',
    'type': 'text',
    'amount': 'number',
    'note': 'text',
    'status': 'text',
    'commissioned': 'boolean',
    'synced': 'boolean',
    'payment_time': 'time',
    'refund_payment_id': 'text',
    'contact_id': 'text',
    'order_ids': 'json',
    'update_time': 'time',
    'external_transaction_id': 'text',
    'merchant_account_id': 'text',
    'merchant_account_type': 'text',
    'payment_method': 'json',
    'payment_method_id': 'text'
}) }}
