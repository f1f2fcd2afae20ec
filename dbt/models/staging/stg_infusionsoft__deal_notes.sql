-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='deal_notes' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('deal_notes', {
    'id': 'text',
    'deal_id': 'text',
    'body': 'text',
    'created_by': 'text',
    'created_time': 'time',
    'modified_time': 'time'
}) }}
