-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('category_discount_assignments', {
    'category_discount_id': 'text',
    'product_category_id': 'text'
}) }}
