-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='tag_companies' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('tag_companies', {
    'company': 'json',
    'applied_time': 'time',
    'tag_id': 'text',
    'company_id': 'text'
}) }}
