-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='pipeline_stages' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('pipeline_stages', {
    'id': 'text',
    'name': 'text',
    'pipeline_id': 'text'
}) }}
