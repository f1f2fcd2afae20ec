-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='application_status' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('application_status', {
    'record': 'text',
    'is_enabled': 'boolean'
}) }}
