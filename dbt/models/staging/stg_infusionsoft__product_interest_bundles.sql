-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('product_interest_bundles', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'product_interests': 'json',
    'subscription_plan_interests': 'json'
}) }}
