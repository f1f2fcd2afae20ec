-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='pipeline_outcomes' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('pipeline_outcomes', {
    'pipeline_id': 'text',
    'value': 'text',
    'label': 'text'
}) }}
