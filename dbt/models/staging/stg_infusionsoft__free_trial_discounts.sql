-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('free_trial_discounts', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'criteria': 'json',
    'hide_price': 'boolean',
    'subscription_plan_id': 'text',
    'free_trial_days': 'integer'
}) }}
