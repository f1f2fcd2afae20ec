-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('product_options', {
    'id': 'text',
    'required': 'boolean',
    'option_label': 'text',
    'product_id': 'text',
    'option_type': 'text',
    'display_order': 'integer',
    'list_items': 'json',
    'text_rules': 'json'
}) }}
