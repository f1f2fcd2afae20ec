-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('product_category_assignments', {
    'product_category_id': 'text',
    'product_ids': 'json'
}) }}
