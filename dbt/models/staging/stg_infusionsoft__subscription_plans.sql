-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('subscription_plans', {
    'id': 'text',
    'frequency': 'integer',
    'active': 'boolean',
    'subscription_plan_name': 'text',
    'cycle_type': 'text',
    'total_cycles': 'integer',
    'plan_price': 'json',
    'plan_price_decimal': 'number',
    'display_order_index': 'integer',
    'product_id': 'text'
}) }}
