-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='provinces' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('provinces', {
    'code': 'text',
    'name': 'text',
    'country': 'text',
    'country_code': 'text'
}) }}
