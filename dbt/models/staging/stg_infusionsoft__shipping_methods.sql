-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('shipping_methods', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'type': 'text',
    'status': 'text',
    'international': 'boolean',
    'settings': 'text',
    'order_based': 'boolean',
    'price': 'number',
    'base_shipping_price': 'number',
    'price_per_item': 'number',
    'minimum_shipping_price': 'number',
    'ranges': 'json',
    'delivery_type': 'text',
    'pickup_type': 'text',
    'packaging_type': 'text',
    'destination_type': 'text'
}) }}
