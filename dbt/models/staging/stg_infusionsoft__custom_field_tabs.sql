-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='custom_field_tabs' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('custom_field_tabs', {
    'record': 'text',
    'id': 'text',
    'name': 'text',
    'position': 'integer',
    'record_type': 'text'
}) }}
