-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('shipping_discounts', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'criteria': 'json',
    'discount_type': 'text',
    'discount_value': 'number'
}) }}
