-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('category_discounts', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'criteria': 'json',
    'discount_percent': 'number',
    'apply_to_commissions': 'boolean',
    'product_categories': 'json'
}) }}
