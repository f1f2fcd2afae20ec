-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('product_discounts', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'criteria': 'json',
    'apply_to_commissions': 'boolean',
    'product_id': 'text',
    'discount_type': 'text',
    'discount_value': 'number'
}) }}
