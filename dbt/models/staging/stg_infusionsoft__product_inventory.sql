-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('product_inventory', {
    'product_id': 'text',
    'inventory_limit': 'integer',
    'inventory_count': 'integer',
    'out_of_stock_enabled': 'boolean',
    'email_for_inventory_notifications': 'text'
}) }}
