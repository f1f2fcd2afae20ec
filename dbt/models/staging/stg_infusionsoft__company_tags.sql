-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='company_tags' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('company_tags', {
    'tag': 'json',
    'category_id': 'text',
    'applied_time': 'time',
    'company_id': 'text',
    'tag_id': 'text'
}) }}
