-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='product_legacy_images' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('product_legacy_images', {
    'product_id': 'text',
    'data': 'text',
    'size': 'integer',
    'is_too_large': 'boolean'
}) }}
