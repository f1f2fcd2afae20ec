-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('transactions', {
    'amount': 'number',
    'status': 'text',
    'description': 'text',
    'contact': 'json',
    'order_ids': 'json',
    'contact_id': 'text',
    'transaction_method': 'text',
    'transaction_time': 'time',
    'external_reference_id': 'text',
    'external_response_code': 'text',
    'error_details': 'text',
    'payment_id': 'text',
    'is_successful': 'boolean',
    'merchant_account_id': 'text',
    'merchant_account_type': 'text',
    'payment_method': 'json',
    'payment_method_id': 'text',
    'row_key': 'text'
}) }}
