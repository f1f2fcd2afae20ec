-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('application_settings', {
    'record': 'text',
    'affiliate': 'json',
    'appointment': 'json',
    'application': 'json',
    'contact': 'json',
    'ecommerce': 'json',
    'email': 'json',
    'forms': 'json',
    'fulfillment': 'json',
    'invoice': 'json',
    'note': 'json',
    'opportunity': 'json',
    'task': 'json',
    'template': 'json',
    'default_merchant_account_id': 'text',
    'default_stage_id': 'text',
    'win_stage_id': 'text',
    'loss_stage_id': 'text',
    'default_user_id': 'text'
}) }}
