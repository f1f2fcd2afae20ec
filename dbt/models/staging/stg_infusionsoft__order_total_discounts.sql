-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('order_total_discounts', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'criteria': 'json',
    'apply_to_commissions': 'boolean',
    'discount_type': 'text',
    'discount_value': 'number',
    'discount_strategy': 'text'
}) }}
