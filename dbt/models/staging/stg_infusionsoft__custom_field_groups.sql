-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='custom_field_groups' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('custom_field_groups', {
    'record': 'text',
    'id': 'text',
    'name': 'text',
    'position': 'integer',
    'tab_id': 'text',
    'record_type': 'text'
}) }}
