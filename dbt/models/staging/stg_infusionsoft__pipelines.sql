-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='pipelines' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('pipelines', {
    'id': 'text',
    'name': 'text'
}) }}
