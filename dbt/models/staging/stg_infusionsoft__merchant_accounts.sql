-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('merchant_accounts', {
    'id': 'text',
    'name': 'text',
    'type': 'text',
    'is_test': 'boolean',
    'default_merchant_account_id': 'text'
}) }}
