-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('product_categories', {
    'id': 'text',
    'name': 'text',
    'display_order_index': 'integer',
    'parent_category_id': 'text'
}) }}
